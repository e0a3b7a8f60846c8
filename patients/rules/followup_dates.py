"""From "come back in a month" to three dates.

The written rule
- Days and weeks are counted as they are.
- Months keep the day of the month. Where the month is shorter, its last day is meant: 31 January and one
  month is 28 February, or 29 in a leap year; 29 February and twelve months is 28 February. The day is
  always taken from the day of asking, so 31 January and two months is 31 March.
- A date on which the clinic is closed moves forward to the next clinic day, never back.
- The window opens and closes by the length of the period (see WIDTHS), each end moved forward in the
  same way. It never opens on or before the day of asking.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

SEARCH_DAYS: Final = 366

# Up to so many days ahead: the window opens so many days before the due date and closes so many after.
# Our judgement; the sources give reminder times, not windows.
WIDTHS: Final = ((7, 1, 2), (31, 3, 7), (92, 7, 14))
WIDEST: Final = (14, 28)


class Unit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Period:
    n: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("a follow-up lies in the future: the period is at least 1")

    def after(self, day: date) -> date:
        """The calendar date, before the clinic's closed days are looked at."""
        try:
            if self.unit is Unit.MONTHS:
                return _months_after(day, self.n)
            return day + timedelta(days=self.n * (7 if self.unit is Unit.WEEKS else 1))
        except OverflowError as error:
            raise ValueError("this follow-up lies beyond the calendar") from error


@dataclass(frozen=True, slots=True)
class Window:
    earliest: date
    due: date
    latest: date


def promise(asked_on: date, period: Period, is_clinic_day: Callable[[date], bool]) -> Window:
    """The window of a follow-up. Raises ValueError when the clinic does not open within a year of a date."""
    nominal = period.after(asked_on)
    before, after = _width((nominal - asked_on).days)
    due = _clinic_day(nominal, is_clinic_day)
    opens = max(due - timedelta(days=before), asked_on + timedelta(days=1))
    return Window(
        earliest=_clinic_day(opens, is_clinic_day),
        due=due,
        latest=_clinic_day(due + timedelta(days=after), is_clinic_day),
    )


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _width(days: int) -> tuple[int, int]:
    return next(((before, after) for limit, before, after in WIDTHS if days <= limit), WIDEST)


def _clinic_day(day: date, is_clinic_day: Callable[[date], bool]) -> date:
    for ahead in range(SEARCH_DAYS):
        candidate = day + timedelta(days=ahead)
        if is_clinic_day(candidate):
            return candidate
    raise ValueError(f"the clinic has no open day in the year after {day}")
