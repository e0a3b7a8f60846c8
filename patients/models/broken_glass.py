"""Breaking the glass: a record outside one's departments opened in an emergency, for a reason, for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.walls import RecordRule
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet

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
