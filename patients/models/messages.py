"""What is said on a case, and the files that come with it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class Voice(models.TextChoices):
    """Whose side somebody spoke from. Kept, not derived: who treats a person can also be trusted by them."""

    PATIENT = "patient", _("The patient")
    TRUSTED = "trusted", _("Somebody the patient trusts, for them")
    CLINIC = "clinic", _("The clinic")


class MessageQuerySet(RecordQuerySet["Message"]):
    rule = of_case(Permission.CASE_READ)

    def with_author(self) -> Self:
        return self.select_related("author", "patient")

    def from_clinic(self) -> Self:
        return self.filter(voice=Voice.CLINIC)

    def from_patient(self) -> Self:
        """By the patient, or for them."""
        return self.exclude(voice=Voice.CLINIC)


class Message(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    voice = models.CharField(max_length=8, choices=Voice.choices)
    body = models.TextField(_("message"))
    # What would worry us, by when, whom to call: with every reply.
    safety_net = models.TextField(_("when to get help sooner"), blank=True)
    # The form it was written on: sent twice, it is still one message.
    form_key = models.UUIDField(null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("patient", "-id"), name="message_patient"),)
        constraints = (
            models.CheckConstraint(condition=~Q(body=""), name="message_says_something"),
            models.UniqueConstraint(fields=("case", "form_key"), name="message_once_a_form"),
            models.CheckConstraint(condition=Q(voice__in=[v.value for v in Voice]), name="message_voice"),
        )

    @property
    def is_from_patient(self) -> bool:
        return self.voice != Voice.CLINIC

    @property
    def is_for_patient(self) -> bool:
        return self.voice == Voice.TRUSTED
