"""Sending without a broker: look each second what is due. As many as one likes may run, beside Celery or without it."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import DatabaseError, connection

from portal.acting import ActingCommand
from portal.actions import deliveries

log = logging.getLogger(__name__)


class Command(ActingCommand):
    help = "Send what is due, each second, without a broker. Runs until it is told to stop."
    in_steps = True
    is_told_to_stop = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one sweep, and end")
        parser.add_argument("--every", type=float, default=1.0, help="seconds between two sweeps")
        parser.add_argument("--alive", type=Path, help="a file whose time says when the last sweep ended")

    def work(self, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{deliveries.deliver_due()} sent.")
            return
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self.stop)
        while not self.is_told_to_stop:
            if sweep() and options["alive"]:
                options["alive"].touch()
            time.sleep(options["every"])

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """What it has in hand it finishes."""
        self.is_told_to_stop = True


def sweep() -> bool:
    """Whether it came to its end. Whatever goes wrong, the next one is tried: the promise is kept by going on."""
    try:
        deliveries.deliver_due()
    except DatabaseError as broken:
        log.warning("the database does not answer: %s", type(broken).__name__)
        connection.close()
    except Exception:
        log.exception("a sweep of what is due came to no end")
    else:
        return True
    return False
