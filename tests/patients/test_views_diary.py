"""A few taps a day, by the patient alone; what is ticked as new reaches the clinic, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Case, DiaryEntry, Patient, RedFlag
from patients.models.cases import Urgency
from portal.models import Department, Notification, User
from portal.roles import Scope
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
LEVELS = {"symptom": "2", "worry": "3", "sleep": "0"}


@pytest.fixture
def screened(alice: Patient, neurology: Department) -> Case:
    return make.make_screened(alice, neurology, ("numbness_tingling", NOTHING))


NOTHING = {f"NT-{number:02}": "no" for number in range(1, 8)}


def day(back: int = 0) -> str:
    return f"/my/diary/{timezone.localdate() - timedelta(days=back)}/"


def test_a_day_is_written_and_put_right(browser: Client, case: Case) -> None:
    page = browser.get("/my/diary/").content.decode()
    assert "checked" not in page
    answer = browser.post(day(), {"case": case.ref, **LEVELS, "note": "Legs in the evening"}, follow=True)
    assert "Legs in the evening" in answer.content.decode()
    browser.post(day(), {"case": case.ref, **LEVELS, "symptom": "4"})
    entry = DiaryEntry.objects.get()
    assert (entry.symptom, entry.worry, entry.sleep, entry.note) == (4, 3, 0, "")


@pytest.mark.parametrize(
    ("back", "status"), [(0, 302), (1, 302), (2, 409), (-1, 409)], ids=["today", "yesterday", "older", "tomorrow"]
)
def test_only_today_and_yesterday(browser: Client, case: Case, back: int, status: int) -> None:
    answer = browser.post(day(back), {"case": case.ref, **LEVELS, "note": "Kept words"})
    assert answer.status_code == status
    assert DiaryEntry.objects.exists() is (status == 302)
    assert status == 302 or "Kept words" in answer.content.decode()


def test_what_is_missing_is_said_and_nothing_is_lost(browser: Client, case: Case) -> None:
    answer = browser.post(day(), {"case": case.ref, "symptom": "2", "note": "Kept words"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose how it was." in page
    assert "Kept words" in page
    assert browser.get("/my/diary/2026-13-40/").status_code == 404


def test_a_sign_reaches_the_clinic_once_and_says_what_to_do(
    browser: Client, screened: Case, nadia: User, neurology: Department
) -> None:
    make.make_on_call(neurology, nadia, by=nadia)
    ticked = {"case": screened.ref, **LEVELS, "signs": ["NT-02"]}
    page = browser.post(day(), ticked, follow=True).content.decode()
    assert "Call 112 now" in page
    # The same line put right is no second red flag.
    browser.post(day(), {**ticked, "note": "Since this morning"})
    flag = RedFlag.objects.get()
    assert (flag.source, flag.rule_ids, flag.urgency) == ("diary", ["NT-02"], Urgency.EMERGENCY)
    assert Notification.objects.filter(user=nadia, purpose="red_flag").count() == 1
    screened.refresh_from_db()
    assert screened.urgency == Urgency.EMERGENCY


def test_who_is_trusted_with_the_cases_reads_along_and_writes_nothing(
    as_user: SignIn, alice: Patient, case: Case
) -> None:
    make.make_diary(case, note="Hers alone to write")
    rita = make.make_user("Rita Rowan")
    client = as_user(rita)
    given = make.make_trust(alice, rita, scopes=[Scope.CASES, Scope.WRITING])
    client.post(f"/my/trusting/{given.pk}/look/")
    page = client.get("/my/diary/").content.decode()
    assert "Hers alone to write" in page
    assert "Write it down" not in page
    assert client.post(day(), {"case": case.ref, **LEVELS}).status_code == 403


def test_it_is_nobody_elses(as_user: SignIn, bob: Patient, case: Case) -> None:
    make.make_diary(case, note="Hers alone")
    client = as_user(bob)
    assert "There is no open case" in client.get("/my/diary/").content.decode()
    assert client.get(f"/my/diary/?case={case.ref}").status_code == 404
    assert client.post(day(), {"case": case.ref, **LEVELS}).status_code == 404


def test_many_days_are_as_cheap_as_one(browser: Client, case: Case) -> None:
    asked = []
    for days in (1, 40):
        for back in range(days):
            on = timezone.localdate() - timedelta(days=back)
            DiaryEntry.objects.get_or_create(
                case=case, on=on, defaults={"patient": case.patient, "symptom": 1, "worry": 1, "sleep": 1}
            )
        with CaptureQueriesContext(connection) as queries:
            browser.get("/my/diary/")
        asked.append(len(queries))
    assert asked[0] == asked[1]
