"""Opening the record of somebody who has no account yet."""

from __future__ import annotations

from datetime import date

from patients.actions.patients import new_record_number
from patients.models import Patient, PatientInvitation
from patients.models.patients import Sex
from portal.access import Permission
from portal.models import Department, User
from portal.verbs import verb


@verb(Permission.PATIENT_ENROL)
def enrol(
    department: Department,
    /,
    *,
    by: User,
    name: str,
    born_on: date,
    sex: Sex,
    time_zone: str,
    record_number: str = "",
    email: str = "",
) -> Patient:
    """A record for the department's staff to see; and, where there is an address, an invitation to it."""
    patient = Patient(
        enrolled_by_department=department,
        name=name,
        born_on=born_on,
        sex=sex,
        time_zone=time_zone,
        record_number=record_number or new_record_number(),
    )
    patient.full_clean()
    patient.save()
    if email:
        PatientInvitation.to(patient, email=email, by=by)
    return patient
