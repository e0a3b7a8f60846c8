"""Breaking the glass: a record outside one's departments opened in an emergency, for a reason, for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.walls import RecordRule
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

OPEN_FOR = timedelta(minutes=60)


class BrokenGlassQuerySet(RecordQuerySet["BrokenGlass"]):
    """Who broke it, the patient, and who keeps watch."""

    rule = RecordRule(Permission.GLASS_READ, account="account", is_watched=True)

    def open(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())


class BrokenGlass(Record):
    """Never changed and never deleted: it ends by itself."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="broken_glasses")
    account = models.ForeignKey(User, models.PROTECT, related_name="broken_glasses")
    # As it was then: who keeps watch does not see the record itself.
    record_number = models.CharField(max_length=30)
    reason = models.CharField(_("reason"), max_length=500)
    expires_at = models.DateTimeField()

    objects = BrokenGlassQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("account", "expires_at"), name="broken_glass_account"),
            models.Index(fields=("patient", "-id"), name="broken_glass_patient"),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="broken_glass_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + timedelta(minutes=61)), name="broken_glass_one_hour"
            ),
        )

    @property
    def is_open(self) -> bool:
        return self.expires_at > timezone.now()


class GlassReviewQuerySet(RecordQuerySet["GlassReview"]):
    """Who keeps watch, and nobody else: it may speak of the one who broke the glass."""

    rule = Rule(Permission.GLASS_READ, is_watched=True)


class GlassReview(Record):
    """What the privacy officer found when looking into it. A row of its own: a broken glass is never changed."""

    glass = models.OneToOneField(BrokenGlass, models.PROTECT, related_name="review")
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(_("what you found"), max_length=1000)

    objects = GlassReviewQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(note=""), name="glass_review_note"),)

    @property
    def person_id(self) -> UUID:
        return self.glass.patient_id
