"""What every invitation has in common: sent to one address, open for a week, accepted or revoked once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self, TypeVar

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.access import Actor, IllegalMove, Permission, Principal
from portal.models.accounts import User
from portal.models.deliveries import Delivery, Purpose
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule, addressed

I = TypeVar("I", bound="Invited", covariant=True)  # noqa: E741
LIFE = timedelta(days=7)


class State(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


# What somebody who comes too late is told.
TOO_LATE = {
    State.EXPIRED: gettext_lazy("This invitation has expired. Ask the clinic to send it again."),
    State.ACCEPTED: gettext_lazy("This invitation has been used already."),
    State.REVOKED: gettext_lazy("The clinic has taken this invitation back."),
}


@dataclass(frozen=True, slots=True)
class InvitedRule(Rule):
    """Who keeps it; and, to accept it, whoever has confirmed the address it was sent to."""

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        found = super(InvitedRule, self).q(by, to)
        if isinstance(by, Principal) or to not in (None, Permission.INVITATION_ACCEPT) or not by.is_active:
            return found
        return found | addressed_to(by)

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        return [*super(InvitedRule, self).ways(table, writing=writing), addressed(table)]


def addressed_to(by: User) -> Q:
    """Sent to an address that this account has confirmed. What it only claims to have does not count."""
    mine = EmailAddress.objects.filter(user=by, verified=True)
    return Q(email__in=mine.values(mine=Lower("email")))


class InvitedQuerySet(RecordQuerySet[I]):
    def unanswered(self) -> Self:
        """Neither accepted nor revoked; it may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invited(Record):
    """A row that its mail's link leads to. The key in the link is made when the mail is written, and kept nowhere."""

    email = models.EmailField()
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    PURPOSE: ClassVar[Purpose]

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="%(class)s_accepted_at_by",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="%(class)s_revoked_at_by",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True), name="%(class)s_answered_once"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="%(class)s_email_is_lower"),
        )

    @property
    def state(self) -> State:
        if self.accepted_at:
            return State.ACCEPTED
        if self.revoked_at:
            return State.REVOKED
        return State.OPEN if timezone.now() < self.expires_at else State.EXPIRED

    def must_be(self, *states: State) -> None:
        """Raises IllegalMove, in words for whoever is too late."""
        if self.state not in states:
            raise IllegalMove("invitation", self, str(TOO_LATE.get(self.state, _("This invitation is still open."))))

    def send(self, **words: str) -> None:
        """Open for a week from now, and a mail with the link on its way."""
        self.call_back()
        self.expires_at = timezone.now() + LIFE
        self.times_sent += 1
        self.save()
        Delivery.queue(self.email, self.PURPOSE, key=self._mail_key, words={"invitation": str(self.pk), **words})

    def accept(self, by: User) -> None:
        self.accepted_at, self.accepted_by = timezone.now(), by
        self.save(update_fields=["accepted_at", "accepted_by"])

    def revoke(self, by: User) -> None:
        self.revoked_at, self.revoked_by = timezone.now(), by
        self.save(update_fields=["revoked_at", "revoked_by"])
        self.call_back()

    def call_back(self) -> None:
        """The last mail, where it has not gone yet."""
        for mail in Delivery.objects.filter(dedupe_key=self._mail_key).select_for_update():
            mail.cancel()

    @property
    def _mail_key(self) -> str:
        return f"{self._meta.model_name}:{self.pk}:{self.times_sent}"
