"""Whom one trusts: given, changed and taken back by the patient alone, and what each page then shows of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Patient, RelatedPerson
from portal.models import AuditEvent, Notification, User
from portal.roles import Scope
from tests import make
from tests.patients.conftest import Record
from tests.patients.test_views_rows import queries

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


@pytest.fixture
def rita(db: None) -> User:
    """Alice's mother, say: an account, and no record of her own."""
    return make.make_user("Rita Rowan", email="rita@example.org")


def typed(**about: Any) -> dict[str, Any]:
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    person = {"email": "rita@example.org", "name": "Rita Rowan", "relationship": "my mother"}
    return {**person, "scopes": ["cases", "results"], "until": until, **about}


def text_of(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode().replace("&#x27;", "'")


def test_an_empty_list_says_what_it_is_for(browser: Client) -> None:
    page = text_of(browser, "/my/trust/")
    assert "Nobody else can see your record" in page
    assert 'href="/my/trust/give/"' in page
    assert 'href="/my/trust/"' in text_of(browser, "/my/settings/")


def test_trust_is_given_and_stands_on_the_list(browser: Client) -> None:
    response = browser.post("/my/trust/give/", typed())
    assert response["Location"] == "/my/trust/"
    page = text_of(browser, "/my/trust/")
    for words in ("Rita Rowan", "my mother", "Has not accepted yet", "Cases, with questions", "Results, once"):
        assert words in page
    given = RelatedPerson.objects.get()
    ends = timezone.localtime(given.expires_at)
    assert (ends.date() - timezone.localdate(), ends.hour) == (timedelta(days=30), 23)
    assert sorted(given.scopes) == ["cases", "results"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scopes": []}, "Tick at least one."),
        ({"scopes": ["everything"]}, "is not one of the available choices"),
        ({"until": "2020-01-01"}, "choose one from tomorrow on"),
        ({"until": (timezone.localdate() + timedelta(days=400)).isoformat()}, "more than a year away"),
        ({"until": "never"}, "Choose a day of the calendar."),
        ({"email": "rita"}, "Enter an e-mail address"),
        ({"name": " "}, "Enter their name."),
    ],
)
def test_what_is_wrong_comes_back_with_its_words(browser: Client, wrong: dict[str, Any], said: str) -> None:
    response = browser.post("/my/trust/give/", typed(**wrong))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert "my mother" in response.content.decode()
    assert not RelatedPerson.objects.exists()


def test_neither_oneself_nor_the_same_person_twice(browser: Client, alice: Patient) -> None:
    assert alice.user
    mine = browser.post("/my/trust/give/", typed(email=alice.user.email.upper()))
    assert (mine.status_code, "This is your own address." in mine.content.decode()) == (422, True)
    browser.post("/my/trust/give/", typed())
    again = browser.post("/my/trust/give/", typed(email="RITA@example.org"))
    assert (again.status_code, "You trust this person already" in again.content.decode()) == (422, True)
    assert RelatedPerson.objects.count() == 1
    assert AuditEvent.objects.filter(kind="refusal", name="related_people.trust").count() == 2


def test_what_has_run_out_makes_room(browser: Client, alice: Patient, rita: User) -> None:
    given = make.make_trust(alice, rita)
    run_out(given)
    assert "Ran out on" in text_of(browser, "/my/trust/")
    assert browser.post("/my/trust/give/", typed()).status_code == 302
    assert RelatedPerson.objects.current().count() == 1


def run_out(given: RelatedPerson) -> None:
    """As time does; the owner of the tables moves it."""
    RelatedPerson.objects.filter(pk=given.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_what_they_may_and_until_when_is_changed(browser: Client, alice: Patient, rita: User) -> None:
    given = make.make_trust(alice, rita, scopes=[Scope.CASES])
    until = timezone.localdate() + timedelta(days=300)
    assert (
        browser.post(f"/my/trust/{given.pk}/", {"scopes": ["medicines"], "until": until.isoformat()}).status_code == 302
    )
    given.refresh_from_db()
    assert (given.scopes, timezone.localtime(given.expires_at).date()) == (["medicines"], until)
    assert browser.post(f"/my/trust/{given.pk}/", {"scopes": [], "until": until.isoformat()}).status_code == 422


def test_a_year_counts_from_the_day_it_is_changed(browser: Client, alice: Patient, rita: User) -> None:
    """A trust that is renewed each year is not stopped by the day on which it was first given."""
    given = make.make_trust(alice, rita)
    RelatedPerson.objects.filter(pk=given.pk).update(
        created_at=timezone.now() - timedelta(days=700),
        given_at=timezone.now() - timedelta(days=340),
        expires_at=timezone.now() + timedelta(days=20),
    )
    until = (timezone.localdate() + timedelta(days=365)).isoformat()
    assert browser.post(f"/my/trust/{given.pk}/", {"scopes": ["cases"], "until": until}).status_code == 302


def test_it_is_taken_back_after_a_question(browser: Client, alice: Patient, rita: User) -> None:
    given = make.make_trust(alice, rita)
    assert "Take it back from Rita Rowan?" in text_of(browser, f"/my/trust/{given.pk}/end/")
    assert RelatedPerson.objects.standing().count() == 1
    browser.post(f"/my/trust/{given.pk}/end/")
    assert RelatedPerson.objects.standing().count() == 0
    assert "Ended on" in text_of(browser, "/my/trust/")
    assert browser.post(f"/my/trust/{given.pk}/end/").status_code == 409


def test_nobody_elses_trust_is_there(as_user: SignIn, bob: Patient, alice: Patient, rita: User) -> None:
    given = make.make_trust(alice, rita)
    for who in (bob, rita):
        client = as_user(who)
        for path in (f"/my/trust/{given.pk}/", f"/my/trust/{given.pk}/end/"):
            assert client.get(path).status_code in (302, 404), path
            assert client.post(path, {"scopes": ["results"], "until": "2027-01-01"}).status_code in (302, 404), path
    assert "Rita Rowan" not in text_of(as_user(bob), "/my/trust/")
    given.refresh_from_db()
    assert (given.scopes, given.revoked_at) == (["cases"], None)


def test_the_patient_is_told_and_sees_what_was_looked_at(
    browser: Client, as_user: SignIn, alice: Patient, rita: User, record: Record
) -> None:
    given = make.make_trust(alice, rita)
    assert Notification.objects.get(user=alice.user, purpose="trust_accepted").path == "/my/trust/"
    assert "Not yet" in text_of(browser, "/my/trust/")
    client = as_user(rita)
    client.post(f"/my/trusting/{given.pk}/look/")
    client.get(f"/my/cases/{record.case.ref}/")
    log = text_of(browser, "/my/access-log/")
    assert "Rita Rowan, whom you trust" in log
    assert "looked at your personal details, case" in log
    assert "Last looked" in text_of(browser, "/my/trust/")
    assert "Not yet" not in text_of(browser, "/my/trust/")
    assert "looked at your case" in text_of(browser, f"/my/trust/{given.pk}/")


def test_the_list_costs_the_same_with_many(browser: Client, alice: Patient, rita: User) -> None:
    make.make_trust(alice, rita)
    one = queries(browser, "/my/trust/")
    for number in range(9):
        make.make_trust(alice, make.make_user(f"Helper {number}"))
    assert queries(browser, "/my/trust/") == one
