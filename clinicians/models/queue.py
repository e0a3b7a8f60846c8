"""The queues of the desk: which cases need something of this person, and how many. Questions only, no writes.

A queue is a few `Stream`s, each one lane of one department (everybody's, one's own, or nobody's). The same streams
make the list (each is a walk along one index, and PostgreSQL merges them) and the counts (sums over the tally).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q
from django.db.models.lookups import Exact

from clinicians.models.work import BITS, MARKS, NEEDS, Lane, Walk, WorkItem, WorkItemQuerySet
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

# Written out: Django takes longer to compose these than PostgreSQL to answer them. -1: see WorkTally.
NUMBERS = """
SELECT lane, department_id, CASE WHEN above = -1 THEN 'any' ELSE 'none' END AS whose, above, false, sum(n)
  FROM clinicians_worktally, unnest(lanes, aboves, ns) AS one (lane, above, n)
 WHERE owner_id IS NULL AND (%(everywhere)s OR department_id = ANY (%(places)s::uuid[]))
 GROUP BY lane, department_id, above
UNION ALL
SELECT lane, department_id, %(by)s::text, above, false, sum(n)
  FROM clinicians_worktally, unnest(lanes, aboves, ns) AS one (lane, above, n)
 WHERE owner_id = %(by)s AND (%(everywhere)s OR department_id = ANY (%(places)s::uuid[]))
 GROUP BY lane, department_id, above
UNION ALL
SELECT lane, department_id, coalesce(owner_id::text, 'none'), above, true,
       sum(CASE WHEN is_asleep THEN 1 ELSE -1 END) FROM clinicians_workitem
 WHERE turns_at <= %(at)s AND (%(everywhere)s OR department_id = ANY (%(places)s::uuid[]))
   AND patient_id <> ALL (%(own)s::uuid[])
 GROUP BY lane, department_id, owner_id, above
"""
NAMES = """
SELECT id, name FROM portal_department WHERE id = ANY (%(keys)s::uuid[])
UNION ALL SELECT id, name FROM portal_user WHERE id = ANY (%(keys)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Stream:
    """One lane of one department, or of the whole clinic (None).

    `owner` is ANYBODY, NOBODY, or an account's key in letters.
    """

    lane: Lane
    department: UUID | None
    owner: str = ANYBODY
    # Bits of needs: a case that needs one of these is shown for that, and not here.
    shown_for: int = 0
    risks: tuple[int, ...] = ()

    def rows(self, items: WorkItemQuerySet, at: datetime) -> WorkItemQuerySet:
        items = items.filter(self.q, MARKS[self.walk], is_asleep=False)
        # A snooze that is over is no snooze, also before it was tended to.
        return items.filter(turns_at__gt=at) if self.lane is Lane.SNOOZED else items

    @property
    def q(self) -> Q:
        found = Q(lane=self.lane.value)
        if self.department:
            found &= Q(department=self.department)
        if self.owner != ANYBODY:
            found &= Q(owner=None) if self.owner == NOBODY else Q(owner=self.owner)
        if self.risks:
            found &= Q(risk__in=self.risks)
        if self.shown_for:
            found &= Q(Exact(F("above").bitand(self.shown_for), 0))
        if self.shown_for & BITS[Lane.SAFETY] and self.lane is not Lane.SAFETY:
            # Whoever has a stop is first by risk, and shown for that: not walked over, one by one.
            found &= Q(risk__gt=0)
        return found

    @property
    def walk(self) -> Walk:
        if self.owner == NOBODY:
            return Walk.POOL if self.department else Walk.CLINIC_POOL
        if self.owner != ANYBODY:
            return Walk.OWNER
        return Walk.DEPARTMENT if self.department else Walk.CLINIC

    def of_risks(self, risks: tuple[int, ...], *, each: bool) -> list[Stream]:
        """Of these alone. `each`: one walk a risk, where the order is another and they would be found by chance."""
        if self.lane is Lane.SAFETY:
            return [self] if 0 in risks else []  # all of it is of one risk
        return [replace(self, risks=some) for some in ([(risk,) for risk in risks] if each else [risks])]


class Tallied:
    """Numbers of rows by lane, place and owner; by None too, all places."""

    def __init__(self) -> None:
        self.found: defaultdict[tuple[str, UUID | None, str], list[tuple[int, int]]] = defaultdict(list)

    def add(self, lane: str, place: UUID, owner: str, above: int, n: int) -> None:
        self.found[lane, place, owner].append((above, n))
        self.found[lane, None, owner].append((above, n))

    def of(self, stream: Stream) -> int:
        rows = self.found.get((stream.lane.value, stream.department, stream.owner), ())
        # What is everybody's is counted whatever stands above it.
        hidden = 0 if stream.owner == ANYBODY else stream.shown_for
        return sum(n for above, n in rows if not above & hidden)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody works, and what may be asked of them there. Asked of the memberships once."""

    by: User
    # By place, what may be asked of them there; one place, None, where that is the same in the whole clinic.
    needs: dict[UUID | None, tuple[Lane, ...]]

    @classmethod
    def of(cls, by: User) -> Desk:
        reads = access.reach(by, Permission.CASE_READ)
        reach = {lane: access.reach(by, permission) for lane, permission in NEEDS.items()}
        places: Sequence[UUID | None] = sorted(reads.departments)
        if reads.whole_clinic:
            is_alike = all(found.whole_clinic or not found.departments for found in reach.values())
            places = [None] if is_alike else _all_places()
        return cls(by, {
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
        for place in self.needs:
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

    def _first(self, place: UUID | None, owners: Iterable[str]) -> Iterator[Stream]:
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
        tallied = Tallied()
        for lane, place, owner, above, is_beside, n in (*self._tallies(at), *self._own()):
            tallied.add(lane, place, owner, above, n)
            if is_beside:
                tallied.add(lane, place, ANYBODY, 0, n)
        return {queue.value: max(0, sum(map(tallied.of, self._streams(queue)))) for queue in Queue}

    def _tallies(self, at: datetime) -> list[Any]:
        """What is everybody's, nobody's and one's own; and what the clock has changed since the desk was tended."""
        reads = access.reach(self.by, Permission.CASE_READ)
        about: dict[str, Any] = {
            "everywhere": None in self.needs,
            "places": [place for place in self.needs if place],
            "own": list(reads.own),
            "by": self.by.pk,
            "at": at,
        }
        with connection.cursor() as cursor:
            cursor.execute(NUMBERS, about)
            rows: list[Any] = cursor.fetchall()
        return rows

    def _own(self) -> list[Any]:
        """One's own record is counted with the others, and not for oneself."""
        if not access.reach(self.by, Permission.CASE_READ).own:
            return []
        with connection.cursor() as cursor:
            cursor.execute("SELECT lane, department_id, owner, above, true, -n FROM fascicle_desk_of_own()")
            rows: list[Any] = cursor.fetchall()
        return rows


def names_of(people_and_places: Iterable[UUID | None]) -> dict[UUID, str]:
    """What accounts and departments are called, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, {"keys": list({key for key in people_and_places if key})})
        return dict(cursor.fetchall())


def _all_places() -> list[UUID]:
    return list(Department.objects.order_by("pk").values_list("pk", flat=True))


def merged(
    streams: Sequence[Stream], items: WorkItemQuerySet, at: datetime, order: Sequence[str], most: int
) -> WorkItemQuerySet:
    """The first rows of all of these streams, each narrowed as `items` is, and of what turned but was not tended to."""
    if not streams:
        return items.none()
    _walk()
    late = items.filter(any_of(streams), is_asleep=True, turns_at__lte=at)
    walks = (stream.rows(items, at).order_by(*order)[:most] for stream in streams)
    return late.union(*walks, all=True).order_by(*order)[:most]


def _walk() -> None:
    """For the rest of this transaction PostgreSQL walks along an index where one has the order.

    It can't guess how many rows the policies let pass, takes them for few, and would fetch and sort all of a queue.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)")


def among(
    cases: Sequence[UUID], streams: Sequence[Stream], items: WorkItemQuerySet, at: datetime, order: Sequence[str]
) -> WorkItemQuerySet:
    """The rows of these few cases: looked up one by one, and not walked to."""
    is_awake = Q(is_asleep=False) & (~Q(lane=Lane.SNOOZED.value) | Q(turns_at__gt=at))
    found = items.filter(is_awake | Q(is_asleep=True, turns_at__lte=at), any_of(streams), case__in=cases)
    return found.order_by(*order) if streams else items.none()


def any_of(streams: Sequence[Stream]) -> Q:
    found = Q()
    for stream in streams:
        found |= stream.q
    return found


def at_desk(cases: CaseQuerySet, *, by: User) -> CaseQuerySet:
    """Cases of the departments this person works in; their own as a patient are not for the desk."""
    return cases.filter(access.reach(by, Permission.CASE_READ).in_departments("department", "patient"))
