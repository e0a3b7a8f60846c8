"""Patterns of thyroid tests and of electrolytes, from data/lab_patterns.csv.

Input are interpretations, so a value that could not be judged takes part in no pattern. A pattern from memory
is "for the clinician, unverified"; only a verified one may be shown to a patient, and none is a diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Final

from patients.rules.analytes import DATA
from patients.rules.reference_ranges import Interpretation
from portal.rules.provenance import Status, read_table

Judged = Interpretation | None

# Medicines that change thyroid tests; single substances and the formulary's groups, in lower case.
ALTER_TESTS: Final = frozenset(
    {"dopamine agonist", "steroid", "glucocorticoid", "amiodarone", "lithium", "biotin", "estrogen"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The judged values of one draw, and what else the rules ask."""

    tsh: Judged = None
    ft4: Judged = None
    ft3: Judged = None
    potassium: Judged = None
    calcium: Judged = None
    magnesium: Judged = None
    medicine_groups: Collection[str] = ()
    is_twitching: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    pattern_id: str
    label: str
    advice: str
    source: str
    status: Status

    @property
    def is_for_patient(self) -> bool:
        return self.status.may_stop


@cache
def table() -> dict[str, Pattern]:
    return {
        row["pattern_id"]: Pattern(
            row["pattern_id"], row["label"], row["advice"], row["source"], Status(row["source_status"])
        )
        for row in read_table(DATA / "lab_patterns.csv")
    }


def patterns(panel: Panel) -> tuple[Pattern, ...]:
    """Every pattern of the table that the panel shows, in the table's order."""
    return tuple(pattern for key, pattern in table().items() if RULES[key](panel))


def _low(value: Judged) -> bool:
    return value in {Interpretation.L, Interpretation.LL}


def _high(value: Judged) -> bool:
    return value in {Interpretation.H, Interpretation.HH}


def _normal(value: Judged) -> bool:
    return value is Interpretation.N


RULES: Final[dict[str, Callable[[Panel], bool]]] = {
    "THY-01": lambda of: _high(of.tsh) and _low(of.ft4),
    "THY-02": lambda of: _high(of.tsh) and _normal(of.ft4),
    "THY-03": lambda of: _low(of.tsh) and (_high(of.ft4) or _high(of.ft3)),
    "THY-04": lambda of: _low(of.tsh) and _normal(of.ft4) and _normal(of.ft3),
    "THY-05": lambda of: (_low(of.tsh) or _normal(of.tsh)) and _low(of.ft4),
    "THY-06": lambda of: (_normal(of.tsh) or _high(of.tsh)) and _high(of.ft4),
    "THY-07": lambda of: _normal(of.tsh) and _normal(of.ft4),
    "THY-08": lambda of: of.tsh is not None and not ALTER_TESTS.isdisjoint(map(str.casefold, of.medicine_groups)),
    "ELY-01": lambda of: of.is_twitching and any(map(_low, (of.potassium, of.calcium, of.magnesium))),
}
