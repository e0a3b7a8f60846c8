"""What a code is for and what it is not, and what is asked for again before somebody's way in is changed."""

from __future__ import annotations

import string

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.models import User
from tests import make
from tests.portal.entering import code_now, is_in, mailed_code, mailed_link, sign_in, with_app, with_password

pytestmark = pytest.mark.django_db
NEW = "another-long-password"


@pytest.fixture
def paul(db: None) -> User:
    """A patient with a password."""
    return with_password(make.make_user("Paul Plain"))


def ask_for_code(user: User) -> tuple[Client, str]:
    client = Client()
    assert client.post("/sign-in/code/", {"email": user.email})["Location"] == "/sign-in/code/enter/"
    return client, mailed_code()


def enter(client: Client, code: str) -> bool:
    client.post("/sign-in/code/enter/", {"code": code})
    return is_in(client)


def test_a_mailed_code_is_for_the_browser_that_asked_for_it(paul: User) -> None:
    first, code = ask_for_code(paul)
    second, other = ask_for_code(paul)
    assert not enter(second, code)
    assert not enter(Client(), other)
    assert enter(first, code)


@pytest.mark.parametrize(("seconds", "opens"), [(599, True), (601, False)])
def test_a_mailed_code_lives_ten_minutes(seconds: int, opens: bool, paul: User) -> None:
    with time_machine.travel("2026-05-04 10:00Z", tick=False) as clock:
        client, code = ask_for_code(paul)
        clock.shift(seconds)
        assert enter(client, code) is opens


def test_codes_are_long_and_never_the_same(paul: User) -> None:
    """Eight of the letters and digits that cannot be mistaken for one another: more than 20 bits by far."""
    codes = {ask_for_code(paul)[1].replace("-", "") for _time in range(3)}
    assert len(codes) == 3
    assert all(len(code) == 8 and set(code) <= set(string.ascii_uppercase + string.digits) for code in codes)


def test_a_new_password_leaves_the_second_step(nadia: User) -> None:
    """A mail box that somebody else reads opens no account of staff."""
    with_app(nadia)
    client = Client()
    client.post("/recover/", {"email": nadia.email})
    form = client.get(mailed_link().removeprefix("http://localhost:8000"))["Location"]
    client.post(form, {"password1": NEW, "password2": NEW})
    assert Authenticator.objects.filter(user=nadia).exists()
    assert sign_in(client, nadia, NEW)["Location"] == "/sign-in/second-step/"
    assert not is_in(client)
    assert client.post("/sign-in/second-step/", {"code": code_now()}).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    "change",
    [{"action_add": "", "email": "new@example.org"}, {"action_primary": "", "email": "spare@example.org"},
     {"action_remove": "", "email": "spare@example.org"}],
    ids=["add", "prefer", "remove"],
)  # fmt: skip
def test_an_address_is_changed_by_who_signs_in_again(change: dict[str, str], paul: User) -> None:
    EmailAddress.objects.create(user=paul, email="spare@example.org", verified=True)
    before = set(EmailAddress.objects.values_list("email", "primary"))
    client = Client()
    client.force_login(paul, backend="allauth.account.auth_backends.AuthenticationBackend")
    again = client.post("/account/email/", change)["Location"]
    assert again.startswith("/account/sign-in-again/")
    assert set(EmailAddress.objects.values_list("email", "primary")) == before
    client.post(again, {"password": "not the right one"})
    assert set(EmailAddress.objects.values_list("email", "primary")) == before
    client.post(again, {"password": make.PASSWORD})
    client.post("/account/email/", change)
    assert set(EmailAddress.objects.values_list("email", "primary")) != before
