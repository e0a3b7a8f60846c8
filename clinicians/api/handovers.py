"""Giving a case on: to a colleague, or to another department."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicians.actions import handovers
from clinicians.api import ownership
from clinicians.api.acts import Answered, CaseAct
from clinicians.api.forms.handovers import HandOverForm, ReferForm
from clinicians.api.serializers import CaseSerializer
from clinicians.models.staff import clinicians_of
from patients.models import Case


class HandOver(CaseAct):
    name = "hand_over"
    answers = {"post": CaseSerializer}
    anchor = "whose-case"
    done = gettext_lazy("Handed over: your colleague is told.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> HandOverForm:
        return HandOverForm(data, people=clinicians_of(subject.department))

    def act(self, subject: Case, form: HandOverForm) -> Case:
        said = form.cleaned_data
        return handovers.hand_over(subject, by=self.actor, to=said["owner"], reason=said["reason"])

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data


class Refer(CaseAct):
    name = "refer"
    answers = {"post": CaseSerializer}
    anchor = "whose-case"

    def form(self, subject: Case, data: Mapping[str, Any]) -> ReferForm:
        return ReferForm(data, departments=ownership.elsewhere(subject, by=self.actor))

    def act(self, subject: Case, form: ReferForm) -> Case:
        said = form.cleaned_data
        return handovers.refer(subject, by=self.actor, department=said["department"], reason=said["reason"])

    def acted(self, subject: Case, made: Case) -> Answered:
        """It may be out of sight now: back to the list."""
        if not self.wants_page:
            return super().acted(subject, made)
        messages.success(self.asked, _("Referred to %(department)s.") % {"department": made.department})
        return HttpResponseRedirect(reverse("clinicians:worklist"))

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data
