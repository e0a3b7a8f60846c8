"""Telephoning somebody whom no message reaches, or who missed what must not be missed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.models import CallAttempt, FollowUp
from patients.models.calls import CallOutcome
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.verbs import verb

# A form sent twice is one call.
A_MOMENT = timedelta(minutes=1)


@verb(Permission.FOLLOWUP_CALL)
def record(followup: FollowUp, *, by: User, outcome: CallOutcome, note: str = "") -> CallAttempt:
    """Write down that one called, and what came of it. Who was spoken to stands on the list no more.

    Raises IllegalMove for a follow-up that waits for no call, and for the same call written down a moment ago.
    """
    if followup.call_at is None or followup.closed_at:
        raise IllegalMove("calls.record", followup, _("Nobody has to call about this any more."))
    since = timezone.now() - A_MOMENT
    if followup.calls.filter(called_by=by, outcome=outcome, note=note, created_at__gt=since).exists():
        raise IllegalMove("calls.record", followup, _("You wrote this call down a moment ago."))
    if outcome == CallOutcome.REACHED:
        followup.call_at, followup.call_reason = None, ""
        followup.save()
    return CallAttempt.objects.create(
        patient=followup.patient, case=followup.case, followup=followup, called_by=by, outcome=outcome, note=note
    )
