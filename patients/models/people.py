"""Whose records an account reaches as a person: its own, of who trusts it, and with the glass broken."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import TextField, Value

from patients.models.broken_glass import BrokenGlass
from patients.models.patients import Patient
from patients.models.related_people import RelatedPerson
from portal.access import People, Permission
from portal.roles import TRUST, Scope

NO_SCOPES = Value([], output_field=ArrayField(TextField()))


def person_of_number(record_number: str) -> UUID | None:
    """Which person a record number means: the id and nothing else, for who keeps watch and may not know their name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_numbered(%s)", [record_number])
        found: UUID | None = cursor.fetchone()[0]
    return found


def people_of(account: UUID) -> People:
    """In one question; the database asks itself the same (patients/walls.py)."""
    own = Patient.objects.filter(user=account).values_list("pk", Value("own", TextField()), NO_SCOPES)
    trusted = RelatedPerson.objects.filter(account=account).standing()
    broken = BrokenGlass.objects.filter(account=account).open().order_by()
    rows = own.union(
        trusted.order_by().values_list("patient", Value("trusted", TextField()), "scopes"),
        broken.values_list("patient", Value("emergency", TextField()), NO_SCOPES),
        all=True,
    )
    found: dict[str, set[UUID]] = {"own": set(), "trusted": set(), "emergency": set()}
    may: dict[UUID, frozenset[Permission]] = {}
    for person, how, scopes in rows:
        found[how].add(person)
        may[person] = may.get(person, frozenset()).union(*(TRUST[Scope(scope)] for scope in scopes))
    return People(
        own=frozenset(found["own"]),
        trusted={person: may[person] for person in found["trusted"]},
        emergency=frozenset(found["emergency"]),
    )
