"""One row of the work list: one case with the one thing to do next, why, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Choices
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from rest_framework import serializers

from clinicians.api import times
from clinicians.api.serializers import When
from clinicians.models import Claim, WorkItem
from patients.models.cases import Status, Urgency
from patients.models.followups import FollowUpKind
from patients.models.patients import Sex, age_of
from portal.models import User


class Need(StrEnum):
    """As the database writes it (clinicians/work_keeping.py)."""

    STOP = "resolve_stop"
    FLAG = "review_flag"
    TRIAGE = "triage"
    REPLY = "reply"
    ANSWER = "answer"
    RELEASE = "release"
    REBOOK = "rebook"
    OFFER = "offer"
    NOTHING = "nothing"
    PAUSED = "paused"
    SNOOZED = "snoozed"


WORDS: Mapping[Need, Promise | str] = {
    Need.STOP: gettext_lazy("Resolve medicine stop"),
    Need.FLAG: gettext_lazy("Review red flag"),
    Need.TRIAGE: gettext_lazy("Triage"),
    Need.REPLY: gettext_lazy("Reply to question"),
    Need.ANSWER: gettext_lazy("Reply to message"),
    Need.RELEASE: gettext_lazy("Release result"),
    Need.REBOOK: gettext_lazy("Rebook missed follow-up"),
    Need.OFFER: gettext_lazy("Offer another day"),
    Need.NOTHING: gettext_lazy("Nothing: the patient has our answer"),
    Need.PAUSED: gettext_lazy("Nothing: we wait for the patient"),
    Need.SNOOZED: gettext_lazy("Comes back by itself"),
}
STOP_AND: Mapping[Need, Promise | str] = {
    Need.TRIAGE: gettext_lazy("Resolve medicine stop, then triage"),
    Need.REPLY: gettext_lazy("Resolve medicine stop, then reply"),
    Need.ANSWER: gettext_lazy("Resolve medicine stop, then reply"),
}
FOLLOWUPS = {Need.REBOOK, Need.OFFER}
SPOKEN = {Need.TRIAGE, Need.REPLY, Need.ANSWER, Need.NOTHING, Need.PAUSED}
RESTING = {Need.NOTHING, Need.PAUSED, Need.SNOOZED}
LEVELS = {0: "safety", Urgency.EMERGENCY: "safety", Urgency.SAME_DAY: "high", Urgency.SOON: "high"}


@dataclass(frozen=True)
class Row:
    """One row as people read it. Names are those of the work list's template and of the JSON."""

    item: WorkItem
    by: User
    now: datetime
    called: Mapping[UUID, str]  # owners and departments
    sees_medicines: bool = True
    claim: Claim | None = None

    @property
    def _after(self) -> Need:
        return Need(self.item.need)

    @property
    def _stop(self) -> str:
        return self.item.stop if self.sees_medicines else ""

    @property
    def need_code(self) -> Need:
        return Need.STOP if self._stop else self._after

    @property
    def need(self) -> str:
        words = STOP_AND.get(self._after, WORDS[Need.STOP]) if self._stop else WORDS[self._after]
        return str(words)

    @property
    def why(self) -> str:
        if self._stop:
            medicine, _colon, finding = self._stop.partition(": ")
            return f"{capfirst(medicine)}: {finding or _('stopped by the medicine checks')}"
        if self._after in FOLLOWUPS:
            return f"{FollowUpKind(self.item.about).label}: {self.item.reason}"
        return f"“{_to_a_whole_word(self.item.reason)}”" if self._after in SPOKEN else self.item.reason

    @property
    def _risk(self) -> int:
        return self.item.risk if self.sees_medicines else self.item.urgency

    @property
    def level(self) -> str:
        return LEVELS.get(self._risk, "routine")

    @property
    def priority(self) -> str:
        if self._risk == 0:
            return _("Safety")
        if self._after is Need.FLAG:
            return _("Red flag")
        if self.item.status == Status.NEW:
            return _("Not triaged")
        return labels(get_language(), Urgency)[self.item.urgency]

    @property
    def due_at(self) -> datetime | None:
        """The promise; None for what has no promised time."""
        return None if self._after in {Need.RELEASE, Need.NOTHING, Need.PAUSED} else self.item.due_at

    @property
    def due(self) -> str:
        if self.need_code in {Need.STOP, Need.FLAG}:
            return _("now")
        if self._after is Need.PAUSED:
            return _("paused")
        if self._after in FOLLOWUPS:
            on = timezone.localdate(self.item.due_at)
            return times.days_late(on, timezone.localdate()) if self.late else times.by_day(on)
        return times.promised(self.due_at, self.now) if self.due_at else ""

    @property
    def late(self) -> bool:
        """Said in words too; what is dangerous is due at once."""
        if self.need_code in {Need.STOP, Need.FLAG}:
            return True
        if self._after in FOLLOWUPS:
            return timezone.localdate(self.item.due_at) < timezone.localdate()
        return self.due_at is not None and self.due_at < self.now

    @property
    def waiting_since(self) -> datetime:
        return self.item.since

    @property
    def waiting(self) -> str:
        if self._after in FOLLOWUPS | RESTING:
            return ""
        return times.waited(self.waiting_since, self.now)

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def identity(self) -> str:
        return f"{labels(get_language(), Sex)[self.item.sex]}, {age_of(self.item.born_on, timezone.localdate())}"

    @property
    def department(self) -> str:
        return self.called[self.item.department_id]

    @property
    def status(self) -> str:
        return self.item.status

    @property
    def ref(self) -> str:
        return self.item.ref

    @property
    def owner(self) -> str:
        if self.item.owner_id is None:
            return _("Nobody yet")
        return _("You") if self.item.owner_id == self.by.pk else self.called[self.item.owner_id]

    @property
    def claimed_by(self) -> str:
        """Who is answering it just now, if somebody is."""
        return str(self.claim.words) if self.claim else ""

    @property
    def is_unowned(self) -> bool:
        return self.item.owner_id is None

    @property
    def url(self) -> str:
        return place_of("clinicians:case", get_script_prefix()).replace(NO_CASE, self.ref)

    @property
    def peek(self) -> str:
        return place_of("clinicians:peek", get_script_prefix()).replace(NO_CASE, self.ref)


NO_CASE = "F-0"


@cache
def place_of(name: str, prefix: str) -> str:
    """The address of a page about a case, with no case in it: a list asks for fifty, which differ in their number."""
    return reverse(name, args=[NO_CASE])


@cache
def labels(language: str | None, of: type[Choices]) -> dict[Any, str]:
    """What each of these is called, said once for each language."""
    return {choice.value: str(choice.label) for choice in of}


def _to_a_whole_word(excerpt: str) -> str:
    """The database cuts at a character; what was cut ends with the last whole word."""
    words = " ".join(excerpt.split())
    if len(excerpt) < EXCERPT or " " not in words:
        return words
    return f"{words.rsplit(' ', 1)[0].rstrip('.,;:')}…"


EXCERPT = 240  # as in clinicians/work_keeping.py


class RowSerializer(serializers.Serializer[Any]):
    ref = serializers.CharField()
    url = serializers.CharField()
    name = serializers.CharField()
    identity = serializers.CharField()
    department = serializers.CharField()
    status = serializers.CharField()
    need_code = serializers.CharField()
    need = serializers.CharField()
    why = serializers.CharField()
    level = serializers.CharField()
    priority = serializers.CharField()
    due_at = When()
    due = serializers.CharField()
    late = serializers.BooleanField()
    waiting_since = When()
    waiting = serializers.CharField()
    owner = serializers.CharField()
    claimed_by = serializers.CharField()
    is_unowned = serializers.BooleanField()
    peek = serializers.CharField()

    def to_representation(self, instance: Row) -> dict[str, Any]:
        """As the fields say, of rows that are made for them: twenty-five times seventeen look-ups by name are dear."""
        return dict(zip(ROW, TOLD(instance), strict=True))


ROW = tuple(RowSerializer().fields)
TOLD = attrgetter(*ROW)
