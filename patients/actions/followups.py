"""What a patient does about a promise, and what the clock does when its day has passed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from patients.models import FollowUp, booking, missed, reminders
from patients.models.followups import CallReason, Evidence, FollowUpStatus
from patients.models.missed import Missed
from portal.access import Actor, IllegalMove, Permission
from portal.models import Clinic, Department, User
from portal.verbs import verb


@verb(Permission.FOLLOWUP_CONFIRM)
def confirm(followup: FollowUp, *, by: Actor) -> FollowUp:
    """Say that one will be there: nobody asks another way any more."""
    followup.move_to(FollowUpStatus.CONFIRMED)
    followup.save()
    reminders.tend(followup)
    return followup


@verb(Permission.FOLLOWUP_CONFIRM)
def ask_for_change(followup: FollowUp, *, by: Actor, note: str) -> FollowUp:
    """Ask for another day; the promise stays open, and somebody at the clinic has to act."""
    followup.move_to(FollowUpStatus.CHANGE_ASKED)
    followup.patient_note = note
    followup.save()
    reminders.tend(followup)
    return followup


@verb(Permission.FOLLOWUP_DECLINE)
def decline(followup: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """Say that one does not come at all. One that must not be missed stays open: a person speaks with them first."""
    if followup.is_high_risk:
        followup.move_to(FollowUpStatus.CHANGE_ASKED)
        followup.patient_note = note or str(_("I do not want this appointment."))
        followup.call_at, followup.call_reason = reminders.now(), CallReason.HIGH_RISK
        followup.save()
    else:
        booking.call_off(followup, reminders.now())
        booking.end_waiting(followup, reminders.now())
        followup.close(by=by, evidence=Evidence.DECLINED, note=note)
    reminders.tend(followup)
    return followup


@verb(Permission.FOLLOWUP_LAPSE, locking=False)
def lapse(clinic: Clinic, *, by: Actor, followup: UUID, at: datetime) -> Missed:
    """Write down that its window passed and nobody closed it. Raises IllegalMove when somebody else was first."""
    found = Missed.lapsed(at).filter(pk=followup).select_for_update(of=("self",)).first()
    if found is None:
        raise IllegalMove("followups.lapse", None, "it was closed, moved or written down meanwhile")
    department = Department.objects.with_hours().get(pk=found.place)
    missed.miss(found, department, at)
    return found


@verb(Permission.FOLLOWUP_LAPSE, locking=False)
def call_for(clinic: Clinic, *, by: Actor, followup: UUID, at: datetime) -> Missed:
    """No message reaches them: a person has to telephone."""
    found = Missed.unreached(at).filter(pk=followup).select_for_update(of=("self",)).first()
    if found is None:
        raise IllegalMove("followups.call_for", None, "somebody else was first, or they were reached")
    Missed.objects.filter(pk=followup).update(call_at=at, call_reason=CallReason.UNREACHABLE)
    return found


@verb(Permission.FOLLOWUP_LAPSE, locking=False)
def follow_zone(clinic: Clinic, *, by: Actor, at: datetime) -> int:
    """Put right what waits at an hour that is no longer the promised one: the rules of its zone were changed."""
    return reminders.follow_zones(at)


@verb(Permission.CONTACT_KEEP)
def follow_contact(user: User, *, by: User) -> int:
    """The reminders of this account's follow-ups go by what it chose now; of how many follow-ups."""
    found = list(reminders.of_account(user))
    for followup in found:
        reminders.tend(followup)
    return len(found)
