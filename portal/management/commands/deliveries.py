"""Holding what is sent, and letting it go again after a restore: docs/reminders.md."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.access import SYSTEM
from portal.acting import ActingCommand, acting_as
from portal.actions import outbox
from portal.models import Delivery, Outbox


class Command(ActingCommand):
    help = "hold: send nothing. reconcile: look up what had gone. release: send again. status: how it stands."
    in_steps = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        hold = deeds.add_parser("hold", help="send nothing from now on")
        hold.add_argument("--because", default="held by hand", help="what the operators' page says")
        reconcile = deeds.add_parser(
            "reconcile", help="ask the mail server about each row that was due since the backup"
        )
        reconcile.add_argument("--since", required=True, type=moment, help="when the backup was made, 2027-03-04T05:06")
        deeds.add_parser("release", help="send again")
        deeds.add_parser("status", help="whether it is held, and what waits")

    def work(self, **options: Any) -> None:
        deeds: dict[str, Callable[[dict[str, Any]], None]] = {
            "hold": self.hold,
            "reconcile": self.reconcile,
            "release": self.release,
            "status": self.status,
        }
        deeds[options["deed"]](options)

    def hold(self, options: dict[str, Any]) -> None:
        with acting_as(SYSTEM):
            outbox.hold(Outbox.the(), by=SYSTEM, because=options["because"])
        self.status(options)

    def release(self, _options: dict[str, Any]) -> None:
        with acting_as(SYSTEM):
            outbox.release(Outbox.the(), by=SYSTEM)
        self.status(_options)

    def reconcile(self, options: dict[str, Any]) -> None:
        with acting_as(SYSTEM):
            if Outbox.the().held_at is None:
                raise CommandError("The outbox is not held: what is sent meanwhile would be looked up too early.")
        found = outbox.reconcile_since(options["since"])
        self.stdout.write(
            f"{len(found[True])} had gone and are called sent; {len(found[False])} had not, and go once it is released."
        )
        if found[None]:
            self.stdout.write(f"Of {len(found[None])} nobody can tell; a person decides (/manage/deliveries/):")
        for row in found[None]:
            self.stdout.write(f"  {row.pk}  {row.due_at:%Y-%m-%d %H:%M} UTC  {row.purpose}  {row.channel}")

    def status(self, _options: dict[str, Any]) -> None:
        with acting_as(SYSTEM):
            held, wrong = Outbox.the(), outbox.trouble()
            waiting = Delivery.objects.due(timezone.now()).count()
        how = f"Held since {held.held_at:%Y-%m-%d %H:%M} UTC: {held.held_because}." if held.held_at else "Not held."
        self.stdout.write(f"{how} {waiting} due. {f'Trouble: {wrong}.' if wrong else 'All is well.'}")


def moment(text: str) -> datetime:
    """With its offset, or in the clinic's own time."""
    read = parse_datetime(text)
    if read is None:
        raise ValueError(text)
    return read if timezone.is_aware(read) else timezone.make_aware(read)
