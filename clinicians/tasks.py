"""What the clock asks of the desk. Hints without arguments; the rows say what is due."""

from __future__ import annotations

from clinicians.actions import webhooks
from clinicians.models import work
from portal.access import SYSTEM
from portal.acting import ActingTask
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
