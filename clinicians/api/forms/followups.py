"""Promising a follow-up, and closing one with evidence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfPatient
from patients.models.followups import Evidence, FollowUpKind
from patients.rules.followup_dates import Period, Unit

PERIODS = {
    "1w": (Period(1, Unit.WEEKS), _("1 week")),
    "2w": (Period(2, Unit.WEEKS), _("2 weeks")),
    "1m": (Period(1, Unit.MONTHS), _("1 month")),
    "3m": (Period(3, Unit.MONTHS), _("3 months")),
}


class PlanForm(OfPatient):
    name = "plan"
    period = forms.ChoiceField(
        label=_("When"),
        choices=[(key, label) for key, (_period, label) in PERIODS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose when.")},
    )
    kind = forms.ChoiceField(label=_("What kind"), choices=FollowUpKind.choices)
    reason = forms.CharField(
        label=_("What for, in words for the patient"),
        max_length=200,
        error_messages={"required": _("Say what the follow-up is for.")},
    )
    is_high_risk = forms.BooleanField(
        label=_("Must not be missed: if it is, a person calls the same day"), required=False
    )

    def clean_kind(self) -> FollowUpKind:
        return FollowUpKind(self.cleaned_data["kind"])

    def clean_period(self) -> Period:
        return PERIODS[self.cleaned_data["period"]][0]


class MoveFollowUpForm(OfPatient):
    name = "move-followup"
    period = forms.ChoiceField(
        label=_("Counted from today"),
        choices=[(key, label) for key, (_period, label) in PERIODS.items()],
        error_messages={"required": _("Choose when.")},
    )

    def clean_period(self) -> Period:
        return PERIODS[self.cleaned_data["period"]][0]


class MissFollowUpForm(OfPatient):
    name = "miss-followup"


class CloseFollowUpForm(OfPatient):
    name = "close-followup"
    evidence = forms.ChoiceField(
        label=_("What happened?"),
        choices=Evidence.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what happened: time passing closes nothing.")},
    )
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("The reason, where a clinician releases it.")
    )

    def clean_evidence(self) -> Evidence:
        return Evidence(self.cleaned_data["evidence"])

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        if said and said.get("evidence") is Evidence.RELEASED and not said.get("note"):
            self.add_error("note", _("Give the reason why it is released."))
        return said
