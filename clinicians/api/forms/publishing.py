"""The public form of a case, in the clinician's own words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfPatient
from faq.rules.identifiers import find

LONGEST = 20_000
WORDS = ("title", "body", "answer")


class AskAgainForm(OfPatient):
    name = "ask-again"


class SuggestForm(OfPatient):
    name = "suggest"
    title = forms.CharField(
        label=_("Title, as a reader would ask it"),
        max_length=250,
        error_messages={"required": _("Give it a title.")},
    )
    body = forms.CharField(
        label=_("The question, told so that nobody is recognised"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": _("Tell the question.")},
    )
    answer = forms.CharField(
        label=_("The answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": _("Tell the answer.")},
    )
    checked = forms.BooleanField(
        label=_("I have read what was found, and nobody can be recognised from this text"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """What may name a person has to be looked at: changed, or said to be harmless."""
        said = super().clean() or self.cleaned_data
        found = [mark for name in WORDS for mark in find(said.get(name, ""))]
        if found and not said.get("checked"):
            self.add_error("checked", _("Some words may name a person: change them, or say that you looked."))
        return said
