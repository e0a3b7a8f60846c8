"""What a diary says of the last week beside the one before: in words, since a count of good days invites counting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean
from typing import Final

WEEK: Final = timedelta(days=7)
# Fewer days than this say nothing of a week.
ENOUGH_DAYS: Final = 3
# Half a level of five, between the means of two weeks.
WORTH_SAYING: Final = 0.5


class Change(StrEnum):
    LESS = "less"
    SAME = "same"
    MORE = "more"
    UNKNOWN = "unknown"


def change(levels: Mapping[date, int], today: date) -> Change:
    """`levels` by day; the last seven days up to `today` against the seven before."""
    now, before = _week(levels, today), _week(levels, today - WEEK)
    if len(now) < ENOUGH_DAYS or len(before) < ENOUGH_DAYS:
        return Change.UNKNOWN
    difference = fmean(now) - fmean(before)
    if abs(difference) < WORTH_SAYING:
        return Change.SAME
    return Change.MORE if difference > 0 else Change.LESS


def _week(levels: Mapping[date, int], last: date) -> list[int]:
    return [level for day, level in levels.items() if last - WEEK < day <= last]
