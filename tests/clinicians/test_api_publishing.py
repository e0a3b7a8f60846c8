"""Suggesting a public question, finding patients, and where the API begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from faq.models import Question
from patients.models import Case, Consent, Patient
from portal.models import AuditEvent, Department, User
from tests import make

SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}


def public(case: Case, **said: Any) -> dict[str, Any]:
    return {
        "patient": str(case.patient_id),
        "title": "Can twitching calves be harmless?",
        "body": "A person in their twenties noticed twitching in both calves.",
        "answer": "Often they are. Weakness is the sign to watch for.",
        **said,
    }


def test_the_patient_is_asked_for_the_exact_text(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    page = client.get(f"/cases/{triaged.ref}/publish/", **HTML).content.decode()
    assert triaged.patient.age_band in page
    assert triaged.story in page
    answer = client.post(f"/cases/{triaged.ref}/publish/suggest/", public(triaged), **HTML)
    assert answer.status_code == 302
    assert (Question.objects.get().status, Consent.objects.get().status) == ("suggested", "proposed")
    assert "Waiting for your answer" in client.get(f"/cases/{triaged.ref}/publish/", **HTML).content.decode()


def test_a_changed_text_is_asked_for_again_from_the_page(triaged: Case, nadia: User, as_user: SignIn) -> None:
    """A curator's edit makes consent stale: the desk sees it, and asks for the new text."""
    consent = make.make_consent(triaged, by=nadia)
    client, page = as_user(nadia), f"/cases/{triaged.ref}/publish/"
    assert "The text has changed since" not in client.get(page, **HTML).content.decode()
    consent.question.title = "Calves that twitch: harmless?"
    consent.question.save()
    shown = client.get(page, **HTML).content.decode()
    address = f"/consents/{consent.pk}/ask-again/"
    assert address in shown
    assert "Calves that twitch: harmless?" in shown
    sent = {"patient": str(triaged.patient_id)}
    assert client.post(address, {"patient": str(consent.pk)}, **HTML).status_code == 409
    assert client.post(address, sent, **HTML)["Location"] == page
    consent.refresh_from_db()
    assert (consent.status, consent.text) == ("proposed", consent.question.public_text)
    assert client.post(address, sent, **HTML).status_code == 409


def test_what_may_name_a_person_is_shown_and_must_be_looked_at(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client, address = as_user(nadia), f"/cases/{triaged.ref}/publish/suggest/"
    sent = public(triaged, body="My name is Orla Quist and I wrote on 4 March 2026.")
    page = client.post(address, sent, **HTML)
    assert page.status_code == 422
    assert page.content.decode().count("fc-mark-id") >= 2
    assert "4 March 2026" in page.content.decode()
    answer = client.post(f"/api/v1{address}", sent, "application/json").json()
    assert "4 March 2026" in [mark["words"] for mark in answer["found"]]
    assert not Question.objects.exists()
    assert client.post(address, {**sent, "checked": "on"}, **HTML).status_code == 302


def test_a_coordinator_suggests_nothing(triaged: Case, cora: User, as_user: SignIn) -> None:
    client = as_user(cora)
    assert client.get(f"/cases/{triaged.ref}/publish/", **HTML).status_code == 403
    assert client.post(f"/cases/{triaged.ref}/publish/suggest/", public(triaged), **HTML).status_code == 403


def test_search_forgives_spelling_and_knows_numbers(case: Case, nadia: User, as_user: SignIn) -> None:
    make.make_case(make.make_patient("Boris Bell"), case.department)
    client = as_user(nadia)

    def found(text: str) -> list[str]:
        return [row["name"] for row in client.get("/api/v1/patients/", {"q": text}).json()["rows"]]

    for text in ("alice", "Alise Ash", case.ref, str(case.number), case.patient.record_number):
        assert found(text) == ["Alice Ash"], text
    assert found("") == found("%") == found("zzzz") == []
    page = client.get("/patients/?q=alice", **HTML).content.decode()
    assert f'href="/cases/{case.ref}/"' in page
    assert "Boris" not in page


def test_search_finds_only_whom_one_treats(
    case: Case, cardiology: Department, karl: User, nadia: User, as_user: SignIn
) -> None:
    assert as_user(karl).get("/api/v1/patients/?q=Alice").json()["rows"] == []
    make.make_case(case.patient, cardiology, title="Heart matter")
    [row] = as_user(karl).get("/api/v1/patients/?q=Alice").json()["rows"]
    assert as_user(karl).get("/api/v1/patients/?q=Alise Ash").json()["rows"] == [row]
    assert [one["title"] for one in row["cases"]] == ["Heart matter"]
    assert AuditEvent.objects.filter(actor_id=karl.pk, name="read patients.patient").count() == 2
    assert as_user(karl).get(f"/api/v1/patients/?q={case.ref}").json()["rows"] == []


def test_the_api_says_where_everything_is(nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    assert "GET /api/v1/clinic/" in client.get("/api/v1/").json()["endpoints"]
    assert client.get("/api/v1/", **HTML).status_code == 200
