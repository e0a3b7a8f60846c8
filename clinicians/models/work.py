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
from uuid import UUID

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


class WorkItemQuerySet(RecordQuerySet["WorkItem"]):  # type: ignore[type-var]
    rule = DeskRule(Permission.CASE_READ, for_system=True)

    def awake(self) -> WorkItemQuerySet:
        return self.filter(is_asleep=False)

    def turned(self, at: datetime) -> WorkItemQuerySet:
        """What should have turned by now and was not tended yet: asleep rows that are due, snoozes that are over."""
        return self.filter(turns_at__lte=at)

    def found(self, words: str) -> list[UUID]:
        """The newest cases that one may see, of this number, patient or text (FIND in clinicians/work_keeping.py)."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT fascicle_desk_find(%s, %s)", [words, FOUND_AT_MOST])
            return [row[0] for row in cursor.fetchall()]


class WorkItem(models.Model):
    pk = models.CompositePrimaryKey("case", "lane")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    lane = models.CharField(max_length=10)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="+")
    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
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
        # A list is one walk along one of these: by department, by owner, or what nobody owns yet, in each order.
        indexes = (
            *(
                models.Index(fields=(place, "lane", *keys, "case"), name=f"work_{place}_{order}", condition=awake)
                for place, awake in (("department", Q(is_asleep=False)), ("owner", Q(is_asleep=False)))
                for order, keys in (("risk", ("risk", "due_at")), ("due", ("due_at",)), ("since", ("since",)))
            ),
            *(
                models.Index(
                    fields=("department", "lane", *keys, "case"),
                    name=f"work_pool_{order}",
                    condition=Q(is_asleep=False, owner=None),
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


class WorkTally(models.Model):
    """How many more, or fewer, rows are awake in one lane of one owner. The sum is the count."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    lane = models.CharField(max_length=10)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    above = models.SmallIntegerField()
    n = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=("department",), include=("lane", "owner", "above", "n"), name="work_tally"),)


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
