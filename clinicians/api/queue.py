"""The work list: what needs somebody now, sorted by risk, then by the time left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.desk import Desk
from clinicians.api.worklist import Row, RowSerializer
from clinicians.models.queue import Queue, at_desk, in_order, rows_of, with_needs, with_reasons
from patients.models import Case
from patients.models.cases import CaseQuerySet
from portal import access
from portal.models import User

SIZE = 25
LONGEST_SEARCH = 100
SORTS = {
    "risk": (("risk", 1), ("due", 1), ("id", 1)),
    "due": (("due", 1), ("id", 1)),
    "newest": (("id", -1),),
}
SORT_LABELS = {"risk": _("Risk, then time left"), "due": _("Time left"), "newest": _("Newest")}
TITLES = {
    Queue.ALL: _("My work"),
    Queue.SAFETY: _("Safety"),
    Queue.TRIAGE: _("New cases to triage"),
    Queue.REPLY: _("To reply"),
    Queue.RESULTS: _("Results to release"),
    Queue.FOLLOWUPS: _("Follow-ups that slip"),
    Queue.POOL: _("Department pool"),
    Queue.WAITING: _("Waiting on patient"),
}
EMPTY = {
    Queue.ALL: _("Nothing needs you now. New cases and messages appear here as they come."),
    Queue.SAFETY: _("No medicine is stopped. A stop appears here the moment it is raised."),
    Queue.TRIAGE: _("No new case waits to be read."),
    Queue.REPLY: _("No question waits for a reply."),
    Queue.RESULTS: _("Every recorded result has been released."),
    Queue.FOLLOWUPS: _("Every promised follow-up is within its window."),
    Queue.POOL: _("Every open case has an owner."),
    Queue.WAITING: _("No answered case is open."),
}


class QueuePage(Desk):
    template_name = "clinicians/queue.html"

    def get(self, request: Request, queue: str = Queue.ALL) -> Response:
        if queue not in set(Queue):
            raise Http404
        name = Queue(queue)
        pager = SortedPager(self.asked.GET, sort=sort_of(self.asked.GET))
        cases = access.read_many(
            with_needs(at_desk(Case.objects.for_worklist(), by=self.actor), by=self.actor),
            by=self.actor,
            page=lambda visible: pager(wanted(cast(CaseQuerySet, visible), name, self.asked.GET, by=self.actor)),
        )
        rows = [Row(case, self.actor, timezone.now(), name) for case in cases]
        self.nav = "worklist" if name is Queue.ALL else name  # type: ignore[misc]
        return self.answer(
            {
                "queue": name,
                "sort": pager.sort,
                "counts": self.counts(),
                "rows": RowSerializer(rows, many=True).data,
                "newer": pager.newer,
                "older": pager.older,
            },
            title=TITLES[name],
            empty=EMPTY[name],
            q=self.asked.GET.get("q", "")[:LONGEST_SEARCH],
            asked_owner=self.asked.GET.get("owner", ""),
            sorts=SORT_LABELS.items(),
            filters=filters(self.asked.GET),
            now=timezone.now(),
            here=reverse("clinicians:queue", args=[name]) if name is not Queue.ALL else reverse("clinicians:worklist"),
        )


def sort_of(asked: QueryDict) -> str:
    sort = str(asked.get("sort", ""))
    return sort if sort in SORTS else "risk"


def filters(asked: QueryDict) -> list[dict[str, Any]]:
    """Each filter as a link that keeps the others."""
    choices = (("", _("Any owner")), ("me", _("Mine")), ("none", _("Nobody's yet")))
    kept = {name: str(asked[name]) for name in ("q", "sort") if asked.get(name)}
    return [
        {
            "label": label,
            "query": "?" + query_of({**kept, **({"owner": owner} if owner else {})}),
            "current": asked.get("owner", "") == owner,
        }
        for owner, label in choices
    ]


def query_of(values: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return query.urlencode()


def wanted(cases: CaseQuerySet, queue: Queue, asked: QueryDict, *, by: User) -> CaseQuerySet:
    """The rows of this queue that the page asks for, with all that sorts them."""
    owner = {"me": Q(owner=by), "none": Q(owner=None)}.get(asked.get("owner", ""), Q())
    found = cases.filter(rows_of(queue, by), owner, named(asked.get("q", "")))
    return in_order(with_reasons(found), queue)


def named(text: str) -> Q:
    """Cases of this number, or of people of this name or record number."""
    text = text.strip()[:LONGEST_SEARCH]
    if not text:
        return Q()
    by_number = Q(number=Case.number_of(text)) if Case.number_of(text) else Q()
    return Q(patient__name__icontains=text) | Q(patient__record_number__iexact=text) | by_number


@dataclass
class SortedPager:
    """Pages by the values that sort, so that no row is skipped while others are done and leave the list."""

    asked: QueryDict
    sort: str
    newer: str = field(default="", init=False)
    older: str = field(default="", init=False)

    def __call__(self, rows: CaseQuerySet) -> list[Case]:
        keys = SORTS[self.sort]
        came, sign = self._cursor("after"), 1
        if came is None and (came := self._cursor("before")) is not None:
            sign = -1
        if came is not None:
            rows = rows.filter(beyond(came, keys, sign))
        found = list(rows.order_by(*(("" if way * sign > 0 else "-") + name for name, way in keys))[: SIZE + 1])
        more, found = len(found) > SIZE, found[:SIZE]
        if sign < 0:
            found.reverse()
        if found:
            self.newer = self._link("before", found[0]) if (more if sign < 0 else came is not None) else ""
            self.older = self._link("after", found[-1]) if (sign < 0 or more) else ""
        return found

    def _link(self, name: str, row: Any) -> str:
        asked = self.asked.copy()
        for cursor in ("after", "before"):
            asked.pop(cursor, None)
        asked[name] = "_".join(written(getattr(row, key)) for key, _way in SORTS[self.sort])
        return f"?{asked.urlencode()}"

    def _cursor(self, name: str) -> tuple[Any, ...] | None:
        """The values of a cursor; None when there is none, or it is not one of ours."""
        parts, keys = self.asked.get(name, "").split("_"), SORTS[self.sort]
        if len(parts) != len(keys):
            return None
        try:
            return tuple(READ[key](part) for (key, _way), part in zip(keys, parts, strict=True))
        except (ValueError, OverflowError):
            return None


def aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)  # the database takes no offset of more than 15 hours


READ: dict[str, Callable[[str], Any]] = {"risk": lambda text: min(max(int(text), 0), 9), "due": aware, "id": UUID}


def written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def beyond(values: tuple[Any, ...], keys: tuple[tuple[str, int], ...], sign: int) -> Q:
    """Rows after these values in this order (before them, with sign -1)."""
    found, same = Q(), Q()
    for value, (name, way) in zip(values, keys, strict=True):
        found |= same & Q(**{f"{name}__{'gt' if way * sign > 0 else 'lt'}": value})
        same &= Q(**{name: value})
    return found
