"""Whether an answer helped: yes or no and one of five reasons. No words, no account, no address."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from faq.models.questions import Question
from portal import access
from portal.access import Actor, Permission
from portal.models.record import Record, RecordQuerySet


class Reason(models.TextChoices):
    HARD_TO_FOLLOW = "hard_to_follow", _("It was hard to follow")
    NOT_MY_QUESTION = "not_my_question", _("It was not about my question")
    WORRIED_ME = "worried_me", _("It left me more worried")
    OUT_OF_DATE = "out_of_date", _("It looks out of date")
    WRONG = "wrong", _("Something in it looks wrong")


class FeedbackQuerySet(RecordQuerySet["Feedback"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        return self.filter(access.reach(by, to or Permission.LIBRARY_EDIT).in_departments("question__department"))

    def told(self) -> list[tuple[str, int]]:
        """What readers said, in words, and how often; what was said most comes first."""
        rows = self.order_by().values_list("has_helped", "reason").annotate(times=Count("pk"))
        words = {"": _("No, without a reason"), **dict(Reason.choices)}
        said = ((str(_("Yes, it helped") if helped else words[reason]), times) for helped, reason, times in rows)
        return sorted(said, key=lambda row: -row[1])


class Feedback(Record):
    question = models.ForeignKey(Question, models.CASCADE, related_name="feedback")
    has_helped = models.BooleanField()
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(has_helped=False) | Q(reason=""), name="feedback_reason_of_no"),
            models.CheckConstraint(condition=Q(reason__in=["", *Reason.values]), name="feedback_reason"),
        )
