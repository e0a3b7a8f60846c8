"""Whose pages these are: Alice's show what is hers, Bob's show nothing of it, and every refusal is on record."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client

from patients.models import Message, Patient, Prescription
from portal.models import AuditEvent, User
from tests import make
from tests.patients.conftest import CANARY, LISTS, Record

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


def test_every_page_of_ones_own_record_opens(browser: Client, record: Record) -> None:
    for path in [*LISTS, *record.pages]:
        response = browser.get(path)
        assert response.status_code == 200, path
        assert response["Cache-Control"] == "no-store"
    assert CANARY in browser.get("/my/").content.decode()


def test_nothing_of_it_is_on_anothers_pages(as_user: SignIn, bob: Patient, record: Record) -> None:
    client = as_user(bob)
    for path in LISTS:
        assert CANARY not in client.get(path).content.decode(), path
    for path in record.pages:
        response = client.get(path)
        assert (response.status_code, CANARY in response.content.decode()) == (404, False), path
    assert AuditEvent.objects.filter(kind="refusal", outcome="unseen").count() == len(record.pages)


def test_nothing_of_it_can_be_done_by_another(as_user: SignIn, bob: Patient, record: Record) -> None:
    client, before = as_user(bob), (Message.objects.count(), Prescription.objects.count())
    for path in record.deeds:
        typed = {"body": "x", "note": "x", "answer": "yes", "shown": record.consent.digest}
        assert client.post(path, typed).status_code == 404, path
    assert (Message.objects.count(), Prescription.objects.count()) == before
    assert not AuditEvent.objects.filter(kind="verb", actor_id=bob.user_id).exclude(name="patients.register").exists()


def test_what_one_sees_as_staff_is_not_ones_own(as_user: SignIn, nadia: User, record: Record) -> None:
    """Nadia treats Alice; on Nadia's own pages as a patient there is nothing of Alice."""
    make.make_patient("Nadia North", user=nadia)
    client = as_user(nadia)
    for path in LISTS:
        assert CANARY not in client.get(path).content.decode(), path
    for path in record.pages[:-1]:
        assert client.get(path).status_code == 404, path


def test_an_unreleased_result_is_not_there(browser: Client, record: Record, nadia: User) -> None:
    hidden = make.make_result(record.case, by=nadia, title="Not checked yet")
    assert browser.get(f"/my/results/{hidden.pk}/").status_code == 404
    for path in LISTS:
        assert "Not checked yet" not in browser.get(path).content.decode()


def test_who_is_not_signed_in_is_asked_to(client: Client, record: Record) -> None:
    for path in [*LISTS[:-1], *[page for page in record.pages if page.startswith("/my/")]]:
        response = client.get(path)
        assert response.status_code == 302, path
        assert response["Location"].startswith("/sign-in/?next=/my/")


def test_without_a_record_one_is_asked_for_it_and_taken_back(as_user: SignIn) -> None:
    client = as_user(make.make_user("Nora New"))
    response = client.get("/my/results/?before=x")
    assert response["Location"] == "/register/details/?next=%2Fmy%2Fresults%2F%3Fbefore%3Dx"
    assert client.get("/ask/")["Location"] == "/register/details/?next=%2Fask%2F"


@pytest.mark.parametrize(
    "ref", ["F-0", "F-99999999999999999999", "1287x", "F-", "%00", "F-1%0A", "é", "F--1", "x" * 4000]
)
def test_what_is_no_case_number_is_a_404(browser: Client, ref: str) -> None:
    for path in (f"/my/cases/{ref}/", f"/ask/sent/{ref}/"):
        assert browser.get(path).status_code in (400, 404), path


def test_an_unknown_key_is_a_404(browser: Client) -> None:
    for noun in ("results", "follow-ups", "consents", "files"):
        assert browser.get(f"/my/{noun}/{uuid4()}/").status_code == 404
        assert browser.get(f"/my/{noun}/nonsense/").status_code == 404


def test_the_wrong_method_is_answered_with_a_page(browser: Client, record: Record) -> None:
    for path in record.deeds:
        response = browser.get(path)
        assert response.status_code == 405, path
        assert "POST" in response["Allow"]
        assert "Nothing was changed" in response.content.decode()
    for path in ("/my/", "/my/messages/", record.pages[0]):
        assert browser.post(path).status_code == 405


def test_a_form_without_its_token_changes_nothing(alice: Patient, record: Record) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert alice.user
    strict.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = Message.objects.count()
    response = strict.post(record.deeds[0], {"body": "x"})
    assert response.status_code == 403
    assert "<h1" in response.content.decode()
    assert Message.objects.count() == before


def test_pages_are_sound_html_with_one_heading_and_a_main(browser: Client, record: Record) -> None:
    for path in [*LISTS, *record.pages[:-1]]:
        page = browser.get(path).content.decode()
        checked = Sound()
        checked.feed(page)
        assert checked.open == [], path
        assert (page.count("<h1"), page.count('<main id="main"')) == (1, 1), path
        assert len(checked.ids) == len(set(checked.ids)), path


class Sound(HTMLParser):
    """Every element that was opened is closed, in order; and ids, to find doubles."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})
    DRAWN = frozenset({"circle", "path", "line", "rect", "polyline", "ellipse", "polygon"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.DRAWN and tag not in self.open:
            return
        assert self.open
        assert self.open.pop() == tag
