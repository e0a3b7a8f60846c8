"""The outbox: one row is one telling of something to one person by one channel.

    pending → leased → sending → sent
                         ↘ uncertain (cut off after the body was armed) → looked up: sent | pending;
                                     nobody can tell: pending, flagged
    pending | leased → cancelled          leased, sending → pending (said no for now) | dead (said no)
    dead → pending | cancelled (a person decided)

A row is safe to fail until it is armed (`sending`). Leases run by the database's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid4

from portal.access import IllegalMove, Permission
from portal.models.accounts import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

DEATHS_ALLOWED = 3
FIRST_BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=1)


class Channel(models.TextChoices):
    """How somebody is told. What each speaks: portal/channels/."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    PUSH = "push", _("Notice on a device")
    IN_APP = "in_app", _("In the portal")


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
    # By a person who has looked at it.
    State.DEAD: frozenset({State.PENDING, State.CANCELLED}),
    State.CANCELLED: frozenset(),
}


class Purpose(models.TextChoices):
    """Why somebody is told. The wording is the template of this name; it has no clinical word."""

    NEW_REPLY = "new_reply", _("A reply")
    NEW_MESSAGE = "new_message", _("A message")
    CASE_HANDED = "case_handed", _("A case was given to you, or taken over from you")
    RESULT_RELEASED = "result_released", _("Something new to read")
    CONSENT_ASKED = "consent_asked", _("A question for you")
    FOLLOWUP_PLANNED = "followup_planned", _("A follow-up was planned")
    FOLLOWUP_REMINDER = "followup_reminder", _("A reminder")
    CASE_NEARLY_DUE = "case_nearly_due", _("An answer is nearly due")
    CASE_OVERDUE = "case_overdue", _("An answer is late")
    CASE_LONG_OVERDUE = "case_long_overdue", _("An answer is very late")
    FOLLOWUP_MISSED = "followup_missed", _("A follow-up was missed")
    FOLLOWUP_MOVED = "followup_moved", _("A follow-up has another time")
    FOLLOWUP_CANCELLED = "followup_cancelled", _("A follow-up was called off")
    MISSED_YOU = "missed_you", _("We missed you")
    SLOT_FREE = "slot_free", _("An earlier time is free")
    CONTACT_CODE = "contact_code", _("A code that confirms a telephone number")
    DELIVERIES_ALARM = "deliveries_alarm", _("Reminders need a person")
    TRUST_OFFERED = "trust_offered", _("Somebody trusts you")
    TRUST_ACCEPTED = "trust_accepted", _("Somebody accepted your trust")
    GLASS_BROKEN = "glass_broken", _("Your record was opened in an emergency")
    GLASS_BROKEN_WATCH = "glass_broken_watch", _("A record was opened in an emergency")
    STAFF_INVITED = "staff_invited", _("An invitation to work here")
    PATIENT_INVITED = "patient_invited", _("An invitation to one's record")
    INVITATION_ACCEPTED = "invitation_accepted", _("An invitation was accepted")
    INVITATION_STOPPED = "invitation_stopped", _("An invitation was stopped")
    AUDIT_TIP = "audit_tip", _("The newest seal of the audit trail")
    AUDIT_ALARM = "audit_alarm", _("The audit trail differs from its copy")
    RED_FLAG = "red_flag", _("Something that can't wait")
    ACCESS_QUESTION = "access_question", _("A question about who looked")
    ACCESS_ANSWER = "access_answer", _("An answer about who looked")
    NEW_DEVICE = "new_device", _("A sign-in from a new device")
    ACCOUNT_CHANGED = "account_changed", _("A change of how you sign in")


# What one may be told by; the portal itself tells everything in any case.
OUTSIDE = [(channel.value, channel.label) for channel in Channel if channel is not Channel.IN_APP]


class SuppressionReason(models.TextChoices):
    STOP = "stop", _("They asked us to stop")
    BOUNCE = "bounce", _("It does not exist, or takes nothing")
    COMPLAINT = "complaint", _("They called it unwanted")


class SuppressionQuerySet(RecordQuerySet["Suppression"]):
    rule = Rule(Permission.CONTACT_READ, account="user", for_system=True, is_watched=True)

    def standing(self) -> Self:
        return self.filter(lifted_at=None)


class Suppression(Record):
    """An address or number to which nothing is sent, from the moment this row stands until it is lifted."""

    # Whose it is, where an account has it.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="suppressions")
    channel = models.CharField(max_length=6, choices=OUTSIDE)
    # In small letters, or E.164.
    address = models.CharField(max_length=500)
    reason = models.CharField(max_length=10, choices=SuppressionReason.choices)
    lifted_at = models.DateTimeField(null=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "address"), name="suppression_once", condition=Q(lifted_at=None)
            ),
        )


class DeliveryQuerySet(RecordQuerySet["Delivery"]):
    # The sender's, and who runs the clinic's; whoever may see a reminder sees its telling too (patients/walls.py).
    rule = Rule(Permission.DELIVERY_READ, is_watched=True, for_system=True, writes_for_others=True)

    def due(self, at: datetime) -> Self:
        return self.filter(state=State.PENDING, due_at__lte=at).order_by("due_at")

    def with_address(self) -> Self:
        """With the name and address of whom it goes to: of the account the sender may read no more."""
        own = (field.name for field in self.model._meta.concrete_fields)
        return self.select_related("recipient").only(*own, "recipient__name", "recipient__email")

    def lapsed(self, at: datetime) -> Self:
        """Held by a sender that has not been heard of since its lease ended."""
        return self.filter(state__in=(State.LEASED, State.SENDING), lease_until__lt=at)


class Delivery(Record):
    # An account, or (for who has none yet) a bare address: never both.
    recipient = models.ForeignKey(User, models.CASCADE, null=True, related_name="deliveries")
    address = models.EmailField(blank=True)
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.EMAIL)
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    # Words for the template: a date, a place, a path of the portal. Never anything clinical.
    words = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120, unique=True)
    due_at = models.DateTimeField()
    # After this there is no use in it: a reminder of what has been. Null: late is better than never.
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    message_id = models.CharField(max_length=120, unique=True)
    # What its provider calls it: by this name the provider reports what became of it.
    provider_id = models.CharField(max_length=120, blank=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)
    possible_duplicate = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
    # It was taken, and came back later: reported by the provider.
    bounced_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("due_at",), name="delivery_due", condition=Q(state="pending")),
            models.Index(fields=("lease_until",), name="delivery_lapsed", condition=Q(state__in=("leased", "sending"))),
            # How often somebody was told lately.
            models.Index(fields=("recipient", "channel", "sent_at"), name="delivery_told", condition=Q(state="sent")),
            models.Index(fields=("provider_id",), name="delivery_provider", condition=~Q(provider_id="")),
            # What a person has to look at.
            models.Index(
                fields=("state", "due_at"), name="delivery_trouble", condition=Q(state__in=("dead", "uncertain"))
            ),
            models.Index(fields=("due_at",), name="delivery_flagged", condition=Q(possible_duplicate=True)),
            models.Index(fields=("bounced_at",), name="delivery_bounced", condition=Q(bounced_at__isnull=False)),
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
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, address="") | Q(recipient__isnull=True) & ~Q(address=""),
                name="delivery_to_account_or_address",
            ),
        )

    @property
    def to(self) -> str:
        """The e-mail address; what another channel sends to is found by its line."""
        return self.recipient.email if self.recipient else self.address

    @property
    def name(self) -> str:
        """How the mail greets; nothing for an address of which we don't know whose it is."""
        return self.recipient.name if self.recipient else str(self.words.get("name", ""))

    @staticmethod
    def pk_of(key: str) -> UUID:
        return uuid5(NAMESPACE_OID, key)

    @staticmethod
    def queue(
        recipient: User | str,
        purpose: Purpose,
        *,
        key: str,
        channel: Channel = Channel.EMAIL,
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
        words: dict[str, Any] | None = None,
    ) -> Delivery:
        """One row for this key, however often it is asked for. `recipient` is an account or an address.

        Who asks may not read what others are told, so its id is made of the key and a second row is let fall.
        """
        row = Delivery.made(
            recipient, purpose, key=key, channel=channel, due_at=due_at, expires_at=expires_at, words=words
        )
        Delivery.objects.bulk_create([row], ignore_conflicts=True)
        return row

    @staticmethod
    def made(
        recipient: User | str,
        purpose: Purpose,
        *,
        key: str,
        channel: Channel = Channel.EMAIL,
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
        words: dict[str, Any] | None = None,
    ) -> Delivery:
        """The row, not yet written. Its Message-ID is made of the key too: a mail server's log can be asked for it
        also after the row itself was lost.
        """
        to: dict[str, Any] = {"address": recipient} if isinstance(recipient, str) else {"recipient": recipient}
        return Delivery(
            pk=Delivery.pk_of(key),
            dedupe_key=key,
            **to,
            channel=channel,
            purpose=purpose,
            words=words or {},
            due_at=due_at or timezone.now(),
            expires_at=expires_at,
            message_id=f"<{Delivery.pk_of(key)}@{settings.SITE_HOST}>",
        )

    def move_to(self, state: State, **fields: Any) -> None:
        if state not in MOVES[State(self.state)]:
            raise IllegalMove("deliveries.move", self, f"{self.state} → {state}")
        self.state = state
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *fields])

    def lease(self, now: datetime) -> UUID:
        token, lease = uuid4(), timedelta(seconds=settings.LEASE_SECONDS)
        self.move_to(State.LEASED, lease_token=token, lease_until=now + lease, tries=self.tries + 1)
        return token

    def cancel(self) -> None:
        """Not to be sent any more. What is being sent or was sent stays as it is."""
        if self.state in (State.PENDING, State.LEASED):
            self.move_to(State.CANCELLED)

    def is_suppressed(self) -> bool:
        """Whether nothing may be sent to where this goes."""
        standing = Suppression.objects.filter(channel=self.channel, address=self.to.lower(), lifted_at=None)
        return standing.exists()

    def back_off(self, now: datetime, trouble: str, *, at_once: bool = False) -> None:
        """Try again later: 30 s, then twice as long each time, at most an hour. `at_once`: nothing is wrong with it."""
        wait = timedelta() if at_once else min(FIRST_BACK_OFF * 2 ** min(self.tries, 10), LONGEST_BACK_OFF)
        self.move_to(State.PENDING, due_at=now + wait, lease_token=None, lease_until=None, trouble=trouble[:200])


class Outcome(models.TextChoices):
    """What became of one attempt."""

    SENT = "sent", _("Sent")
    NOT_NOW = "not_now", _("Not taken for now")
    NEVER = "never", _("Refused")
    UNCERTAIN = "uncertain", _("Cut off: perhaps sent")
    LOST = "lost", _("Its sender was lost")
    FOUND = "found", _("Looked up: it had been sent")
    NOT_FOUND = "not_found", _("Looked up: it had not been sent")
    HELD_BACK = "held_back", _("Held back: told often enough, asked not to be, or too late")


class AttemptQuerySet(RecordQuerySet["Attempt"]):
    rule = Rule(Permission.DELIVERY_READ, is_watched=True, for_system=True)


class Attempt(Record):
    """What one sender did about one delivery. Only ever added: the trail of sending, in the place of audit events."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts")
    token = models.UUIDField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    trouble = models.CharField(max_length=200, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")


class OutboxQuerySet(RecordQuerySet["Outbox"]):
    rule = Rule(Permission.DELIVERY_READ, is_watched=True, for_system=True)


class Outbox(Record):
    """The one outbox: whether it may send at all, and when it was last seen alive.

    A database that was put back from a copy is `held`: what was sent since the copy is not known to it.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    held_at = models.DateTimeField(null=True)
    held_because = models.CharField(max_length=200, blank=True)
    # The server and its history that this outbox has sent from: "identifier/timeline/oid".
    home = models.CharField(max_length=80, blank=True)
    swept_at = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(only=True), name="outbox_is_one"),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_because="") | Q(held_at__isnull=False) & ~Q(held_because=""),
                name="outbox_held_because",
            ),
        )

    @classmethod
    def the(cls) -> Outbox:
        outbox, _made = cls.objects.get_or_create(only=True)
        return outbox

    @staticmethod
    def here() -> str:
        """This server, its history, and this database of it: others after a restore, from a dump or a base backup."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT timeline_id FROM pg_control_checkpoint()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return "/".join(str(part) for part in cursor.fetchone())

    @staticmethod
    def not_swept_lately() -> Q:
        """It is written down every few seconds, not by every sender each time."""
        return Q(swept_at=None) | Q(swept_at__lt=timezone.now() - timedelta(seconds=5))
