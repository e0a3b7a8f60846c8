"""Keeping a list under a name."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import PlainForm
from clinicians.models.queue import Queue
from clinicians.models.saved_views import LONGEST_NAME, LONGEST_QUERY


class SavedViewForm(PlainForm):
    name = forms.CharField(  # type: ignore[assignment]
        label=_("Keep this list as"),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Give the list a name.")},
    )
    queue = forms.ChoiceField(choices=[(queue.value, queue.value) for queue in Queue], widget=forms.HiddenInput)
    query = forms.CharField(max_length=LONGEST_QUERY, required=False, widget=forms.HiddenInput)

    @property
    def asked(self) -> QueryDict:
        return QueryDict(self.cleaned_data["query"].removeprefix("?"))
