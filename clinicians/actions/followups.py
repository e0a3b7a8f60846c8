"""Promising a follow-up, and closing it with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.rules import medicines
from patients.models import Case, FollowUp, Prescription, Result, booking, missed, reminders
from patients.models.appointments import AppointmentStatus
from patients.models.cases import Status
from patients.models.followups import Evidence, FollowUpKind, FollowUpStatus
from patients.rules.followup_dates import Period, Window, promise
from patients.rules.ladder import passed_at
from patients.rules.reminder_times import Slot
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.rules.local_time import local_day
from portal.rules.working_time import is_open_day
from portal.verbs import verb

# ATC: dopamine agonists. A missed follow-up after one is a matter of safety (shared clinical notes, section 6).
MUST_BE_WATCHED = "N04BC"


@dataclass(frozen=True, slots=True)
class Planned:
    """A follow-up to promise in the same step as something else; `words` are its fields as they were typed."""

    kind: FollowUpKind
    reason: str
    period: Period
    is_high_risk: bool
    words: Mapping[str, Any]

    @property
    def about(self) -> dict[str, Any]:
        """As `plan` takes it."""
        return {name: getattr(self, name) for name in ("kind", "reason", "period", "is_high_risk")}


@verb(Permission.FOLLOWUP_PLAN)
def plan(
    case: Case,
    *,
    by: User,
    kind: FollowUpKind,
    reason: str,
    period: Period,
    visible_at: datetime | None = None,
    is_high_risk: bool = False,
    prescription: Prescription | None = None,
    result: Result | None = None,
) -> FollowUp:
    """Promise to be in touch again: a window of clinic days, an owner, and the reminders as rows.

    After a dopamine agonist or a critical value it must not be missed, whatever `is_high_risk` says.
    Raises IllegalMove when the same is promised for the same day: a form sent twice promises once.
    """
    if case.status == Status.CLOSED:
        raise IllegalMove("followups.plan", case, _("The case is closed: a message from the patient opens it."))
    window = _window(case, period)
    if case.followups.open().filter(kind=kind, due_on=window.due).exists():
        raise IllegalMove(
            "followups.plan", case, _("This is promised already, for the same day. Choose another day or kind.")
        )
    followup = FollowUp(
        patient=case.patient,
        case=case,
        kind=kind,
        reason=reason,
        earliest_on=window.earliest,
        due_on=window.due,
        latest_on=window.latest,
        owner=case.owner or by,
        visible_at=visible_at,
        is_high_risk=is_high_risk or _is_risky(prescription) or (result is not None and result.is_critical),
        prescription=prescription,
        result=result,
        desk_at=passed_at(window.latest, case.department.time_zone),
    )
    followup.full_clean()
    followup.save()
    reminders.tend(followup, anew=Slot.BOOKED)
    return followup


@verb(Permission.FOLLOWUP_PLAN)
def move(followup: FollowUp, *, by: User, period: Period) -> FollowUp:
    """Promise another day in its place, counted from today; the patient is told, and asked anew."""
    window = _window(followup.case, period)
    booking.call_off(followup, timezone.now())
    if followup.status != FollowUpStatus.PLANNED:
        followup.move_to(FollowUpStatus.PLANNED)
    followup.earliest_on, followup.due_on, followup.latest_on = window.earliest, window.due, window.latest
    followup.desk_at = passed_at(window.latest, followup.case.department.time_zone)
    followup.patient_note = ""
    followup.sequence += 1
    followup.answer_the_miss()
    followup.save()
    reminders.tend(followup, anew=Slot.BOOKED)
    return followup


@verb(Permission.FOLLOWUP_CLOSE)
def miss(followup: FollowUp, *, by: User) -> FollowUp:
    """Write down that the patient did not come: they hear of it the same day, and it climbs."""
    today = local_day(timezone.now(), followup.case.department.time_zone)
    if followup.status == FollowUpStatus.CLOSED or followup.missed_at:
        raise IllegalMove("followups.miss", followup, _("It is closed, or written down already."))
    if today < followup.earliest_on:
        raise IllegalMove("followups.miss", followup, _("Its first day has not come yet."))
    missed.miss(followup, followup.case.department, timezone.now())
    return followup


@verb(Permission.FOLLOWUP_CLOSE)
def close(followup: FollowUp, *, by: User, evidence: Evidence, note: str = "") -> FollowUp:
    """Keep the promise, or let go of it: only with evidence. Its reminders are cancelled."""
    if evidence is Evidence.ATTENDED:
        booking.end(followup, AppointmentStatus.FULFILLED)
    booking.call_off(followup, timezone.now())
    booking.end_waiting(followup, timezone.now())
    followup.close(by=by, evidence=evidence, note=note)
    reminders.tend(followup)
    return followup


def _window(case: Case, period: Period) -> Window:
    department = case.department
    hours, holidays = department.hours, department.closed_on
    today = local_day(timezone.now(), department.time_zone)
    return promise(today, period, lambda day: is_open_day(day, hours, holidays))


def _is_risky(prescription: Prescription | None) -> bool:
    medicine = medicines.find(prescription.medicine) if prescription else None
    return medicine is not None and medicine.atc.startswith(MUST_BE_WATCHED)
