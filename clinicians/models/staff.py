"""Who may be given a case."""

from __future__ import annotations

from collections.abc import Iterable

from portal.access import Role
from portal.models import Department, User
from portal.models.accounts import UserQuerySet


def clinicians_in(departments: Iterable[Department]) -> UserQuerySet:
    """Who treats in any of these."""
    found: UserQuerySet = User.objects.none()
    for department in departments:
        found |= clinicians_of(department)
    return found.distinct().order_by("name")


def clinicians_of(department: Department) -> UserQuerySet:
    rows: UserQuerySet = User.objects.with_role(Role.CLINICIAN, department).filter(is_active=True).order_by("name")
    return rows
