"""Whose records an account reaches as a person: its own, of who trusts it, and with the glass broken."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.utils import timezone

from portal.access import People, Permission
from portal.roles import TRUST, Scope

# Of whom it is, whose trust in it stands, and whose glass it broke. Written out: asked for every request of everybody,
# and Django takes longer to compose it than PostgreSQL to answer.
PEOPLE = """
SELECT id, 'own', '{}'::text[] FROM patients_patient WHERE user_id = %(account)s
UNION ALL
SELECT patient_id, 'trusted', scopes::text[] FROM patients_relatedperson
 WHERE account_id = %(account)s AND revoked_at IS NULL AND expires_at > %(now)s
UNION ALL
SELECT patient_id, 'emergency', '{}' FROM patients_brokenglass WHERE account_id = %(account)s AND expires_at > %(now)s
"""


def person_of_number(record_number: str) -> UUID | None:
    """Which person a record number means: the id and nothing else, for who keeps watch and may not know their name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_numbered(%s)", [record_number])
        found: UUID | None = cursor.fetchone()[0]
    return found


def people_of(account: UUID) -> People:
    """In one question; the database asks itself the same (patients/walls.py)."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"account": account, "now": timezone.now()})
        rows = cursor.fetchall()
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
