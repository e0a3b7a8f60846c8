"""From a clock on the wall to one instant, also on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant(day: date, wall: time, zone: str) -> datetime:
    """The first instant of `day` at which the clock in `zone` reaches or passes `wall`, in UTC.

    A time that comes twice means its first coming. A time that a change of clocks skips means the
    moment of the change. So every (day, wall) has exactly one instant, and later walls never come earlier.
    """
    place = ZoneInfo(zone)
    local = datetime.combine(day, wall.replace(tzinfo=None, fold=0))
    first = local.replace(tzinfo=place).astimezone(UTC)
    if first.astimezone(place).replace(tzinfo=None, fold=0) == local:
        return first
    before = local.replace(tzinfo=place, fold=1).astimezone(UTC)
    return _change_between(before, first, place)


def _change_between(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The second at which the offset of `place` changes; it lies in (before, after]."""
    old = before.astimezone(place).utcoffset()
    low, high = before.replace(microsecond=0), after.replace(microsecond=0) + timedelta(seconds=1)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(place).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def wall_clock(at: datetime, zone: str) -> datetime:
    """What the clock on the wall shows at that instant: naive, local."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
