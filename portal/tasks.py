"""What the clock asks for. A hint without arguments; the rows say what is due."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from portal.access import SYSTEM
from portal.acting import ActingTask
from portal.actions import deliveries, drafts
from portal.celery import app
from portal.models import KeptForm


@app.task(base=ActingTask, in_steps=True)
def deliver() -> int:
    return deliveries.deliver_due()


@app.task(base=ActingTask)
def let_go() -> None:
    """Kept forms that are a week old, and the rows of sessions that ended long ago."""
    for kept in KeptForm.objects.outdated():
        drafts.discard(kept, by=SYSTEM)
    SessionStore.clear_expired()
