"""The promise of an answer: by when, what makes it earlier, and when its clock stands still.

The written rule
- A promise is a length of working time: the department's answer time, counted in its opening hours and without its
  holidays, from the moment the patient wrote.
- What is urgent is due earlier (see `limit`), and never later than the answer time says.
- Triage may make a promise earlier. Nothing makes one later that the patient was told: neither triage nor opening
  hours or holidays that are changed afterwards.
- A reply that leaves a question for later, or for a visit, waits for the patient: the clock stands still, and what was
  left of the promise is kept. When the patient writes, the rest runs on: not less than `LEAST`, for a message needs to
  be read, and not more than the whole answer time.
- After a reply that answers everything, or once the case was closed, a message starts a whole new promise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from portal.rules.working_time import (
    OpeningHours,
    add_working_time,
    next_closing,
    subtract_working_time,
    working_time_between,
)

# As patients.models.cases.Urgency counts them.
EMERGENCY: Final = 1
SAME_DAY: Final = 2
# What is left at least when the patient has answered: our judgement.
LEAST: Final = timedelta(hours=2)
# An emergency is for the telephone and the emergency number, as every page says. Where one is found among written
# questions it is read before all else: an hour in which the department is open, our judgement.
AT_ONCE: Final = timedelta(hours=1)
# Nearly due: a quarter of the answer time is left, or two working hours where that is more: time enough to answer.
WARNING_SHARE: Final = 4
WARNING: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a department answers, and in what working time."""

    answer_time: timedelta
    hours: OpeningHours
    holidays: Collection[date]
    zone: str

    def after(self, start: datetime, working: timedelta) -> datetime:
        return add_working_time(start, working, self.hours, self.holidays, self.zone)

    def before(self, end: datetime, working: timedelta) -> datetime:
        return subtract_working_time(end, working, self.hours, self.holidays, self.zone)

    def between(self, begins: datetime, ends: datetime) -> timedelta:
        return working_time_between(begins, ends, self.hours, self.holidays, self.zone)


def promised(now: datetime, urgency: int, table: Timetable) -> datetime:
    """When an answer is due to what is asked now. Raises NeverOpen where there are no hours to promise in."""
    return _within(now, table.answer_time, urgency, table)


def limit(now: datetime, urgency: int, table: Timetable) -> datetime | None:
    """By when something so urgent is to be answered at the latest, whatever the answer time; None: no earlier.

    Same day: before the department closes today; when it has closed, before it closes on its next day.
    """
    if urgency == EMERGENCY:
        return table.after(now, AT_ONCE)
    if urgency == SAME_DAY:
        return next_closing(now, table.hours, table.holidays, table.zone)
    return None


def left(now: datetime, due: datetime, table: Timetable) -> timedelta:
    """How much of a promise is left; nothing once it is late."""
    return table.between(now, due) if now < due else timedelta(0)


def resumed(now: datetime, rest: timedelta, urgency: int, table: Timetable) -> datetime:
    """When an answer is due after a pause that left `rest` of the promise."""
    return _within(now, min(max(rest, LEAST), table.answer_time), urgency, table)


def _within(now: datetime, working: timedelta, urgency: int, table: Timetable) -> datetime:
    by, earlier = table.after(now, working), limit(now, urgency, table)
    return by if earlier is None else min(by, earlier)


def warning_time(answer_time: timedelta) -> timedelta:
    """How much working time is left when a promise counts as nearly due."""
    return max(answer_time / WARNING_SHARE, WARNING)
