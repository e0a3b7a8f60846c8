from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.local_time import instant
from portal.rules.working_time import (
    NeverOpen,
    OpeningHours,
    add_working_time,
    is_open,
    is_open_day,
    next_open_day,
    working_time_between,
)

TAIPEI, BERLIN, NEW_YORK, LORD_HOWE = (
    "Asia/Taipei",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
)
OFFICE = OpeningHours({day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)})
NIGHT = OpeningHours({day: [(time(0), time(6))] for day in range(7)})
HOUR = timedelta(hours=1)

walls = st.integers(0, 24 * 12 - 1).map(lambda n: time(n // 12, n % 12 * 5))
# Half an hour a week at least: five minutes would not hold the lengths below within the ten years.
shifts = st.tuples(walls, walls).filter(lambda pair: _minutes(pair[0]) + 30 <= _minutes(pair[1]))
weeks = st.dictionaries(st.integers(0, 6), st.lists(shifts, min_size=1, max_size=3), min_size=1).map(OpeningHours)
zones = st.sampled_from([TAIPEI, BERLIN, NEW_YORK, LORD_HOWE, "UTC", "Africa/Casablanca", "Pacific/Apia"])
FROM, UNTIL = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-12-31")
starts = st.datetimes(FROM, UNTIL, timezones=st.just(UTC))
lengths = st.integers(0, 60 * 80).map(lambda minutes: timedelta(minutes=minutes))
holidays = st.sets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=10)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def at(text: str, zone: str = TAIPEI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "working", "due"),
    [
        ("2026-06-04T10:00", 2, "2026-06-04T12:00"),
        ("2026-06-04T10:00", 3, "2026-06-04T14:00"),
        ("2026-06-05T16:00", 2, "2026-06-08T10:00"),  # Friday afternoon to Monday
        ("2026-06-06T03:00", 1, "2026-06-08T10:00"),  # asked at the weekend
        ("2026-06-04T16:00", 1, "2026-06-04T17:00"),  # the closing moment, not the next opening
        ("2026-06-04T12:30", 0, "2026-06-04T13:00"),  # nothing to do: the next opening
    ],
)
def test_hours_are_counted_while_open(start: str, working: int, due: str) -> None:
    assert add_working_time(at(start), working * HOUR, OFFICE, set(), TAIPEI) == at(due)


def test_long_holidays_are_stepped_over() -> None:
    spring_festival = {date(2026, 2, 12) + timedelta(days=n) for n in range(12)}
    due = add_working_time(at("2026-02-11T16:00"), 2 * HOUR, OFFICE, spring_festival, TAIPEI)
    assert due == at("2026-02-24T10:00")


def test_a_night_shift_loses_the_hour_that_the_clocks_skip() -> None:
    lost = working_time_between(at("2026-03-29T00:00", BERLIN), at("2026-03-29T06:00", BERLIN), NIGHT, set(), BERLIN)
    won = working_time_between(at("2026-10-25T00:00", BERLIN), at("2026-10-25T06:00", BERLIN), NIGHT, set(), BERLIN)
    assert (lost, won) == (5 * HOUR, 7 * HOUR)


def test_the_start_may_come_in_any_zone() -> None:
    berlin = add_working_time(at("2026-10-25T00:30", BERLIN), 3 * HOUR, NIGHT, set(), BERLIN)
    utc = add_working_time(at("2026-10-25T00:30", BERLIN).astimezone(UTC), 3 * HOUR, NIGHT, set(), BERLIN)
    assert berlin == utc
    assert berlin == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert berlin.tzinfo is UTC


@pytest.mark.parametrize("closed", [OpeningHours({}), OpeningHours({0: []})])
def test_a_department_without_hours_says_so(closed: OpeningHours) -> None:
    with pytest.raises(NeverOpen, match="no opening hours"):
        add_working_time(at("2026-06-04T10:00"), HOUR, closed, set(), TAIPEI)
    with pytest.raises(NeverOpen):
        next_open_day(date(2026, 6, 4), closed, set())
    assert not is_open(at("2026-06-04T10:00"), closed, set(), TAIPEI)


def test_a_department_closed_for_ever_ends_the_search() -> None:
    always = {date(2026, 1, 1) + timedelta(days=n) for n in range(4000)}
    with pytest.raises(NeverOpen, match="ten years"):
        add_working_time(at("2026-06-04T10:00"), HOUR, OFFICE, always, TAIPEI)


def test_opening_hours_refuse_nonsense_and_join_overlaps() -> None:
    with pytest.raises(ValueError, match="not before"):
        OpeningHours({0: [(time(17), time(9))]})
    with pytest.raises(ValueError, match="weekday"):
        OpeningHours({7: [(time(9), time(17))]})
    joined = OpeningHours({0: [(time(12), time(15)), (time(9), time(13))]})
    assert joined.on(0) == ((time(9), time(15)),)


def test_times_need_a_zone_and_lengths_a_direction() -> None:
    with pytest.raises(ValueError, match="without its zone"):
        add_working_time(datetime(2026, 6, 4, 10), HOUR, OFFICE, set(), TAIPEI)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        add_working_time(at("2026-06-04T10:00"), -HOUR, OFFICE, set(), TAIPEI)


def test_the_next_open_day() -> None:
    assert next_open_day(date(2026, 6, 4), OFFICE, set()) == date(2026, 6, 4)
    assert next_open_day(date(2026, 6, 6), OFFICE, {date(2026, 6, 8)}) == date(2026, 6, 9)
    assert not is_open_day(date(2026, 6, 4), OFFICE, {date(2026, 6, 4)})


def test_open_from_the_first_moment_to_before_the_last() -> None:
    assert is_open(at("2026-06-04T09:00"), OFFICE, set(), TAIPEI)
    assert not is_open(at("2026-06-04T12:00"), OFFICE, set(), TAIPEI)
    assert not is_open(at("2026-06-04T09:00"), OFFICE, {date(2026, 6, 4)}, TAIPEI)


@settings(max_examples=150, deadline=None)
@given(starts, lengths, weeks, holidays, zones)
def test_adding_and_measuring_are_inverse(
    start: datetime, working: timedelta, hours: OpeningHours, closed: set[date], zone: str
) -> None:
    due = add_working_time(start, working, hours, closed, zone)
    assert due >= start
    assert working_time_between(start, due, hours, closed, zone) == working
    assert working_time_between(due, start, hours, closed, zone) == -working


@settings(max_examples=150, deadline=None)
@given(starts, lengths, lengths, weeks, holidays, zones)
def test_adding_twice_is_adding_the_sum(
    start: datetime, one: timedelta, two: timedelta, hours: OpeningHours, closed: set[date], zone: str
) -> None:
    first = add_working_time(start, one, hours, closed, zone)
    assert add_working_time(first, two, hours, closed, zone) == add_working_time(start, one + two, hours, closed, zone)
    assert add_working_time(start, one + two, hours, closed, zone) >= first


@settings(max_examples=150, deadline=None)
@given(starts, starts, lengths, weeks, holidays, zones)
def test_who_asks_later_is_due_no_earlier(
    one: datetime, two: datetime, working: timedelta, hours: OpeningHours, closed: set[date], zone: str
) -> None:
    early, late = sorted((one, two))
    assert add_working_time(early, working, hours, closed, zone) <= add_working_time(late, working, hours, closed, zone)


@settings(max_examples=150, deadline=None)
@given(starts, lengths.filter(bool), weeks, holidays, zones)
def test_work_is_done_while_open(
    start: datetime, working: timedelta, hours: OpeningHours, closed: set[date], zone: str
) -> None:
    due = add_working_time(start, working, hours, closed, zone)
    assert is_open(due - timedelta(microseconds=1), hours, closed, zone)


@settings(max_examples=300, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), walls, walls, zones)
def test_later_walls_never_come_earlier(day: date, one: time, two: time, zone: str) -> None:
    early, late = sorted((one, two))
    assert instant(day, early, zone) <= instant(day, late, zone)
    assert instant(day, late, zone) <= instant(day + timedelta(days=1), early, zone)


def test_a_skipped_time_is_the_moment_of_the_change() -> None:
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant(date(2026, 3, 29), time(2, 30), BERLIN) == change
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant(date(2011, 12, 30), time(10), "Pacific/Apia") == datetime(2011, 12, 30, 10, tzinfo=UTC)
