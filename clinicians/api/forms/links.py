"""Linking two cases of a patient, and merging one into another. A case is named by its number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfCase, OfPatient
from clinicians.models.links import LONGEST_REASON
from patients.models import Case


def choices_of(cases: Iterable[Case]) -> list[tuple[str, Any]]:
    return [("", _("Choose a case")), *((case.ref, f"{case.ref}, {case.title}") for case in cases)]


class OtherCase(forms.ChoiceField):
    """One of the patient's other cases that one works with; the form holds them by number."""

    def __init__(self, **about: Any) -> None:
        wrong = _("Choose one of this patient's other cases.")
        about.setdefault("error_messages", {"required": wrong, "invalid_choice": wrong})
        super().__init__(**about)


class LinkForm(OfPatient):
    name = "link"
    other = OtherCase(label=_("The same matter as"))
    reason = forms.CharField(
        label=_("What they have in common"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Write what they have in common.")},
    )

    def __init__(self, *args: Any, others: Iterable[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = choices_of(others)  # type: ignore[attr-defined]


class UnlinkForm(OfPatient):
    name = "unlink"
    other = OtherCase(widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: Iterable[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = choices_of(others)  # type: ignore[attr-defined]


class MergeForm(OfCase):
    name = "merge"
    into = OtherCase(label=_("Goes on in"))

    def __init__(self, *args: Any, others: Iterable[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = choices_of(others)  # type: ignore[attr-defined]
