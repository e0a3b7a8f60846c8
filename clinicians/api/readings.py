"""Measured values beside what they may be compared with. Where the table may not judge, nothing is flagged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from patients.models import NerveMeasurement, Observation, Patient
from patients.models.results import StudyType
from patients.rules import nerve_conduction, reference_ranges, thyroid
from patients.rules.nerve_conduction import Flag, Measurement, Outcome, Person
from patients.rules.reference_ranges import Interpretation, Reading
from patients.rules.thyroid import Panel, Pattern
from portal.rules.phrases import plain

# Printed beside every limit, by the same name as on the patient's page.
REFERENCE_SET_NAME: Final = settings.NCS_REFERENCE_SET.replace("_", " ").title()
LATENCY: Final = {StudyType.MOTOR: "distal_latency", StudyType.SENSORY: "peak_latency"}
AMPLITUDE: Final = {StudyType.MOTOR: "cmap_amplitude", StudyType.SENSORY: "snap_amplitude"}
# The first column of a nerve study that is compared: (field, unit).
UNITS: Final = {"latency_ms": "ms", "velocity_m_s": "m/s", "f_latency_ms": "ms"}
PANEL: Final = {"3016-3": "tsh", "3024-7": "ft4", "14920-3": "ft4", "3051-0": "ft3", "14928-6": "ft3"}


@dataclass(frozen=True)
class Cell:
    """One number: as text, with H or L where it is beyond a limit that may judge, and the limit in words."""

    text: str
    mark: str = ""
    limit: str = ""
    is_critical: bool = False


def person_of(patient: Patient) -> Person:
    return Person(age=patient.age(), sex=patient.sex_code)


def nerve_cells(row: NerveMeasurement, rows: Sequence[NerveMeasurement], person: Person) -> dict[str, Cell]:
    """The four numbers of one row. Latency and amplitude count at the site nearest the muscle only."""
    distal = _distal_of(row, rows)
    study = StudyType(row.study_type)
    parameters = {
        "latency_ms": LATENCY.get(study, "") if distal is row else "",
        "amplitude": AMPLITUDE.get(study, "") if distal is row else "",
        "velocity_m_s": "conduction_velocity",
        "f_latency_ms": "f_min_latency",
    }
    return {name: _cell(row, name, parameter, distal, person) for name, parameter in parameters.items()}


def _distal_of(row: NerveMeasurement, rows: Sequence[NerveMeasurement]) -> NerveMeasurement:
    def key(of: NerveMeasurement) -> tuple[str, ...]:
        return (of.study_type, of.nerve.casefold(), of.side, of.recording_site.casefold())

    same = [other for other in rows if key(other) == key(row) and other.latency_ms is not None]
    return min(same, key=lambda other: other.latency_ms or Decimal(0), default=row)


def _cell(row: NerveMeasurement, name: str, parameter: str, distal: NerveMeasurement, person: Person) -> Cell:
    value: Decimal | None = getattr(row, name)
    if value is None:
        return Cell(_("no response") if row.no_response and name == "latency_ms" else "–")
    unit = "uV" if row.amplitude_unit == "uV" else "mV"
    shown = f"{plain(value)} {row.get_amplitude_unit_display()}" if name == "amplitude" else plain(value)
    if not parameter:
        return Cell(shown)
    is_f_wave = parameter == "f_min_latency"
    measured = Measurement(
        nerve=row.nerve,
        study_type="f_wave" if is_f_wave else row.study_type,
        recording_site=row.recording_site,
        parameter=parameter,
        value=value,
        unit=UNITS.get(name, unit),
        distance_cm=None if is_f_wave or distal.distance_mm is None else distal.distance_mm / 10,
    )
    return _flagged(shown, nerve_conduction.flag(measured, person, settings.NCS_REFERENCE_SET))


def _flagged(shown: str, flag: Flag) -> Cell:
    reference = flag.reference
    if reference is None or reference.limit is None:
        return Cell(shown)
    is_lower = reference.abnormal_when == "below limit_low"
    limit = f"{'≥' if is_lower else '≤'}{plain(reference.limit)} {reference.unit.replace('uV', 'µV')}"
    if flag.outcome is Outcome.NOT_VERIFIED:
        return Cell(shown, limit=_("%(limit)s, not verified") % {"limit": limit})
    return Cell(shown, ("L" if is_lower else "H") if flag.outcome is Outcome.ABNORMAL else "", limit)


def laboratory_cell(observation: Observation, reading: Reading) -> Cell:
    """The judged value; its limit is the sender's range, or ours marked as such."""
    mark = "" if reading.interpretation in (None, Interpretation.N) else str(reading.interpretation)
    return Cell(
        observation.figure(),
        mark[:1],
        _range_words(reading),
        bool(reading.interpretation and reading.interpretation.is_critical),
    )


def _range_words(reading: Reading) -> str:
    shown = reading.range
    if shown is None or (shown.low is None and shown.high is None):
        return "–"
    low, high = (plain(end) if end is not None else "" for end in (shown.low, shown.high))
    words = f"{low}–{high}" if low and high else f"≥{low}" if low else f"≤{high}"
    if not shown.may_judge:
        return _("%(range)s, not verified") % {"range": words}
    return words if shown.origin is reference_ranges.Origin.SENDER else _("%(range)s, ours") % {"range": words}


def thyroid_patterns(rows: Iterable[Observation], read: Iterable[Reading]) -> tuple[Pattern, ...]:
    """What the judged values of one panel are consistent with. For clinicians."""
    judged: dict[str, Any] = {
        PANEL[row.loinc]: reading.interpretation for row, reading in zip(rows, read, strict=True) if row.loinc in PANEL
    }
    return thyroid.patterns(Panel(**judged)) if judged else ()
