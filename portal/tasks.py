"""What the clock asks for. A hint without arguments; the rows say what is due."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from portal.access import SYSTEM
from portal.acting import ActingTask
from portal.actions import deliveries, drafts, kept_answers, seals
from portal.celery import app
from portal.models import Clinic


@app.task(base=ActingTask, in_steps=True)
def deliver() -> int:
    return deliveries.deliver_due()


@app.task(base=ActingTask, in_steps=True)
def seal() -> int:
    return seals.seal_and_tell()


@app.task(base=ActingTask)
def let_go() -> None:
    """Kept forms that are a week old, answers to programs that are a day old, and the rows of sessions long over."""
    drafts.let_go(Clinic.the(), by=SYSTEM)
    kept_answers.let_go(Clinic.the(), by=SYSTEM)
    SessionStore.clear_expired()
