"""What a patient asks the privacy officer about one visit to their record, and the answer.

It hangs on no row of the trail (nothing does) and is found without looking at the record: the officer, who has no
clinical sight, sees the record number that was copied here, and what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from patients.models.patients import Patient
from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule, array, staff_roles


@dataclass(frozen=True, slots=True)
class QuestionRule(Rule):
    """Who asked; and who keeps watch, but for their own: nobody answers for themselves."""

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        found = super(QuestionRule, self).q(by, to)
        watches = isinstance(by, User) and access.reach(by, to or self.reading).whole_clinic
        return found | ~Q(asked_by=by) if watches else found

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        watches = f"(SELECT fascicle_watches({array(staff_roles(self.reading))}))"
        return [
            *super(QuestionRule, self).ways(table, writing=writing),
            f"({watches} AND asked_by_id <> (SELECT fascicle_account()))",
        ]


class AccessQuestionQuerySet(RecordQuerySet["AccessQuestion"]):
    rule = QuestionRule(Permission.ACCESS_QUESTION_READ, account="asked_by")

    def open(self) -> Self:
        return self.filter(answered_at=None)

    def with_answerer(self) -> Self:
        return self.select_related("answered_by")


class AccessQuestion(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="access_questions")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    record_number = models.CharField(max_length=30)
    # The visit: its first and its last event, whose it was and when. No foreign keys: as in the trail.
    first_event = models.UUIDField()
    last_event = models.UUIDField()
    actor_id = models.UUIDField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    text = models.TextField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = AccessQuestionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("id",), name="access_question_open", condition=Q(answered_at=None)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="access_question_answered",
            ),
            models.CheckConstraint(condition=Q(began_at__lte=models.F("ended_at")), name="access_question_when"),
            models.UniqueConstraint(
                fields=("patient", "first_event"), name="access_question_once", condition=Q(answered_at=None)
            ),
        )

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    def settle(self, by: User, answer: str, at: datetime | None = None) -> None:
        if not self.is_open:
            raise IllegalMove("access_questions.answer", self, "this question was answered already")
        self.answer, self.answered_by, self.answered_at = answer, by, at or timezone.now()
        self.save(update_fields=["answer", "answered_by", "answered_at"])
