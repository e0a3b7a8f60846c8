"""What the clock asks of the desk. Hints without arguments; the rows say what is due."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from clinicians.actions import escalations, webhooks
from clinicians.models import work
from clinicians.models.escalations import Due, due
from portal.access import SYSTEM, IllegalMove
from portal.acting import ActingTask, acting_as
from portal.celery import app
from portal.models import Clinic


@app.task(base=ActingTask)
def tend() -> int:
    """Turn what its time has turned on the work list, and add its counts up."""
    return work.tend()


@app.task(base=ActingTask, in_steps=True)
def send_webhooks() -> int:
    return webhooks.send_due()


@app.task(base=ActingTask)
def let_go() -> None:
    webhooks.let_go(Clinic.the(), by=SYSTEM)


@app.task(base=ActingTask, in_steps=True)
def climb() -> int:
    """Tell who must know of each promise that runs out, one a transaction."""
    return climb_all(timezone.now())


def climb_all(at: datetime) -> int:
    with acting_as(SYSTEM):
        found = due(at)
    return sum(climbed(one, at) for one in found)


def climbed(one: Due, at: datetime) -> bool:
    """False when somebody else was first, or it was answered meanwhile."""
    try:
        with acting_as(SYSTEM):
            escalations.climb(Clinic.the(), by=SYSTEM, due=one, at=at)
    except IllegalMove:
        return False
    return True
