"""Breaking the glass: which record, and why it can't wait; and looking into it afterwards."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm


class BreakGlassForm(PlainForm):
    name = "emergency"
    record_number = forms.CharField(
        label=_("Record number"),
        max_length=30,
        widget=forms.TextInput(attrs={"class": "fc-input--20", "autocomplete": "off"}),
        help_text=_("As it stands on their letter or card."),
        error_messages={"required": _("Enter the record number.")},
    )
    born_on = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "fc-input--20"}),
        error_messages={"required": _("Enter the date of birth."), "invalid": _("Enter a day of the calendar.")},
    )
    reason = forms.CharField(
        label=_("Why can it not wait?"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence. The patient and the privacy officer read it as you write it."),
        error_messages={
            "required": _("Say why it can't wait."),
            "min_length": _("Say in a sentence why it can't wait."),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["born_on"].widget.attrs["max"] = timezone.localdate().isoformat()


class ReviewForm(PlainForm):
    name = "review"
    note = forms.CharField(
        label=_("What did you find?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Whom you asked, whether it was needed, and what follows. It can't be changed afterwards."),
        error_messages={"required": _("Write what you found.")},
    )
