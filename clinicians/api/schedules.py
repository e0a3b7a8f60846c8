"""When clinicians see people: the list, one form to add, a button to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import schedules
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.forms.schedules import ClinicTimesForm
from clinicians.api.serializers import Char, Day
from patients.models import Schedule
from portal import access
from portal.access import IllegalMove, Permission, Refused, Role
from portal.models import Department
from portal.models.departments import DepartmentQuerySet

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


class ClinicTimes(Desk):
    template_name = "clinicians/clinic_times.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": SchedulesAnswer, "post": ScheduleSerializer}
    form_class: ClassVar[type[PlainForm]] = ClinicTimesForm
    made = 201
    nav = "clinic-times"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not access.has(self.actor, Permission.SCHEDULE_KEEP):
            raise Refused("schedules.add")

    def get(self, request: Request) -> Response:
        return self.shown(self.form({}))

    def post(self, request: Request) -> Answered:
        form = self.form(flat(request.data))
        if not form.is_valid():
            return self.come_back(form, 422)
        said = form.cleaned_data
        try:
            made = schedules.add(said.pop("department"), by=self.actor, **said)
        except IllegalMove as refusal:
            self.asked.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, words_of(refusal))
            return self.come_back(form, 409 if isinstance(refusal, schedules.StandsAlready) else 422)
        if not self.wants_page:
            return Response(ScheduleSerializer(made).data, status=201)
        messages.success(self.asked, _("%(name)s can be booked then.") % {"name": made.clinician.name})
        return HttpResponseRedirect(reverse("clinicians:clinic-times"))

    def form(self, data: Mapping[str, Any]) -> ClinicTimesForm:
        return ClinicTimesForm(
            data or None, departments=self.departments(), by=self.actor, coordinates=self.coordinates()
        )

    def coordinates(self) -> bool:
        return any(role is Role.COORDINATOR for role, _place in access.roles_of(self.actor))

    def departments(self) -> DepartmentQuerySet:
        rows: DepartmentQuerySet = Department.objects.visible_to(self.actor, Permission.SCHEDULE_KEEP).order_by("name")
        return rows

    def come_back(self, form: ClinicTimesForm, status: int) -> Response:
        return self.shown(form, status) if self.wants_page else problem(status, errors=errors_of(form))

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

    def post(self, request: Request, pk: UUID) -> Answered:  # type: ignore[override]
        row = access.read_one(Schedule.objects.with_people(), by=self.actor, pk=pk)
        ended = schedules.end(row, by=self.actor)
        if not self.wants_page:
            return Response(ScheduleSerializer(ended).data)
        said = {"name": row.clinician.name}
        messages.success(self.asked, _("%(name)s can be booked then until today. What is booked stays.") % said)
        return HttpResponseRedirect(reverse("clinicians:clinic-times"))
