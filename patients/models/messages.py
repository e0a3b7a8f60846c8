"""What is said on a case, and the files that come with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq.models import Article, Question
from faq.models.questions import QuestionStatus
from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class Voice(models.TextChoices):
    """Whose side somebody spoke from. Kept, not derived: who treats a person can also be trusted by them."""

    PATIENT = "patient", _("The patient")
    TRUSTED = "trusted", _("Somebody the patient trusts, for them")
    CLINIC = "clinic", _("The clinic")


class MessageQuerySet(RecordQuerySet["Message"]):
    rule = of_case(Permission.CASE_READ, is_held=True)

    def with_author(self) -> Self:
        return self.select_related("author", "patient").prefetch_related(
            "articles__article", "articles__question__department"
        )

    def standing(self) -> Self:
        """Not undone: staff see from the first second on what their patients see when it can't be undone any more."""
        return self.filter(undone_at=None)

    def from_clinic(self) -> Self:
        return self.filter(voice=Voice.CLINIC)

    def from_patient(self) -> Self:
        """By the patient, or for them."""
        return self.exclude(voice=Voice.CLINIC)


class Message(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    voice = models.CharField(max_length=8, choices=Voice.choices)
    body = models.TextField(_("message"))
    # What would worry us, by when, whom to call: with every reply.
    safety_net = models.TextField(_("when to get help sooner"), blank=True)
    # The form it was written on: sent twice, it is still one message.
    form_key = models.UUIDField(null=True, editable=False)
    # Of a reply that can still be undone: when its patient sees it. Null: at once.
    visible_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("patient", "-id"), name="message_patient"),)
        constraints = (
            models.CheckConstraint(condition=~Q(body=""), name="message_says_something"),
            models.UniqueConstraint(fields=("case", "form_key"), name="message_once_a_form"),
            models.CheckConstraint(condition=Q(voice__in=[v.value for v in Voice]), name="message_voice"),
            # Only before it was seen, and with who did it.
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undone_at__lt=F("visible_at")),
                name="message_undone_before_it_was_seen",
            ),
        )

    @property
    def is_from_patient(self) -> bool:
        return self.voice != Voice.CLINIC

    @property
    def is_for_patient(self) -> bool:
        return self.voice == Voice.TRUSTED

    @property
    def is_held(self) -> bool:
        """Whether it waits for its moment: until then it can be undone."""
        return self.undone_at is None and self.visible_at is not None and self.visible_at > timezone.now()

    def send_along(self, things: Sequence[Article | Question]) -> None:
        MessageArticle.objects.bulk_create(
            MessageArticle(
                patient_id=self.patient_id,
                case_id=self.case_id,
                message=self,
                article=thing if isinstance(thing, Article) else None,
                question=thing if isinstance(thing, Question) else None,
            )
            for thing in things
        )

    def undo(self, by: User, at: datetime) -> None:
        self.undone_at, self.undone_by = at, by
        self.save(update_fields=["undone_at", "undone_by"])

    @property
    def shown_articles(self) -> list[Article | Question]:
        """What was sent along, as far as readers still find it in the library."""
        return [attached.shown for attached in self.articles.all() if attached.shown]


class MessageArticleQuerySet(RecordQuerySet["MessageArticle"]):
    rule = of_case(Permission.CASE_READ, held_with="message")


class MessageArticle(Record):
    """An article, or a public question, of the library that a reply sends along."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, related_name="articles")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="+")

    objects = MessageArticleQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(article__isnull=True) ^ Q(question__isnull=True), name="message_article_is_one"
            ),
            models.UniqueConstraint(fields=("message", "article"), name="message_article_once"),
            models.UniqueConstraint(fields=("message", "question"), name="message_question_once"),
        )

    @property
    def key(self) -> str:
        """As forms name it."""
        return f"article-{self.article_id}" if self.article_id else f"question-{self.question_id}"

    @property
    def shown(self) -> Article | Question | None:
        """None when it was taken out of the library since."""
        if self.article:
            return self.article if self.article.current_id else None
        return self.question if self.question and self.question.status == QuestionStatus.PUBLISHED else None
