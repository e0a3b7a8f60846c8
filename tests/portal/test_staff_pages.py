"""The mailbox of the demonstration, and the audit trail."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import Case, Patient
from portal import mailbox
from portal.models import User

SignIn = Callable[[User | Patient], Client]


def write(directory: Path, subject: str, text: str = "Hello") -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["Message-ID"] = subject, "a@example.org", f"<{subject}@x>"
    message.set_content(text)
    mailbox.keep(directory, message.as_bytes())


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Path:
    settings.DEMO, settings.MAILBOX_DIR = True, tmp_path
    return tmp_path


def test_the_administrator_reads_the_demos_mail(letters: Path, ada: User, as_user: SignIn) -> None:
    write(letters, "First", "Sign in: http://localhost:8000/my/ <script>alert(1)</script>")
    client = as_user(ada)
    page = client.get("/manage/mailbox/").content.decode()
    assert "First" in page
    [mail] = mailbox.kept(letters)
    letter = client.get(f"/manage/mailbox/{mail.id}/").content.decode()
    assert 'href="http://localhost:8000/my/"' in letter
    assert "<script>alert" not in letter


def test_mail_comes_by_pages_newest_first(letters: Path, ada: User, as_user: SignIn) -> None:
    for number in range(30):
        write(letters, f"Letter {number:02}")
    client = as_user(ada)
    first = client.get("/manage/mailbox/")
    assert [mail.subject for mail in first.context["letters"]][:2] == ["Letter 29", "Letter 28"]
    second = client.get(f"/manage/mailbox/{first.context['older']}")
    assert [mail.subject for mail in second.context["letters"]] == [f"Letter {n:02}" for n in (4, 3, 2, 1, 0)]
    assert second.context["older"] == ""


@pytest.mark.parametrize("id", ["x", "..", "%2e%2e%2fsettings", "20260101T000000.000000Z-000000000000"])
def test_only_kept_mail_opens(id: str, letters: Path, ada: User, as_user: SignIn) -> None:
    assert as_user(ada).get(f"/manage/mailbox/{id}/").status_code == 404


def test_outside_a_demonstration_there_is_no_mailbox(letters: Path, settings: Any, ada: User, as_user: SignIn) -> None:
    write(letters, "Secret")
    settings.DEMO = False
    assert "Not available" in as_user(ada).get("/manage/mailbox/").content.decode()
    [mail] = mailbox.kept(letters)
    assert as_user(ada).get(f"/manage/mailbox/{mail.id}/").status_code == 404


def test_staff_pages_are_for_few(
    letters: Path, alice: Patient, nadia: User, percy: User, client: Client, as_user: SignIn
) -> None:
    for who in (alice, nadia):
        assert as_user(who).get("/manage/mailbox/").status_code == 403
        assert as_user(who).get("/manage/audit/").status_code == 403
    assert as_user(percy).get("/manage/mailbox/").status_code == 403
    assert as_user(percy).get("/manage/audit/").status_code == 200
    assert client.get("/manage/audit/")["Location"].startswith("/sign-in/")


def test_the_trail_is_found_by_who_what_whom_and_when(triaged: Case, nadia: User, percy: User, as_user: SignIn) -> None:
    client = as_user(percy)

    def names(query: str) -> set[str]:
        return {row["event"].name for row in client.get(f"/manage/audit/{query}").context["rows"]}

    day = triaged.created_at.date().isoformat()
    assert {"cases.triage", "cases.open_case"} <= names("")
    assert names("?actor=nadia") == {"cases.triage"}
    assert names("?name=triage") == {"cases.triage"}
    assert names("?kind=refusal") == names("?until=2020-01-01") == set()
    assert "cases.triage" in names(f"?person={triaged.patient_id}")
    assert "cases.triage" in names(f"?since={day}&until={day}")
    assert "accounts.open_account" in names("?actor=system")
    page = client.get("/manage/audit/?actor=nadia").content.decode()
    assert "Nadia North" in page
    assert "Alice Ash" not in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_of_the_calendar_can_be_asked_for(day: str, percy: User, as_user: SignIn) -> None:
    assert as_user(percy).get(f"/manage/audit/?since={day}&until={day}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "?since=x",
        "?until=x",
        "?since=2026-02-02&until=2026-02-01",
        "?request=x",
        "?record=R0",
        "?person=x",
        "?kind=x",
        "?name=" + "x" * 99,
    ],
)
def test_a_filter_that_is_none_is_named(query: str, percy: User, as_user: SignIn) -> None:
    page = as_user(percy).get(f"/manage/audit/{query}")
    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()


def test_a_page_of_the_trail_costs_the_same_however_long_it_is(case: Case, percy: User, as_user: SignIn) -> None:
    def cost() -> int:
        client = as_user(percy)
        with CaptureQueriesContext(connection) as asked:
            client.get("/manage/audit/")
        return len(asked)

    first = cost()
    for _visit in range(3):
        as_user(percy).get("/clinic/")
    assert cost() == first


def test_the_trail_goes_back_page_by_page(case: Case, nadia: User, percy: User, as_user: SignIn) -> None:
    for _visit in range(30):
        as_user(nadia).get("/clinic/")
    page = as_user(percy).get("/manage/audit/?kind=read")
    [older] = re.findall(r'rel="next" href="([^"]+)"', page.content.decode())
    again = as_user(percy).get(f"/manage/audit/{unescape(older)}")
    assert len(again.context["rows"]) == 5
    assert 'rel="prev"' in again.content.decode()


def test_staff_without_patients_are_offered_no_dead_ends(percy: User, as_user: SignIn) -> None:
    page = as_user(percy).get("/manage/audit/").content.decode()
    for address in ("/manage/mailbox/", "/patients/", "/clinic/"):
        assert f'"{address}"' not in page
