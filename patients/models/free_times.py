"""The times of a department that can be booked now: its clinicians' hours, less what is taken, by whomever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
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


def free_times(department: Department, first: date, last: date, now: datetime) -> list[FreeSlot]:
    """From now on, of these days, in order."""
    zone = department.time_zone
    first = max(first, local_day(now, zone))
    last = min(last, first + timedelta(days=MOST_DAYS))
    if last < first:
        return []
    rows = [_hours(row) for row in _schedules(department, first)]
    people = {row.who for row in rows}
    taken = _taken(people, instant(first, time(0), zone), instant(last, time(23, 59), zone))
    leaves = Leave.objects.standing().filter(clinician__in=people).on_days(first, last)
    away = [Away(row.clinician_id, row.starts_on, row.ends_on) for row in leaves]
    week, holidays = department.hours, department.closed_on
    return free_slots(
        rows, first, last, zone, lambda day: is_open_day(day, week, holidays), taken, after=now, away=away
    )


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
