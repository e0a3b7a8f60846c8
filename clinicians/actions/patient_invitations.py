"""Inviting a patient into their record, for who treats them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from patients.models import Patient, PatientInvitation
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.invited import State
from portal.verbs import verb


@verb(Permission.PATIENT_ENROL)
def invite(patient: Patient, /, *, by: User, email: str) -> PatientInvitation:
    """Raises IllegalMove for who has an account, and while another invitation is unanswered."""
    name = "patient_invitations.invite"
    if patient.user_id:
        raise IllegalMove(name, patient, _("This patient has an account already."))
    if PatientInvitation.objects.unanswered().filter(patient=patient).exists():
        raise IllegalMove(name, patient, _("An invitation is out already: send it again, or take it back first."))
    return PatientInvitation.to(patient, email=email, by=by)


@verb(Permission.PATIENT_ENROL)
def resend(invitation: PatientInvitation, *, by: User) -> PatientInvitation:
    """Another mail, and another week. The wrong dates typed so far still count."""
    invitation.must_be(State.OPEN, State.EXPIRED)
    invitation.send()
    return invitation


@verb(Permission.PATIENT_ENROL)
def revoke(invitation: PatientInvitation, *, by: User) -> PatientInvitation:
    """Its link opens nothing from now on."""
    invitation.must_be(State.OPEN, State.EXPIRED)
    invitation.revoke(by)
    return invitation
