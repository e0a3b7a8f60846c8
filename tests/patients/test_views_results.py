"""Results in plain words: the doctor's sentence first, the sender's range, and nothing unverified judged."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from patients.models import Case, Result
from patients.models.results import ResultKind
from portal.models import User
from tests import make

pytestmark = pytest.mark.django_db


def value(**about: Any) -> dict[str, Any]:
    return {**make.TSH, **about}


def released(case: Case, by: User, **about: Any) -> Result:
    return make.make_released(make.make_result(case, by=by, **about), by=by)


def page_of(browser: Client, result: Result) -> str:
    return browser.get(f"/my/results/{result.pk}/").content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("tsh", "words"),
    [("2.4", "In the usual range"), ("0.1", "Below the usual range"), ("9.8", "Above the usual range")],
)
def test_a_value_is_said_in_words(browser: Client, triaged: Case, nadia: User, tsh: str, words: str) -> None:
    page = page_of(browser, released(triaged, nadia, observations=[value(value=Decimal(tsh))], performer="City Lab"))
    assert words in page
    assert "Range of City Lab: 0.4 to 4 mIU/L." in page
    assert "bnormal" not in page


def test_the_doctors_sentence_stands_before_the_figures(browser: Client, triaged: Case, nadia: User) -> None:
    page = page_of(browser, released(triaged, nadia))
    assert page.index("All values are in the usual range.") < page.index("What was measured")
    assert "Checked by Nadia North" in page


def test_without_a_range_nothing_is_judged(browser: Client, triaged: Case, nadia: User) -> None:
    row = value(loinc="99999-9", name="Novelty", low=None, high=None)
    page = page_of(browser, released(triaged, nadia, observations=[row]))
    assert "Not compared with a range" in page
    assert "0 of 1 in the usual range" in page


def test_an_unverified_range_of_ours_judges_nothing(browser: Client, triaged: Case, nadia: User) -> None:
    row = value(loinc="8099-4", unit="[IU]/mL", value=Decimal(99), low=None, high=None)
    page = page_of(browser, released(triaged, nadia, observations=[row]))
    assert "Not judged" in page
    assert "Above the usual range" not in page
    assert "fc-range__ok" not in page.split("fc-legend")[0]


def test_the_value_before_is_named_with_its_day(browser: Client, triaged: Case, nadia: User) -> None:
    released(triaged, nadia, performed_on=date(2025, 5, 14), observations=[value(value=Decimal("4.3"))])
    # Another unit is another number: not compared.
    released(triaged, nadia, performed_on=date(2025, 6, 1), observations=[value(unit="u[IU]/mL", value=Decimal(7))])
    # Not released: not known to the patient.
    make.make_result(triaged, by=nadia, performed_on=date(2025, 7, 1), observations=[value(value=Decimal(8))])
    page = page_of(browser, released(triaged, nadia, observations=[value()]))
    assert "Down from 4.3 on 14 May 2025." in page
    assert "over time" not in page


def test_three_values_make_a_trend(browser: Client, triaged: Case, nadia: User) -> None:
    for year in (2023, 2024):
        released(triaged, nadia, performed_on=date(year, 1, 2))
    assert "TSH over time" in page_of(browser, released(triaged, nadia))


def nerve(**about: Any) -> dict[str, Any]:
    return {
        "study_type": "motor",
        "nerve": "median",
        "side": "left",
        "stimulation_site": "wrist",
        "recording_site": "APB",
        "latency_ms": Decimal("5.1"),
        "amplitude": Decimal("7.9"),
        "amplitude_unit": "mV",
        "distance_mm": Decimal(70),
        **about,
    }


def study(case: Case, by: User, *rows: dict[str, Any]) -> Result:
    return released(
        case, by, kind=ResultKind.NERVE_CONDUCTION, title="Nerve conduction", measurements=rows, is_sample=True
    )


def test_a_nerve_is_compared_only_with_a_verified_limit(browser: Client, triaged: Case, nadia: User) -> None:
    page = page_of(browser, study(triaged, nadia, nerve()))
    assert "took longer than the usual limit (4.4 ms)" in page
    assert "2 of 2 figures." in page
    assert "Preston Shapiro" in page
    assert "bnormal" not in page
    assert "Sample data" in page


def test_another_technique_has_no_limit(browser: Client, triaged: Case, nadia: User) -> None:
    page = page_of(browser, study(triaged, nadia, nerve(distance_mm=Decimal(80))))
    assert "0 of 2 figures." in page
    assert "Nothing that could be compared lies beyond its limit." in page
    assert "No verified limit to compare with" in page


def test_no_response_is_a_finding(browser: Client, triaged: Case, nadia: User) -> None:
    row = nerve(no_response=True, latency_ms=None, amplitude=None)
    assert "the nerve gave no answer here" in page_of(browser, study(triaged, nadia, row))


def test_the_second_place_of_a_nerve_is_compared_by_speed_alone(browser: Client, triaged: Case, nadia: User) -> None:
    elbow = nerve(
        stimulation_site="elbow", latency_ms=Decimal("9.4"), velocity_m_s=Decimal(40), distance_mm=Decimal(218)
    )
    page = page_of(browser, study(triaged, nadia, nerve(latency_ms=Decimal("3.6")), elbow))
    assert "slower than the usual limit (49 m/s)" in page
    assert "3 of 5 figures." in page


def test_an_eeg_is_told_in_its_order(browser: Client, triaged: Case, nadia: User) -> None:
    eeg = {"duration_min": 30, "channels": 21, "background": "Alpha at 10 Hz.", "significance": "abnormal"}
    page = page_of(browser, released(triaged, nadia, kind=ResultKind.EEG, title="EEG", eeg=eeg))
    assert "Alpha at 10 Hz." in page
    assert "Something was found" in page
    assert "bnormal" not in page


def test_the_list_says_who_checked_and_nothing_more(browser: Client, triaged: Case, nadia: User) -> None:
    released(triaged, nadia, observations=[value(value=Decimal("8765.4"))])
    page = browser.get("/my/results/").content.decode()
    assert "Checked by Nadia North on" in page
    assert "8765" not in page
    assert "bove" not in page


def test_on_paper_it_says_whose_it_is(browser: Client, triaged: Case, nadia: User) -> None:
    page = page_of(browser, released(triaged, nadia))
    assert "Alice Ash</b>, born 14 March 1996, record R" in page
