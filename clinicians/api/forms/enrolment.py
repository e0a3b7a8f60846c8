"""Opening a patient's record, and inviting them into it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm
from patients.forms.text import OLDEST, zone_field
from patients.models.patients import Sex
from portal.models import Department
from portal.models.departments import DepartmentQuerySet

NUMBER = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9 ./-]*\Z", _("Use letters, digits, and the signs . / -"))


def email_field(**about: Any) -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail address to invite"),
        help_text=_("They get a link, and are asked for their date of birth. The mail does not say who they are."),
        **about,
    )


class EnrolForm(PlainForm):
    name = "enrol"
    department: forms.ModelChoiceField[Department] = forms.ModelChoiceField(
        label=_("Department"),
        queryset=None,
        to_field_name="slug",
        empty_label=None,
        help_text=_("Its staff see the record before there is a case."),
        error_messages={"required": _("Choose the department.")},
    )
    full_name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Write the name as in their papers.")}
    )
    born_on = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(attrs={"type": "date", "class": "fc-input--20"}, format="%Y-%m-%d"),
        error_messages={"required": _("Give the date of birth."), "invalid": _("This is not a day of the calendar.")},
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=Sex.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one. “Not said” is an answer too.")},
    )
    record_number = forms.CharField(
        label=_("Record number"),
        max_length=30,
        required=False,
        validators=[NUMBER],
        help_text=_("If the clinic has given one already. Otherwise we make one."),
        widget=forms.TextInput(attrs={"class": "fc-input--20"}),
    )
    time_zone = zone_field()
    email = email_field(required=False)
    # Asked only where somebody like this is known.
    is_another = forms.BooleanField(label=_("None of them: this is another person"), required=False)

    def __init__(self, *args: Any, departments: DepartmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].help_text = _("The place whose clock they live by. Times and reminders follow it.")
        cast("forms.ModelChoiceField[Department]", self.fields["department"]).queryset = departments

    def clean_full_name(self) -> str:
        return " ".join(self.cleaned_data["full_name"].split())

    def clean_born_on(self) -> date:
        day: date = self.cleaned_data["born_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Nobody was born in the future."))
        if day < OLDEST:
            raise forms.ValidationError(_("Check the year: it is too long ago."))
        return day

    def take(self, wrong: ValidationError) -> None:
        """What the record refuses: its number may be another's, and only the record knows."""
        if "record_number" in wrong.message_dict:
            self.add_error("record_number", _("Another record has this number. Check it, or leave the field empty."))
        else:
            self.add_error(None, wrong.messages)

    @property
    def said(self) -> dict[str, Any]:
        """What the verb is told."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["full_name"],
            "sex": Sex(cleaned["sex"]),
            **{name: cleaned[name] for name in ("born_on", "time_zone", "record_number", "email", "is_another")},
        }


class InviteForm(PlainForm):
    name = "invite"
    email = email_field(error_messages={"required": _("Write the address to which the invitation goes.")})
