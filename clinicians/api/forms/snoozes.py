"""Setting a case aside, and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfCase, OfPatient
from clinicians.models.snoozes import LONGEST_REASON
from clinicians.rules.snooze_times import DAYS, MOST_DAYS, day_in, days_ahead, morning

ON_A_DAY = "day"
PERIODS: Mapping[str, Any] = {
    "tomorrow": _("Tomorrow morning"),
    "3_days": _("For 3 days"),
    "week": _("For a week"),
    ON_A_DAY: _("Until a day I choose"),
}


class SnoozeForm(OfCase):
    """`until` is the morning it means, where the department is."""

    name = "snooze"
    period = forms.ChoiceField(
        label=_("Until when"),
        choices=list(PERIODS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose until when.")},
    )
    on = forms.DateField(
        label=_("The day, where you choose one"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as 2027-01-31.")},
    )
    reason = forms.CharField(
        label=_("What it waits for"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Write what it waits for, for who looks after it meanwhile.")},
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        if said.get("period") == ON_A_DAY and "on" in said:
            self._check(said["on"])
        return said

    def _check(self, on: date | None) -> None:
        if on is None:
            self.add_error("on", _("Write the day."))
        elif not 0 < days_ahead(on, timezone.now(), self.zone) <= MOST_DAYS:
            words = _("Choose a day from tomorrow on, within %(days)d days.") % {"days": MOST_DAYS}
            self.add_error("on", words)

    @property
    def until(self) -> datetime:
        period = self.cleaned_data["period"]
        days = DAYS.get(period)
        on = day_in(days, timezone.now(), self.zone) if days else self.cleaned_data["on"]
        return morning(on, self.zone)


class WakeForm(OfPatient):
    name = "wake"
