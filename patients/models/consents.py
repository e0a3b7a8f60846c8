"""A patient's consent to publish one exact text. It can be withdrawn at any time."""

from __future__ import annotations

from hashlib import sha256

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq.models import Question
from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class ConsentStatus(models.TextChoices):
    """FHIR Consent.status, as far as it is used."""

    PROPOSED = "proposed", _("Waiting for your answer")
    ACTIVE = "active", _("You agreed")
    REJECTED = "rejected", _("You said no")
    INACTIVE = "inactive", _("You withdrew it")


MOVES: dict[ConsentStatus, frozenset[ConsentStatus]] = {
    ConsentStatus.PROPOSED: frozenset({ConsentStatus.ACTIVE, ConsentStatus.REJECTED}),
    ConsentStatus.ACTIVE: frozenset({ConsentStatus.INACTIVE, ConsentStatus.PROPOSED}),
    ConsentStatus.REJECTED: frozenset(),
    ConsentStatus.INACTIVE: frozenset(),
}


class ConsentQuerySet(RecordQuerySet["Consent"]):
    rule = of_case(Permission.CONSENT_READ)


@pghistory.track()
class Consent(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="consents")
    question = models.OneToOneField(Question, models.PROTECT, related_name="+")
    # The exact text the patient was shown.
    text = models.TextField()
    status = models.CharField(max_length=8, choices=ConsentStatus.choices, default=ConsentStatus.PROPOSED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status="proposed", answered_at__isnull=True)
                | ~Q(status="proposed") & Q(answered_at__isnull=False),
                name="consent_answered_at",
            ),
        )

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    def move_to(self, status: ConsentStatus) -> None:
        if status not in MOVES[ConsentStatus(self.status)]:
            raise IllegalMove("consents.move", self, f"{self.status} → {status}")
        self.status = status
        self.answered_at = None if status is ConsentStatus.PROPOSED else timezone.now()
        self.save()
