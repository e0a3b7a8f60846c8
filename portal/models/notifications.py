"""What a person is told in the portal; the e-mail beside it is a row of the outbox."""

from __future__ import annotations

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
    rule = Rule(Permission.NOTIFICATION_READ, account="user", writes_for_others=True)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(Record):
    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    path = models.CharField(max_length=200)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("user",), name="notification_unread", condition=Q(read_at=None)),)

    @classmethod
    def queue(cls, user: User, purpose: Purpose, *, path: str) -> Notification:
        """Tell `user` in the portal, and by an e-mail that says only that there is something to read."""
        told = cls.objects.create(user=user, purpose=purpose, path=path)
        # Not `path` itself: an address can say that there is a result.
        Delivery.queue(user, purpose, key=f"notification:{told.pk}", words={"path": f"/my/notifications/{told.pk}/"})
        return told

    def seen(self) -> None:
        if self.read_at is None:
            self.read_at = timezone.now()
            self.save(update_fields=["read_at"])
