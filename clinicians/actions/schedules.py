"""When clinicians see people: their own hours, or, by who keeps the department's follow-ups, everybody's."""

from __future__ import annotations

from datetime import date, time

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models.staff import StandsAlready, clinicians_of
from patients.models import Leave, Schedule
from portal.access import IllegalMove, Permission, Refused, Role
from portal.models import Department, User
from portal.rules.local_time import local_day
from portal.verbs import verb


@verb(Permission.SCHEDULE_KEEP)
def add(
    department: Department,
    *,
    by: User,
    clinician: User,
    weekday: int,
    opens: time,
    closes: time,
    slot_minutes: int,
    capacity: int,
    starts_on: date,
    place: str = "",
    ends_on: date | None = None,
) -> Schedule:
    """Weekly hours, on the department's clock. Raises IllegalMove for what can't be, also for what overlaps."""
    _must_be_theirs("schedules.add", department, clinician, by)
    if not clinicians_of(department).filter(pk=clinician.pk).exists():
        raise IllegalMove("schedules.add", department, _("That person does not treat patients in this department."))
    same_day = Schedule.objects.filter(clinician=clinician, weekday=weekday).from_day(starts_on)
    if ends_on is not None:
        same_day = same_day.filter(starts_on__lte=ends_on)
    if same_day.filter(opens__lt=closes, closes__gt=opens).exists():
        raise StandsAlready("schedules.add", department, _("This person sees people at that hour already."))
    row = Schedule(
        clinician=clinician,
        department=department,
        weekday=weekday,
        opens=opens,
        closes=closes,
        slot_minutes=slot_minutes,
        capacity=capacity,
        place=place,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    row.full_clean()
    row.save()
    return row


@verb(Permission.SCHEDULE_KEEP)
def end(schedule: Schedule, *, by: User, on: date | None = None) -> Schedule:
    """Today is the last day, or `on`. What is booked stays booked: it is moved or called off one by one."""
    department = schedule.department
    _must_be_theirs("schedules.end", department, schedule.clinician, by)
    today = local_day(timezone.now(), department.time_zone)
    schedule.end(max(on or today, schedule.starts_on))
    return schedule


@verb(Permission.SCHEDULE_KEEP)
def take_leave(department: Department, *, by: User, clinician: User, starts_on: date, ends_on: date) -> Leave:
    """Nobody is booked with them on these days. What is booked stays: it is moved or called off one by one."""
    _must_be_theirs("schedules.take_leave", department, clinician, by)
    if not clinicians_of(department).filter(pk=clinician.pk).exists():
        raise IllegalMove("schedules.take_leave", department, _("That person does not treat patients here."))
    if Leave.objects.standing().filter(clinician=clinician).on_days(starts_on, ends_on).exists():
        raise StandsAlready("schedules.take_leave", department, _("This person is away on one of these days already."))
    row = Leave(clinician=clinician, department=department, starts_on=starts_on, ends_on=ends_on)
    row.full_clean()
    row.save()
    return row


@verb(Permission.SCHEDULE_KEEP)
def withdraw_leave(leave: Leave, *, by: User) -> Leave:
    """They are there after all: their hours can be booked again."""
    _must_be_theirs("schedules.withdraw_leave", leave.department, leave.clinician, by)
    leave.withdraw(timezone.now())
    return leave


def _must_be_theirs(name: str, department: Department, clinician: User, by: User) -> None:
    """A clinician keeps their own hours, a coordinator those of the department."""
    coordinates = User.objects.with_role(Role.COORDINATOR, department).filter(pk=by.pk).exists()
    if clinician != by and not coordinates:
        raise Refused(name, department)
