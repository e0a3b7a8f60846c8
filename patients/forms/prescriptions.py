"""A medicine as somebody at home can tell it: from the box."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from patients.forms.text import one_line

UNITS = [
    ("", _("unit")),
    ("mg", "mg"),
    ("mcg", _("micrograms (mcg, µg)")),
    ("g", "g"),
    ("mL", "mL"),
    ("IU", _("units (IU)")),
    ("drops", _("drops")),
    ("puffs", _("puffs")),
    ("patches", _("patches")),
]
LEAST = Decimal("0.0001")


def figure(label: Any, *, digits: int, places: int, largest: int | None = None, **about: Any) -> forms.DecimalField:
    """A number with a point. A comma is refused and never guessed: 1,000 could be one or a thousand."""
    says = _("Enter a number with a point, for example 0.5.")
    return forms.DecimalField(
        label=label,
        max_digits=digits,
        decimal_places=places,
        max_value=largest,
        required=False,
        validators=[MinValueValidator(LEAST, _("Enter a number above 0."))],
        error_messages={"invalid": says, "max_digits": says, "max_whole_digits": says, "max_decimal_places": says},
        widget=forms.TextInput(attrs={"class": "fc-input--4", "inputmode": "decimal", "maxlength": 20}),
        **about,
    )


class MedicineForm(forms.Form):
    medicine = one_line(
        _("Name on the box"), longest=120, required=False, css="fc-input--30", attrs={"autocomplete": "off"}
    )
    dose = figure(_("Dose"), digits=10, places=4)
    dose_unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, required=False)
    times_a_day = figure(_("Times a day"), digits=5, places=2, largest=48)
    indication = one_line(_("What for"), longest=120, required=False, attrs={"autocomplete": "off"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if any(cleaned.values()) and not cleaned.get("medicine") and "medicine" not in self.errors:
            self.add_error("medicine", _("Write the name of the medicine, or empty this row."))
        if cleaned.get("dose") and not cleaned.get("dose_unit"):
            self.add_error("dose_unit", _("Choose the unit: it stands beside the number on the box."))
        return cleaned

    @property
    def order(self) -> dict[str, Any]:
        """As the verbs take it."""
        return {name: self.cleaned_data[name] for name in self.fields}


class ReportForm(MedicineForm):
    """One medicine by itself: here the name is what it is about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["medicine"].required = True
        self.fields["medicine"].error_messages["required"] = _("Write the name that stands on the box.")
