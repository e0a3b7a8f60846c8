"""All that the database holds, row by row, for tests that ask whether anything at all has changed."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection

from portal.models import AuditEvent

Rows = dict[str, set[str]]
# What a refusal and a read write down, and what a browser keeps of who is signed in.
TRAIL = AuditEvent._meta.db_table
SESSIONS = Session._meta.db_table


@cache
def names() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(set(connection.introspection.table_names(cursor)) - {"django_migrations"})


def everything(*, but: Collection[str] = (TRAIL,)) -> Rows:
    """Each table's rows with all their columns as JSON, history tables too."""
    tables = [name for name in names() if name not in but]
    one = "SELECT %s AS name, to_jsonb(t)::text AS row FROM {} t"
    union = " UNION ALL ".join(one.format(connection.ops.quote_name(name)) for name in tables)
    found: Rows = {name: set() for name in tables}
    with connection.cursor() as cursor:
        cursor.execute(union, tables)
        for name, row in cursor.fetchall():
            found[name].add(row)
    return found


def counts(names: Collection[str]) -> dict[str, int]:
    """How many rows there are in each of these tables."""
    one = "SELECT %s AS name, count(*) FROM {}"
    union = " UNION ALL ".join(one.format(connection.ops.quote_name(name)) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(union, list(names))
        return dict(cursor.fetchall())


def changed(before: Rows, after: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows that are there now and were not, or not so; and those that are gone."""
    return {
        name: [json.loads(row) for row in sorted(after[name] ^ before[name])]
        for name in after
        if after[name] != before[name]
    }
