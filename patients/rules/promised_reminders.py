"""The reminders that a follow-up promises, reckoned a second time, for the nightly comparison.

Written from the words of the rule and on purpose without its code: it shares nothing with `reminder_times`, `tend` or
`local_time`, so that a fault in one of them differs from what is reckoned here. Keep it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
MORNING: Final = time(10)
# The longest night that somebody may choose, 17:00 to 12:00, with a change of clocks in it.
LONGEST_NIGHT: Final = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Promise:
    """What one follow-up promises to whom; nothing of what it is for."""

    due_on: date
    starts: datetime | None  # of its appointment
    zone: str
    is_confirmed: bool
    quiet_until: time
    wants_same_day: bool
    first: str
    second: str | None

    @property
    def day(self) -> date:
        return shown(self.starts, self.zone).date() if self.starts else self.due_on

    @property
    def ends(self) -> datetime:
        return self.starts or moment(self.due_on + DAY, time(0), self.zone)

    def channels(self, slot: str) -> tuple[str, ...]:
        if slot == "second_way":
            return (self.second,) if self.second else ()
        return (self.first, "in_app")


@dataclass(frozen=True, slots=True)
class Told:
    slot: str
    day: date
    at: datetime


def ladder(promise: Promise) -> Iterator[Told]:
    """Each reminder of the ladder, whether its time has come or not; one a local day."""
    morning = max(MORNING, promise.quiet_until)
    rungs = [("week_before", 7, morning)]
    if promise.second and not promise.is_confirmed:
        rungs.append(("second_way", 3, morning))
    rungs.append(("day_before", 1, morning))
    if promise.wants_same_day:
        rungs.append(("same_day", 0, promise.quiet_until))
    days = set()
    for slot, before, wall in rungs:
        day, at = _on_a_day_that_is(promise.day - before * DAY, wall, promise.zone)
        if at < promise.ends and day not in days:
            days.add(day)
            yield Told(slot, day, at)


def _on_a_day_that_is(day: date, wall: time, zone: str) -> tuple[date, datetime]:
    """A zone may leave a whole day out (Apia did, 2011): then the day before it."""
    at = moment(day, wall, zone)
    if shown(at, zone).date() == day:
        return day, at
    return day - DAY, moment(day - DAY, wall, zone)


def shown(at: datetime, zone: str) -> datetime:
    """By the clock on the wall there."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=100_000)
def moment(day: date, wall: time, zone: str) -> datetime:
    """When a clock there shows this for the first time; where it never does, when it jumps over it."""
    local, place = datetime.combine(day, wall), ZoneInfo(zone)
    middle = local.replace(tzinfo=UTC)
    for near in (middle - DAY, middle + DAY):
        offset = near.astimezone(place).utcoffset()
        at = middle - (offset or timedelta())
        if shown(at, zone) == local:
            return at
    return _jump_over(local, middle, zone)


def _jump_over(local: datetime, middle: datetime, zone: str) -> datetime:
    early, late = middle - DAY, middle + DAY
    while late - early > timedelta(seconds=1):
        half = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (early, half) if shown(half, zone) > local else (half, late)
    return late
