"""A week beside the one before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from patients.rules.diary_changes import Change, change

TODAY = date(2026, 5, 20)


def days(now: list[int], before: list[int]) -> dict[date, int]:
    recent = {TODAY - timedelta(days=back): level for back, level in enumerate(now)}
    return recent | {TODAY - timedelta(days=7 + back): level for back, level in enumerate(before)}


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ([1, 1, 1], [3, 3, 3], Change.LESS),
        ([2, 2, 2, 3], [2, 2, 2], Change.SAME),
        ([4, 3, 4], [3, 3, 3], Change.MORE),
        ([0, 0], [4, 4, 4, 4], Change.UNKNOWN),
        ([0, 0, 0, 0], [4], Change.UNKNOWN),
        ([], [], Change.UNKNOWN),
    ],
)
def test_the_means_of_two_weeks_are_compared(now: list[int], before: list[int], expected: Change) -> None:
    assert change(days(now, before), TODAY) is expected


def test_older_days_say_nothing() -> None:
    old = {TODAY - timedelta(days=back): 4 for back in range(14, 40)}
    assert change(days([1, 1, 1], [1, 1, 1]) | old, TODAY) is Change.SAME
