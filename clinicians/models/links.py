"""Two cases of one patient that are the same matter."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clinicians.models.beside import BesideACase
from patients.models import Case, Patient
from patients.walls import RecordRule
from portal.access import Permission
from portal.models import User
from portal.models.record import RecordQuerySet

LONGEST_REASON = 300


class CaseLinkQuerySet(RecordQuerySet["CaseLink"]):
    # Its two cases may be of two departments: seen in both, and the other case only by who sees that.
    rule = RecordRule(Permission.DESK_READ, treats="patient")

    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def of(self, case: Case) -> Self:
        return self.filter(Q(first=case) | Q(second=case))

    def between(self, one: Case, other: Case) -> Self:
        return self.of(one).of(other)

    def with_by(self) -> Self:
        return self.select_related("by")


class CaseLink(BesideACase):
    """The smaller id first, so that one pair is one row from whichever side it was made."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    first = models.ForeignKey(Case, models.PROTECT, related_name="+")
    second = models.ForeignKey(Case, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=LONGEST_REASON)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CaseLinkQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_smaller_first"),
            models.UniqueConstraint(fields=("first", "second"), name="link_once_a_pair", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=~Q(reason=""), name="link_has_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="link_ended_at_by",
            ),
        )

    @staticmethod
    def make(one: Case, other: Case, *, by: User, reason: str) -> CaseLink:
        first, second = sorted((one, other), key=lambda case: case.pk)
        return CaseLink.objects.create(patient_id=one.patient_id, first=first, second=second, reason=reason, by=by)

    def other_than(self, case: Case) -> object:
        """The id of the case at its other end."""
        return self.second_id if self.first_id == case.pk else self.first_id

    def end(self, *, by: User) -> None:
        self.ended_at, self.ended_by = timezone.now(), by
        self.save(update_fields=["ended_at", "ended_by"])
