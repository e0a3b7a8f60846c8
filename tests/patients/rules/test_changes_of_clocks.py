"""Every change of clocks of every zone in 2027–2029: one reminder per promised local day, exactly.

What judges is naive on purpose and shares nothing with the rule: it looks at the clock on the wall every quarter of an
hour, and takes the first look that fits.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata  # type: ignore[import-untyped]

from patients.rules.reminder_times import Slot, reminder_times
from portal.rules.local_time import instant

FROM, UNTIL = datetime(2027, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
# Clocks that skip an hour, and clocks that show one twice, by the edition of the table of zones. Between these two,
# Morocco and much of Canada left the changing of clocks (as the newer one foresees it), and Havana's days moved.
COUNTED = {"2025b": (603, 605), "2026f": (568, 570)}
# A zone of the machine, not of the table.
NOT_A_PLACE = {"localtime"}


WALLS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]


class Change:
    def __init__(self, zone: ZoneInfo, at: datetime, *, skips: bool) -> None:
        self.at = at  # the first quarter of an hour after it
        self.skips = skips
        self.clock = [(look, shown(zone, look)) for look in (at + n * QUARTER for n in range(-288, 288))]
        middle = self.clock[288][1].date()
        self.days = [middle + n * DAY for n in (-1, 0, 1)]
        # The first look on that day at which the clock shows so late an hour.
        self.first: dict[tuple[date, time], datetime] = {}
        for day in self.days:
            of_day = [(look, wall.time()) for look, wall in self.clock if wall.date() == day]
            for wall in WALLS:
                while of_day and of_day[0][1] < wall:
                    of_day.pop(0)
                if of_day:
                    self.first[day, wall] = of_day[0][0]


def shown(zone: ZoneInfo, at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def changes(zone: ZoneInfo) -> Iterator[Change]:
    """No two are within four days of each other."""
    at = FROM
    while at < UNTIL:
        before, after = at.astimezone(zone).utcoffset(), (at + 4 * DAY).astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            moment = at
            while moment.astimezone(zone).utcoffset() == before:
                moment += QUARTER
            yield Change(zone, moment, skips=after > before)
        at += 4 * DAY


def table_of(name: str) -> bytes:
    """As it lies on the disk: what two names of one place have in common."""
    for folder in zoneinfo.TZPATH:
        if (file := Path(folder, name)).is_file():
            return file.read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


@pytest.fixture(params=["installed", "pinned"])
def edition(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's table of zones, where it has one, and that of the package that the lock names."""
    places = zoneinfo.TZPATH
    if request.param == "pinned":
        zoneinfo.reset_tzpath(to=())
        ZoneInfo.clear_cache()
        yield tzdata.IANA_VERSION
        zoneinfo.reset_tzpath(to=places)
        ZoneInfo.clear_cache()
        return
    lists = [Path(place, "tzdata.zi") for place in places if Path(place, "tzdata.zi").is_file()]
    if not lists:
        pytest.skip("this machine has no table of its own")
    with lists[0].open() as lines:
        yield lines.readline().split()[-1]


def test_every_change_has_one_reminder_for_each_promised_day(edition: str) -> None:
    found, judged = [0, 0], set()
    known = cache(lambda table, name: list(changes(ZoneInfo(name))))
    names_of: dict[bytes, str] = {}
    for name in sorted(zoneinfo.available_timezones() - NOT_A_PLACE):
        table = table_of(name)
        first_name = names_of.setdefault(table, name)
        for change in known(table, first_name):
            found[0 if change.skips else 1] += 1
            judge_days(name, change)
            if (table, change.at) not in judged:
                judged.add((table, change.at))
                judge_walls(name, change)
                judge_booking(name, change)
    if edition in COUNTED:
        assert tuple(found) == COUNTED[edition], f"another count than the one known of edition {edition}"
    assert sum(found) > 1000


def judge_days(zone: str, change: Change) -> None:
    """A reminder on each day about the change: the day before a follow-up, and a week before another."""
    for day in change.days:
        now = change.at - 30 * DAY
        for slot, days in ((Slot.DAY_BEFORE, 1), (Slot.WEEK_BEFORE, 7)):
            told = reminder_times(day + days * DAY, None, zone, now=now)
            on_that_day = [one for one in told if shown(ZoneInfo(zone), one.due_at).date() == day]
            assert [(one.slot, one.due_at) for one in on_that_day] == [(slot, change.first[day, time(10)])], (zone, day)
            assert len({one.on for one in told}) == len(told) == 3, (zone, day)


def judge_walls(zone: str, change: Change) -> None:
    """Each quarter of an hour of those days is one instant, the skipped and the doubled ones too."""
    for (day, wall), at in change.first.items():
        assert instant(day, wall, zone) == at, (zone, day, wall)


def judge_booking(zone: str, change: Change) -> None:
    """Promised at any hour about the change: told at once, or at eight in the morning."""
    for n in range(96, 480, 9):
        now = change.clock[n][0]
        told = reminder_times(change.days[-1] + 60 * DAY, None, zone, now=now)
        polite = next(at for at, look in change.clock[n:] if time(8) <= look.time() < time(21))
        assert (told[0].slot, told[0].due_at) == (Slot.BOOKED, polite), (zone, now)
