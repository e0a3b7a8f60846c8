"""Topics: what articles and questions are about, with the words readers use for it."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models import Department
from portal.models.record import Record, RecordQuerySet


class TopicQuerySet(RecordQuerySet["Topic"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Anyone may read topics; changing them follows the permission."""
        if to in (None, Permission.LIBRARY_READ) or access.has(by, to):
            return self
        return self.none()


class Topic(Record):
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="topics")
    synonyms = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("department", "name"), name="topic_once"),)

    def __str__(self) -> str:
        return self.name
