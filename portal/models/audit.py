"""The audit trail. Append-only: its triggers refuse UPDATE, DELETE and TRUNCATE to everyone."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models.record import Record, RecordQuerySet


class Kind(models.TextChoices):
    VERB = "verb", _("Done")
    READ = "read", _("Looked at")
    REFUSAL = "refusal", _("Refused")


class AuditEventQuerySet(RecordQuerySet["AuditEvent"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        reach = access.reach(by, to or Permission.AUDIT_READ)
        return self if reach.everything or reach.whole_clinic else self.none()


class AuditEvent(Record):
    """One thing done, looked at or refused. No foreign keys: it outlives what it speaks of."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    people = ArrayField(models.UUIDField(), default=list)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    outcome = models.CharField(max_length=20, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = (
            GinIndex(fields=("people",), name="audit_people"),
            models.Index(fields=("actor_id", "-created_at"), name="audit_actor"),
            models.Index(fields=("-created_at",), name="audit_time"),
            models.Index(fields=("subject_id",), name="audit_subject"),
        )
