"""Answering for a while, letting go, taking over. Each may bring the reply that is being written: it is not lost."""

from __future__ import annotations

from django import forms

from clinicians.api.forms.of_patient import OfPatient


class ClaimForm(OfPatient):
    name = "claim"


class LetGoForm(OfPatient):
    name = "let_go"


class TakeOverForm(OfPatient):
    """From whom: of two who take over from one, the second is told."""

    name = "take_over"
    holder = forms.UUIDField(widget=forms.HiddenInput)
