"""Opening the record of somebody who has no account yet."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from patients.actions.patients import new_record_number
from patients.models import Patient, PatientInvitation
from patients.models.patients import Sex
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.verbs import verb


class EnrolledAlready(IllegalMove):
    """The same person to the letter, opened here by a form that came first."""

    code = "enrolled_already"


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
    is_another: bool = False,
) -> Patient:
    """A record for the department's staff to see; and, where there is an address, an invitation to it.

    Raises EnrolledAlready when the department has opened one for the same person, to the letter: a form sent twice
    opens one. Who has looked, and knows that it is another person, says so.
    """
    same = Patient.objects.filter(
        enrolled_by_department=department, name=name, born_on=born_on, sex=sex, time_zone=time_zone
    )
    if not is_another and same.exists():
        raise EnrolledAlready("patients.enrol", department, _("Somebody exactly like this has a record already."))
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
