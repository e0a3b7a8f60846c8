"""Promising a follow-up, and closing one with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import followups
from clinicians.api.acts import Act, CaseAct
from clinicians.api.forms.followups import CloseFollowUpForm, MissFollowUpForm, MoveFollowUpForm, PlanForm
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
        about = {name: said[name] for name in ("kind", "reason", "period", "is_high_risk")}
        return followups.plan(subject, by=self.actor, **about)

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data


class OfFollowUp(Act):
    answers = {"post": FollowUpSerializer}
    anchor = "follow-up"

    def find(self, **where: Any) -> Any:
        return read_row(FollowUp.objects.all(), by=self.actor, pk=where["pk"])

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data


class MoveFollowUp(OfFollowUp):
    name = "move-followup"
    done = gettext_lazy("Another day is promised: the patient is told, and asked anew.")
    overtaken = gettext_lazy("This follow-up has been closed meanwhile.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> MoveFollowUpForm:
        return MoveFollowUpForm(data, auto_id=f"move-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: MoveFollowUpForm) -> FollowUp:
        return followups.move(subject, by=self.actor, period=form.cleaned_data["period"])


class MissFollowUp(OfFollowUp):
    name = "miss-followup"
    done = gettext_lazy("Written down: the patient hears of it today, and it climbs until somebody acts.")
    overtaken = gettext_lazy("It is closed or written down already, or its first day has not come.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> MissFollowUpForm:
        return MissFollowUpForm(data, auto_id=f"miss-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: MissFollowUpForm) -> FollowUp:
        return followups.miss(subject, by=self.actor)


class CloseFollowUp(OfFollowUp):
    name = "close-followup"
    done = gettext_lazy("Closed with its evidence; no more reminders go out.")
    overtaken = gettext_lazy("This follow-up has been closed already.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> CloseFollowUpForm:
        return CloseFollowUpForm(data, auto_id=f"close-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: CloseFollowUpForm) -> FollowUp:
        said = form.cleaned_data
        return followups.close(subject, by=self.actor, evidence=said["evidence"], note=said["note"])
