"""Pages of a long list by key, newest first: as quick on page 400 as on page 1, and no row comes twice
while others arrive.

    pager = Pager(request.GET)
    rows = access.read_many(Message.objects.with_author(), by=request.actor, page=pager)
    # in the template: pager.newer, pager.older (query strings of the neighbours, or "")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict

R = TypeVar("R", bound=Model)
SIZE = 25
CURSORS = ("before", "after")


@dataclass
class Pager:
    """Cuts one page out of the rows it is called with. Keys are time-ordered, so newest first is `-id`.

    `day` names a date column that sorts before the key (newest first too), as in "by the date of the test".
    A cursor that is none is not an error: it shows the first page.
    """

    # Templates call whatever can be called; `pager.older` must mean the page before.
    do_not_call_in_templates: ClassVar[bool] = True

    asked: QueryDict
    size: int = SIZE
    day: str = ""
    newer: str = field(default="", init=False)
    older: str = field(default="", init=False)

    def __call__(self, rows: QuerySet[R]) -> list[R]:
        before, after = (self._read(self.asked.get(name, "")) for name in CURSORS)
        if after:
            return self._shown(self._towards(rows, "gt", after), backwards=True, came=True)
        return self._shown(self._towards(rows, "lt", before), backwards=False, came=before is not None)

    def _towards(self, rows: QuerySet[R], way: str, cursor: tuple[Any, UUID] | None) -> list[R]:
        """One row more than fits, to know whether there are more."""
        sign = "" if way == "gt" else "-"
        order = [f"{sign}{name}" for name in (self.day, "id") if name]
        if cursor:
            rows = rows.filter(self._beyond(way, *cursor))
        return list(rows.order_by(*order)[: self.size + 1])

    def _beyond(self, way: str, day: Any, key: UUID) -> Any:
        """One comparison of the whole: an index can start from it."""
        if day is None:
            return Q(**{f"id__{way}": key})
        compared = TupleGreaterThan if way == "gt" else TupleLessThan
        return compared(Tuple(F(self.day), F("id")), (day, key))

    def _shown(self, rows: list[R], *, backwards: bool, came: bool) -> list[R]:
        """`came`: through a cursor, so there is a page on the side we came from."""
        more = len(rows) > self.size
        rows = rows[: self.size]
        if backwards:
            rows.reverse()
        has_newer, has_older = (more, came) if backwards else (came, more)
        if rows:
            self.newer = self._link("after", rows[0]) if has_newer else ""
            self.older = self._link("before", rows[-1]) if has_older else ""
        elif came:
            self.newer = self._first()
        return rows

    def _link(self, name: str, row: Any) -> str:
        asked = self._without_cursor()
        asked[name] = f"{getattr(row, self.day).isoformat()}_{row.pk}" if self.day else str(row.pk)
        return f"?{asked.urlencode()}"

    def _first(self) -> str:
        return f"?{self._without_cursor().urlencode()}"

    def _without_cursor(self) -> QueryDict:
        asked = self.asked.copy()
        for name in CURSORS:
            asked.pop(name, None)
        return asked

    def _read(self, text: str) -> tuple[Any, UUID] | None:
        day, _, key = text.rpartition("_")
        try:
            return (self._moment(day) if self.day else None), UUID(key)
        except (ValueError, OverflowError):
            return None

    def _moment(self, text: str) -> date:
        """Raises ValueError."""
        return date.fromisoformat(text)


@dataclass
class EarliestFirst(Pager):
    """The other way round: page after page, what comes later."""

    def _towards(self, rows: QuerySet[R], way: str, cursor: tuple[Any, UUID] | None) -> list[R]:
        return super()._towards(rows, "lt" if way == "gt" else "gt", cursor)


@dataclass
class LongestWaitingFirst(EarliestFirst):
    """By a moment (`day` names it): page after page, who has waited less."""

    def _moment(self, text: str) -> datetime:
        """The database takes no offset of more than 15 hours."""
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
