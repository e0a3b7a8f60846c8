"""What the list of follow-ups may be asked for, in its address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm
from patients.models import Case
from patients.models.followups import FollowUpKind, FollowUpStatus

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
