from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.analytes import analytes, converted, pregnancy_rows, rows_of, ucum
from patients.rules.reference_ranges import (
    LINES,
    Interpretation,
    Origin,
    Range,
    Reason,
    SendersRange,
    judge,
    judgement_line,
    range_for,
    range_line,
    read,
)
from portal.rules.provenance import Status

D = Decimal
TSH, FT4_PMOL, POTASSIUM, MAGNESIUM, CK, HB, B12 = (
    "3016-3",
    "14920-3",
    "2823-3",
    "2601-3",
    "2157-6",
    "718-7",
    "2132-9",
)
numbers = st.decimals(-1000, 1000, places=2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2.8", "LL"), ("2.81", "L"), ("3.49", "L"), ("3.5", "N"), ("5.0", "N"), ("5.01", "H"), ("6.2", "HH")],
)
def test_limits_are_sharp(value: str, expected: str) -> None:
    assert judge(D(value), D("3.5"), D("5.0"), D("2.8"), D("6.2")) == expected


def test_one_sided_and_absent_ranges() -> None:
    assert judge(D(20), None, D(34)) is Interpretation.N
    assert judge(D(35), None, D(34)) is Interpretation.H
    assert judge(D(80), D(90), None) is Interpretation.L
    assert judge(D(5), None, None) is None
    assert judge(D(5), None, None, D(6), None) is Interpretation.LL


@pytest.mark.parametrize("value", ["NaN", "Infinity", "sNaN"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        judge(D(value), D(1), D(2))


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="above"):
        judge(D(1), D(5), D(2))


@given(numbers, numbers, st.tuples(numbers, numbers).map(sorted), st.tuples(numbers, numbers).map(sorted))
def test_a_higher_value_is_never_judged_lower(one: D, two: D, usual: list[D], critical: list[D]) -> None:
    order = list(Interpretation)
    low, high = sorted((one, two))
    limits = (usual[0], usual[1], min(critical[0], usual[0]), max(critical[1], usual[1]))
    first, second = judge(low, *limits), judge(high, *limits)
    assert first
    assert second
    assert order.index(first) <= order.index(second)


def test_the_senders_range_wins_and_is_named() -> None:
    senders = SendersRange(D("0.27"), D("4.2"), "North Hospital")
    reading = read(D("4.3"), TSH, "mIU/L", senders)
    assert reading.interpretation is Interpretation.H
    assert reading.range
    assert (reading.range.origin, reading.range.source) == (Origin.SENDER, "North Hospital")
    assert range_line(reading.range).english() == "Range of North Hospital: 0.27 to 4.2 mIU/L."
    assert read(D("4.3"), TSH, "mIU/L").interpretation is Interpretation.N


def test_a_fallback_is_marked_with_its_source() -> None:
    reading = read(D("6.1"), TSH, "uIU/mL")
    assert reading.interpretation is Interpretation.H
    assert reading.range
    assert reading.range.origin is Origin.FALLBACK
    assert reading.range.status is Status.STORED_SECONDARY
    assert "not this laboratory's" in range_line(reading.range).english()


def test_an_unverified_range_judges_nothing() -> None:
    reading = read(D(100), B12, "pg/mL")
    assert (reading.interpretation, reading.reason) == (None, Reason.NOT_VERIFIED)
    assert "not verified" in judgement_line(reading).english()


def test_an_unverified_interval_still_has_verified_critical_limits() -> None:
    assert read(D("0.65"), MAGNESIUM, "mmol/L").reason is Reason.NOT_VERIFIED
    assert read(D("0.40"), MAGNESIUM, "mmol/L").interpretation is Interpretation.LL
    assert read(D("0.97"), MAGNESIUM, "mg/dL").interpretation is Interpretation.LL


def test_critical_limits_join_the_senders_range() -> None:
    senders = SendersRange(D("3.5"), D("5.1"), "North Hospital")
    assert read(D("6.4"), POTASSIUM, "mmol/L", senders).interpretation is Interpretation.HH
    own = SendersRange(D("3.5"), D("5.1"), "North Hospital", D("2.5"), D("7.0"))
    assert read(D("6.4"), POTASSIUM, "mmol/L", own).interpretation is Interpretation.H
    assert read(D("66"), FT4_PMOL, "pmol/L", SendersRange(D(9), D(19))).interpretation is Interpretation.HH
    assert read(D("69"), HB, "g/L", SendersRange(D(120), D(155))).interpretation is Interpretation.LL


@pytest.mark.parametrize(
    ("loinc", "unit", "given", "reason"),
    [
        ("0-0", "mmol/L", {}, Reason.NO_RANGE),
        (POTASSIUM, "furlong", {}, Reason.UNIT_UNKNOWN),
        (CK, "U/L", {}, Reason.SEX_NEEDED),
        (HB, "g/dL", {"sex": "M"}, Reason.NO_RANGE),
        (POTASSIUM, "mmol/L", {"age": 5}, Reason.CHILD),
        (TSH, "mIU/L", {"is_pregnant": True}, Reason.PREGNANCY),
    ],
)
def test_why_a_value_is_not_judged(loinc: str, unit: str, given: dict[str, object], reason: Reason) -> None:
    reading = read(D(4), loinc, unit, **given)  # type: ignore[arg-type]
    assert (reading.interpretation, reading.reason) == (None, reason)
    assert range_for(loinc, unit, **given) is None  # type: ignore[arg-type]
    assert judgement_line(reading).english()


def test_rows_differ_by_sex() -> None:
    female, male = range_for(CK, "U/L", sex="F"), range_for(CK, "U/L", sex="m")
    assert female
    assert male
    assert (female.high, male.high) == (D(192), D(308))


def test_trimester_ranges_never_judge() -> None:
    assert len(pregnancy_rows(TSH)) == 7
    assert all(row.panel == "thyroid" for row in rows_of(TSH))


@pytest.mark.parametrize(
    ("value", "loinc", "unit", "to", "result"),
    [
        ("1", "3024-7", "ng/dL", "pmol/L", "12.87"),
        ("12.87", FT4_PMOL, "pmol/L", "ng/dl", "1"),
        ("4.2", TSH, "mIU/L", "µIU/mL", "4.2"),
        ("100", "1558-6", "mg/dL", "mmol/L", "5.551"),
    ],
)
def test_units_convert_by_the_tables_factor(value: str, loinc: str, unit: str, to: str, result: str) -> None:
    assert converted(D(value), loinc, unit, to) == D(result)


def test_what_does_not_convert() -> None:
    assert converted(D(6), "4548-4", "%", "mmol/mol") is None
    assert converted(D(6), POTASSIUM, "mmol/L", "mg/dL") is None
    assert ucum("MG/DL") == ucum("mg/dL")


def test_every_row_of_the_table_agrees_with_its_factor() -> None:
    for row in analytes():
        if row.factor is None:
            continue
        if ucum(row.unit) == ucum(row.unit_si):
            assert row.factor == 1, row.name
        for side in ("low", "high"):
            conventional, si = getattr(row.interval, side), getattr(row.interval_si, side)
            if conventional is not None and si is not None:
                assert abs(conventional * row.factor - si) <= si / 100, row.name


def test_every_critical_limit_can_be_read_in_both_units() -> None:
    for row in analytes():
        for unit in filter(None, (row.unit, row.unit_si)):
            assert bool(row.critical_in(unit)) == bool(row.critical), row.name


def test_no_unverified_row_ever_judges() -> None:
    """The ship rule over the whole table: from memory alone nothing is low, high or normal."""
    for row in analytes():
        for loinc in row.loinc:
            found = range_for(loinc, row.unit, sex=row.sex or "F")
            if not isinstance(found, Range) or found.status.may_stop:
                continue
            reading = read(D("0.0001"), loinc, row.unit, sex=row.sex or "F")
            assert reading.interpretation in {None, Interpretation.LL}, row.name
            assert row.status.may_stop or reading.interpretation is None, row.name


def test_every_outcome_has_its_sentence() -> None:
    assert {*Interpretation, *Reason} - {Reason.JUDGED} <= LINES.keys()
