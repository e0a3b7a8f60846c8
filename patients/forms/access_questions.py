"""A question about a visit, and its answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.forms.text import free_text


class AskForm(forms.Form):
    text = free_text(
        _("What would you like to know?"),
        longest=2000,
        rows=5,
        help_text=_("For example: why did this person need my record?"),
        error_messages={"required": _("Write what you would like to know.")},
    )


class AnswerForm(forms.Form):
    text = free_text(
        _("Your answer"),
        longest=4000,
        rows=7,
        help_text=_("The patient reads this as you write it. You can't change it afterwards."),
        error_messages={"required": _("Write an answer first.")},
    )
