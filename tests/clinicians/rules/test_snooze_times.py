"""Until when a case may be set aside: by the department's clock, also on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinicians.rules.snooze_times import day_in, days_ahead, is_allowed, morning

AMSTERDAM = "Europe/Amsterdam"
# Past midnight in Amsterdam, the day before in UTC.
LATE = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)


def test_a_day_is_the_departments_and_its_morning_is_eight_by_its_clock() -> None:
    assert day_in(1, LATE, AMSTERDAM) == date(2026, 3, 29)
    assert day_in(1, LATE, "UTC") == date(2026, 3, 28)
    # The 29th is the day on which summer time begins.
    assert morning(date(2026, 3, 28), AMSTERDAM) == datetime(2026, 3, 28, 7, tzinfo=UTC)
    assert morning(date(2026, 3, 29), AMSTERDAM) == datetime(2026, 3, 29, 6, tzinfo=UTC)


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (1, True), (60, True), (61, False)])
def test_from_tomorrow_to_the_sixtieth_day(days: int, allowed: bool) -> None:
    on = day_in(days, LATE, AMSTERDAM)
    assert days_ahead(on, LATE, AMSTERDAM) == days
    if days:
        assert is_allowed(morning(on, AMSTERDAM), LATE, AMSTERDAM) is allowed


def test_a_moment_gone_by_is_not_allowed() -> None:
    assert not is_allowed(LATE, LATE, AMSTERDAM)
    assert is_allowed(LATE + timedelta(seconds=1), LATE, AMSTERDAM)
