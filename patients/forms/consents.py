"""The answer to "may we publish this?"."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AnswerForm(forms.Form):
    """No answer is chosen beforehand. `shown` is the digest of the text that was on the page."""

    answer = forms.ChoiceField(
        label=_("May we publish this text?"),
        choices=[("yes", _("Yes, publish exactly this text")), ("no", _("No, don't publish it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    shown = forms.CharField(max_length=64, widget=forms.HiddenInput)

    @property
    def agreed(self) -> bool:
        return bool(self.cleaned_data["answer"] == "yes")
