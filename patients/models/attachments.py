"""Files of a case. Stored under a name of ours; served only through the gate, as a download."""

from __future__ import annotations

from pathlib import PurePath

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.messages import Message
from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


def stored_name(attachment: Attachment, _name: str) -> str:
    """The key, spread over folders: nothing of the sender's file name reaches the disk."""
    return f"attachments/{attachment.pk.hex[-2:]}/{attachment.pk}"


class AttachmentQuerySet(RecordQuerySet["Attachment"]):
    rule = of_case(Permission.CASE_READ)


@pghistory.track()
class Attachment(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="attachments")
    file = models.FileField(upload_to=stored_name, max_length=200)
    name = models.CharField(_("file name"), max_length=150)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),)

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.lower()
