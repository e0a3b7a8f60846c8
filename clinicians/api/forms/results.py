"""Writing a result down: the report, and its values row by row. And releasing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinicians.actions.results import CLOSED_MEANWHILE
from clinicians.api.forms.followups import WithFollowUp
from clinicians.api.forms.of_patient import OfPatient, fields_of
from patients.models import EegReport, FollowUp, NerveMeasurement, Observation, Result
from patients.models.results import ResultKind, StudyType
from patients.rules.analytes import Analyte, analytes, rows_of, ucum
from patients.rules.nerve_conduction import velocity, velocity_disagrees
from portal.rules.phrases import plain

ABOUT = ("title", "performed_on", "performer", "impression", "is_sample")
ROWS_AT_FIRST = 4
ROWS_AT_MOST = 60
MORE_ROWS = 2
# A nerve that answers has numbers above nought; one that does not says so.
NUMBERS = ("latency_ms", "amplitude", "distance_mm", "velocity_m_s", "f_latency_ms")
LEAST = Decimal("0.01")
DAY = forms.DateInput(attrs={"type": "date", "class": "fc-input--20"}, format="%Y-%m-%d")


class RecordForm(OfPatient):
    """What every report has; `kind` says which values come with it."""

    name = "record"
    kind = forms.ChoiceField(choices=ResultKind.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = fields_of(Result, ABOUT) | self.fields
        self.fields["performed_on"].widget = DAY
        self.fields["title"].error_messages["required"] = _("Name the test.")
        self.fields["performed_on"].error_messages["required"] = _("Give the date of the test.")
        self.fields["impression"].widget = forms.Textarea(attrs={"rows": 3})

    def clean_kind(self) -> ResultKind:
        return ResultKind(self.cleaned_data["kind"])

    def clean_performed_on(self) -> date:
        day: date = self.cleaned_data["performed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A test can't have been done in the future."))
        return day

    @property
    def about(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ABOUT if name != "performed_on"}


class RowForm(forms.Form):
    """One row of values, as its model has them. A row left empty is no row."""

    model: type[Model]
    columns: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = fields_of(self.model, self.columns)


class MeasurementForm(RowForm):
    model = NerveMeasurement
    columns = (
        "study_type", "nerve", "side", "stimulation_site", "recording_site", "no_response",
        "latency_ms", "amplitude", "amplitude_unit", "distance_mm", "velocity_m_s", "f_latency_ms",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NUMBERS:
            self.fields[name].validators.append(MinValueValidator(LEAST))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        numbers = [said.get(name) for name in ("latency_ms", "amplitude", "velocity_m_s", "f_latency_ms")]
        if said.get("no_response") and any(number is not None for number in numbers):
            self.add_error("no_response", _("A nerve that did not answer has no numbers: clear them, or the tick."))
        if not said.get("no_response") and not any(number is not None for number in numbers) and said.get("nerve"):
            self.add_error("latency_ms", _("Give a number, or tick “no response”."))
        if said.get("study_type") == StudyType.SENSORY and said.get("amplitude_unit") == "mV":
            self.add_error("amplitude_unit", _("Sensory amplitudes are in µV."))
        return said


class ObservationForm(RowForm):
    model = Observation
    columns = ("loinc", "value", "unit", "low", "high")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["loinc"] = forms.ChoiceField(label=_("Test"), choices=[("", _("Choose")), *known_tests()])
        self.fields["unit"].widget.attrs |= {"list": "units-known"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        low, high = said.get("low"), said.get("high")
        if low is not None and high is not None and low > high:
            self.add_error("low", _("The lower limit is above the upper one."))
        rows = rows_of(said.get("loinc", ""))
        if rows and said.get("unit"):
            said["unit"] = self._unit_of(rows, said["unit"])
            said["name"] = rows[0].name
        return said

    def _unit_of(self, rows: list[Analyte], typed: str) -> str:
        """The table's spelling of the unit that was typed."""
        known = [unit for row in rows for unit in (row.unit, row.unit_si) if unit]
        found = next((unit for unit in known if ucum(unit) == ucum(typed)), "")
        if not found:
            self.add_error(
                "unit", _("For this test the unit is %(units)s.") % {"units": " / ".join(dict.fromkeys(known))}
            )
        return found


class EegForm(RowForm):
    model = EegReport
    columns = (
        "duration_min", "channels", "conditions", "background", "sleep", "interictal", "episodes", "significance",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("background", "sleep", "interictal", "episodes"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})
        for name in ("duration_min", "channels"):
            self.fields[name].widget.attrs |= {"min": 1, "class": "fc-input--4"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in ("duration_min", "channels"):
            if said.get(name) == 0:
                self.add_error(name, _("This can't be 0."))
        return said


class ReleaseForm(WithFollowUp):
    """`followups` are the promises of the case: of a test to be repeated it may be the repeat."""

    name = "release"
    comment = forms.CharField(
        label=_("In plain words, for the patient"),
        help_text=_("What it means first, then the number."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a sentence for the patient: they read it before any number.")},
    )
    next_step = forms.CharField(label=_("What happens next"), max_length=300, required=False)
    keeps = forms.TypedChoiceField(
        label=_("Is this the repeat that was promised?"),
        help_text=_("Then that follow-up is closed: the repeated test was reviewed."),
        required=False,
        coerce=UUID,
        empty_value=None,
        error_messages={"invalid_choice": CLOSED_MEANWHILE},
    )

    def __init__(self, *args: Any, followups: Iterable[FollowUp] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(followups)

    def offer(self, followups: Iterable[FollowUp]) -> None:
        self.repeats = {row.pk: row for row in followups if row.is_repeat}
        promised = [(key, f"{date_format(row.due_on, 'j F Y')}: {row.reason}") for key, row in self.repeats.items()]
        self.fields["keeps"].choices = [("", _("No")), *promised]  # type: ignore[attr-defined]

    @property
    def kept(self) -> FollowUp | None:
        key = self.cleaned_data["keeps"]
        return self.repeats[key] if key else None


def known_tests() -> list[tuple[str, str]]:
    """LOINC code and name, each quantity once and by its first row's name, in the table's order."""
    names: dict[str, str] = {}
    for row in analytes():
        for code in sorted(row.loinc):
            names.setdefault(code, f"{row.name} ({code})")
    return list(names.items())


def known_units() -> list[str]:
    return sorted({unit for row in analytes() for unit in (row.unit, row.unit_si) if unit})


class MeasurementRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Velocities are recomputed: two sites of one nerve and side, the distance between, and what was typed."""

    def clean(self) -> None:
        said = [form for form in self.forms if form.has_changed() and form.is_valid()]
        for form in said:
            self._check_velocity(form, [other.cleaned_data for other in said])

    def _check_velocity(self, form: Any, rows: list[dict[str, Any]]) -> None:
        row = form.cleaned_data
        distal = _distal_of(row, rows)
        if distal is None or None in (row["velocity_m_s"], row["distance_mm"]):
            return
        times: tuple[Decimal, Decimal] = (row["latency_ms"], distal["latency_ms"])
        if velocity_disagrees(row["velocity_m_s"], row["distance_mm"], *times):
            form.add_error("velocity_m_s", _typo(row, distal))


def _distal_of(row: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The next site towards the muscle: the same motor nerve and side, with the longest shorter latency."""
    if row["study_type"] != StudyType.MOTOR or row["latency_ms"] is None:
        return None
    same = ("study_type", "nerve", "side", "recording_site")
    shorter = [
        other
        for other in rows
        if other["latency_ms"] is not None
        and other["latency_ms"] < row["latency_ms"]
        and all(str(other[name]).casefold() == str(row[name]).casefold() for name in same)
    ]
    return max(shorter, key=lambda other: other["latency_ms"], default=None)


def _typo(row: dict[str, Any], distal: dict[str, Any]) -> Any:
    computed = velocity(row["distance_mm"], row["latency_ms"], distal["latency_ms"])
    return _(
        "%(distance)s mm in %(proximal)s − %(distal)s ms is %(computed)s m/s, not %(stated)s. "
        "One of the four is mistyped."
    ) % {
        "distance": plain(row["distance_mm"]),
        "proximal": plain(row["latency_ms"]),
        "distal": plain(distal["latency_ms"]),
        "computed": computed,
        "stated": plain(row["velocity_m_s"]),
    }


LIMITS: dict[str, Any] = {"extra": 0, "max_num": ROWS_AT_MOST, "absolute_max": ROWS_AT_MOST, "validate_max": True}
Measurements: Any = forms.formset_factory(MeasurementForm, formset=MeasurementRows, **LIMITS)
Observations: Any = forms.formset_factory(ObservationForm, **LIMITS)
# Which rows come with which kind of report, under what name.
ROWS_OF = {
    ResultKind.NERVE_CONDUCTION: ("measurements", Measurements),
    ResultKind.LABORATORY: ("observations", Observations),
}
