"""A promise that runs out climbs: to who owns the case, then to who watches over the department. A row a rung.

    nearly due     the owner; of what nobody owns, everybody who treats there, once a case
    overdue        the owner again, and the department's coordinators
    long overdue   by a whole answer time: the coordinators again
    missed         a follow-up whose last day is over, and still open: the coordinators

Where a department has no coordinator, who treats there is told in their place: a rung that tells nobody helps nobody.
The worker asks all this, and may read no clinical word: of the work list it sees whose, where and by when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinicians.models.work import PROMISED, Lane, WorkItem, WorkItemQuerySet
from clinicians.walls import DeskRule
from patients.models import Case, Patient
from patients.models.cases import timetable
from patients.rules.promises import warning_time
from portal import access
from portal.access import SYSTEM, Actor, Permission, Role
from portal.models import Department, User
from portal.models.deliveries import Purpose
from portal.models.record import Record, RecordQuerySet
from portal.rules.working_time import NeverOpen

# As many as one look finds; the next comes in a minute.
AT_ONCE = 200


class Rung(models.TextChoices):
    NEARLY_DUE = "nearly_due", _("Nearly due")
    OVERDUE = "overdue", _("Overdue")
    LONG_OVERDUE = "long_overdue", _("Overdue by a whole answer time")
    MISSED = "missed", _("Follow-up missed")


PURPOSES = {
    Rung.NEARLY_DUE: Purpose.CASE_NEARLY_DUE,
    Rung.OVERDUE: Purpose.CASE_OVERDUE,
    Rung.LONG_OVERDUE: Purpose.CASE_LONG_OVERDUE,
    Rung.MISSED: Purpose.FOLLOWUP_MISSED,
}


class EscalationQuerySet(RecordQuerySet["Escalation"]):
    rule = DeskRule(Permission.CASE_READ, for_system=True)

    def of_what_is_seen(self, by: Actor) -> Self:
        """Who reads no follow-ups is not told that one was missed."""
        return self if access.reach(by, Permission.FOLLOWUP_READ).as_staff else self.exclude(rung=Rung.MISSED)


class Escalation(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    # The case's, and moves with it: a key of the database holds it so (migration 0002).
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    rung = models.CharField(max_length=12, choices=Rung.choices)
    # Which promise it was: a new one climbs anew.
    promised_at = models.DateTimeField()
    at = models.DateTimeField()
    # Accounts.
    told = ArrayField(models.UUIDField())

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("case", "promised_at", "rung"), name="escalation_once_a_rung"),
            models.CheckConstraint(condition=Q(rung__in=[rung.value for rung in Rung]), name="escalation_rung"),
        )


@dataclass(frozen=True, slots=True)
class Due:
    """One promise that has come to a rung it has not climbed yet."""

    case: UUID
    patient: UUID
    department: UUID
    owner: UUID | None
    lane: str
    promised_at: datetime
    rung: Rung

    @property
    def items(self) -> WorkItemQuerySet:
        """Its row of the work list: none once it was answered, or promised anew."""
        return waiting().filter(case=self.case, lane=self.lane, due_at=self.promised_at)

    @property
    def has_climbed(self) -> bool:
        return Escalation.objects.filter(case=self.case, promised_at=self.promised_at, rung=self.rung).exists()

    @property
    def path(self) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT fascicle_desk_number(%s)", [self.case])
            (number,) = cursor.fetchone()
        return f"/cases/F-{number}/"


def waiting() -> WorkItemQuerySet:
    return WorkItem.objects.visible_to(SYSTEM, Permission.CASE_ESCALATE)


def due(at: datetime) -> list[Due]:
    """What has come to a rung by then, in every department."""
    found: list[Due] = []
    for department in Department.objects.with_hours():
        for rung, rows in _climbing(department, at):
            found += _found(department, rung, rows)
            if len(found) >= AT_ONCE:
                return found[:AT_ONCE]
    return found


def _climbing(department: Department, at: datetime) -> Iterator[tuple[Rung, WorkItemQuerySet]]:
    """The rungs, each with the rows that stand on it: a promise stands on one at a time."""
    items, table = waiting().filter(department=department), timetable(department)
    promised = items.filter(lane__in=PROMISED)
    late = promised.filter(due_at__lte=at)
    try:
        soon, long_ago = table.after(at, warning_time(table.answer_time)), table.before(at, table.answer_time)
    except NeverOpen:
        yield Rung.OVERDUE, late
    else:
        yield Rung.LONG_OVERDUE, late.filter(due_at__lte=long_ago)
        yield Rung.OVERDUE, late.filter(due_at__gt=long_ago)
        yield Rung.NEARLY_DUE, promised.filter(due_at__gt=at, due_at__lte=soon)
    # Of a follow-up the list says its last day, which has to be over.
    today = timezone.localtime(at, timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    yield Rung.MISSED, items.filter(lane=Lane.FOLLOWUPS, due_at__lt=today)


def _found(department: Department, rung: Rung, rows: WorkItemQuerySet) -> list[Due]:
    climbed = Escalation.objects.filter(case=OuterRef("case_id"), promised_at=OuterRef("due_at"), rung=rung)
    named = rows.filter(~Exists(climbed)).order_by("due_at").values_list(
        "case_id", "patient_id", "owner_id", "lane", "due_at"
    )  # fmt: skip
    return [
        Due(case, patient, department.pk, owner, lane, promised_at, rung)
        for case, patient, owner, lane, promised_at in named[:AT_ONCE]
    ]


def whom_to_tell(due: Due) -> list[User]:
    """Each once, in the order of names."""
    owner = list(_accounts(User.objects.filter(pk=due.owner))) if due.owner else []
    match due.rung:
        case Rung.NEARLY_DUE:
            return owner or ([] if _was_told_to_all(due) else _holding(Role.CLINICIAN, due))
        case Rung.OVERDUE:
            told = {user.pk: user for user in (*owner, *_watching(due))}
            return sorted(told.values(), key=lambda user: user.name)
    return _watching(due)


def _watching(due: Due) -> list[User]:
    return _holding(Role.COORDINATOR, due) or _holding(Role.CLINICIAN, due)


def _holding(role: Role, due: Due) -> list[User]:
    return list(_accounts(User.objects.with_role(role, Department(pk=due.department))).order_by("name"))


def _accounts(users: models.QuerySet[User]) -> models.QuerySet[User]:
    """Of an account the worker may read no more."""
    return users.filter(is_active=True).only("id", "name", "email")


def _was_told_to_all(due: Due) -> bool:
    told = Escalation.objects.filter(case=due.case, rung=Rung.NEARLY_DUE, told__len__gt=0)
    return told.exists()


def names_of(rows: Iterable[Escalation]) -> dict[UUID, str]:
    """Of everybody whom these told."""
    accounts = {account for row in rows for account in row.told}
    return dict(User.objects.filter(pk__in=accounts).values_list("pk", "name")) if accounts else {}
