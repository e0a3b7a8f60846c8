"""Until when a case may be set aside: a morning, at most sixty days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from portal.rules.local_time import instant, local_day

MOST_DAYS = 60
MORNING = time(8)
# What can be chosen without a calendar, in days from today.
DAYS: Mapping[str, int] = {"tomorrow": 1, "3_days": 3, "week": 7}


def morning(on: date, zone: str) -> datetime:
    """When work begins that day, where the department is."""
    return instant(on, MORNING, zone)


def days_ahead(on: date, now: datetime, zone: str) -> int:
    return (on - local_day(now, zone)).days


def day_in(days: int, now: datetime, zone: str) -> date:
    return local_day(now, zone) + timedelta(days=days)


def is_allowed(until: datetime, now: datetime, zone: str) -> bool:
    """Later than now, and not past the sixtieth day."""
    return until > now and days_ahead(local_day(until, zone), now, zone) <= MOST_DAYS
