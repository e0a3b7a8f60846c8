"""What a person says of themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from patients.forms.text import PastDate, free_text, one_line, zone_field
from patients.models import Patient
from patients.models.patients import Sex

PHONE = RegexValidator(
    r"^\+?[\s().\-/]*\d[\d\s().\-/]*(?:(?:x|ext\.?)\s?\d+)?\Z",
    _("Enter a telephone number, for example 03 555 0100."),
)
SEXES = [(Sex.FEMALE.value, _("Female")), (Sex.MALE.value, _("Male")), (Sex.OTHER.value, _("Other")),
         (Sex.UNKNOWN.value, _("I'd rather not say"))]  # fmt: skip


def phone_field() -> forms.CharField:
    return one_line(
        _("Telephone"),
        longest=40,
        css="fc-input--20",
        required=False,
        validators=[PHONE],
        help_text=_("So that the clinic can call you if something can't wait."),
        attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )


class DetailsForm(forms.Form):
    """Once, before the first question."""

    born_on = PastDate(label=_("Date of birth"), help_text=_("For example 14 3 1996"))
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=SEXES,
        widget=forms.RadioSelect,
        help_text=_("Some usual ranges and doses differ by it."),
        error_messages={"required": _("Choose one. You may choose not to say.")},
    )
    phone = phone_field()
    time_zone = zone_field()


class AllergiesMixin(forms.Form):
    NONE, SOME, UNSURE = "none", "some", "unsure"
    allergies_known = forms.ChoiceField(
        label=_("Are you allergic to a medicine, or to anything else?"),
        choices=[(NONE, _("No, none that I know of")), (SOME, _("Yes")), (UNSURE, _("I'm not sure"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers.")},
    )
    allergies = free_text(
        _("What are you allergic to?"),
        longest=2000,
        rows=3,
        required=False,
        help_text=_("One on each line. Add what happened, if you know."),
    )

    def clean(self) -> dict[str, Any]:
        """Text for a list, "" for none known, None for not known."""
        cleaned = super().clean() or {}
        known, text = cleaned.get("allergies_known"), cleaned.get("allergies", "").strip()
        if known == self.SOME and not text and "allergies" not in self.errors:
            self.add_error("allergies", _("Write at least one, or choose another answer."))
        elif known != self.SOME and text:
            self.add_error("allergies_known", _("You wrote an allergy below. Choose “Yes”, or empty the list."))
        cleaned["allergies"] = text if known == self.SOME else "" if known == self.NONE else None
        return cleaned


class SettingsForm(AllergiesMixin):
    name = one_line(_("Name in your record"), longest=120, css="fc-input--30", attrs={"autocomplete": "name"})
    phone = phone_field()
    time_zone = zone_field()
    field_order = ("name", "phone", "time_zone", "allergies_known", "allergies")

    @classmethod
    def of(cls, patient: Patient) -> dict[str, Any]:
        """What stands in the record, as the form shows it. Nobody asked yet: nothing is chosen."""
        known = cls.SOME if patient.allergies else cls.NONE if patient.allergies == "" else ""
        return {
            "name": patient.name,
            "phone": patient.phone,
            "time_zone": patient.time_zone,
            "allergies_known": known,
            "allergies": patient.allergies or "",
        }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "phone", "time_zone", "allergies")}
