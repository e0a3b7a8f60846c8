"""The same case as people see it: each stage through the pages of whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from faq.models import Article, Question
from patients.actions import consents
from patients.models import Case, Consent, FollowUp, Patient, Result
from portal.acting import acting_as
from portal.models import Department, User
from tests import make
from tests.journeys.conftest import QUESTIONS, STORY

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}
ASK = {
    "title": "Twitching that moves around",
    "story": STORY,
    "since": "two months ago",
    "department": "neurology",
    "question-TOTAL_FORMS": 2,
    "question-INITIAL_FORMS": 0,
    "question-0-text": QUESTIONS[0],
    "question-1-text": QUESTIONS[1],
    "medicine-TOTAL_FORMS": 2,
    "medicine-INITIAL_FORMS": 0,
    "medicine-0-medicine": "ropinirole",
    "medicine-0-dose": "0.5",
    "medicine-0-dose_unit": "mg",
    "medicine-1-medicine": "pramipexole",
    "medicine-1-dose": "50",
    "medicine-1-dose_unit": "mg",
}


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, **HTML)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_the_patient_asks_and_is_told_not_to_take_it(mira: Patient, neurology: Department, as_user: SignIn) -> None:
    client = as_user(mira)
    answer = client.post("/ask/", ASK)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    case = Case.objects.get(patient=mira)
    assert answer["Location"] == f"/ask/sent/{case.ref}/"
    assert [question.text for question in case.questions.all()] == QUESTIONS
    sent = page(client, answer["Location"])
    assert "pramipexole" in sent.lower()
    assert "pramipexole" in page(client, "/my/medicines/").lower()


def test_the_work_list_and_its_json_hold_the_same_row(
    on_worklist: Case, nadia: User, karl: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    [row] = client.get("/api/v1/clinic/").json()["rows"]
    assert (row["ref"], row["need_code"], row["level"]) == (on_worklist.ref, "resolve_stop", "safety")
    shown = page(client, "/clinic/")
    for value in (row["ref"], row["name"], row["need"], row["priority"]):
        assert value in shown
    assert on_worklist.ref not in page(as_user(karl), "/clinic/")
    assert as_user(karl).get("/api/v1/clinic/").json()["rows"] == []


def test_the_case_is_read_beside_its_results(
    on_worklist: Case, tested: list[Result], nadia: User, as_user: SignIn
) -> None:
    shown = page(as_user(nadia), f"/cases/{on_worklist.ref}/")
    assert "33 times the largest single dose" in shown
    for words in (*QUESTIONS, "Nerve conduction, left arm", "58.1", "TSH", "ropinirole", "Endep"):
        assert words in shown


def test_prescribing_it_comes_back_with_the_reason(on_worklist: Case, nadia: User, as_user: SignIn) -> None:
    order = {
        "patient": on_worklist.patient_id,
        "medicine": "pramipexole",
        "dose": "50",
        "dose_unit": "mg",
        "form": "tablet",
        "route": "oral",
        "times_a_day": "1",
        "indication": "restless legs",
        "override_reason": "I am sure",
    }
    answer = as_user(nadia).post(f"/cases/{on_worklist.ref}/medicines/prescribe/", order, **HTML)
    assert answer.status_code == 422
    assert "33 times" in answer.content.decode()
    assert on_worklist.prescriptions.filter(origin="prescribed").count() == 0


def test_the_patient_reads_reply_results_and_the_day(
    answered: Case, promised: FollowUp, tested: list[Result], mira: Patient, as_user: SignIn
) -> None:
    client = as_user(mira)
    case = page(client, f"/my/cases/{answered.ref}/")
    for words in ("want to see your hand", "Call us the same day if your hand becomes weak.", *QUESTIONS):
        assert words.replace("'", "&#x27;") in case
    assert "6 July" in page(client, promised.path)
    shelf = page(client, "/my/results/")
    for result in tested:
        assert result.title in shelf
        assert f"What the {result.title} says." in page(client, f"/my/results/{result.pk}/")
    assert "normal" not in shelf.lower()


def test_nobody_else_reads_any_of_it(
    answered: Case, promised: FollowUp, tested: list[Result], bob: Patient, karl: User, as_user: SignIn
) -> None:
    paths = [f"/my/cases/{answered.ref}/", promised.path, *(f"/my/results/{result.pk}/" for result in tested)]
    for path in paths:
        page(as_user(bob), path, 404)
    page(as_user(karl), f"/cases/{answered.ref}/", 404)
    page(as_user(bob), f"/cases/{answered.ref}/", 403)


def test_a_result_not_released_is_nowhere(on_worklist: Case, nadia: User, mira: Patient, as_user: SignIn) -> None:
    result = make.make_result(on_worklist, by=nadia, title="Secret panel", performed_on=date(2020, 6, 3))
    client = as_user(mira)
    page(client, f"/my/results/{result.pk}/", 404)
    for path in ("/my/", "/my/results/", f"/my/cases/{on_worklist.ref}/"):
        assert "Secret panel" not in page(client, path)


def test_a_visitor_finds_it_with_what_is_like_it(
    published: Question, similar: Question, article: Article, client: Client
) -> None:
    found = page(client, "/search/?q=twitching+that+moves")
    assert published.title in strip_tags(found)
    assert published.get_absolute_url() in found
    shown = page(client, published.get_absolute_url())
    for words in (published.body, similar.title, "Muscle twitching", article.title, "20–29"):
        assert words in shown
    assert "Mira" not in shown


def test_consent_is_asked_on_a_page_and_withdrawn_on_one(
    published: Question, consent: Consent, mira: Patient, client: Client, as_user: SignIn
) -> None:
    shown = page(as_user(mira), f"/my/consents/{consent.pk}/")
    assert published.body in shown
    assert as_user(mira).post(f"/my/consents/{consent.pk}/withdraw/").status_code == 302
    assert client.get(published.get_absolute_url()).status_code in (404, 410)
    assert published.title not in strip_tags(page(client, "/search/?q=twitching+that+moves"))


def test_once_withdrawn_its_address_leads_nowhere(
    published: Question, consent: Consent, mira: Patient, client: Client
) -> None:
    assert mira.user is not None
    with acting_as(mira.user):
        consents.withdraw(consent, by=mira.user)
    page(client, published.get_absolute_url(), 404)
