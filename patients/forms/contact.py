"""How somebody is reached."""

from __future__ import annotations

from datetime import time
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from patients.forms.text import one_line
from portal.models.contact_points import ContactPreference
from portal.models.deliveries import Channel

WORDS = {
    Channel.EMAIL: _("By e-mail"),
    Channel.SMS: _("By text message"),
    Channel.PUSH: _("By a notice on my device"),
}
# The bounds that the row itself has (contact_preference_quiet).
MORNINGS = [(f"{hour:02}:00", f"{hour}:00") for hour in range(5, 13)]
EVENINGS = [(f"{hour:02}:00", f"{hour}:00") for hour in range(17, 24)]
BASE64URL = RegexValidator(r"^[A-Za-z0-9_-]{20,200}=*\Z")


class WaysForm(forms.Form):
    """In which order, and when not."""

    first = forms.ChoiceField(label=_("How shall we remind you?"), widget=forms.RadioSelect)
    second = forms.ChoiceField(
        label=_("And if you do not answer?"),
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Used once, three days before, and only while we do not know whether you can come."),
    )
    wants_same_day = forms.BooleanField(label=_("Remind me on the morning itself too"), required=False)
    quiet_until = forms.ChoiceField(label=_("Not before"), choices=MORNINGS)
    quiet_from = forms.ChoiceField(label=_("Not after"), choices=EVENINGS)

    def __init__(self, *args: Any, offered: list[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [(way.value, WORDS[way]) for way in offered]
        self.fields["first"].choices = ways  # type: ignore[attr-defined]
        self.fields["second"].choices = [("", _("In no other way")), *ways]  # type: ignore[attr-defined]

    @staticmethod
    def of(wish: ContactPreference) -> dict[str, Any]:
        return {
            "first": wish.first,
            "second": wish.second,
            "wants_same_day": wish.wants_same_day,
            "quiet_until": f"{wish.quiet_until:%H}:00",
            "quiet_from": f"{wish.quiet_from:%H}:00",
        }

    def clean_quiet_until(self) -> time:
        return time.fromisoformat(self.cleaned_data["quiet_until"])

    def clean_quiet_from(self) -> time:
        return time.fromisoformat(self.cleaned_data["quiet_from"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned["first"] == cleaned.get("second"):
            self.add_error("second", _("Choose another way than the first one, or none."))
        return cleaned


class NumberForm(forms.Form):
    number = one_line(
        _("Number for text messages"),
        longest=40,
        css="fc-input--20",
        help_text=_("With the prefix of its country, for example +49 151 12345678. We send a code to it."),
        attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )

    def clean_number(self) -> str:
        try:
            found = phonenumbers.parse(self.cleaned_data["number"], settings.SMS_REGION or None)
        except phonenumbers.NumberParseException:
            found = None
        if found is None or not phonenumbers.is_valid_number(found):
            raise forms.ValidationError(_("Enter a telephone number with its country, for example +49 151 12345678."))
        return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


class CodeForm(forms.Form):
    code = one_line(
        _("The code that we sent"),
        longest=12,
        css="fc-input--10",
        attrs={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class BrowserForm(forms.Form):
    """What a browser's own program fills in."""

    address = forms.URLField(max_length=500, assume_scheme="https")
    p256dh = forms.CharField(max_length=200, validators=[BASE64URL])
    auth = forms.CharField(max_length=100, validators=[BASE64URL])
