"""What the clock asks for. Hints without arguments; the rows say what is due."""

from __future__ import annotations

import logging

from patients.actions import attachments
from patients.models import Attachment
from portal import scanner
from portal.access import SYSTEM, IllegalMove, Permission
from portal.acting import ActingTask, acting_as
from portal.celery import app
from portal.models import Clinic
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


@app.task(base=ActingTask)
def sweep_files() -> int:
    return attachments.sweep(Clinic.the(), by=SYSTEM)
