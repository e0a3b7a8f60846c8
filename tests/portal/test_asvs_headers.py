"""What every answer carries, and what a clinic's own settings make of it under HTTPS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from django.conf import settings as own
from django.test import Client, RequestFactory

from patients.models import Case, Patient
from portal.limits import within
from portal.models import User
from tests import make

SignIn = Callable[[User | Patient], Client]
HOST = "portal.example.org"
SHOW = """
import json, django
MORE = ["ALLOWED_HOSTS", "AUTH_PASSWORD_VALIDATORS", "DEBUG", "DEMO"]
from django.conf import settings
django.setup()
names = [n for n in dir(settings) if n.startswith(("SECURE_", "SESSION_COOKIE", "CSRF_COOKIE"))]
print(json.dumps({n: getattr(settings, n) for n in [*names, *MORE]}, default=str))
"""


def loaded(**environment: str) -> dict[str, Any]:
    """The settings as they are with this environment and nothing else of a test's."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DEBUG", "FASCICLE_DEMO"}}
    ended = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=own.BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def of_a_clinic() -> dict[str, Any]:
    return loaded(SITE_URL=f"https://{HOST}", TRUSTED_PROXIES="1")


@pytest.fixture
def under_https(settings: Any, of_a_clinic: dict[str, Any]) -> Client:
    """A browser at a clinic's own portal, behind its proxy."""
    for name, value in of_a_clinic.items():
        setattr(settings, name, tuple(value) if name == "SECURE_PROXY_SSL_HEADER" else value)
    return Client(headers={"host": HOST, "x-forwarded-proto": "https"})


def test_left_alone_nothing_is_for_developers(of_a_clinic: dict[str, Any]) -> None:
    assert (of_a_clinic["DEBUG"], of_a_clinic["DEMO"]) == (False, False)


def test_a_proxys_word_is_taken_only_where_there_is_one() -> None:
    assert loaded(SITE_URL=f"https://{HOST}")["SECURE_PROXY_SSL_HEADER"] is None


@pytest.mark.django_db
def test_cookies_are_for_this_host_and_https_alone(under_https: Client) -> None:
    user = make.make_user("Hedda Https", email="hedda@example.org")
    user.set_password("the own one of Hedda")
    user.save()
    under_https.get("/sign-in/")
    answer = under_https.post("/sign-in/", {"login": "hedda@example.org", "password": "the own one of Hedda"})
    assert answer.status_code == 302
    cookies: dict[str, Morsel[str]] = dict(under_https.cookies)
    assert set(cookies) == {"__Host-session", "__Host-csrf", "__Host-devices"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookies["__Host-session"].value not in answer.content.decode() + str(answer["Location"])


@pytest.mark.django_db
def test_https_is_asked_for_a_year_and_below(under_https: Client) -> None:
    for path in ("/", "/sign-in/", "/nowhere/at/all/", "/health/", "/?q=%00"):
        assert under_https.get(path)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.django_db
def test_what_comes_by_http_is_led_to_https(under_https: Client) -> None:
    answer = under_https.get("/search/?q=cramps", headers={"x-forwarded-proto": "http"})
    assert (answer.status_code, answer["Location"]) == (301, f"https://{HOST}/search/?q=cramps")


@pytest.mark.django_db
def test_another_host_is_not_answered(under_https: Client) -> None:
    assert under_https.get("/", headers={"host": "evil.example"}).status_code == 400


PATHS = [
    "/", "/search/?q=x", "/sign-in/", "/register/", "/nowhere/", "/health/", "/robots.txt", "/sitemap.xml",
    "/feed.atom", "/my/", "/my/settings/", "/my/messages/", "/clinic/", "/api/v1/", "/api/v1/clinic/",
    "/api/v1/cases/x/", "/?q=%00", "/manage/audit/", "/.well-known/security.txt",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor", "alice", "nadia"])
def test_every_answer_carries_its_headers(who: str, alice: Patient, nadia: User, as_user: SignIn) -> None:
    client = {"visitor": lambda: Client(), "alice": lambda: as_user(alice), "nadia": lambda: as_user(nadia)}[who]()
    for path in PATHS:
        answer = client.get(path)
        policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
        for directive in ("default-src", "object-src", "base-uri", "frame-ancestors"):
            assert policy[directive] == ["'none'"], path
        assert {tuple(sources) for sources in policy.values()} == {("'none'",), ("'self'",)}, path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["Referrer-Policy"] == "same-origin", path
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert not answer.has_header("Access-Control-Allow-Origin"), path
        if answer.content:
            kind = answer["Content-Type"]
            assert "charset=utf-8" in kind or kind.startswith(("application/json", "application/problem+json")), path
        if who != "visitor" and path not in {"/health/", "/?q=%00"}:
            assert answer["Cache-Control"] == "no-store", path


@pytest.mark.django_db
def test_an_origin_is_never_echoed(alice: Patient, as_user: SignIn) -> None:
    for path in ("/my/settings/", "/api/v1/"):
        for ask in (as_user(alice).get, as_user(alice).options):
            answer = ask(path, headers={"origin": "https://evil.example", "access-control-request-method": "POST"})
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.django_db
def test_trace_sends_nothing_back(alice: Patient, as_user: SignIn) -> None:
    for path in ("/", "/my/settings/", "/api/v1/", "/health/", "/static/portal/mark.svg"):
        answer = as_user(alice).generic("TRACE", path, headers={"x-secret": "it-is-me"})
        assert answer.status_code == 405
        assert b"it-is-me" not in answer.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "forwarded", "ours"),
    [(0, "203.0.113.9", False), (1, "203.0.113.9", True), (1, "198.51.100.1, 203.0.113.9", True)],
)
def test_an_address_is_believed_of_our_own_proxy_only(proxies: int, forwarded: str, ours: bool, settings: Any) -> None:
    """Whatever a visitor writes in front of what our proxy adds, it is counted as that visitor's."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    ask = RequestFactory()
    seen = ask.get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="192.0.2.1")
    same = ask.get("/", headers={"x-forwarded-for": f"10.0.0.7, {forwarded}"}, REMOTE_ADDR="192.0.2.1")
    assert within(seen, "asvs", most=1, seconds=60)
    assert not within(same, "asvs", most=1, seconds=60)
    other = ask.get("/", headers={"x-forwarded-for": "203.0.113.77"}, REMOTE_ADDR="192.0.2.1")
    assert within(other, "asvs", most=1, seconds=60) is ours


@pytest.mark.django_db
def test_folders_are_not_listed(alice: Patient, as_user: SignIn) -> None:
    for path in (
        "/static/",
        "/static/portal/",
        "/static/portal/css/",
        "/.git/config",
        "/.env",
        "/files/",
        "/manage.py",
    ):
        assert as_user(alice).get(path).status_code == 404


@pytest.mark.django_db
def test_whom_to_tell_about_a_hole(settings: Any) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = Client().get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert (answer["Content-Type"], said["Contact"]) == ("text/plain; charset=utf-8", "mailto:security@example.org")
    assert said["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert "T00:00:00Z" in said["Expires"]


@pytest.mark.django_db
def test_the_broken_page_tells_nothing(case: Case, as_user: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*args: object, **kwargs: object) -> None:
        raise RuntimeError("SELECT secret FROM patients_case")

    monkeypatch.setattr("patients.views.patients.SettingsForm.of", fall)
    client = as_user(case.patient)
    client.raise_request_exception = False
    page = client.get("/my/settings/").content.decode()
    assert "Something broke on our side" in page
    for inside in ("SELECT", "RuntimeError", "Traceback", "patients_case", "site-packages", case.patient.name):
        assert inside not in page
