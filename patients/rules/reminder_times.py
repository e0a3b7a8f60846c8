"""When a person is told of a follow-up: at once, a week before, a day before.

- One reminder a local day at most: the message at booking replaces a reminder of the same day.
- Never from 21:00 to 08:00 of the person's own clock: what falls there waits until 08:00.
- A wall time that a change of clocks skips means the moment of the change, one that comes twice its first
  coming; a whole day that a zone skips gives its reminder to the day before. So each promised day has
  exactly one instant.
- Nothing in the past, and nothing after the follow-up itself.

The times come from practice (weak evidence); the quiet hours are from memory of the American rules and are
the cautious side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
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


DAYS_BEFORE: Final = {Slot.WEEK_BEFORE: 7, Slot.DAY_BEFORE: 1}


@dataclass(frozen=True, slots=True)
class ReminderTime:
    slot: Slot
    wall: datetime  # local and naive: what the person's clock shows
    due_at: datetime  # the same moment in UTC

    @property
    def on(self) -> date:
        return self.wall.date()


def is_quiet(wall: time) -> bool:
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


def reminder_times(
    due_on: date, due_time: time | None, zone: str, *, now: datetime, polite: time = POLITE
) -> list[ReminderTime]:
    """The reminders of a follow-up booked `now`, in order. Without `due_time` the due day counts to its end.

    Raises ValueError when `polite` lies in the quiet hours or `now` has no zone.
    """
    if is_quiet(polite):
        raise ValueError("the polite hour lies in the quiet hours")
    if now.tzinfo is None:
        raise ValueError("a time without its zone cannot be placed")
    ends = instant(due_on, due_time, zone) if due_time else instant(due_on + timedelta(days=1), time(0), zone)
    planned = [_booked(now.astimezone(UTC), zone)]
    planned += [_before(due_on, slot, polite, zone) for slot in DAYS_BEFORE]
    return _one_a_day([reminder for reminder in planned if now <= reminder.due_at < ends])


def next_polite_moment(at: datetime, zone: str) -> datetime:
    """`at` itself outside the quiet hours, else the next 08:00 there; UTC."""
    local = wall_clock(at, zone)
    if not is_quiet(local.time()):
        return at.astimezone(UTC)
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return instant(day, QUIET_UNTIL, zone)


def _booked(now: datetime, zone: str) -> ReminderTime:
    at = next_polite_moment(now, zone)
    return ReminderTime(Slot.BOOKED, wall_clock(at, zone), at)


def _before(due_on: date, slot: Slot, polite: time, zone: str) -> ReminderTime:
    day = due_on - timedelta(days=DAYS_BEFORE[slot])
    at = instant(day, polite, zone)
    if local_day(at, zone) != day:
        at = instant(day - timedelta(days=1), polite, zone)
    return ReminderTime(slot, wall_clock(at, zone), at)


def _one_a_day(reminders: list[ReminderTime]) -> list[ReminderTime]:
    first_of_day: dict[date, ReminderTime] = {}
    for reminder in reminders:
        first_of_day.setdefault(reminder.on, reminder)
    return sorted(first_of_day.values(), key=lambda reminder: reminder.due_at)
