"""When things happened: in the clinic's own days and hours, before a moment called now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from django.utils import timezone

from portal.rules.local_time import instant, local_day
from portal.rules.working_time import OpeningHours, is_open_day, working_time_between

# Public holidays differ everywhere; these are common enough for a clinic that is nowhere in particular.
HOLIDAYS = {
    (1, 1): "New Year's Day",
    (5, 1): "Labour Day",
    (12, 24): "Christmas Eve",
    (12, 25): "Christmas Day",
    (12, 31): "New Year's Eve",
}
MORNING_AND_AFTERNOON = [(time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))]
WEEK = dict.fromkeys(range(5), MORNING_AND_AFTERNOON)
STEP = timedelta(minutes=10)


def holidays(year: int) -> dict[date, str]:
    return {date(year, month, day): name for (month, day), name in HOLIDAYS.items()}


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Whoever asks Django for the time meanwhile is told `moment`."""
    with patch.object(timezone, "now", lambda: moment):
        yield


@dataclass(frozen=True)
class Calendar:
    """The clinic's days, counted back from `now`."""

    now: datetime
    zone: str
    closed: dict[date, str] = field(init=False)

    def __post_init__(self) -> None:
        years = range(self.today.year - 1, self.today.year + 2)
        object.__setattr__(self, "closed", {day: name for year in years for day, name in holidays(year).items()})

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    def day(self, back: int) -> date:
        """So many clinic days before today."""
        day = self.today
        while back:
            day -= timedelta(days=1)
            back -= is_open_day(day, OpeningHours(WEEK), self.closed.keys())
        return day

    def back(self, days: int, clock: str) -> datetime:
        """That clinic day at this time of the wall clock: always in the past, since `days` is at least 1."""
        return instant(self.day(days), time.fromisoformat(clock), self.zone)

    def ago(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def worked(self, hours: float) -> datetime:
        """The last moment since which the clinic has been open for at least so many hours."""
        moment, wanted = self.now, timedelta(hours=hours)
        while self._open_since(moment) < wanted:
            moment -= STEP
        return moment

    def _open_since(self, moment: datetime) -> timedelta:
        return working_time_between(moment, self.now, OpeningHours(WEEK), self.closed.keys(), self.zone)

    def born(self, age: int, day: str) -> date:
        """The birthday (month-day) of somebody of this age today."""
        month, number = (int(part) for part in day.split("-"))
        not_yet = (self.today.month, self.today.day) < (month, number)
        return date(self.today.year - age - not_yet, month, number)
