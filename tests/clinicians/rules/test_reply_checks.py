"""What a reply may have forgotten, by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicians.rules.reply_checks import AIM, Kind, Letter, check, reading

PLAIN = (
    "I have read what you wrote. Your nerve test is in the usual range. Please leave the second tablet, pramipexole, "
    "until we have seen its box. Write down each day how it is. We will see you in a month."
)
HARD = (
    "Your symptomatology presumably represents benign fasciculation, which is characteristically exacerbated by "
    "environmental precipitants including exercise, intercurrent infections, anxiety and pharmacological influences. "
    "We will see you soon. Rest well until then. It is not a bad sign if it goes on for some time."
)


def found(body: str, **about: object) -> dict[Kind, bool]:
    said = {"safety_net": "Call us.", "questions": 2, "settled": 2, **about}
    return {row.kind: row.is_ok for row in check(Letter(body, **said))}  # type: ignore[arg-type]


def test_a_reply_that_forgets_nothing() -> None:
    about = {"results": [("nerve_conduction", "NCS, left arm")], "stopped": ["Pramipexole"]}
    assert set(found(PLAIN, **about).values()) == {True}


def test_what_is_missing_is_named() -> None:
    about = {"results": [("laboratory", "Thyroid panel")], "stopped": ["ropinirole"], "safety_net": " ", "settled": 1}
    wrong = [row for row in check(Letter(PLAIN, **{"questions": 2, **about})) if not row.is_ok]  # type: ignore[arg-type]
    assert [row.kind for row in wrong] == [Kind.QUESTIONS, Kind.RESULT, Kind.MEDICINE, Kind.SAFETY_NET]
    assert wrong[1].params == {"name": "Thyroid panel"}


@pytest.mark.parametrize(
    ("body", "kind", "title", "speaks"),
    [
        ("Your thyroid is fine.", "laboratory", "Thyroid panel", True),
        ("Your blood test is fine.", "laboratory", "Thyroid panel", True),
        # A word that stands in every letter tells nothing of this test.
        ("Your result and your report are fine.", "laboratory", "Thyroid panel", False),
        ("The EEG shows nothing unusual.", "eeg", "EEG", True),
    ],
)
def test_a_result_is_spoken_of_by_its_kind_or_its_own_words(body: str, kind: str, title: str, speaks: bool) -> None:
    assert found(body, results=[(kind, title)])[Kind.RESULT] is speaks


def test_a_brand_and_its_substance_are_one_medicine() -> None:
    assert found("Go on with amitriptyline.", stopped=["Endep (amitriptyline)"])[Kind.MEDICINE]


def test_hard_sentences_are_shown_hardest_first() -> None:
    [level] = reading(HARD)
    assert not level.is_ok
    assert int(level.params["age"]) > AIM[1]
    assert level.sentences[0].startswith("Your symptomatology")
    assert [row.is_ok for row in reading(PLAIN)] == [True]


def test_of_a_few_words_or_another_language_no_level_is_told() -> None:
    assert reading("Pathophysiologically incontrovertible.") == []
    assert Kind.READING not in found(HARD, is_english=False)


def test_a_place_that_is_not_filled_in_is_told() -> None:
    assert found("See you on {followup_date}.")[Kind.PLACES] is False


@given(st.text(max_size=400))
def test_any_text_can_be_checked(text: str) -> None:
    check(Letter(text, text, 1, 0, [("laboratory", text)], [text]))
