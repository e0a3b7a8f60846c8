"""Staff show a second factor: at sign-in, on every route, and never the same code twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
import time_machine
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from patients.models import Patient
from portal import second_factor
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import departments
from portal.models import User
from portal.second_factor import ALWAYS, ENTER, SET_UP
from tests import make
from tests.access.matrix import World
from tests.journeys.test_crawl import ROUTES, filled
from tests.portal.entering import code_now, is_in, mailed_code, sign_in, with_app, with_password

pytestmark = pytest.mark.django_db


def one_factor(user: User) -> Client:
    """A session of staff that was opened by a password alone."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def nadia(nadia: User) -> User:
    return with_password(nadia)


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}"


NAMES = sorted(set(names(get_resolver().url_patterns)))


def let_through(user: User) -> set[str]:
    """Which routes the gate opens to a session of this account that was opened by a password alone."""
    request = cast("Any", RequestFactory().get("/somewhere/"))
    request.session, request.user, request.actor = SessionStore(), user, user
    gate = second_factor.Gate(lambda _request: HttpResponse())
    passed = set()
    with acting_as(user), request_context(request):
        for name in NAMES:
            request.resolver_match = SimpleNamespace(view_name=name)
            if gate.process_view(request, None, (), {}) is None:
                passed.add(name)
    return passed


class TestEveryRoute:
    @pytest.mark.parametrize("who", ["nadia", "tessa", "cora", "curt", "percy", "ada"])
    def test_nothing_but_the_pages_to_set_one_up(self, who: str) -> None:
        assert len(NAMES) > 80
        assert let_through(World().person(who)) == ALWAYS | SET_UP

    def test_whoever_has_one_can_only_show_it(self, nadia: User) -> None:
        """Else a stolen password could add a passkey of the thief's."""
        assert let_through(with_app(nadia)) == ALWAYS | ENTER

    @pytest.mark.parametrize("ask", ["get", "post"])
    def test_by_asking(self, ask: str) -> None:
        """What answers at all leads to the set-up and says nothing more; the API answers with a problem."""
        world = World()
        client = one_factor(with_password(world.nadia))
        asked = 0
        for route in ROUTES:
            for value in (world.case.ref, str(uuid4()), "1") if "<" in route else ("",):
                path = filled(route, value)
                answer = getattr(client, ask)(path)
                if answer.status_code != 404 and answer.resolver_match.view_name not in ALWAYS | SET_UP:
                    self.check(answer, path)
                    asked += 1
            if path == "/sign-out/":
                client = one_factor(with_password(world.nadia))
        assert asked > 60

    def check(self, answer: Any, path: str) -> None:
        if path.startswith("/api/"):
            assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json"), path
            assert answer.json()["status"] == 403
        else:
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/"), path
            assert answer.content == b""

    def test_a_fragment_is_led_there_as_a_page(self, nadia: User) -> None:
        answer = one_factor(nadia).get("/clinic/", headers={"hx-request": "true"})
        assert (answer.status_code, answer["HX-Redirect"], answer.content) == (403, "/account/second-step/", b"")

    def test_there_is_no_way_around(self) -> None:
        assert [route for route in ROUTES if "admin" in route] == []


def test_the_gate_closes_when_somebody_becomes_staff(alice: Patient, as_user: Any) -> None:
    """Also for a session that is open: it asks who one is now, and how this session was opened."""
    client = as_user(alice)
    assert client.get("/my/").status_code == 200
    assert alice.user
    with acting_as(SYSTEM):
        departments.appoint(alice.user, by=SYSTEM, role=Role.TRIAGE)
    assert client.get("/my/")["Location"] == "/account/second-step/"


def test_a_patient_is_not_asked(alice: Patient) -> None:
    assert alice.user
    client = Client()
    assert sign_in(client, with_password(alice.user))["Location"] == "/start/"
    assert client.get("/my/").status_code == 200


class TestSignIn:
    def test_the_code_of_the_app_and_back_to_the_same_place(self, nadia: User) -> None:
        client = Client()
        client.post("/sign-in/", {"login": with_app(nadia).email, "password": make.PASSWORD, "next": "/clinic/?q=x"})
        assert client.get("/clinic/")["Location"].startswith("/sign-in/")
        assert client.post("/sign-in/second-step/", {"code": "000000"}).status_code == 200
        assert client.post("/sign-in/second-step/", {"code": code_now()})["Location"] == "/clinic/?q=x"
        assert client.get("/clinic/").status_code == 200

    def test_a_mailed_code_is_one_factor(self, nadia: User) -> None:
        client = Client()
        client.post("/sign-in/code/", {"email": with_app(nadia).email})
        answer = client.post("/sign-in/code/enter/", {"code": mailed_code()})
        assert answer["Location"] == "/sign-in/second-step/"
        assert not is_in(client)

    def test_without_an_authenticator_either_way_leads_to_set_up(self, nadia: User) -> None:
        by_password, by_code = Client(), Client()
        sign_in(by_password, nadia)
        by_code.post("/sign-in/code/", {"email": nadia.email})
        by_code.post("/sign-in/code/enter/", {"code": mailed_code()})
        for client in (by_password, by_code):
            assert client.get("/clinic/")["Location"] == "/account/second-step/"

    def test_guesses_are_few(self, nadia: User) -> None:
        client = Client()
        sign_in(client, with_app(nadia))
        for number in range(5):
            client.post("/sign-in/second-step/", {"code": "000000"}, REMOTE_ADDR=f"10.0.0.{number}")
        answer = client.post("/sign-in/second-step/", {"code": code_now()}, REMOTE_ADDR="10.0.0.9")
        assert "Wait five minutes" in answer.content.decode()


class TestReplay:
    """RFC 6238, 5.2: a code counts once, also where allauth's memory of it (the cache) is gone."""

    def enter(self, user: User, code: str) -> bool:
        client = Client()
        sign_in(client, user)
        return client.post("/sign-in/second-step/", {"code": code}).status_code == 302

    def test_a_used_code_is_refused(self, nadia: User) -> None:
        user, code = with_app(nadia), code_now()
        assert self.enter(user, code)
        assert not self.enter(user, code)

    def test_also_in_the_half_minute_after_its_own(self, nadia: User) -> None:
        user = with_app(nadia)
        with time_machine.travel("2026-05-04 10:00:01Z", tick=False) as clock:
            code = code_now()
            assert self.enter(user, code)
            clock.shift(31)
            assert not self.enter(user, code)
            assert self.enter(user, code_now())

    def test_and_an_earlier_one_after_a_later_one(self, nadia: User) -> None:
        user = with_app(nadia)
        with time_machine.travel("2026-05-04 10:00:01Z", tick=False):
            assert self.enter(user, code_now(1))
            assert not self.enter(user, code_now())

    def test_two_steps_away_is_not_now(self, nadia: User) -> None:
        assert not self.enter(with_app(nadia), code_now(-2))

    def test_what_set_the_app_up_does_not_sign_in(self, nadia: User) -> None:
        client = set_up_by(nadia)
        code = turn_on(client)
        secret = Authenticator.objects.get(user=nadia, type="totp").data["secret"]
        assert code in {code_now(step, secret) for step in (-1, 0)}
        assert not self.enter(nadia, code)


def set_up_by(user: User) -> Client:
    """Signed in by password, led to the set-up from her work list, password typed again."""
    client = Client()
    sign_in(client, user)
    assert client.get("/clinic/?sort=due")["Location"] == "/account/second-step/"
    assert client.get("/account/second-step/").status_code == 200
    again = client.get("/account/second-step/app/")["Location"]
    assert again.startswith("/account/sign-in-again/?next="), "recent re-authentication comes first"
    assert client.post(again, {"password": make.PASSWORD})["Location"] == "/account/second-step/app/"
    return client


def turn_on(client: Client) -> str:
    page = client.get("/account/second-step/app/").content.decode()
    secret = re.search(r'fc-secret">([A-Z2-7]+)<', page)
    assert secret
    assert "<svg" in page
    assert "data:" not in page
    code = code_now(secret=secret.group(1))
    assert client.post("/account/second-step/app/", {"code": code})["Location"] == "/account/second-step/codes/"
    return code


class TestSetUp:
    def test_from_nothing_to_the_page_that_was_asked_for(self, nadia: User) -> None:
        elsewhere = Client()
        sign_in(elsewhere, nadia)
        client = set_up_by(nadia)
        turn_on(client)
        page = client.get("/account/second-step/codes/").content.decode()
        assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
        assert 'href="/clinic/?sort=due"' in page
        assert client.get("/clinic/").status_code == 200
        assert not is_in(elsewhere), "what was opened with less has ended"

    def test_recovery_codes_are_shown_once_and_work_once(self, nadia: User) -> None:
        client = set_up_by(nadia)
        turn_on(client)
        codes = re.findall(r"<code>(\d{8})</code>", client.get("/account/second-step/codes/").content.decode())
        again = client.get("/account/second-step/codes/").content.decode()
        assert not [code for code in codes if code in again]
        assert "You have 10 codes left" in again
        first, second = Client(), Client()
        for browser, status in ((first, 302), (second, 200)):
            sign_in(browser, nadia)
            assert browser.post("/sign-in/second-step/", {"code": codes[0]}).status_code == status
        assert first.get("/clinic/").status_code == 200
        assert "You have 9 codes left" in first.get("/account/second-step/").content.decode()

    @pytest.mark.parametrize(
        "path",
        ["/account/second-step/app/", "/account/passkeys/add/", "/account/second-step/codes/new/",
         "/account/second-step/app/remove/"],
    )  # fmt: skip
    def test_a_change_needs_recent_proof(self, path: str, nadia: User, as_user: Callable[..., Client]) -> None:
        with_app(nadia) if "remove" in path or "new" in path else None
        answer = as_user(nadia).get(path)
        assert answer["Location"].startswith("/account/sign-in-again/")

    def test_without_anything_to_show_again_one_signs_in_anew(self, alice: Patient) -> None:
        """Alice's account was opened by the clinic, without a password: she came in by a mailed code."""
        assert alice.user
        client = Client()
        with time_machine.travel("2026-05-04 10:00Z", tick=False) as clock:
            client.post("/sign-in/code/", {"email": alice.user.email})
            client.post("/sign-in/code/enter/", {"code": mailed_code()})
            assert client.get("/account/passkeys/add/").status_code == 200
            clock.shift(301)
            assert client.get("/account/passkeys/add/")["Location"] == "/sign-in/?next=/account/passkeys/add/"
        assert not is_in(client)

    def test_staff_keep_their_last_one(self, nadia: User) -> None:
        client = Client()
        sign_in(client, with_app(nadia))
        client.post("/sign-in/second-step/", {"code": code_now()})
        client.post("/account/sign-in-again/", {"password": make.PASSWORD})
        page = client.post("/account/second-step/app/remove/").content.decode()
        assert "Add another before you remove this one" in page
        assert Authenticator.objects.filter(user=nadia, type="totp").exists()

    def test_showing_it_later_opens_the_gate(self, nadia: User) -> None:
        client = one_factor(with_app(nadia))
        again = client.get("/clinic/?sort=due")["Location"]
        assert client.post(again, {"code": code_now()})["Location"] == "/clinic/?sort=due"
        assert client.get("/clinic/").status_code == 200


@pytest.mark.parametrize(
    "credential", ["", "x", "1", "[]", "{}", "null", '{"response": 1, "id": [], "type": {}}', '"' * 9]
)
def test_a_credential_that_is_none_is_refused(credential: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    answer = client.post("/sign-in/passkey/", {"credential": credential})
    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)


def test_a_passkey_is_of_the_site_and_not_of_the_host_that_was_asked(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    asked = {"accept": "application/json", "host": "evil.example"}
    options = Client().get("/sign-in/passkey/", headers=asked).json()["request_options"]["publicKey"]
    assert options["rpId"] == "localhost"
    assert options["userVerification"] == "required"


def test_the_code_stands_on_the_page_in_a_demonstration_only(nadia: User, settings: Any) -> None:
    client = Client()
    sign_in(client, with_app(nadia))
    assert "In this demonstration" not in client.get("/sign-in/second-step/").content.decode()
    settings.DEMO = True
    assert "In this demonstration" in client.get("/sign-in/second-step/").content.decode()
