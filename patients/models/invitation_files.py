"""The file that goes with a mail about a time: made of the mail's own words, since who sends it reads nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import translation

from patients.exchange.calendar import Entry, file_of
from portal.models.deliveries import Delivery, Purpose

TOLD: Final = frozenset({Purpose.FOLLOWUP_PLANNED, Purpose.FOLLOWUP_MOVED, Purpose.FOLLOWUP_CANCELLED})


def invitation_for(delivery: Delivery) -> bytes | None:
    """What goes with a mail about a time that was agreed, changed or called off; nothing with any other."""
    said = delivery.words
    if delivery.purpose not in TOLD or "starts" not in said:
        return None
    entry = Entry(
        of=said["followup"],
        sequence=said["sequence"],
        written_at=delivery.created_at,
        starts=datetime.fromisoformat(said["starts"]),
        ends=datetime.fromisoformat(said["ends"]),
        path=said["path"],
        place=said.get("place", ""),
        is_cancelled=delivery.purpose == Purpose.FOLLOWUP_CANCELLED,
    )
    with translation.override(settings.LANGUAGE_CODE):
        return file_of([entry], method="CANCEL" if entry.is_cancelled else "PUBLISH")
