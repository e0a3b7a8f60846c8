"""Whatever goes wrong under /api/, a program is told it as problem details (RFC 9457), and nothing of the inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from patients.models import Case, Patient
from portal import problems
from portal.models import User

SignIn = Callable[[User | Patient], Client]


def fall(wrong: Exception) -> Callable[..., None]:
    def raising(*_args: object, **_kwargs: object) -> None:
        raise wrong

    return raising


@pytest.mark.django_db
def test_every_kind_of_problem(
    triaged: Case, nadia: User, as_user: SignIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, anyone, careless = as_user(nadia), Client(), Client(enforce_csrf_checks=True)
    careless.cookies = staff.cookies
    staff.raise_request_exception = False
    case = f"/api/v1/cases/{triaged.ref}/"
    answers = [
        (400, staff.get("/api/v1/patients/?q=%00")),
        (400, staff.post(f"{case}close/", "{", "application/json")),
        (400, staff.get(case, HTTP_HOST="elsewhere.example.org")),
        (401, anyone.get(case)),
        (403, careless.post(f"{case}close/", {}, "application/json")),
        (404, staff.get("/api/v1/cases/F-0/")),
        (404, anyone.get("/api/nowhere/")),
        (404, staff.get("/api/v1/nowhere/at/all/")),
        (405, staff.put(f"{case}close/")),
        (405, staff.get(f"{case}close/")),
        (405, staff.generic("TRACE", case)),
        (406, staff.get(case, HTTP_ACCEPT="application/xml")),
        (415, staff.post(f"{case}close/", "<close/>", "application/xml")),
        (422, staff.post(f"{case}reply/", {"seen": "x"}, "application/json")),
        (428, staff.post(f"{case}reply/", {}, "application/json")),
    ]
    monkeypatch.setattr("clinicians.api.workspace.read_case", fall(RuntimeError("a bug in the workings")))
    answers.append((500, staff.get(case)))
    settings.DEBUG = True
    answers.append((500, staff.get(case)))
    monkeypatch.setattr("clinicians.api.workspace.read_case", fall(OperationalError("gone")))
    answers.append((503, staff.get(case)))
    wrong = [f"{expected}: {why}" for expected, answer in answers if (why := lacking(expected, answer))]
    assert not wrong, "\n".join(wrong)


def lacking(expected: int, answer: Any) -> str:
    if answer.status_code != expected or answer["Content-Type"] != problems.JSON:
        return f"{answer.status_code} {answer['Content-Type']}"
    said, kind = answer.json(), problems.KINDS[expected]
    if (said["status"], said["title"]) != (expected, kind.title) or not said["type"].endswith(f"#{kind.code}"):
        return str(said)
    return "the workings are shown" if "workings" in answer.content.decode() else ""


@pytest.mark.django_db
def test_a_browser_keeps_the_clinics_own_page(nadia: User, as_user: SignIn) -> None:
    for path in ("/api/v1/nowhere/", "/api/v1/cases/F-0/"):
        answer = as_user(nadia).get(path, HTTP_ACCEPT="text/html,*/*;q=0.8")
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
