"""When the clinic sees people: who is there and when, what is booked, who waits for an earlier time. FHIR's words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self, TypeVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from patients.models.followups import FollowUp
from patients.models.patients import Patient
from patients.walls import of_case
from portal import access
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet

R = TypeVar("R", bound=Record, covariant=True)


class OfClinicQuerySet(RecordQuerySet[R]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Whoever signs in may know when the clinic is there; changing it follows the membership."""
        if to is None:
            return self.none() if by == access.VISITOR else self
        return self.filter(access.reach(by, to).in_departments("department"))


class ScheduleQuerySet(OfClinicQuerySet["Schedule"]):
    def from_day(self, day: date) -> Self:
        """What holds on this day or later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def with_people(self) -> Self:
        return self.select_related("clinician", "department").order_by(
            "department__name", "clinician__name", "weekday", "opens"
        )


class Schedule(Record):
    """A clinician is there every week, on this weekday, for so many people at once. Wall time of the department."""

    clinician = models.ForeignKey(User, models.PROTECT, related_name="schedules")
    department = models.ForeignKey(Department, models.PROTECT, related_name="schedules")
    weekday = models.PositiveSmallIntegerField(_("weekday, 0 is Monday"))
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))
    slot_minutes = models.PositiveSmallIntegerField(_("minutes for each"), default=30)
    capacity = models.PositiveSmallIntegerField(_("people at once"), default=1)
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_on = models.DateField(_("from the day"))
    ends_on = models.DateField(_("to the day"), null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("weekday", "opens")
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="schedule_weekday"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="schedule_opens_before_it_closes"),
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=5, slot_minutes__lte=480, capacity__gte=1, capacity__lte=50),
                name="schedule_slots",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="schedule_starts_before_it_ends"
            ),
        )
        indexes = (models.Index(fields=("department", "clinician"), name="schedule_of"),)

    def end(self, on: date) -> None:
        """This day is the last."""
        if self.ends_on is not None and self.ends_on <= on:
            raise IllegalMove("schedules.end", self, "it ends by then already")
        self.ends_on = on
        self.save(update_fields=["ends_on"])


class LeaveQuerySet(OfClinicQuerySet["Leave"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)

    def on_days(self, first: date, last: date | None = None) -> Self:
        """That touch any of these days."""
        found = self.filter(ends_on__gte=first)
        return found if last is None else found.filter(starts_on__lte=last)

    def with_people(self) -> Self:
        return self.select_related("clinician", "department").order_by("starts_on", "clinician__name", "id")


class Leave(Record):
    """A clinician is away on these days, both included, wherever they see people. Why is nobody's business here."""

    clinician = models.ForeignKey(User, models.PROTECT, related_name="leaves")
    # Where it was said: who keeps its timetable keeps this too.
    department = models.ForeignKey(Department, models.PROTECT, related_name="leaves")
    starts_on = models.DateField(_("first day away"))
    ends_on = models.DateField(_("last day away"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="leave_starts_before_it_ends"),
        )
        indexes = (
            models.Index(fields=("clinician", "ends_on"), name="leave_of", condition=Q(withdrawn_at=None)),
            models.Index(fields=("department", "ends_on"), name="leave_in", condition=Q(withdrawn_at=None)),
        )

    def withdraw(self, at: datetime) -> None:
        if self.withdrawn_at:
            raise IllegalMove("schedules.withdraw_leave", self, str(_("It is taken back already.")))
        self.withdrawn_at = at
        self.save(update_fields=["withdrawn_at"])


class Carried(Func):
    """The department beside this key, in whatever question it is asked: Django does not know the column."""

    output_field = models.UUIDField()

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        [key] = self.get_source_expressions()
        return f'{compiler.quote_name_unless_alias(key.alias)}."department_id"', []


class AppointmentStatus(models.TextChoices):
    """FHIR AppointmentStatus, as far as we use it."""

    BOOKED = "booked", _("Booked")
    FULFILLED = "fulfilled", _("The patient came")
    NOSHOW = "noshow", _("The patient did not come")
    CANCELLED = "cancelled", _("Called off")


class AppointmentQuerySet(RecordQuerySet["Appointment"]):
    # The clock looks at what is booked, and writes down that nobody came.
    rule = of_case(
        Permission.FOLLOWUP_READ,
        held_with="followup",
        system_if=("status", (AppointmentStatus.BOOKED, AppointmentStatus.NOSHOW)),
    )

    def booked(self) -> Self:
        return self.filter(status=AppointmentStatus.BOOKED)

    def with_department(self) -> Self:
        """`carried` is the department that a row carries (migration 0018): an index begins with it."""
        return self.alias(carried=Carried("pk"))

    def between(self, since: datetime, until: datetime) -> Self:
        return self.filter(starts_at__gte=since, starts_at__lt=until)


# The history has the span, of which the start is made.
@pghistory.track(exclude=["starts_at"])
class Appointment(Record):
    """A follow-up's time with a clinician. No seat of theirs is given twice, and nobody is in two places at once."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="appointments")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="appointments")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="appointments")
    clinician = models.ForeignKey(User, models.PROTECT, related_name="+")
    span = DateTimeRangeField()
    # `lower` of a span may see no row before the wall has let it pass, so no index of it serves: a column does.
    starts_at = models.GeneratedField(
        expression=Func("span", function="lower", output_field=models.DateTimeField()),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    # Of those whom the clinician sees at once: 1 … the schedule's capacity.
    seat = models.PositiveSmallIntegerField(default=1)
    place = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=AppointmentStatus.choices, default=AppointmentStatus.BOOKED)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            ExclusionConstraint(
                name="appointment_no_seat_twice",
                expressions=(
                    ("clinician", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ),
                condition=Q(status="booked"),
            ),
            ExclusionConstraint(
                name="appointment_nobody_in_two_places",
                expressions=(("patient", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)),
                condition=Q(status="booked"),
            ),
            models.UniqueConstraint(
                fields=("followup",), name="appointment_one_of_a_followup", condition=Q(status="booked")
            ),
            models.CheckConstraint(condition=Q(span__isempty=False), name="appointment_lasts"),
        )
        # Another begins with the department (migration 0024).
        indexes = (models.Index(fields=("starts_at",), name="appointment_by_time"),)

    @property
    def ends_at(self) -> Any:
        return self.span.upper


class WaitingListEntryQuerySet(RecordQuerySet["WaitingListEntry"]):
    # The clock offers to who waits.
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup", system_if=("ended_at", ()))

    def open(self) -> Self:
        return self.filter(ended_at=None)


class WaitingListEntry(Record):
    """Somebody would come earlier, if a time became free."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="waiting_list_entries")
    # Null: anybody of the department.
    clinician = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    offered = DateTimeRangeField(null=True)
    offered_until = models.DateTimeField(null=True)
    # Times that were offered and not taken: nobody is asked about one of them again.
    passed_over = ArrayField(models.DateTimeField(), default=list)
    ended_at = models.DateTimeField(null=True)

    objects = WaitingListEntryQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("followup",), name="waiting_once", condition=Q(ended_at=None)),
            models.CheckConstraint(
                condition=Q(offered=None, offered_until=None) | Q(offered__isnull=False, offered_until__isnull=False),
                name="waiting_offered_until",
            ),
        )
        indexes = (models.Index(fields=("created_at",), name="waiting_open", condition=Q(ended_at=None)),)

    def is_offered(self, at: datetime) -> bool:
        return self.offered_until is not None and at < self.offered_until

    def let_run_out(self) -> None:
        if self.offered:
            self.passed_over = [*self.passed_over, self.offered.lower]
        self.offered = self.offered_until = None

    def offer(self, span: tuple[datetime, datetime], until: datetime) -> None:
        self.let_run_out()
        self.offered, self.offered_until = span, until
