"""Promising a follow-up, alone or together with something else, and closing one with evidence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.actions.followups import Planned
from clinicians.api.forms.of_patient import OfPatient, PlainForm
from patients.models.followups import Evidence, FollowUpKind
from patients.rules.followup_dates import Period, Unit

PERIODS = {
    "1w": (Period(1, Unit.WEEKS), _("1 week")),
    "2w": (Period(2, Unit.WEEKS), _("2 weeks")),
    "1m": (Period(1, Unit.MONTHS), _("1 month")),
    "3m": (Period(3, Unit.MONTHS), _("3 months")),
}
PREFIX = "followup-"


class Promise(PlainForm):
    """What a promise is made of."""

    period = forms.ChoiceField(
        label=_("When"),
        choices=[(key, label) for key, (_period, label) in PERIODS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose when.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind of follow-up"),
        choices=FollowUpKind.choices,
        error_messages={"required": _("Say what kind of follow-up it is.")},
    )
    reason = forms.CharField(
        label=_("What the follow-up is for, in words for the patient"),
        max_length=200,
        error_messages={"required": _("Say what the follow-up is for.")},
    )
    is_high_risk = forms.BooleanField(
        label=_("Must not be missed: if it is, a person calls the same day"), required=False
    )


class WithFollowUp(OfPatient):
    """A form that can promise a follow-up in the same step: followup-period and so on, all or nothing."""

    # A draft may say half of it.
    is_draft = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in Promise().fields.items():
            # Wanted with the others or not at all, which the page says of all of them together.
            field.required, field.is_of_group = False, True  # type: ignore[attr-defined]
            self.fields[PREFIX + name] = field
        when: Any = self.fields[PREFIX + "period"]
        when.choices = [("", _("No follow-up")), *when.choices]

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        if said and not self.is_draft:
            self.check_promise({name: said.get(PREFIX + name) for name in Promise.base_fields})
        return said

    def check_promise(self, said: dict[str, Any]) -> None:
        if said["period"]:
            for name, field in Promise.base_fields.items():
                if "required" in field.error_messages and said[name] == "":
                    self.add_error(PREFIX + name, field.error_messages["required"])
        elif said["period"] == "" and (said["reason"] or said["is_high_risk"]):
            self.add_error(PREFIX + "period", _("Choose when, or leave empty what the follow-up is for."))

    @property
    def promise(self) -> dict[str, forms.BoundField]:
        """Its fields by their names alone, for a page."""
        return {name: self[PREFIX + name] for name in Promise.base_fields}

    @property
    def followup_words(self) -> dict[str, Any]:
        """As a draft holds them; empty where nothing is promised."""
        said = {name: self.cleaned_data[PREFIX + name] for name in Promise.base_fields}
        return said if said["period"] else {}

    @property
    def followup(self) -> Planned | None:
        said = self.followup_words
        if not said:
            return None
        kind, period = FollowUpKind(said["kind"]), PERIODS[said["period"]][0]
        return Planned(kind, said["reason"], period, said["is_high_risk"], said)


class PlanForm(OfPatient, Promise):
    name = "plan"

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
