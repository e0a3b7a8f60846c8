"""Who may be given a case."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from patients.models import Case
from portal.access import IllegalMove, Role
from portal.models import Department, User
from portal.models.accounts import UserQuerySet


class StandsAlready(IllegalMove):
    """The same person at the same time: a form sent twice, or two rooms for one."""

    code = "stands_already"


def clinicians_in(departments: Iterable[Department]) -> UserQuerySet:
    """Who treats in any of these."""
    found: UserQuerySet = User.objects.none()
    for department in departments:
        found |= clinicians_of(department)
    return found.distinct().order_by("name")


def clinicians_of(department: Department) -> UserQuerySet:
    rows: UserQuerySet = User.objects.with_role(Role.CLINICIAN, department).filter(is_active=True).order_by("name")
    return rows


def must_treat(name: str, case: Case, owner: User, department: Department) -> None:
    """Raises IllegalMove for somebody whom this department could not give its cases to."""
    if not clinicians_of(department).filter(pk=owner.pk).exists():
        raise IllegalMove(name, case, _("That person does not treat patients in this department."))
