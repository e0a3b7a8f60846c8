"""What the clock asks for. Hints without arguments; the rows say what is due."""

from __future__ import annotations

from clinicians.actions import webhooks
from portal.access import SYSTEM
from portal.acting import ActingTask
from portal.celery import app
from portal.models import Clinic


@app.task(base=ActingTask, in_steps=True)
def send_webhooks() -> int:
    return webhooks.send_due()


@app.task(base=ActingTask)
def let_go() -> None:
    webhooks.let_go(Clinic.the(), by=SYSTEM)
