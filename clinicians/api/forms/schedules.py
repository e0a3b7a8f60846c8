"""Hours in which clinicians see people, and a time for a follow-up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.cases import People
from clinicians.api.forms.of_patient import OfPatient, PlainForm
from clinicians.models.staff import clinicians_in, clinicians_of
from patients.models import free_times
from portal.models import User
from portal.models.departments import DepartmentQuerySet


def hour(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "fc-input--10"}),
        error_messages={"required": _("Enter an hour, like 09:00."), "invalid": _("Enter an hour, like 09:00.")},
    )


def day(label: Any, **about: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "fc-input--20"}),
        error_messages={"required": _("Enter a day."), "invalid": _("Enter a day.")},
        **about,
    )


class TimetableForm(PlainForm):
    """Whose, and from which day to which."""

    clinician = People(label=_("Who"), queryset=None, error_messages={"required": _("Choose who.")})

    def __init__(self, *args: Any, departments: DepartmentQuerySet, by: User, coordinates: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departments, people = departments, clinicians_in(departments)
        self.fields["clinician"].queryset = people if coordinates else people.filter(pk=by.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day can’t come before the first."))
        return said


class ClinicTimesForm(TimetableForm):
    name = "clinic-times"
    field_order = ("department",)
    department: Any = forms.ModelChoiceField(
        label=_("Department"), queryset=None, empty_label=None, to_field_name="slug"
    )
    weekday = forms.TypedChoiceField(label=_("Every"), coerce=int, choices=list(WEEKDAYS.items()))
    opens = hour(_("From"))
    closes = hour(_("Until"))
    slot_minutes = forms.IntegerField(label=_("Minutes for each"), min_value=5, max_value=480, initial=30)
    capacity = forms.IntegerField(label=_("People at once"), min_value=1, max_value=50, initial=1)
    place = forms.CharField(
        label=_("Place"),
        max_length=120,
        required=False,
        help_text=_("It is named in e-mails and text messages: a room or a floor, no word of what is treated."),
    )
    starts_on = day(_("From the day"), initial=timezone.localdate)
    ends_on = day(_("To the day, if it ends"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = self.departments  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        opens, closes = said.get("opens"), said.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("It must end after it begins."))
        return said


class LeaveForm(TimetableForm):
    name = "leave"
    starts_on = day(_("First day away"))
    ends_on = day(_("Last day away"))

    def clean_ends_on(self) -> date:
        last: date = self.cleaned_data["ends_on"]
        if last < timezone.localdate():
            raise forms.ValidationError(_("These days are over."))
        return last

    def clean(self) -> dict[str, Any]:
        """Away is away everywhere: any of the departments where they see people will do to say it."""
        said = super().clean()
        if who := said.get("clinician"):
            theirs = (one for one in self.departments if clinicians_of(one).filter(pk=who.pk).exists())
            said["department"] = next(theirs)
        return said


class BookForm(OfPatient):
    name = "book"
    time = forms.CharField(
        label=_("Time"), max_length=60, widget=forms.HiddenInput, error_messages={"required": _("Choose a time.")}
    )
    any_day = forms.BooleanField(label=_("Also outside the days that were agreed"), required=False)

    def clean_time(self) -> tuple[datetime, User]:
        found = free_times.choice_of(self.cleaned_data["time"])
        if found is None:
            raise forms.ValidationError(_("Choose one of the times."))
        return found


class NothingMore(OfPatient):
    name = "call-off"
