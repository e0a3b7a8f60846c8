"""Nerve conduction: arithmetic, and which limit a measurement may be compared with.

A limit belongs to a technique and to one set: nerve, study, recording site and distance must agree, then the
narrowest stratum that fits age, sex and height is taken, from the one set that the laboratory chose. No match
means "no reference", never "normal". Means without limits (Buschbacher, JNND, JBPPNI) are shown and flag
nothing: amplitudes are skewed, so mean minus two deviations is no limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from portal.rules.provenance import Status, read_table

DATA: Final = Path(__file__).parent / "data"
TYPING_ERROR_M_S: Final = Decimal(1)
ADULT: Final = 18


class NoResponse(StrEnum):
    """The nerve did not answer: a finding, not a gap and not zero."""

    NR = "NR"


NR: Final = NoResponse.NR
Value = Decimal | NoResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    age: int | None = None
    sex: str = ""
    height_cm: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One number of a study. `parameter` as in the table: distal_latency, cmap_amplitude, f_min_latency..."""

    nerve: str
    study_type: str  # motor, sensory, f_wave
    recording_site: str
    parameter: str
    value: Value
    unit: str
    distance_cm: Decimal | None = None  # distal distance of the technique


@dataclass(frozen=True, slots=True)
class Reference:
    """One row of data/ncs_reference.csv; a blank stratum is None and fits everyone."""

    ref_set: str
    nerve: str
    study_type: str
    recording_site: str
    distance_cm: Decimal | None
    parameter: str
    unit: str
    sex: str
    ages: tuple[int | None, int | None]
    heights_cm: tuple[int | None, int | None]
    mean: Decimal | None
    sd: Decimal | None
    limit_low: Decimal | None
    limit_high: Decimal | None
    abnormal_when: str
    source: str
    status: Status
    note: str

    @property
    def limit(self) -> Decimal | None:
        """The one side that counts for this parameter."""
        return {"below limit_low": self.limit_low, "above limit_high": self.limit_high}.get(self.abnormal_when)

    @property
    def breadth(self) -> tuple[int, int, int]:
        """Smaller is narrower: age first, then sex, then height."""
        return (_span(self.ages), 0 if self.sex else 1, _span(self.heights_cm))


class Outcome(StrEnum):
    WITHIN = "within"
    ABNORMAL = "abnormal"
    NO_RESPONSE = "no_response"
    NO_REFERENCE = "no_reference"
    NO_LIMIT = "no_limit"  # the set gives mean and deviation only
    NOT_VERIFIED = "not_verified"  # a limit from memory: shown to clinicians, flags nothing


@dataclass(frozen=True, slots=True)
class Flag:
    """What a measurement is, with the set and the limit to be printed beside it."""

    outcome: Outcome
    reference: Reference | None = None

    @property
    def set_name(self) -> str:
        return self.reference.ref_set if self.reference else ""

    @property
    def limit(self) -> Decimal | None:
        return self.reference.limit if self.reference else None


def velocity(distance_mm: Decimal, proximal_ms: Decimal, distal_ms: Decimal) -> Decimal:
    """Metres a second, to one decimal. Raises ValueError when the proximal latency is not the longer one."""
    if not (distance_mm > 0 and proximal_ms > distal_ms >= 0):
        raise ValueError("velocity needs a distance, and a proximal latency above the distal one")
    return (distance_mm / (proximal_ms - distal_ms)).quantize(Decimal("0.1"))


def velocity_disagrees(stated: Decimal, distance_mm: Decimal, proximal_ms: Decimal, distal_ms: Decimal) -> bool:
    """Off by more than 1 m/s, or not computable: a typing error in one of the four numbers."""
    try:
        return abs(stated - velocity(distance_mm, proximal_ms, distal_ms)) > TYPING_ERROR_M_S
    except ValueError:
        return True


@cache
def references() -> tuple[Reference, ...]:
    """Rows with at least a number; those still missing from the paper and the technique rows are left out."""
    rows = [_reference(row) for row in read_table(DATA / "ncs_reference.csv") if row["ref_set"] != "TECHNIQUE"]
    return tuple(row for row in rows if row.mean is not None or row.limit is not None)


def set_names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.ref_set for row in references()))


def find_reference(measured: Measurement, person: Person, ref_set: str) -> Reference | None:
    fitting = [
        row for row in references() if row.ref_set == ref_set and _is_technique(row, measured) and _fits(row, person)
    ]
    return min(fitting, key=lambda row: row.breadth, default=None)


def flag(measured: Measurement, person: Person, ref_set: str) -> Flag:
    """Compared with the laboratory's chosen set. An absent response is said as such, whatever the table holds."""
    reference = find_reference(measured, person, ref_set)
    if isinstance(measured.value, NoResponse):
        return Flag(Outcome.NO_RESPONSE, reference)
    if reference is None:
        return Flag(Outcome.NO_REFERENCE)
    if reference.limit is None:
        return Flag(Outcome.NO_LIMIT, reference)
    if not reference.status.may_stop:
        return Flag(Outcome.NOT_VERIFIED, reference)
    return Flag(Outcome.ABNORMAL if _is_beyond(measured.value, reference) else Outcome.WITHIN, reference)


def _is_beyond(value: Decimal, reference: Reference) -> bool:
    limit = reference.limit
    assert limit is not None
    return value < limit if reference.abnormal_when == "below limit_low" else value > limit


def _is_technique(row: Reference, measured: Measurement) -> bool:
    """Same nerve, study, parameter, unit, site and distance; what the row leaves open is not compared."""
    return (
        (row.study_type, row.parameter, row.unit) == (measured.study_type, measured.parameter, measured.unit)
        and bool(_spellings(row.nerve) & _spellings(measured.nerve))
        and (not row.recording_site or bool(_spellings(row.recording_site) & _spellings(measured.recording_site)))
        and (row.distance_cm is None or row.distance_cm == measured.distance_cm)
    )


def _fits(row: Reference, person: Person) -> bool:
    """Sets are of adults; a person of unknown age, sex or height fits only rows that do not ask."""
    if person.age is not None and person.age < ADULT:
        return False
    return (
        (not row.sex or row.sex == person.sex.upper())
        and _within(row.ages, person.age)
        and _within(row.heights_cm, person.height_cm)
    )


def _within(limits: tuple[int | None, int | None], value: Decimal | int | None) -> bool:
    low, high = limits
    if low is None and high is None:
        return True
    if value is None:
        return False
    # "160-169" means up to, not including, 170: heights come with decimals.
    return (low is None or value >= low) and (high is None or value < high + 1)


def _span(limits: tuple[int | None, int | None]) -> int:
    low, high = limits
    return (300 if high is None else high) - (low or 0)


def _spellings(text: str) -> frozenset[str]:
    """ "abductor pollicis brevis (APB)" is also either part; the word antidromic may be left out."""
    plain = re.sub(r"\b(antidromic|nerve)\b|,", " ", text.casefold())
    parts = {plain, *re.split(r"[()]", plain)}
    return frozenset("".join(part.replace("(", " ").replace(")", " ").split()) for part in parts) - {""}


def _reference(row: dict[str, str]) -> Reference:
    return Reference(
        ref_set=row["ref_set"],
        nerve=row["nerve"],
        study_type=row["study_type"],
        recording_site=row["recording_site"],
        distance_cm=_number(row["distance_cm"]),
        parameter=row["parameter"],
        unit=row["unit_ucum"],
        sex=row["sex"],
        ages=(_whole(row["age_min"]), _whole(row["age_max"])),
        heights_cm=(_whole(row["height_min_cm"]), _whole(row["height_max_cm"])),
        mean=_number(row["mean"]),
        sd=_number(row["sd"]),
        limit_low=_number(row["limit_low"]),
        limit_high=_number(row["limit_high"]),
        abnormal_when=row["abnormal_when"],
        source=row["source"],
        status=Status(row["source_status"]),
        note=row["note"],
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _whole(text: str) -> int | None:
    return int(text) if text else None
