"""Places are filled by name alone: nothing in a text, or in a name, is ever run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clinicians.rules.placeholders import PLACES, filled, unfilled, unknown

VALUES = {name: name.upper() for name in PLACES}


def test_known_places_are_filled_and_others_named() -> None:
    assert filled("Dear {patient_name}, call {clinic_phone}.", VALUES) == "Dear PATIENT_NAME, call CLINIC_PHONE."
    assert unknown("Dear {patient_name}, {doctor}, {doctor}") == ["doctor"]


def test_what_a_template_engine_would_run_is_unknown_and_stays_text() -> None:
    for text in ("{patient_name.__class__}", "{0}", "{patient_name!r}", "{{ settings.SECRET_KEY }}", "{% include x %}"):
        assert unknown(text)
        assert filled(text, VALUES) == text


def test_a_name_that_looks_like_a_place_stays_a_name() -> None:
    assert (
        filled("Dear {patient_name}", {"patient_name": "{clinic_phone}", "clinic_phone": "1"}) == "Dear {clinic_phone}"
    )


def test_a_place_without_a_value_stays_to_be_seen() -> None:
    text = filled("See you on {followup_date}.", {"followup_date": ""})
    assert unfilled(text) == ["followup_date"]


@given(st.text(), st.text())
def test_filling_changes_nothing_but_known_places(text: str, value: str) -> None:
    if not unfilled(text):
        assert filled(text, dict.fromkeys(PLACES, value)) == text
