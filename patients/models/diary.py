"""The diary of a case: a line a day, in a few taps, by the patient alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.models import complaints
from patients.models.cases import Case
from patients.models.patients import Patient
from patients.rules import triage
from patients.rules.diary_changes import Change, change
from patients.walls import of_case
from portal.access import Permission
from portal.models.record import Record, RecordQuerySet

DAYS_SHOWN = 14
LONGEST_NOTE = 300


class Level(models.IntegerChoices):
    NONE = 0, gettext_lazy("None")
    MILD = 1, gettext_lazy("Mild")
    MODERATE = 2, gettext_lazy("Moderate")
    STRONG = 3, gettext_lazy("Strong")
    VERY_STRONG = 4, gettext_lazy("Very strong")


# What is written down of a day, in the order in which it is asked: 4 is worst in each.
LINES: dict[str, Any] = {
    "symptom": gettext_lazy("Symptom"),
    "worry": gettext_lazy("Worry"),
    "sleep": gettext_lazy("Trouble sleeping"),
}
CHANGES: dict[tuple[str, Change], Any] = {
    ("symptom", Change.LESS): gettext_lazy("This week the symptom was milder than the week before."),
    ("symptom", Change.SAME): gettext_lazy("This week the symptom was much as the week before."),
    ("symptom", Change.MORE): gettext_lazy("This week the symptom was stronger than the week before."),
    ("worry", Change.LESS): gettext_lazy("There was less worry."),
    ("worry", Change.SAME): gettext_lazy("Worry was much the same."),
    ("worry", Change.MORE): gettext_lazy("There was more worry."),
    ("sleep", Change.LESS): gettext_lazy("Sleep was better."),
    ("sleep", Change.SAME): gettext_lazy("Sleep was much the same."),
    ("sleep", Change.MORE): gettext_lazy("Sleep was worse."),
}


class DiaryEntryQuerySet(RecordQuerySet["DiaryEntry"]):
    rule = of_case(Permission.CASE_READ)

    def up_to(self, day: date) -> Self:
        """The fortnight that ends on this day."""
        return self.filter(on__lte=day, on__gt=day - timedelta(days=DAYS_SHOWN))


@pghistory.track()
class DiaryEntry(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="diary")
    # The patient's own day, where they live.
    on = models.DateField()
    symptom = models.PositiveSmallIntegerField(choices=Level.choices)
    worry = models.PositiveSmallIntegerField(choices=Level.choices)
    sleep = models.PositiveSmallIntegerField(choices=Level.choices)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    # Urgent signs that were ticked as new.
    rule_ids = models.JSONField(default=list)

    objects = DiaryEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-on",)
        constraints = (
            models.UniqueConstraint(fields=("case", "on"), name="diary_once_a_day"),
            models.CheckConstraint(condition=Q(symptom__lte=4, worry__lte=4, sleep__lte=4), name="diary_levels"),
        )

    @property
    def signs(self) -> list[str]:
        return [complaints.sign(rule) for rule in triage.by_id(self.rule_ids)]


def fortnight(last: date) -> list[date]:
    """The days of the dots, oldest first."""
    return [last - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]


def summary(entries: Sequence[DiaryEntry], today: date) -> dict[str, Any]:
    """The fortnight up to this day: its change in words, and its dots."""
    return {
        "weekly": weekly(entries, today),
        "dots": dots(entries, today),
        "days": fortnight(today),
        "today": today,
    }


def dots(entries: Sequence[DiaryEntry], last: date) -> dict[str, list[int | None]]:
    """A row of levels a line, for each day of the fortnight; None where nothing was written."""
    by_day = {entry.on: entry for entry in entries}
    return {
        str(words): [getattr(by_day.get(day), name, None) for day in fortnight(last)] for name, words in LINES.items()
    }


def weekly(entries: Sequence[DiaryEntry], today: date) -> str:
    """The change in words; while there is too little of it, that."""
    found = {name: change(_levels(entries, name), today) for name in LINES}
    if Change.UNKNOWN in found.values():
        return _("A week is compared with the one before once each has three days in it.")
    return " ".join(str(CHANGES[item]) for item in found.items())


def _levels(entries: Sequence[DiaryEntry], name: str) -> Mapping[date, int]:
    return {entry.on: getattr(entry, name) for entry in entries}
