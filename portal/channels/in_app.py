"""In the portal itself: a notification, which stands or does not; nothing is uncertain."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.models.deliveries import Delivery
from portal.models.notifications import Notification


class InAppLine:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        return None

    def offer(self, delivery: Delivery) -> None:
        if delivery.recipient is None:
            raise ValueError("nobody without an account is told in the portal")

    def finish(self, delivery: Delivery) -> str:
        """Once for each delivery: its key is the notification's."""
        with acting_as(SYSTEM):
            Notification.objects.bulk_create(
                [
                    Notification(
                        pk=delivery.pk,
                        user=delivery.recipient,
                        purpose=delivery.purpose,
                        path=delivery.words["path"],
                    )
                ],
                ignore_conflicts=True,
            )
        return ""
