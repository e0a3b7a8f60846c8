"""Events to seal, and the hand of somebody who owns the tables: every trigger off, any row changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from portal.actions import seals
from portal.models import AuditEvent, AuditSeal

TABLES = ("portal_auditevent", "portal_auditseal")
ALWAYS = (
    ("portal_auditevent", "append_only_rows"),
    ("portal_auditevent", "append_only_table"),
    ("portal_auditevent", "number_rows"),
    ("portal_auditseal", "append_only_rows"),
    ("portal_auditseal", "append_only_table"),
)


def write(count: int = 1, **about: Any) -> list[AuditEvent]:
    fields = {"kind": "verb", "name": "cases.reply", "actor_name": "account", "people": [uuid4()], **about}
    return [AuditEvent.objects.create(**fields) for _number in range(count)]


def sealed(*sizes: int) -> list[AuditSeal]:
    """One seal over so many events, for each size."""
    for size in sizes:
        write(size)
        assert seals.seal_due() >= size
    return list(AuditSeal.objects.order_by("number"))


@contextmanager
def as_owner() -> Iterator[Callable[..., int]]:
    """SQL as somebody whom no trigger stops; how many rows it changed."""

    def run(statement: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    for table in TABLES:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield run
    for table, trigger in ALWAYS:
        run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


@pytest.fixture
def copy(tmp_path: Path, settings: Any) -> Path:
    """Where the newest seals are kept outside."""
    settings.AUDIT_TIP_FILE = tmp_path / "outside" / "tips.txt"
    path: Path = settings.AUDIT_TIP_FILE
    return path
