"""Working time: the hours in which a department answers.

Lengths are real elapsed time, so an opening hour that a change of clocks removes is not counted and
one that comes twice is counted twice. All results are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.rules.local_time import instant, local_day

# A department that does not open once in ten years has no due date worth naming.
HORIZON_DAYS = 3660

Shift = tuple[time, time]
Span = tuple[datetime, datetime]


class NeverOpen(ValueError):
    """The department has no opening hours, or is closed for longer than anyone can be asked to wait."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekday (0 is Monday) to local (opens, closes). Shifts are sorted and overlapping ones joined."""

    week: Mapping[int, Sequence[Shift]]

    def __post_init__(self) -> None:
        for weekday, shifts in self.week.items():
            if not 0 <= weekday <= 6:
                raise ValueError(f"weekday {weekday} is not 0 to 6")
            for opens, closes in shifts:
                if opens >= closes:
                    raise ValueError(f"opens {opens} is not before closes {closes}")
        joined = {weekday: _joined(shifts) for weekday, shifts in self.week.items() if shifts}
        object.__setattr__(self, "week", joined)

    def on(self, weekday: int) -> Sequence[Shift]:
        return self.week.get(weekday, ())


def _joined(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    result: list[Shift] = []
    for opens, closes in sorted(shifts):
        if result and opens <= result[-1][1]:
            result[-1] = (result[-1][0], max(closes, result[-1][1]))
        else:
            result.append((opens, closes))
    return tuple(result)


def add_working_time(
    start: datetime, working: timedelta, hours: OpeningHours, holidays: Collection[date], zone: str
) -> datetime:
    """The earliest instant by which `working` has passed in opening hours since `start`.

    No working time at all gives `start` if open then (closing moment included), else the next opening.
    """
    if working < timedelta(0):
        raise ValueError("working time cannot be negative")
    start, left = _utc(start), working
    for opens, closes in _spans_from(start, hours, holidays, zone):
        begins = max(start, opens)
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    raise NeverOpen(f"{working} of working time does not fit in the next ten years")


def subtract_working_time(
    end: datetime, working: timedelta, hours: OpeningHours, holidays: Collection[date], zone: str
) -> datetime:
    """The latest instant since which `working` has passed in opening hours until `end`. More than none."""
    if working <= timedelta(0):
        raise ValueError("working time to look back over must be more than none")
    end, left = _utc(end), working
    for opens, closes in _spans_until(end, hours, holidays, zone):
        ends = min(end, closes)
        if ends - opens >= left:
            return ends - left
        left -= ends - opens
    raise NeverOpen(f"{working} of working time has not passed in the last ten years")


def next_closing(start: datetime, hours: OpeningHours, holidays: Collection[date], zone: str) -> datetime:
    """When the department closes for the day: today, while it still opens today, else on its next open day."""
    start, found = _utc(start), None
    for opens, closes in _spans_from(start, hours, holidays, zone):
        if found and local_day(opens, zone) != local_day(found, zone):
            break
        if closes > start:
            found = closes
    if found is None:
        raise NeverOpen("the department does not open in the next ten years")
    return found


def working_time_between(
    begins: datetime, ends: datetime, hours: OpeningHours, holidays: Collection[date], zone: str
) -> timedelta:
    """Working time from `begins` to `ends`; negative when `ends` is the earlier one (late by so much)."""
    begins, ends = _utc(begins), _utc(ends)
    if ends < begins:
        return -working_time_between(ends, begins, hours, holidays, zone)
    total, last = timedelta(0), local_day(ends, zone)
    day = local_day(begins, zone)
    while day <= last:
        for opens, closes in _spans_of(day, hours, holidays, zone):
            total += max(min(closes, ends) - max(opens, begins), timedelta(0))
        day += timedelta(days=1)
    return total


def is_open(at: datetime, hours: OpeningHours, holidays: Collection[date], zone: str) -> bool:
    at = _utc(at)
    day = local_day(at, zone)
    return any(opens <= at < closes for opens, closes in _spans_of(day, hours, holidays, zone))


def is_open_day(day: date, hours: OpeningHours, holidays: Collection[date]) -> bool:
    return bool(hours.on(day.weekday())) and day not in holidays


def next_open_day(day: date, hours: OpeningHours, holidays: Collection[date]) -> date:
    """`day` itself when the department opens on it, else the first later day on which it does."""
    for ahead in range(HORIZON_DAYS):
        candidate = day + timedelta(days=ahead)
        if is_open_day(candidate, hours, holidays):
            return candidate
    raise NeverOpen("the department does not open in the next ten years")


def _spans_from(start: datetime, hours: OpeningHours, holidays: Collection[date], zone: str) -> Iterator[Span]:
    """Openings that end at or after `start`, in order, for ten years."""
    if not hours.week:
        raise NeverOpen("the department has no opening hours")
    first = local_day(start, zone)
    for ahead in range(HORIZON_DAYS):
        for span in _spans_of(first + timedelta(days=ahead), hours, holidays, zone):
            if span[1] >= start:
                yield span


def _spans_until(end: datetime, hours: OpeningHours, holidays: Collection[date], zone: str) -> Iterator[Span]:
    """Openings that begin before `end`, the last one first, for ten years."""
    if not hours.week:
        raise NeverOpen("the department has no opening hours")
    last = local_day(end, zone)
    for back in range(HORIZON_DAYS):
        for span in reversed(list(_spans_of(last - timedelta(days=back), hours, holidays, zone))):
            if span[0] < end:
                yield span


def _spans_of(day: date, hours: OpeningHours, holidays: Collection[date], zone: str) -> Iterator[Span]:
    if day in holidays:
        return
    for opens, closes in hours.on(day.weekday()):
        span = (instant(day, opens, zone), instant(day, closes, zone))
        if span[0] < span[1]:
            yield span


def _utc(at: datetime) -> datetime:
    """Arithmetic and comparison inside one zone go by the wall clock, so everything is done in UTC."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone cannot be placed")
    return at.astimezone(UTC)
