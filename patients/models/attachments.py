"""Files of a case. Stored under a name of ours; served only through the gate, as a download."""

from __future__ import annotations

from pathlib import PurePath
from typing import Self
from uuid import UUID

import pghistory
from django.db import models
from django.db.models import Count, Q, Sum
from django.template.defaultfilters import date as as_date
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from patients.models.messages import Message
from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import Actor, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.scanner import Scan, Verdict

FOLDER = "attachments"


def stored_name(attachment: Attachment, _name: str) -> str:
    """The key, spread over folders: nothing of the sender's file name reaches the disk."""
    return f"{FOLDER}/{attachment.pk.hex[-2:]}/{attachment.pk}"


class AttachmentQuerySet(RecordQuerySet["Attachment"]):
    # The clock too, which asks the scanner about it and removes what is nobody's.
    rule = of_case(Permission.CASE_READ, for_system=True)

    def waiting(self) -> Self:
        """What a scanner has not judged yet; what is held back for it comes first."""
        return self.filter(scan__in=(Scan.FAILED, Scan.NOT_SCANNED)).order_by("scan", "id")

    def weight_of(self, patient: UUID) -> tuple[int, int]:
        """How many files this person has here, and how many bytes they are."""
        of_patient = self.filter(patient=patient).exclude(scan=Scan.INFECTED)
        found = of_patient.aggregate(files=Count("id"), bytes=Sum("size"))
        return found["files"], found["bytes"] or 0


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
    # Of what was sent: it differs from `sha256` where the file was written anew without what was hidden in it.
    sent_sha256 = models.CharField(max_length=64, blank=True, default="")
    is_cleaned = models.BooleanField(default=False)
    # A recording whose header adds up and which our reader can't read all the same: kept, and only as a download.
    is_readable = models.BooleanField(default=True)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True)
    # The engine's own: its version, or the name of what it found.
    scan_note = models.CharField(max_length=120, blank=True, default="")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(scan=Scan.NOT_SCANNED, scanned_at=None)
                | (~Q(scan=Scan.NOT_SCANNED) & Q(scanned_at__isnull=False)),
                name="attachment_scan_has_its_time",
            ),
        )

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.lower()

    @property
    def is_held(self) -> bool:
        """A scanner is there and has not answered yet: nobody but its sender gets it until it has."""
        return self.scan == Scan.FAILED

    @property
    def is_removed(self) -> bool:
        return self.scan == Scan.INFECTED

    def is_open_to(self, by: Actor) -> bool:
        return not self.is_removed and (not self.is_held or by == self.added_by)

    @property
    def scan_words(self) -> str:
        """What is known of viruses in it, for whoever is about to open it."""
        when = as_date(self.scanned_at, "j F Y")
        return {
            Scan.NOT_SCANNED: _t("Not scanned for viruses."),
            Scan.CLEAN: _t("Scanned for viruses on %(when)s: none found.") % {"when": when},
            Scan.FAILED: _t("Waits for its virus scan. Until then only who sent it can open it."),
            Scan.INFECTED: _t("A virus was found in it on %(when)s, and it was removed.") % {"when": when},
        }[Scan(self.scan)]

    def judge(self, verdict: Verdict) -> None:
        self.scan, self.scanned_at, self.scan_note = verdict.scan, verdict.at, verdict.words
        self.save(update_fields=["scan", "scanned_at", "scan_note"])
