"""A promise that runs out climbs a rung: somebody is told, and it is written down whom."""

from __future__ import annotations

from datetime import datetime

from clinicians.models import Escalation
from clinicians.models.escalations import PURPOSES, Due, whom_to_tell
from portal.access import Actor, IllegalMove, Permission
from portal.models import Clinic, Notification
from portal.verbs import verb


@verb(Permission.CASE_ESCALATE)
def climb(clinic: Clinic, /, *, by: Actor, due: Due, at: datetime) -> Escalation:
    """Once a rung of one promise, however many clocks there are: the lock on the clinic lets them in one by one.

    The case itself is no subject here: the worker may not read it. Raises IllegalMove when it has climbed already, or
    was answered meanwhile.
    """
    if due.has_climbed or not due.items.exists():
        raise IllegalMove("escalations.climb", clinic, "it has climbed already, or nothing is owed any more")
    told = whom_to_tell(due)
    for account in told:
        Notification.queue(account, PURPOSES[due.rung], path=due.path)
    return Escalation.objects.create(
        patient_id=due.patient,
        case_id=due.case,
        department_id=due.department,
        rung=due.rung,
        promised_at=due.promised_at,
        at=at,
        told=[account.pk for account in told],
    )
