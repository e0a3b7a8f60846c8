"""A believable clinic of invented people, made by the same verbs that make a real one; and one of any size, by COPY."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from clinicians.seeding import by_copy, workforce
from clinicians.seeding.clinic import fill
from clinicians.seeding.people import PASSWORD, sign_ins
from clinicians.seeding.places import PLACES
from portal.acting import ActingCommand
from portal.actions import seals
from portal.database.owner import become_owner
from portal.models import Clinic, Department

SEED = 4


class Command(ActingCommand):
    help = "Fill an empty clinic with invented people and cases, for a demonstration (FASCICLE_DEMO=1)."
    in_steps = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where a department exists")
        parser.add_argument("--sign-ins", action="store_true", help="only print who one may sign in as")
        parser.add_argument("--force", action="store_true", help="also where FASCICLE_DEMO is not set")
        more = "beside it so many cases more, by COPY, as the owner of the tables: one in twenty of them open"
        parser.add_argument("--cases", type=int, default=0, metavar="N", help=more)

    def work(self, **options: object) -> None:
        if options["sign_ins"]:
            return self.print_sign_ins()
        if not (settings.DEMO or options["force"]):
            if options["if_empty"]:
                return self.stdout.write("FASCICLE_DEMO is not set: no sample data.")
            raise CommandError("Sample data belongs in a demonstration: set FASCICLE_DEMO=1 (or say --force).")
        self.fill()
        if isinstance(cases := options["cases"], int) and cases > 0:
            self.pour(cases)
        return None

    def fill(self) -> None:
        """All of it or nothing: whoever kills this half way finds an empty clinic, and starts again."""
        with transaction.atomic():
            # One at a time, also when two servers start together.
            Clinic.objects.select_for_update().get(pk=Clinic.the().pk)
            if Department.objects.exists():
                return self.stdout.write("The clinic has departments already: nothing to do.")
            begun = timezone.now()
            fill(begun, settings.TIME_ZONE)
        # What happened long ago, as told, would else count as sealed too late.
        seals.seal_due()
        seconds = (timezone.now() - begun).total_seconds()
        return self.stdout.write(f"A sample clinic is ready ({seconds:.1f} s).")

    def pour(self, cases: int) -> None:
        begun = timezone.now()
        workforce.more_departments(settings.TIME_ZONE)
        known = [place.slug for place in PLACES]
        places = sorted(
            Department.objects.all(), key=lambda place: known.index(place.slug) if place.slug in known else len(known)
        )
        staff = workforce.staffed(places, cases, SEED)
        seals.seal_due()
        hours = {place.pk: place.answer_hours for place in places}
        become_owner(connection)
        by_copy.pour(cases, staff=staff, answer_hours=hours, now=begun, seed=SEED)
        by_copy.tidy()
        self.stdout.write(f"{cases:,} more cases are there ({(timezone.now() - begun).total_seconds():.1f} s).")

    def print_sign_ins(self) -> None:
        if not settings.DEMO:
            return
        self.stdout.write(f"Sign in as one of these; the password of all is {PASSWORD}")
        self.stdout.write("Whoever works there needs a second step: its code stands on the page that asks for it")
        for label, email in sign_ins():
            self.stdout.write(f"  {label:16} {email}")
