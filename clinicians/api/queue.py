"""The work list: what needs somebody now, sorted by risk, then by the time left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.desk import Desk
from clinicians.api.worklist import Row, RowSerializer
from clinicians.models import Claim, SavedView, WorkItem
from clinicians.models.queue import NOBODY, Queue, Stream, among, merged, names_of
from clinicians.models.queue import Desk as WorkDesk
from clinicians.models.work import WorkItemQuerySet
from patients.models import Case
from portal import access, audit

SIZE = 25
LONGEST_SEARCH = 100
# Each order with the way it goes. The last key makes it one row's place.
SORTS: dict[str, tuple[tuple[str, ...], int]] = {
    "risk": (("risk", "due_at", "case_id"), 1),
    "due": (("due_at", "case_id"), 1),
    "longest": (("since", "case_id"), 1),
    "newest": (("since", "case_id"), -1),
}
SORT_LABELS = {
    "risk": _("Risk, then time left"),
    "due": _("Time left"),
    "longest": _("Longest wait"),
    "newest": _("Newest"),
}
SORT_SAYS = {
    "risk": _("Sorted by risk, then time left: what has no promised time, by how long it waits."),
    "due": _("Sorted by time left."),
    "longest": _("Sorted by how long it waits."),
    "newest": _("Newest first."),
}
TITLES = {
    Queue.ALL: _("My work"),
    Queue.MINE: _("Mine"),
    Queue.SAFETY: _("Safety"),
    Queue.RED_FLAGS: _("Red flags"),
    Queue.TRIAGE: _("New cases to triage"),
    Queue.REPLY: _("To reply"),
    Queue.MESSAGES: _("Messages"),
    Queue.RESULTS: _("Results to release"),
    Queue.FOLLOWUPS: _("Follow-ups that slip"),
    Queue.POOL: _("Department pool"),
    Queue.WAITING: _("Waiting on patient"),
    Queue.SNOOZED: _("Snoozed"),
}
EMPTY = {
    Queue.ALL: _("Nothing needs you now. New cases and messages appear here as they come."),
    Queue.MINE: _("Nothing that is yours needs you now."),
    Queue.SAFETY: _("No medicine is stopped. A stop appears here the moment it is raised."),
    Queue.RED_FLAGS: _("No red flag waits to be looked at. One appears here the moment a patient answers it."),
    Queue.TRIAGE: _("No new case waits to be read."),
    Queue.REPLY: _("No question waits for a reply."),
    Queue.MESSAGES: _("Every message has its answer."),
    Queue.RESULTS: _("Every recorded result has been released."),
    Queue.FOLLOWUPS: _("Every promised follow-up is within its window."),
    Queue.POOL: _("Every open case has an owner."),
    Queue.WAITING: _("No answered case is open."),
    Queue.SNOOZED: _("Nothing is snoozed. What you snooze comes back by itself, on its day."),
}
RISKS = {"safety": (0, 1), "high": (2, 3), "routine": (4,)}
EVERY_RISK = (0, 1, 2, 3, 4)
DUE = ("late", "today")


class QueuePage(Desk):
    template_name = "clinicians/queue.html"
    fragments: ClassVar[Mapping[str, str]] = {"work": "clinicians/_work.html"}

    def get(self, request: Request, queue: str = Queue.ALL) -> Response | HttpResponse:
        if queue not in set(Queue):
            raise Http404
        name, now = Queue(queue), timezone.now()
        asked = Asked.of(self.asked.GET, sees_medicines=self.desk.sees_medicines)
        pager = SortedPager(self.asked.GET, asked.sort)
        items = pager(narrowed(self.desk.items, asked, now), streams_of(self.desk, name, asked), now, asked.q)
        claims = Claim.on_these([item.case_id for item in items], now, by=self.actor)
        state = state_of(items, self.counts(), claims, now)
        if self.asked.htmx and self.asked.GET.get("state") == state:
            # The page asks by itself, and already shows this: nothing is sent, and nobody has seen anything more.
            return HttpResponse(status=204)
        rows = self._rows(items, claims, now)
        self.nav = "worklist" if name is Queue.ALL else name  # type: ignore[misc]
        return self.answer(
            {
                "queue": name,
                "sort": asked.sort,
                "counts": self.counts(),
                "rows": RowSerializer(rows, many=True).data,
                "newer": pager.newer,
                "older": pager.older,
            },
            **(self._around(name, asked, now, state) if self.wants_page else {}),
        )

    def _around(self, name: Queue, asked: Asked, now: datetime, state: str) -> dict[str, Any]:
        """What only a page shows."""
        return {
            "title": TITLES[name],
            "empty": EMPTY[name],
            "asked": asked,
            "sort_says": SORT_SAYS[asked.sort],
            "sorts": [(value, label) for value, label in SORT_LABELS.items() if value in asked.sorts],
            "state": state,
            "filters": filters(asked),
            "list_query": asked.query(list=name.value),
            "views": [] if self.asked.htmx else self._views(asked, name),
            "total": 0 if asked.is_narrow else self.counts()[name],
            "now": now,
            "here": address_of(name),
            "address": address_of(name) + without(self.asked.GET, "state"),
        }

    def _views(self, asked: Asked, queue: Queue) -> list[dict[str, Any]]:
        views = access.read_many(SavedView.objects.all(), by=self.actor)
        return [
            {"view": view, "url": url_of(view), "current": (view.queue, view.query) == (queue, asked.query())}
            for view in views
        ]

    def _rows(self, items: Sequence[WorkItem], claims: Mapping[UUID, Claim], now: datetime) -> list[Row]:
        """With the names of owners and departments, in one question; whose rows they are goes on record."""
        audit.note_look(access.acting(self.actor), Case._meta.label_lower, [item.patient_id for item in items])
        called = names_of(key for item in items for key in (item.owner_id, item.department_id)) if items else {}
        sees = self.desk.sees_medicines
        return [Row(item, self.actor, now, called, sees, claims.get(item.case_id)) for item in items]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; a value that is none of these asks for nothing."""

    q: str
    owner: str  # me, none, an account's key, or empty: anybody's
    level: str
    due: str
    sort: str
    sorts: tuple[str, ...]

    ALWAYS: ClassVar[tuple[str, ...]] = ("q", "owner", "level", "due", "sort")

    @classmethod
    def of(cls, said: QueryDict, *, sees_medicines: bool) -> Asked:
        level = said.get("level", "") if said.get("level", "") in RISKS and sees_medicines else ""
        due = said.get("due", "") if said.get("due", "") in DUE else ""
        sorts = tuple(SORTS) if not (level or due) else ("risk", "due")
        sorts = sorts if sees_medicines else tuple(name for name in sorts if name != "risk")
        sort = str(said.get("sort", ""))
        q = " ".join(said.get("q", "").split())[:LONGEST_SEARCH]
        return cls(q, _an_owner(said.get("owner", "")), level, due, sort if sort in sorts else sorts[0], sorts)

    @property
    def risks(self) -> tuple[int, ...]:
        if self.level:
            return RISKS[self.level]
        return EVERY_RISK if self.due else ()

    def query(self, **changed: str) -> str:
        """The same with these changed, as a link's query."""
        said = {name: getattr(self, name) for name in self.ALWAYS if name != "sort" or self.sort != self.sorts[0]}
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in {**said, **changed}.items() if value})
        return "?" + query.urlencode() if query else ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.owner or self.level or self.due)


def neighbours(desk: WorkDesk, case: Case, said: QueryDict, now: datetime) -> dict[str, str]:
    """`previous` and `next` to this case in the list it was opened from, with that list in their addresses."""
    wanted = str(said.get("list", ""))
    name = Queue(wanted) if wanted in set(Queue) else Queue.ALL
    asked = Asked.of(said, sees_medicines=desk.sees_medicines)
    streams, items = streams_of(desk, name, asked), narrowed(desk.items, asked, now)
    here = among([case.pk], streams, items, now, order_of(asked.sort)).first()
    if here is None:
        return {}
    place = tuple(getattr(here, key) for key in SORTS[asked.sort][0])
    found: dict[str, str] = {}
    for way, sign in (("previous", -1), ("next", 1)):
        near = list(merged(streams, beyond(items, asked.sort, place, sign), now, order_of(asked.sort, sign), 1))
        if near:
            found[way] = reverse("clinicians:case", args=[near[0].ref]) + asked.query(list=name.value)
    return found


def state_of(items: Sequence[WorkItem], counts: Mapping[str, int], claims: Mapping[UUID, Claim], now: datetime) -> str:
    """What a page shows of these, in letters: also the minute, since it says how late each is."""
    fields = ("case_id", "owner_id", "need", "reason", "stop", "risk", "due_at", "turns_at")
    shown = [[getattr(item, name) for name in fields] for item in items]
    answering = sorted((str(case), str(claim.account_id)) for case, claim in claims.items())
    return sha256(f"{shown} {counts} {answering} {now:%H:%M}".encode()).hexdigest()[:16]


def url_of(view: SavedView) -> str:
    return address_of(Queue(view.queue)) + view.query


def address_of(queue: Queue) -> str:
    return reverse("clinicians:worklist") if queue is Queue.ALL else reverse("clinicians:queue", args=[queue.value])


def _an_owner(text: str) -> str:
    if text in ("me", NOBODY):
        return text
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def streams_of(desk: WorkDesk, queue: Queue, asked: Asked) -> list[Stream]:
    owner = str(desk.by.pk) if asked.owner == "me" else asked.owner
    streams = desk.streams(queue, owner)
    if not asked.risks:
        return streams
    each = bool(asked.level) and asked.sort != "risk"
    return [part for stream in streams for part in stream.of_risks(asked.risks, each=each)]


def filters(asked: Asked) -> list[dict[str, Any]]:
    """Each filter as a link that keeps the others; chosen again, it is taken off."""
    choices = [
        ("due", "today", _("Due today")),
        ("due", "late", _("Late")),
        ("level", "safety", _("Safety and emergencies")),
        ("owner", "me", _("Mine")),
        ("owner", NOBODY, _("Nobody's yet")),
    ]
    return [
        {
            "label": label,
            "query": asked.query(**{name: "" if getattr(asked, name) == value else value}) or "?",
            "current": getattr(asked, name) == value,
        }
        for name, value, label in choices
        if name != "level" or "risk" in asked.sorts
    ]


def narrowed(items: WorkItemQuerySet, asked: Asked, now: datetime) -> WorkItemQuerySet:
    """What the address asks for, beside whose it is and how urgent: that chooses the streams."""
    if asked.due:
        tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        items = items.filter(due_at__lt=now if asked.due == "late" else tomorrow)
    return items


def beyond(items: WorkItemQuerySet, sort: str, place: tuple[Any, ...], sign: int) -> WorkItemQuerySet:
    """Those after this place (before it, with sign -1): one comparison of the whole, which an index can start from."""
    keys, way = SORTS[sort]
    after = TupleGreaterThan if way * sign > 0 else TupleLessThan
    return items.filter(after(Tuple(*map(F, keys)), place))


def order_of(sort: str, sign: int = 1) -> list[str]:
    keys, way = SORTS[sort]
    return [("" if way * sign > 0 else "-") + key for key in keys]


@dataclass
class SortedPager:
    """Pages by the values that sort, so that no row is skipped while others are done and leave the list."""

    asked: QueryDict
    sort: str
    newer: str = field(default="", init=False)
    older: str = field(default="", init=False)

    def __call__(self, items: WorkItemQuerySet, streams: Sequence[Stream], now: datetime, words: str) -> list[WorkItem]:
        came, sign = self._cursor("after"), 1
        if came is None and (came := self._cursor("before")) is not None:
            sign = -1
        if came is not None:
            items = beyond(items, self.sort, came, sign)
        order = order_of(self.sort, sign)
        if words:
            found = list(among(items.found(words), streams, items, now, order)[: SIZE + 1])
        else:
            found = list(merged(streams, items, now, order, SIZE + 1))
        more, found = len(found) > SIZE, found[:SIZE]
        if sign < 0:
            found.reverse()
        if found:
            self.newer = self._link("before", found[0]) if (more if sign < 0 else came is not None) else ""
            self.older = self._link("after", found[-1]) if (sign < 0 or more) else ""
        return found

    def _link(self, name: str, item: WorkItem) -> str:
        place = "_".join(written(getattr(item, key)) for key in SORTS[self.sort][0])
        return without(self.asked, "after", "before", "state", **{name: place})

    def _cursor(self, name: str) -> tuple[Any, ...] | None:
        """The values of a cursor; None when there is none, or it is not one of ours."""
        parts, keys = self.asked.get(name, "").split("_"), SORTS[self.sort][0]
        if len(parts) != len(keys):
            return None
        try:
            return tuple(READ[key](part) for key, part in zip(keys, parts, strict=True))
        except (ValueError, OverflowError):
            return None


def without(asked: QueryDict, *names: str, **more: str) -> str:
    """The query of an address, less these."""
    query = asked.copy()
    for name in names:
        query.pop(name, None)
    query.update(more)
    return f"?{query.urlencode()}" if query else ""


def aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)  # the database takes no offset of more than 15 hours


READ: dict[str, Callable[[str], Any]] = {
    "risk": lambda text: min(max(int(text), 0), 9),
    "due_at": aware,
    "since": aware,
    "case_id": UUID,
}


def written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
