"""What the nightly comparison of reminders with promises found."""

from __future__ import annotations

from django.db import models

from portal.access import Permission
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

# How many of the differences are written down.
KEPT = 100


class ReminderCheckQuerySet(RecordQuerySet["ReminderCheck"]):
    rule = Rule(Permission.DELIVERY_READ, is_watched=True, for_system=True)


class ReminderCheck(Record):
    """One run. `differences` names rows by their keys and kinds of difference, and says nothing of anybody."""

    ended_at = models.DateTimeField()
    expected = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    # At most the first hundred.
    differences = models.JSONField(default=list)

    objects = ReminderCheckQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("-created_at",), name="reminder_check_newest"),)


def newest() -> ReminderCheck | None:
    """The last comparison, for the page of who runs the clinic."""
    return ReminderCheck.objects.first()
