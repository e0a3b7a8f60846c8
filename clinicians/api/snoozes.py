"""Setting a case aside, and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import snoozes
from clinicians.api.acts import CaseAct
from clinicians.api.answers import nothing_left
from clinicians.api.forms.snoozes import SnoozeForm, WakeForm
from clinicians.api.ownership import SnoozeSerializer
from clinicians.models import Snooze
from patients.models import Case


class SnoozeCase(CaseAct):
    name = "snooze"
    answers = {"post": SnoozeSerializer}
    anchor = "whose-case"
    done = gettext_lazy("Set aside. It comes back by itself then, or as soon as the patient writes.")
    made = 201

    def form(self, subject: Case, data: Mapping[str, Any]) -> SnoozeForm:
        return SnoozeForm(data, zone=subject.department.time_zone)

    def act(self, subject: Case, form: SnoozeForm) -> Snooze:
        return snoozes.snooze(subject, by=self.actor, until=form.until, reason=form.cleaned_data["reason"])

    def data(self, made: Snooze) -> Mapping[str, Any]:
        return SnoozeSerializer(made).data


class Wake(CaseAct):
    name = "wake"
    answers = {"post": nothing_left("snooze")}
    anchor = "whose-case"
    done = gettext_lazy("It is on the work list again.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> WakeForm:
        return WakeForm(data)

    def act(self, subject: Case, form: WakeForm) -> Case:
        return snoozes.wake(subject, by=self.actor)

    def data(self, made: Case) -> Mapping[str, Any]:
        return {"snooze": None}
