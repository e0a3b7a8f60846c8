"""Who works at the sample clinic, and who is treated there. All of them are invented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import base_user
from django.contrib.auth.hashers import make_password

from clinicians.seeding.clock import Calendar
from patients.actions import patients
from patients.models import Patient
from patients.models.patients import Sex
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import accounts, departments
from portal.models import Clinic, Department, User

MAIL = "example.org"
# Printed at every start of a demonstration, and of no use anywhere else.
PASSWORD = "sample-clinic-2026"  # noqa: S105
# The authenticator app of everybody who works at the sample clinic; its code stands on the page that asks for it.
SECRET = "SAMPLECLINICISNOTAREALSECRETTWOA"  # noqa: S105


@dataclass(frozen=True)
class Staff:
    key: str
    name: str
    title: str
    role: Role
    department: str = ""  # none: the whole clinic


STAFF = [
    Staff("hsu", "Dr. Hsu Wen-li", "Consultant neurologist", Role.CLINICIAN, "neurology"),
    Staff("okafor", "Dr. Amara Okafor", "Neurologist, nerve and muscle tests", Role.CLINICIAN, "neurology"),
    Staff("solheim", "Dr. Ingrid Solheim", "Consultant endocrinologist", Role.CLINICIAN, "endocrinology"),
    Staff("quispe", "Dr. Mateo Quispe", "General practitioner", Role.CLINICIAN, "general-practice"),
    Staff("haddad", "Dr. Leila Haddad", "Orthopedic surgeon", Role.CLINICIAN, "orthopedics"),
    Staff("tanabe", "Dr. Yuki Tanabe", "Cardiologist", Role.CLINICIAN, "cardiology"),
    Staff("benali", "Dr. Farah Benali", "Gastroenterologist", Role.CLINICIAN, "gastroenterology"),
    Staff("novak", "Hana Nováková", "Clinical pharmacist", Role.CLINICIAN, "pharmacy"),
    Staff("vandijk", "Dr. Noor van Dijk", "Clinical psychologist", Role.CLINICIAN, "mental-health"),
    Staff("anneli", "Anneli Korhonen", "Physiotherapist", Role.CLINICIAN, "rehabilitation"),
    Staff("rosa", "Rosa Delgado", "Triage nurse", Role.TRIAGE),
    Staff("tomasz", "Tomasz Zielak", "Follow-up coordinator", Role.COORDINATOR),
    Staff("priya", "Priya Raman", "Editor of the library", Role.CURATOR),
    Staff("daniel", "Daniel Achterhof", "Editor of the library", Role.CURATOR),
    Staff("sofia", "Sofia Lindqvist", "Privacy officer", Role.PRIVACY_OFFICER),
    Staff("kwame", "Kwame Mensah", "Administrator", Role.ADMINISTRATOR),
]


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    sex: Sex
    age: int
    birthday: str
    allergies: str | None = None


PEOPLE = [
    Person("mira", "Mira Tan", Sex.FEMALE, 24, "03-09"),
    Person("elif", "Elif Aksoy", Sex.FEMALE, 27, "11-02", ""),
    Person("jonas", "Jonas Weber", Sex.MALE, 23, "06-21", ""),
    Person("folarin", "Folarin Adeyemi", Sex.MALE, 46, "01-30", "Penicillin: rash as a child"),
    Person("lan", "Nguyễn Thị Lan", Sex.FEMALE, 58, "08-14", ""),
    Person("gabriela", "Gabriela Fuentes", Sex.FEMALE, 34, "04-05", ""),
    Person("henrik", "Henrik Dahl", Sex.MALE, 71, "12-11", "None known\nNuts: lips swell"),
    Person("aroha", "Aroha Ngata", Sex.FEMALE, 19, "02-17"),
    Person("samir", "Samir Khalil", Sex.MALE, 39, "09-26", ""),
    Person("beatriz", "Beatriz Moreira", Sex.FEMALE, 63, "07-03", "Ibuprofen: wheezing"),
    Person("isaac", "Isaac Rosen", Sex.MALE, 52, "05-19", ""),
    Person("meiling", "Chua Mei-ling", Sex.FEMALE, 31, "10-08", ""),
    Person("dmitri", "Dmitri Sokolov", Sex.MALE, 44, "03-28"),
    Person("ayesha", "Ayesha Siddiqui", Sex.FEMALE, 29, "06-06", ""),
    Person("sean", "Seán Brennan", Sex.MALE, 67, "01-12", "Clarithromycin: stomach pain"),
]


@dataclass(frozen=True)
class Helper:
    """Somebody a patient trusts: an account, and no record of their own."""

    key: str
    name: str


HELPERS = [Helper("wei", "Tan Wei")]
BY_KEY = {person.key: person for person in PEOPLE}

# Whom a visitor of the demonstration may want to be, in the order of the tour.
SIGN_INS = [
    ("Patient", "mira"),
    ("Another patient", "elif"),
    ("Mira's father", "wei"),
    ("Triage nurse", "rosa"),
    ("Neurologist", "hsu"),
    ("Endocrinologist", "solheim"),
    ("Coordinator", "tomasz"),
    ("Curator", "priya"),
    ("Second curator", "daniel"),
    ("Privacy officer", "sofia"),
    ("Administrator", "kwame"),
]


def sign_ins() -> list[tuple[str, str]]:
    """Label and e-mail address of each account that the demonstration names."""
    return [(label, f"{key}@{MAIL}") for label, key in SIGN_INS]


def present_code() -> str:
    """What that app shows in this half minute."""
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // app_settings.TOTP_PERIOD)))


def open_accounts(places: dict[str, Department]) -> dict[str, User]:
    """Everybody's account, by their key; staff with their posts."""
    with acting_as(SYSTEM), one_password():
        clinic = Clinic.the()
        titled = [(staff.key, staff.name, staff.title) for staff in STAFF]
        titled += [(who.key, who.name, "") for who in PEOPLE] + [(who.key, who.name, "") for who in HELPERS]
        users = {
            key: accounts.open_account(
                clinic, by=SYSTEM, email=f"{key}@{MAIL}", name=name, title=title, password=PASSWORD
            )
            for key, name, title in titled
        }
        for one in STAFF:
            place = places[one.department] if one.department else None
            departments.appoint(users[one.key], by=SYSTEM, role=one.role, department=place)
            accounts.give_authenticator(users[one.key], by=SYSTEM, secret=SECRET)
    return users


def register(user: User, person: Person, calendar: Calendar) -> Patient:
    return patients.register(
        user,
        by=user,
        born_on=calendar.born(person.age, person.birthday),
        time_zone=calendar.zone,
        sex=person.sex,
        allergies=person.allergies,
        is_sample=True,
    )


@contextmanager
def one_password() -> Iterator[None]:
    """Hash the one password of the demonstration once: hashing is slow on purpose, and thirty times too slow."""
    with patch.object(base_user, "make_password", cache(make_password)):
        yield
