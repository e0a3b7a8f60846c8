"""When the sample clinic's clinicians see people: set by each of them, long ago."""

from __future__ import annotations

from datetime import time
from functools import partial

from clinicians.actions import schedules
from clinicians.seeding.people import STAFF
from clinicians.seeding.stories import Seed
from portal.models import User

Hours = tuple[str, tuple[int, ...], tuple[time, time], int, int, str]

SET = 290  # clinic days ago
MORNING, AFTERNOON = (time(9), time(12)), (time(13, 30), time(16, 30))
# Who, on which weekdays (0 is Monday), when, how long each, how many at once, where.
HOURS: list[Hours] = [
    ("hsu", (0, 2, 4), MORNING, 30, 1, "Room 12"),
    ("okafor", (0, 1, 2, 3, 4), MORNING, 30, 1, "Room 14"),
    ("okafor", (1, 3), AFTERNOON, 30, 1, "Room 14"),
    ("solheim", (1, 3), MORNING, 20, 1, "Room 5"),
    ("quispe", (0, 1, 2, 3, 4), AFTERNOON, 15, 1, "Room 2"),
    ("haddad", (2, 4), MORNING, 20, 1, "Room 8"),
    ("anneli", (0, 1, 2, 3), MORNING, 60, 3, "Second floor"),
]
PLACE_OF = {one.key: one.department for one in STAFF}


def tell(seed: Seed) -> None:
    since = seed.calendar.back(SET, "08:45")
    for hours in HOURS:
        seed.step(since, hours[0], partial(keep, seed, hours))


def keep(seed: Seed, hours: Hours, user: User) -> None:
    key, weekdays, (opens, closes), minutes, capacity, room = hours
    for weekday in weekdays:
        schedules.add(
            seed.places[PLACE_OF[key]],
            by=user,
            clinician=user,
            weekday=weekday,
            opens=opens,
            closes=closes,
            slot_minutes=minutes,
            capacity=capacity,
            starts_on=seed.calendar.day(SET),
            place=room,
        )
