"""A follow-up is a promise: what, why, when, whose; closed only by evidence. Its reminders are rows."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.rules.reminder_times import ReminderTime, Slot, reminder_times
from patients.walls import of_case
from portal.access import IllegalMove, Permission
from portal.models import Delivery, User
from portal.models.deliveries import Channel, Purpose
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
    FollowUpStatus.CONFIRMED: frozenset({FollowUpStatus.CHANGE_ASKED, FollowUpStatus.CLOSED}),
    FollowUpStatus.CHANGE_ASKED: frozenset({FollowUpStatus.CONFIRMED, FollowUpStatus.CLOSED}),
    FollowUpStatus.CLOSED: frozenset(),
}


class FollowUpQuerySet(RecordQuerySet["FollowUp"]):
    rule = of_case(Permission.FOLLOWUP_READ, is_held=True)

    def open(self) -> Self:
        return self.exclude(status=FollowUpStatus.CLOSED)

    def overdue(self, on: date) -> Self:
        return self.open().filter(latest_on__lt=on)

    def standing(self) -> Self:
        """Not undone together with the reply that promised it."""
        return self.filter(undone_at=None)

    def with_people(self) -> Self:
        return self.select_related("patient", "case__department", "owner")

    def with_tellings(self) -> Self:
        return self.prefetch_related(
            models.Prefetch(
                "tellings", Telling.objects.select_related("reminder", "delivery").order_by("reminder__due_at")
            )
        )


@pghistory.track()
class FollowUp(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="followups")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="followups")
    kind = models.CharField(_("kind"), max_length=12, choices=FollowUpKind.choices)
    reason = models.CharField(_("what for"), max_length=200)
    earliest_on = models.DateField(_("not before"))
    due_on = models.DateField(_("due"))
    latest_on = models.DateField(_("at the latest"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    # What it came of, where it did not come of a reply alone.
    prescription = models.ForeignKey(
        "patients.Prescription", models.PROTECT, null=True, blank=True, related_name="followups"
    )
    result = models.ForeignKey("patients.Result", models.PROTECT, null=True, blank=True, related_name="followups")
    # Must not be missed: then a person calls the same day.
    is_high_risk = models.BooleanField(_("must not be missed"), default=False)
    misses = models.PositiveSmallIntegerField(default=0)
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
        )

    def move_to(self, status: FollowUpStatus) -> None:
        if status not in MOVES[FollowUpStatus(self.status)]:
            raise IllegalMove("followups.move", self, f"{self.status} → {status}")
        self.status = status

    def close(self, *, by: User, evidence: Evidence, note: str) -> None:
        self.move_to(FollowUpStatus.CLOSED)
        for telling in self.tellings.select_related("delivery").select_for_update(of=("self", "delivery")):
            telling.delivery.cancel()
        self.evidence, self.closing_note, self.closed_by, self.closed_at = evidence, note, by, timezone.now()
        self.save()

    def undo(self, *, by: User, note: str) -> None:
        """Let go of before its patient saw it; nobody is told that it ever was."""
        self.undone_at = timezone.now()
        self.close(by=by, evidence=Evidence.RELEASED, note=note)

    def promise_reminders(self) -> None:
        """One row for each time the patient is to be told, and one in the outbox beside it.

        A patient without an account can't be written to: none then, and the case page says so.
        """
        user = self.patient.user
        if user is None:
            return
        zone = self.patient.time_zone
        for when in reminder_times(self.due_on, None, zone, now=timezone.now()):
            self._remind(user, when, zone)

    def _remind(self, user: User, when: ReminderTime, zone: str) -> None:
        booked = when.slot is Slot.BOOKED
        due_at = max(when.due_at, self.visible_at) if self.visible_at else when.due_at
        delivery = Delivery.queue(
            user,
            Purpose.FOLLOWUP_PLANNED if booked else Purpose.FOLLOWUP_REMINDER,
            key=f"followup:{self.pk}:{when.slot}:{when.on}:{Channel.EMAIL}:0",
            due_at=due_at,
            words={"day": self.due_on.isoformat(), "path": self.path},
        )
        reminder = self.reminders.create(
            patient=self.patient,
            case=self.case,
            slot=when.slot,
            local_date=when.on,
            wall_time=when.wall.time(),
            time_zone=zone,
            due_at=due_at,
        )
        self.tellings.create(
            patient=self.patient, case=self.case, reminder=reminder, channel=Channel.EMAIL, delivery=delivery
        )

    @property
    def path(self) -> str:
        """Where the patient reads it."""
        return f"/my/follow-ups/{self.pk}/"

    def days_late(self, on: date) -> int:
        """0 until the window has passed."""
        return max((on - self.latest_on).days, 0) if self.status != FollowUpStatus.CLOSED else 0


SLOTS = {
    Slot.BOOKED: _("When it was planned"),
    Slot.WEEK_BEFORE: _("A week before"),
    Slot.SECOND_WAY: _("Another way, as there was no answer"),
    Slot.DAY_BEFORE: _("The day before"),
    Slot.SAME_DAY: _("The morning itself"),
    Slot.MISSED: _("When it was missed"),
}


class ReminderQuerySet(RecordQuerySet["Reminder"]):
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup")


class Reminder(Record):
    """The promise to tell somebody once on one local day. How it fared is the state of its tellings' deliveries."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="reminders")
    slot = models.CharField(max_length=12, choices=[(slot.value, label) for slot, label in SLOTS.items()])
    local_date = models.DateField()
    wall_time = models.TimeField()
    time_zone = models.CharField(max_length=60)
    due_at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("followup", "local_date", "slot"), name="reminder_once_a_day"),)


class TellingQuerySet(RecordQuerySet["Telling"]):
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup")


class Telling(Record):
    """One reminder by one channel. `escalation` counts up where the same is told anew: the time had changed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="tellings")
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="tellings")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    escalation = models.PositiveSmallIntegerField(default=0)
    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="telling")

    objects = TellingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("reminder", "channel", "escalation"), name="telling_once"),)
