"""When clinicians see people: the list, one form to add, a button to end."""

from __future__ import annotations

from collections.abc import Mapping
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
from clinicians.api.forms.schedules import ClinicTimesForm
from clinicians.api.serializers import Char, Day
from clinicians.api.timetables import Timetable
from patients.models import Schedule
from portal import access
from portal.access import Permission, Role
from portal.models import Department

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


class SchedulesAnswer(serializers.Serializer[Any]):
    times = ScheduleSerializer(many=True)


class ClinicTimes(Timetable):
    template_name = "clinicians/clinic_times.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": SchedulesAnswer, "post": ScheduleSerializer}
    form_class: ClassVar[type[PlainForm]] = ClinicTimesForm
    tells = ScheduleSerializer
    page_name = "clinicians:clinic-times"
    done: ClassVar[Any] = gettext_lazy("%(name)s can be booked then.")
    nav = "clinic-times"
    needs = Permission.SCHEDULE_KEEP, "schedules.add"

    def form(self, data: Mapping[str, Any]) -> ClinicTimesForm:
        return ClinicTimesForm(
            data or None, departments=self.departments(), by=self.actor, coordinates=self.coordinates()
        )

    def coordinates(self) -> bool:
        return any(role is Role.COORDINATOR for role, _place in access.roles_of(self.actor))

    def add(self, department: Department, **said: Any) -> Any:
        return schedules.add(department, by=self.actor, **said)

    def shown(self, form: ClinicTimesForm, status: int = 200) -> Response:
        found = access.read_many(
            Schedule.objects.filter(department__in=self.departments()).from_day(timezone.localdate()).with_people(),
            by=self.actor,
            page=lambda rows: list(rows[:MOST]),
        )
        everybodys = self.coordinates()
        theirs = [str(row.pk) for row in found if everybodys or row.clinician_id == self.actor.pk]
        return self.answer({"times": ScheduleSerializer(found, many=True).data}, status, form=form, theirs=theirs)


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
