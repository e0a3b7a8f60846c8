"""When clinicians see people: the list, one form to add, a button to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import schedules
from clinicians.api.acts import Answered
from clinicians.api.forms.of_patient import PlainForm
from clinicians.api.forms.schedules import ClinicTimesForm, LeaveForm, TimetableForm
from clinicians.api.serializers import Char, Day
from clinicians.api.times import midnight
from clinicians.api.timetables import Timetable
from patients.models import Appointment, Leave, Schedule
from portal import access
from portal.access import Permission, Role
from portal.models import Department, User

# A big department's week; what is more is looked up by its clinician.
MOST = 300


class Hour(Char):
    """Wall time; a "time" of JSON Schema has a zone."""

    def to_representation(self, value: Any) -> str:
        return f"{value:%H:%M}"


class ScheduleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    department = Char(source="department.name")
    clinician = Char(source="clinician.name")
    weekday = serializers.IntegerField()
    weekday_words = serializers.SerializerMethodField()
    opens = Hour()
    closes = Hour()
    slot_minutes = serializers.IntegerField()
    capacity = serializers.IntegerField()
    place = Char()
    starts_on = Day()
    ends_on = Day(allow_null=True)

    def get_weekday_words(self, row: Schedule) -> str:
        return str(WEEKDAYS[row.weekday])


class LeaveSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    department = Char(source="department.name")
    clinician = Char(source="clinician.name")
    starts_on = Day()
    ends_on = Day()
    booked = serializers.SerializerMethodField()

    def get_booked(self, row: Leave) -> int:
        """How many are booked with them on these days all the same, as far as the asker may see."""
        return row.booked  # type: ignore[attr-defined, no-any-return]


class SchedulesAnswer(serializers.Serializer[Any]):
    times = ScheduleSerializer(many=True)
    leaves = LeaveSerializer(many=True)


class ClinicTimes(Timetable):
    template_name = "clinicians/clinic_times.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": SchedulesAnswer, "post": ScheduleSerializer}
    form_class: ClassVar[type[PlainForm]] = ClinicTimesForm
    tells: ClassVar[type[serializers.Serializer[Any]]] = ScheduleSerializer
    page_name = "clinicians:clinic-times"
    done: ClassVar[Any] = gettext_lazy("%(name)s can be booked then.")
    nav = "clinic-times"
    needs = Permission.SCHEDULE_KEEP, "schedules.add"

    def form(self, data: Mapping[str, Any]) -> ClinicTimesForm:
        return ClinicTimesForm(data or None, **self.about)

    @property
    def about(self) -> dict[str, Any]:
        return {"departments": self.departments(), "by": self.actor, "coordinates": self.coordinates()}

    def coordinates(self) -> bool:
        return any(role is Role.COORDINATOR for role, _place in access.roles_of(self.actor))

    def add(self, department: Department, **said: Any) -> Any:
        return schedules.add(department, by=self.actor, **said)

    def shown(self, form: TimetableForm, status: int = 200) -> Response:
        today, here = timezone.localdate(), self.departments()
        times = access.read_many(
            Schedule.objects.filter(department__in=here).from_day(today).with_people(), by=self.actor, page=first_rows
        )
        leaves = access.read_many(
            Leave.objects.filter(department__in=here).standing().on_days(today).with_people(),
            by=self.actor,
            page=first_rows,
        )
        data = {
            "times": ScheduleSerializer(times, many=True).data,
            "leaves": LeaveSerializer(with_booked(leaves, self.actor), many=True).data,
        }
        fresh = {"form": ClinicTimesForm(**self.about), "leave_form": LeaveForm(**self.about)}
        forms = fresh | {"leave_form" if isinstance(form, LeaveForm) else "form": form}
        everybodys = self.coordinates()
        rows: Sequence[Schedule | Leave] = [*times, *leaves]
        theirs = [str(row.pk) for row in rows if everybodys or row.clinician_id == self.actor.pk]
        return self.answer(data, status, theirs=theirs, **forms)


class EndTimes(ClinicTimes):
    http_method_names = ["post"]
    api_methods = ("post",)
    answers = {"post": ScheduleSerializer}
    made = 200
    form_class = PlainForm
    done = gettext_lazy("%(name)s can be booked then until today. What is booked stays.")

    def post(self, request: Request, pk: UUID) -> Answered:  # type: ignore[override]
        row = access.read_one(Schedule.objects.with_people(), by=self.actor, pk=pk)
        return self.written(schedules.end(row, by=self.actor))


class ClinicLeave(ClinicTimes):
    """Days on which a clinician is away."""

    http_method_names = ["post"]
    api_methods = ("post",)
    answers = {"post": LeaveSerializer}
    form_class: ClassVar[type[PlainForm]] = LeaveForm
    tells = LeaveSerializer
    done = gettext_lazy("%(name)s is away on these days: nobody new is booked.")

    def form(self, data: Mapping[str, Any]) -> LeaveForm:  # type: ignore[override]
        return LeaveForm(data or None, **self.about)

    def add(self, department: Department, **said: Any) -> Any:
        return schedules.take_leave(department, by=self.actor, **said)

    def written(self, row: Leave) -> Answered:
        [row] = with_booked([row], self.actor)
        return super().written(row)


class WithdrawLeave(ClinicLeave):
    made = 200
    form_class = PlainForm
    done = gettext_lazy("%(name)s is there after all: their hours can be booked again.")

    def post(self, request: Request, pk: UUID) -> Answered:  # type: ignore[override]
        row = access.read_one(Leave.objects.with_people(), by=self.actor, pk=pk)
        return self.written(schedules.withdraw_leave(row, by=self.actor))


def first_rows(rows: Any) -> list[Any]:
    return list(rows[:MOST])


def with_booked(leaves: Sequence[Leave], by: User) -> Sequence[Leave]:
    """Each with how many are booked on its days, of those whom `by` may see: one question, however many leaves."""
    if not leaves:
        return leaves
    since, until = min(row.starts_on for row in leaves), max(row.ends_on for row in leaves) + timedelta(days=1)
    booked = Appointment.objects.visible_to(by).booked().filter(clinician__in={row.clinician_id for row in leaves})
    rows = booked.between(midnight(since), midnight(until))
    days = [(who, timezone.localdate(begins)) for who, begins in rows.values_list("clinician", "starts_at")]
    for row in leaves:
        row.booked = sum(  # type: ignore[attr-defined]
            who == row.clinician_id and row.starts_on <= day <= row.ends_on for who, day in days
        )
    return leaves
