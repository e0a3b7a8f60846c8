"""The audit trail. Append-only: its triggers refuse UPDATE, DELETE and TRUNCATE to everyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from portal.access import Permission, Reach
from portal.models.accounts import Membership, User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule


class Kind(models.TextChoices):
    VERB = "verb", _("Done")
    READ = "read", _("Looked at")
    REFUSAL = "refusal", _("Refused")


@dataclass(frozen=True, slots=True)
class TrailRule(Rule):
    """Events carry whom they speak of in an array, so that "who opened my record" is one question."""

    def reached(self, reach: Reach) -> Q:
        found = super(TrailRule, self).reached(reach)
        return found | Q(people__overlap=sorted(reach.own)) if reach.own else found

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        return [
            *super(TrailRule, self).ways(table, writing=writing),
            f"{table}.people && (SELECT fascicle_own())::uuid[]",
        ]


class AuditEventQuerySet(RecordQuerySet["AuditEvent"]):
    """All of it to who keeps watch; to a person, what speaks of their own record."""

    rule = TrailRule(Permission.AUDIT_READ, is_watched=True, writes_for_others=True)

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
    serial = models.BigIntegerField(unique=True, editable=False, default=0)

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
