"""What a person does with their own record."""

from __future__ import annotations

from datetime import date
from secrets import randbelow
from typing import Any

from patients.models import FollowUp, Patient, reminders
from portal.access import Actor, IllegalMove, Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.PATIENT_REGISTER)
def register(user: User, /, *, by: Actor, born_on: date, time_zone: str, **about: Any) -> Patient:
    """Open the record of who signed up; once."""
    if Patient.objects.filter(user=user).exists():
        raise IllegalMove("patients.register", user, "this account has a record already")
    patient = Patient(
        user=user,
        name=user.name,
        record_number=new_record_number(),
        born_on=born_on,
        time_zone=time_zone,
        **about,
    )
    patient.full_clean()
    patient.save()
    return patient


@verb(Permission.PATIENT_AMEND)
def amend(patient: Patient, /, *, by: Actor, **changes: Any) -> Patient:
    """Correct what one said of oneself."""
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.full_clean()
    patient.save()
    if "time_zone" in changes:
        # Promised for the morning, they come in the morning of where somebody lives now.
        for followup in FollowUp.objects.filter(patient=patient).open().select_related("patient__user", "owner"):
            reminders.tend(followup)
    return patient


def new_record_number() -> str:
    """Random, so that it tells nothing of who came before; the column is unique."""
    return f"R{randbelow(10**9):09d}"
