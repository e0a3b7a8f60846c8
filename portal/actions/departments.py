"""Setting the clinic up: departments, their hours, and who works where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from portal.access import Actor, IllegalMove, Permission, Role
from portal.models import Clinic, Department, Holiday, Membership, OpeningHours, User
from portal.models.accounts import must_leave_an_administrator
from portal.models.invitations import call_back_invitations
from portal.verbs import verb

Week = Mapping[int, Iterable[tuple[time, time]]]


@verb(Permission.DEPARTMENT_MANAGE)
def establish(clinic: Clinic, /, *, by: Actor, name: str, slug: str, **about: Any) -> Department:
    """Open a department; its hours and holidays are set next."""
    department = Department(name=name, slug=slug, **about)
    department.full_clean()
    department.save()
    return department


@verb(Permission.DEPARTMENT_MANAGE)
def set_hours(department: Department, *, by: Actor, week: Week) -> Department:
    """Replace the opening hours: weekday (0 is Monday) to its (opens, closes), local time."""
    department.opening_hours.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(department=department, weekday=day, opens=opens, closes=closes)
        for day, spans in week.items()
        for opens, closes in spans
    )
    return department


@verb(Permission.DEPARTMENT_MANAGE)
def set_holidays(department: Department, *, by: Actor, days: Mapping[date, str]) -> Department:
    """Replace the days on which the department is closed."""
    department.holidays.all().delete()
    Holiday.objects.bulk_create(Holiday(department=department, on=on, name=name) for on, name in days.items())
    return department


@verb(Permission.MEMBERSHIP_GRANT)
def appoint(user: User, *, by: Actor, role: Role, department: Department | None = None) -> Membership:
    """Make somebody staff, also again: in one department, or in the whole clinic; until further notice.

    Raises IllegalMove for oneself.
    """
    if user == by:
        raise IllegalMove("departments.appoint", user, _("Nobody appoints themselves: another administrator can."))
    return Membership.begin(user, role, department)


@verb(Permission.MEMBERSHIP_END)
def dismiss(membership: Membership, *, by: User) -> Membership:
    """End a role now, also for pages that are open; and call back what an administrator sent to others.

    Raises IllegalMove for the last administrator.
    """
    if membership.runs_the_clinic:
        must_leave_an_administrator(membership.user)
        call_back_invitations(membership.user, by=by)
    membership.end()
    return membership
