"""Triage, assign, close."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfCase
from patients.models.cases import Urgency


class People(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class TriageForm(OfCase):
    name = "triage"
    urgency = forms.TypedChoiceField(
        label=_("How soon must somebody act?"),
        coerce=lambda value: Urgency(int(value)),
        choices=Urgency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how soon somebody must act.")},
    )
    department: Any = forms.ModelChoiceField(label=_("Department"), queryset=None, empty_label=None)
    owner = People(label=_("Who answers"), queryset=None, required=False, empty_label=_("The department's pool"))

    def __init__(self, *args: Any, departments: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """People are those of the case's department now: another department gives it to its own."""
        said = super().clean() or self.cleaned_data
        if said.get("owner") and "department" in self.changed_data:
            self.add_error("owner", _("Moved to another department, it goes to that department's pool."))
        return said


class AssignForm(OfCase):
    name = "assign"
    owner = People(label=_("Who answers"), queryset=None, required=False, empty_label=_("The department's pool"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class CloseForm(OfCase):
    name = "close"
