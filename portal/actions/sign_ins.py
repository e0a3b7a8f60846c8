"""What is on record about signing in, and what an account is told about it by mail. No clinical word in it."""

from __future__ import annotations

from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from portal.access import Actor, Permission
from portal.models import Delivery, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.ACCOUNT_SIGN_IN)
def begin(account: User, *, by: Actor, browser: str, is_new_device: bool) -> None:
    """A sign-in is complete; from a device not known for this account, its owner is told."""
    if is_new_device:
        _tell(account, Purpose.NEW_DEVICE, browser=browser)


@verb(Permission.ACCOUNT_SIGN_IN)
def report_change(account: User, *, by: Actor, change: str, browser: str) -> None:
    """How the account is signed in to has changed: `change` is the name allauth gives to it."""
    tell_of_change(account, change=change, browser=browser)


def tell_of_change(account: User, *, change: str, browser: str) -> None:
    _tell(account, Purpose.ACCOUNT_CHANGED, change=change, browser=browser)


def _tell(account: User, purpose: Purpose, **words: str) -> None:
    zone = ZoneInfo(account.time_zone or settings.TIME_ZONE)
    at = f"{date_format(timezone.localtime(timezone=zone), 'j F Y, H:i')} ({zone.key})"
    Delivery.queue(
        account, purpose, key=f"{purpose}:{uuid4()}", words={"at": at, "path": "/account/sessions/", **words}
    )
