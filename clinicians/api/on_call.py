"""Who is on call: the list of what runs and comes, one form to add, a button to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import on_call
from clinicians.api.acts import Answered
from clinicians.api.forms.of_patient import PlainForm
from clinicians.api.forms.on_call import OnCallForm
from clinicians.api.serializers import Char, When
from clinicians.api.timetables import Timetable
from clinicians.models import OnCall
from portal import access
from portal.access import Permission
from portal.models import Department

# More than a year of weeks in a few departments: what is further off is not planned here.
MOST = 200


class DutySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    department = Char(source="department.name")
    clinician = Char(source="clinician.name")
    starts_at = When()
    ends_at = When()
    set_by = Char(source="set_by.name")
    is_now = serializers.SerializerMethodField()

    def get_is_now(self, duty: OnCall) -> bool:
        return duty.starts_at <= timezone.now()


class OnCallAnswer(serializers.Serializer[Any]):
    duties = DutySerializer(many=True)


class OnCallPage(Timetable):
    template_name = "clinicians/on_call.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": OnCallAnswer, "post": DutySerializer}
    form_class: ClassVar[type[PlainForm]] = OnCallForm
    tells = DutySerializer
    page_name = "clinicians:on-call"
    done: ClassVar[Any] = gettext_lazy("%(name)s is on call then.")
    nav = "on-call"
    needs = Permission.ONCALL_SET, "on_call.appoint"

    def form(self, data: Mapping[str, Any]) -> OnCallForm:
        return OnCallForm(data or None, departments=self.departments())

    def add(self, department: Department, **said: Any) -> Any:
        return on_call.appoint(department, by=self.actor, **said)

    def shown(self, form: OnCallForm, status: int = 200) -> Response:
        duties = access.read_many(
            OnCall.objects.from_now(timezone.now()).with_people(),
            by=self.actor,
            page=lambda rows: list(rows[:MOST]),
        )
        return self.answer({"duties": DutySerializer(duties, many=True).data}, status, form=form)


class EndOnCall(OnCallPage):
    http_method_names = ["post"]
    api_methods = ("post",)
    answers = {"post": DutySerializer}
    form_class = PlainForm
    made = 200
    done = gettext_lazy("%(name)s is not on call any more.")

    def post(self, request: Request, pk: UUID) -> Answered:  # type: ignore[override]
        duty = access.read_one(OnCall.objects.with_people(), by=self.actor, pk=pk)
        return self.written(on_call.end(duty, by=self.actor))
