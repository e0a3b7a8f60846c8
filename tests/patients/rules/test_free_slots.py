"""Times that can be booked: by table on the nights when clocks change, and by property on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.rules.free_slots import FreeSlot, SeenHours, Taken, free_slots
from portal.rules.local_time import instant, local_day, wall_clock

WHO = UUID(int=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def hours(opens: str, closes: str, minutes: int, day: date, capacity: int = 1) -> SeenHours:
    of = time.fromisoformat(opens), time.fromisoformat(closes)
    return SeenHours(WHO, day.weekday(), *of, minutes, capacity, starts_on=date(2020, 1, 1))


def slots(
    rows: list[SeenHours], day: date, zone: str, taken: tuple[Taken, ...] = (), closed: tuple[date, ...] = ()
) -> list[FreeSlot]:
    return free_slots(rows, day, day, zone, lambda one: one not in closed, taken, after=LONG_AGO)


@pytest.mark.parametrize(
    ("day", "walls"),
    [
        (date(2027, 3, 27), ["01:30", "02:00", "02:30", "03:00", "03:30"]),
        # Berlin springs from two to three, and falls from three back to two.
        (date(2027, 3, 28), ["01:30", "03:00", "03:30"]),
        (date(2027, 10, 31), ["01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_wall_times_on_the_nights_when_clocks_change(day: date, walls: list[str]) -> None:
    found = slots([hours("01:30", "04:00", 30, day)], day, "Europe/Berlin")
    assert [f"{wall_clock(one.starts, 'Europe/Berlin'):%H:%M}" for one in found] == walls
    assert all(one.ends - one.starts == timedelta(minutes=30) for one in found)


def test_a_closed_day_other_days_and_ended_hours_have_none() -> None:
    day = date(2027, 5, 3)
    row = hours("09:00", "10:00", 30, day)
    assert len(slots([row], day, "UTC")) == 2
    assert slots([row], day, "UTC", closed=(day,)) == []
    assert slots([row], day + timedelta(days=1), "UTC") == []
    ended = SeenHours(WHO, 0, time(9), time(10), 30, 1, date(2020, 1, 1), ends_on=day - timedelta(days=1))
    assert slots([ended], day, "UTC") == []


@settings(max_examples=150, deadline=None)
@given(
    day=st.dates(date(2026, 1, 1), date(2029, 12, 31)) | st.sampled_from([date(2027, 3, 14), date(2027, 11, 7)]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    opens=st.integers(0, 22),
    length=st.integers(1, 6),
    minutes=st.integers(5, 120),
    capacity=st.integers(1, 3),
    busy=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 1440), st.integers(5, 90)), max_size=5),
)
def test_whatever_the_day_no_seat_is_offered_twice_or_outside_its_hours(
    day: date,
    zone: str,
    opens: int,
    length: int,
    minutes: int,
    capacity: int,
    busy: list[tuple[int, int, int]],
) -> None:
    closes = min(opens + length, 23)
    row = SeenHours(WHO, day.weekday(), time(opens), time(closes, 30), minutes, capacity, date(2020, 1, 1))
    midnight = instant(day, time(0), zone)
    taken = tuple(
        Taken(WHO, seat, midnight + timedelta(minutes=at), midnight + timedelta(minutes=at + long))
        for seat, at, long in busy
    )
    found = slots([row], day, zone, taken)
    for earlier, later in pairwise(found):
        assert earlier.ends <= later.starts
    for one in found:
        assert instant(day, row.opens, zone) <= one.starts < one.ends <= instant(day, row.closes, zone)
        assert local_day(one.starts, zone) == day
        assert 1 <= one.seat <= capacity
        full = {t.seat for t in taken if t.starts < one.ends and one.starts < t.ends}
        assert one.seat == min(set(range(1, capacity + 1)) - full)
    # What is not offered is full on every seat.
    free = {one.starts for one in found}
    for one in slots([row], day, zone):
        full = {t.seat for t in taken if t.starts < one.ends and one.starts < t.ends}
        assert (one.starts in free) == (len(full & set(range(1, capacity + 1))) < capacity)
