"""What came of a call."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm
from patients.models.calls import CallOutcome


class CallForm(PlainForm):
    name = "call"
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        # No answer by default: a hasty "spoke with them" takes somebody off the list.
        choices=[("", _("Choose what came of it")), *CallOutcome.choices],
        error_messages={"required": _("Say what came of the call.")},
    )
    note = forms.CharField(label=_("Note, for colleagues"), max_length=300, required=False)

    def clean_outcome(self) -> CallOutcome:
        return CallOutcome(self.cleaned_data["outcome"])
