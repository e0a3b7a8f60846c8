"""When a person is told of a follow-up: at once, a week, three days and a day before, and on the morning itself.

- One reminder a local day at most: the message at booking replaces a reminder of the same day.
- Never in the quiet hours of the person's own clock (21:00 to 08:00 unless they chose others): what falls there
  waits until they end.
- Three days before it goes another way than the first, to who has not said that they come.
- The morning itself only for who asked for it, and only before the appointment.
- A wall time that a change of clocks skips means the moment of the change, one that comes twice its first
  coming; a whole day that a zone skips gives its reminder to the day before. So each promised day has
  exactly one instant.
- Nothing in the past, and nothing after the follow-up itself. But who chooses other hours or another zone loses no
  reminder by it: one that waited, and whose new hour has gone by, is told at once, and in the quiet hours when they
  end, unless that day has one already.

The times come from practice (weak evidence); the quiet hours are from memory of the American rules and are
the cautious side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.rules.local_time import instant, local_day, wall_clock

QUIET_FROM: Final = time(21)
QUIET_UNTIL: Final = time(8)
POLITE: Final = time(10)


class Slot(StrEnum):
    BOOKED = "booked"
    WEEK_BEFORE = "week_before"
    SECOND_WAY = "second_way"
    DAY_BEFORE = "day_before"
    SAME_DAY = "same_day"
    MISSED = "missed"


NOTHING: Final[Mapping[Slot, datetime]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose of how they are told."""

    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL
    wants_same_day: bool = False
    has_second_way: bool = False

    def is_quiet(self, wall: time) -> bool:
        return is_quiet(wall, self.quiet_from, self.quiet_until)

    @property
    def polite(self) -> time:
        return max(POLITE, self.quiet_until)

    def days_before(self) -> dict[Slot, int]:
        days = {Slot.WEEK_BEFORE: 7, Slot.SECOND_WAY: 3, Slot.DAY_BEFORE: 1, Slot.SAME_DAY: 0}
        if not self.has_second_way:
            del days[Slot.SECOND_WAY]
        if not self.wants_same_day:
            del days[Slot.SAME_DAY]
        return days


@dataclass(frozen=True, slots=True)
class ReminderTime:
    slot: Slot
    wall: datetime  # local and naive: what the person's clock shows
    due_at: datetime  # the same moment in UTC

    @property
    def on(self) -> date:
        return self.wall.date()


def is_quiet(wall: time, quiet_from: time = QUIET_FROM, quiet_until: time = QUIET_UNTIL) -> bool:
    return wall >= quiet_from or wall < quiet_until


def reminder_times(
    due_on: date,
    due_time: time | None,
    zone: str,
    *,
    now: datetime,
    wishes: Wishes | None = None,
    is_new: bool = True,
    waiting: Mapping[Slot, datetime] = NOTHING,
) -> list[ReminderTime]:
    """The reminders of a follow-up told of `now`, in order. Without `due_time` the due day counts to its end.

    `waiting`: until when those wait that were set before and have not gone. Not `is_new`: it was told before, and
    nothing is said of it at once that would take a reminder's day.
    Raises ValueError when `now` has no zone.
    """
    wishes = wishes or Wishes()
    if now.tzinfo is None:
        raise ValueError("a time without its zone cannot be placed")
    ends = ends_at(due_on, due_time, zone)
    planned = [at_once(Slot.BOOKED, now, zone, wishes)] if is_new else []
    planned += [
        _before(due_on, slot, days, wishes.quiet_until if slot is Slot.SAME_DAY else wishes.polite, zone)
        for slot, days in wishes.days_before().items()
    ]
    gone_by = [one for one in planned if one.due_at < now and one.slot in waiting]
    told = [one for one in planned if one.due_at >= now]
    # The newest first: where two have gone by, the elder one says nothing more.
    told += [_late(one.slot, waiting[one.slot], now, zone, wishes) for one in reversed(gone_by)]
    return _one_a_day([one for one in told if one.due_at < ends])


def ends_at(due_on: date, due_time: time | None, zone: str) -> datetime:
    """From when on a reminder is of no use: the appointment's start, or the end of the day."""
    return instant(due_on, due_time, zone) if due_time else instant(due_on + timedelta(days=1), time(0), zone)


def next_polite_moment(at: datetime, zone: str, wishes: Wishes | None = None) -> datetime:
    """`at` itself outside the quiet hours, else their end; UTC."""
    wishes = wishes or Wishes()
    local = wall_clock(at, zone)
    if not wishes.is_quiet(local.time()):
        return at.astimezone(UTC)
    day = local.date() + timedelta(days=1 if local.time() >= wishes.quiet_from else 0)
    return instant(day, wishes.quiet_until, zone)


def at_once(slot: Slot, now: datetime, zone: str, wishes: Wishes) -> ReminderTime:
    at = next_polite_moment(now, zone, wishes)
    return ReminderTime(slot, wall_clock(at, zone), at)


def _before(due_on: date, slot: Slot, days: int, polite: time, zone: str) -> ReminderTime:
    day = due_on - timedelta(days=days)
    at = instant(day, polite, zone)
    if local_day(at, zone) != day:
        at = instant(day - timedelta(days=1), polite, zone)
    return ReminderTime(slot, wall_clock(at, zone), at)


def _late(slot: Slot, waits_until: datetime, now: datetime, zone: str, wishes: Wishes) -> ReminderTime:
    """For one that waits and whose hour has gone by. Where it waits no longer it is due, and is not put off anew."""
    is_due = waits_until <= now and not wishes.is_quiet(wall_clock(waits_until, zone).time())
    at = waits_until if is_due else next_polite_moment(now, zone, wishes)
    return ReminderTime(slot, wall_clock(at, zone), at)


def _one_a_day(reminders: list[ReminderTime]) -> list[ReminderTime]:
    first_of_day: dict[date, ReminderTime] = {}
    for reminder in reminders:
        first_of_day.setdefault(reminder.on, reminder)
    return sorted(first_of_day.values(), key=lambda reminder: reminder.due_at)
