"""The settings of Fascicle, and rows that can kill or stop whoever sends them (tests/chaos/harmful.py)."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.harmful.Harmful"]
