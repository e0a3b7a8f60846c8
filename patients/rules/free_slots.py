"""From the hours in which clinicians see people, to times that can still be booked.

- Hours are wall time of the department: nine in the morning stays nine when the clocks change.
- They are cut into lengths from their beginning; a length that does not fit before their end is left out. Lengths are
  real elapsed time.
- A time that a change of clocks skips is none; one that comes twice is its first coming. None overlaps the one before.
- Not on a day on which the department is closed, nor on one on which who sees them is away.
- Somebody who sees several people at once has that many seats; the free one of the lowest number is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from portal.rules.local_time import instant, wall_clock

STAMP: Final = "%Y%m%dT%H%MZ"


@dataclass(frozen=True, slots=True)
class SeenHours:
    """Somebody sees people each week on this weekday (0 is Monday), so many at once."""

    who: UUID
    weekday: int
    opens: time
    closes: time
    minutes: int
    capacity: int
    starts_on: date
    ends_on: date | None = None
    place: str = ""

    def is_on(self, day: date) -> bool:
        return day.weekday() == self.weekday and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Away:
    """Both days are days away."""

    who: UUID
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Taken:
    who: UUID
    seat: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class FreeSlot:
    who: UUID
    starts: datetime
    ends: datetime
    seat: int
    place: str

    @property
    def token(self) -> str:
        """What a form or a program sends back of it."""
        return f"{self.starts.astimezone(UTC).strftime(STAMP)}.{self.who}"


def chosen(token: str) -> tuple[datetime, UUID] | None:
    """When and with whom, of what was sent back; None for anything else."""
    stamp, _dot, who = token.partition(".")
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC), UUID(who)
    except ValueError:
        return None


def free_slots(
    hours: Iterable[SeenHours],
    first: date,
    last: date,
    zone: str,
    is_clinic_day: Callable[[date], bool],
    taken: Iterable[Taken],
    *,
    after: datetime,
    away: Sequence[Away] = (),
) -> list[FreeSlot]:
    """Of these days those that begin later than `after`, in order; of each time and person one."""
    rows, busy = list(hours), list(taken)
    found: dict[tuple[datetime, str], FreeSlot] = {}
    for day in (first + timedelta(days=ahead) for ahead in range((last - first).days + 1)):
        for row in rows if is_clinic_day(day) else ():
            is_there = row.is_on(day) and not any(a.who == row.who and a.first <= day <= a.last for a in away)
            for starts, ends in _lengths(row, day, zone) if is_there else ():
                seat = _free_seat(row, starts, ends, busy) if starts > after else None
                if seat:
                    found.setdefault((starts, str(row.who)), FreeSlot(row.who, starts, ends, seat, row.place))
    return [found[key] for key in sorted(found)]


def _lengths(row: SeenHours, day: date, zone: str) -> Iterator[tuple[datetime, datetime]]:
    length, closes = timedelta(minutes=row.minutes), instant(day, row.closes, zone)
    wall, free_from = datetime.combine(day, row.opens), instant(day, row.opens, zone)
    while wall.date() == day and wall.time() < row.closes:
        starts = instant(day, wall.time(), zone)
        if wall_clock(starts, zone) == wall and starts >= free_from and starts + length <= closes:
            yield starts, starts + length
            free_from = starts + length
        wall += length


def _free_seat(row: SeenHours, starts: datetime, ends: datetime, busy: list[Taken]) -> int | None:
    full = {one.seat for one in busy if one.who == row.who and one.starts < ends and starts < one.ends}
    return next((seat for seat in range(1, row.capacity + 1) if seat not in full), None)
