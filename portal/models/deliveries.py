"""The outbox: one row is one telling of something to one person by one channel.

    pending → leased → sending → sent
                         ↘ uncertain (cut off after the body was armed) → sent | pending, flagged
    pending | leased → cancelled          leased, sending → pending (said no for now) | dead (said no)

A row is safe to fail until it is armed (`sending`). Leases run by the database's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid4

from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models.accounts import User
from portal.models.record import Record, RecordQuerySet

LEASE = timedelta(seconds=60)
DEATHS_ALLOWED = 3
FIRST_BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=1)


class State(models.TextChoices):
    PENDING = "pending", _("Waiting for its time")
    LEASED = "leased", _("About to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    UNCERTAIN = "uncertain", _("Perhaps sent")
    DEAD = "dead", _("Could not be sent")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.LEASED, State.CANCELLED, State.DEAD}),
    State.LEASED: frozenset({State.SENDING, State.PENDING, State.CANCELLED, State.DEAD}),
    State.SENDING: frozenset({State.SENT, State.PENDING, State.UNCERTAIN, State.DEAD}),
    State.UNCERTAIN: frozenset({State.SENT, State.PENDING, State.DEAD}),
    State.SENT: frozenset(),
    State.DEAD: frozenset(),
    State.CANCELLED: frozenset(),
}


class Purpose(models.TextChoices):
    """Why somebody is told. The wording is the template of this name; it has no clinical word."""

    NEW_REPLY = "new_reply", _("A reply")
    NEW_MESSAGE = "new_message", _("A message")
    RESULT_RELEASED = "result_released", _("Something new to read")
    CONSENT_ASKED = "consent_asked", _("A question for you")
    FOLLOWUP_PLANNED = "followup_planned", _("A follow-up was planned")
    FOLLOWUP_REMINDER = "followup_reminder", _("A reminder")
    NEW_DEVICE = "new_device", _("A sign-in from a new device")
    ACCOUNT_CHANGED = "account_changed", _("A change of how you sign in")


class DeliveryQuerySet(RecordQuerySet["Delivery"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        return self.filter(access.reach(by, to or Permission.NOTIFICATION_READ).q(own="recipient"))

    def due(self, at: datetime) -> Self:
        return self.filter(state=State.PENDING, due_at__lte=at).order_by("due_at")

    def lapsed(self, at: datetime) -> Self:
        """Held by a sender that has not been heard of since its lease ended."""
        return self.filter(state__in=(State.LEASED, State.SENDING), lease_until__lt=at)


class Delivery(Record):
    recipient = models.ForeignKey(User, models.CASCADE, related_name="deliveries")
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    # Words for the template: a date, a place, a path of the portal. Never anything clinical.
    words = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120, unique=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    message_id = models.CharField(max_length=120, unique=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)
    possible_duplicate = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("due_at",), name="delivery_due", condition=Q(state="pending")),
            models.Index(fields=("lease_until",), name="delivery_lapsed", condition=Q(state__in=("leased", "sending"))),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="delivery_sent_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("leased", "sending")) | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="delivery_leased",
            ),
        )

    @classmethod
    def queue(
        cls,
        recipient: User,
        purpose: Purpose,
        *,
        key: str,
        due_at: datetime | None = None,
        words: dict[str, Any] | None = None,
    ) -> Delivery:
        """One row for this key, however often it is asked for."""
        row, _made = cls.objects.get_or_create(
            dedupe_key=key,
            defaults={
                "recipient": recipient,
                "purpose": purpose,
                "words": words or {},
                "due_at": due_at or timezone.now(),
                "message_id": f"<{uuid4()}@{settings.SITE_HOST}>",
            },
        )
        return row

    def move_to(self, state: State, **fields: Any) -> None:
        if state not in MOVES[State(self.state)]:
            raise IllegalMove("deliveries.move", self, f"{self.state} → {state}")
        self.state = state
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *fields])

    def lease(self, now: datetime) -> UUID:
        token = uuid4()
        self.move_to(State.LEASED, lease_token=token, lease_until=now + LEASE, tries=self.tries + 1)
        return token

    def cancel(self) -> None:
        """Not to be sent any more. What is being sent or was sent stays as it is."""
        if State.CANCELLED in MOVES[State(self.state)]:
            self.move_to(State.CANCELLED)

    def back_off(self, now: datetime, trouble: str) -> None:
        """Try again later: 30 s, then twice as long each time, at most an hour."""
        wait = min(FIRST_BACK_OFF * 2 ** min(self.tries, 10), LONGEST_BACK_OFF)
        self.move_to(State.PENDING, due_at=now + wait, lease_token=None, lease_until=None, trouble=trouble[:200])
