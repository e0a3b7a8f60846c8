"""A follow-up is a promise: what, why, when, whose; closed only by evidence. Its reminders are rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.rules.ladder import Rungs
from patients.walls import of_case
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class FollowUpKind(models.TextChoices):
    VISIT = "visit", _("Visit")
    CALL = "call", _("Telephone call")
    TEST_REPEAT = "test_repeat", _("Repeat of a test")
    DIARY_CHECK = "diary_check", _("Look at the diary")
    MESSAGE = "message", _("Message")


class FollowUpStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    CONFIRMED = "confirmed", _("Confirmed by the patient")
    CHANGE_ASKED = "change_asked", _("Patient asks for another day")
    CLOSED = "closed", _("Closed")


class Evidence(models.TextChoices):
    """What closes a promise. Time passing does not."""

    ATTENDED = "attended", _("The patient came, or was spoken to")
    RESULT_REVIEWED = "result_reviewed", _("The repeated test was reviewed")
    DECLINED = "declined", _("The patient declined")
    RELEASED = "released", _("A clinician released it, with a reason")


class CallReason(models.TextChoices):
    """Why a person has to telephone."""

    HIGH_RISK = "high_risk", _("Missed, and it is one that must not be missed")
    MISSED_AGAIN = "missed_again", _("Missed a second time")
    SILENCE = "silence", _("Missed, and no answer since")
    UNREACHABLE = "unreachable", _("No message reaches them")


MOVES: dict[FollowUpStatus, frozenset[FollowUpStatus]] = {
    FollowUpStatus.PLANNED: frozenset({FollowUpStatus.CONFIRMED, FollowUpStatus.CHANGE_ASKED, FollowUpStatus.CLOSED}),
    # Another day is another question: planned again.
    FollowUpStatus.CONFIRMED: frozenset({FollowUpStatus.PLANNED, FollowUpStatus.CHANGE_ASKED, FollowUpStatus.CLOSED}),
    FollowUpStatus.CHANGE_ASKED: frozenset({FollowUpStatus.PLANNED, FollowUpStatus.CONFIRMED, FollowUpStatus.CLOSED}),
    FollowUpStatus.CLOSED: frozenset(),
}


class FollowUpQuerySet(RecordQuerySet["FollowUp"]):
    # The clock finds those that were missed: by their dates, which is all that the sender's role may read of them.
    rule = of_case(Permission.FOLLOWUP_READ, is_held=True, for_system=True)

    def open(self) -> Self:
        return self.exclude(status=FollowUpStatus.CLOSED)

    def overdue(self, on: date) -> Self:
        return self.open().filter(latest_on__lt=on)

    def to_call(self, at: datetime) -> Self:
        """About which a person has to telephone now, the longest waiting first."""
        return self.open().standing().filter(call_at__lte=at).order_by("call_at", "id")

    def standing(self) -> Self:
        """Not undone together with the reply that promised it."""
        return self.filter(undone_at=None)

    def with_place(self) -> Self:
        """`place` is the department that a row carries (migration 0009): an index begins with it."""
        place = RawSQL('"patients_followup"."department_id"', [], output_field=models.UUIDField())
        return self.alias(place=place)

    def with_people(self) -> Self:
        return self.select_related("patient", "case__department", "owner")


@pghistory.track()
class FollowUp(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="followups")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="followups")
    kind = models.CharField(_("kind"), max_length=12, choices=FollowUpKind.choices)
    reason = models.CharField(_("what for"), max_length=200)
    earliest_on = models.DateField(_("not before"))
    due_on = models.DateField(_("due"))
    latest_on = models.DateField(_("at the latest"))
    # Looked up by `followup_of_owner`.
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # What it came of, where it did not come of a reply alone.
    prescription = models.ForeignKey(
        "patients.Prescription", models.PROTECT, null=True, blank=True, related_name="followups"
    )
    result = models.ForeignKey("patients.Result", models.PROTECT, null=True, blank=True, related_name="followups")
    # Must not be missed: then a person calls the same day.
    is_high_risk = models.BooleanField(_("must not be missed"), default=False)
    misses = models.PositiveSmallIntegerField(default=0)
    # Counts up with each day or time that the patient is told: an answer to an earlier one is none to this.
    sequence = models.PositiveSmallIntegerField(default=0)
    missed_at = models.DateTimeField(null=True, blank=True)
    # From when it stands on its clinician's work list, and on the list of people to call.
    desk_at = models.DateTimeField(null=True, blank=True)
    call_at = models.DateTimeField(null=True, blank=True)
    call_reason = models.CharField(max_length=12, choices=CallReason.choices, blank=True)
    status = models.CharField(max_length=12, choices=FollowUpStatus.choices, default=FollowUpStatus.PLANNED)
    patient_note = models.CharField(_("what the patient asks"), max_length=300, blank=True)
    evidence = models.CharField(max_length=16, choices=Evidence.choices, blank=True)
    closing_note = models.CharField(_("note"), max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # Of one promised in a reply that can still be undone: when its patient sees it. Null: at once.
    visible_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(earliest_on__lte=F("due_on"), due_on__lte=F("latest_on")), name="followup_window"
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False, closed_by__isnull=False) & ~Q(evidence="")
                | ~Q(status="closed") & Q(closed_at__isnull=True, closed_by__isnull=True, evidence=""),
                name="followup_closed_by_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="released") | ~Q(closing_note=""), name="followup_released_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(call_at=None, call_reason="") | Q(call_at__isnull=False) & ~Q(call_reason=""),
                name="followup_called_for_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=("latest_on",), name="followup_open", condition=~Q(status="closed")),
            models.Index(fields=("patient", "due_on"), name="followup_patient"),
            models.Index(fields=("latest_on",), name="followup_latest"),
            models.Index(
                fields=("call_at",), name="followup_to_call", condition=~Q(status="closed") & Q(call_at__isnull=False)
            ),
            # A list by the day is one walk along one of these: all, the open ones, those that must not be missed, of an
            # owner; and of a department (`followup_of_department`, migration 0023: that column is no field).
            models.Index(fields=("due_on", "id"), name="followup_by_day"),
            models.Index(fields=("due_on", "id"), name="followup_open_by_day", condition=~Q(status="closed")),
            models.Index(fields=("due_on", "id"), name="followup_must_be_kept", condition=Q(is_high_risk=True)),
            models.Index(fields=("owner", "due_on", "id"), name="followup_of_owner"),
        )

    def move_to(self, status: FollowUpStatus) -> None:
        if status not in MOVES[FollowUpStatus(self.status)]:
            raise IllegalMove("followups.move", self, f"{self.status} → {status}")
        self.status = status

    def miss(self, at: datetime, rungs: Rungs) -> None:
        """Nobody came: from when it is whose."""
        self.misses += 1
        self.missed_at, self.desk_at = at, rungs.desk_at
        self.call_at, self.call_reason = rungs.call_at, rungs.call_reason

    def answer_the_miss(self) -> None:
        """There is another day, or somebody was spoken to: it climbs no further."""
        self.missed_at = self.call_at = None
        self.call_reason = ""

    def close(self, *, by: User, evidence: Evidence, note: str) -> None:
        self.move_to(FollowUpStatus.CLOSED)
        self.evidence, self.closing_note, self.closed_by, self.closed_at = evidence, note, by, timezone.now()
        self.save()

    def undo(self, *, by: User, note: str) -> None:
        """Let go of before its patient saw it; nobody is told that it ever was."""
        self.undone_at = timezone.now()
        self.close(by=by, evidence=Evidence.RELEASED, note=note)

    @property
    def is_repeat(self) -> bool:
        """A test that is still to be done again."""
        return self.kind == FollowUpKind.TEST_REPEAT and self.status != FollowUpStatus.CLOSED

    @property
    def booked_appointment(self) -> Any:
        """The Appointment, or None: that model hangs on this one."""
        return self.appointments.filter(status="booked").first()

    @property
    def path(self) -> str:
        """Where the patient reads it."""
        return f"/my/follow-ups/{self.pk}/"

    def days_late(self, on: date) -> int:
        """0 until the window has passed."""
        return max((on - self.latest_on).days, 0) if self.status != FollowUpStatus.CLOSED else 0
