"""Writing and revising a saved reply, and what the composer is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm
from clinicians.models.saved_replies import LONGEST_BODY, LONGEST_NAME
from clinicians.rules.placeholders import PLACES, unknown
from clinicians.rules.safety_nets import LABELS

LONGEST_SEARCH = 200


class ReviseForm(PlainForm):
    name = "saved"
    called = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, error_messages={"required": _("Give it a name to find it by.")}
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Write the text.")},
    )
    # That this was written from.
    base = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=1_000_000,
        error_messages={"required": _("The form does not say which version you changed.")},
    )

    def clean_called(self) -> str:
        return " ".join(self.cleaned_data["called"].split())

    def clean_body(self) -> str:
        text = str(self.cleaned_data["body"])
        strange = unknown(text)
        if strange:
            known = ", ".join("{" + place + "}" for place in PLACES)
            raise forms.ValidationError(
                _now("Nothing is known to fill in for %(places)s. Use one of %(known)s, or leave the braces out.")
                % {"places": ", ".join("{" + place + "}" for place in strange), "known": known}
            )
        return text


class WriteForm(ReviseForm):
    base = None  # type: ignore[assignment]
    department: Any = forms.ModelChoiceField(
        label=_("Department"), queryset=None, empty_label=None, to_field_name="slug"
    )
    is_shared = forms.BooleanField(
        label=_("Share it with the department"),
        help_text=_("All who answer there can use and revise it."),
        required=False,
    )

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class ComposeForm(PlainForm):
    """What a button of the composer asks for."""

    name = "compose"
    do = forms.ChoiceField(
        choices=[(name, name) for name in ("write", "insert", "safety", "find", "check")], required=False
    )
    insert = forms.UUIDField(
        required=False, error_messages={"invalid": _("There is no such saved reply: choose another.")}
    )
    complaint = forms.ChoiceField(choices=[("", ""), *LABELS.items()], required=False)
    find = forms.CharField(max_length=LONGEST_SEARCH, required=False)

    def clean(self) -> dict[str, Any] | None:
        """A program that names a saved reply means to put it in."""
        said = super().clean()
        if said is not None and not said.get("do"):
            said["do"] = next((do for do in ("insert", "find") if said.get(do)), "check")
        return said
