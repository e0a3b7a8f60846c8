"""Topics: what articles and questions are about, with the words readers use for it."""

from __future__ import annotations

from hashlib import sha256
from typing import Self

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, Count, Q, Value, When
from django.db.models.functions import Left, Upper
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models import Department
from portal.models.record import Record, RecordQuerySet

SLUG_LENGTH = 100
OTHER_LETTERS = "0-9"
ANSWERS = Count("questions", filter=Q(questions__status="published"))


def slug_of(name: str, otherwise: str = "") -> str:
    """An address made of a name: never empty, and two long names do not fall together by being cut."""
    slug = slugify(name)
    if slug and len(slug) <= SLUG_LENGTH:
        return slug
    tail = sha256(name.casefold().encode()).hexdigest()[:8]
    return f"{slug[: SLUG_LENGTH - 9].rstrip('-') or otherwise or 'topic'}-{tail}"


class TopicQuerySet(RecordQuerySet["Topic"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Anyone may read topics; changing them follows the permission."""
        if to in (None, Permission.LIBRARY_READ):
            return self
        return self.filter(access.reach(by, to).in_departments("department"))

    def with_counts(self) -> Self:
        """`answers`: how many published questions each has."""
        return self.annotate(answers=ANSWERS)

    def most_answered(self) -> Self:
        return self.annotate(answers=ANSWERS).order_by("-answers", "slug")

    def of_letter(self, letter: str) -> Self:
        return self.filter(letter=letter)

    def matching(self, words: SearchQuery | None) -> Self:
        """Those whose name or another word for it has all of these words."""
        return self.none() if words is None else self.filter(words=words)


@pghistory.track(exclude=["words", "letter"])
class Topic(Record):
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="topics")
    synonyms = models.TextField(_("other words for it, one a line"), blank=True)
    letter = models.GeneratedField(
        expression=Case(When(name__regex="^[A-Za-z]", then=Upper(Left("name", 1))), default=Value(OTHER_LETTERS)),
        output_field=models.CharField(max_length=3),
        db_persist=True,
    )
    words = models.GeneratedField(
        expression=SearchVector("name", weight="A", config="english")
        + SearchVector("synonyms", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        # The address is the name in small letters, so CADASIL stands among Cancer and Cataract.
        ordering = ("slug",)
        indexes = (
            GinIndex(fields=("words",), name="topic_words"),
            models.Index(fields=("letter", "slug"), name="topic_letter"),
            models.Index(fields=("department", "slug"), name="topic_department"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("faq:topic", args=[self.slug])

    @property
    def other_words(self) -> list[str]:
        return [line for line in self.synonyms.splitlines() if line.strip()]
