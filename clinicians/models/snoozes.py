"""A case set aside until a day, for a reason: off the work list until then, or until the patient writes."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clinicians.models.beside import BesideACase
from patients.models import Case, Message, Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import User
from portal.models.record import RecordQuerySet

LONGEST_REASON = 200


class SnoozeQuerySet(RecordQuerySet["Snooze"]):
    rule = of_case(Permission.DESK_READ)

    def open(self) -> Self:
        """Not ended by anybody; its time may be over all the same."""
        return self.filter(ended_at=None)

    def running(self, now: datetime) -> Self:
        """What the patient writes ends it: the record does not know the desk, so this asks the messages."""
        wrote = Message.objects.filter(case=OuterRef("case"), created_at__gt=OuterRef("created_at")).from_patient()
        return self.open().filter(~Exists(wrote), until__gt=now)

    def with_by(self) -> Self:
        return self.select_related("by")


class Snooze(BesideACase):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.CharField(max_length=LONGEST_REASON)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("until",), name="snooze_open", condition=Q(ended_at=None)),)
        constraints = (
            models.UniqueConstraint(fields=("case",), name="snooze_once_a_case", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=~Q(reason=""), name="snooze_has_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="snooze_ended_at_by",
            ),
        )

    @staticmethod
    def running_on(case: Case, now: datetime) -> Snooze | None:
        return Snooze.objects.filter(case=case).running(now).with_by().first()

    @staticmethod
    def end(case: Case, *, by: User) -> int:
        """The number of those that were open: one, or none."""
        return Snooze.objects.filter(case=case).open().update(ended_at=timezone.now(), ended_by=by)
