"""Promising a follow-up, and closing it with evidence."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from patients.models import Case, FollowUp
from patients.models.cases import Status
from patients.models.followups import Evidence, FollowUpKind
from patients.rules.followup_dates import Period, promise
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.rules.local_time import local_day
from portal.rules.working_time import is_open_day
from portal.verbs import verb


@verb(Permission.FOLLOWUP_PLAN)
def plan(
    case: Case,
    *,
    by: User,
    kind: FollowUpKind,
    reason: str,
    period: Period,
    visible_at: datetime | None = None,
) -> FollowUp:
    """Promise to be in touch again: a window of clinic days, an owner, and the reminders as rows.

    Raises IllegalMove when the same is promised for the same day: a form sent twice promises once.
    """
    if case.status == Status.CLOSED:
        raise IllegalMove("followups.plan", case, "the case is closed: a message from the patient opens it again")
    department = case.department
    hours, holidays = department.hours, department.closed_on
    today = local_day(timezone.now(), department.time_zone)
    window = promise(today, period, lambda day: is_open_day(day, hours, holidays))
    if case.followups.open().filter(kind=kind, due_on=window.due).exists():
        raise IllegalMove("followups.plan", case, "this is promised already, for the same day")
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
    )
    followup.full_clean()
    followup.save()
    followup.promise_reminders()
    return followup


@verb(Permission.FOLLOWUP_CLOSE)
def close(followup: FollowUp, *, by: User, evidence: Evidence, note: str = "") -> FollowUp:
    """Keep the promise, or let go of it: only with evidence. Its reminders are cancelled."""
    followup.close(by=by, evidence=evidence, note=note)
    return followup
