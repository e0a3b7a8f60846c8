"""The cast: two patients, two specialists, triage, coordinator, curator, officers, a visitor. Bob must get
nothing of Alice's, and Karl of cardiology nothing of neurology's."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import caches
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

from patients.models import Case, Patient
from portal.access import Role
from portal.models import Department, User
from tests import make

# Of these tests alone.
VAPID_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def pytest_sessionstart() -> None:
    if not os.environ.get("DATABASE_URL"):
        pytest.exit("Run the tests with `make test`, which starts their database and broker.", returncode=2)


def pytest_collection_finish() -> None:
    """What stands by now stays: it need not be looked through for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A browser's kept-alive line may hold a thread of the live server, and that a connection: end them at the end."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )


@pytest.fixture(autouse=True)
def _cache_of_its_own() -> None:
    """All workers share one Redis: each test has its own names in it, so that none counts another's attempts."""
    caches["default"].key_prefix = uuid4().hex


class QuickHasher(PBKDF2PasswordHasher):
    """As a clinic has it, but for the rounds: those that make it slow are most of what signing in costs."""

    iterations = 1


# In each test, unless it says otherwise.
ALWAYS: dict[str, Any] = {
    # Tests of what comes after a reply do not wait; those of undoing one say how long it can be.
    "REPLY_UNDO_SECONDS": 0,
    "PASSWORD_HASHERS": ["tests.conftest.QuickHasher"],
    # Every way is offered. Nobody answers there: tests of what is sent say who does.
    "SMS_PROVIDER": "webhook",
    "SMS_URL": "http://127.0.0.1:9",
    "SMS_SECRET": "s" * 32,
    "VAPID_PRIVATE_KEY": VAPID_KEY,
}


@pytest.fixture(autouse=True, scope="session")
def _settings_of_tests() -> Iterator[None]:
    with override_settings(**ALWAYS):
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_looked_up_once() -> Iterator[None]:
    """Not by each client anew, of which there are thousands: it was a fifth of what a request cost."""
    look_up = WhiteNoiseMiddleware.add_files_from_finders
    known: dict[str, Any] = {}

    def from_what_is_known(self: Any) -> None:
        if not known:
            look_up(self)
            known.update(self.files)
        self.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", from_what_is_known)
        yield


@pytest.fixture(autouse=True, scope="session")
def _audit_may_be_emptied_between_tests() -> Iterator[None]:
    """The trail refuses TRUNCATE, and a test with real transactions is cleaned by one: allow it to the owner."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: object, **kwargs: object) -> list[str]:
        statements = flush(self, *args, **kwargs)  # type: ignore[arg-type]
        tables = ("portal_auditevent", "portal_auditseal")
        refusing = [(table, trigger) for table in tables for trigger in ("append_only_rows", "append_only_table")]
        return [
            *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in refusing),
            *statements,
            *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in refusing),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def neurology(db: None) -> Department:
    return make.make_department("Neurology")


@pytest.fixture
def cardiology(db: None) -> Department:
    return make.make_department("Cardiology")


@pytest.fixture
def alice(db: None) -> Patient:
    return make.make_patient("Alice Ash")


@pytest.fixture
def bob(db: None) -> Patient:
    return make.make_patient("Bob Birch")


@pytest.fixture
def nadia(neurology: Department) -> User:
    """Neurologist."""
    return make.make_user("Nadia North", role=Role.CLINICIAN, department=neurology)


@pytest.fixture
def karl(cardiology: Department) -> User:
    """Cardiologist."""
    return make.make_user("Karl Kern", role=Role.CLINICIAN, department=cardiology)


@pytest.fixture
def tessa(db: None) -> User:
    """Triage, for the whole clinic."""
    return make.make_user("Tessa Thorn", role=Role.TRIAGE)


@pytest.fixture
def cora(neurology: Department) -> User:
    """Coordinator of neurology."""
    return make.make_user("Cora Cole", role=Role.COORDINATOR, department=neurology)


@pytest.fixture
def curt(db: None) -> User:
    """Curator."""
    return make.make_user("Curt Crane", role=Role.CURATOR)


@pytest.fixture
def carla(db: None) -> User:
    """Another curator: who approves what Curt wrote."""
    return make.make_user("Carla Cray", role=Role.CURATOR)


@pytest.fixture
def percy(db: None) -> User:
    """Privacy officer."""
    return make.make_user("Percy Penn", role=Role.PRIVACY_OFFICER)


@pytest.fixture
def ada(db: None) -> User:
    """Administrator: runs accounts, sees nobody's record."""
    return make.make_user("Ada Amber", role=Role.ADMINISTRATOR)


@pytest.fixture
def case(alice: Patient, neurology: Department) -> Case:
    """Alice's case in neurology, new."""
    return make.make_case(alice, neurology)


@pytest.fixture
def triaged(case: Case, nadia: User) -> Case:
    """Alice's case on Nadia's worklist."""
    return make.make_triaged(case, by=nadia, owner=nadia)


@pytest.fixture
def as_user() -> Callable[[User | Patient], Client]:
    """A browser signed in as this person."""

    def sign_in(who: User | Patient) -> Client:
        client = Client()
        user = who.user if isinstance(who, Patient) else who
        assert user is not None
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        make.make_second_factor_shown(client, user)
        return client

    return sign_in


@pytest.fixture
def actor_in_database() -> Callable[[], str]:
    """Whom the database thinks is acting now."""

    def ask() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('fascicle.actor', true)")
            return cursor.fetchone()[0] or ""

    return ask
