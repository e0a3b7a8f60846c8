"""A sign that can't wait, told by the patient to a fixed question: it stands on the desk until somebody has acted."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models import complaints
from patients.models.cases import Case, Urgency
from patients.models.patients import Patient
from patients.rules import triage
from patients.rules.triage import Finding, Outcome, Rule
from patients.walls import of_case
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet

URGENCY = {Outcome.EMERGENCY_NOW: Urgency.EMERGENCY, Outcome.SAME_DAY: Urgency.SAME_DAY}


class Source(models.TextChoices):
    SCREENING = "screening", _("Answered before asking")
    MESSAGE = "message", _("Ticked with a message")
    DIARY = "diary", _("Ticked in the diary")


class RedFlagQuerySet(RecordQuerySet["RedFlag"]):
    rule = of_case(Permission.CASE_READ)

    def waiting(self) -> Self:
        return self.filter(reviewed_at=None)

    def with_reviewer(self) -> Self:
        return self.select_related("reviewed_by")


@pghistory.track()
class RedFlag(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="red_flags")
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices)
    source = models.CharField(max_length=9, choices=Source.choices)
    # The worst sign, in the words of who has it.
    title = models.CharField(max_length=complaints.LONGEST_TITLE)
    rule_ids = models.JSONField(default=list)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    review_note = models.CharField(_("what was done"), max_length=1000, blank=True)

    objects = RedFlagQuerySet.as_manager()

    class Meta:
        ordering = ("urgency", "id")
        indexes = (
            models.Index(fields=("case", "urgency"), name="red_flag_waiting", condition=Q(reviewed_at=None)),
            models.Index(fields=("patient", "-id"), name="red_flag_patient"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, review_note="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(review_note=""),
                name="red_flag_reviewed_at_by",
            ),
            models.CheckConstraint(condition=Q(urgency__in=list(URGENCY.values())), name="red_flag_urgency"),
            models.CheckConstraint(condition=Q(source__in=[s.value for s in Source]), name="red_flag_source"),
        )

    @classmethod
    def on(cls, case: Case, source: Source, finding: Finding) -> RedFlag:
        """Raise it on this case. What the finding says must be urgent."""
        return cls.objects.create(
            patient=case.patient,
            case=case,
            urgency=URGENCY[finding.outcome],
            source=source,
            title=complaints.title_of(finding.urgent),
            rule_ids=[rule.id for rule in finding.urgent],
        )

    @property
    def rules(self) -> list[Rule]:
        return triage.by_id(self.rule_ids)

    @property
    def signs(self) -> list[str]:
        return [complaints.sign(rule) for rule in self.rules] or [self.title]

    @property
    def is_emergency(self) -> bool:
        return self.urgency == Urgency.EMERGENCY

    def settle(self, by: User, note: str, at: datetime | None = None) -> None:
        """Once. Raises IllegalMove when somebody has dealt with it already."""
        if self.reviewed_at is not None:
            raise IllegalMove("red_flags.review", self, "somebody has dealt with this already")
        self.review_note, self.reviewed_by, self.reviewed_at = note, by, at or timezone.now()
        self.save(update_fields=["review_note", "reviewed_by", "reviewed_at"])
