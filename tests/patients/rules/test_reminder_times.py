from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.rules.reminder_times import Slot, Wishes, ends_at, is_quiet, next_polite_moment, reminder_times
from portal.rules.local_time import local_day

TAIPEI = "Asia/Taipei"
FROM, UNTIL = datetime.fromisoformat("2027-01-01"), datetime.fromisoformat("2029-12-31")
moments = st.datetimes(FROM, UNTIL, timezones=st.just(UTC))
zones = st.sampled_from(sorted(available_timezones()))


def at(text: str, zone: str = TAIPEI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_the_seed_case_is_told_three_times() -> None:
    told = reminder_times(date(2020, 7, 6), time(10), TAIPEI, now=at("2020-06-04T15:30"))
    assert [(one.slot, one.wall.isoformat()) for one in told] == [
        (Slot.BOOKED, "2020-06-04T15:30:00"),
        (Slot.WEEK_BEFORE, "2020-06-29T10:00:00"),
        (Slot.DAY_BEFORE, "2020-07-05T10:00:00"),
    ]
    assert told[1].due_at == datetime(2020, 6, 29, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("booked", "told"),
    [
        ("2020-06-04T21:00", "2020-06-05T08:00"),
        ("2020-06-04T07:59", "2020-06-04T08:00"),
        ("2020-06-04T20:59", "2020-06-04T20:59"),
        ("2020-06-04T08:00", "2020-06-04T08:00"),
    ],
)
def test_quiet_hours_are_kept(booked: str, told: str) -> None:
    assert next_polite_moment(at(booked), TAIPEI) == at(told)


def test_no_second_reminder_on_the_day_of_booking() -> None:
    told = reminder_times(date(2020, 6, 11), time(10), TAIPEI, now=at("2020-06-04T09:00"))
    assert [one.slot for one in told] == [Slot.BOOKED, Slot.DAY_BEFORE]


def test_nothing_in_the_past_and_nothing_too_late() -> None:
    assert [one.slot for one in reminder_times(date(2020, 6, 5), None, TAIPEI, now=at("2020-06-04T11:00"))] == [
        Slot.BOOKED
    ]
    assert reminder_times(date(2020, 6, 5), time(7), TAIPEI, now=at("2020-06-04T22:00")) == []
    assert reminder_times(date(2020, 6, 3), None, TAIPEI, now=at("2020-06-04T11:00")) == []


def test_a_day_that_the_zone_skips_is_told_the_day_before() -> None:
    told = reminder_times(date(2011, 12, 31), time(10), "Pacific/Apia", now=at("2011-12-01T10:00", "Pacific/Apia"))
    assert told[-1].wall == datetime.fromisoformat("2011-12-29T10:00")


def test_it_goes_by_what_somebody_chose() -> None:
    wishes = Wishes(time(18), time(11), wants_same_day=True, has_second_way=True)
    told = reminder_times(date(2020, 7, 6), time(14), TAIPEI, now=at("2020-06-04T19:30"), wishes=wishes)
    assert [(one.slot, one.wall.isoformat()) for one in told] == [
        (Slot.BOOKED, "2020-06-05T11:00:00"),
        (Slot.WEEK_BEFORE, "2020-06-29T11:00:00"),
        (Slot.SECOND_WAY, "2020-07-03T11:00:00"),
        (Slot.DAY_BEFORE, "2020-07-05T11:00:00"),
        (Slot.SAME_DAY, "2020-07-06T11:00:00"),
    ]
    early = reminder_times(date(2020, 7, 6), time(11), TAIPEI, now=at("2020-07-05T12:00"), wishes=wishes)
    assert [one.slot for one in early] == [Slot.BOOKED], "not when it has begun"


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without its zone"):
        reminder_times(date(2020, 7, 6), None, TAIPEI, now=datetime.fromisoformat("2020-06-04T15:30"))


@settings(max_examples=300, deadline=None)
@given(moments, st.integers(0, 400), st.none() | st.times(), zones)
def test_one_a_day_never_at_night_never_past(now: datetime, days: int, due_time: time | None, zone: str) -> None:
    due_on = local_day(now, zone) + timedelta(days=days)
    told = reminder_times(due_on, due_time.replace(fold=0) if due_time else None, zone, now=now)
    assert len({one.on for one in told}) == len(told) <= 3
    for one in told:
        assert one.due_at >= now
        assert not is_quiet(one.wall.time())
        assert one.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == one.wall
        assert one.on <= due_on


@settings(max_examples=200, deadline=None)
@given(moments, st.integers(1, 8), st.none() | st.times(), zones, zones, st.integers(0, 26 * 60))
def test_who_changes_their_zone_loses_no_reminder(
    now: datetime, days: int, due_time: time | None, before: str, after: str, minutes: int
) -> None:
    """Each that waited is told in the new zone: at its hour, at once or when the night ends, or its day has another."""
    due_on, due_time = local_day(now, before) + timedelta(days=days), due_time and due_time.replace(fold=0)
    moved = now + timedelta(minutes=minutes)
    planned = reminder_times(due_on, due_time, before, now=now, is_new=False)
    waiting = {one.slot: one.due_at for one in planned if one.due_at > moved}
    told = reminder_times(due_on, due_time, after, now=moved, is_new=False, waiting=waiting)
    ends, at_once = ends_at(due_on, due_time, after), next_polite_moment(moved, after)
    on = {one.on for one in told}
    is_left_out = set(waiting) - {one.slot for one in told}
    assert not is_left_out or at_once >= ends or local_day(at_once, after) in on
    assert len(on) == len(told)
    assert all(moved <= one.due_at < ends and not is_quiet(one.wall.time()) for one in told)
