"""Ways in, and what must not be one: no fixation, enumeration, open redirect or guessing; closed when blind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache.backends.redis import RedisCacheClient
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from patients.models import Patient
from portal.channels.email import write_mail
from portal.models import AuditEvent, Delivery, User
from portal.models.deliveries import Purpose
from tests import make
from tests.portal.entering import FIREFOX, SAFARI, is_in, mailed_code, mailed_link, sign_in, with_app, with_password

pytestmark = pytest.mark.django_db
UNKNOWN = "nobody@example.org"


@pytest.fixture
def paul(db: None) -> User:
    """A patient with a password."""
    return with_password(make.make_user("Paul Plain"))


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise RedisConnectionError("nobody answers")

    monkeypatch.setattr(RedisCacheClient, "get_client", down)


class TestPassword:
    def test_it_opens_a_session_and_is_on_record(self, paul: User) -> None:
        client = Client()
        assert sign_in(client, paul)["Location"] == "/start/"
        assert is_in(client)
        assert AuditEvent.objects.filter(name="sign_ins.begin", actor_id=paul.pk).count() == 1

    def test_a_wrong_one_does_not(self, paul: User) -> None:
        client = Client()
        assert sign_in(client, paul, "another-long-password").status_code == 200
        assert not is_in(client)

    def test_the_key_of_the_session_changes(self, paul: User) -> None:
        """A session that somebody planted before the sign-in is worth nothing after it."""
        client, thief = Client(), Client()
        session = client.session
        session["planted"] = True
        session.save()
        planted = client.cookies[live_settings.SESSION_COOKIE_NAME].value
        thief.cookies[live_settings.SESSION_COOKIE_NAME] = planted
        sign_in(client, paul)
        assert client.cookies[live_settings.SESSION_COOKIE_NAME].value != planted
        assert is_in(client)
        assert not is_in(thief)

    def test_a_closed_account_stays_closed(self, paul: User) -> None:
        paul.is_active = False
        paul.save()
        client = Client()
        assert sign_in(client, paul)["Location"] == "/account/inactive/"
        assert not is_in(client)


class TestMailedCode:
    def ask(self, client: Client, email: str) -> None:
        assert client.post("/sign-in/code/", {"email": email})["Location"] == "/sign-in/code/enter/"

    def test_it_opens_a_session_once(self, paul: User) -> None:
        client, other = Client(), Client()
        self.ask(client, paul.email)
        code = mailed_code()
        assert client.post("/sign-in/code/enter/?next=/account/email/", {"code": code})["Location"] == "/account/email/"
        assert is_in(client)
        self.ask(other, paul.email)
        other.post("/sign-in/code/enter/", {"code": code})
        assert not is_in(other)

    def test_three_wrong_ones_end_it(self, paul: User) -> None:
        client = Client()
        self.ask(client, paul.email)
        code = mailed_code()
        for _attempt in range(3):
            client.post("/sign-in/code/enter/", {"code": "WRONG123"})
        client.post("/sign-in/code/enter/", {"code": code})
        assert not is_in(client)

    def test_it_is_not_for_a_closed_account(self, paul: User) -> None:
        paul.is_active = False
        paul.save()
        self.ask(Client(), paul.email)
        assert not re.search(r"^\s*[A-Z0-9]{4}-", str(mail.outbox[-1].body), re.MULTILINE)


def told(answer: Any, *addresses: str) -> tuple[int, str, str]:
    """Status, where to, and the page without what differs from one load to the next."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for address in addresses:
        page = page.replace(address, "ADDRESS")
    return answer.status_code, answer.get("Location", ""), page


class TestNobodyLearnsWhoHasAnAccount:
    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/sign-in/", {"login": "{}", "password": "a-wrong-password"}),
            ("/sign-in/code/", {"email": "{}"}),
            ("/recover/", {"email": "{}"}),
            ("/register/", {"name": "Nia New", "email": "{}", "password1": "a-long-enough-password"}),
        ],
    )
    def test_the_same_answer(self, path: str, fields: dict[str, str], paul: User) -> None:
        answers = []
        for email in (paul.email, UNKNOWN):
            client = Client()
            filled = {name: value.format(email) for name, value in fields.items()}
            first = told(client.post(path, filled), email)
            answers.append((first, told(client.get(first[1]), email) if first[1] else None, len(mail.outbox)))
            mail.outbox.clear()
        assert answers[0] == answers[1]

    @pytest.mark.parametrize(
        ("path", "field", "more"),
        [
            ("/sign-in/", "login", {"password": "a-wrong-password"}),
            ("/register/", "email", {"name": "Nia New", "password1": "a-long-enough-password"}),
        ],
    )
    def test_about_the_same_time(
        self, path: str, field: str, more: dict[str, str], paul: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What takes the time is hashing a password: as often for a known address as for an unknown one."""
        hashed: list[str] = []
        encode = hashers.PBKDF2PasswordHasher.encode

        def counted(self: Any, password: str, *args: Any, **kwargs: Any) -> str:
            hashed.append(password)
            return str(encode(self, password, *args, **kwargs))

        monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "encode", counted)
        counts = []
        for email in (paul.email, UNKNOWN):
            hashed.clear()
            Client().post(path, {field: email, **more})
            counts.append(len(hashed))
        assert counts[0] == counts[1] > 0


class TestResetLinks:
    def test_it_is_of_the_site_and_not_of_the_host_that_was_asked(self, paul: User, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        Client().post("/recover/", {"email": paul.email}, headers={"host": "evil.example"})
        assert mailed_link().startswith("http://localhost:8000/recover/")
        assert "evil" not in str(mail.outbox[-1].message())

    def test_it_works_once(self, paul: User) -> None:
        Client().post("/recover/", {"email": paul.email})
        path = mailed_link().removeprefix("http://localhost:8000")
        new = {"password1": "another-long-password", "password2": "another-long-password"}
        first = Client()
        form = first.get(path)["Location"]
        assert first.post(form, new)["Location"] == "/recover/done/"
        again = Client().get(path)
        assert again.status_code == 200
        assert "no longer works" in again.content.decode()
        assert first.post(form, dict.fromkeys(new, "a-third-long-password")).status_code == 200
        assert User.objects.get(pk=paul.pk).check_password("another-long-password")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "http:evil.example", "javascript:alert(1)",
     "https://localhost:8000@evil.example/", "\thttps://evil.example/"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(elsewhere: str, paul: User) -> None:
    client = Client()
    answer = client.post("/sign-in/", {"login": paul.email, "password": make.PASSWORD, "next": elsewhere})
    assert answer["Location"] == "/start/"
    assert client.post("/sign-out/", {"next": elsewhere})["Location"] == "/"


class TestGuessing:
    def test_by_account(self, paul: User) -> None:
        """From as many addresses as there are attempts."""
        for number in range(5):
            sign_in(Client(), paul, "a-wrong-password", REMOTE_ADDR=f"10.0.0.{number}")
        client = Client()
        answer = sign_in(client, paul, REMOTE_ADDR="10.0.0.9")
        assert "Wait five minutes" in answer.content.decode()
        assert not is_in(client)

    def test_by_address(self, paul: User) -> None:
        for number in range(10):
            client = Client()
            client.post("/sign-in/", {"login": f"x{number}@example.org", "password": "a-wrong-password"})
        assert "Wait five minutes" in sign_in(client, paul).content.decode()
        assert not is_in(client)

    def test_too_many_of_any_kind_from_one_address(self, paul: User) -> None:
        statuses = {Client().post("/sign-in/code/enter/", {"code": "x"}).status_code for _attempt in range(121)}
        assert statuses == {302, 429}


class TestBlind:
    """While attempts can't be counted nobody gets in, and who is in works on."""

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/sign-in/", {"login": "paul@example.org", "password": make.PASSWORD}),
            ("/sign-in/code/", {"email": "paul@example.org"}),
            ("/sign-in/code/enter/", {"code": "ABCD-EFGH"}),
            ("/sign-in/passkey/", {"credential": "{}"}),
            ("/sign-in/second-step/", {"code": "123456"}),
            ("/recover/", {"email": "paul@example.org"}),
            ("/recover/1-set-password/", {"password1": "x"}),
            ("/register/", {"name": "N", "email": "n@example.org", "password1": "a-long-enough-password"}),
        ],
    )
    def test_the_door_is_closed(self, path: str, fields: dict[str, str], no_cache: None) -> None:
        answer = Client().post(path, fields)
        assert answer.status_code == 503
        assert "Try again in a minute" in answer.content.decode()
        assert mail.outbox == []

    def test_the_second_step_too(self, nadia: User, monkeypatch: pytest.MonkeyPatch) -> None:
        client = Client()
        sign_in(client, with_app(nadia))

        def down(*args: object, **kwargs: object) -> None:
            raise RedisConnectionError("nobody answers")

        monkeypatch.setattr(RedisCacheClient, "get_client", down)
        assert client.post("/sign-in/second-step/", {"code": "123456"}).status_code == 503

    def test_work_goes_on(self, alice: Patient, case: Any, nadia: User, as_user: Any, no_cache: None) -> None:
        browser = as_user(alice)
        assert browser.get(f"/my/cases/{case.ref}/").status_code == 200
        assert browser.post(f"/my/cases/{case.ref}/say", {"body": "It goes on."}).status_code == 302
        assert as_user(nadia).get("/clinic/").status_code == 200
        assert as_user(nadia).get("/api/v1/cases/").status_code in {200, 404}


class TestNewDevices:
    def sign_in(self, user: User, agent: str, browser: Client | None = None) -> Client:
        browser = browser or Client()
        sign_in(browser, user, headers={"user-agent": agent})
        return browser

    def told(self) -> list[Delivery]:
        return list(Delivery.objects.filter(purpose=Purpose.NEW_DEVICE))

    def test_its_owner_is_told_once_for_each(self, paul: User) -> None:
        first = self.sign_in(paul, FIREFOX)
        assert self.told() == [], "the very first sign-in is no news"
        self.sign_in(paul, SAFARI)
        assert len(self.told()) == 1
        first.post("/sign-out/")
        self.sign_in(paul, FIREFOX, first)
        assert len(self.told()) == 1, "this browser was here before"
        mailed = write_mail(self.told()[0])
        assert "Mobile Safari on iOS" in mailed.body
        assert f"{live_settings.SITE_URL}/account/sessions/" in mailed.body
        assert mailed.to == [paul.email]
        assert mail.outbox == [], "the outbox tells it, not the request"

    def test_a_browser_known_to_one_account_is_new_to_another(self, paul: User) -> None:
        other = with_password(make.make_user("Otto Other"))
        self.sign_in(other, FIREFOX)
        shared = self.sign_in(paul, FIREFOX)
        shared.post("/sign-out/")
        self.sign_in(other, FIREFOX, shared)
        assert [row.recipient for row in self.told()] == [other]

    def test_the_cookie_can_be_neither_read_nor_made(self, paul: User) -> None:
        browser = self.sign_in(paul, FIREFOX)
        cookie = browser.cookies["devices"]
        assert cookie["httponly"]
        assert str(paul.pk) not in cookie.value
        forger = Client()
        forger.cookies["devices"] = cookie.value[:-3] + "xyz"
        self.sign_in(paul, FIREFOX, forger)
        assert len(self.told()) == 1


def test_identity_is_never_a_telephone_number() -> None:
    assert set(live_settings.ACCOUNT_LOGIN_METHODS) == {"email"}
    assert not [field.name for field in User._meta.get_fields() if "phone" in field.name]


def test_a_change_is_told_through_the_outbox(
    paul: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Also when the mail server is down, and to the owner of the account."""
    client = Client()
    sign_in(client, paul, headers={"user-agent": FIREFOX})
    sent = {"oldpassword": make.PASSWORD, "password1": "another-long-password", "password2": "another-long-password"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/password/", sent).status_code == 302
    (told_it,) = Delivery.objects.filter(purpose=Purpose.ACCOUNT_CHANGED)
    assert "password of your account was changed" in write_mail(told_it).body
    assert mail.outbox == []
