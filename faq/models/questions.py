"""Public questions: what was asked and answered, told so that nobody can be recognised.

suggested → draft → in review → published → withdrawn → draft
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from faq.models.articles import Article
from faq.models.topics import Topic
from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class QuestionStatus(models.TextChoices):
    SUGGESTED = "suggested", _("Suggested")
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


MOVES: dict[QuestionStatus, frozenset[QuestionStatus]] = {
    QuestionStatus.SUGGESTED: frozenset({QuestionStatus.DRAFT, QuestionStatus.WITHDRAWN}),
    QuestionStatus.DRAFT: frozenset({QuestionStatus.IN_REVIEW, QuestionStatus.WITHDRAWN}),
    QuestionStatus.IN_REVIEW: frozenset({QuestionStatus.DRAFT, QuestionStatus.PUBLISHED, QuestionStatus.WITHDRAWN}),
    QuestionStatus.PUBLISHED: frozenset({QuestionStatus.WITHDRAWN}),
    QuestionStatus.WITHDRAWN: frozenset({QuestionStatus.DRAFT}),
}


class QuestionQuerySet(RecordQuerySet["Question"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Published ones are for all; the rest for who works on the library."""
        if access.has(by, to or Permission.LIBRARY_EDIT):
            return self
        return self.published() if to in (None, Permission.LIBRARY_READ) else self.none()

    def published(self) -> Self:
        return self.filter(status=QuestionStatus.PUBLISHED)


class Question(Record):
    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(max_length=120)
    department = models.ForeignKey(Department, models.PROTECT, related_name="questions")
    topics = models.ManyToManyField(Topic, related_name="questions", blank=True)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="questions")
    status = models.CharField(max_length=10, choices=QuestionStatus.choices, default=QuestionStatus.DRAFT)
    body = models.TextField(_("the question, as readers see it"))
    answer = models.TextField(_("the reply, as readers see it"))
    in_short = models.TextField(_("in short, one point a line"), blank=True)
    get_help = models.TextField(_("see a doctor if, one point a line"), blank=True)
    get_help_now = models.TextField(_("get help now if, one point a line"), blank=True)
    # Coarse on purpose: ten years of age, a year of time.
    age_band = models.CharField(_("age band"), max_length=6, blank=True)
    sex = models.CharField(_("sex"), max_length=10, blank=True)
    asked_in = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(_("to be reviewed again by"), null=True, blank=True)
    # A question that came from a case is published only with consent to its exact text.
    needs_consent = models.BooleanField(default=False)
    consent_digest = models.CharField(max_length=64, blank=True)
    text_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Where an imported one comes from.
    external_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    words = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("body", weight="B", config="english")
        + SearchVector("answer", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="published")
                | Q(needs_consent=False)
                | (~Q(consent_digest="") & Q(consent_digest=F("text_digest"))),
                name="question_published_with_consent",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="question_published_at"
            ),
        )
        indexes = (
            GinIndex(fields=("words",), name="question_words"),
            GinIndex(fields=("title",), name="question_title_trgm", opclasses=("gin_trgm_ops",)),
            models.Index(fields=("-published_at",), name="question_published", condition=Q(status="published")),
            models.Index(fields=("department", "-published_at"), name="question_department"),
        )

    def __str__(self) -> str:
        return self.title

    @classmethod
    def suggest(cls, department: Department, *, title: str, body: str, answer: str, **about: Any) -> Question:
        """What somebody at the desk proposes; a curator takes it from here."""
        question = cls(
            department=department,
            title=title,
            slug=slugify(title)[:120] or "question",
            body=body,
            answer=answer,
            status=QuestionStatus.SUGGESTED,
            **about,
        )
        question.full_clean(validate_constraints=False)
        question.save()
        return question

    def save(self, *args: object, **kwargs: object) -> None:
        self.text_digest = self.digest
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def public_text(self) -> str:
        """All that readers see of the person's own matter: what is consented to, to the letter."""
        return "\n\n".join((self.title, self.body, self.answer, self.age_band, self.sex, str(self.asked_in or "")))

    @property
    def digest(self) -> str:
        return sha256(self.public_text.encode()).hexdigest()

    @property
    def has_consent(self) -> bool:
        return not self.needs_consent or (bool(self.consent_digest) and self.consent_digest == self.digest)

    def agree(self, digest: str) -> None:
        """The patient agreed to the text of this digest; the empty one takes it back and takes it down."""
        self.consent_digest = digest
        if not digest and self.status == QuestionStatus.PUBLISHED:
            self.status = QuestionStatus.WITHDRAWN
        self.save()

    def move_to(self, status: QuestionStatus) -> None:
        if status not in MOVES[QuestionStatus(self.status)]:
            raise IllegalMove("questions.move", self, f"{self.status} → {status}")
        self.status = status
        if status is QuestionStatus.PUBLISHED:
            self.published_at = self.published_at or timezone.now()
        self.save()
