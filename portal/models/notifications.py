"""What a person is told in the portal; the e-mail beside it is a row of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.access import Permission
from portal.models.accounts import User
from portal.models.deliveries import Delivery, Purpose
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule


class NotificationQuerySet(RecordQuerySet["Notification"]):
    rule = Rule(Permission.NOTIFICATION_READ, account="user", writes_for_others=True, is_held=True)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(Record):
    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    path = models.CharField(max_length=200)
    read_at = models.DateTimeField(null=True)
    # What can still be taken back is told when it can't be any more: until then, and once undone, it is not there.
    visible_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("user",), name="notification_unread", condition=Q(read_at=None)),)

    @classmethod
    def queue(cls, user: User, purpose: Purpose, *, path: str, visible_at: datetime | None = None) -> Notification:
        """Tell `user` in the portal, and by an e-mail that says only that there is something to read."""
        told = cls.objects.create(user=user, purpose=purpose, path=path, visible_at=visible_at)
        # Not `path` itself: an address can say that there is a result.
        words = {"path": f"/my/notifications/{told.pk}/"}
        Delivery.queue(user, purpose, key=told.delivery_key, due_at=visible_at, words=words)
        return told

    @property
    def delivery_key(self) -> str:
        return f"notification:{self.pk}"

    def undo(self) -> None:
        """As if nobody had been told. Its mail is cancelled by who may."""
        self.undone_at = timezone.now()
        self.save(update_fields=["undone_at"])

    def seen(self) -> None:
        if self.read_at is None:
            self.read_at = timezone.now()
            self.save(update_fields=["read_at"])
