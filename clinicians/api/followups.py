"""Promising a follow-up, and closing one with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import followups
from clinicians.api.acts import Act, CaseAct
from clinicians.api.forms.followups import CloseFollowUpForm, PlanForm
from clinicians.api.serializers import FollowUpSerializer
from clinicians.api.workspace import read_row
from patients.models import Case, FollowUp


class Plan(CaseAct):
    name = "plan"
    answers = {"post": FollowUpSerializer}
    anchor = "follow-up"
    made = 201
    done = gettext_lazy("Promised: the patient sees the day, and the reminders are set.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> PlanForm:
        return PlanForm(data)

    def act(self, subject: Case, form: PlanForm) -> FollowUp:
        said = form.cleaned_data
        return followups.plan(subject, by=self.actor, kind=said["kind"], reason=said["reason"], period=said["period"])

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data


class CloseFollowUp(Act):
    name = "close-followup"
    answers = {"post": FollowUpSerializer}
    anchor = "follow-up"
    done = gettext_lazy("Closed with its evidence; no more reminders go out.")
    overtaken = gettext_lazy("This follow-up has been closed already.")

    def find(self, **where: Any) -> Any:
        return read_row(FollowUp.objects.all(), by=self.actor, pk=where["pk"])

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> CloseFollowUpForm:
        return CloseFollowUpForm(data, auto_id=f"close-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: CloseFollowUpForm) -> FollowUp:
        said = form.cleaned_data
        return followups.close(subject, by=self.actor, evidence=said["evidence"], note=said["note"])

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data
