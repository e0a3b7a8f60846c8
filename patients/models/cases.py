"""A case: one matter, and all that follows from it.

new → waiting ⇄ answered → closed → waiting (a late message reopens; nothing is too old)

While it waits for us an answer is promised by `answer_due_at`. Answered but not in full, it waits for the patient, and
`answer_left` is what was left of that promise (patients/rules/promises.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.messages import Message, Voice
from patients.models.patients import Patient
from patients.rules import promises
from patients.rules.promises import Timetable
from patients.walls import RecordRule, of_case
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class Status(models.TextChoices):
    NEW = "new", _("Sent, being read by triage")
    WAITING = "waiting", _("Waiting for the clinic")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


MOVES: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.WAITING, Status.CLOSED}),
    Status.WAITING: frozenset({Status.ANSWERED, Status.CLOSED}),
    Status.ANSWERED: frozenset({Status.WAITING, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.WAITING}),
}


class Urgency(models.IntegerChoices):
    """How soon somebody must act; the numbers sort."""

    EMERGENCY = 1, _("Emergency")
    SAME_DAY = 2, _("Same day")
    SOON = 3, _("Soon")
    ROUTINE = 4, _("Routine")


class CaseQuerySet(RecordQuerySet["Case"]):
    rule = RecordRule(Permission.CASE_READ, department="department", can_be_handed_over=True)

    def open(self) -> Self:
        return self.exclude(status=Status.CLOSED)

    def waiting(self) -> Self:
        return self.filter(status__in=(Status.NEW, Status.WAITING))

    def overdue(self, at: datetime) -> Self:
        return self.waiting().filter(answer_due_at__lt=at)

    def with_people(self) -> Self:
        return self.select_related("patient", "department", "owner")


@pghistory.track()
class Case(Record):
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value("patients_case_number"), function="nextval")
    )
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="cases")
    department = models.ForeignKey(Department, models.PROTECT, related_name="cases")
    title = models.CharField(_("what it is about"), max_length=120)
    story = models.TextField(_("what happened, in the patient's words"))
    since = models.CharField(_("since when"), max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.ROUTINE)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_cases")
    waiting_since = models.DateTimeField(default=timezone.now)
    answer_due_at = models.DateTimeField()
    # Working time left of the promise while we wait for the patient.
    answer_left = models.DurationField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # While its last reply can be undone, its patient is told that it waits as before.
    held_until = models.DateTimeField(null=True, blank=True)
    # The form it was asked on: sent twice, it is still one case.
    form_key = models.UUIDField(null=True, editable=False)
    # Asked twice: this one is closed, and goes on there (of the same patient: migration 0010).
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = (
            # Children carry (case, patient) and point here with both: a row can't be of another patient.
            models.UniqueConstraint(fields=("id", "patient"), name="case_of_patient"),
            models.UniqueConstraint(fields=("patient", "form_key"), name="case_once_a_form"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False, closed_by__isnull=False)
                | ~Q(status="closed") & Q(closed_at__isnull=True, closed_by__isnull=True),
                name="case_closed_at_by",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="case_status"),
            # So what goes on elsewhere is never opened again.
            models.CheckConstraint(condition=Q(merged_into=None) | Q(status="closed"), name="case_merged_is_closed"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_merged_into_another"),
            models.CheckConstraint(
                condition=Q(answer_left=None) | Q(status="answered", answer_left__gte=timedelta(0)),
                name="case_paused_while_answered",
            ),
        )
        indexes = (
            # For the team's figures: which promises are owed still.
            models.Index(
                fields=("department", "urgency", "answer_due_at"),
                name="case_worklist",
                condition=Q(status__in=("new", "waiting")),
            ),
            models.Index(fields=("patient", "-created_at"), name="case_patient"),
            # For the team's figures: what is open by owner, what came and what was closed in a time.
            models.Index(
                fields=("department", "owner"), name="case_load", include=("patient",), condition=~Q(status="closed")
            ),
            models.Index(fields=("department", "created_at"), name="case_opened", include=("patient",)),
            models.Index(
                fields=("department", "closed_at"),
                name="case_closed",
                include=("patient",),
                condition=Q(closed_at__isnull=False),
            ),
            GinIndex(fields=("title",), name="case_title_trgm", opclasses=("gin_trgm_ops",)),
        )

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """As people say it: F-1287."""
        return f"F-{self.number}"

    @classmethod
    def number_of(cls, ref: str) -> int:
        """The number in F-1287; 0, which no case has, when it isn't one."""
        digits = ref.upper().removeprefix("F-")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 0

    def move_to(self, status: Status, *, by: User | None = None) -> None:
        """Raises IllegalMove when the state table has no such step."""
        if status not in MOVES[Status(self.status)]:
            raise IllegalMove("cases.move", self, f"{self.status} → {status}")
        was, self.status = self.status, status
        self.closed_at, self.closed_by = (timezone.now(), by) if status is Status.CLOSED else (None, None)
        # Triage is no new question: the promise made to it stands.
        if status is Status.WAITING and was != Status.NEW:
            self.promise_answer(rest=self.answer_left)
        elif status is not Status.ANSWERED:
            self.answer_left = None
        self.save()

    def promise_answer(self, *, rest: timedelta | None = None) -> None:
        """The promise starts now: a whole new one, or with the `rest` that a pause has left."""
        now, table = timezone.now(), timetable(self.department)
        self.waiting_since, self.answer_left = now, None
        if rest is None:
            self.answer_due_at = promises.promised(now, self.urgency, table)
        else:
            self.answer_due_at = promises.resumed(now, rest, self.urgency, table)

    def hasten_answer(self) -> None:
        """As its urgency and department ask now, and never later than was promised."""
        due = promises.promised(timezone.now(), self.urgency, timetable(self.department))
        self.answer_due_at = min(self.answer_due_at, due)

    def pause_promise(self) -> None:
        """We wait for the patient: what is left of the promise is kept."""
        self.answer_left = promises.left(timezone.now(), self.answer_due_at, timetable(self.department))

    def raise_to(self, urgency: Urgency) -> None:
        """At least this urgent, never less; where the clinic had finished, it waits for the clinic again."""
        self.urgency = min(urgency, Urgency(self.urgency))
        if self.status in (Status.ANSWERED, Status.CLOSED):
            self.move_to(Status.WAITING)
        else:
            self.save()

    def wait_again(self, *, since: datetime, due_at: datetime, owner: User | None) -> None:
        """As before its reply, which was undone: nothing new is promised, the old promise holds."""
        if self.status not in (Status.ANSWERED, Status.WAITING):
            raise IllegalMove("cases.move", self, f"{self.status} → {Status.WAITING}")
        self.status = Status.WAITING
        self.waiting_since, self.answer_due_at, self.owner = since, due_at, owner
        self.held_until = self.answer_left = None
        self.save()

    def say(
        self,
        *,
        author: User,
        voice: Voice,
        body: str,
        safety_net: str = "",
        form_key: UUID | None = None,
        visible_at: datetime | None = None,
    ) -> Message:
        """One more message on this case."""
        return self.messages.create(
            patient=self.patient,
            author=author,
            voice=voice,
            body=body,
            safety_net=safety_net,
            form_key=form_key,
            visible_at=visible_at,
        )

    @property
    def shown_status(self) -> Status:
        """What its patient is told: a reply that can still be undone was not given yet."""
        is_held = self.held_until is not None and self.held_until > timezone.now()
        return Status.WAITING if is_held and self.status == Status.ANSWERED else Status(self.status)

    @property
    def is_overdue(self) -> bool:
        return self.status in (Status.NEW, Status.WAITING) and self.answer_due_at < timezone.now()

    @property
    def is_paused(self) -> bool:
        """Answered, but not in full: the clinic waits for the patient."""
        return self.answer_left is not None and self.shown_status is Status.ANSWERED


def timetable(department: Department) -> Timetable:
    return Timetable(department.answer_time, department.hours, department.closed_on, department.time_zone)


class CaseQuestionQuerySet(RecordQuerySet["CaseQuestion"]):
    rule = of_case(Permission.CASE_READ)

    def open(self) -> Self:
        return self.filter(outcome=CaseQuestion.Outcome.OPEN)

    def told_to(self, by: Actor) -> Self:
        """With `is_told`: whether they see the reply that settled it yet."""
        seen = Message.objects.visible_to(by).filter(pk=OuterRef("settled_by"))
        return self.annotate(is_told=Exists(seen))


class CaseQuestion(Record):
    """One of the patient's own questions: answered, deferred or needing a visit, never just forgotten."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Not answered yet")
        ANSWERED = "answered", _("Answered")
        DEFERRED = "deferred", _("To be answered later")
        NEEDS_VISIT = "needs_visit", _("Needs a visit")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    settled_by = models.ForeignKey("patients.Message", models.PROTECT, null=True, blank=True, related_name="settles")

    objects = CaseQuestionQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("case", "position"), name="case_question_position"),
            models.CheckConstraint(
                condition=Q(outcome="open", settled_by__isnull=True) | ~Q(outcome="open") & Q(settled_by__isnull=False),
                name="case_question_settled",
            ),
        )
