"""What happens when a promised day passes in silence: to the clinician's list, then to a person who telephones.

- A miss is written down by staff ("did not come"), or by the clock once the last day of the window has passed.
- Two working days later it stands on the clinician's work list; two more, and somebody calls.
- Where it must not be missed, or was missed before, somebody calls the same day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from portal.rules.local_time import instant, local_day

WORKING_DAYS: Final = 2
MISSES_UNTIL_A_CALL: Final = 2
LOOK_AHEAD: Final = 366


@dataclass(frozen=True, slots=True)
class Rungs:
    """From when it is the clinician's, and from when a person calls; why."""

    desk_at: datetime
    call_at: datetime
    call_reason: str  # a value of patients.models.followups.CallReason


def passed_at(latest_on: date, zone: str) -> datetime:
    """The moment at which the window has passed: the end of its last day on the clinic's clock."""
    return instant(latest_on + timedelta(days=1), time(0), zone)


def rungs(
    missed_at: datetime, zone: str, is_clinic_day: Callable[[date], bool], *, misses: int, is_high_risk: bool
) -> Rungs:
    """`misses` counts this one too. Raises ValueError when the clinic does not open within a year."""
    day = local_day(missed_at, zone)
    desk = _working_days_after(day, WORKING_DAYS, is_clinic_day)
    desk_at = instant(desk, time(0), zone)
    if is_high_risk or misses >= MISSES_UNTIL_A_CALL:
        return Rungs(min(desk_at, missed_at), missed_at, "high_risk" if is_high_risk else "missed_again")
    call = _working_days_after(desk, WORKING_DAYS, is_clinic_day)
    return Rungs(desk_at, instant(call, time(0), zone), "silence")


def _working_days_after(day: date, days: int, is_clinic_day: Callable[[date], bool]) -> date:
    for ahead in range(1, LOOK_AHEAD):
        candidate = day + timedelta(days=ahead)
        days -= is_clinic_day(candidate)
        if days == 0:
            return candidate
    raise ValueError(f"the clinic has no open day in the year after {day}")
