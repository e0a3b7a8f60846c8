"""The safety questions before the story: nothing is answered for anybody, a yes says what to do at once, and what was
answered goes with the question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from patients.models import Case, Patient, RedFlag, Screening
from patients.models.cases import Urgency
from patients.rules import triage
from portal.models import Department, Notification, User
from tests import make
from tests.patients.rules.test_triage import harmless
from tests.patients.told import ask_form, screen

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


@pytest.fixture(autouse=True)
def _clinic(neurology: Department, store: Path) -> None:
    """Somewhere to ask, and somewhere to keep files."""


def token_on(page: str) -> dict[str, str]:
    _before, found, rest = page.partition('name="screening" value="')
    return {"screening": rest.partition('"')[0]} if found else {}


def send(browser: Client) -> Case:
    browser.post("/ask/", ask_form(**token_on(browser.get("/ask/").content.decode())))
    return Case.objects.get()


def test_it_begins_with_what_it_is_about(browser: Client) -> None:
    page = browser.get("/ask/about/").content.decode()
    assert page.index("Call 112 now") < page.index('value="twitching"')
    assert browser.post("/ask/about/", {}).status_code == 422
    assert browser.post("/ask/about/", {"complaint": "twitching"})["Location"] == "/ask/safety/"
    assert browser.post("/ask/about/", {"complaint": "something_else"})["Location"] == "/ask/"


def test_no_answer_is_given_for_anybody(browser: Client) -> None:
    assert browser.get("/ask/safety/")["Location"] == "/ask/about/"
    for complaint in triage.complaints():
        browser.post("/ask/about/", {"complaint": complaint})
        page = browser.get("/ask/safety/").content.decode()
        assert "checked" not in page
        assert "selected" not in page.replace('value="" selected', "")


def test_a_question_left_out_is_asked_again_with_what_was_answered(browser: Client) -> None:
    answer = browser.post("/ask/safety/", {"complaint": "headache", "HA-04": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Choose an answer.") == 2 * 9
    assert page.count("checked") == 1


def test_a_yes_that_cannot_wait_does_not_wait_for_the_other_answers(browser: Client) -> None:
    answer = browser.post("/ask/safety/", {"complaint": "headache", "HA-01": "yes"}, follow=True)
    assert answer.redirect_chain == [("/ask/safety/get-help/", 302)]
    page = answer.content.decode()
    assert "Worst headache ever" in page
    assert "Send my question as well" in page
    case = send(browser)
    assert case.urgency == Urgency.EMERGENCY
    flag = RedFlag.objects.get()
    assert (flag.case, flag.source, flag.rule_ids, flag.urgency) == (case, "screening", ["HA-01"], Urgency.EMERGENCY)
    assert Screening.objects.get().answers == {"HA-01": "yes"}


def test_what_nobody_checked_asks_for_today_and_shows_what_cannot_wait(browser: Client) -> None:
    page = browser.post("/ask/safety/", screen("weakness_stroke", **{"WK-01": "yes"}), follow=True).content.decode()
    assert "Have somebody look at this today" in page
    assert "sudden weakness or numbness of the face" in page
    assert send(browser).urgency == Urgency.SAME_DAY


def test_what_was_answered_goes_with_the_question(browser: Client) -> None:
    assert browser.post("/ask/safety/", screen("twitching"))["Location"] == "/ask/"
    case = send(browser)
    assert case.urgency == Urgency.ROUTINE
    assert not RedFlag.objects.exists()
    kept = Screening.objects.get(case=case)
    assert (kept.complaint, kept.outcome, kept.rules_version) == ("twitching", "self_care", triage.version())
    assert kept.answers == harmless("twitching")
    page = browser.get(f"/ask/sent/{case.ref}/").content.decode()
    assert "Is there new trouble breathing" in page
    # The next question is asked anew.
    assert token_on(browser.get("/ask/").content.decode()) == {}


def test_without_the_questions_it_is_sent_and_not_screened(browser: Client) -> None:
    assert "You have not answered the safety questions" in browser.get("/ask/").content.decode()
    browser.post("/ask/", ask_form(screening="made up"))
    assert not Screening.objects.exists()


def test_nobody_elses_answers_are_taken(browser: Client, as_user: SignIn, bob: Patient) -> None:
    other = as_user(bob)
    other.post("/ask/safety/", screen("twitching"))
    browser.post("/ask/", ask_form(**token_on(other.get("/ask/").content.decode())))
    assert not Screening.objects.exists()


def test_what_is_ticked_with_a_message_is_a_red_flag(browser: Client, nadia: User) -> None:
    browser.post("/ask/safety/", screen("twitching"))
    case = make.make_triaged(send(browser), by=nadia, owner=nadia)
    make.make_reply(case, by=nadia)
    page = browser.get(f"/my/cases/{case.ref}/").content.decode()
    assert 'value="TW-01"' in page
    assert 'value="TW-04"' not in page
    answer = browser.post(
        f"/my/cases/{case.ref}/say", {"body": "It has changed.", "signs": ["TW-01", "TW-02b"]}, follow=True
    )
    shown = answer.content.decode()
    assert "Call 112 now" in shown
    assert "The clinic has been told." in shown
    case.refresh_from_db()
    assert (case.status, case.urgency) == ("waiting", Urgency.EMERGENCY)
    assert RedFlag.objects.get().source == "message"
    assert Notification.objects.filter(user=nadia, purpose="red_flag", path=f"/cases/{case.ref}/").count() == 1


def test_what_is_no_sign_of_this_complaint_is_refused(browser: Client) -> None:
    browser.post("/ask/safety/", screen("twitching"))
    case = send(browser)
    answer = browser.post(f"/my/cases/{case.ref}/say", {"body": "Kept words.", "signs": ["HA-01"]})
    assert answer.status_code == 422
    assert "Kept words." in answer.content.decode()
    assert not RedFlag.objects.exists()
    assert not mail.outbox
