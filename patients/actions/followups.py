"""What a patient does about a promise: confirm it, or ask for another day."""

from __future__ import annotations

from patients.models import FollowUp
from patients.models.followups import FollowUpStatus
from portal.access import Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.FOLLOWUP_CONFIRM)
def confirm(followup: FollowUp, *, by: User) -> FollowUp:
    """Say that one will be there."""
    followup.move_to(FollowUpStatus.CONFIRMED)
    followup.save()
    return followup


@verb(Permission.FOLLOWUP_CONFIRM)
def ask_for_change(followup: FollowUp, *, by: User, note: str) -> FollowUp:
    """Ask for another day; the promise stays open, and somebody at the clinic has to act."""
    followup.move_to(FollowUpStatus.CHANGE_ASKED)
    followup.patient_note = note
    followup.save()
    return followup
