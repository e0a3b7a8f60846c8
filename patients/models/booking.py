"""A time of a follow-up as rows: set, changed, given back; and its day, reminders and waiting list follow it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from patients.models import free_times, reminders
from patients.models.appointments import Appointment, AppointmentStatus
from patients.models.followups import FollowUp, FollowUpKind, FollowUpStatus
from patients.rules.free_slots import FreeSlot
from patients.rules.ladder import passed_at
from patients.rules.reminder_times import Slot
from portal.access import IllegalMove
from portal.rules.local_time import local_day

# The others take place at no time that anybody would have to keep free.
AT_A_TIME = frozenset({FollowUpKind.VISIT, FollowUpKind.CALL, FollowUpKind.TEST_REPEAT})


class TimeTaken(IllegalMove):
    """Somebody else was first, or that time was never free."""

    code = "time_taken"


def must_be_open(followup: FollowUp, name: str) -> None:
    if followup.status == FollowUpStatus.CLOSED or followup.undone_at:
        raise IllegalMove(name, followup, _("This follow-up is closed."))
    if followup.kind not in AT_A_TIME:
        raise IllegalMove(name, followup, _("This follow-up takes place at no set time."))


def find(followup: FollowUp, clinician: UUID, start: datetime, now: datetime, *, any_day: bool, name: str) -> FreeSlot:
    """The free time that was chosen; nobody else gets it until this is done. Raises TimeTaken."""
    free_times.lock(followup.patient_id, clinician)
    free = free_times.of_followup(followup, now, any_day=any_day)
    slot = next((one for one in free if (one.who, one.starts) == (clinician, start)), None)
    if slot is None:
        raise TimeTaken(name, followup, _("This time is not free any more. Choose another."))
    return slot


def put(followup: FollowUp, slot: FreeSlot, *, is_answer: bool, name: str) -> Appointment:
    """Into the place of the time it has, if it has one. `is_answer`: the patient chose it, and so comes."""
    appointment: Appointment = followup.booked_appointment or Appointment(
        patient_id=followup.patient_id, case_id=followup.case_id, followup=followup
    )
    appointment.clinician_id, appointment.seat, appointment.place = slot.who, slot.seat, slot.place
    appointment.span = (slot.starts, slot.ends)
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as taken:
        raise TimeTaken(name, followup, _("This time is taken, or the patient has another one then.")) from taken
    appointment.refresh_from_db()
    zone = free_times.department_of(followup).time_zone
    day = local_day(slot.starts, zone)
    _follow(followup, day, FollowUpStatus.CONFIRMED if is_answer else FollowUpStatus.PLANNED)
    followup.desk_at = passed_at(day, zone)
    followup.save()
    reminders.tend(followup, anew=Slot.BOOKED)
    end_waiting(followup, reminders.now())
    return appointment


def call_off(followup: FollowUp, now: datetime) -> Appointment | None:
    """Free its time; who had it hears of it, also their calendar. The promise stands."""
    appointment: Appointment | None = followup.booked_appointment
    if appointment is None:
        return None
    user = followup.patient.user
    facts = reminders.facts_of(followup, user) if user else None
    end(followup, AppointmentStatus.CANCELLED)
    followup.sequence += 1
    followup.desk_at = passed_at(followup.latest_on, free_times.department_of(followup).time_zone)
    if facts and appointment.starts_at > now:
        reminders.tell_called_off(followup, facts, now)
    return appointment


def end(followup: FollowUp, status: AppointmentStatus) -> None:
    """What became of its time. One that was kept or not is no longer booked."""
    Appointment.objects.filter(followup_id=followup.pk).booked().update(status=status)


def end_waiting(followup: FollowUp, now: datetime) -> None:
    followup.waiting_list_entries.filter(ended_at=None).update(ended_at=now)


def _follow(followup: FollowUp, day: date, status: FollowUpStatus) -> None:
    followup.due_on = day
    followup.earliest_on, followup.latest_on = min(followup.earliest_on, day), max(followup.latest_on, day)
    if followup.status != status:
        followup.move_to(status)
    followup.patient_note = ""
    followup.sequence += 1
    followup.answer_the_miss()
