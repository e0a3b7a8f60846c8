"""Putting somebody on call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.cases import People
from clinicians.api.forms.of_patient import PlainForm
from clinicians.models.staff import clinicians_in
from portal.models.departments import DepartmentQuerySet

WRONG = _("Enter a day and a time.")


def moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "fc-input--20"}),
        error_messages={"required": WRONG, "invalid": WRONG},
    )


class OnCallForm(PlainForm):
    name = "on-call"
    department: Any = forms.ModelChoiceField(
        label=_("Department"), queryset=None, empty_label=None, to_field_name="slug"
    )
    # Who treats in any of them; whether they treat in the one chosen is the verb's to say.
    clinician = People(label=_("Who"), queryset=None, error_messages={"required": _("Choose who is on call.")})
    starts_at = moment(_("From"))
    ends_at = moment(_("Until"))

    def __init__(self, *args: Any, departments: DepartmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["clinician"].queryset = clinicians_in(departments)  # type: ignore[attr-defined]
