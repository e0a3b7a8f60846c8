"""Recording results: rows of values, the arithmetic checked, and room for more rows without a script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Case, Patient, Result
from portal.models import AuditEvent, User
from tests import make

SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}


def about(case: Case, kind: str, **said: Any) -> dict[str, Any]:
    return {
        "patient": str(case.patient_id), "kind": kind, "title": "Study", "performed_on": "2026-01-12",
        "performer": "Sample laboratory", **said,
    }  # fmt: skip


def as_post(name: str, rows: list[dict[str, Any]], blank: int = 1) -> dict[str, Any]:
    """Rows as a page posts them, with some left empty."""
    sent: dict[str, Any] = {f"{name}-TOTAL_FORMS": len(rows) + blank, f"{name}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        sent |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    for number in range(len(rows), len(rows) + blank):
        if name == "measurements":
            sent[f"{name}-{number}-amplitude_unit"] = "mV"
    return sent


def nerve(**said: Any) -> dict[str, Any]:
    return {
        "study_type": "motor", "nerve": "median", "side": "left", "stimulation_site": "wrist",
        "recording_site": "APB", "latency_ms": "3.6", "amplitude": "8.9", "amplitude_unit": "mV", **said,
    }  # fmt: skip


ELBOW = nerve(stimulation_site="elbow", latency_ms="7.8", distance_mm="220", velocity_m_s="52.4")
TSH = {"loinc": "3016-3", "value": "4.6", "unit": "mIU/L", "low": "0.4", "high": "4.0"}
FT4 = {"loinc": "14920-3", "value": "15", "unit": "pmol/L", "low": "9", "high": "19"}
EEG = {"duration_min": "30", "channels": "21", "background": "Alpha of 10 Hz", "significance": "normal"}


@pytest.fixture
def record(triaged: Case, nadia: User, as_user: SignIn) -> Callable[..., Any]:
    """Post to the page, or (json=True) to the API."""

    def post(sent: dict[str, Any], *, json: bool = False) -> Any:
        client = as_user(nadia)
        if json:
            return client.post(f"/api/v1/cases/{triaged.ref}/results/record/", sent, "application/json")
        return client.post(f"/cases/{triaged.ref}/results/record/", sent, **HTML)

    return post


Post = Callable[..., Any]


def test_a_nerve_study_is_written_row_by_row(triaged: Case, record: Post) -> None:
    rows = [nerve(), ELBOW, nerve(side="right", latency_ms="", amplitude="", no_response="on")]
    answer = record({**about(triaged, "nerve_conduction"), **as_post("measurements", rows)})
    assert answer["Location"] == f"/cases/{triaged.ref}/#results"
    kept = Result.objects.get().measurements.all()
    assert [(row.position, row.stimulation_site, row.no_response) for row in kept] == [
        (1, "wrist", False), (2, "elbow", False), (3, "wrist", True),
    ]  # fmt: skip
    assert Result.objects.get().status == "preliminary"
    assert list(AuditEvent.objects.filter(name="results.record").values_list("kind", flat=True)) == ["verb"]


def test_a_velocity_that_does_not_follow_names_the_typo(triaged: Case, record: Post) -> None:
    rows = [nerve(), {**ELBOW, "velocity_m_s": "25.4"}]
    page = record({**about(triaged, "nerve_conduction"), **as_post("measurements", rows)})
    assert page.status_code == 422
    text = page.content.decode()
    assert "220 mm in 7.8 − 3.6 ms is 52.4 m/s, not 25.4" in text
    assert 'value="25.4"' in text
    answer = record({**about(triaged, "nerve_conduction"), "measurements": rows}, json=True)
    assert "52.4" in answer.json()["errors"]["measurements"][1]["velocity_m_s"][0]
    assert not Result.objects.exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (nerve(no_response="on"), "no_response"),
        (nerve(latency_ms="", amplitude=""), "latency_ms"),
        (nerve(study_type="sensory"), "amplitude_unit"),
        (nerve(latency_ms="-1"), "latency_ms"),
        (nerve(latency_ms="NaN"), "latency_ms"),
        (nerve(amplitude="1e9"), "amplitude"),
        (nerve(nerve=""), "nerve"),
        (nerve(side="middle"), "side"),
    ],
)
def test_what_cannot_be_a_measurement_is_named(row: dict[str, Any], field: str, triaged: Case, record: Post) -> None:
    answer = record({**about(triaged, "nerve_conduction"), "measurements": [row]}, json=True)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["measurements"][0]) == [field]


def test_a_laboratory_panel_keeps_the_senders_range(triaged: Case, record: Post) -> None:
    answer = record({**about(triaged, "laboratory"), "observations": [TSH, FT4]}, json=True)
    assert answer.status_code == 201
    tsh, ft4 = answer.json()["observations"]
    assert (tsh["name"], tsh["unit"], tsh["value"]["mark"], tsh["value"]["limit"]) == (
        "TSH (thyrotropin)", "m[IU]/L", "H", "0.4–4",
    )  # fmt: skip
    assert ft4["value"]["mark"] == ""
    assert [pattern["label"] for pattern in answer.json()["patterns"]] == ["subclinical hypothyroidism pattern"]
    assert answer.json()["patterns"][0]["source_status"] == "memory_verify"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({**TSH, "unit": "mg"}, "unit"),
        ({**TSH, "loinc": "0-0"}, "loinc"),
        ({**TSH, "low": "5"}, "low"),
        ({**TSH, "value": ""}, "value"),
        ({**TSH, "value": "1" * 40}, "value"),
    ],
)
def test_what_cannot_be_a_value_is_named(row: dict[str, Any], field: str, triaged: Case, record: Post) -> None:
    answer = record({**about(triaged, "laboratory"), "observations": [row]}, json=True)
    assert list(answer.json()["errors"]["observations"][0]) == [field]
    page = record({**about(triaged, "laboratory"), **as_post("observations", [row])})
    assert page.status_code == 422


def test_a_value_nobody_may_judge_has_no_mark(triaged: Case, record: Post) -> None:
    ck = {"loinc": "2157-6", "value": "900", "unit": "U/L"}
    [row] = record({**about(triaged, "laboratory"), "observations": [ck]}, json=True).json()["observations"]
    assert (row["value"]["mark"], row["verdict"][:10]) == ("", "Not judged")


def test_an_eeg_is_structured(triaged: Case, record: Post) -> None:
    sent = {f"eeg-{name}": value for name, value in EEG.items()}
    assert record({**about(triaged, "eeg"), **sent}).status_code == 302
    assert Result.objects.get().eeg.channels == 21
    answer = record({**about(triaged, "eeg"), "eeg": {**EEG, "channels": "0"}}, json=True)
    assert list(answer.json()["errors"]["eeg"]) == ["channels"]


def test_another_report_is_words_only(triaged: Case, record: Post) -> None:
    assert record(about(triaged, "other", impression="Ultrasound: usual.")).status_code == 302


def test_more_rows_keep_what_was_typed(triaged: Case, record: Post) -> None:
    sent = {**about(triaged, "nerve_conduction"), **as_post("measurements", [ELBOW]), "add": "1"}
    page = record(sent)
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="elbow"' in text
    assert 'name="measurements-TOTAL_FORMS" value="4"' in text
    assert "There is a problem" not in text
    assert not Result.objects.exists()


@pytest.mark.parametrize("count", ["", "x", "-1", "999999999", "9" * 5000, "²"])
def test_a_hostile_count_of_rows_is_no_error(count: str, triaged: Case, record: Post) -> None:
    sent = {**about(triaged, "nerve_conduction"), "measurements-TOTAL_FORMS": count}
    assert record(sent).status_code == 422
    assert record({**sent, "add": "1"}).status_code == 200


def test_no_row_and_a_future_day_are_refused(triaged: Case, record: Post) -> None:
    assert record(about(triaged, "laboratory")).status_code == 422
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = record(about(triaged, "other", performed_on=tomorrow), json=True)
    assert list(answer.json()["errors"]) == ["performed_on"]


def test_the_form_is_for_who_may_record(triaged: Case, nadia: User, cora: User, as_user: SignIn) -> None:
    for kind in ("nerve_conduction", "eeg", "laboratory", "other"):
        assert as_user(nadia).get(f"/cases/{triaged.ref}/results/record/?kind={kind}", **HTML).status_code == 200
    assert as_user(nadia).get(f"/cases/{triaged.ref}/results/record/?kind=x", **HTML).status_code == 404
    assert as_user(cora).get(f"/cases/{triaged.ref}/results/record/", **HTML).status_code == 403
    assert as_user(cora).post(f"/cases/{triaged.ref}/results/record/", about(triaged, "other")).status_code == 403


def test_a_trend_row_keeps_other_cases_results(triaged: Case, nadia: User, as_user: SignIn) -> None:
    """A result of the patient's other case in the department is read here too, and said to be from there."""
    other = make.make_case(triaged.patient, triaged.department, title="Another matter")
    make.make_result(other, by=nadia)
    assert "From another case" in as_user(nadia).get(f"/cases/{triaged.ref}/", **HTML).content.decode()
