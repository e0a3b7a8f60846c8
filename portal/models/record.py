"""What every protected row has in common."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from portal.access import Actor, Permission
from portal.walls import Rule

R = TypeVar("R", bound="Record", covariant=True)


def now() -> datetime:
    """Asked by name each time, so that a moved clock moves it too."""
    return timezone.now()


class RecordQuerySet(models.QuerySet[R]):
    """Rows that somebody may or may not see. A model that does not say who raises."""

    # Who sees the rows of a protected table; where it is set, both walls are made of it.
    rule: ClassVar[Rule | None] = None

    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """The rows on which `by` may do `to` (by default: read)."""
        if self.rule is None:
            raise NotImplementedError(f"{self.model.__name__} does not say who may see its rows")
        return self.filter(self.rule.q(by, to))


class Record(models.Model):
    """A row with a time-ordered key that cannot be guessed, and (in its QuerySet) a rule of who may see it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True

    @property
    def person_id(self) -> UUID | None:
        """The patient this row speaks of, for the audit; None where it speaks of nobody."""
        return getattr(self, "patient_id", None)
