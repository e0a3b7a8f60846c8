from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.ladder import passed_at, rungs

VIENNA = "Europe/Vienna"


def weekday(day: date) -> bool:
    return day.weekday() < 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("missed", "misses", "is_high_risk", "desk", "call", "reason"),
    [
        # A Thursday: Monday is the second working day after it, Wednesday the fourth. Midnight there is 23:00 before.
        ("2027-01-07T10:00", 1, False, "2027-01-10T23:00", "2027-01-12T23:00", "silence"),
        ("2027-01-07T10:00", 1, True, "2027-01-07T10:00", "2027-01-07T10:00", "high_risk"),
        ("2027-01-07T10:00", 2, False, "2027-01-07T10:00", "2027-01-07T10:00", "missed_again"),
        ("2027-01-07T10:00", 3, True, "2027-01-07T10:00", "2027-01-07T10:00", "high_risk"),
    ],
)
def test_it_climbs(missed: str, misses: int, is_high_risk: bool, desk: str, call: str, reason: str) -> None:
    found = rungs(at(missed), VIENNA, weekday, misses=misses, is_high_risk=is_high_risk)
    assert (found.desk_at, found.call_at, found.call_reason) == (at(desk), at(call), reason)


def test_a_window_has_passed_when_its_last_day_is_over_there() -> None:
    assert passed_at(date(2027, 3, 27), VIENNA) == at("2027-03-27T23:00")
    assert passed_at(date(2027, 3, 28), VIENNA) == at("2027-03-28T22:00")


def test_a_clinic_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="no open day"):
        rungs(at("2027-01-07T10:00"), VIENNA, lambda _day: False, misses=1, is_high_risk=False)


@given(
    st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2030-01-01"), timezones=st.just(UTC)),
    st.integers(1, 4),
    st.booleans(),
)
def test_nobody_is_called_before_they_missed_it_nor_after_the_list_had_it_long(
    missed: datetime, misses: int, is_high_risk: bool
) -> None:
    found = rungs(missed, VIENNA, weekday, misses=misses, is_high_risk=is_high_risk)
    assert missed <= found.call_at <= missed + timedelta(days=8)
    assert found.desk_at <= found.call_at
