"""A clinic of any size, written by COPY: as the owner of the tables, with what guards each single row laid aside.

Triggers that copy to the history, carry departments and keep the list of work are off meanwhile; indexes and foreign
keys are taken away and made anew, so that PostgreSQL proves every row once, in bulk. The list of work is then made
from the record, as it is after any change of its rules. All of it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from clinicians.models import work
from clinicians.seeding.crowd import YEAR as YEAR
from clinicians.seeding.crowd import Crowd, Place

STEP: Final = 4_000  # cases that are in memory at once
# Each table with the columns of its lines, in the order in which its rows may point to each other.
COLUMNS: Final = {
    "portal_user": "id, created_at, password, email, name, title, is_active, time_zone",
    "patients_patient": "id, created_at, user_id, record_number, name, born_on, sex, phone, time_zone, allergies,"
    " is_sample",
    "patients_case": "id, created_at, number, patient_id, department_id, title, story, since, status, urgency,"
    " owner_id, waiting_since, answer_due_at, closed_at, closed_by_id",
    "patients_message": "id, created_at, patient_id, case_id, author_id, voice, body, safety_net, department_id",
    "patients_casequestion": "id, created_at, patient_id, case_id, position, text, outcome, settled_by_id,"
    " department_id",
    "patients_result": "id, created_at, patient_id, case_id, kind, title, performed_on, performer, impression,"
    " comment, next_step, status, is_sample, recorded_by_id, released_at, released_by_id, department_id",
    "patients_observation": "id, created_at, patient_id, result_id, position, loinc, name, value, unit, low, high",
    "patients_prescription": "id, created_at, patient_id, case_id, origin, status, medicine, atc, dose, dose_unit,"
    " form, route, times_a_day, as_needed, days, indication, note, findings, has_hard_stop, override_reason,"
    " recorded_by_id, ended_at, ended_by_id, ended_reason, department_id",
    "patients_followup": "id, created_at, patient_id, case_id, kind, reason, earliest_on, due_on, latest_on, owner_id,"
    " status, patient_note, evidence, closing_note, closed_at, closed_by_id, is_high_risk, misses, sequence,"
    " call_reason,"
    " department_id",
}
INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique
"""
FOREIGN_KEYS: Final = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])
"""


def pour(cases: int, *, staff: dict[UUID, list[UUID]], answer_hours: dict[UUID, int], now: datetime, seed: int) -> None:
    """So many cases in these departments (the busiest first), with those who work there.

    Needs a connection of the owner, as migrations do. Raises what PostgreSQL raises when a row is not sound.
    """
    places = [
        Place(str(place), answer_hours[place] / 8 * 7 / 5, [str(one) for one in clinicians])
        for place, clinicians in staff.items()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        with _unguarded(cursor):
            crowd = Crowd(places, now, cases, seed, *_numbers(cursor))
            for begun in range(0, cases, STEP):
                for place_in_line in range(begun, min(begun + STEP, cases)):
                    crowd.tell(place_in_line)
                _write(cursor, crowd.rows)
        cursor.execute("SELECT setval('patients_case_number', %s)", [crowd.first_number + cases])
        # Without statistics of what came, the list of work would be made thirty times slower.
        cursor.execute(f"ANALYZE {', '.join(COLUMNS)}")
        work.rebuild()


def tidy() -> None:
    """What autovacuum would do in its time: statistics, and which pages every reader may see."""
    with connection.cursor() as cursor:
        for table in (*COLUMNS, "clinicians_workitem", "clinicians_worktally"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _numbers(cursor: Any) -> tuple[int, int]:
    """The first number of a case, and of a person, that nobody has."""
    cursor.execute("SELECT nextval('patients_case_number')")
    (number,) = cursor.fetchone()
    cursor.execute("SELECT count(*) + 1 FROM patients_patient WHERE record_number ~ '^P[0-9]{8}$'")
    (person,) = cursor.fetchone()
    return number, person


def _write(cursor: Any, rows: dict[str, list[str]]) -> None:
    for table, columns in COLUMNS.items():
        lines = rows.pop(table, [])
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write("".join(f"{line}\n" for line in lines))


@contextmanager
def _unguarded(cursor: Any) -> Iterator[None]:
    """The tables as files to be filled: no trigger, no policy for their owner, no index but keys, no foreign key."""
    tables = list(COLUMNS)
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cursor.execute(FOREIGN_KEYS, [tables])
    foreign_keys = cursor.fetchall()
    cursor.execute(INDEXES, [tables])
    indexes = cursor.fetchall()
    for table, name, _definition in foreign_keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    _guard(cursor, tables, "DISABLE TRIGGER USER", "NO FORCE ROW LEVEL SECURITY")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in foreign_keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    _guard(cursor, tables, "ENABLE TRIGGER USER", "FORCE ROW LEVEL SECURITY")


def _guard(cursor: Any, tables: list[str], triggers: str, security: str) -> None:
    cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY (%s) AND relrowsecurity", [tables])
    for (table,) in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} {security}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} {triggers}")
