"""Who is on call: the list of what runs and comes, one form to add, a button to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import on_call
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.forms.on_call import OnCallForm
from clinicians.api.serializers import Char, When
from clinicians.models import OnCall
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.models import Department
from portal.models.departments import DepartmentQuerySet

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


class OnCallPage(Desk):
    template_name = "clinicians/on_call.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": OnCallAnswer, "post": DutySerializer}
    form_class: ClassVar[type[PlainForm]] = OnCallForm
    made = 201
    nav = "on-call"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not access.has(self.actor, Permission.ONCALL_SET):
            raise Refused("on_call.appoint")

    def get(self, request: Request) -> Response:
        return self.shown(self.form({}))

    def post(self, request: Request) -> Answered:
        form = self.form(flat(request.data))
        if not form.is_valid():
            return self.come_back(form, 422)
        said = form.cleaned_data
        try:
            duty = on_call.appoint(said.pop("department"), by=self.actor, **said)
        except IllegalMove as refusal:
            self.asked.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, words_of(refusal))
            return self.come_back(form, 409 if isinstance(refusal, on_call.StandsAlready) else 422)
        if not self.wants_page:
            return Response(DutySerializer(duty).data, status=201)
        messages.success(self.asked, _("%(name)s is on call then.") % {"name": duty.clinician.name})
        return HttpResponseRedirect(reverse("clinicians:on-call"))

    def form(self, data: Mapping[str, Any]) -> OnCallForm:
        return OnCallForm(data or None, departments=self.departments())

    def departments(self) -> DepartmentQuerySet:
        rows: DepartmentQuerySet = Department.objects.visible_to(self.actor, Permission.ONCALL_SET).order_by("name")
        return rows

    def come_back(self, form: OnCallForm, status: int) -> Response:
        return self.shown(form, status) if self.wants_page else problem(status, errors=errors_of(form))

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

    def post(self, request: Request, pk: UUID) -> Answered:  # type: ignore[override]
        duty = access.read_one(OnCall.objects.with_people(), by=self.actor, pk=pk)
        ended = on_call.end(duty, by=self.actor)
        if not self.wants_page:
            return Response(DutySerializer(ended).data)
        messages.success(self.asked, _("%(name)s is not on call any more.") % {"name": ended.clinician.name})
        return HttpResponseRedirect(reverse("clinicians:on-call"))
