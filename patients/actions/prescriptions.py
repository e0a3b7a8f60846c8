"""Medicines as the patient reports them. Each is checked as it is written; the desk knows how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from django.conf import settings
from django.utils.module_loading import import_string

from patients.models import Case, Patient, Prescription
from patients.models.prescriptions import Origin
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.verbs import verb

# (patient, the order's fields) → findings, each a JSON-ready dict with at least "code" and "tier".
Check: TypeAlias = Callable[[Patient, dict[str, Any]], list[dict[str, Any]]]


class AlreadyListed(IllegalMove):
    """The same medicine to the letter, and it is on the list: a form sent twice lists it once."""

    code = "already_listed"


@verb(Permission.PRESCRIPTION_REPORT)
def report(case: Case, /, *, by: User, medicine: str, **order: Any) -> Prescription:
    """Write down a medicine that the patient takes, whatever it is; stop what cannot be right.

    Raises AlreadyListed when it stands there already.
    """
    same = Prescription.objects.filter(patient=case.patient, origin=Origin.REPORTED, medicine=medicine, **order)
    if same.current().exists():
        raise AlreadyListed("prescriptions.report", case, "this is on the list already")
    return write_reported(case, by=by, medicine=medicine, **order)


def write_reported(case: Case, *, by: User, **order: Any) -> Prescription:
    check: Check = import_string(settings.MEDICINE_CHECK)
    return Prescription.write(case, origin=Origin.REPORTED, by=by, findings=check(case.patient, order), **order)
