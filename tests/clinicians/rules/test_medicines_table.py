from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicians.rules import duplicates, interactions
from clinicians.rules.medicines import facts, find, formulary, is_modified_release, look_alikes, suggestions
from clinicians.rules.messages import MESSAGES
from clinicians.rules.orders import converted
from portal.rules.provenance import Status


def test_every_row_is_read() -> None:
    assert Counter(medicine.status for medicine in formulary()) == {
        Status.MEMORY_VERIFY: 54,
        Status.STORED_SECONDARY: 24,
        Status.STORED: 18,
    }
    assert len(duplicates.groups()) == 12
    assert len(look_alikes()) == 8
    # LBL-04 is one class against itself: duplicates say that.
    assert len(interactions.pairs()) + len(interactions.uncheckable()) + 1 == 66
    assert interactions.uncheckable() == ("ONC-21", "ONCN-05", "ONCN-33")


def test_every_fact_belongs_to_a_medicine_and_has_a_source() -> None:
    assert {known.key for known in facts()} <= {medicine.key for medicine in formulary()}
    assert all(known.source and known.value for known in facts())


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Pramipexole", "pramipexole"),
        ("  PRAMI pexole ", "pramipexole"),
        ("endep", "amitriptyline"),
        ("Endep 50 mg capsules", "amitriptyline"),
        ("Requip XL", "ropinirole"),
        ("acetaminophen", "paracetamol"),
        ("co-trimoxazole", "co-trimoxazole"),
        ("cotrimoxazole", "co-trimoxazole"),
        ("Madopar", "levodopa"),
        ("levodopa + carbidopa", "levodopa"),
    ],
)
def test_names_are_found(typed: str, key: str) -> None:
    medicine = find(typed)
    assert medicine is not None
    assert medicine.key == key


@pytest.mark.parametrize("typed", ["", " ", "50 mg", "tablet", "nosuchthing", "pramipexol"])
def test_what_is_not_there_is_not_guessed(typed: str) -> None:
    assert find(typed) is None


def test_near_names_are_only_suggested() -> None:
    assert suggestions("pramipexol")[0] == "pramipexole"
    assert "ropinirole" in suggestions("ropinirol")
    assert suggestions("zzzzzz") == []


def test_strengths_are_split_by_release() -> None:
    pramipexole, endep, ergot = find("pramipexole"), find("Endep"), find("dihydroergotamine")
    assert pramipexole
    assert pramipexole.strengths[-1] == Decimal("1.5")
    assert pramipexole.modified_strengths[-1] == Decimal("4.5")
    assert endep
    assert endep.every_strength == (Decimal(10), Decimal(25), Decimal(50))
    assert ergot
    assert ergot.every_strength == ()
    assert is_modified_release("Requip XL", "")
    assert is_modified_release("x", "prolonged-release tablet")
    assert not is_modified_release("Excelsior", "tablet")


def test_daily_amounts_of_the_who_are_in_the_unit_of_the_row() -> None:
    levothyroxine, aspirin = find("levothyroxine"), find("aspirin")
    assert levothyroxine
    assert levothyroxine.ddd == 150
    assert aspirin
    assert aspirin.ddd is None  # counted in tablets


def test_brands_do_not_collide() -> None:
    names = Counter(name.casefold() for medicine in formulary() for name in {*medicine.brands, medicine.key})
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        ("1", "g", "mg", "1000"),
        ("500", "mcg", "mg", "0.5"),
        ("0.15", "mg", "ug", "150"),
        ("50", "Micrograms", "µg", "50"),
        ("100", "mg", "mg levodopa", "100"),
    ],
)
def test_units_are_converted(value: str, unit: str, to: str, result: str) -> None:
    assert converted(Decimal(value), unit, to) == Decimal(result)


@pytest.mark.parametrize(("unit", "to"), [("mg", "meq"), ("", "mg"), ("", ""), ("mg", "mg/24h"), ("ml", "mg")])
def test_units_that_do_not_compare(unit: str, to: str) -> None:
    assert converted(Decimal(1), unit, to) is None


@given(st.text(max_size=300))
def test_any_name_is_survived(typed: str) -> None:
    find(typed)
    suggestions(typed)


def test_no_message_is_empty() -> None:
    assert all(phrase.title for phrase in MESSAGES.values())
