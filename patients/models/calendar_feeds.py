"""A private address under which somebody's own calendar program finds their follow-ups."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule


class CalendarFeedQuerySet(RecordQuerySet["CalendarFeed"]):
    rule = Rule(Permission.FEED_READ, account="user", for_system=True)

    def live(self) -> Self:
        return self.filter(revoked_at=None)

    def with_key(self, key: str) -> Self:
        return self.live().filter(key_digest=digest_of(key), user__is_active=True).select_related("user")

    def revoke(self) -> int:
        return self.update(revoked_at=timezone.now())


class CalendarFeed(Record):
    """Its key is known to its owner alone; kept here is only a digest of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    key_digest = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(null=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user",), name="calendar_feed_one", condition=Q(revoked_at=None)),
        )

    @classmethod
    def begin(cls, user: User) -> tuple[CalendarFeed, str]:
        """The row, and its key: this is the only moment at which anybody has it."""
        key = secrets.token_urlsafe(32)
        return cls.objects.create(user=user, key_digest=digest_of(key)), key


def digest_of(key: str) -> str:
    """Without salt or stretching: the key has 256 bits of its own."""
    return sha256(key.encode()).hexdigest()
