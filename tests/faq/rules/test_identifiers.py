from __future__ import annotations

from datetime import date
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.rules.identifiers import ADVICE, Kind, find, find_case_talk, find_in_article

NAMED = [
    ("Call me on 0912 345 678 please", Kind.CONTACT, "0912 345 678"),
    ("write to ann.example@mail.example.org", Kind.CONTACT, "ann.example@mail.example.org"),
    ("it is -ann.example+clinic@mail.example.org.", Kind.CONTACT, "ann.example+clinic@mail.example.org"),
    (f"{'a' * 90}@mail.example.org", Kind.CONTACT, f"{'a' * 90}@mail.example.org"),
    ("ring +886 912 345 678 01 today", Kind.CONTACT, "+886 912 345 678 01"),
    ("my page https://example.org/me?x=1", Kind.LINK, "https://example.org/me?x=1"),
    ("It began on 2026/06/04.", Kind.DATE, "2026/06/04"),
    ("It began on 4 June 2026.", Kind.DATE, "4 June 2026"),
    ("since March 3rd it hurts", Kind.DATE, "March 3rd"),
    ("the second of August", Kind.DATE, "the second of August"),
    ("my chart number 88-1290", Kind.NUMBER, "chart number 88-1290"),
    ("my question F-1287 was about it", Kind.NUMBER, "F-1287"),
    ("I am 94 years old", Kind.AGE, "94 years old"),
    ("seen at Green Lake Hospital", Kind.PLACE, "Green Lake Hospital"),
    ("I live in Little Harbour.", Kind.PLACE, "Little Harbour"),
    ("12 Apple Tree Road is noisy", Kind.PLACE, "12 Apple Tree Road"),
    ("Dr. Example told me", Kind.NAME, "Dr. Example"),
    ("my name is Ann Example", Kind.NAME, "Ann Example"),
    ("My son Tim, 5, coughs", Kind.NAME, "Tim"),
    ("my name is Ana de la Cruz-Example", Kind.NAME, "Ana de la Cruz-Example"),
    ("Thank you, Ann", Kind.NAME, "Ann"),
    ("many thanks\n\n- Ann", Kind.NAME, "Ann"),
    ("my id no: A1234567", Kind.NUMBER, "id no: A1234567"),
    ("I am the mayor of Little Harbour", Kind.POST, "mayor of Little Harbour"),
]


@pytest.mark.parametrize(("text", "kind", "words"), NAMED)
def test_what_names_a_person_is_found(text: str, kind: Kind, words: str) -> None:
    assert (kind, words) in {(finding.kind, finding.text.strip()) for finding in find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "I have had twitching in both calves for two months.",
        "Take 20 mg in the morning and 10 mg at night.",
        "Parkinson disease and Bell's palsy are different.",
        "A woman aged 20–29 asked in 2026.",
        "It may 5 times out of 10 come back.",
        "Blood pressure 164 over 98, temperature 37.5.",
        "Vitamin B-12 and omega-3 did nothing.",
    ],
)
def test_plain_medical_words_are_left_alone(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "As you mentioned, it comes at night.",
        "Your recent nerve conduction study shows it.",
        "However, given your symptoms, rest.",
        "In your case it is harmless.",
        "You were prescribed two medicines.",
    ],
)
def test_talk_about_one_patient_is_found(text: str) -> None:
    assert find_case_talk(text)


def test_an_article_may_link_and_may_not_speak_to_one_patient() -> None:
    found = find_in_article("As you mentioned, see https://example.org/source.")
    assert [finding.kind for finding in found] == [Kind.CASE_TALK]


def test_the_same_words_have_the_same_key_wherever_they_stand() -> None:
    first, second = find("Dr. Example said. Then DR.  Example"), find("and so Dr. Example said")
    assert first[0].key == second[0].key == "name:dr. example"


def test_every_kind_says_why_and_what_to_do() -> None:
    assert set(ADVICE) == set(Kind)


LONG = 100_000
REPEATED = [
    "al ",
    "a.",
    "1-",
    "Dr ",
    "a@",
    "+1 ",
    "Ann-",
    "al-",
    "A-1",
    "12.",
    "1 May ",
    "— Ann ",
    "+1234567890123456789012345 ",
]
STRETCHED = ["Dr", "thanks", "thank you,", "id", "id no", "Ann", "May", "your recent a"]


@pytest.mark.parametrize(
    "part", [*REPEATED, *(f"{words}{' ' * LONG}" for words in STRETCHED)], ids=lambda part: part[:14]
)
def test_no_text_takes_long(part: str) -> None:
    text = (part * (LONG // len(part) + 1))[:LONG]
    assert any(seconds_for(text) < 1 for _try in range(3)), "three times, since a machine may have other things to do"


def seconds_for(text: str) -> float:
    began = process_time()
    find_in_article(text)
    return process_time() - began


@given(st.text(max_size=400))
def test_findings_lie_in_the_text_in_order_and_apart(text: str) -> None:
    at = 0
    for finding in find(text):
        assert at <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.text
        at = finding.end


WORD = st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)


@given(name=WORD, family=WORD, before=st.sampled_from(["My name is ", "Mrs. ", "Dr. "]))
def test_a_name_with_a_word_before_it_is_found_whatever_it_is(name: str, family: str, before: str) -> None:
    text = f"Hello. {before}{name}son {family}son, and it hurts."
    assert any(finding.kind is Kind.NAME and family in finding.text for finding in find(text))


YEARS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(YEARS, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%y", "%B %d, %Y", "%d %b %Y", "%B %Y"]))
def test_a_date_is_found_however_it_is_written(day: date, form: str) -> None:
    assert any(finding.kind is Kind.DATE for finding in find(f"It was {day:{form}} then."))
