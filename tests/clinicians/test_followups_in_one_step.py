"""A follow-up promised in the same step as a prescription or a result, and one that a result keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.html import strip_tags

from clinicians.actions import followups
from patients.models import Case, FollowUp, Patient, Prescription, Reminder, Result
from patients.models.followups import Evidence, FollowUpKind
from portal.acting import acting_as
from portal.models import AuditEvent, User
from tests import make
from tests.clinicians.test_api_case import order, promise

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}
AGONIST = {"medicine": "pramipexole", "dose": "0.125"}
PARACETAMOL = {"medicine": "paracetamol", "dose": "500", "indication": "headache"}
POTASSIUM = {"loinc": "2823-3", "name": "Potassium", "unit": "mmol/L"}


def prescribe(client: Client, case: Case, **said: Any) -> Any:
    return client.post(f"/cases/{case.ref}/medicines/prescribe/", order(case, **said), **HTML)


def release(client: Client, result: Result, **said: Any) -> Any:
    sent = {"patient": str(result.patient_id), "comment": "The salt in your blood is high.", **said}
    return client.post(f"/results/{result.pk}/release/", sent, **HTML)


@pytest.mark.parametrize(("medicine", "is_watched"), [(AGONIST, True), (PARACETAMOL, False)])
def test_after_a_dopamine_agonist_the_follow_up_must_not_be_missed(
    triaged: Case, nadia: User, as_user: SignIn, medicine: dict[str, str], is_watched: bool
) -> None:
    assert prescribe(as_user(nadia), triaged, **medicine, **promise("call", "Hear how it is")).status_code == 302
    row = FollowUp.objects.get()
    assert (row.kind, row.reason, row.is_high_risk) == ("call", "Hear how it is", is_watched)
    assert row.prescription == Prescription.objects.get()
    assert Reminder.objects.filter(followup=row).exists()


def test_a_program_nests_what_it_promises(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client, address = as_user(nadia), f"/api/v1/cases/{triaged.ref}/medicines/prescribe/"
    said = {"period": "2w", "kind": "visit", "reason": "Look again", "is_high_risk": True}
    sent = order(triaged, **PARACETAMOL, followup={**said, "reason": ""})
    refused = client.post(address, sent, "application/json")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["followup-reason"])
    assert client.post(address, {**sent, "followup": said}, "application/json").status_code == 201
    assert FollowUp.objects.get().is_high_risk


def test_an_order_and_its_follow_up_are_both_or_nothing(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client, said = as_user(nadia), promise("visit", "See how it goes")
    half = prescribe(client, triaged, **AGONIST, **{**said, "followup-reason": "", "followup-kind": ""})
    assert half.status_code == 422
    for words in ("Say what the follow-up is for.", "Say what kind of follow-up it is.", 'value="pramipexole"'):
        assert words in half.content.decode()
    dayless = prescribe(client, triaged, **AGONIST, **{**said, "followup-period": ""})
    assert (dayless.status_code, "Choose when, or leave empty" in dayless.content.decode()) == (422, True)
    assert prescribe(client, triaged, **{**AGONIST, "dose": "50"}, **said).status_code == 422
    make.make_followup(triaged, by=nadia)
    again = prescribe(client, triaged, **AGONIST, **said)
    assert again.status_code == 409
    assert "promised already, for the same day" in again.content.decode()
    assert 'value="See how it goes"' in again.content.decode()
    assert (Prescription.objects.count(), FollowUp.objects.count()) == (0, 1)


def test_no_label_is_said_twice_and_what_belongs_together_is_not_called_optional(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    make.make_result(triaged, by=nadia)
    page = as_user(nadia).get(f"/cases/{triaged.ref}/", **HTML).content.decode()
    for path in ("reply/", "/release/", "/medicines/prescribe/"):
        [form] = [form for form in re.findall("<form.*?</form>", page, re.DOTALL) if f"{path}#" in form]
        labels = [strip_tags(label).strip() for label in re.findall('<label class="fc-label".*?</label>', form)]
        assert len(labels) == len(set(labels))
        assert {"Kind of follow-up", "What the follow-up is for, in words for the patient"} <= set(labels)
        assert form.count("Promise a follow-up</legend>") == 1


@pytest.mark.parametrize(
    ("value", "about", "is_watched"),
    [
        ("6.4", {}, True),
        ("5.2", {}, False),
        # Far outside, and no critical limit is known: nothing says that it is one.
        ("90", {"loinc": "3016-3", "name": "TSH", "unit": "m[IU]/L", "low": Decimal("0.4"), "high": Decimal(4)}, False),
    ],
)
def test_after_a_critical_value_the_follow_up_must_not_be_missed(
    triaged: Case, nadia: User, as_user: SignIn, value: str, about: dict[str, Any], is_watched: bool
) -> None:
    result = make.make_result(triaged, by=nadia, observations=[{**POTASSIUM, "value": Decimal(value), **about}])
    assert release(as_user(nadia), result, **promise("test_repeat", "Measure it again")).status_code == 302
    row = FollowUp.objects.get()
    assert (row.result, row.is_high_risk) == (result, is_watched)


def test_the_repeated_test_keeps_its_promise_and_the_next_is_made(triaged: Case, nadia: User, as_user: SignIn) -> None:
    repeat = make.make_followup(triaged, by=nadia, kind=FollowUpKind.TEST_REPEAT, reason="Measure TSH again")
    visit = make.make_followup(triaged, by=nadia)
    result, client = make.make_result(triaged, by=nadia), as_user(nadia)
    page = client.get(f"/cases/{triaged.ref}/", **HTML).content.decode()
    assert "Measure TSH again</option>" in page
    assert f'value="{visit.pk}"' not in page
    # Only a test that is to be repeated is kept by a result.
    assert release(client, result, keeps=str(visit.pk)).status_code == 422
    said = {"keeps": str(repeat.pk), **promise("test_repeat", "And once more", "3m")}
    assert release(client, result, **said).status_code == 302
    repeat.refresh_from_db()
    assert (repeat.status, repeat.evidence, repeat.closed_by) == ("closed", "result_reviewed", nadia)
    assert FollowUp.objects.open().get(kind="test_repeat").reason == "And once more"


CLOSED = "the repeat that this result was to keep has been closed meanwhile"
TYPED = "The salt in your blood is high.</textarea>"


def test_a_promise_closed_meanwhile_releases_nothing(triaged: Case, nadia: User, as_user: SignIn) -> None:
    repeat = make.make_followup(triaged, by=nadia, kind=FollowUpKind.TEST_REPEAT)
    result = make.make_result(triaged, by=nadia)
    with acting_as(nadia):
        followups.close(repeat, by=nadia, evidence=Evidence.ATTENDED)
    answer = release(as_user(nadia), result, keeps=str(repeat.pk))
    page = answer.content.decode()
    # In the summary, and where it is to be chosen again.
    assert (answer.status_code, page.count(CLOSED), TYPED in page) == (422, 2, True)
    result.refresh_from_db()
    assert result.status == "preliminary"


@pytest.mark.django_db(transaction=True)
def test_a_promise_closed_in_that_very_moment_is_what_the_answer_speaks_of(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    """The close is done and not yet final: the release has found the repeat open, and waits for its row."""
    repeat = make.make_followup(triaged, by=nadia, kind=FollowUpKind.TEST_REPEAT, reason="Measure TSH again")
    result, client = make.make_result(triaged, by=nadia), as_user(nadia)
    with ThreadPoolExecutor(1) as pool:
        with acting_as(nadia), connection.cursor() as cursor:
            followups.close(repeat, by=nadia, evidence=Evidence.ATTENDED)
            asked = pool.submit(on_a_line_of_its_own, lambda: release(client, result, keeps=str(repeat.pk)))
            while not asked.done():
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    break
        answer = asked.result()
    page = answer.content.decode()
    assert (answer.status_code, page.count(CLOSED), TYPED in page) == (409, 1, True)
    assert "released already" not in page
    assert "Measure TSH again</option>" not in page
    result.refresh_from_db()
    assert result.status == "preliminary"
    assert AuditEvent.objects.filter(kind="refusal", name="results.release").exists()


def on_a_line_of_its_own(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    finally:
        connection.close()
