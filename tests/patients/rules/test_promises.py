"""By when an answer is due: over time zones, changes of clocks, holidays and pauses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.rules.promises import AT_ONCE, EMERGENCY, LEAST, SAME_DAY, Timetable, left, promised, resumed
from portal.rules.working_time import OpeningHours, is_open, subtract_working_time
from tests.portal.rules.test_working_time import holidays, starts, weeks, zones

TAIPEI = "Asia/Taipei"
SOON, ROUTINE = 3, 4
HOUR = timedelta(hours=1)
OFFICE = OpeningHours({day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)})
TABLE = Timetable(16 * HOUR, OFFICE, frozenset(), TAIPEI)

# As a department sets it: whole hours, up to a hundred.
answer_times = st.integers(1, 100).map(lambda hours: hours * HOUR)
tables = st.builds(Timetable, answer_times, weeks, holidays, zones)
urgencies = st.integers(1, 4)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TAIPEI))


@pytest.mark.parametrize(
    ("asked", "urgency", "due"),
    [
        ("2026-06-04T10:00", ROUTINE, "2026-06-08T12:00"),
        ("2026-06-04T10:00", SOON, "2026-06-08T12:00"),
        ("2026-06-04T10:00", SAME_DAY, "2026-06-04T17:00"),
        ("2026-06-04T12:30", SAME_DAY, "2026-06-04T17:00"),  # in the break at noon
        ("2026-06-05T17:00", SAME_DAY, "2026-06-08T17:00"),  # closed for the day, on a Friday
        ("2026-06-06T03:00", SAME_DAY, "2026-06-08T17:00"),
        ("2026-06-04T16:30", EMERGENCY, "2026-06-05T09:30"),
        ("2026-06-04T02:00", EMERGENCY, "2026-06-04T10:00"),
    ],
)
def test_what_is_urgent_is_due_earlier(asked: str, urgency: int, due: str) -> None:
    assert promised(at(asked), urgency, TABLE) == at(due)


def test_an_hour_s_answer_time_is_never_stretched_by_urgency() -> None:
    quick = Timetable(HOUR, OFFICE, frozenset(), TAIPEI)
    assert promised(at("2026-06-04T09:00"), SAME_DAY, quick) == at("2026-06-04T10:00")
    assert resumed(at("2026-06-04T09:00"), timedelta(0), ROUTINE, quick) == at("2026-06-04T10:00")


def test_what_was_left_runs_on_and_what_was_late_gets_two_hours() -> None:
    due = promised(at("2026-06-04T10:00"), ROUTINE, TABLE)
    rest = left(at("2026-06-05T10:00"), due, TABLE)
    assert rest == 9 * HOUR
    assert resumed(at("2026-06-15T10:00"), rest, ROUTINE, TABLE) == at("2026-06-16T12:00")
    assert left(at("2026-06-30T10:00"), due, TABLE) == timedelta(0)
    assert resumed(at("2026-06-30T10:00"), timedelta(0), ROUTINE, TABLE) == at("2026-06-30T12:00")


@settings(max_examples=60, deadline=None)
@given(starts, starts, urgencies, tables)
def test_a_promise_falls_in_working_time_after_now_and_no_later_than_asked_later(
    one: datetime, two: datetime, urgency: int, table: Timetable
) -> None:
    early, late = sorted((one, two))
    due = promised(early, urgency, table)
    assert early < due <= promised(late, urgency, table)
    assert due <= promised(early, ROUTINE, table)
    assert is_open(due - timedelta(microseconds=1), table.hours, table.holidays, table.zone)
    assert table.between(early, due) <= table.answer_time
    if urgency == EMERGENCY:
        assert table.between(early, due) == AT_ONCE


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 90), tables)
def test_a_pause_neither_takes_nor_gives_working_time(
    asked: datetime, minutes: int, paused: int, table: Timetable
) -> None:
    answered = asked + timedelta(minutes=minutes)
    wrote = answered + timedelta(minutes=paused)
    due = promised(asked, ROUTINE, table)
    rest = left(answered, due, table)
    again = resumed(wrote, rest, ROUTINE, table)
    used, given_after = table.between(asked, min(answered, due)), table.between(wrote, again)
    assert used + rest == table.answer_time
    assert given_after == min(max(rest, LEAST), table.answer_time)
    assert again > wrote
    assert is_open(again - timedelta(microseconds=1), table.hours, table.holidays, table.zone)


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 60 * 80).map(lambda minutes: timedelta(minutes=minutes)), tables)
def test_looking_back_is_the_inverse_of_looking_ahead(end: datetime, working: timedelta, table: Timetable) -> None:
    """`before(now, t)` splits what has waited less than `t` from what has waited as long: late by so much, or not."""
    since = table.before(end, working)
    assert table.between(since, end) == working
    assert table.between(since + timedelta(microseconds=1), end) < working
    assert table.after(since, working) <= end


def test_nothing_has_passed_in_a_department_that_never_opened() -> None:
    always = {date(2026, 6, 4) - timedelta(days=n) for n in range(4000)}
    with pytest.raises(ValueError, match="ten years"):
        subtract_working_time(at("2026-06-04T10:00"), HOUR, OFFICE, always, TAIPEI)
