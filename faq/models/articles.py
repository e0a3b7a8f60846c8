"""Articles and their revisions: who wrote what, who else approved it.

draft → in review → published → draft (a newer revision; readers keep the approved one) → …
"""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq.models.topics import Topic
from faq.rules.identifiers import Finding, find_in_article
from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class ArticleStatus(models.TextChoices):
    """Where the newest revision is."""

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
READABLE = Q(current__isnull=False)


def at_work(by: Actor) -> Q:
    """The rows of the departments whose library this actor edits or approves, in any state."""
    edits = access.reach(by, Permission.LIBRARY_EDIT).in_departments("department")
    return edits | access.reach(by, Permission.LIBRARY_APPROVE).in_departments("department")


def in_library(by: Actor, to: Permission | None, readable: Q) -> Q:
    """The rows of the library in reach: readable ones for all, the rest for who works on its department."""
    if to in (None, Permission.LIBRARY_READ):
        return readable | at_work(by)
    if to in access.PUBLIC:
        return readable
    return access.reach(by, to).in_departments("department")


class ArticleQuerySet(RecordQuerySet["Article"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        return self.filter(in_library(by, to, READABLE))

    def published(self) -> Self:
        """Those with a revision that readers see."""
        return self.filter(READABLE)

    def being_written(self) -> Self:
        return self.filter(status__in=(ArticleStatus.DRAFT, ArticleStatus.IN_REVIEW)).order_by("-changed_at")

    def with_people(self) -> Self:
        return self.select_related("department", "current__author", "current__approver")


@pghistory.track()
class Article(Record):
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="articles")
    topics = models.ManyToManyField(Topic, related_name="articles", blank=True)
    status = models.CharField(max_length=10, choices=ArticleStatus.choices, default=ArticleStatus.DRAFT)
    # The revision readers see; the newest revision may be ahead of it.
    current = models.ForeignKey("faq.Revision", models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField(_("to be reviewed again by"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    # Findings that a person has read and lets stand; see `Finding.key`.
    acknowledged = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    # Where an imported one comes from.
    import_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    source = models.CharField(max_length=120, blank=True)
    source_url = models.URLField(max_length=500, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="published") | Q(current__isnull=False), name="article_published_revision"
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(current__isnull=True), name="article_withdrawn_unread"
            ),
        )
        indexes = (models.Index(fields=("status", "-changed_at"), name="article_board"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("faq:article", args=[self.slug])

    def move_to(self, status: ArticleStatus) -> None:
        if status not in MOVES[ArticleStatus(self.status)]:
            raise IllegalMove("articles.move", self, f"{self.status} → {status}")
        self.status = status
        self.save()

    @property
    def newest(self) -> Revision:
        return self.revisions.select_related("author", "approver").latest("number")

    @property
    def is_lapsed(self) -> bool:
        return self.review_on is not None and self.review_on < timezone.localdate()

    def open_findings(self, text: str) -> list[Finding]:
        """What in this text may name a person or speaks to one, and nobody has let stand."""
        return [finding for finding in find_in_article(text) if finding.key not in self.acknowledged]

    def write(self, *, author: User | None, title: str, body: str, sources: str = "", note: str = "") -> Revision:
        """One more revision. Nothing that was written is ever overwritten."""
        last = self.revisions.order_by("-number").values_list("number", flat=True).first() or 0
        return self.revisions.create(author=author, number=last + 1, title=title, body=body, sources=sources, note=note)

    def show(self, revision: Revision, *, review_on: date | None = None) -> None:
        """Readers see this revision from now on."""
        self.current, self.title, self.review_on = revision, revision.title, review_on


class RevisionQuerySet(RecordQuerySet["Revision"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """All revisions for who works on the article; for readers the approved ones."""
        staff = access.reach(by, Permission.LIBRARY_EDIT).in_departments("article__department")
        staff |= access.reach(by, Permission.LIBRARY_APPROVE).in_departments("article__department")
        return self.filter(staff | Q(approved_at__isnull=False, article__current__isnull=False))


class Revision(Record):
    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text, in Markdown"))
    sources = models.TextField(_("sources, one a line"), blank=True)
    note = models.CharField(_("what changed, and why"), max_length=200, blank=True)
    # Nobody here wrote an imported one.
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = RevisionQuerySet.as_manager()

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

    @property
    def source_lines(self) -> list[str]:
        return [line.strip() for line in self.sources.splitlines() if line.strip()]

    def approve(self, by: User) -> None:
        self.approver, self.approved_at = by, timezone.now()
        self.save(update_fields=["approver", "approved_at"])
