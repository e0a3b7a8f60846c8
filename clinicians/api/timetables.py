"""A timetable that staff keep by department: what stands in it, one form to add, a button to end."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.of_patient import flat
from clinicians.models.staff import StandsAlready
from portal.access import IllegalMove
from portal.models import Department
from portal.models.departments import DepartmentQuerySet


class Timetable(Desk):
    """Say which row (`tells`), of which page (`page_name`), which form (`form`), how to add, and what is `shown`."""

    tells: ClassVar[type[serializers.Serializer[Any]]]
    page_name: ClassVar[str]
    # Of what was done, with the %(name)s of its clinician.
    done: ClassVar[Any]
    made = 201

    def form(self, data: Any) -> Any:
        raise NotImplementedError

    def add(self, department: Department, **said: Any) -> Any:
        raise NotImplementedError

    def shown(self, form: Any, status: int = 200) -> Response:
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        return self.shown(self.form({}))

    def post(self, request: Request) -> Answered:
        form = self.form(flat(request.data))
        if not form.is_valid():
            return self.come_back(form, 422)
        said = form.cleaned_data
        try:
            added = self.add(said.pop("department"), **said)
        except IllegalMove as refusal:
            self.asked.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, words_of(refusal))
            return self.come_back(form, 409 if isinstance(refusal, StandsAlready) else 422)
        return self.written(added)

    def written(self, row: Any) -> Answered:
        if not self.wants_page:
            return Response(self.tells(row).data, status=self.made)
        messages.success(self.asked, self.done % {"name": row.clinician.name})
        return HttpResponseRedirect(reverse(self.page_name))

    def departments(self) -> DepartmentQuerySet:
        assert self.needs is not None
        rows: DepartmentQuerySet = Department.objects.visible_to(self.actor, self.needs[0]).order_by("name")
        return rows

    def come_back(self, form: Any, status: int) -> Response:
        return self.shown(form, status) if self.wants_page else problem(status, errors=errors_of(form))
