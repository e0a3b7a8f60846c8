"""In the portal itself: a notification, which stands or does not; nothing is uncertain."""

from __future__ import annotations

import struct
from uuid import UUID

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.channels import OneByOne
from portal.models.deliveries import Delivery
from portal.models.notifications import Notification


class InAppLine(OneByOne):
    def offer_one(self, delivery: Delivery) -> None:
        if delivery.recipient is None:
            raise ValueError("nobody without an account is told in the portal")

    def finish_one(self, delivery: Delivery) -> str:
        """Once for each delivery: its key and its time make the notification's."""
        assert delivery.recipient_id is not None
        with acting_as(SYSTEM):
            Notification.objects.bulk_create(
                [
                    Notification(
                        pk=key_of(delivery),
                        user_id=delivery.recipient_id,
                        purpose=delivery.purpose,
                        path=delivery.words["path"],
                    )
                ],
                ignore_conflicts=True,
            )
        return ""


def key_of(delivery: Delivery) -> UUID:
    """UUIDv7 (RFC 9562) of when it was due, the rest from its own key: in order of time, and the same each time."""
    milliseconds = struct.pack(">Q", int(delivery.due_at.timestamp() * 1000))[2:]
    rest = delivery.pk.bytes
    return UUID(bytes=milliseconds + bytes([0x70 | rest[6] & 0x0F]) + rest[7:])
