"""Opening a record, and one's own settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from patients.models import Patient
from portal.models import User
from tests import make
from tests.patients.told import trail

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


def details(**typed: str) -> dict[str, Any]:
    return {
        "born_on_day": "14",
        "born_on_month": "3",
        "born_on_year": "1996",
        "sex": "female",
        "phone": "",
        "time_zone": "Asia/Taipei",
        **typed,
    }


@pytest.fixture
def newcomer(as_user: SignIn) -> Client:
    return as_user(make.make_user("Nora New"))


def test_a_record_is_opened_and_one_goes_on(newcomer: Client) -> None:
    response = newcomer.post("/register/details/", details(next="/ask/"))
    assert response["Location"] == "/ask/"
    patient = Patient.objects.get()
    assert (patient.name, patient.born_on, patient.time_zone) == ("Nora New", date(1996, 3, 14), "Asia/Taipei")
    assert patient.allergies is None
    assert newcomer.get("/register/details/")["Location"] == "/my/"
    assert trail("patients.register") == [("verb", "")]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil", "x"]
)
def test_one_is_never_sent_elsewhere(newcomer: Client, elsewhere: str) -> None:
    assert newcomer.post("/register/details/", details(next=elsewhere))["Location"] == "/my/"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"born_on_day": "", "born_on_month": "", "born_on_year": ""}, "Enter a date"),
        ({"born_on_year": ""}, "needs a year"),
        ({"born_on_day": "31", "born_on_month": "2"}, "not a day of the calendar"),
        ({"born_on_day": "x"}, "not a day of the calendar"),
        ({"born_on_year": "96"}, "four digits"),
        ({"born_on_year": "2999"}, "has not been yet"),
        ({"born_on_year": "1066"}, "too long ago"),
        ({"born_on_year": "9" * 5000}, "not a day of the calendar"),
        ({"sex": ""}, "Choose one"),
        ({"sex": "x"}, "not one of the available choices"),
        ({"time_zone": "Mars/Olympus"}, "not one of the available choices"),
        ({"phone": "call me"}, "Enter a telephone number"),
        ({"phone": "1" * 41}, "at most 40"),
        # Looked at once, however long it is: what is too long is matched all the same.
        ({"phone": "1" * 200_000 + "?"}, "at most 40"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_kept(newcomer: Client, typed: dict[str, str], problem: str) -> None:
    response = newcomer.post("/register/details/", details(**typed))
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(problem) >= 2
    assert 'href="#id_' in page
    assert not Patient.objects.exists()


def test_the_three_parts_of_a_date_have_labels_and_the_summary_leads_to_the_first(newcomer: Client) -> None:
    page = newcomer.post("/register/details/", details(born_on_day="40")).content.decode()
    for part in ("day", "month", "year"):
        assert f'for="id_born_on_{part}"' in page
        assert f'id="id_born_on_{part}"' in page
    assert 'href="#id_born_on_day"' in page
    assert 'value="40"' in page


def test_staff_are_told_that_they_have_no_record(as_user: SignIn, nadia: User) -> None:
    page = as_user(nadia).get("/my/", follow=True).content.decode()
    assert "You are signed in as staff" in page


def test_a_patients_role_and_number_are_not_the_forms_to_set(newcomer: Client) -> None:
    newcomer.post("/register/details/", details(record_number="R1", is_sample="1", user="x", name="Queen"))
    patient = Patient.objects.get()
    assert (patient.name, patient.is_sample) == ("Nora New", False)
    assert patient.record_number != "R1"


def mine(**typed: str) -> dict[str, str]:
    return {"name": "Alice Ash", "phone": "", "time_zone": "UTC", "allergies_known": "none", "allergies": "", **typed}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"allergies_known": "none"}, ""),
        ({"allergies_known": "some", "allergies": "penicillin: rash"}, "penicillin: rash"),
        ({"allergies_known": "unsure"}, None),
    ],
)
def test_allergies_are_none_known_a_list_or_not_known(
    browser: Client, alice: Patient, typed: dict[str, str], kept: str | None
) -> None:
    assert browser.post("/my/settings/", mine(**typed), follow=True).status_code == 200
    alice.refresh_from_db()
    assert alice.allergies == kept


@pytest.mark.parametrize(
    "typed",
    [
        {"allergies_known": ""},
        {"allergies_known": "some", "allergies": " "},
        {"allergies_known": "none", "allergies": "penicillin"},
        {"name": " "},
        {"name": "a\x00b"},
        {"allergies_known": "some", "allergies": "x" * 100_000},
        {"time_zone": "nowhere"},
    ],
)
def test_settings_that_contradict_themselves_change_nothing(browser: Client, typed: dict[str, str]) -> None:
    response = browser.post("/my/settings/", mine(**typed))
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert trail("patients.amend") == []


def test_the_pages_follow_ones_own_clock(browser: Client, alice: Patient, case: object) -> None:
    browser.post("/my/settings/", mine(time_zone="Pacific/Kiritimati"))
    alice.refresh_from_db()
    due = alice.cases.get().answer_due_at
    assert due.astimezone(ZoneInfo("Pacific/Kiritimati")).strftime("%H:%M") in browser.get("/my/").content.decode()
