"""What operators ask of reminders: are they what was promised, and are they still at the promised hour?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from patients.actions import followups, reminder_checks
from portal.access import SYSTEM
from portal.acting import ActingCommand, acting_as
from portal.models import Clinic


class Command(ActingCommand):
    help = "check: compare reminders with promises; fails where they differ. retime: follow the table of time zones."
    in_steps = True

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("check", help="reckon anew what should be told, and name what differs")
        deeds.add_parser("retime", help="put right what waits at an hour that a zone's new rules made another")

    def work(self, **options: Any) -> None:
        {"check": self.compare, "retime": self.retime}[options["deed"]]()

    def compare(self) -> None:
        with acting_as(SYSTEM):
            made = reminder_checks.check(Clinic.the(), by=SYSTEM, at=timezone.now())
        for one in made.differences:
            self.stdout.write(f"{one['kind']}: {one['of']}")
        took = (made.ended_at - made.created_at).total_seconds()
        said = f"{made.expected} still to be told, {made.found} wait, {made.differing} differ; {took:.1f} s."
        if made.differing:
            raise CommandError(said)
        self.stdout.write(said)

    def retime(self) -> None:
        with acting_as(SYSTEM):
            self.stdout.write(f"Put right: {followups.follow_zone(Clinic.the(), by=SYSTEM, at=timezone.now())}")
