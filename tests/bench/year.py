"""A year of a clinic's reminders on a moved clock: planned, confirmed, moved, declined, missed, closed, while zones,
ways and quiet hours change, by the verbs that the clinic uses. After each month the nightly comparison must agree.

PATIENTS (50,000), PROMISES (follow-ups in the year: a tenth of the patients), SEED. Messages go to a line that takes
everything; so that it ends in minutes they are settled by one statement a turn, and by the real senders with SENDERS=1.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from uuid import UUID

import django
import time_machine

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_test_environment
from django.utils import timezone

from clinicians.actions import followups as desk
from patients.actions import followups, patients, reminder_checks
from patients.models import Case, FollowUp, Patient, ReminderCheck
from patients.models.cases import Status
from patients.models.followups import Evidence, FollowUpKind
from patients.rules.followup_dates import Period, Unit
from patients.tasks import climb_all
from portal.access import SYSTEM, IllegalMove, Role
from portal.acting import acting_as
from portal.actions import deliveries
from portal.channels import OneByOne, lines
from portal.models import Clinic, ContactPoint, ContactPreference, Delivery, Suppression, User
from portal.models.deliveries import OUTSIDE, Channel
from tests import make

BEGINS: Final = datetime(2027, 1, 4, 6, tzinfo=UTC)
DAY: Final = timedelta(days=1)
# Clocks that change at every hour and by half an hour, to the ends of the world, and some that never do.
ZONES: Final = (
    *("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Santiago"),
    *("Asia/Taipei", "Asia/Kathmandu", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe", "Australia/Sydney"),
    *("Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns"),
    *("America/Havana", "Antarctica/Troll", "America/Nuuk", "Atlantic/Azores", "Asia/Gaza"),
)
CLINICS: Final = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Taipei", "Pacific/Auckland")
SETTLE: Final = """
UPDATE portal_delivery
   SET state = CASE WHEN fails THEN 'dead' ELSE 'sent' END, sent_at = CASE WHEN fails THEN NULL ELSE due_at END
  FROM (SELECT id AS of, channel <> 'in_app' AND hashtext(id::text) %% 40 = 0 AS fails
          FROM portal_delivery WHERE state = 'pending' AND due_at <= %s) AS gone
 WHERE id = gone.of
"""


class TakesAll(OneByOne):
    """A line on which everything arrives."""

    def room(self, wanted: int) -> int:
        return wanted

    def offer_one(self, delivery: Delivery) -> None:
        return None

    def finish_one(self, delivery: Delivery) -> str:
        return ""


class Year:
    """`turns` a day, each with its share of what people do."""

    def __init__(self, *, people: int, promises: int, seed: int, turns: int, by_senders: bool) -> None:
        self.chance = random.Random(seed)
        self.people, self.promises, self.turns, self.by_senders = people, promises, turns, by_senders
        self.done: Counter[str] = Counter()
        self.open: list[UUID] = []
        self.checks: list[ReminderCheck] = []
        self.deeds: dict[Callable[[FollowUp], object], int] = {
            self.confirm: 30,
            self.ask: 6,
            self.move: 14,
            self.decline: 5,
            self.miss: 8,
            self.close: 22,
            self.live_elsewhere: 6,
            self.choose: 14,
            self.be_stopped: 5,
        }

    def found(self) -> None:
        self.places = [make.make_department(time_zone=zone) for zone in CLINICS]
        self.clinician = make.make_user("Nadia North", role=Role.CLINICIAN)
        for start in range(0, self.people, 5000):
            self._register(range(start, min(start + 5000, self.people)))

    def _register(self, numbers: range) -> None:
        users = [User(email=f"y{n}@example.org", name=f"Person {n}") for n in numbers]
        User.objects.bulk_create(users)
        people = [
            Patient(
                user=user,
                name=user.name,
                record_number=f"Y{n:09d}",
                born_on=date(1970, 1, 1),
                time_zone=self.chance.choice(ZONES),
            )
            for n, user in zip(numbers, users, strict=True)
        ]
        Patient.objects.bulk_create(people)
        Case.objects.bulk_create([self._case(one) for one in people])

    def _case(self, patient: Patient) -> Case:
        return Case(
            patient=patient,
            department=self.chance.choice(self.places),
            title="Of the year",
            story="Invented",
            status=Status.ANSWERED,
            owner=self.clinician,
            answer_due_at=timezone.now(),
        )

    # What people do, each a verb.

    def plan(self, case: Case) -> None:
        period = Period(self.chance.choice((1, 2, 3, 6, 9, 14, 30, 45, 90)), Unit.DAYS)
        with acting_as(self.clinician):
            made = desk.plan(
                case, by=self.clinician, kind=self.chance.choice(list(FollowUpKind)), reason="Invented", period=period
            )
        self.open.append(made.pk)

    def confirm(self, one: FollowUp) -> None:
        with acting_as(whose(one)):
            followups.confirm(one, by=whose(one))

    def ask(self, one: FollowUp) -> None:
        with acting_as(whose(one)):
            followups.ask_for_change(one, by=whose(one), note="Another day, please")

    def decline(self, one: FollowUp) -> None:
        with acting_as(whose(one)):
            followups.decline(one, by=whose(one))

    def move(self, one: FollowUp) -> None:
        period = Period(self.chance.choice((1, 2, 4, 8, 20, 60)), Unit.DAYS)
        with acting_as(self.clinician):
            desk.move(one, by=self.clinician, period=period)

    def miss(self, one: FollowUp) -> None:
        with acting_as(self.clinician):
            desk.miss(one, by=self.clinician)

    def close(self, one: FollowUp) -> None:
        with acting_as(self.clinician):
            desk.close(one, by=self.clinician, evidence=Evidence.ATTENDED)

    def live_elsewhere(self, one: FollowUp) -> None:
        with acting_as(whose(one)):
            patients.amend(one.patient, by=whose(one), time_zone=self.chance.choice(ZONES))

    def choose(self, one: FollowUp) -> None:
        user, chance = whose(one), self.chance
        first, second = chance.sample([channel for channel, _ in OUTSIDE], 2)
        chosen = {
            "first": first,
            "second": chance.choice(("", second)),
            "wants_same_day": chance.random() < 0.4,
            "quiet_until": chance.choice((clock_time(6, 30), clock_time(8), clock_time(10, 30), clock_time(12))),
            "quiet_from": chance.choice((clock_time(19), clock_time(21), clock_time(23))),
        }
        ContactPreference.objects.update_or_create(user=user, defaults=chosen)
        for system in (Channel.SMS, Channel.PUSH):
            point = {"user": user, "system": system, "value": f"{system}{user.pk}"}
            ContactPoint.objects.get_or_create(**point, defaults={"confirmed_at": timezone.now()})
        self._follow(user)

    def be_stopped(self, one: FollowUp) -> None:
        """Or be spoken to again."""
        user, at = whose(one), timezone.now()
        if not Suppression.objects.filter(user=user, lifted_at=None).update(lifted_at=at):
            Suppression.objects.create(user=user, channel=Channel.EMAIL, address=user.email, reason="stop")
        self._follow(user)

    def _follow(self, user: User) -> None:
        user = User.objects.get(pk=user.pk)
        with acting_as(user):
            followups.follow_contact(user, by=user)

    # How the year goes.

    def live(self, days: int) -> Iterator[ReminderCheck]:
        with time_machine.travel(BEGINS, tick=False) as clock:
            self.found()
            for number in range(days):
                for at in sorted(BEGINS + number * DAY + self.chance.random() * DAY for _ in range(self.turns)):
                    clock.move_to(at)
                    self._turn(days)
                if (number + 1) % 30 == 0 or number + 1 == days:
                    yield self.check()

    def _turn(self, days: int) -> None:
        self._send()
        self.done["climbed"] += climb_all(timezone.now())
        share = self.promises / days / self.turns
        for _ in range(self._about(share)):
            self._try(self._promise, "plan")
        for _ in range(self._about(share * 1.4)):
            self._anything()

    def _promise(self) -> None:
        rows = Case.objects.select_related("department", "patient__user", "owner")
        self.plan(rows.get(number=self._any_case()))

    def _about(self, share: float) -> int:
        return int(share) + (self.chance.random() < share % 1)

    def _any_case(self) -> int:
        first = self.__dict__.setdefault("_first", Case.objects.order_by("number").values_list("number", flat=True)[0])
        return int(first) + self.chance.randrange(self.people)

    def _anything(self) -> None:
        if not self.open:
            return
        place = self.chance.randrange(len(self.open))
        rows = FollowUp.objects.select_related("patient__user", "owner", "case__department")
        one = rows.get(pk=self.open[place])
        if one.status == "closed":
            self.open[place] = self.open[-1]
            self.open.pop()
            return
        [deed] = self.chance.choices(list(self.deeds), list(self.deeds.values()))
        self._try(lambda: deed(one), deed.__name__)

    def _try(self, do: Callable[[], object], name: str) -> None:
        try:
            do()
        except IllegalMove:
            name = "refused"
        self.done[name] += 1

    def _send(self) -> None:
        if self.by_senders:
            while deliveries.deliver_due():
                pass
            return
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [timezone.now()])

    def check(self) -> ReminderCheck:
        self._send()
        with acting_as(SYSTEM):
            made = reminder_checks.check(Clinic.the(), by=SYSTEM, at=timezone.now())
        self.checks.append(made)
        return made


def whose(one: FollowUp) -> User:
    assert one.patient.user is not None
    return one.patient.user


@contextmanager
def all_is_taken() -> Iterator[None]:
    kept = dict(lines.LINES)
    lines.LINES.update(dict.fromkeys((Channel.EMAIL, Channel.SMS, Channel.PUSH), TakesAll))
    try:
        yield
    finally:
        lines.LINES.clear()
        lines.LINES.update(kept)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def main() -> int:
    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0)
    people = int(os.environ.get("PATIENTS", "50000"))
    promises, seed = int(os.environ.get("PROMISES", people // 10)), int(os.environ.get("SEED", "1"))
    year = Year(people=people, promises=promises, seed=seed, turns=3, by_senders=bool(os.environ.get("SENDERS")))
    began, wrong = time.perf_counter(), 0
    say(f"{people} patients, {promises} follow-ups, seed {seed}; load of the machine {os.getloadavg()[0]:.1f}")
    say(f"{'day':>10} {'follow-ups':>10} {'tellings':>9} {'to come':>8} {'waiting':>8} {'differ':>6} {'seconds':>7}")
    with all_is_taken():
        for made in year.live(365):
            counts = f"{FollowUp.objects.count():>10} {Delivery.objects.exclude(telling=None).count():>9}"
            took = time.perf_counter() - began
            figures = f"{made.expected:>8} {made.found:>8} {made.differing:>6} {took:>7.0f}"
            say(f"{timezone.now():%Y-%m-%d} {counts} {figures}")
            wrong += made.differing
            for one in made.differences[:10]:
                say("  ", one["kind"], one["of"])
    say("done:", ", ".join(f"{count} × {name}" for name, count in year.done.most_common()))
    states = Counter(Delivery.objects.exclude(telling=None).values_list("state", flat=True))
    say("tellings:", ", ".join(f"{count} {state}" for state, count in states.most_common()))
    say(f"{wrong} differences" if wrong else "the comparison agrees to the row")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
