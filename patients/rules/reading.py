"""Results in plain words: a word and a shape for each value, what changed, what a nerve test measured.

Nothing here is a diagnosis, and a value without a verified limit is compared with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from patients.rules.nerve_conduction import NR, Flag, Measurement, Outcome, Person, flag
from patients.rules.reference_ranges import Interpretation
from portal.rules.phrases import gettext_noop


@dataclass(frozen=True, slots=True)
class Word:
    """How an interpretation is said, with a shape beside the colour."""

    text: str
    icon: str
    kind: str


JUDGED: Final = {
    Interpretation.LL: Word(gettext_noop("Far below the usual range"), "arrow-down", "attn"),
    Interpretation.L: Word(gettext_noop("Below the usual range"), "arrow-down", "attn"),
    Interpretation.N: Word(gettext_noop("In the usual range"), "check", "ok"),
    Interpretation.H: Word(gettext_noop("Above the usual range"), "arrow-up", "attn"),
    Interpretation.HH: Word(gettext_noop("Far above the usual range"), "arrow-up", "attn"),
}
NOT_JUDGED: Final = Word(gettext_noop("Not compared with a range"), "circle", "")

# What a test is for, by LOINC code; general knowledge, no limits.
PURPOSES: Final = {
    "3016-3": gettext_noop("The signal that tells the thyroid how much to make."),
    "3024-7": gettext_noop("The main hormone of the thyroid."),
    "14920-3": gettext_noop("The main hormone of the thyroid."),
    "3051-0": gettext_noop("The more active hormone of the thyroid."),
    "14928-6": gettext_noop("The more active hormone of the thyroid."),
    "8099-4": gettext_noop("Antibodies that the body makes against its own thyroid."),
    "2823-3": gettext_noop("A salt in the blood that muscles and nerves work with."),
    "2951-2": gettext_noop("A salt in the blood that keeps its water in balance."),
    "17861-6": gettext_noop("A mineral in the blood that muscles and nerves work with."),
    "19123-9": gettext_noop("A mineral in the blood that muscles and nerves work with."),
    "2157-6": gettext_noop("A substance that leaks from muscles that work hard or are hurt."),
}


def word_for(interpretation: Interpretation | None) -> Word:
    return JUDGED[interpretation] if interpretation else NOT_JUDGED


def direction(now: Decimal, before: Decimal) -> str:
    """up, down or same."""
    return "same" if now == before else "up" if now > before else "down"


class Stimulation(Protocol):
    """One row of a nerve conduction study, as the record keeps it."""

    study_type: str
    nerve: str
    side: str
    recording_site: str
    no_response: bool
    latency_ms: Decimal | None
    amplitude: Decimal | None
    amplitude_unit: str
    distance_mm: Decimal | None
    velocity_m_s: Decimal | None
    f_latency_ms: Decimal | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a row, compared or not."""

    name: str
    value: Decimal | None
    unit: str
    flag: Flag

    @property
    def words(self) -> str:
        if self.flag.outcome is Outcome.ABNORMAL:
            return BEYOND[self.name]
        return COMPARED.get(self.flag.outcome, NO_LIMIT)

    @property
    def is_compared(self) -> bool:
        """With a limit that somebody verified."""
        return self.flag.outcome in (Outcome.WITHIN, Outcome.ABNORMAL)

    @property
    def kind(self) -> str:
        """How it is coloured: a shape and words stand beside it."""
        return {Outcome.WITHIN: "ok", Outcome.ABNORMAL: "attn", Outcome.NO_RESPONSE: "attn"}.get(self.flag.outcome, "")


NO_LIMIT: Final = gettext_noop("no verified limit to compare with")
COMPARED: Final = {
    Outcome.WITHIN: gettext_noop("within the usual limit"),
    Outcome.NO_RESPONSE: gettext_noop("the nerve gave no answer here"),
}
BEYOND: Final = {
    "latency": gettext_noop("took longer than the usual limit"),
    "amplitude": gettext_noop("smaller than the usual limit"),
    "velocity": gettext_noop("slower than the usual limit"),
    "f_latency": gettext_noop("took longer than the usual limit"),
}
PARAMETERS: Final = {
    ("motor", "latency"): "distal_latency",
    ("motor", "amplitude"): "cmap_amplitude",
    ("motor", "velocity"): "conduction_velocity",
    ("sensory", "latency"): "peak_latency",
    ("sensory", "amplitude"): "snap_amplitude",
    ("sensory", "velocity"): "conduction_velocity",
}


# Compared wherever the nerve was stimulated.
ANYWHERE: Final = ("velocity", "f_latency")


def compare(rows: Sequence[Stimulation], person: Person, ref_set: str) -> list[list[Figure]]:
    """The figures of each row in turn. Latency and amplitude are compared where the nerve is stimulated
    farthest out, which is its first row; a limit belongs to that row's distance."""
    first: dict[tuple[str, str, str], Stimulation] = {}
    for row in rows:
        first.setdefault((row.study_type, row.nerve, row.side), row)
    return [_figures(row, first[row.study_type, row.nerve, row.side], person, ref_set) for row in rows]


def _figures(row: Stimulation, distal: Stimulation, person: Person, ref_set: str) -> list[Figure]:
    distance = distal.distance_mm / 10 if distal.distance_mm else None
    return [
        _figure(row, name, value, unit, distance, person, ref_set)
        if row is distal or name in ANYWHERE
        else Figure(name, value, unit, Flag(Outcome.NO_REFERENCE))
        for name, value, unit in _values(row)
    ]


def _values(row: Stimulation) -> Iterable[tuple[str, Decimal | None, str]]:
    if row.no_response:
        return [("amplitude", None, row.amplitude_unit)]
    found = [
        ("latency", row.latency_ms, "ms"),
        ("amplitude", row.amplitude, row.amplitude_unit),
        ("velocity", row.velocity_m_s, "m/s"),
        ("f_latency", row.f_latency_ms, "ms"),
    ]
    return [value for value in found if value[1] is not None]


def _figure(
    row: Stimulation,
    name: str,
    value: Decimal | None,
    unit: str,
    distance: Decimal | None,
    person: Person,
    ref_set: str,
) -> Figure:
    is_f = name == "f_latency"
    parameter = "f_min_latency" if is_f else PARAMETERS.get((row.study_type, name))
    if parameter is None:
        return Figure(name, value, unit, Flag(Outcome.NO_REFERENCE))
    measured = Measurement(
        nerve=row.nerve,
        study_type="f_wave" if is_f else row.study_type,
        recording_site=row.recording_site,
        parameter=parameter,
        value=NR if value is None else value,
        unit=unit,
        distance_cm=None if is_f else distance,
    )
    return Figure(name, value, unit, flag(measured, person, ref_set))
