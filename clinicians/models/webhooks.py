"""Telling other systems that something happened to a case: that, where and when, and no word of what.

    a verb → Occurrence (in its transaction) → WebhookDelivery, one for each webhook that asks for it → sent | dead

An occurrence is let go of once it is spread, so no place in the trail has to be remembered, and none is skipped.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.models import Case
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

# By the verb, or the name that is told by hand (portal/occurrences.py): what kind of event it is.
KINDS: Mapping[str, str] = {
    "cases.open_case": "case.opened",
    "cases.triage": "case.triaged",
    "cases.send_message": "case.message_received",
    "cases.reply": "case.replied",
    "cases.close": "case.closed",
    "results.release": "result.released",
    "followups.plan": "followup.planned",
    "followups.close": "followup.closed",
    "red_flags.raise_flag": "red_flag.raised",
}
KIND_WORDS: Mapping[str, Promise | str] = {
    "case.opened": _("A patient has opened a case"),
    "case.triaged": _("A case was triaged"),
    "case.message_received": _("A patient has written"),
    "case.replied": _("The clinic has replied"),
    "case.closed": _("A case was closed"),
    "result.released": _("A result was released"),
    "followup.planned": _("A follow-up was planned"),
    "followup.closed": _("A follow-up was closed"),
    "red_flag.raised": _("A red flag was raised"),
}
LEASE = timedelta(seconds=60)
FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(seconds=30), timedelta(hours=4)
TRIED_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)


class State(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.PENDING, State.SENT, State.DEAD}),
    State.SENT: frozenset({State.PENDING}),
    State.DEAD: frozenset({State.PENDING}),
}


class WebhookQuerySet(RecordQuerySet["Webhook"]):
    rule = Rule(Permission.WEBHOOK_READ, is_watched=True, for_system=True)

    def asking_for(self, occurrence: Occurrence) -> Self:
        here = Q(department=None) | Q(department=occurrence.department_id)
        return self.filter(here, paused_at=None, kinds__contains=[occurrence.kind])


class Webhook(Record):
    name = models.CharField(max_length=60, unique=True)
    url = models.URLField(max_length=500)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="webhooks")
    kinds = ArrayField(models.CharField(max_length=40))
    # What both sides sign with. Shown when it is made, and never again.
    secret = models.CharField(max_length=80, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    paused_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (models.CheckConstraint(condition=~Q(kinds=[]), name="webhook_asks_for_something"),)

    def __str__(self) -> str:
        return self.name

    def draw_secret(self) -> str:
        self.secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        return self.secret


class OccurrenceQuerySet(RecordQuerySet["Occurrence"]):
    # Whoever does something adds one, and reads none.
    rule = Rule(Permission.WEBHOOK_READ, is_watched=True, for_system=True, writes_for_others=True)


class Occurrence(Record):
    """Something happened to a case. No key to it, as who sends reads no cases: its number, and where."""

    kind = models.CharField(max_length=40)
    case_id = models.UUIDField()
    case_ref = models.CharField(max_length=20)
    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    department_slug = models.CharField(max_length=60)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    @property
    def payload(self) -> dict[str, Any]:
        data = {"case": self.case_ref, "case_id": str(self.case_id), "department": self.department_slug}
        return {"type": self.kind, "timestamp": self.created_at.isoformat(), "data": data}


def note(name: str, subject: Any, made: Any) -> None:
    """What `portal.occurrences.tell` leads to: a row for what webhooks may ask for, nothing for all else."""
    if kind := KINDS.get(name):
        case = next((row for row in (subject, made) if isinstance(row, Case)), None) or subject.case
        Occurrence.objects.create(
            kind=kind,
            case_id=case.pk,
            case_ref=case.ref,
            department=case.department,
            department_slug=case.department.slug,
        )


class WebhookDeliveryQuerySet(RecordQuerySet["WebhookDelivery"]):
    rule = Rule(Permission.WEBHOOK_READ, is_watched=True, for_system=True)

    def due(self, at: datetime) -> Self:
        """Not of a paused webhook: they wait until it goes on."""
        return self.filter(state=State.PENDING, due_at__lte=at, webhook__paused_at=None).order_by("due_at")

    def outdated(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - KEPT_FOR)


class WebhookDelivery(Record):
    """One event for one webhook. A lease is `due_at` in the future: what a lost sender held comes up by itself."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.UUIDField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    # What was answered, or why nothing was.
    outcome = models.CharField(max_length=100, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("webhook", "event"), name="webhook_told_once"),)
        indexes = (
            models.Index(fields=("due_at",), name="webhook_due", condition=Q(state="pending")),
            models.Index(fields=("webhook", "-id"), name="webhook_deliveries"),
            models.Index(fields=("created_at",), name="webhook_told_since"),
        )

    @classmethod
    def of(cls, webhook: Webhook, occurrence: Occurrence) -> WebhookDelivery:
        now = timezone.now()
        return cls(
            webhook=webhook,
            event=occurrence.pk,
            kind=occurrence.kind,
            payload=occurrence.payload,
            due_at=now,
            give_up_at=now + TRIED_FOR,
        )

    def move_to(self, state: State, **fields: Any) -> None:
        if state not in MOVES[State(self.state)]:
            raise IllegalMove("webhooks.move", self, f"{self.state} → {state}")
        self.state = state
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *fields])

    def lease(self, now: datetime) -> None:
        self.move_to(State.PENDING, due_at=now + LEASE, tries=self.tries + 1, tried_at=now)

    def back_off(self, now: datetime, outcome: str) -> None:
        """30 s, then twice as long each time, at most four hours; after a day it is given up."""
        wait = min(FIRST_BACK_OFF * 2 ** min(self.tries - 1 if self.tries else 0, 12), LONGEST_BACK_OFF)
        if now + wait > self.give_up_at:
            self.move_to(State.DEAD, outcome=outcome[:100])
        else:
            self.move_to(State.PENDING, due_at=now + wait, outcome=outcome[:100])
