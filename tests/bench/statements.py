"""What the database does for one request: its statements, and the pages they touch.

Pages are those of EXPLAIN (ANALYZE, BUFFERS): found in memory or read from disk, of tables and indexes alike, so that
the figure is the same on every machine. Each statement is explained just before it is run, in a savepoint where it
writes, as the same role and for the same actor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

READS = ("SELECT", "(SELECT", "WITH")
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Statements:
    """Each with its pages; savepoints and the ends of transactions are not counted."""

    found: list[tuple[str, int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def pages(self) -> int:
        return sum(pages for _sql, pages in self.found)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        word = sql.lstrip().upper()
        if word.startswith(READS):
            self.found.append((sql, self._pages(execute, sql, params, many, context)))
        elif word.startswith(WRITES):
            with transaction.atomic():
                point = transaction.savepoint()
                pages = self._pages(execute, sql, params, many, context)
                transaction.savepoint_rollback(point)
            self.found.append((sql, pages))
        return execute(sql, params, many, context)

    def _pages(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> int:
        execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params, many, context)
        (answer,) = context["cursor"].fetchone()
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


@contextmanager
def counted() -> Iterator[Statements]:
    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements
