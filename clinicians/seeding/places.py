"""The departments of the sample clinic."""

from __future__ import annotations

from dataclasses import dataclass

from clinicians.seeding.clock import WEEK, Calendar
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import departments
from portal.models import Clinic, Department


@dataclass(frozen=True)
class Place:
    slug: str
    name: str
    icon: str
    answer_hours: int
    description: str


PLACES = [
    Place("neurology", "Neurology", "brain", 16, "Twitching, numb or weak limbs, shaking, headaches, dizziness, fits"),
    Place(
        "general-practice",
        "General practice",
        "stethoscope",
        8,
        "Anything new or unclear: fever, tiredness, aches, a check-up, a referral",
    ),
    Place(
        "endocrinology",
        "Endocrinology",
        "flask-conical",
        16,
        "Thyroid trouble, diabetes, weight that changes without reason, hormones",
    ),
    Place(
        "orthopedics",
        "Orthopedics",
        "bone",
        16,
        "Painful or unsteady joints, kneecap trouble, back pain, injuries, a hand that falls asleep",
    ),
    Place(
        "gastroenterology",
        "Gastroenterology",
        "apple",
        16,
        "Belly pain, diarrhoea, constipation, bloating, heartburn, trouble swallowing",
    ),
    Place(
        "cardiology",
        "Cardiology",
        "heart-pulse",
        8,
        "A racing or stumbling heart, chest tightness, blood pressure, fainting, swollen legs",
    ),
    Place(
        "mental-health",
        "Mental health",
        "message-circle-heart",
        16,
        "Worry that will not stop, low mood, bad sleep, panic, living with an illness",
    ),
    Place(
        "pharmacy",
        "Pharmacy",
        "pill",
        8,
        "How to take a medicine, side effects, medicines that do not go together, repeats",
    ),
    Place(
        "rehabilitation",
        "Rehabilitation",
        "person-standing",
        24,
        "Getting strength, balance and everyday movement back after illness or injury",
    ),
]


def establish_all(calendar: Calendar) -> dict[str, Department]:
    """Every department with its hours and its holidays of last, this and next year."""
    made = {}
    with acting_as(SYSTEM):
        clinic = Clinic.the()
        for place in PLACES:
            about = {"description": place.description, "icon": place.icon, "answer_hours": place.answer_hours}
            department = departments.establish(
                clinic, by=SYSTEM, name=place.name, slug=place.slug, time_zone=calendar.zone, **about
            )
            departments.set_hours(department, by=SYSTEM, week=WEEK)
            made[place.slug] = departments.set_holidays(department, by=SYSTEM, days=calendar.closed)
    return made
