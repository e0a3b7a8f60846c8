"""A private address under which somebody's own calendar program finds their follow-ups."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule


class CalendarFeedQuerySet(RecordQuerySet["CalendarFeed"]):
    rule = Rule(Permission.FEED_READ, account="user", for_system=True)


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
