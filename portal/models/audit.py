"""The audit trail. Append-only: its triggers refuse UPDATE, DELETE and TRUNCATE to everyone."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models.accounts import Membership, User
from portal.models.record import Record, RecordQuerySet


class Kind(models.TextChoices):
    VERB = "verb", _("Done")
    READ = "read", _("Looked at")
    REFUSAL = "refusal", _("Refused")


class AuditEventQuerySet(RecordQuerySet["AuditEvent"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """All of it to who keeps watch; to a person, what speaks of their own record."""
        reach = access.reach(by, to or Permission.AUDIT_READ)
        if reach.everything or reach.whole_clinic:
            return self
        own = None if to else access.reach(by, Permission.PATIENT_READ).own
        return self.about(*people_of(own)) if own else self.none()

    def about(self, *people: UUID) -> Self:
        """What was done to the records of these people, looked at in them, or refused."""
        return self.filter(people__overlap=list(people))

    def with_actor(self) -> Self:
        """With the name, the post and a role of the account that acted, as they are today."""
        account = User.objects.filter(pk=OuterRef("actor_id"))
        role = Membership.objects.filter(user=OuterRef("actor_id")).order_by("id")
        return self.annotate(
            account_name=Subquery(account.values("name")[:1]),
            account_title=Subquery(account.values("title")[:1]),
            account_role=Subquery(role.values("role")[:1]),
        )


def people_of(account: UUID) -> list[UUID]:
    """The records that are this account's own. The ground can't name them; the settings say who knows."""
    found: list[UUID] = import_string(settings.PEOPLE_OF)(account)
    return found


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
    # The order of writing, drawn by a trigger whatever an INSERT says. Seals go by it (see models/seals.py).
    serial = models.BigIntegerField(unique=True, editable=False, db_default=0)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = (
            GinIndex(fields=("people",), name="audit_people"),
            models.Index(fields=("-created_at",), name="audit_time"),
            models.Index(fields=("subject_id",), name="audit_subject"),
            # Pages go by the key, newest first, within what was asked for. Reads and verbs are most of all rows:
            # they need no index of their own.
            models.Index(fields=("actor_id", "-id"), name="audit_actor"),
            models.Index(fields=("name", "-id"), name="audit_name"),
            models.Index(fields=("request_id",), name="audit_request"),
            models.Index(fields=("-id",), name="audit_refusals", condition=models.Q(kind="refusal")),
        )
