"""What somebody does with what they were told."""

from __future__ import annotations

from portal.access import Actor, Permission
from portal.models import Notification
from portal.verbs import verb


@verb(Permission.NOTIFICATION_READ)
def open_notification(notification: Notification, *, by: Actor) -> Notification:
    """Mark as read, on the way to what it speaks of."""
    notification.seen()
    return notification
