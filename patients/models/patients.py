"""The person a record is about."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

import pghistory
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import TrigramSimilarity
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.walls import RecordRule
from portal.access import Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet

# How much of their groups of three letters two names share. With John Smith: Jon Smith 0.62, Jane Smith 0.47, Peter
# Smith 0.35.
ALIKE = 0.4


class Sex(models.TextChoices):
    """FHIR administrative-gender."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not said")


class PatientQuerySet(RecordQuerySet["Patient"]):
    """Oneself; and for staff, whoever has a case in their departments, or whose record these opened."""

    # By `user` too: while somebody opens their record, its key is not yet known to be theirs.
    rule = RecordRule(
        Permission.PATIENT_READ,
        account="user",
        person="pk",
        treats="pk",
        department="enrolled_by_department",
        can_be_handed_over=True,
    )

    def like(self, name: str, born_on: date) -> Self:
        """Born the same day and called much the same: perhaps the same person."""
        close = TrigramSimilarity("name", name)
        return self.filter(born_on=born_on).annotate(close=close).filter(close__gte=ALIKE).order_by("-close", "id")


@pghistory.track()
class Patient(Record):
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="patient")
    # The department that opened the record of somebody who had no account: its staff see it before there is a case.
    enrolled_by_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
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
        indexes = (
            GinIndex(fields=("name",), name="patient_name_trgm", opclasses=("gin_trgm_ops",)),
            models.Index(fields=("born_on",), name="patient_born_on"),
            # Whether who acts has a record of their own is asked as often as their account: see portal.models.accounts.
            HashIndex(fields=("user",), name="patient_by_account_hash", condition=Q(user__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def person_id(self) -> UUID:
        return self.pk

    def age(self, at: date | None = None) -> int:
        """In whole years."""
        return age_of(self.born_on, at or timezone.localdate())

    @property
    def sex_code(self) -> str:
        """F or M, as tables of limits write it; empty where neither fits or it was not asked."""
        return {Sex.FEMALE: "F", Sex.MALE: "M"}.get(Sex(self.sex), "")

    @property
    def age_band(self) -> str:
        """Ten years, as published: 0–9 … 80–89, 90 and over."""
        start = self.age() // 10 * 10
        return "90+" if start >= 90 else f"{start}–{start + 9}"


def age_of(born_on: date, at: date) -> int:
    """In whole years."""
    return at.year - born_on.year - ((at.month, at.day) < (born_on.month, born_on.day))
