"""The part of a follow-up's page about its time: what is booked, who waits, and what may be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from patients.models import Appointment, FollowUp, WaitingListEntry, free_times
from patients.models.booking import AT_A_TIME
from patients.models.followups import FollowUpStatus
from patients.rules.free_slots import FreeSlot
from patients.views.own import may
from portal import access
from portal.access import Permission
from portal.asked import SignedIn


@dataclass(frozen=True, slots=True)
class Choice:
    """A free time as a page offers it."""

    value: str
    starts: datetime
    name: str
    place: str
    is_owner: bool


def shown(request: SignedIn, followup: FollowUp) -> dict[str, Any]:
    booked = access.read_many(
        Appointment.objects.filter(followup=followup).booked().select_related("clinician"), by=request.actor
    )
    waiting = access.read_many(WaitingListEntry.objects.filter(followup=followup).open(), by=request.actor)
    entry = waiting[0] if waiting else None
    is_open = followup.status != FollowUpStatus.CLOSED and followup.kind in AT_A_TIME
    return {
        "appointment": booked[0] if booked else None,
        "waiting": entry,
        "offered": entry.offered if entry and entry.is_offered(timezone.now()) else None,
        "can_book": is_open and may(request, Permission.APPOINTMENT_BOOK),
    }


def by_day(slots: Iterable[FreeSlot], followup: FollowUp) -> list[tuple[date, list[Choice]]]:
    """On the reader's clock, a day after the other; whose follow-up it is comes first at the same hour."""
    found = list(slots)
    names = free_times.names_of(found)
    choices = [Choice(one.token, one.starts, names[one.who], one.place, one.who == followup.owner_id) for one in found]
    choices.sort(key=lambda one: (one.starts, not one.is_owner, one.name))
    return [(day, list(of_day)) for day, of_day in groupby(choices, key=lambda one: timezone.localdate(one.starts))]
