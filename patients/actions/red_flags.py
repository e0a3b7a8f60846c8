"""Raising a red flag: part of whatever verb the patient told it with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from django.conf import settings
from django.utils.module_loading import import_string

from patients.models import Case, RedFlag
from patients.models.red_flags import URGENCY, Source
from patients.rules.triage import Finding
from portal import occurrences
from portal.models import Notification, User
from portal.models.deliveries import Purpose

WhomToTell: TypeAlias = Callable[[Case], Iterable[User]]


def raise_flag(case: Case, *, source: Source, finding: Finding) -> RedFlag | None:
    """Put it on the desk, make the case at least as urgent, and tell who is on call. Nothing for what can wait.

    The promised day of the answer stays: who is told acts now, and the patient was told whom to call.
    """
    if not finding.is_urgent:
        return None
    flag = RedFlag.on(case, source, finding)
    occurrences.tell("red_flags.raise_flag", case, flag)
    case.raise_to(URGENCY[finding.outcome])
    whom_to_tell: WhomToTell = import_string(settings.WHOM_TO_TELL)
    for clinician in whom_to_tell(case):
        Notification.queue(clinician, Purpose.RED_FLAG, path=f"/cases/{case.ref}/")
    return flag
