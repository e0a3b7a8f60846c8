"""Texts to use again and again: one's own, or shared with the department. Nothing written is overwritten."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from clinicians.walls import TeamRule
from portal.access import Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet

LONGEST_NAME = 80
LONGEST_BODY = 8_000


class SavedReplyQuerySet(RecordQuerySet["SavedReply"]):
    rule = TeamRule(Permission.CASE_REPLY)

    def standing(self) -> Self:
        return self.filter(retired_at=None)

    def with_text(self) -> Self:
        """With `body`, as it is now."""
        current = SavedReplyVersion.objects.filter(saved_reply=OuterRef("pk"), number=OuterRef("version"))
        return self.select_related("owner", "department").annotate(body=Subquery(current.values("body")[:1]))


class SavedReply(Record):
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    retired_at = models.DateTimeField(null=True)

    objects = SavedReplyQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "department", "name"), name="saved_reply_name", condition=Q(retired_at=None)
            ),
        )
        indexes = (
            models.Index(fields=("department", "name", "id"), name="saved_reply_shelf", condition=Q(retired_at=None)),
        )

    def __str__(self) -> str:
        return self.name

    def write(self, *, by: User, body: str) -> SavedReplyVersion:
        """As the version whose number the row carries."""
        return self.versions.create(number=self.version, body=body, by=by)


class SavedReplyVersionQuerySet(RecordQuerySet["SavedReplyVersion"]):
    rule = TeamRule(Permission.CASE_REPLY, within="saved_reply")

    def newest(self) -> Self:
        return self.select_related("by").order_by("-number")

    def current(self) -> Self:
        return self.filter(number=F("saved_reply__version"))


class SavedReplyVersion(Record):
    saved_reply = models.ForeignKey(SavedReply, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField(_("text"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = SavedReplyVersionQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("saved_reply", "number"), name="saved_reply_version"),)
