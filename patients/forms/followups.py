"""What a patient answers: to a follow-up, and to a request to publish."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.forms.text import free_text


class ChangeForm(forms.Form):
    note = free_text(
        _("Which days suit you, or why you can't come?"),
        longest=300,
        rows=3,
        error_messages={"required": _("Write which days suit you, so that the clinic can offer one.")},
    )
