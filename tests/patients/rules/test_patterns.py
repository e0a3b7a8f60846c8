"""Patterns of nerve conduction and of blood tests: proposed, never more, and unverified ones say so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules import thyroid
from patients.rules.analytes import DATA
from patients.rules.nerve_patterns import (
    PHRASES,
    Condition,
    Grade,
    carpal_tunnel_by_index,
    carpal_tunnel_grade,
    combined_sensory_index,
    criteria,
    ulnar_at_elbow,
)
from patients.rules.reference_ranges import Interpretation
from patients.rules.thyroid import Panel, patterns
from portal.rules.provenance import read_table

D = Decimal
L, N, H = Interpretation.L, Interpretation.N, Interpretation.H
judged = st.none() | st.sampled_from(Interpretation)


@pytest.mark.parametrize(
    ("index", "ring", "motor", "absent", "grade"),
    [
        ("0.6", None, False, False, Grade.MILD),
        ("0.59", "0.5", False, False, None),
        ("1.3", None, True, False, Grade.MODERATE),
        (None, "1.1", True, False, Grade.MODERATE),
        ("1.2", "1.0", True, False, None),  # the table grades nothing between
        (None, None, True, True, Grade.SEVERE),
        ("0.9", "0.9", None, False, None),
        (None, None, False, True, None),
    ],
)
def test_grades_of_carpal_tunnel(
    index: str | None, ring: str | None, motor: bool | None, absent: bool, grade: Grade | None
) -> None:
    proposal = carpal_tunnel_grade(
        index_small_ms=D(index) if index else None,
        ring_ms=D(ring) if ring else None,
        is_motor_latency_long=motor,
        is_sensory_absent=absent,
    )
    assert (proposal and proposal.grade) == grade
    if proposal:
        assert proposal.is_verified
        assert proposal.condition is Condition.CARPAL_TUNNEL
        assert PHRASES[proposal.phrase_key].startswith("Pattern consistent with")


def test_the_index_is_a_sum_and_its_limit_unverified() -> None:
    index = combined_sensory_index(D("0.3"), D("0.4"), D("0.3"))
    proposal = carpal_tunnel_by_index(index)
    assert index == 1
    assert proposal
    assert not proposal.is_verified
    assert PHRASES[proposal.phrase_key]
    assert carpal_tunnel_by_index(D("0.9")) is None


def test_the_elbow_is_only_ever_proposed_unverified() -> None:
    proposal = ulnar_at_elbow(across_m_s=D(44), forearm_m_s=D(58), amplitude_drop_percent=None)
    assert proposal
    assert [criterion.criterion_id for criterion in proposal.criteria] == ["UNE-1", "UNE-2"]
    assert not proposal.is_verified
    assert PHRASES[proposal.phrase_key]
    assert ulnar_at_elbow(across_m_s=D(55), forearm_m_s=D(58), amplitude_drop_percent=D(10)) is None
    assert ulnar_at_elbow(across_m_s=None, forearm_m_s=None, amplitude_drop_percent=None) is None


def test_criteria_are_read() -> None:
    assert len(criteria()) == 19
    assert criteria()["CTS-CSI"].threshold == D("0.9")
    assert criteria()["CTS-G-MOD"].threshold is None


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        (Panel(tsh=H, ft4=L), ["THY-01"]),
        (Panel(tsh=H, ft4=N), ["THY-02"]),
        (Panel(tsh=L, ft4=H), ["THY-03"]),
        (Panel(tsh=L, ft4=N, ft3=H), ["THY-03"]),
        (Panel(tsh=Interpretation.LL, ft4=N, ft3=N), ["THY-04"]),
        (Panel(tsh=N, ft4=L), ["THY-05"]),
        (Panel(tsh=L, ft4=L), ["THY-05"]),
        (Panel(tsh=N, ft4=H), ["THY-06"]),
        (Panel(tsh=N, ft4=N), ["THY-07"]),
        (Panel(tsh=N, ft4=N, medicine_groups=["Dopamine agonist"]), ["THY-07", "THY-08"]),
        (Panel(potassium=L, is_twitching=True), ["ELY-01"]),
        (Panel(potassium=L), []),
        (Panel(tsh=N), []),
        (Panel(), []),
    ],
)
def test_patterns(panel: Panel, expected: list[str]) -> None:
    assert [pattern.pattern_id for pattern in patterns(panel)] == expected


def test_each_row_of_the_table_has_its_rule() -> None:
    assert thyroid.table().keys() == thyroid.RULES.keys()
    rows = read_table(DATA / "lab_patterns.csv")
    assert [row["pattern_id"] for row in rows] == list(thyroid.RULES)


@given(st.builds(Panel, tsh=judged, ft4=judged, ft3=judged, potassium=judged, is_twitching=st.booleans()))
def test_patients_see_verified_patterns_only(panel: Panel) -> None:
    shown = [pattern.pattern_id for pattern in patterns(panel) if pattern.is_for_patient]
    assert shown in ([], ["THY-07"])


@given(judged, judged, judged)
def test_one_thyroid_pattern_at_a_time(tsh: Interpretation, ft4: Interpretation, ft3: Interpretation) -> None:
    found = patterns(Panel(tsh=tsh, ft4=ft4, ft3=ft3))
    assert len(found) <= 1 or {one.pattern_id for one in found} <= {"THY-03", "THY-05"}
