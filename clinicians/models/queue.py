"""The queues of the desk: which cases need something of this person, and how many. Questions only, no writes.

A queue is a few `Stream`s, each one lane of one department (everybody's, one's own, or nobody's). The same streams
make the list (each is a walk along one index, and PostgreSQL merges them) and the counts (sums over the tally).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Case as Choose
from django.db.models import CharField, F, Q, Sum, Value, When
from django.db.models.lookups import Exact

from clinicians.models.work import BITS, NEEDS, Lane, WorkItem, WorkItemQuerySet, WorkTally
from patients.models import Case
from patients.models.cases import CaseQuerySet
from portal import access
from portal.access import Permission
from portal.models import Department, User


class Queue(StrEnum):
    ALL = "all"
    MINE = "mine"
    SAFETY = "safety"
    RED_FLAGS = "red-flags"
    TRIAGE = "triage"
    REPLY = "reply"
    MESSAGES = "messages"
    RESULTS = "results"
    FOLLOWUPS = "follow-ups"
    POOL = "pool"
    WAITING = "waiting"
    SNOOZED = "snoozed"


ANYBODY, NOBODY = "any", "none"
OPEN = (Lane.TRIAGE, Lane.REPLY, Lane.MESSAGES)  # every case that waits for the clinic is in one of these


@dataclass(frozen=True, slots=True)
class Stream:
    """One lane of one department. `owner` is ANYBODY, NOBODY, or an account's key in letters."""

    lane: Lane
    department: UUID
    owner: str = ANYBODY
    # Bits of needs: a case that needs one of these is shown for that, and not here.
    shown_for: int = 0
    risk: int | None = None

    def rows(self, items: WorkItemQuerySet, at: datetime) -> WorkItemQuerySet:
        items = items.filter(self.q, is_asleep=False)
        # A snooze that is over is no snooze, also before it was tended to.
        return items.filter(turns_at__gt=at) if self.lane is Lane.SNOOZED else items

    @property
    def q(self) -> Q:
        found = Q(lane=self.lane.value, department=self.department)
        if self.owner != ANYBODY:
            found &= Q(owner=None) if self.owner == NOBODY else Q(owner=self.owner)
        if self.risk is not None:
            found &= Q(risk=self.risk)
        if self.shown_for:
            found &= Q(Exact(F("above").bitand(self.shown_for), 0))
        return found

    def of_risks(self, risks: Iterable[int]) -> list[Stream]:
        """One walk a risk: so that what else narrows it is still walked in order."""
        return [replace(self, risk=risk) for risk in risks]

    def holds(self, lane: str, department: UUID, owner: str, above: int) -> bool:
        """Whether it holds rows that were counted under these."""
        return (
            lane == self.lane
            and department == self.department
            and self.owner in (ANYBODY, owner)
            and not above & self.shown_for
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody works, and what may be asked of them there. Asked of the memberships once."""

    by: User
    departments: Sequence[UUID]
    needs: dict[UUID, tuple[Lane, ...]]

    @classmethod
    def of(cls, by: User) -> Desk:
        reads = access.reach(by, Permission.CASE_READ)
        places = _all_places() if reads.whole_clinic else sorted(reads.departments)
        reach = {lane: access.reach(by, permission) for lane, permission in NEEDS.items()}
        return cls(by, places, {
            place: tuple(lane for lane in NEEDS if reach[lane].whole_clinic or place in reach[lane].departments)
            for place in places
        })  # fmt: skip

    @property
    def sees_medicines(self) -> bool:
        """Who does not is told of no medicine stop, not even by the order of rows."""
        return access.reach(self.by, Permission.PRESCRIPTION_READ).as_staff

    def streams(self, queue: Queue, owner: str = "") -> list[Stream]:
        """`owner`: the rows of this one alone, where the queue holds more than one's."""
        found = list(self._streams(queue))
        if owner:
            found = [replace(stream, owner=owner) for stream in found if stream.owner in (ANYBODY, owner)]
        return found

    def _streams(self, queue: Queue) -> Iterator[Stream]:
        for place in self.departments:
            match queue:
                case Queue.ALL:
                    yield from self._first(place, (str(self.by.pk), NOBODY))
                case Queue.MINE:
                    yield from self._first(place, (str(self.by.pk),))
                case Queue.POOL:
                    yield from (Stream(lane, place, NOBODY) for lane in OPEN)
                case Queue.WAITING | Queue.SNOOZED:
                    yield Stream(Lane(queue.value), place)
                case _ if Lane(queue.value) in self.needs[place]:
                    yield Stream(Lane(queue.value), place)

    def _first(self, place: UUID, owners: Iterable[str]) -> Iterator[Stream]:
        """Each case once, for what comes first of all that may be asked of this person."""
        theirs = self.needs[place]
        if len(theirs) == len(NEEDS):
            yield from (Stream(Lane.NEXT, place, owner) for owner in owners)
            return
        bits = sum(BITS[lane] for lane in theirs)
        yield from (Stream(lane, place, owner, bits) for owner in owners for lane in theirs)

    @property
    def items(self) -> WorkItemQuerySet:
        return WorkItem.objects.visible_to(self.by)

    def counts(self, at: datetime) -> dict[str, int]:
        """How many rows each queue has: one question, whatever the size of the clinic."""
        rows = [*self._tallies().union(self._turned(at), all=True), *self._own()]
        return {
            queue.value: max(0, sum(row[-1] for row in rows if any(s.holds(*row[:-1]) for s in streams)))
            for queue in Queue
            for streams in [self.streams(queue)]
        }

    def _tallies(self) -> Any:
        rows = WorkTally.objects.filter(department__in=self.departments).annotate(whose=self._whose())
        return rows.values_list("lane", "department", "whose", "above").annotate(n=Sum("n"))

    def _turned(self, at: datetime) -> Any:
        """What the clock has changed since the desk was tended last."""
        one = Choose(When(is_asleep=True, then=Value(1)), default=Value(-1), output_field=models.IntegerField())
        rows = self.items.turned(at).annotate(whose=self._whose(), one=one)
        return rows.values_list("lane", "department", "whose", "above").annotate(n=Sum("one"))

    def _own(self) -> list[Any]:
        """One's own record is counted with the others, and not for oneself."""
        if not access.reach(self.by, Permission.CASE_READ).own:
            return []
        with connection.cursor() as cursor:
            cursor.execute("SELECT lane, department_id, owner, above, -n FROM fascicle_desk_of_own()")
            rows: list[Any] = cursor.fetchall()
        return rows

    def _whose(self) -> models.Expression:
        return Choose(
            When(owner=self.by, then=Value(str(self.by.pk))),
            When(owner=None, then=Value(NOBODY)),
            default=Value("another"),
            output_field=CharField(),
        )


def _all_places() -> list[UUID]:
    return list(Department.objects.order_by("pk").values_list("pk", flat=True))


def merged(streams: Sequence[Stream], items: WorkItemQuerySet, at: datetime) -> WorkItemQuerySet:
    """The rows of all of these streams, each narrowed as `items` is, and what has turned but was not tended to."""
    if not streams:
        return items.none()
    of_any = Q()
    for stream in streams:
        of_any |= stream.q
    late = items.filter(of_any, is_asleep=True, turns_at__lte=at)
    return late.union(*(stream.rows(items, at) for stream in streams), all=True)


def refs_of(cases: Sequence[UUID], *, by: User) -> dict[UUID, str]:
    """The numbers alone: enough to lead to a case, and nothing of whom it is about."""
    rows = Case.objects.visible_to(by).filter(pk__in=cases).only("pk", "number")
    return {case.pk: case.ref for case in rows}


def at_desk(cases: CaseQuerySet, *, by: User) -> CaseQuerySet:
    """Cases of the departments this person works in; their own as a patient are not for the desk."""
    return cases.filter(access.reach(by, Permission.CASE_READ).in_departments("department", "patient"))
