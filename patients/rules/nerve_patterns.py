"""What nerve conduction values are consistent with. The impression is typed and signed by a clinician.

Built: the combined sensory index and the comparison grades of carpal tunnel syndrome, and the three numeric
criteria of ulnar neuropathy at the elbow. Not built, for want of verified numbers or of data: Padua grades, the
polyneuropathy criteria, conduction block, side-to-side amplitude, waveform configuration, the median protocol
with a second normal nerve. Nerve and site must be named: "hand" is not "wrist".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Final

from patients.rules.nerve_conduction import DATA
from portal.rules.phrases import gettext_noop
from portal.rules.provenance import Status, read_table

MILD_MS: Final = Decimal("0.6")
MODERATE_INDEX_MS: Final = Decimal("1.2")
MODERATE_RING_MS: Final = Decimal("1.0")


class Condition(StrEnum):
    CARPAL_TUNNEL = "carpal_tunnel"
    ULNAR_ELBOW = "ulnar_elbow"


class Grade(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    UNGRADED = ""


PHRASES: Final[dict[str, str]] = {
    "carpal_tunnel": gettext_noop("Pattern consistent with carpal tunnel syndrome"),
    "carpal_tunnel_mild": gettext_noop("Pattern consistent with mild carpal tunnel syndrome"),
    "carpal_tunnel_moderate": gettext_noop("Pattern consistent with moderate carpal tunnel syndrome"),
    "carpal_tunnel_severe": gettext_noop("Pattern consistent with severe carpal tunnel syndrome"),
    "ulnar_elbow": gettext_noop("Pattern consistent with ulnar neuropathy at the elbow"),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    criterion_id: str
    threshold: Decimal | None
    unit: str
    source: str
    status: Status
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """For clinicians. `is_verified` False means "unverified criterion": never shown to a patient."""

    condition: Condition
    grade: Grade
    criteria: tuple[Criterion, ...]

    @property
    def is_verified(self) -> bool:
        return all(criterion.status.may_stop for criterion in self.criteria)

    @property
    def phrase_key(self) -> str:
        return f"{self.condition}_{self.grade}" if self.grade else str(self.condition)


@cache
def criteria() -> dict[str, Criterion]:
    return {
        row["criterion_id"]: Criterion(
            criterion_id=row["criterion_id"],
            threshold=Decimal(row["threshold"]) if row["threshold"].replace(".", "").isdigit() else None,
            unit=row["unit"],
            source=row["source"],
            status=Status(row["source_status"]),
            note=row["note"],
        )
        for row in read_table(DATA / "ncs_criteria.csv")
    }


def combined_sensory_index(palm_ms: Decimal, ring_ms: Decimal, thumb_ms: Decimal) -> Decimal:
    """Sum of the three median differences: palm (8 cm), ring (14 cm), thumb (10 cm). Robinson."""
    return palm_ms + ring_ms + thumb_ms


def carpal_tunnel_by_index(index_ms: Decimal) -> Proposal | None:
    criterion = criteria()["CTS-CSI"]
    if criterion.threshold is None or index_ms <= criterion.threshold:
        return None
    return Proposal(Condition.CARPAL_TUNNEL, Grade.UNGRADED, (criterion,))


def carpal_tunnel_grade(
    *,
    index_small_ms: Decimal | None,
    ring_ms: Decimal | None,
    is_motor_latency_long: bool | None,
    is_sensory_absent: bool = False,
) -> Proposal | None:
    """The stored grading table (PMC6712840, table 1); None where it gives no grade, or motor latency is unknown."""
    if is_motor_latency_long is None:
        return None
    if is_motor_latency_long and is_sensory_absent:
        return _grade(Grade.SEVERE, "CTS-G-SEV")
    if is_motor_latency_long and (_above(index_small_ms, MODERATE_INDEX_MS) or _above(ring_ms, MODERATE_RING_MS)):
        return _grade(Grade.MODERATE, "CTS-G-MOD")
    has_difference = any(value is not None and value >= MILD_MS for value in (index_small_ms, ring_ms))
    return _grade(Grade.MILD, "CTS-G-MILD") if has_difference and not is_motor_latency_long else None


def ulnar_at_elbow(
    *, across_m_s: Decimal | None, forearm_m_s: Decimal | None, amplitude_drop_percent: Decimal | None
) -> Proposal | None:
    """Slow across the elbow, slower than the forearm, or a falling amplitude: each from memory, so unverified."""
    slower = forearm_m_s - across_m_s if forearm_m_s is not None and across_m_s is not None else None
    met = [
        criteria()[key]
        for key, is_met in (
            ("UNE-1", _below(across_m_s, _threshold("UNE-1"))),
            ("UNE-2", _above(slower, _threshold("UNE-2"))),
            ("UNE-3", _above(amplitude_drop_percent, _threshold("UNE-3"))),
        )
        if is_met
    ]
    return Proposal(Condition.ULNAR_ELBOW, Grade.UNGRADED, tuple(met)) if met else None


def _grade(grade: Grade, key: str) -> Proposal:
    return Proposal(Condition.CARPAL_TUNNEL, grade, (criteria()[key],))


def _threshold(key: str) -> Decimal | None:
    return criteria()[key].threshold


def _above(value: Decimal | None, limit: Decimal | None) -> bool:
    return value is not None and limit is not None and value > limit


def _below(value: Decimal | None, limit: Decimal | None) -> bool:
    return value is not None and limit is not None and value < limit
