"""The times of a department that can be booked now: its clinicians' hours, less what is taken, by whomever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Self
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from patients.models.appointments import Leave, Schedule
from patients.models.followups import FollowUp
from patients.rules.free_slots import Away, FreeSlot, SeenHours, Taken, chosen, free_slots
from portal.access import Role
from portal.models import Department, User
from portal.rules.local_time import instant, local_day
from portal.rules.working_time import is_open_day

# Nobody is shown more days at once: a window is six weeks at most, and staff look that far from today.
MOST_DAYS: Final = 60
TAKEN: Final = "SELECT clinician_id, seat, starts, ends FROM fascicle_taken(%s::uuid[], %s, %s)"


@dataclass
class FreeOfDepartment:
    """As they are at one moment: what they are made of is asked once, and each day is worked out when first needed."""

    department: Department
    now: datetime
    hours: list[SeenHours]
    taken: list[Taken]
    away: list[Away]
    days: dict[date, list[FreeSlot]] = field(default_factory=dict)

    @classmethod
    def between(cls, department: Department, first: date, last: date, now: datetime) -> Self:
        """To be asked of these days alone."""
        zone = department.time_zone
        first = max(first, local_day(now, zone))
        last = max(first, last)
        hours = [_hours(row) for row in _schedules(department, first)]
        people = {row.who for row in hours}
        taken = _taken(people, instant(first, time(0), zone), instant(last, time(23, 59), zone))
        leaves = Leave.objects.standing().filter(clinician__in=people).on_days(first, last)
        away = [Away(row.clinician_id, row.starts_on, row.ends_on) for row in leaves]
        return cls(department, now, hours, taken, away)

    def within(self, first: date, last: date) -> Iterator[FreeSlot]:
        """From now on, in order."""
        first, last = shown_days(self.department, first, last, self.now)
        for ahead in range((last - first).days + 1):
            yield from self._on(first + timedelta(days=ahead))

    def _on(self, day: date) -> list[FreeSlot]:
        if day not in self.days:
            zone = self.department.time_zone
            self.days[day] = free_slots(
                self.hours, day, day, zone, self._is_open, self.taken, after=self.now, away=self.away
            )
        return self.days[day]

    def _is_open(self, day: date) -> bool:
        return is_open_day(day, self.department.hours, self.department.closed_on)


def free_times(department: Department, first: date, last: date, now: datetime) -> list[FreeSlot]:
    """From now on, of these days, in order."""
    first, last = shown_days(department, first, last, now)
    return list(FreeOfDepartment.between(department, first, last, now).within(first, last)) if first <= last else []


def shown_days(department: Department, first: date, last: date, now: datetime) -> tuple[date, date]:
    """Those of them that are not over, and not too many; none where the last comes before the first."""
    first = max(first, local_day(now, department.time_zone))
    return first, min(last, first + timedelta(days=MOST_DAYS))


def of_followup(followup: FollowUp, now: datetime, *, any_day: bool = False) -> list[FreeSlot]:
    """In its window, or from now on where `any_day`. Nobody is seen by themselves."""
    department = department_of(followup)
    first, last = followup.earliest_on, followup.latest_on
    if any_day:
        first, last = now.date() - timedelta(days=1), now.date() + timedelta(days=MOST_DAYS)
    found = free_times(department, first, last, now)
    return [slot for slot in found if slot.who != followup.patient.user_id]


def department_of(followup: FollowUp) -> Department:
    """By its own column: whom one trusts with follow-ups alone does not see the case."""
    rows = FollowUp.objects.filter(pk=followup.pk).annotate(place=RawSQL('"patients_followup"."department_id"', []))
    found: Department = Department.objects.with_hours().get(pk=rows.values_list("place", flat=True).get())
    return found


def choice_of(token: str) -> tuple[datetime, User] | None:
    """When and with whom, of what a form or a program sent back; None where that names nothing."""
    found = chosen(token)
    who = User.objects.filter(pk=found[1], is_active=True).first() if found else None
    return (found[0], who) if found and who else None


def names_of(slots: Iterable[FreeSlot]) -> dict[UUID, str]:
    """Of those with whom they are."""
    return dict(User.objects.filter(pk__in={one.who for one in slots}).values_list("pk", "name"))


def lock(patient: UUID, clinician: UUID) -> None:
    """Until the transaction ends nobody else books for either: always the patient first, so that none waits in a ring.

    The constraints hold without it; with it who comes second finds the next seat, and no deadlock.
    """
    with connection.cursor() as cursor:
        for key in (f"booked for {patient}", f"booked with {clinician}"):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [key])


def _schedules(department: Department, first: date) -> Iterable[Schedule]:
    """Of who still treats here."""
    here = User.objects.with_role(Role.CLINICIAN, department).filter(is_active=True)
    staying = set(here.values_list("pk", flat=True))
    rows = Schedule.objects.filter(department=department).from_day(first)
    return [row for row in rows if row.clinician_id in staying]


def _hours(row: Schedule) -> SeenHours:
    return SeenHours(
        row.clinician_id,
        row.weekday,
        row.opens,
        row.closes,
        row.slot_minutes,
        row.capacity,
        row.starts_on,
        row.ends_on,
        row.place,
    )


def _taken(who: Iterable[UUID], since: datetime, until: datetime) -> list[Taken]:
    """Asked behind the wall: the seats and times of all, and of nobody who it is."""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [list(who), since, until])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return [Taken(*row) for row in found]
