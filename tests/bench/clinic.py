"""A clinic that grows, in a database of its own: for what is measured at two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from clinicians.seeding import by_copy, workforce
from portal.access import Role
from portal.models import Department, User
from tests import make

DEPARTMENTS = 12
SEED = 11
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Clinic:
    """Twelve departments; four people whose work lists differ most."""

    places: list[Department]
    clinician: User
    triage: User
    coordinator: User
    cases: int = 0
    staff: dict[UUID, list[UUID]] = field(default_factory=dict)

    @classmethod
    def established(cls) -> Clinic:
        places = [make.make_department(f"Ward {chr(ord('A') + number)}") for number in range(DEPARTMENTS)]
        return cls(
            places,
            make.make_user("Nadia North", role=Role.CLINICIAN, department=places[0]),
            make.make_user("Tessa Thorn", role=Role.TRIAGE),
            make.make_user("Cora Cole", role=Role.COORDINATOR),
        )

    @property
    def people(self) -> dict[str, User]:
        return {"clinician": self.clinician, "triage": self.triage, "coordinator": self.coordinator}

    def grow(self, to: int) -> None:
        """Until there are so many cases."""
        self.staff = workforce.staffed(self.places, to, SEED)
        hours = {place.pk: place.answer_hours for place in self.places}
        by_copy.pour(to - self.cases, staff=self.staff, answer_hours=hours, now=timezone.now(), seed=SEED)
        scatter()
        by_copy.tidy()
        self.cases = to


def scatter() -> None:
    """The rows of the list as they lie after months of work, each where it was last written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE scattered ON COMMIT DROP AS"
            " SELECT * FROM clinicians_workitem ORDER BY md5(case_id::text || lane)"
        )
        cursor.execute("ALTER TABLE clinicians_workitem DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE clinicians_workitem")
        cursor.execute("INSERT INTO clinicians_workitem SELECT * FROM scattered")
        cursor.execute("ALTER TABLE clinicians_workitem ENABLE TRIGGER USER")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    make.make_second_factor_shown(client, user)
    return client


@contextmanager
def database_of_its_own(name: str) -> Iterator[None]:
    """A copy of the present one, in its place meanwhile."""
    copied(to=name)
    try:
        with at_database(name):
            yield
    finally:
        _elsewhere(f"DROP DATABASE {name} WITH (FORCE)")


def copied(*, to: str) -> None:
    """The present database, once more: nobody else may be connected to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
    present = connection.settings_dict["NAME"]
    _elsewhere(f"DROP DATABASE IF EXISTS {to} WITH (FORCE)", f"CREATE DATABASE {to} TEMPLATE {present}")


@contextmanager
def at_database(name: str) -> Iterator[None]:
    before = str(connection.settings_dict["NAME"])
    _move(name)
    try:
        yield
    finally:
        _move(before)


def _move(name: str) -> None:
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name


def _elsewhere(*statements: str) -> None:
    """Said in a database that is neither of them."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
