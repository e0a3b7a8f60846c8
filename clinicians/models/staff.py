"""Who may be given a case."""

from __future__ import annotations

from portal.access import Role
from portal.models import Department, User
from portal.models.accounts import UserQuerySet


def clinicians_of(department: Department) -> UserQuerySet:
    rows: UserQuerySet = User.objects.with_role(Role.CLINICIAN, department).filter(is_active=True).order_by("name")
    return rows
