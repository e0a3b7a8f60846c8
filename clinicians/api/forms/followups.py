"""Promising a follow-up, and closing one with evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfPatient, PlainForm
from patients.models import Case
from patients.models.followups import Evidence, FollowUpKind, FollowUpStatus
from patients.rules.followup_dates import Period, Unit

PERIODS = {
    "1w": (Period(1, Unit.WEEKS), _("1 week")),
    "2w": (Period(2, Unit.WEEKS), _("2 weeks")),
    "1m": (Period(1, Unit.MONTHS), _("1 month")),
    "3m": (Period(3, Unit.MONTHS), _("3 months")),
}


YES_OR_NO = {"yes": True, "no": False}


class YesOrNo(forms.TypedChoiceField):
    """None where nothing was said."""

    def __init__(self) -> None:
        choices = [(word, word) for word in YES_OR_NO]
        super().__init__(choices=choices, coerce=YES_OR_NO.__getitem__, empty_value=None, required=False)


class SomeOf(forms.MultipleChoiceField):
    """What was left empty is none of them."""

    def to_python(self, value: Any) -> list[str]:
        return [one for one in super().to_python(value) if one]


class IsoDay(forms.DateField):
    def __init__(self) -> None:
        super().__init__(input_formats=("%Y-%m-%d",), required=False)


class FollowUpFilter(PlainForm):
    """What the address of the list asks for."""

    name = "follow-ups"
    status = SomeOf(choices=FollowUpStatus.choices, required=False)
    open = YesOrNo()
    kind = forms.ChoiceField(choices=FollowUpKind.choices, required=False)
    owner = forms.CharField(required=False)
    due_from = IsoDay()
    due_to = IsoDay()
    late = YesOrNo()
    must_not_be_missed = YesOrNo()
    case = forms.CharField(required=False)

    def clean_owner(self) -> str | UUID:
        owner = str(self.cleaned_data["owner"])
        try:
            return owner if owner in ("", "me") else UUID(owner)
        except ValueError:
            raise forms.ValidationError(_("An owner is “me”, or the id of an account.")) from None

    def clean_case(self) -> int:
        """Its number; 0 where none was asked for."""
        case = str(self.cleaned_data["case"])
        number = Case.number_of(case)
        if case and not number:
            raise forms.ValidationError(_("A case has a number such as F-1287."))
        return number


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
