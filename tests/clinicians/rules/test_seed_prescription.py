"""The seed's own prescription against tests/data/seed_case_expected.csv."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinicians.rules.findings import Finding, Tier
from clinicians.rules.medicines_check import check_order
from clinicians.rules.orders import Context, Order
from patients.rules.followup_dates import Period, Unit, promise
from portal.rules.provenance import read_table

EXPECTED = {row["rule_id"]: row for row in read_table(Path(__file__).parents[2] / "data" / "seed_case_expected.csv")}
MEDICINES_CHECK = [rule for rule in EXPECTED if rule not in {"SEED-12", "SEED-14"}]

ORDERS = {
    "ropinirole": Order(medicine="Ropinirole", dose=Decimal("0.5"), unit="mg"),
    "pramipexole": Order(medicine="Pramipexole", dose=Decimal(50), unit="mg"),
    "Endep": Order(medicine="Endep", form="capsules", days=30),
}
PERSON = Context(age=24, sex="F", allergies=(), problems=("R25.3", "anxiety"))


@pytest.fixture(scope="module")
def seen() -> Mapping[str, list[Finding]]:
    return {
        name: check_order(order, [other for other in ORDERS.values() if other is not order], PERSON)
        for name, order in ORDERS.items()
    }


def meant(on: str) -> list[str]:
    """Which orders a row of the table speaks of."""
    if on.startswith(("all three", "female", "no RLS")):
        return list(ORDERS)
    named = [name for name in ORDERS if name.casefold() in on.casefold()]
    return [*named, *(["Endep"] if "amitriptyline" in on else [])]


@pytest.mark.parametrize("rule", MEDICINES_CHECK)
def test_the_rule_fires_in_its_tier(rule: str, seen: Mapping[str, list[Finding]]) -> None:
    row = EXPECTED[rule]
    tier = Tier(row["severity"].split(",")[0])
    assert meant(row["on"])
    for name in meant(row["on"]):
        fired = [finding for finding in seen[name] if finding.code == row["fires"]]
        assert tier in {finding.tier for finding in fired}, (rule, name)


def numbers(seen: Mapping[str, list[Finding]], name: str, code: str) -> dict[str, Decimal]:
    found = next(finding for finding in seen[name] if finding.code == code)
    return {key: value.quantize(Decimal("0.1")) for key, value in found.numbers.items()}


def test_the_computed_numbers(seen: Mapping[str, list[Finding]]) -> None:
    single = numbers(seen, "pramipexole", "DOSE_SINGLE")
    daily = numbers(seen, "pramipexole", "DOSE_DAILY")
    assert (single["ratio"], single["modified_ratio"]) == (Decimal("33.3"), Decimal("11.1"))
    assert (daily["ratio"], daily["ddd_ratio"]) == (Decimal("11.1"), Decimal(20))
    assert numbers(seen, "pramipexole", "STRENGTH_NOT_MARKETED")["ratio"] == Decimal("33.3")


def test_the_words_name_what_may_have_been_meant(seen: Mapping[str, list[Finding]]) -> None:
    strength = next(one for one in seen["pramipexole"] if one.code == "STRENGTH_NOT_MARKETED")
    assert strength.params["elsewhere"] == "pregabalin, Endep"
    titles = [finding.english().title for finding in seen["pramipexole"]]
    assert titles[0] == "Dose is 33 times the largest single dose"
    assert "Look-alike name: rOPINIRole / risperiDONE" in [one.english().title for one in seen["ropinirole"]]


def test_endep_lacks_nearly_everything(seen: Mapping[str, list[Finding]]) -> None:
    sig = next(one for one in seen["Endep"] if one.code == "SIG_INCOMPLETE")
    assert sig.params["missing_keys"] == "dose,unit,route,frequency"


def test_the_boxed_warning_asks_under_25() -> None:
    keys = [finding.message_key for finding in check_order(ORDERS["Endep"], [], PERSON)]
    older = [finding.message_key for finding in check_order(ORDERS["Endep"], [], Context(age=25, sex="F"))]
    assert "antidepressant_young" in keys
    assert "antidepressant_young" not in older


def test_return_in_a_month_is_a_monday() -> None:
    assert "2020-07-04" in EXPECTED["SEED-12"]["computed"]
    window = promise(date(2020, 6, 4), Period(1, Unit.MONTHS), lambda day: day.weekday() < 5)
    assert window.due == date(2020, 7, 6)
