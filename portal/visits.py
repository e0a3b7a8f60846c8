"""The trail by visits: what one actor looked at and did in one stretch, newest first, page by page.

    pager = VisitPager(request.GET)
    access.read_many(AuditEvent.objects.about(person), by=request.actor, page=pager)
    pager.visits, pager.newer, pager.older

No page cuts a visit in half: the database finds the stretches, and pages are cut out of those. Two queries a page,
however long the trail is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from portal.models import AuditEvent
from portal.models.audit import AuditEventQuerySet
from portal.models.record import RecordQuerySet

SIZE = 15
# Somebody who does nothing for longer has left; what they do then is another visit.
STRETCH = timedelta(minutes=30)
CURSORS = ("before", "after")

# {rows}: the events asked for. {beyond}: which side of the cursor. {way}: DESC for older, ASC for newer.
STRETCHES = """
WITH asked AS ({rows}),
gaps AS (
    SELECT *, created_at - lag(created_at) OVER w > %s::interval AS is_new FROM asked
    WINDOW w AS (PARTITION BY actor_id, actor_name ORDER BY created_at, id)
),
placed AS (
    SELECT *, count(*) FILTER (WHERE is_new) OVER (PARTITION BY actor_id, actor_name ORDER BY created_at, id) AS visit
    FROM gaps
),
visits AS (
    SELECT (array_agg(id ORDER BY created_at, id))[1] AS first,
        (array_agg(id ORDER BY created_at DESC, id DESC))[1] AS last,
        min(created_at) AS began, max(created_at) AS ended, array_agg(DISTINCT kind || ' ' || name) AS said
    FROM placed GROUP BY actor_id, actor_name, visit
)
SELECT first, last, began, ended, said FROM visits WHERE {beyond} ORDER BY ended {way}, last {way} LIMIT %s
"""


@dataclass
class Visit:
    """One stretch. `event` is its last event, with its actor's name."""

    first: UUID
    last: UUID
    began: datetime
    ended: datetime
    # (kind, name) of what was done, each once.
    deeds: list[tuple[str, str]]
    event: Any = None


@dataclass
class VisitPager:
    """Cuts one page of visits out of the events it is called with; gives back the last event of each."""

    # Templates call whatever can be called; `pager.older` must mean the page before.
    do_not_call_in_templates: ClassVar[bool] = True

    asked: QueryDict
    size: int = SIZE
    visits: list[Visit] = field(default_factory=list, init=False)
    newer: str = field(default="", init=False)
    older: str = field(default="", init=False)

    def __call__(self, rows: RecordQuerySet[AuditEvent]) -> list[AuditEvent]:
        assert isinstance(rows, AuditEventQuerySet)
        before, after = (self._read(self.asked.get(name, "")) for name in CURSORS)
        if after:
            found = stretches(rows, after, is_newer=True, most=self.size + 1)
            self._show(found[: self.size][::-1], newer=len(found) > self.size, older=True)
        else:
            found = stretches(rows, before, is_newer=False, most=self.size + 1)
            self._show(found[: self.size], newer=before is not None, older=len(found) > self.size)
        named = {event.pk: event for event in rows.with_actor().filter(pk__in=[visit.last for visit in self.visits])}
        for visit in self.visits:
            visit.event = named[visit.last]
        return [visit.event for visit in self.visits]

    def _show(self, visits: list[Visit], *, newer: bool, older: bool) -> None:
        self.visits = visits
        self.newer = (self._link("after", visits[0]) if visits else self._link()) if newer else ""
        self.older = self._link("before", visits[-1]) if visits and older else ""

    def _link(self, name: str = "", visit: Visit | None = None) -> str:
        asked = self.asked.copy()
        for cursor in CURSORS:
            asked.pop(cursor, None)
        if visit:
            asked[name] = f"{visit.ended.isoformat()}_{visit.last}"
        return f"?{asked.urlencode()}"

    @staticmethod
    def _read(text: str) -> tuple[datetime, UUID] | None:
        """A cursor that is none is not an error: it shows the first page."""
        moment, _, key = text.rpartition("_")
        try:
            at = parse_datetime(moment)
            return (at, UUID(key)) if at and at.tzinfo else None
        except ValueError:
            return None


def stretches(
    rows: AuditEventQuerySet, cursor: tuple[datetime, UUID] | None, *, is_newer: bool, most: int
) -> list[Visit]:
    """The visits that these events make, beyond the cursor."""
    plain = rows.order_by().values("id", "created_at", "actor_id", "actor_name", "kind", "name")
    try:
        inner, values = plain.query.sql_with_params()
    except EmptyResultSet:
        return []
    beyond = f"(ended, last) {'>' if is_newer else '<'} (%s, %s)" if cursor else "true"
    sql = STRETCHES.format(rows=inner, beyond=beyond, way="ASC" if is_newer else "DESC")
    with connection.cursor() as asking:
        asking.execute(sql, [*values, f"{STRETCH.total_seconds()} seconds", *(cursor or ()), most])
        return [
            Visit(first, last, began, ended, [split(one) for one in said]) for first, last, began, ended, said in asking
        ]


def split(said: str) -> tuple[str, str]:
    kind, _space, name = said.partition(" ")
    return kind, name
