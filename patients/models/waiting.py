"""Who waits for an earlier time, as the clock sees them, and the time it offers: dates, and no word of what for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.expressions import RawSQL

from patients.models.appointments import Appointment, WaitingListEntry
from patients.models.followups import FollowUp, FollowUpStatus
from patients.models.free_times import FreeOfDepartment, names_of
from patients.rules.free_slots import FreeSlot
from patients.rules.reminder_times import Slot, Wishes, at_once
from portal.models import ContactPreference, Delivery, Department, User
from portal.models.contact_points import ways_of
from portal.models.deliveries import Channel, Purpose
from portal.rules.local_time import wall_clock

OFFERED_FOR: Final = timedelta(hours=24)
# So long before it begins a time is offered to nobody any more.
LAST_HOURS: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Waiter:
    entry: WaitingListEntry
    place: UUID
    user: User
    zone: str


@dataclass(frozen=True)
class Offer:
    slot: FreeSlot
    told_at: datetime
    until: datetime


def worth_asking(at: datetime) -> list[UUID]:
    """Those for whom there is something to do: looked at first, so that the trail holds what was done and no tries."""
    window = {"first": F("followup__earliest_on"), "last": F("followup__latest_on")}
    rows = list(_with_place(WaitingListEntry.objects.open()).exclude(offered_until__gt=at).annotate(**window))
    free = _free_where(rows, at)
    return [entry.pk for entry in rows if entry.offered or _is_served(entry, at, free[entry.place])]


def lock(entry: UUID) -> Waiter | None:
    """The entry while it is open; None when it was ended, or nobody could be told."""
    rows = WaitingListEntry.objects.open().filter(pk=entry).select_for_update(of=("self",))
    return _waiter(_with_place(rows).first())


def offer_for(waiter: Waiter, at: datetime, free: FreeOfDepartment | None = None) -> Offer | None:
    """The first time before theirs, in their window, that was not offered to them before, nor is now to others.

    `free` is what is free in their department at this moment, where that was worked out for others too.
    """
    entry = waiter.entry
    dates = FollowUp.objects.filter(pk=entry.followup_id).exclude(status=FollowUpStatus.CLOSED)
    window = dates.values_list("earliest_on", "latest_on").first()
    if window is None:
        return None
    # Of an appointment the clock reads its time.
    booked = Appointment.objects.filter(followup_id=entry.followup_id).booked().values_list("span", flat=True).first()
    gone = {*entry.passed_over, *([entry.offered.lower] if entry.offered else []), *_offered_to_others(entry, at)}
    free = free or FreeOfDepartment.between(Department.objects.with_hours().get(pk=waiter.place), *window, at)
    for slot in free.within(*window):
        if booked and slot.starts >= booked.lower:
            return None
        is_theirs = entry.clinician_id in (None, slot.who) and slot.who != waiter.user.pk
        offer = _offered(slot, waiter, at) if is_theirs and slot.starts not in gone else None
        if offer:
            return offer
    return None


def tell(waiter: Waiter, offer: Offer) -> None:
    """By their first way, and in the portal."""
    local = wall_clock(offer.slot.starts, waiter.zone)
    words = {
        "day": local.date().isoformat(),
        "time": local.time().isoformat("minutes"),
        "zone": waiter.zone,
        "with": names_of([offer.slot])[offer.slot.who],
        "place": offer.slot.place,
        "path": f"/my/follow-ups/{waiter.entry.followup_id}/",
    }
    for channel in (ways_of(waiter.user)[0], Channel.IN_APP):
        Delivery.queue(
            waiter.user,
            Purpose.SLOT_FREE,
            key=f"waiting:{waiter.entry.pk}:{offer.slot.starts:%Y%m%dT%H%MZ}:{channel}",
            channel=channel,
            due_at=offer.told_at,
            expires_at=offer.until,
            words=words,
        )


def _with_place(rows: Any) -> Any:
    return rows.annotate(place=RawSQL('"patients_waitinglistentry"."department_id"', []))


def _free_where(entries: Sequence[Any], at: datetime) -> dict[UUID, FreeOfDepartment]:
    """Of each department in which somebody waits, for all of them together."""
    places = Department.objects.with_hours().in_bulk({entry.place for entry in entries})
    windows = {pk: [(one.first, one.last) for one in entries if one.place == pk] for pk in places}
    return {
        pk: FreeOfDepartment.between(
            place, min(first for first, _last in windows[pk]), max(last for _first, last in windows[pk]), at
        )
        for pk, place in places.items()
    }


def _is_served(entry: Any, at: datetime, free: FreeOfDepartment) -> bool:
    waiter = _waiter(entry)
    return waiter is not None and offer_for(waiter, at, free) is not None


def _waiter(entry: Any) -> Waiter | None:
    told = _told(entry.patient_id) if entry else None
    if told is None:
        return None
    users = User.objects.only("id", "name", "email", "is_active", "time_zone")
    user = users.filter(pk=told[0], is_active=True).first()
    return Waiter(entry, entry.place, user, told[1]) if user else None


def _offered(slot: FreeSlot, waiter: Waiter, at: datetime) -> Offer | None:
    """Not where its time runs out before the person may be woken."""
    wish = ContactPreference.of(waiter.user)
    told_at = at_once(Slot.BOOKED, at, waiter.zone, Wishes(wish.quiet_from, wish.quiet_until)).due_at
    until = min(told_at + OFFERED_FOR, slot.starts - LAST_HOURS)
    return Offer(slot, told_at, until) if told_at < until else None


def _offered_to_others(entry: WaitingListEntry, at: datetime) -> Iterable[datetime]:
    others = WaitingListEntry.objects.open().exclude(pk=entry.pk).filter(offered_until__gt=at)
    return [one.lower for one in others.values_list("offered", flat=True) if one]


def _told(patient: UUID) -> tuple[UUID, str] | None:
    """Whose account their messages go to, and by which clock; the clock reads nothing else of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, time_zone FROM fascicle_told(ARRAY[%s]::uuid[])", [patient])
        found = cursor.fetchone()
    return (found[0], found[1]) if found and found[0] else None
