"""Where one is signed in: seen in words, ended one by one or all at once, and by what must end them."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.html import strip_tags

from portal.acting import acting_as
from portal.actions import accounts
from portal.devices import in_words
from portal.models import User
from tests import make
from tests.portal.entering import FIREFOX, SAFARI, is_in, mailed_link, sign_in, with_password

pytestmark = pytest.mark.django_db


@pytest.fixture
def paul(db: None) -> User:
    return with_password(make.make_user("Paul Plain"))


def browser_of(user: User, agent: str = FIREFOX) -> Client:
    client = Client()
    sign_in(client, user, headers={"user-agent": agent})
    return client


def said(client: Client) -> str:
    return " ".join(strip_tags(client.get("/account/sessions/").content.decode()).split())


def ends(client: Client) -> list[str]:
    return re.findall(r'action="(/account/sessions/\d+/end/)"', client.get("/account/sessions/").content.decode())


class TestTheList:
    def test_in_words_and_without_an_address_of_the_network(self, paul: User) -> None:
        desk, phone = browser_of(paul), browser_of(paul, SAFARI)
        page = said(desk)
        assert "Firefox on Windows this one" in page
        assert "Mobile Safari on iOS" in page
        assert "127.0.0.1" not in page
        assert "Mobile Safari on iOS this one" in said(phone)

    def test_one_is_ended(self, paul: User) -> None:
        desk, phone = browser_of(paul), browser_of(paul, SAFARI)
        (address,) = ends(desk)
        assert desk.get(address).status_code == 405, "looking ends nothing"
        assert is_in(phone)
        desk.post(address)
        assert is_in(desk)
        assert not is_in(phone)
        assert ends(desk) == []

    def test_all_others_are_ended(self, paul: User) -> None:
        desk, others = browser_of(paul), [browser_of(paul, SAFARI) for _time in range(3)]
        desk.post("/account/sessions/end-others/")
        assert is_in(desk)
        assert not [other for other in others if is_in(other)]

    def test_nobody_ends_anothers(self, paul: User) -> None:
        mine, thief = browser_of(paul), browser_of(with_password(make.make_user("Theo Thief")))
        spare = browser_of(paul)
        (address,) = ends(mine)
        thief.post(address)
        thief.post("/account/sessions/end-others/")
        assert is_in(mine)
        assert is_in(spare)


class TestWhatEndsThem:
    def test_signing_out(self, paul: User) -> None:
        """The row goes too: a copied cookie is worth nothing."""
        client = browser_of(paul)
        key = client.session.session_key
        client.post("/sign-out/")
        assert not is_in(client)
        assert not Session.objects.filter(session_key=key).exists()

    def test_a_new_password_ends_all_others(self, paul: User) -> None:
        desk, phone = browser_of(paul), browser_of(paul, SAFARI)
        new = "another-long-password"
        desk.post("/account/password/", {"oldpassword": make.PASSWORD, "password1": new, "password2": new})
        assert is_in(desk)
        assert not is_in(phone)

    def test_a_forgotten_password_ends_all(self, paul: User) -> None:
        desk, somewhere = browser_of(paul), Client()
        somewhere.post("/recover/", {"email": paul.email})
        form = somewhere.get(mailed_link().removeprefix("http://localhost:8000"))["Location"]
        somewhere.post(form, {"password1": "another-long-password", "password2": "another-long-password"})
        assert User.objects.get(pk=paul.pk).check_password("another-long-password")
        assert not is_in(desk)
        assert not is_in(somewhere), "a link in a mail is no sign-in"

    def test_closing_the_account_ends_all_for_good(self, paul: User, ada: User) -> None:
        desk = browser_of(paul)
        with acting_as(ada):
            accounts.disable(paul, by=ada)
        assert not is_in(desk)
        User.objects.filter(pk=paul.pk).update(is_active=True)
        assert not is_in(desk), "an old session does not come back with the account"

    def test_switching_it_off_in_the_database_ends_all(self, paul: User) -> None:
        desk = browser_of(paul)
        User.objects.filter(pk=paul.pk).update(is_active=False)
        assert not is_in(desk)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Mobile Safari on iOS"),
        ("", "A browser that does not say its name"),
        ("x" * 100_000, "A browser that does not say its name"),
        ("<script>alert(1)</script>", "A browser that does not say its name"),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words
