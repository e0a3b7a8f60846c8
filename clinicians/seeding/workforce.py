"""Who works in a clinic of any size: twelve departments, and as many clinicians as the open cases take."""

from __future__ import annotations

from random import Random
from uuid import UUID

from clinicians.seeding import vocabulary
from clinicians.seeding.clock import WEEK
from clinicians.seeding.people import MAIL, PASSWORD, SECRET, one_password
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import accounts, departments
from portal.models import Clinic, Department, User

OPEN_SHARE = 0.05  # as clinicians/seeding/crowd.py makes them
OPEN_EACH = 250
# Beside those of the sample clinic.
MORE = (
    ("sleep-medicine", "Sleep medicine", "Bad sleep, snoring, days without energy"),
    ("dermatology", "Dermatology", "Rashes, spots that change, itching"),
    ("ear-nose-throat", "Ear, nose and throat", "Hearing, a ringing in the ear, a voice that stays hoarse"),
)


def more_departments(zone: str) -> None:
    with acting_as(SYSTEM):
        for slug, name, description in MORE:
            if not Department.objects.filter(slug=slug).exists():
                about = {"description": description, "icon": "stethoscope", "time_zone": zone}
                made = departments.establish(Clinic.the(), by=SYSTEM, name=name, slug=slug, **about)
                departments.set_hours(made, by=SYSTEM, week=WEEK)


def staffed(places: list[Department], cases: int, seed: int) -> dict[UUID, list[UUID]]:
    """Everybody who treats people in each of these departments (the busiest first), with whom it takes more."""
    pick, found = Random(seed), {}  # noqa: S311 names, no secrets
    shares = [1 / rank for rank in range(1, len(places) + 1)]
    with acting_as(SYSTEM), one_password():
        for place, share in zip(places, shares, strict=True):
            there = list(User.objects.with_role(Role.CLINICIAN, place).order_by("pk"))
            wanted = max(1, round(cases * OPEN_SHARE / OPEN_EACH * share / sum(shares)))
            more = [_appointed(place, number, pick) for number in range(len(there), wanted)]
            found[place.pk] = [one.pk for one in (*there, *more)]
    return found


def _appointed(place: Department, number: int, pick: Random) -> User:
    about = {"email": f"{place.slug}-{number + 1}@{MAIL}", "name": f"Dr. {vocabulary.named(pick)}"}
    one = accounts.open_account(Clinic.the(), by=SYSTEM, title=place.name, password=PASSWORD, **about)
    departments.appoint(one, by=SYSTEM, role=Role.CLINICIAN, department=place)
    accounts.give_authenticator(one, by=SYSTEM, secret=SECRET)
    return one
