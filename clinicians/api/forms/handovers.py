"""Giving a case on, with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.cases import People
from clinicians.api.forms.of_patient import OfCase
from clinicians.models.handovers import LONGEST_REASON


def why(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        help_text=help_text,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why, for who reads it next.")},
    )


class HandOverForm(OfCase):
    name = "hand_over"
    owner = People(
        label=_("To whom"),
        queryset=None,
        empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose a colleague of this department.")},
    )
    reason = why(_("Your colleague reads it on the case page. The patient does not."))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class ReferForm(OfCase):
    name = "refer"
    department: Any = forms.ModelChoiceField(
        label=_("To which department"),
        queryset=None,
        empty_label=_("Choose a department"),
        error_messages={"required": _("Choose a department.")},
    )
    reason = why(_("It goes to their pool, with a new promise to the patient. They read this on the case page."))

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
