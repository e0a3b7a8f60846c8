"""What was done about a red flag."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfPatient


class ReviewFlagForm(OfPatient):
    name = "review-red-flag"
    note = forms.CharField(
        label=_("What did you do?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whom you reached, when, and what was agreed. It can't be changed afterwards."),
        error_messages={"required": _("Write what was done: it takes the red flag off the desk.")},
    )
