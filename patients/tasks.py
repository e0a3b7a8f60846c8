"""What the clock asks for. Hints without arguments; the rows say what is due."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from patients.actions import appointments, attachments, followups, reminder_checks
from patients.models import Attachment, waiting
from patients.models.missed import Missed
from patients.rules.ladder import passed_at
from portal import scanner
from portal.access import SYSTEM, IllegalMove, Permission
from portal.acting import ActingTask, acting_as
from portal.celery import app
from portal.models import Clinic, Department
from portal.scanner import Scan, Verdict

# As many as one hint judges; the next comes in a minute.
AT_ONCE = 50
log = logging.getLogger(__name__)


@app.task(base=ActingTask, in_steps=True)
def scan_files() -> int:
    """Ask the scanner about what waits for it, one file a transaction, while it answers."""
    if not scanner.is_set():
        return 0
    with acting_as(SYSTEM):
        waiting = list(Attachment.objects.visible_to(SYSTEM, Permission.ATTACHMENT_SCAN).waiting())
    done = 0
    for attachment in waiting:
        verdict = verdict_of(attachment)
        if verdict.scan in (Scan.CLEAN, Scan.INFECTED):
            done += judged(attachment, verdict)
        elif not scanner.answers():
            break
        # Otherwise it is this file that the scanner can't take (too large for it): it waits, and holds up nobody.
        if done == AT_ONCE:
            break
    return done


def verdict_of(attachment: Attachment) -> Verdict:
    try:
        with attachment.file.open("rb") as stored:
            content = stored.read()
    except FileNotFoundError:
        log.error("a stored file is missing: %s", attachment.pk)
        return Verdict()
    return scanner.ask(content)


def judged(attachment: Attachment, verdict: Verdict) -> bool:
    """False when somebody else was first."""
    try:
        with acting_as(SYSTEM):
            attachments.judge(attachment, by=SYSTEM, verdict=verdict)
    except IllegalMove:
        return False
    return True


@app.task(base=ActingTask, in_steps=True)
def climb() -> int:
    """Follow-ups whose day has passed in silence, and those of whom no message gets through; one a transaction."""
    return climb_all(timezone.now())


def climb_all(at: datetime) -> int:
    with acting_as(SYSTEM):
        zones = dict(Department.objects.values_list("pk", "time_zone"))
        lapsed = [one.pk for one in Missed.lapsed(at) if passed_at(one.latest_on, zones[one.place]) <= at]
        unreached = [one.pk for one in Missed.unreached(at)]
    return sum(_climbed(followups.lapse, pk, at) for pk in lapsed) + sum(
        _climbed(followups.call_for, pk, at) for pk in unreached
    )


@app.task(base=ActingTask, in_steps=True)
def offer_times() -> int:
    """Who waits for an earlier time, the longest waiting first: what became free since, and what was not taken."""
    return offer_all(timezone.now())


def offer_all(at: datetime) -> int:
    with acting_as(SYSTEM):
        waits = waiting.worth_asking(at)
    return sum(_offered(pk, at) for pk in waits)


def _offered(pk: UUID, at: datetime) -> bool:
    """False when somebody else was first, or nothing is free for them any more."""
    try:
        with acting_as(SYSTEM):
            appointments.offer(Clinic.the(), by=SYSTEM, entry=pk, at=at)
    except IllegalMove:
        return False
    return True


def _climbed(do: Callable[..., object], pk: UUID, at: datetime) -> bool:
    """False when somebody else was first, or it was dealt with meanwhile."""
    try:
        with acting_as(SYSTEM):
            do(Clinic.the(), by=SYSTEM, followup=pk, at=at)
    except IllegalMove:
        return False
    return True


@app.task(base=ActingTask)
def sweep_files() -> int:
    return attachments.sweep(Clinic.the(), by=SYSTEM)


@app.task(base=ActingTask)
def check_reminders() -> int:
    """After midnight: follow new rules of time zones first, then compare all reminders with what was promised."""
    at = timezone.now()
    followups.follow_zone(Clinic.the(), by=SYSTEM, at=at)
    return reminder_checks.check(Clinic.the(), by=SYSTEM, at=at).differing
