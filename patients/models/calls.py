"""What a person did by telephone to reach somebody about a follow-up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.followups import FollowUp
from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class CallOutcome(models.TextChoices):
    REACHED = "reached", _("Spoke with them")
    NO_ANSWER = "no_answer", _("No answer")
    VOICEMAIL = "voicemail", _("Left word to call back")
    WRONG_NUMBER = "wrong_number", _("The number is wrong")


class CallAttemptQuerySet(RecordQuerySet["CallAttempt"]):
    # To the clock it matters that somebody was spoken to.
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup", system_if=("outcome", (CallOutcome.REACHED,)))


class CallAttempt(Record):
    """Only ever added. The patient sees that they were called and when, not the note."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="calls")
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    outcome = models.CharField(_("what happened"), max_length=12, choices=CallOutcome.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = CallAttemptQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
