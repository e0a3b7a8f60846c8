"""Dealing with a red flag, in the place where hard stops stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import red_flags
from clinicians.api.acts import Act
from clinicians.api.forms.red_flags import ReviewFlagForm
from clinicians.api.screenings import RedFlagSerializer
from clinicians.api.workspace import read_row
from patients.models import RedFlag


class ReviewRedFlag(Act):
    name = "review-red-flag"
    answers = {"post": RedFlagSerializer}
    anchor = "red-flags"
    done = gettext_lazy("Written down: the red flag is off the desk.")
    overtaken = gettext_lazy("Somebody else has dealt with this red flag meanwhile.")

    def find(self, **where: Any) -> Any:
        return read_row(RedFlag.objects.all(), by=self.actor, pk=where["pk"])

    def form(self, subject: RedFlag, data: Mapping[str, Any]) -> ReviewFlagForm:
        return ReviewFlagForm(data, auto_id=f"review-{subject.pk}_%s")

    def act(self, subject: RedFlag, form: ReviewFlagForm) -> RedFlag:
        return red_flags.review(subject, by=self.actor, note=form.cleaned_data["note"])

    def data(self, made: RedFlag) -> Mapping[str, Any]:
        return RedFlagSerializer(made).data
