"""What the clock asks for. A hint without arguments; the rows say what is due."""

from __future__ import annotations

from portal.acting import ActingTask
from portal.actions import deliveries
from portal.celery import app


@app.task(base=ActingTask, in_steps=True)
def deliver() -> int:
    return deliveries.deliver_due()
