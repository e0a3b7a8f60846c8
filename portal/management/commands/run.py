"""Everything, with one command; `make run` does the same on a machine where nothing is installed or set yet."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the servers, the web server, the worker, the clock and the mailbox (see `make run`)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"))
        parser.add_argument("--dev", action="store_true", help="start again when a file changes")

    def handle(self, *_: Any, port: str, dev: bool, **__: Any) -> None:
        supervisor = [sys.executable, "-m", "portal.supervisor", "--port", port, *(["--dev"] if dev else [])]
        # In this process's place: the supervisor forks, and wants neither Django nor its threads along.
        os.execv(sys.executable, supervisor)  # noqa: S606 no shell is meant
