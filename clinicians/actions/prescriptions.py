"""Prescribing, stopping, holding. What cannot be right can't be prescribed, by anyone, with any reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clinicians.actions import followups
from clinicians.actions.checks import check
from clinicians.actions.followups import Planned
from patients.models import Case, Prescription
from patients.models.prescriptions import Origin, PrescriptionStatus
from portal.access import IllegalMove, Permission, Refusal
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb

Findings = list[dict[str, Any]]


class NotPrescribed(Refusal):
    """The checks refused it, or ask for a reason. Answered as 422, with the findings."""

    code = "not_prescribed"

    def __init__(self, findings: Findings, reason: str) -> None:
        super().__init__("prescriptions.prescribe", reason=reason)
        self.findings = findings


class HardStop(NotPrescribed):
    """Cannot be right: no reason overrides it."""

    code = "hard_stop"


@verb(Permission.PRESCRIPTION_PRESCRIBE)
def prescribe(
    case: Case, /, *, by: User, override_reason: str = "", followup: Planned | None = None, **order: Any
) -> Prescription:
    """Write the order down, and promise the follow-up that belongs to it.

    Raises HardStop, or NotPrescribed when a finding asks for a reason and none is given.
    Raises IllegalMove when the same order stands already, to the letter: a form sent twice prescribes once; and when
    the follow-up can't be promised.
    """
    findings = check(case.patient, order)
    if any(finding["tier"] == "hard_stop" for finding in findings):
        raise HardStop(findings, "stopped by the medicine checks")
    if any(finding["reason_needed"] for finding in findings) and not override_reason.strip():
        raise NotPrescribed(findings, "a reason is needed")
    same = Prescription.objects.filter(patient=case.patient, origin=Origin.PRESCRIBED, **order)
    if same.current().exists():
        raise IllegalMove("prescriptions.prescribe", case, _("Exactly this is prescribed already."))
    made = Prescription.write(
        case, origin=Origin.PRESCRIBED, by=by, findings=findings, override_reason=override_reason, **order
    )
    if followup:
        followups.plan(case, by=by, prescription=made, **followup.about)
    return made


@verb(Permission.PRESCRIPTION_STOP)
def stop(prescription: Prescription, *, by: User, reason: str) -> Prescription:
    prescription.move_to(PrescriptionStatus.STOPPED, by=by, reason=reason)
    return prescription


@verb(Permission.PRESCRIPTION_STOP)
def hold(prescription: Prescription, *, by: User) -> Prescription:
    """Tell the patient not to take it until somebody has cleared it."""
    prescription.move_to(PrescriptionStatus.ON_HOLD)
    if prescription.patient.user:
        Notification.queue(prescription.patient.user, Purpose.NEW_MESSAGE, path="/my/medicines/")
    return prescription


@verb(Permission.PRESCRIPTION_STOP)
def resume(prescription: Prescription, *, by: User) -> Prescription:
    """Take it off hold. What the checks stopped stays on hold: correct the entry instead."""
    if prescription.has_hard_stop:
        raise HardStop(prescription.findings, "stopped by the medicine checks")
    prescription.move_to(PrescriptionStatus.ACTIVE)
    return prescription
