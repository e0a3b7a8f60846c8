"""Coming into the record that the clinic has opened for oneself."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from patients.models import Patient, PatientInvitation, reminders
from patients.rules.reminder_times import Slot
from portal.access import IllegalMove, Permission
from portal.acting import handing_over
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.models.invited import State
from portal.verbs import verb


@verb(Permission.INVITATION_ACCEPT)
def accept(invitation: PatientInvitation, *, by: User, born_on: date) -> PatientInvitation:
    """Make the record this account's, if the date of birth is that of the record. Look at its `state` afterwards.

    A wrong date is not raised but written down, because a refusal would take the count of tries back. Five of
    them close the invitation, and whoever sent it is told. Raises IllegalMove where there is nothing to accept.
    """
    invitation.must_be(State.OPEN)
    # The record is not theirs yet: until the date is right, they may not look at it.
    with handing_over(invitation.patient_id):
        patient = Patient.objects.select_for_update().get(pk=invitation.patient_id)
        _must_be_free(patient, by, invitation)
        if born_on == patient.born_on:
            patient.user = by
            patient.save(update_fields=["user"])
            invitation.accept(by)
    if invitation.state is State.ACCEPTED:
        # What was promised before there was anybody to write to.
        for followup in reminders.of_account(by):
            reminders.tend(followup, anew=Slot.BOOKED)
        return invitation
    invitation.miss(by)
    if invitation.state is State.REVOKED:
        Notification.queue(
            invitation.invited_by, Purpose.INVITATION_STOPPED, path=f"/clinic/enrol/{invitation.patient_id}/"
        )
    return invitation


def _must_be_free(patient: Patient, by: User, invitation: PatientInvitation) -> None:
    """One account, one record."""
    name = "patient_invitations.accept"
    if Patient.objects.filter(user=by).exists():
        reason = _("You have a record here already. Call the clinic, so that they can put both together.")
        raise IllegalMove(name, invitation, reason)
    if patient.user_id:
        raise IllegalMove(name, invitation, _("This record has its account already. Call the clinic."))
