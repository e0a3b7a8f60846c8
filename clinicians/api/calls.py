"""Whom to telephone: patients whom no message reaches, and those who missed what must not be missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import calls
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.answers import CURSORS, PageOf
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.calls import CallForm
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.serializers import Char, Day, When
from patients.models import CallAttempt, FollowUp
from patients.models.calls import CallOutcome
from patients.models.followups import FollowUpQuerySet
from portal import access
from portal.access import IllegalMove, Permission
from portal.paging import LongestWaitingFirst


class CallAttemptSerializer(serializers.Serializer[Any]):
    at = When(source="created_at")
    called_by = Char(source="called_by.name")
    outcome = Char()
    outcome_words = Char(source="get_outcome_display")
    note = Char()


class CallSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    case = Char(source="case.ref")
    department = Char(source="case.department.name")
    patient = Char(source="patient.name")
    phone = Char(source="patient.phone")
    kind_words = Char(source="get_kind_display")
    due_on = Day()
    latest_on = Day()
    misses = serializers.IntegerField()
    call_at = When()
    call_reason = Char()
    call_reason_words = Char(source="get_call_reason_display")
    attempts = CallAttemptSerializer(source="calls", many=True)


class CallsAnswer(PageOf):
    calls = CallSerializer(many=True)


class CallsPage(Desk):
    template_name = "clinicians/calls.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": CallsAnswer}
    asks = CURSORS
    api_methods: ClassVar[Sequence[str]] = ("get", "head")
    http_method_names = ["get", "head"]
    nav = "calls"
    needs = Permission.FOLLOWUP_CALL, "calls.record"

    def get(self, request: Request) -> Response:
        return self.shown()

    def shown(self, bound: Mapping[UUID, CallForm] | None = None, status: int = 200) -> Response:
        pager = LongestWaitingFirst(self.asked.GET, day="call_at")
        unsent: dict[UUID, CallForm] = dict(bound or {})
        found = access.read_many(waiting(), by=self.actor, page=pager)
        data = CallSerializer(found, many=True).data
        rows = [
            (said, unsent.pop(row.pk) if row.pk in unsent else a_form(row.pk))
            for said, row in zip(data, found, strict=True)
        ]
        around = {"rows": rows, "pager": pager, "asked": self.place(), "unsent": [*unsent.values()]}
        return self.answer({"calls": data, "newer": pager.newer, "older": pager.older}, status, **around)

    def place(self) -> str:
        """Which page of the list, for the forms on it: who writes a call down comes back to it."""
        asked = self.asked.GET.urlencode()
        return f"?{asked}" if asked else ""


class RecordCall(CallsPage):
    answers = {"post": CallAttemptSerializer}
    form_class: ClassVar[type[PlainForm]] = CallForm
    made = 201
    api_methods = ("post",)
    http_method_names = ["post"]

    def post(self, request: Request, pk: UUID) -> Answered:
        followup = access.read_one(FollowUp.objects.with_people(), by=self.actor, pk=pk)
        form = a_form(pk, flat(request.data))
        if not form.is_valid():
            return self.come_back(pk, form, 422)
        try:
            made = calls.record(followup, by=self.actor, **form.cleaned_data)
        except IllegalMove as refusal:
            self.asked.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, words_of(refusal))
            return self.come_back(pk, form, 409)
        if not self.wants_page:
            return Response(CallAttemptSerializer(made).data, status=201)
        return self.written_down(followup, made)

    def written_down(self, followup: FollowUp, made: CallAttempt) -> Answered:
        if made.outcome == CallOutcome.REACHED:
            messages.success(self.asked, _("Written down. Now give them another day, or close it with evidence."))
            return HttpResponseRedirect(f"{reverse('clinicians:case', args=[followup.case.ref])}#follow-up")
        messages.success(self.asked, _("Written down: they stay on the list."))
        return HttpResponseRedirect(reverse("clinicians:calls") + self.place())

    def come_back(self, pk: UUID, form: CallForm, status: int) -> Response:
        return self.shown({pk: form}, status) if self.wants_page else problem(status, errors=errors_of(form))


def a_form(pk: UUID, data: Mapping[str, Any] | None = None) -> CallForm:
    return CallForm(data, auto_id=f"call-{pk}_%s")


def waiting() -> FollowUpQuerySet:
    tried = Prefetch("calls", CallAttempt.objects.select_related("called_by"))
    return FollowUp.objects.to_call(timezone.now()).with_people().prefetch_related(tried)
