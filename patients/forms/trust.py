"""Trusting somebody: who, with what, until when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.forms.text import one_line
from patients.models import RelatedPerson
from portal.roles import Scope

USUAL, LONGEST = timedelta(days=92), timedelta(days=365)
# In the patient's words; with each, what comes with it.
SCOPES = [
    (Scope.CASES.value, _("See my cases: my questions, the replies and the files")),
    (Scope.RESULTS.value, _("See my results, once the clinic has released them to me")),
    (Scope.MEDICINES.value, _("See my medicines")),
    (Scope.FOLLOWUPS.value, _("See my follow-ups, and confirm or move them for me")),
    (Scope.WRITING.value, _("Write to the clinic for me, under their own name. They see my cases then")),
]  # fmt: skip


class MayForm(forms.Form):
    """With what and until when: asked when trust is given, and when it is changed."""

    scopes = forms.MultipleChoiceField(
        label=_("What may they see and do?"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing is ticked for you. What you leave out stays hidden from them."),
        error_messages={"required": _("Tick at least one.")},
    )
    until = forms.DateField(
        label=_("Until when?"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "fc-input--20"}),
        help_text=_("At most a year from now. You can take it back on any day before."),
        error_messages={"required": _("Choose the last day."), "invalid": _("Choose a day of the calendar.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["until"].initial = today + USUAL
        self.fields["until"].widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + LONGEST).isoformat(),
        }

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if until <= today:
            raise ValidationError(_("This day is over: choose one from tomorrow on."))
        if until > today + LONGEST:
            raise ValidationError(_("This is more than a year away. Nobody's trust should run on by being forgotten."))
        return until

    @property
    def may(self) -> dict[str, Any]:
        """As the verbs take it; the last day is theirs to its end, on the patient's clock."""
        ends = timezone.make_aware(datetime.combine(self.cleaned_data["until"], time(23, 59, 59)))
        return {"scopes": [Scope(scope) for scope in self.cleaned_data["scopes"]], "expires_at": ends}

    @classmethod
    def of(cls, given: RelatedPerson) -> dict[str, Any]:
        return {"scopes": given.scopes, "until": timezone.localtime(given.expires_at).date()}


class TrustForm(MayForm):
    email = forms.EmailField(
        label=_("Their e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "fc-input--30", "autocomplete": "off"}),
        help_text=_("They sign in with this address and no other: check it letter by letter."),
        error_messages={
            "required": _("Enter their e-mail address."),
            "invalid": _("Enter an e-mail address, for example rita@example.org."),
        },
    )
    name = one_line(
        _("Their name"),
        longest=120,
        css="fc-input--30",
        help_text=_("As you want it to stand on your list."),
        attrs={"autocomplete": "off"},
        error_messages={"required": _("Enter their name.")},
    )
    relationship = one_line(
        _("Who they are to you"),
        longest=60,
        css="fc-input--20",
        required=False,
        help_text=_("For example my mother, or my neighbour."),
        attrs={"autocomplete": "off"},
    )
    field_order = ("name", "email", "relationship", "scopes", "until")

    @property
    def person(self) -> dict[str, Any]:
        said = self.cleaned_data
        names = {name: " ".join(said[name].split()) for name in ("name", "relationship")}
        return {"email": said["email"], **names, **self.may}
