"""Setting a case aside until a day, and taking it back up."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models import Snooze
from clinicians.rules.snooze_times import MOST_DAYS, is_allowed
from patients.models import Case, Prescription
from patients.models.cases import Status, Urgency
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.CASE_ASSIGN)
def snooze(case: Case, *, by: User, until: datetime, reason: str) -> Snooze:
    """Off the work list until then, or until the patient writes. The promise to the patient stands as it is.

    Raises IllegalMove where it must not wait, and where it is set aside already.
    """
    now = timezone.now()
    if not is_allowed(until, now, case.department.time_zone):
        raise ValidationError(_("Choose a time from now on, within %(days)d days.") % {"days": MOST_DAYS})
    if words := _must_not_wait(case):
        raise IllegalMove("snoozes.snooze", case, words)
    if Snooze.running_on(case, now):
        raise IllegalMove("snoozes.snooze", case, _("It is set aside already: bring it back first."))
    # One whose time is over, or that the patient ended by writing.
    Snooze.end(case, by=by)
    return Snooze.objects.create(patient_id=case.patient_id, case=case, until=until, reason=reason, by=by)


@verb(Permission.CASE_ASSIGN)
def wake(case: Case, *, by: User) -> Case:
    """Back on the work list now. Twice is once."""
    Snooze.end(case, by=by)
    return case


def _must_not_wait(case: Case) -> str:
    """Why it can't be set aside; empty where it can."""
    if case.status not in (Status.WAITING, Status.ANSWERED):
        return _("Only a case that was triaged and is not closed can be set aside.")
    if case.urgency == Urgency.EMERGENCY:
        return _("This is an emergency: it can't be set aside.")
    if Prescription.objects.with_hard_stop().filter(patient=case.patient_id).exists():
        return _("A medicine of this patient is stopped by the checks: resolve that first.")
    return ""
