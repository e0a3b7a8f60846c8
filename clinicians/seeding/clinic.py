"""The whole sample clinic, told and then done in order of time."""

from __future__ import annotations

from datetime import datetime

from clinicians.seeding import elsewhere, hours, neurology, the_case
from clinicians.seeding.clock import Calendar, at
from clinicians.seeding.library import Library
from clinicians.seeding.people import open_accounts
from clinicians.seeding.places import establish_all
from clinicians.seeding.stories import Seed

FOUNDED = 300  # clinic days ago


def fill(now: datetime, zone: str) -> None:
    """Everything happens before `now`, in `zone`; raises nothing but what the verbs raise."""
    calendar = Calendar(now, zone)
    with at(calendar.back(FOUNDED, "09:00")):
        places = establish_all(calendar)
        seed = Seed(calendar, places, open_accounts(places))
    for tell in (hours.tell, the_case.tell, neurology.tell, elsewhere.tell):
        tell(seed)
    Library(seed).tell()
    seed.perform()
