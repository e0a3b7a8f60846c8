"""The sign-up form, and the field every form uses for text that people type."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.models import User

# Tab, newline and carriage return are fine; the rest of C0, and direction overrides, are not text.
PLAIN = RegexValidator(
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]*\Z",
    _("This contains characters that can't be shown. Type it again, or paste it as plain text."),
)


class SignUpForm(forms.Form):
    """What Fascicle asks besides the e-mail address and the password that allauth asks for."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        validators=[ProhibitNullCharactersValidator(), PLAIN],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who comes with an invitation registers with the address it was sent to: whatever a browser posts.
        invited = context.request.session.get("account_verified_email") if context.request else None
        if invited and "email" in self.fields:
            self.initial["email"] = invited
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("Your invitation was sent here, so this address counts as confirmed.")

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth asks for this; the name was saved with the account (portal.adapter)."""

    def clean_name(self) -> Any:
        return " ".join(self.cleaned_data["name"].split())
