"""A time for a follow-up: chosen by the patient, by whom they trust, or by staff; and waiting for an earlier one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.models import Appointment, FollowUp, WaitingListEntry, booking, reminders, waiting
from patients.models.followups import FollowUpStatus
from portal import access
from portal.access import Actor, IllegalMove, Permission, Refused
from portal.models import Clinic, User
from portal.verbs import verb


@verb(Permission.APPOINTMENT_BOOK)
def book(followup: FollowUp, *, by: User, clinician: User, start: datetime, any_day: bool = False) -> Appointment:
    """Take a free time within the follow-up's window; staff may take one on `any_day`.

    Raises TimeTaken when it is not free, and IllegalMove when there is a time already.
    """
    booking.must_be_open(followup, "appointments.book")
    if followup.booked_appointment:
        raise IllegalMove("appointments.book", followup, _("It has a time already: change that one."))
    return _put(followup, by, clinician, start, any_day, "appointments.book")


@verb(Permission.APPOINTMENT_BOOK)
def move(followup: FollowUp, *, by: User, clinician: User, start: datetime, any_day: bool = False) -> Appointment:
    """Take another time in its place: the one before is free at once. Raises as `book`, and when there is none."""
    booking.must_be_open(followup, "appointments.move")
    if not followup.booked_appointment:
        raise IllegalMove("appointments.move", followup, _("It has no time yet that could be changed."))
    return _put(followup, by, clinician, start, any_day, "appointments.move")


@verb(Permission.APPOINTMENT_BOOK)
def cancel(followup: FollowUp, *, by: User) -> Appointment:
    """Give the time back. The promise stands: who gave it back needs another, and the clinic sees that."""
    booking.must_be_open(followup, "appointments.cancel")
    appointment = booking.call_off(followup, timezone.now())
    if appointment is None:
        raise IllegalMove("appointments.cancel", followup, _("It has no time that could be given back."))
    is_staff = _is_staff(followup, by)
    status = FollowUpStatus.PLANNED if is_staff else FollowUpStatus.CHANGE_ASKED
    if followup.status != status:
        followup.move_to(status)
    followup.patient_note = "" if is_staff else _("I gave my time back, and need another.")
    followup.save()
    reminders.tend(followup)
    return appointment


@verb(Permission.APPOINTMENT_BOOK)
def wait(followup: FollowUp, *, by: User, clinician: User | None = None) -> WaitingListEntry:
    """Hear of an earlier time when one becomes free. Asked again, it is the same place in the line."""
    booking.must_be_open(followup, "appointments.wait")
    entry, _made = WaitingListEntry.objects.get_or_create(
        followup=followup,
        ended_at=None,
        defaults={"patient_id": followup.patient_id, "case_id": followup.case_id, "clinician": clinician},
    )
    return entry


@verb(Permission.APPOINTMENT_BOOK)
def stop_waiting(followup: FollowUp, *, by: User) -> FollowUp:
    booking.end_waiting(followup, timezone.now())
    return followup


@verb(Permission.APPOINTMENT_OFFER, locking=False)
def offer(clinic: Clinic, *, by: Actor, entry: UUID, at: datetime) -> WaitingListEntry:
    """Tell who waits of a free time, for a day at most; one that was not taken goes to the next.

    It is kept for nobody: whoever takes it first has it. Raises IllegalMove when there is none for them.
    """
    waiter = waiting.lock(entry)
    if waiter is None or waiter.entry.is_offered(at):
        raise IllegalMove("appointments.offer", None, "they wait no more, or think about one")
    found = waiting.offer_for(waiter, at)
    if found is None and not waiter.entry.offered:
        raise IllegalMove("appointments.offer", None, "nothing is free for them")
    if found is None:
        waiter.entry.let_run_out()
    else:
        waiter.entry.offer((found.slot.starts, found.slot.ends), found.until)
        waiting.tell(waiter, found)
    waiter.entry.save(update_fields=["offered", "offered_until", "passed_over"])
    return waiter.entry


def _put(followup: FollowUp, by: User, clinician: User, start: datetime, any_day: bool, name: str) -> Appointment:
    is_staff = _is_staff(followup, by)
    if any_day and not is_staff:
        raise Refused(name, followup)
    slot = booking.find(followup, clinician.pk, start, timezone.now(), any_day=any_day, name=name)
    return booking.put(followup, slot, is_answer=not is_staff, name=name)


def _is_staff(followup: FollowUp, by: User) -> bool:
    """Whether it is booked from the desk: who may plan it. Patients, and whom they trust, may not."""
    return access.can(by, Permission.FOLLOWUP_PLAN, followup)
