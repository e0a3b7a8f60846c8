"""Writing the diary of a case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.actions.red_flags import raise_flag
from patients.models import Case, DiaryEntry, Screening
from patients.models.cases import Status
from patients.models.diary import Level
from patients.models.red_flags import Source
from patients.rules import triage
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.rules.local_time import local_day
from portal.verbs import verb

# How far back a day may still be written or put right.
DAYS_BACK = 1


@verb(Permission.DIARY_WRITE)
def write(
    case: Case,
    *,
    by: User,
    on: date,
    symptom: Level,
    worry: Level,
    sleep: Level,
    note: str = "",
    signs: Collection[str] = (),
) -> DiaryEntry:
    """One line for one day, today's or yesterday's; written again, it is put right. A sign that is new is a red flag.

    Raises IllegalMove for another day, or when the case is closed.
    """
    today = local_day(timezone.now(), case.patient.time_zone)
    if not today - timedelta(days=DAYS_BACK) <= on <= today:
        raise IllegalMove("diary.write", case, _("Only today and yesterday can be written."))
    if case.status == Status.CLOSED:
        raise IllegalMove("diary.write", case, _("This case is closed. A message opens it again."))
    found = triage.ticked(_complaint(case), signs)
    entry = DiaryEntry.objects.filter(case=case, on=on).first() or DiaryEntry(case=case, patient=case.patient, on=on)
    new = triage.ticked(found.complaint, {rule.id for rule in found.fired} - set(entry.rule_ids))
    entry.symptom, entry.worry, entry.sleep, entry.note = symptom, worry, sleep, note
    entry.rule_ids = [rule.id for rule in found.fired]
    entry.save()
    raise_flag(case, source=Source.DIARY, finding=new)
    return entry


def _complaint(case: Case) -> str:
    """Of the questions that were asked on the way to this case; none where none were."""
    screening = Screening.objects.filter(case=case).first()
    return screening.complaint if screening else ""
