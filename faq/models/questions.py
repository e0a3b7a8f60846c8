"""Public questions: what was asked and answered, told so that nobody can be recognised.

suggested → draft → in review → published → withdrawn → draft
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchHeadline, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq.models.articles import Article, in_library
from faq.models.search import Term, all_of, any_of
from faq.models.topics import Topic, slug_of
from faq.rules.identifiers import Finding, find
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
READABLE = Q(status=QuestionStatus.PUBLISHED)
# How many rows each way of finding may offer for ranking: what bounds the time of any search.
OFFERED = 300
RAREST = 4
# Around words that were found, in what the database sends: characters no text has, so that escaping comes after.
MARKS = ("\ue000", "\ue001")
NOTHING = Value("", output_field=models.TextField())
OPENING = 320
SEARCHED = 4_000
LONG = ("body", "answer", "words", "title_words", "in_short", "get_help", "get_help_now", "editor_note", "acknowledged")
# The number is the database's to give: asking whether it is taken would draw one for every row looked at.
NUMBERED = frozenset({"number"})
# What readers see of the person's own matter, in the order in which they are asked to agree to it.
CONSENTED = ("title", "body", "answer", "in_short", "editor_note", "age_band", "sex", "asked_in")


class QuestionQuerySet(RecordQuerySet["Question"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        return self.filter(in_library(by, to, READABLE))

    def published(self) -> Self:
        return self.filter(READABLE)

    def newest(self) -> Self:
        return self.order_by("-published_at", "-number")

    def of_the_clinic(self) -> Self:
        return self.filter(import_key__isnull=True)

    def imported(self) -> Self:
        return self.filter(import_key__isnull=False)

    def with_people(self) -> Self:
        return self.select_related("department", "answered_by")

    def in_state(self, status: str) -> Self:
        """For a lane of the board: what was touched last comes first."""
        rows = self.filter(status=status).select_related("department", "edited_by").prefetch_related("topics")
        return rows.defer("words", "title_words").order_by("-changed_at")

    def review_due(self, by: date) -> Self:
        return self.published().filter(review_on__lte=by).order_by("review_on").for_lists()

    def for_reading(self) -> Self:
        return self.select_related("department", "answered_by", "approved_by", "article__current").prefetch_related(
            "topics"
        )

    def for_lists(self) -> Self:
        """With `opening`, the first words of the asker (of the answer, where the question is its title)."""
        opening = models.functions.Left(
            models.Case(models.When(import_key__isnull=False, then="answer"), default="body"), OPENING
        )
        return self.with_people().annotate(opening=opening).defer(*LONG)

    def with_snippets(self, terms: Sequence[Term]) -> Self:
        """For a page of results: `headline` and `snippet`, with the words found between MARKS."""
        asked = models.Case(models.When(import_key__isnull=False, then=NOTHING), default="body")
        text = models.functions.Left(Concat(asked, Value(" "), "answer", output_field=models.TextField()), SEARCHED)
        between: dict[str, Any] = {"config": "english", "start_sel": MARKS[0], "stop_sel": MARKS[1]}
        return self.for_lists().annotate(
            headline=SearchHeadline("title", any_of(terms), highlight_all=True, **between),
            snippet=SearchHeadline(text, any_of(terms), max_words=38, min_words=20, **between),
        )

    def offered(self, terms: Sequence[Term], topics: Collection[UUID] = ()) -> QuerySet[Any, Any]:
        """Keys worth ranking: at most OFFERED by each way of finding, however common the words are."""
        plain = self.order_by().values("pk")
        rarest = sorted(terms, key=lambda term: -term.weight)[:RAREST]
        ways = [
            plain.filter(title_words=all_of(terms)),
            plain.filter(words=all_of(terms)),
            plain.filter(title_words=any_of(rarest)),
            *(plain.filter(words=term.query) for term in rarest),
            plain.filter(pk__in=Question.topics.through.objects.filter(topic__in=topics).values("question")),
        ]
        return ways[0][:OFFERED].union(*(way[:OFFERED] for way in ways[1:]))

    def ranked(self, terms: Sequence[Term], topics: Collection[UUID] = ()) -> Self:
        """The best first. `coverage`: how much of what was asked is there, 0 to 1; `score` adds where it is."""
        total = sum(term.weight for term in terms) or 1.0
        found = self.filter(pk__in=self.offered(terms, topics))
        found = found.annotate(coverage=_worth("words", terms, total), in_title=_worth("title_words", terms, total))
        return found.annotate(
            in_topic=_in_topics(topics),
            score=F("coverage")
            + F("in_title") * 1.5
            + F("in_topic")
            + models.Case(models.When(answered_by__isnull=False, then=0.3), default=0.0)
            - models.functions.Length("title") * 0.002,
        ).order_by("-score", "-number")


def _worth(vector: str, terms: Sequence[Term], total: float) -> Any:
    """The share of the terms' weight that this vector holds."""
    cases = (
        models.Case(models.When(**{vector: term.query}, then=Value(term.weight / total)), default=Value(0.0))
        for term in terms
    )
    return sum(cases, start=Value(0.0, output_field=models.FloatField()))


def _in_topics(topics: Collection[UUID]) -> Any:
    """Half a point for a question of a topic that has all the words: the reader may use another word for it."""
    of_topic = Question.topics.through.objects.filter(topic__in=topics).values("question")
    return models.Case(models.When(pk__in=of_topic, then=Value(0.5)), default=Value(0.0))


def with_answers(departments: RecordQuerySet[Department]) -> Any:
    """Departments with `answers`: how many published questions each has."""
    published = Count("questions", filter=Q(questions__status=QuestionStatus.PUBLISHED))
    return departments.annotate(answers=published).order_by("name")


@pghistory.track(exclude=["words", "title_words"])
class Question(Record):
    number = models.PositiveIntegerField(
        unique=True, editable=False, db_default=Func(Value("faq_question_number"), function="nextval")
    )
    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(max_length=120, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="questions")
    topics = models.ManyToManyField(Topic, related_name="questions", blank=True)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="questions")
    status = models.CharField(max_length=10, choices=QuestionStatus.choices, default=QuestionStatus.DRAFT)
    body = models.TextField(_("the question, as readers see it"), blank=True)
    answer = models.TextField(_("the reply, as readers see it"))
    in_short = models.TextField(_("in short, one point a line"), blank=True)
    editor_note = models.TextField(_("editor's note on the question, for instance on a dose"), blank=True)
    get_help = models.TextField(_("see a doctor if, one point a line"), blank=True)
    get_help_now = models.TextField(_("get help now if, one point a line"), blank=True)
    # Coarse on purpose: ten years of age, a year of time.
    age_band = models.CharField(_("age band"), max_length=6, blank=True)
    sex = models.CharField(_("sex"), max_length=10, blank=True)
    asked_in = models.PositiveSmallIntegerField(_("year it was asked"), null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(_("to be reviewed again by"), null=True, blank=True)
    # Findings that a person has read and lets stand; see `Finding.key`.
    acknowledged = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    # A question that came from a case is published only with consent to its exact text.
    needs_consent = models.BooleanField(default=False)
    consent_digest = models.CharField(max_length=64, blank=True)
    text_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Where an imported one comes from.
    import_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    external_id = models.CharField(max_length=120, blank=True)
    kind = models.CharField(_("what it is about, as the source says"), max_length=60, blank=True)
    source = models.CharField(max_length=120, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    words = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("body", weight="B", config="english")
        + SearchVector("answer", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    title_words = models.GeneratedField(
        expression=SearchVector("title", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-number")
        constraints = (
            models.CheckConstraint(
                condition=~READABLE
                | Q(needs_consent=False)
                | (~Q(consent_digest="") & Q(consent_digest=F("text_digest"))),
                name="question_published_with_consent",
            ),
            models.CheckConstraint(condition=~READABLE | Q(published_at__isnull=False), name="question_published_at"),
            models.CheckConstraint(
                condition=~READABLE | Q(approved_by__isnull=False) | Q(import_key__isnull=False),
                name="question_published_by",
            ),
            models.CheckConstraint(
                condition=~READABLE | Q(edited_by__isnull=True) | ~Q(edited_by=F("approved_by")),
                name="question_published_by_another",
            ),
        )
        indexes = (
            GinIndex(fields=("words",), name="question_words"),
            GinIndex(fields=("title_words",), name="question_title_words"),
            models.Index(
                fields=("-published_at", "-number"),
                name="question_own",
                condition=READABLE & Q(import_key__isnull=True),
            ),
            models.Index(
                fields=("-published_at", "-number"),
                name="question_imported",
                condition=READABLE & Q(import_key__isnull=False),
            ),
            models.Index(fields=("department", "-id"), name="question_department", condition=READABLE),
            models.Index(fields=("status", "-changed_at"), name="question_board"),
            models.Index(fields=("review_on",), name="question_review", condition=READABLE),
        )

    def __str__(self) -> str:
        return self.title

    @classmethod
    def suggest(cls, department: Department, *, title: str, body: str, answer: str, **about: Any) -> Question:
        """What somebody at the desk proposes; a curator takes it from here."""
        suggested = QuestionStatus.SUGGESTED
        question = cls(department=department, title=title, body=body, answer=answer, status=suggested, **about)
        question.slug = slug_of(title, "question")
        question.full_clean(exclude=NUMBERED, validate_constraints=False)
        question.save()
        return question

    def save(self, *args: object, **kwargs: object) -> None:
        self.text_digest = self.digest
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def public_text(self) -> str:
        """All that readers see of the person's own matter: what is consented to, to the letter."""
        return "\n\n".join(str(value) for name in CONSENTED if (value := getattr(self, name)))

    @property
    def digest(self) -> str:
        return sha256(self.public_text.encode()).hexdigest()

    @property
    def has_consent(self) -> bool:
        return not self.needs_consent or (bool(self.consent_digest) and self.consent_digest == self.digest)

    @property
    def is_imported(self) -> bool:
        return self.import_key is not None

    def get_absolute_url(self) -> str:
        return reverse("faq:question", args=[self.department.slug, self.number, self.slug])

    @property
    def is_lapsed(self) -> bool:
        return self.review_on is not None and self.review_on < timezone.localdate()

    @property
    def findings(self) -> list[Finding]:
        """What in the public text may name a person, whether or not somebody let it stand."""
        return find(self.public_text)

    @property
    def open_findings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.key not in self.acknowledged]

    def agree(self, digest: str) -> None:
        """The patient agreed to the text of this digest; the empty one takes it back and takes it down."""
        self.consent_digest = digest
        if not digest and self.status == QuestionStatus.PUBLISHED:
            self.status = QuestionStatus.WITHDRAWN
        self.save()

    def rewrite(self, *, by: User, **texts: Any) -> None:
        """The next version. Consent to the old text does not reach the new one: its digest differs."""
        for name, value in texts.items():
            setattr(self, name, value)
        self.slug = slug_of(self.title, "question")
        self.edited_by, self.version = by, self.version + 1
        self.full_clean(exclude=NUMBERED, validate_constraints=False)
        self.save()

    def versions(self) -> QuerySet[Any]:
        """The newest row of history of each version, the latest first."""
        rows = self.events.order_by("-version", "-pgh_id").distinct("version")  # type: ignore[attr-defined]
        return rows.select_related("edited_by")  # type: ignore[no-any-return]

    def move_to(self, status: QuestionStatus) -> None:
        if status not in MOVES[QuestionStatus(self.status)]:
            raise IllegalMove("questions.move", self, f"{self.status} → {status}")
        self.status = status
        if status is QuestionStatus.PUBLISHED:
            self.published_at = self.published_at or timezone.now()
        self.save()
