"""What the clock asks for. A hint without arguments; the rows say what is due."""

from __future__ import annotations

from portal.acting import ActingTask
from portal.actions import deliveries, seals
from portal.celery import app


@app.task(base=ActingTask, in_steps=True)
def deliver() -> int:
    return deliveries.deliver_due()


@app.task(base=ActingTask, in_steps=True)
def seal() -> int:
    return seals.seal_and_tell()
