"""A session begins with a sign-in, under a new key, and ends on the server."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from patients.models import Patient
from portal.models import User
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
PASSWORD = "the own one of Sandra"


@pytest.fixture
def sandra() -> User:
    user = make.make_user("Sandra Session", email="sandra@example.org")
    make.make_patient(user=user)
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(client: Client | None = None, **about: str) -> Client:
    client = client or Client()
    answer = client.post("/sign-in/", {"login": "sandra@example.org", "password": PASSWORD, **about})
    assert answer.status_code == 302
    return client


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def is_in(client: Client) -> bool:
    return client.get("/my/settings/").status_code == 200


def test_signing_in_makes_a_new_key(sandra: User) -> None:
    client = Client()
    client.post("/recover/", {"email": "sandra@example.org"})
    session = client.session
    session["before"] = "kept"
    session.save()
    before = key_of(client)
    after = key_of(signed_in(client))
    assert before != after
    assert not Session.objects.filter(session_key=before).exists()


def test_a_key_cannot_be_guessed(sandra: User) -> None:
    """32 characters of 36 are 165 bits; two keys have nothing in common but chance."""
    keys = {key_of(signed_in()) for _ in range(5)}
    assert len(keys) == 5
    assert all(len(key) == 32 and key.isalnum() for key in keys)


def test_a_key_that_the_server_did_not_give_is_none(sandra: User) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert not is_in(client)
    assert key_of(signed_in(client)) != "a" * 32


def test_signing_out_ends_it_on_the_server(sandra: User) -> None:
    client, thief = signed_in(), Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key_of(client)
    assert is_in(thief)
    answer = client.post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache"'
    assert not is_in(client)
    assert not is_in(thief)


def test_only_who_leaves_is_told_to_clear(sandra: User) -> None:
    client = signed_in()
    assert not client.get("/my/settings/").has_header("Clear-Site-Data")
    assert not Client().get("/").has_header("Clear-Site-Data")


def test_an_account_that_is_closed_is_out_at_once(sandra: User) -> None:
    client = signed_in()
    assert is_in(client)
    sandra.is_active = False
    sandra.save()
    assert not is_in(client)


def test_a_new_password_ends_every_other_session(sandra: User) -> None:
    here, elsewhere = signed_in(), signed_in()
    sent = {"oldpassword": PASSWORD, "password1": "the new one of Sandra", "password2": "the new one of Sandra"}
    here.post("/account/password/", sent)
    assert is_in(here)
    assert not is_in(elsewhere)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example",
     "http://testserver@evil.example/", "\thttps://evil.example"],
)  # fmt: skip
def test_signing_in_and_out_lead_to_our_own_pages_only(elsewhere: str, sandra: User) -> None:
    answer = Client().post("/sign-in/", {"login": "sandra@example.org", "password": PASSWORD, "next": elsewhere})
    assert answer.status_code == 302
    assert answer["Location"] == "/start/"
    assert signed_in().post("/sign-out/", {"next": elsewhere})["Location"] == "/"


def test_signing_in_leads_back_to_a_page_of_ours(sandra: User) -> None:
    sent = {"login": "sandra@example.org", "password": PASSWORD, "next": "/my/settings/"}
    assert Client().post("/sign-in/", sent)["Location"] == "/my/settings/"


def test_sign_in_and_sign_out_need_the_forms_token(sandra: User) -> None:
    client = Client(enforce_csrf_checks=True)
    sent = {"login": "sandra@example.org", "password": PASSWORD}
    assert client.post("/sign-in/", sent).status_code == 403
    client.force_login(sandra, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/sign-out/").status_code == 403
    assert is_in(client)


def test_reading_the_sign_out_page_signs_nobody_out(sandra: User) -> None:
    client = signed_in()
    client.get("/sign-out/")
    assert is_in(client)


def test_coming_going_and_failing_are_logged_without_names(sandra: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "portal.sign_in"):
        client = signed_in()
        client.post("/sign-out/")
        for email in ("sandra@example.org", "SANDRA@example.org ", "nobody@example.org"):
            Client().post("/sign-in/", {"login": email, "password": "not the right one"})
    said = [record.getMessage() for record in caplog.records if record.name == "portal.sign_in"]
    assert said[:2] == [f"signed in: account {sandra.pk} from 127.0.0.1", f"signed out: account {sandra.pk}"]
    known, again, unknown = said[2:]
    assert known == again != unknown
    assert known.startswith("sign-in failed: address ")
    assert not [line for line in said if "@" in line or "Sandra" in line or PASSWORD in line]


def test_a_new_password_is_logged_without_it(sandra: User, caplog: pytest.LogCaptureFixture) -> None:
    sent = {"oldpassword": PASSWORD, "password1": "the new one of Sandra", "password2": "the new one of Sandra"}
    with caplog.at_level(logging.INFO):
        signed_in().post("/account/password/", sent)
    assert f"password set: account {sandra.pk}" in caplog.text
    assert "the new one" not in caplog.text
    assert PASSWORD not in caplog.text


def test_a_field_in_the_address_is_no_field_of_the_form(sandra: User) -> None:
    client = Client()
    client.post(f"/sign-in/?login=sandra@example.org&password={PASSWORD}", {})
    assert not is_in(client)
    client.post(f"/sign-in/?password={PASSWORD}", {"login": "sandra@example.org", "password": "not the right one"})
    assert not is_in(client)
