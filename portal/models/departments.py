"""Departments: where cases go, when they are answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models.record import Record, RecordQuerySet
from portal.rules.working_time import OpeningHours as Hours

# First words of other addresses: a department's page is /its-slug/, and would never be reached.
RESERVED = frozenset(
    {
        ".well-known", "accessibility", "account", "alerts", "answer", "api", "articles", "ask", "calendar", "cases",
        "clinic", "consents", "curate", "departments", "doctors", "feed.atom", "follow-ups", "health", "help-now",
        "hooks", "how-answers-are-reviewed", "invite", "manage", "medicines", "my", "notices.js", "patients",
        "privacy", "questions", "recover", "red-flags", "register", "results", "robots.txt", "search", "sign-in",
        "sign-out", "sitemap", "sitemap.xml", "start", "static", "stop", "studies", "styleguide", "topics",
    }
)  # fmt: skip


def not_reserved(slug: str) -> None:
    if slug in RESERVED:
        raise ValidationError(_("“%(slug)s” is the address of another page: choose another."), params={"slug": slug})


class ClinicQuerySet(RecordQuerySet["Clinic"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Anyone may know the clinic exists; what may be done to it follows a membership in the whole of it."""
        if to is None:
            return self
        reach = access.reach(by, to)
        return self if reach.everything or reach.whole_clinic else self.none()


class Clinic(Record):
    """The one clinic: the parent of departments and accounts, so that their verbs have a row to lock."""

    only = models.BooleanField(default=True, unique=True, editable=False)

    objects = ClinicQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(only=True), name="clinic_is_one"),)

    @classmethod
    def the(cls) -> Clinic:
        clinic, _made = cls.objects.get_or_create(only=True)
        return clinic


class DepartmentQuerySet(RecordQuerySet["Department"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Anyone may read a department's page; managing it follows the membership."""
        if to in (None, Permission.DEPARTMENT_READ):
            return self
        return self.filter(access.reach(by, to).in_departments("pk"))

    def with_hours(self) -> Self:
        return self.prefetch_related("opening_hours", "holidays")


class Department(Record):
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address"), max_length=80, unique=True, validators=[not_reserved])
    description = models.CharField(_("symptoms it sees, in readers' words"), max_length=200, blank=True)
    icon = models.CharField(max_length=40, default="stethoscope")
    time_zone = models.CharField(_("time zone"), max_length=60)
    answer_hours = models.PositiveSmallIntegerField(
        _("answer time, in working hours"), default=16, validators=[MinValueValidator(1)]
    )
    phone = models.CharField(_("telephone"), max_length=40, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=Q(answer_hours__gte=1), name="department_answers"),)

    def __str__(self) -> str:
        return self.name

    @property
    def answer_time(self) -> timedelta:
        return timedelta(hours=self.answer_hours)

    @property
    def hours(self) -> Hours:
        """Opening hours by weekday (0 is Monday), local time."""
        week: dict[int, list[tuple[object, object]]] = {}
        for row in self.opening_hours.all():
            week.setdefault(row.weekday, []).append((row.opens, row.closes))
        return Hours(week)  # type: ignore[arg-type]

    @property
    def closed_on(self) -> frozenset[date]:
        return frozenset(row.on for row in self.holidays.all())


class OpeningHours(models.Model):
    department = models.ForeignKey(Department, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday, 0 is Monday"))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering = ("weekday", "opens")
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_weekday"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="opening_before_closing"),
            models.UniqueConstraint(fields=("department", "weekday", "opens"), name="opening_once"),
        )


class Holiday(models.Model):
    department = models.ForeignKey(Department, models.CASCADE, related_name="holidays")
    on = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=80, validators=[RegexValidator(r"\S")])

    class Meta:
        ordering = ("on",)
        constraints = (models.UniqueConstraint(fields=("department", "on"), name="holiday_once"),)
