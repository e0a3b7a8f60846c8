"""One row of the work list: one case with the one thing to do next, why, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from clinicians.api import times
from clinicians.api.serializers import When
from clinicians.models.queue import EXCERPT, Queue
from patients.models.cases import Status, Urgency
from patients.models.followups import FollowUpKind, FollowUpStatus
from portal.models import User


class Need(StrEnum):
    STOP = "resolve_stop"
    TRIAGE = "triage"
    REPLY = "reply"
    RELEASE = "release"
    REBOOK = "rebook"
    OFFER = "offer_another_day"
    NOTHING = "nothing"


WORDS: Mapping[Need, Promise | str] = {
    Need.TRIAGE: gettext_lazy("Triage"),
    Need.REPLY: gettext_lazy("Reply to question"),
    Need.RELEASE: gettext_lazy("Release result"),
    Need.REBOOK: gettext_lazy("Rebook missed follow-up"),
    Need.OFFER: gettext_lazy("Offer another day"),
    Need.NOTHING: gettext_lazy("Nothing: the patient has our answer"),
}
STOP_AND: Mapping[Need, Promise | str] = {
    Need.TRIAGE: gettext_lazy("Resolve medicine stop, then triage"),
    Need.REPLY: gettext_lazy("Resolve medicine stop, then reply"),
    Need.NOTHING: gettext_lazy("Resolve medicine stop"),
}
LEVELS = {0: "safety", Urgency.EMERGENCY: "safety", Urgency.SAME_DAY: "high", Urgency.SOON: "high"}
# Which thing a queue is about; the others show whatever comes first.
ABOUT = {Queue.TRIAGE: "to_triage", Queue.REPLY: "to_reply", Queue.RESULTS: "to_release", Queue.FOLLOWUPS: "to_rebook"}


def next_need(case: Any, queue: Queue = Queue.ALL) -> Need:
    """Of all that a case needs, what this queue is about, or else what comes first."""
    needs = {
        "to_triage": Need.TRIAGE,
        "to_reply": Need.REPLY,
        "to_release": Need.RELEASE,
        "to_rebook": Need.OFFER if asks_for_change(case) else Need.REBOOK,
    }
    order = sorted(needs, key=lambda name: name != ABOUT.get(queue))
    return next((needs[name] for name in order if getattr(case, name)), Need.NOTHING)


def asks_for_change(case: Any) -> bool:
    return bool(case.followup) and case.followup["status"] == FollowUpStatus.CHANGE_ASKED


@dataclass(frozen=True)
class Row:
    """An annotated case as people read it. Names are those of the work list's template and of the JSON."""

    case: Any
    by: User
    now: datetime
    queue: Queue = Queue.ALL
    selected: bool = False

    @property
    def need_code(self) -> Need:
        return Need.STOP if self._is_stop else next_need(self.case, self.queue)

    @property
    def _is_stop(self) -> bool:
        return self.case.has_stop and ABOUT.get(self.queue) not in {"to_release", "to_rebook"}

    @property
    def need(self) -> str:
        after = next_need(self.case, self.queue)
        if self._is_stop:
            return str(STOP_AND.get(after, STOP_AND[Need.NOTHING]))
        if after is Need.REPLY and self.case.message:
            return _("Reply to message")
        return str(WORDS[after])

    @property
    def why(self) -> str:
        case, followup = self.case, self.case.followup
        match self.need_code:
            case Need.STOP if case.stop:
                finding = case.stop["finding"] or _("stopped by the medicine checks")
                return f"{capfirst(case.stop['medicine'])}: {finding}"
            case Need.RELEASE:
                return cast(str, case.result_title)
            case Need.REBOOK:
                return f"{FollowUpKind(followup['kind']).label}: {followup['reason']}"
            case Need.OFFER:
                return f"{FollowUpKind(followup['kind']).label}: {followup['note'] or followup['reason']}"
        return f"“{_to_a_whole_word(case.message or case.excerpt)}”"

    @property
    def level(self) -> str:
        return LEVELS.get(self.case.risk, "routine")

    @property
    def priority(self) -> str:
        if self.case.risk == 0:
            return _("Safety")
        if self.case.status == Status.NEW:
            return _("Not triaged")
        return str(Urgency(self.case.urgency).label)

    @property
    def due_at(self) -> datetime | None:
        """The promise; None for what has no promised time."""
        return None if self.need_code in {Need.RELEASE, Need.NOTHING} else self.case.due

    @property
    def due(self) -> str:
        if self.need_code is Need.STOP:
            return _("now")
        if self.case.followup and self.need_code in {Need.REBOOK, Need.OFFER}:
            on = date.fromisoformat(self.case.followup["on"])
            return times.days_late(on, timezone.localdate()) if self.late else times.by_day(on)
        return times.promised(self.due_at, self.now) if self.due_at else ""

    @property
    def late(self) -> bool:
        """Said in words too; a medicine stop is due at once."""
        if self.need_code is Need.STOP:
            return True
        if self.need_code in {Need.REBOOK, Need.OFFER} and self.case.followup:
            return date.fromisoformat(self.case.followup["on"]) < timezone.localdate()
        return self.due_at is not None and self.due_at < self.now

    @property
    def waiting_since(self) -> datetime:
        since = self.case.result_at if self.need_code is Need.RELEASE else self.case.waiting_since
        return cast(datetime, since)

    @property
    def waiting(self) -> str:
        if self.need_code in {Need.REBOOK, Need.OFFER, Need.NOTHING}:
            return ""
        return times.waited(self.waiting_since, self.now)

    @property
    def name(self) -> str:
        return cast(str, self.case.patient.name)

    @property
    def identity(self) -> str:
        return f"{self.case.patient.get_sex_display()}, {self.case.patient.age()}"

    @property
    def ref(self) -> str:
        return cast(str, self.case.ref)

    @property
    def owner(self) -> str:
        if self.case.owner is None:
            return _("Nobody yet")
        return _("You") if self.case.owner_id == self.by.pk else self.case.owner.name

    @property
    def url(self) -> str:
        return reverse("clinicians:case", args=[self.case.ref])


def _to_a_whole_word(excerpt: str) -> str:
    """The database cuts at a character; what was cut ends with the last whole word."""
    words = " ".join(excerpt.split())
    if len(excerpt) < EXCERPT or " " not in words:
        return words
    return f"{words.rsplit(' ', 1)[0].rstrip('.,;:')}…"


class RowSerializer(serializers.Serializer[Any]):
    ref = serializers.CharField()
    url = serializers.CharField()
    name = serializers.CharField()
    identity = serializers.CharField()
    department = serializers.CharField(source="case.department.name")
    status = serializers.CharField(source="case.status")
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
    selected = serializers.BooleanField()
