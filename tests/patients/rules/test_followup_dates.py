from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.followup_dates import Period, Unit, Window, promise

asked = st.dates(date(2000, 1, 1), date(2100, 1, 1))
periods = st.builds(Period, st.integers(1, 24), st.sampled_from(Unit))


def weekday(day: date) -> bool:
    return day.weekday() < 5


def every_day(day: date) -> bool:
    return True


@pytest.mark.parametrize(
    ("asked_on", "n", "unit", "due"),
    [
        ("2020-06-04", 1, Unit.MONTHS, "2020-07-04"),
        ("2026-01-31", 1, Unit.MONTHS, "2026-02-28"),
        ("2028-01-31", 1, Unit.MONTHS, "2028-02-29"),
        ("2026-01-31", 2, Unit.MONTHS, "2026-03-31"),
        ("2028-02-29", 12, Unit.MONTHS, "2029-02-28"),
        ("2028-02-29", 48, Unit.MONTHS, "2032-02-29"),
        ("2026-11-30", 3, Unit.MONTHS, "2027-02-28"),
        ("2026-12-31", 1, Unit.MONTHS, "2027-01-31"),
        ("2027-01-28", 1, Unit.MONTHS, "2027-02-28"),
        ("2027-01-29", 1, Unit.MONTHS, "2027-02-28"),
        ("2027-01-30", 1, Unit.MONTHS, "2027-02-28"),
        ("2028-01-28", 1, Unit.MONTHS, "2028-02-28"),
        ("2028-01-29", 1, Unit.MONTHS, "2028-02-29"),
        ("2028-01-30", 1, Unit.MONTHS, "2028-02-29"),
        ("2027-01-29", 13, Unit.MONTHS, "2028-02-29"),
        ("2027-01-31", 3, Unit.MONTHS, "2027-04-30"),
        ("2028-02-29", 1, Unit.MONTHS, "2028-03-29"),
        ("2027-08-31", 6, Unit.MONTHS, "2028-02-29"),
        ("2027-12-31", 2, Unit.MONTHS, "2028-02-29"),
        ("2027-12-31", 1, Unit.DAYS, "2028-01-01"),
        ("2027-12-25", 1, Unit.WEEKS, "2028-01-01"),
        # No century that 400 does not divide has a leap day.
        ("2099-11-30", 3, Unit.MONTHS, "2100-02-28"),
        ("2096-02-29", 48, Unit.MONTHS, "2100-02-28"),
        ("2026-02-25", 2, Unit.WEEKS, "2026-03-11"),
        ("2028-02-28", 1, Unit.DAYS, "2028-02-29"),
    ],
)
def test_the_written_rule(asked_on: str, n: int, unit: Unit, due: str) -> None:
    window = promise(date.fromisoformat(asked_on), Period(n, unit), every_day)
    assert window.due == date.fromisoformat(due)


def test_the_seed_case_moves_from_saturday_to_monday() -> None:
    window = promise(date(2020, 6, 4), Period(1, Unit.MONTHS), weekday)
    assert window == Window(earliest=date(2020, 7, 3), due=date(2020, 7, 6), latest=date(2020, 7, 13))


@pytest.mark.parametrize(
    ("asked_on", "closed", "due"),
    [
        # 31 January and a month is Sunday, 28 February: the day moves on, into March.
        ("2027-01-31", set(), "2027-03-01"),
        ("2027-01-31", {"2027-03-01", "2027-03-02"}, "2027-03-03"),
        # Over the end of the year.
        ("2027-11-30", {"2027-12-30", "2027-12-31"}, "2028-01-03"),
        ("2028-01-31", {"2028-02-29"}, "2028-03-01"),
    ],
)
def test_a_closed_month_end_moves_on_never_back(asked_on: str, closed: set[str], due: str) -> None:
    window = promise(
        date.fromisoformat(asked_on), Period(1, Unit.MONTHS), lambda day: weekday(day) and day.isoformat() not in closed
    )
    assert window.due == date.fromisoformat(due)


def test_a_clinic_that_never_opens_is_named() -> None:
    with pytest.raises(ValueError, match="no open day"):
        promise(date(2026, 6, 4), Period(1, Unit.MONTHS), lambda _: False)


@pytest.mark.parametrize("n", [0, -1])
def test_a_period_lies_ahead(n: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Period(n, Unit.DAYS)


@pytest.mark.parametrize("unit", Unit)
def test_the_end_of_the_calendar_is_a_sentence(unit: Unit) -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        promise(date(2026, 6, 4), Period(10**9, unit), every_day)


@given(asked, periods, st.sets(st.dates(date(2000, 1, 1), date(2103, 1, 1)), max_size=20))
def test_windows_are_clinic_days_in_order(asked_on: date, period: Period, closed: set[date]) -> None:
    def is_clinic_day(day: date) -> bool:
        return weekday(day) and day not in closed

    window = promise(asked_on, period, is_clinic_day)
    assert asked_on < window.earliest <= window.due <= window.latest
    assert all(map(is_clinic_day, (window.earliest, window.due, window.latest)))
    assert window.due >= period.after(asked_on)


@given(asked, st.integers(1, 120))
def test_months_stay_in_their_month(asked_on: date, n: int) -> None:
    due = Period(n, Unit.MONTHS).after(asked_on)
    months = (due.year - asked_on.year) * 12 + due.month - asked_on.month
    assert months == n
    assert due.day == asked_on.day or (due.day < asked_on.day and (due + timedelta(days=1)).day == 1)
