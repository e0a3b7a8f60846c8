"""Medicines: prescribed by the clinic, or reported by the patient. Every one is checked when it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.walls import of_patient
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet

if TYPE_CHECKING:
    from patients.models.cases import Case


class Origin(models.TextChoices):
    PRESCRIBED = "prescribed", _("Prescribed here")
    REPORTED = "reported", _("Reported by the patient")


class PrescriptionStatus(models.TextChoices):
    """FHIR MedicationRequest.status, as far as it is used."""

    ACTIVE = "active", _("Taking")
    ON_HOLD = "on_hold", _("On hold: don't take")
    STOPPED = "stopped", _("Stopped")


MOVES: dict[PrescriptionStatus, frozenset[PrescriptionStatus]] = {
    PrescriptionStatus.ACTIVE: frozenset({PrescriptionStatus.ON_HOLD, PrescriptionStatus.STOPPED}),
    PrescriptionStatus.ON_HOLD: frozenset({PrescriptionStatus.ACTIVE, PrescriptionStatus.STOPPED}),
    PrescriptionStatus.STOPPED: frozenset(),
}


class PrescriptionQuerySet(RecordQuerySet["Prescription"]):
    rule = of_patient(Permission.PRESCRIPTION_READ)

    def current(self) -> Self:
        return self.exclude(status=PrescriptionStatus.STOPPED)

    def with_hard_stop(self) -> Self:
        """Not stopped, not on hold, and wrong in a way that must not stand."""
        return self.filter(has_hard_stop=True, status=PrescriptionStatus.ACTIVE)


@pghistory.track()
class Prescription(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="prescriptions")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="prescriptions")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    status = models.CharField(max_length=8, choices=PrescriptionStatus.choices, default=PrescriptionStatus.ACTIVE)
    medicine = models.CharField(_("medicine"), max_length=120)
    atc = models.CharField(_("ATC code"), max_length=7, blank=True)
    dose = models.DecimalField(_("dose"), max_digits=10, decimal_places=4, null=True, blank=True)
    dose_unit = models.CharField(_("unit"), max_length=10, blank=True)
    form = models.CharField(_("form"), max_length=40, blank=True)
    route = models.CharField(_("route"), max_length=20, blank=True)
    times_a_day = models.DecimalField(_("times a day"), max_digits=5, decimal_places=2, null=True, blank=True)
    as_needed = models.BooleanField(_("only when needed"), default=False)
    days = models.PositiveSmallIntegerField(_("for how many days"), null=True, blank=True)
    indication = models.CharField(_("what for"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    # What the checks found when it was written, as clinicians.rules returned it; and the answer to it.
    findings = models.JSONField(default=list, blank=True)
    has_hard_stop = models.BooleanField(default=False)
    override_reason = models.CharField(_("reason for prescribing all the same"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_reason = models.CharField(_("reason for stopping"), max_length=300, blank=True)

    objects = PrescriptionQuerySet.as_manager()

    class Meta:
        ordering = ("-has_hard_stop", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(status="stopped", ended_at__isnull=False, ended_by__isnull=False)
                | ~Q(status="stopped") & Q(ended_at__isnull=True, ended_by__isnull=True),
                name="prescription_ended_at_by",
            ),
            # What cannot be right is never prescribed here; what a patient says they take is kept and stopped.
            models.CheckConstraint(
                condition=Q(has_hard_stop=False) | Q(origin="reported"),
                name="prescription_never_hard_stopped",
            ),
            models.CheckConstraint(condition=Q(dose__isnull=True) | Q(dose__gt=0), name="prescription_dose"),
        )
        indexes = (
            models.Index(
                fields=("patient",),
                name="prescription_hard_stop",
                condition=Q(has_hard_stop=True, status="active"),
            ),
            models.Index(fields=("patient", "status"), name="prescription_patient"),
        )

    def __str__(self) -> str:
        return " ".join(part for part in (self.medicine, self.dose_text) if part)

    @property
    def dose_text(self) -> str:
        return f"{self.dose.normalize():f} {self.dose_unit}".strip() if self.dose is not None else ""

    def move_to(self, status: PrescriptionStatus, *, by: User | None = None, reason: str = "") -> None:
        if status not in MOVES[PrescriptionStatus(self.status)]:
            raise IllegalMove("prescriptions.move", self, f"{self.status} → {status}")
        self.status = status
        if status is PrescriptionStatus.STOPPED:
            self.ended_at, self.ended_by, self.ended_reason = timezone.now(), by, reason
        self.save()

    @classmethod
    def write(
        cls, case: Case, *, origin: Origin, by: User, findings: list[dict[str, Any]], **order: Any
    ) -> Prescription:
        """One more medicine of this patient, with what the checks found."""
        row = cls(patient=case.patient, case=case, origin=origin, recorded_by=by, **order)
        row.checked(findings)
        row.full_clean(validate_constraints=False)
        row.save()
        return row

    def checked(self, findings: list[dict[str, Any]]) -> None:
        """Keep what the checks found. That a patient's own list is incomplete is a question, not a danger."""
        self.findings = findings
        self.has_hard_stop = any(
            finding["tier"] == "hard_stop"
            and not (self.origin == Origin.REPORTED and finding["code"] == "SIG_INCOMPLETE")
            for finding in findings
        )
