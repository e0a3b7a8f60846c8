"""A reply that is being written: one for each colleague and case, theirs alone, gone when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from clinicians.walls import OwnOfCase
from patients.models import Case, Patient
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet

# What stands in a draft: columns of the same names.
WORDS = ("body", "safety_net", "outcomes", "articles", "followup", "suggest")


class ReplyDraftQuerySet(RecordQuerySet["ReplyDraft"]):
    rule = OwnOfCase(Permission.CASE_REPLY, case="case", carries_department=True)


class ReplyDraft(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="reply_drafts")
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    body = models.TextField(blank=True)
    safety_net = models.TextField(blank=True)
    # Question to outcome, as far as chosen.
    outcomes = models.JSONField(default=dict)
    # Keys of what is sent along: "article-…", "question-…".
    articles = models.JSONField(default=list)
    # Period, kind, reason and whether it must not be missed, as the form takes them.
    followup = models.JSONField(default=dict)
    suggest = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = ReplyDraftQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "account"), name="reply_draft_one"),)

    @property
    def person_id(self) -> None:
        """One's own words beside the case, which is noted: not a look at somebody's record."""
        return

    @property
    def words(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in WORDS}

    def holds(self, words: Mapping[str, Any]) -> bool:
        return self.words == dict(words)

    def rewrite(self, words: Mapping[str, Any]) -> None:
        for name in WORDS:
            setattr(self, name, words[name])
        self.version, self.saved_at = self.version + 1, timezone.now()
        self.save()

    @classmethod
    def of(cls, case: Case, by: User) -> ReplyDraft | None:
        return cls.objects.filter(case=case, account=by).first()

    @classmethod
    def take_up(cls, case: Case, by: User, words: Mapping[str, Any]) -> ReplyDraft:
        """These words as a draft; what has been drafted since comes after them."""
        draft = cls.of(case, by)
        if draft is None:
            return cls.objects.create(patient_id=case.patient_id, case=case, account=by, **words)
        draft.rewrite({**words, "body": f"{words['body']}\n\n{draft.body}".strip()})
        return draft

    @classmethod
    def let_go(cls, case: Case, by: User) -> None:
        cls.objects.filter(case=case, account=by).delete()
