"""The work of the desk as rows: what each open case needs, kept by the database itself.

One row a case and lane (see `Lane`); `next` repeats what comes first. Triggers on the record write them
(clinicians/work_keeping.py), so that no path to a case can leave the list behind, and a list is a walk along one index.
What a day alone changes (a promise that slips, a snooze that ends) stands there asleep until `turns_at`.

Counts are sums over `WorkTally`: each change of a row adds one, so that writers never wait for each other, and
`tend` adds up what has gathered.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q

from clinicians.walls import DeskRule
from patients.models import Case, Patient
from portal.access import Permission
from portal.models import Department, User
from portal.models.record import RecordQuerySet

WOKEN_AT_ONCE = 500
FOUND_AT_MOST = 100


class Lane(StrEnum):
    """What a case needs, the most urgent first; then the two in which nothing is to be done."""

    NEXT = "next"
    SAFETY = "safety"
    RED_FLAGS = "red-flags"
    TRIAGE = "triage"
    REPLY = "reply"
    MESSAGES = "messages"
    RESULTS = "results"
    FOLLOWUPS = "follow-ups"
    WAITING = "waiting"
    SNOOZED = "snoozed"


# Whose work each is: nothing is asked of who may not do it.
NEEDS: dict[Lane, Permission] = {
    Lane.SAFETY: Permission.PRESCRIPTION_READ,
    Lane.RED_FLAGS: Permission.REDFLAG_REVIEW,
    Lane.TRIAGE: Permission.CASE_TRIAGE,
    Lane.REPLY: Permission.CASE_REPLY,
    Lane.MESSAGES: Permission.CASE_REPLY,
    Lane.RESULTS: Permission.RESULT_RELEASE,
    Lane.FOLLOWUPS: Permission.FOLLOWUP_PLAN,
}
# The bit of each need in `above`: what else the case needs that comes before.
BITS = {lane: 1 << place for place, lane in enumerate(NEEDS)}


# The lanes in which somebody waits for an answer, by a promise.
PROMISED = (Lane.TRIAGE, Lane.REPLY, Lane.MESSAGES)


class Walk(StrEnum):
    """Along which index a list goes."""

    DEPARTMENT = "department"
    CLINIC = "clinic"
    OWNER = "owner"
    POOL = "pool"
    CLINIC_POOL = "clinic_pool"


# Each is always true, and said by one kind of walk alone: so the planner, which takes what comes after a cursor for one
# row, can't choose the index of another kind and pass over thousands.
MARKS = {
    Walk.DEPARTMENT: Q(urgency__gte=0),
    Walk.CLINIC: Q(number__gt=0),
    Walk.OWNER: Q(above__gte=0),
    Walk.POOL: Q(need__gt=""),
    Walk.CLINIC_POOL: Q(status__gt=""),
}


class WorkItemQuerySet(RecordQuerySet["WorkItem"]):  # type: ignore[type-var]
    rule = DeskRule(Permission.CASE_READ, for_system=True)

    def turned(self, at: datetime) -> WorkItemQuerySet:
        """What should have turned by now and was not tended yet: asleep rows that are due, snoozes that are over."""
        return self.filter(turns_at__lte=at)

    def found(self, words: str) -> list[UUID]:
        """The newest cases that one may see, of this number, patient or text (FIND in clinicians/work_keeping.py)."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT fascicle_desk_find(%s, %s)", [words, FOUND_AT_MOST])
            return [row[0] for row in cursor.fetchall()]


class WorkItem(models.Model):
    """One case in one lane.

    The database has no foreign keys here. Only its triggers write these rows; and to check a key is to wait for whoever
    has locked that case, while they wait for its turn in the list (REFRESH in clinicians/work_keeping.py): for ever.
    """

    pk = models.CompositePrimaryKey("case", "lane")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_constraint=False)
    lane = models.CharField(max_length=10)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="+", db_constraint=False)
    department = models.ForeignKey(Department, models.CASCADE, related_name="+", db_constraint=False)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_constraint=False)
    # What each row shows of its case and of its patient, so that a list looks nothing up.
    number = models.BigIntegerField()
    status = models.CharField(max_length=10)
    urgency = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    sex = models.CharField(max_length=10)
    born_on = models.DateField()
    need = models.CharField(max_length=12)
    # Why, as far as words of the record say it: of what kind, and the sentence; and the medicine stop above it.
    about = models.CharField(max_length=120)
    reason = models.CharField(max_length=400)
    stop = models.CharField(max_length=400)
    # How it sorts: 0 is worst; the time by which, or since which; how long it waits already.
    risk = models.SmallIntegerField()
    due_at = models.DateTimeField()
    since = models.DateTimeField()
    above = models.SmallIntegerField()
    is_asleep = models.BooleanField()
    turns_at = models.DateTimeField(null=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        # A list is one walk along one of these, in each order: of a department, of the whole clinic, of an owner; and
        # of what nobody owns yet, in a department and in the whole clinic.
        indexes = (
            *(
                models.Index(
                    fields=(*place, "lane", *keys, "case"), name=f"work_{walk}_{order}", condition=MARKS[walk] & whose
                )
                for walk, place, whose in (
                    (Walk.DEPARTMENT, ("department",), Q(is_asleep=False)),
                    (Walk.CLINIC, (), Q(is_asleep=False)),
                    (Walk.OWNER, ("owner",), Q(is_asleep=False)),
                    (Walk.POOL, ("department",), Q(is_asleep=False, owner=None)),
                    (Walk.CLINIC_POOL, (), Q(is_asleep=False, owner=None)),
                )
                for order, keys in (("risk", ("risk", "due_at")), ("due", ("due_at",)), ("since", ("since",)))
            ),
            models.Index(fields=("turns_at",), name="work_turns", condition=Q(turns_at__isnull=False)),
            # What runs out, asleep or not, for the clock.
            models.Index(
                fields=("department", "lane", "due_at"),
                name="work_runs_out",
                condition=Q(lane__in=[lane.value for lane in (*PROMISED, Lane.FOLLOWUPS)]),
            ),
        )

    @property
    def ref(self) -> str:
        """As people say it: F-1287."""
        return f"F-{self.number}"


class WorkTally(models.Model):
    """How many more, or fewer, rows are awake in some lanes: of everybody, and of one owner. The sum is the count.

    A row holds all of one owner in one department, so that who counts reads a dozen rows at any size of the clinic:
    `tend` writes every few seconds, and what was just written is looked up in the table, however good its index.
    """

    EVERYBODYS: ClassVar[int] = -1  # in `aboves`: all rows of the lane, whoever owns them

    department = models.ForeignKey(Department, models.CASCADE, related_name="+", db_constraint=False)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_constraint=False)
    # One number in each place.
    lanes = ArrayField(models.CharField(max_length=10))
    aboves = ArrayField(models.SmallIntegerField())
    ns = ArrayField(models.IntegerField())

    class Meta:
        # One reads what is everybody's, nobody's and one's own. No number is in it: so a sum changes in its place.
        indexes = (models.Index(fields=("owner", "department"), name="work_tally"),)


def tend() -> int:
    """Turn what its time has turned, and add the tallies up. How many cases turned.

    Nothing is wrong when it does not run: lists and counts look at `turned` rows too, and get slower.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_desk_wake(%s)", [WOKEN_AT_ONCE])
        (woken,) = cursor.fetchone()
        cursor.execute("SELECT fascicle_desk_add_up()")
    return int(woken)


def rebuild() -> None:
    """All of it anew, from the record: after rows were written with their triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_desk_rebuild()")
