"""One answer of the clinic: how long somebody waited for it, and whether it kept the promise. A row a reply.

Written with the reply, since by then opening hours are what they were: a figure that was true stays so. The row stays
with the department that answered, wherever its case goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clinicians.walls import DeskRule
from patients.models import Case, CaseQuestion, Message, Patient
from patients.models.cases import timetable
from patients.models.messages import MessageQuerySet
from portal.access import Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class AnswerQuerySet(RecordQuerySet["Answer"]):
    rule = DeskRule(Permission.FIGURES_READ)

    def standing(self) -> Self:
        """Not taken back again."""
        return self.filter(taken_back_at=None)


class Answer(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    message = models.OneToOneField(Message, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    # From asked to answered, in the department's opening hours.
    working = models.DurationField()
    is_first = models.BooleanField()
    # The patient's questions that were open, and those of them that were left for later or for a visit.
    questions = models.PositiveSmallIntegerField()
    left_open = models.PositiveSmallIntegerField()
    taken_back_at = models.DateTimeField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(left_open__lte=F("questions")), name="answer_left_open"),
            models.CheckConstraint(condition=Q(asked_at__lte=F("answered_at")), name="answer_after_question"),
        )
        indexes = (
            models.Index(fields=("department", "answered_at"), name="answer_given"),
            models.Index(fields=("department", "promised_at"), name="answer_promised"),
        )

    @classmethod
    def write(cls, case: Case, message: Message, *, by: User, questions: Sequence[CaseQuestion]) -> Answer:
        """`case` still waits: what was promised is what this answers. `questions` have their outcomes."""
        now = timezone.now()
        left = sum(question.outcome != CaseQuestion.Outcome.ANSWERED for question in questions)
        is_first = not cls._before(case, message).exists()
        # A first answer is as late as its patient finds it, wherever the case was meanwhile.
        asked_at = case.created_at if is_first else case.waiting_since
        return cls.objects.create(
            patient=case.patient,
            case=case,
            department=case.department,
            message=message,
            by=by,
            asked_at=asked_at,
            promised_at=case.answer_due_at,
            answered_at=now,
            working=timetable(case.department).between(asked_at, now),
            is_first=is_first,
            questions=len(questions),
            left_open=left,
        )

    @staticmethod
    def _before(case: Case, message: Message) -> MessageQuerySet:
        """What the clinic had said already, and stood by."""
        undone = Answer.objects.filter(case=case).exclude(taken_back_at=None)
        return Message.objects.filter(case=case).from_clinic().exclude(pk=message.pk).exclude(
            pk__in=undone.values("message")
        )  # fmt: skip

    @classmethod
    def take_back(cls, message: Message) -> None:
        """The reply was undone before its patient saw it: it answered nothing."""
        cls.objects.filter(message=message).update(taken_back_at=timezone.now())
