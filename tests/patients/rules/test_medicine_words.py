from __future__ import annotations

from typing import Any

import pytest

from patients.rules.medicine_words import Advice, advice, named_by, reasons


def finding(code: str, tier: str = "interrupt", *medicines: str) -> dict[str, Any]:
    return {"code": code, "tier": tier, "medicines": list(medicines), "numbers": {}}


def english(medicine: str, *findings: dict[str, Any]) -> list[str]:
    return [reason.english() for reason in reasons(medicine, findings)]


def test_a_dose_that_cannot_be_is_said_once() -> None:
    said = english(
        "Pramipexole",
        finding("DOSE_SINGLE", "hard_stop", "pramipexole"),
        finding("DOSE_DAILY", "hard_stop", "pramipexole"),
        finding("STARTING_DOSE", "warn", "pramipexole"),
    )
    assert said == ["The dose on your list is far above the largest that is used."]


def test_an_unverified_limit_may_be_higher_than_usual() -> None:
    assert english("x", finding("DOSE_DAILY", "interrupt")) == ["The dose on your list may be higher than is usual."]


def test_the_other_medicine_is_named_and_not_this_one() -> None:
    said = english("Ropinirole", finding("DUPLICATE_CLASS", "interrupt", "ropinirole", "pramipexole"))
    assert said == ["It works in the same way as pramipexole, which is on your list too."]


@pytest.mark.parametrize("code", ["SIG_INCOMPLETE", "NOT_CHECKED", "INDICATION_MISSING", "SALT_OR_BASE"])
def test_what_is_for_prescribers_says_nothing(code: str) -> None:
    assert english("x", finding(code, "hard_stop")) == []


def test_light_findings_are_not_told_but_a_name_to_compare_is() -> None:
    assert english("x", finding("INTERACTION", "monitor", "x", "y")) == []
    assert english("x", finding("UNKNOWN_MEDICINE", "unchecked"))


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"status": "stopped", "has_hard_stop": True}, Advice.STOPPED),
        ({"has_hard_stop": True}, Advice.DONT),
        ({"status": "on_hold", "is_prescribed": True}, Advice.DONT),
        ({"is_prescribed": True, "findings": [finding("INTERACTION", "interrupt", "x", "y")]}, Advice.TAKE),
        ({"findings": [finding("INTERACTION", "interrupt", "x", "y")]}, Advice.ASK),
        ({"findings": [finding("SIG_INCOMPLETE", "hard_stop")]}, Advice.LISTED),
        ({}, Advice.LISTED),
    ],
)
def test_what_to_do_with_it(about: dict[str, Any], expected: Advice) -> None:
    given: dict[str, Any] = {
        "status": "active",
        "is_prescribed": False,
        "has_hard_stop": False,
        "findings": [],
        **about,
    }
    assert advice(**given) is expected


def test_a_finding_about_two_concerns_both() -> None:
    other = ("Rotigotine", [finding("DUPLICATE_CLASS", "interrupt", "rotigotine", "ropinirole")])
    assert named_by("Ropinirole", [other])
    assert named_by("Aspirin", [other]) is None
