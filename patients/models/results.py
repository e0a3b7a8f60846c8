"""Results: one report (FHIR DiagnosticReport) with its measurements and observations."""

from __future__ import annotations

from decimal import Decimal
from typing import Self, TypeVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.rules import reference_ranges
from patients.rules.analytes import plain_unit
from patients.rules.reference_ranges import Reading, SendersRange
from patients.walls import of_patient, of_result
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet

R = TypeVar("R", bound=Record, covariant=True)


class ResultKind(models.TextChoices):
    NERVE_CONDUCTION = "nerve_conduction", _("Nerve conduction study")
    EEG = "eeg", _("EEG")
    LABORATORY = "laboratory", _("Laboratory panel")
    OTHER = "other", _("Other report")


class ResultStatus(models.TextChoices):
    """FHIR DiagnosticReport.status, as far as a clinic's own reports go."""

    PRELIMINARY = "preliminary", _("Recorded, not released")
    FINAL = "final", _("Released to the patient")


class ResultQuerySet(RecordQuerySet["Result"]):
    rule = of_patient(Permission.RESULT_READ, own_if=("status", ResultStatus.FINAL.value))

    def released(self) -> Self:
        return self.filter(status=ResultStatus.FINAL)

    def unreleased(self) -> Self:
        return self.filter(status=ResultStatus.PRELIMINARY)

    def with_values(self) -> Self:
        return self.select_related("recorded_by", "released_by", "eeg").prefetch_related("measurements", "observations")


@pghistory.track()
class Result(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="results")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="results")
    kind = models.CharField(max_length=20, choices=ResultKind.choices)
    title = models.CharField(_("name of the test"), max_length=120)
    performed_on = models.DateField(_("date of the test"))
    performer = models.CharField(_("laboratory or department"), max_length=120, blank=True)
    impression = models.TextField(_("impression, for clinicians"), blank=True)
    # What the patient reads first.
    comment = models.TextField(_("in plain words, for the patient"), blank=True)
    next_step = models.CharField(_("what happens next"), max_length=300, blank=True)
    status = models.CharField(max_length=12, choices=ResultStatus.choices, default=ResultStatus.PRELIMINARY)
    is_sample = models.BooleanField(_("sample data"), default=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ("-performed_on", "-id")
        constraints = (
            # Values carry (result, patient) and point here with both.
            models.UniqueConstraint(fields=("id", "patient"), name="result_of_patient"),
            models.CheckConstraint(
                condition=Q(status="final", released_at__isnull=False, released_by__isnull=False)
                | Q(status="preliminary", released_at__isnull=True, released_by__isnull=True),
                name="result_released_at_by",
            ),
        )
        indexes = (
            models.Index(fields=("patient", "-performed_on", "-id"), name="result_patient"),
            models.Index(fields=("case",), name="result_unreleased", condition=Q(status="preliminary")),
        )

    def release(self, *, by: User, comment: str, next_step: str) -> None:
        """Raises IllegalMove when it has been released already."""
        if self.status != ResultStatus.PRELIMINARY:
            raise IllegalMove("results.release", self, f"{self.status} → {ResultStatus.FINAL}")
        self.status, self.released_at, self.released_by = ResultStatus.FINAL, timezone.now(), by
        self.comment, self.next_step = comment, next_step
        self.save()

    @property
    def is_critical(self) -> bool:
        """Whether one of its values is at or beyond a critical limit that somebody has verified."""
        judged = (row.judged(self, self.patient).interpretation for row in self.observations.all())
        return any(found is not None and found.is_critical for found in judged)


class Side(models.TextChoices):
    LEFT = "left", _("Left")
    RIGHT = "right", _("Right")


class StudyType(models.TextChoices):
    MOTOR = "motor", _("Motor")
    SENSORY = "sensory", _("Sensory")
    F_WAVE = "f_wave", _("F-wave")


class OfResultQuerySet(RecordQuerySet[R]):
    rule = of_result(Permission.RESULT_READ, own_if=("result__status", ResultStatus.FINAL.value))


class NerveMeasurementQuerySet(OfResultQuerySet["NerveMeasurement"]):
    pass


class NerveMeasurement(Record):
    """One row of a nerve conduction study. No response is a value, not a blank and not nought."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    result = models.ForeignKey(Result, models.PROTECT, related_name="measurements")
    position = models.PositiveSmallIntegerField()
    study_type = models.CharField(_("study"), max_length=10, choices=StudyType.choices)
    nerve = models.CharField(_("nerve"), max_length=40)
    side = models.CharField(_("side"), max_length=5, choices=Side.choices)
    stimulation_site = models.CharField(_("stimulation site"), max_length=60)
    recording_site = models.CharField(_("recording site"), max_length=60)
    no_response = models.BooleanField(_("no response"), default=False)
    latency_ms = models.DecimalField(_("latency, ms"), max_digits=5, decimal_places=2, null=True, blank=True)
    amplitude = models.DecimalField(_("amplitude"), max_digits=6, decimal_places=2, null=True, blank=True)
    amplitude_unit = models.CharField(
        _("amplitude unit"), max_length=2, choices=[("mV", "mV"), ("uV", "µV")], default="mV"
    )
    distance_mm = models.DecimalField(_("distance, mm"), max_digits=5, decimal_places=1, null=True, blank=True)
    velocity_m_s = models.DecimalField(_("velocity, m/s"), max_digits=4, decimal_places=1, null=True, blank=True)
    f_latency_ms = models.DecimalField(_("F-wave, ms"), max_digits=5, decimal_places=2, null=True, blank=True)

    objects = NerveMeasurementQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("result", "position"), name="nerve_measurement_position"),
            models.CheckConstraint(
                condition=Q(no_response=False)
                | Q(latency_ms__isnull=True, amplitude__isnull=True, velocity_m_s__isnull=True),
                name="nerve_no_response_has_no_numbers",
            ),
        )


class ObservationQuerySet(OfResultQuerySet["Observation"]):
    pass


class Observation(Record):
    """One laboratory value with the sender's own range: LOINC for what, UCUM for the unit."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    result = models.ForeignKey(Result, models.PROTECT, related_name="observations")
    position = models.PositiveSmallIntegerField()
    loinc = models.CharField(_("LOINC code"), max_length=10)
    name = models.CharField(_("name"), max_length=80)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=4)
    unit = models.CharField(_("unit (UCUM)"), max_length=20)
    low = models.DecimalField(_("sender's lower limit"), max_digits=12, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("sender's upper limit"), max_digits=12, decimal_places=4, null=True, blank=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("result", "position"), name="observation_position"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="observation_low_high",
            ),
        )
        indexes = (models.Index(fields=("patient", "loinc"), name="observation_trend"),)

    @property
    def unit_words(self) -> str:
        return plain_unit(self.unit)

    @property
    def has_range(self) -> bool:
        return self.low is not None or self.high is not None

    def judged(self, result: Result, patient: Patient) -> Reading:
        """By the sender's range, else by ours where that is verified. Both are given: a list of values asks nothing."""
        return reference_ranges.read(
            self.value,
            self.loinc,
            self.unit,
            SendersRange(self.low, self.high, result.performer) if self.has_range else None,
            sex=patient.sex_code,
            age=patient.age(result.performed_on),
        )

    def figure(self, value: Decimal | None = None) -> str:
        """Without trailing noughts."""
        shown = self.value if value is None else value
        return f"{shown.normalize():f}"


class EegReportQuerySet(OfResultQuerySet["EegReport"]):
    pass


class EegReport(Record):
    """The structured part of an EEG report, in the order of SCORE."""

    class Significance(models.TextChoices):
        NORMAL = "normal", _("Normal recording")
        NO_DEFINITE = "no_definite", _("No definite abnormality")
        ABNORMAL = "abnormal", _("Abnormal recording")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    result = models.OneToOneField(Result, models.PROTECT, related_name="eeg")
    duration_min = models.PositiveSmallIntegerField(_("length, minutes"))
    channels = models.PositiveSmallIntegerField(_("channels"))
    conditions = models.CharField(_("recording conditions"), max_length=200, blank=True)
    background = models.TextField(_("background activity"))
    sleep = models.TextField(_("drowsiness and sleep"), blank=True)
    interictal = models.TextField(_("interictal findings"), blank=True)
    episodes = models.TextField(_("episodes"), blank=True)
    significance = models.CharField(_("diagnostic significance"), max_length=12, choices=Significance.choices)

    objects = EegReportQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(duration_min__gt=0, channels__gt=0), name="eeg_has_length"),)
