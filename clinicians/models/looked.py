"""Who has looked: shown beside the case to those who treat the patient, as the patient is shown it too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from patients.models import Patient
from portal.models import User

MOST = 8


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody of the staff, and when they had this record open last."""

    name: str
    at: datetime


def looks_at(patient: Patient) -> list[Look]:
    """The last of the past ninety days, newest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account, at FROM fascicle_desk_looked(%s, %s)", [patient.pk, MOST])
        rows = cursor.fetchall()
    names = dict(User.objects.filter(pk__in=[account for account, _at in rows]).values_list("pk", "name"))
    return [Look(names[account], at) for account, at in rows if account in names]
