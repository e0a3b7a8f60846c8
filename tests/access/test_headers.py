"""Every answer carries its headers, whatever it is and whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import reverse

from patients.models import Case, Patient
from portal.models import User
from tests import make

SignIn = Callable[[User | Patient], Client]
HEADERS = {
    "Content-Security-Policy": ("default-src 'none'",),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("DENY",),
    "Referrer-Policy": ("same-origin",),
    "Cross-Origin-Opener-Policy": ("same-origin",),
    "Cross-Origin-Resource-Policy": ("same-origin",),
    "Permissions-Policy": ("camera=()", "geolocation=()", "microphone=()"),
}


# Whose address is a key: it goes into no other request, not even into one of ours.
KEYS = {"patients:answer": "strict-origin", "portal:stop": "no-referrer",
        "patients:calendar_feed": "no-referrer"}  # fmt: skip


def missing(answer: Any, route: str = "") -> list[str]:
    """Which headers are not there, or do not say what they should."""
    expected = HEADERS | ({"Referrer-Policy": (KEYS[route],)} if route in KEYS else {})
    return [name for name, words in expected.items() if any(word not in answer.headers.get(name, "") for word in words)]


def fall(wrong: Exception) -> Callable[..., None]:
    def raising(*_args: object, **_kwargs: object) -> None:
        raise wrong

    return raising


@pytest.mark.django_db
def test_every_kind_of_answer(
    triaged: Case, nadia: User, curt: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, staff, anyone = as_user(triaged.patient), as_user(nadia), Client(enforce_csrf_checks=True)
    for client in (patient, staff, anyone):
        client.raise_request_exception = False
    case, many = f"/my/cases/{triaged.ref}/", {f"field-{number}": "x" for number in range(1001)}
    closing = f"/api/v1/cases/{triaged.ref}/assign/"
    stale = {"patient": str(triaged.patient_id), "seen": "x", "owner": ""}
    answers = [
        (200, anyone.get("/")),
        (200, patient.get(case)),
        (200, staff.get(f"/api/v1/cases/{triaged.ref}/")),
        (302, anyone.get(case)),
        (301, patient.get(case.rstrip("/"))),
        (400, anyone.get("/search/?q=%00")),
        (400, anyone.get("/", HTTP_HOST="elsewhere.example.org")),
        (400, patient.post("/my/settings/", many)),
        (403, patient.get("/clinic/")),
        (403, patient.get("/api/v1/clinic/")),
        (403, anyone.post("/sign-in/", {})),
        (404, patient.get("/my/cases/F-0/")),
        (404, staff.get("/api/v1/cases/F-0/")),
        (404, anyone.get("/static/nothing-here.css")),
        (405, patient.delete(case)),
        (405, staff.put(closing)),
        (405, staff.options(f"/cases/{triaged.ref}/")),
        (409, staff.post(closing, stale, "application/json")),
        (422, patient.post(f"{case}say", {"body": ""})),
    ]
    monkeypatch.setattr("patients.views.patients.SettingsForm.of", fall(RuntimeError("a bug")))
    answers.append((500, patient.get("/my/settings/")))
    monkeypatch.setattr("patients.views.patients.SettingsForm.of", fall(OperationalError("gone")))
    answers.append((503, patient.get("/my/settings/")))
    assert [answer.status_code for _expected, answer in answers] == [expected for expected, _answer in answers]
    assert [(expected, missing(answer)) for expected, answer in answers if missing(answer)] == []
    kept = [answer.request["PATH_INFO"] for _e, answer in answers if answer.client is not anyone and stores(answer)]
    assert kept == []


def stores(answer: Any) -> bool:
    return bool(answer.headers.get("Cache-Control", "") != "no-store")


def test_a_file_of_ours_has_them_too() -> None:
    assert finders.find("portal/css/tokens.css") or finders.find("portal/css/base.css")
    with override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True):
        answer = Client().get("/static/portal/css/tokens.css")
    assert answer.status_code == 200
    assert missing(answer) == []


@pytest.mark.django_db
def test_under_https_a_browser_is_told_to_stay_there() -> None:
    """The settings of a clinic whose SITE_URL begins with https (see settings.HTTPS)."""
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000):
        answer, plain = Client().get("/", secure=True), Client().get("/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert plain.status_code == 301
    assert plain.headers["Location"].startswith("https://")
    assert missing(plain) == []


def test_what_is_kept_of_a_session_is_out_of_a_scripts_reach(alice: Patient) -> None:
    assert alice.user
    user = make.make_user("Sam Signs", password=make.PASSWORD)
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": make.PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
