"""Articles and their revisions: who wrote what, who else approved it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from faq.models.topics import Topic
from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class ArticleStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


MOVES: dict[ArticleStatus, frozenset[ArticleStatus]] = {
    ArticleStatus.DRAFT: frozenset({ArticleStatus.IN_REVIEW, ArticleStatus.WITHDRAWN}),
    ArticleStatus.IN_REVIEW: frozenset({ArticleStatus.DRAFT, ArticleStatus.PUBLISHED, ArticleStatus.WITHDRAWN}),
    ArticleStatus.PUBLISHED: frozenset({ArticleStatus.WITHDRAWN, ArticleStatus.DRAFT}),
    ArticleStatus.WITHDRAWN: frozenset({ArticleStatus.DRAFT}),
}


class ArticleQuerySet(RecordQuerySet["Article"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Published ones are for all; the rest for who works on the library."""
        if access.has(by, to or Permission.LIBRARY_EDIT):
            return self
        return self.published() if to in (None, Permission.LIBRARY_READ) else self.none()

    def published(self) -> Self:
        return self.filter(status=ArticleStatus.PUBLISHED)


class Article(Record):
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="articles")
    topics = models.ManyToManyField(Topic, related_name="articles", blank=True)
    status = models.CharField(max_length=10, choices=ArticleStatus.choices, default=ArticleStatus.DRAFT)
    # The revision readers see; the newest revision may be ahead of it.
    current = models.ForeignKey("faq.Revision", models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField(_("to be reviewed again by"), null=True, blank=True)
    external_id = models.CharField(max_length=120, unique=True, null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="published") | Q(current__isnull=False), name="article_published_revision"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def move_to(self, status: ArticleStatus) -> None:
        if status not in MOVES[ArticleStatus(self.status)]:
            raise IllegalMove("articles.move", self, f"{self.status} → {status}")
        self.status = status
        self.save()


class Revision(Record):
    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    body = models.TextField(_("text, in Markdown"))
    sources = models.TextField(_("sources, one a line"), blank=True)
    note = models.CharField(_("what changed, and why"), max_length=200, blank=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("article", "number"), name="revision_number"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")),
                name="revision_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, approved_at__isnull=True)
                | Q(approver__isnull=False, approved_at__isnull=False),
                name="revision_approved_at_by",
            ),
        )
