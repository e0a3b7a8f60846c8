"""A medicine, and taking one off the list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.followups import WithFollowUp
from clinicians.api.forms.of_patient import OfPatient, fields_of
from patients.models import Prescription

# What is left out is for the checks to miss, not for the form.
ORDER = (
    "medicine", "dose", "dose_unit", "form", "route", "times_a_day", "as_needed", "days", "indication", "note",
)  # fmt: skip
CHOOSE = ("", _("Choose"))
UNITS = (CHOOSE, ("mg", "mg"), ("ug", "µg"), ("g", "g"), ("mL", "mL"))
ROUTES = (
    CHOOSE,
    ("oral", _("by mouth")),
    ("transdermal", _("on the skin")),
    ("subcutaneous", _("under the skin")),
    ("intravenous", _("into a vein")),
)


class PrescribeForm(WithFollowUp):
    name = "prescribe"
    override_reason = forms.CharField(
        label=_("Your reason for prescribing it all the same"), max_length=300, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = fields_of(Prescription, ORDER) | self.fields
        self.fields["medicine"].error_messages["required"] = _("Name the medicine.")
        self.fields["dose_unit"].widget = forms.Select(choices=UNITS)
        self.fields["route"].widget = forms.Select(choices=ROUTES)
        self.fields["medicine"].widget.attrs |= {"list": "medicines-known", "autocomplete": "off"}

    @property
    def order(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*ORDER, "override_reason")}


class StopForm(OfPatient):
    name = "stop"
    reason = forms.CharField(
        label=_("Why is it taken off the list?"),
        max_length=300,
        error_messages={"required": _("Say why it is taken off the list.")},
    )


class HoldForm(OfPatient):
    """Nothing but whose it is."""

    name = "hold"
