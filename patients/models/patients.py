"""The person a record is about."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

import pghistory
from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet


class Sex(models.TextChoices):
    """FHIR administrative-gender."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not said")


class PatientQuerySet(RecordQuerySet["Patient"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Oneself; and for staff, whoever has a case in their departments."""
        reach = access.reach(by, to or Permission.PATIENT_READ)
        if reach.everything:
            return self
        found = reach.q(own="user")
        if reach.as_staff:
            cases = apps.get_model("patients", "Case")._default_manager.filter(reach.q(department="department"))
            found |= Q(Exists(cases.filter(patient=OuterRef("pk"))))
        return self.filter(found)


def people_of(account: UUID) -> list[UUID]:
    """The record that is this account's own, if it has one."""
    return list(Patient.objects.filter(user=account).values_list("pk", flat=True))


def person_of_number(record_number: str) -> UUID | None:
    """Which person a record number means: the id and nothing else, for who may know that and not their name."""
    return Patient.objects.filter(record_number=record_number).values_list("pk", flat=True).first()


@pghistory.track()
class Patient(Record):
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="patient")
    record_number = models.CharField(_("record number"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=120)
    born_on = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices, default=Sex.UNKNOWN)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60)
    # Null: nobody asked yet. Empty text: asked, none known.
    allergies = models.TextField(_("allergies"), null=True, blank=True)
    is_sample = models.BooleanField(_("sample data"), default=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(born_on__gte=date(1880, 1, 1)), name="patient_born_after_1880"),
        )
        indexes = (GinIndex(fields=("name",), name="patient_name_trgm", opclasses=("gin_trgm_ops",)),)

    def __str__(self) -> str:
        return self.name

    @property
    def person_id(self) -> UUID:
        return self.pk

    def age(self, at: date | None = None) -> int:
        """In whole years."""
        at = at or timezone.localdate()
        return at.year - self.born_on.year - ((at.month, at.day) < (self.born_on.month, self.born_on.day))

    @property
    def age_band(self) -> str:
        """Ten years, as published: 0–9 … 80–89, 90 and over."""
        start = self.age() // 10 * 10
        return "90+" if start >= 90 else f"{start}–{start + 9}"
