"""My case: where it is, what must not be taken, what waits for me, and writing on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from patients.models import Case, CaseQuestion, Message, Patient
from patients.models.cases import Status
from portal.models import Department, Notification, User
from tests import make
from tests.patients.conftest import Record
from tests.patients.test_views_asking import key_on
from tests.patients.told import trail

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


def text_of(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode().replace("&#x27;", "'")


def titles(client: Client, path: str) -> list[tuple[str, str]]:
    return [(step["title"], step["state"]) for step in client.get(path).context["steps"]]


def test_a_new_case_says_by_when_it_is_answered(browser: Client, case: Case) -> None:
    assert titles(browser, "/my/") == [("Question sent", "done"), ("A doctor reads it", "now"), ("Finished", "")]
    assert case.answer_due_at.strftime("Answer by %-d %B, %H:%M") in text_of(browser, "/my/")


def test_a_late_answer_is_called_late(browser: Client, case: Case) -> None:
    Case.objects.update(answer_due_at=case.created_at)
    assert "It is late, and the clinic sees that." in text_of(browser, "/my/")


def test_steps_follow_what_happened(browser: Client, triaged: Case, nadia: User) -> None:
    make.make_reply(triaged, by=nadia)
    assert ("Doctor replied", "done") in titles(browser, "/my/")
    make.make_followup(triaged, by=nadia)
    assert ("Follow-up", "now") in titles(browser, "/my/")
    make.make_message(triaged)
    assert titles(browser, "/my/")[2] == ("You wrote again", "now")


def test_while_the_clinic_waits_the_case_says_so(browser: Client, triaged: Case, nadia: User) -> None:
    later = {question.pk: CaseQuestion.Outcome.DEFERRED for question in triaged.questions.all()}
    make.make_reply(triaged, by=nadia, outcomes=later)
    assert ("Paused: we wait for you", "now") in titles(browser, "/my/")
    make.make_case(triaged.patient, triaged.department)
    assert "Paused: we wait for you." in text_of(browser, "/my/")
    make.make_message(triaged)
    assert "Paused" not in text_of(browser, "/my/")


def test_each_question_shows_what_became_of_it(browser: Client, triaged: Case, nadia: User) -> None:
    first, second = triaged.questions.all()
    outcomes = {first.pk: CaseQuestion.Outcome.ANSWERED, second.pk: CaseQuestion.Outcome.NEEDS_VISIT}
    reply = make.make_reply(triaged, by=nadia, outcomes=outcomes)
    page = text_of(browser, "/my/")
    assert "Needs a visit" in page
    assert page.count(f'href="#m-{reply.pk}"') >= 2
    assert f'id="m-{reply.pk}"' in page


def test_the_last_safety_net_is_on_the_card(browser: Client, triaged: Case, nadia: User) -> None:
    assert "Call the clinic today if" in text_of(browser, "/my/")
    make.make_reply(triaged, by=nadia, safety_net="Come the same day if you stumble.")
    page = text_of(browser, "/my/")
    assert "Call the clinic today if" not in page
    assert page.count("Come the same day if you stumble.") == 2  # under the reply, and on the card


def test_what_must_not_be_taken_stands_before_all_else(browser: Client, record: Record) -> None:
    page = text_of(browser, "/my/")
    assert page.index("Don't take pramipexole") < page.index("For you to do") < page.index("Your questions")
    assert "call 112 now" in page
    assert "Go on with your other medicines as before" in page


def test_it_stands_on_the_list_of_cases_too(browser: Client, record: Record, neurology: Department) -> None:
    make.make_case(record.case.patient, neurology)
    page = text_of(browser, "/my/")
    assert "Your cases" in page
    assert page.index("Don't take pramipexole") < page.index("Your cases")
    assert f"/my/cases/{record.case.ref}/#say" in page


def test_a_medicine_on_hold_is_not_to_be_taken(browser: Client, record: Record) -> None:
    record.medicine.findings, record.medicine.has_hard_stop = [], False
    record.medicine.save()
    assert "Don't take pramipexole" not in text_of(browser, "/my/")
    record.medicine.status = "on_hold"
    record.medicine.save()
    assert "The clinic has put it on hold." in text_of(browser, "/my/")


def test_at_most_three_things_to_do_hardest_first(browser: Client, record: Record) -> None:
    page = browser.get("/my/")
    tasks = page.context["to_do"]
    assert [task.get("tag") for task in tasks["tasks"]] == ["Do this first", "New", "New"]
    assert tasks["total"] == 5
    assert "The first 3 of 5" in page.content.decode()


def test_news_is_opened_by_a_form_and_then_read(browser: Client, record: Record) -> None:
    told = record.notification
    address = f"/my/notifications/{told.pk}/open"
    assert browser.get(address).status_code == 405
    assert browser.post(address)["Location"] == told.path
    told.refresh_from_db()
    assert told.read_at
    assert trail("notifications.open_notification") == [("verb", "")]


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_news_leads_only_to_our_own_pages(browser: Client, record: Record, path: str) -> None:
    Notification.objects.filter(pk=record.notification.pk).update(path=path)
    assert browser.post(f"/my/notifications/{record.notification.pk}/open")["Location"] == "/my/"


def test_writing_on_a_case(browser: Client, triaged: Case) -> None:
    page = browser.post(f"/my/cases/{triaged.ref}/say", {"body": " It is worse.\n<b>Much</b> "}, follow=True)
    assert Message.objects.get().body == "It is worse.\n<b>Much</b>"
    assert "Your message is sent." in page.content.decode()
    assert "<b>Much</b>" not in page.content.decode()


@pytest.mark.parametrize("body", ["", "   ", "x" * 100_000, "a\x00b", "a\x1bb"])
def test_a_message_that_cannot_be_sent_is_kept(browser: Client, triaged: Case, body: str) -> None:
    response = browser.post(f"/my/cases/{triaged.ref}/say", {"body": body})
    assert response.status_code == 422
    assert response.context["form"]["body"].value() == body
    assert "There is a problem" in response.content.decode()
    assert not Message.objects.exists()


def test_the_same_message_twice_is_one(browser: Client, triaged: Case) -> None:
    typed = {"body": "Once", "sending": key_on(text_of(browser, "/my/"))}
    for _ in range(2):
        page = browser.post(f"/my/cases/{triaged.ref}/say", typed, follow=True).content.decode()
    assert "sent already, once" in page
    assert Message.objects.count() == 1


def test_a_message_written_when_the_session_had_ended_comes_back(browser: Client, alice: Patient, case: Case) -> None:
    address = f"/my/cases/{case.ref}/"
    typed = {"body": "Long text", "sending": key_on(text_of(browser, address))}
    browser.logout()
    assert browser.post(f"{address}say", typed)["Location"] == f"/sign-in/?next={address}"
    assert alice.user
    browser.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert ">\nLong text</textarea>" in text_of(browser, address)
    browser.post(f"{address}say", {"body": "Long text"})
    assert ">\nLong text</textarea>" not in text_of(browser, address)


def test_a_closed_case_is_opened_by_a_message(browser: Client, triaged: Case, nadia: User) -> None:
    make.make_reply(triaged, by=nadia)
    triaged.refresh_from_db()
    triaged.move_to(Status.CLOSED, by=nadia)
    page = text_of(browser, f"/my/cases/{triaged.ref}/")
    assert "A message opens it again." in page
    browser.post(f"/my/cases/{triaged.ref}/say", {"body": "It came back."})
    triaged.refresh_from_db()
    assert triaged.status == "waiting"


def test_messages_of_every_case_lead_to_their_place(browser: Client, record: Record) -> None:
    for number in range(26):
        make.make_message(record.case, f"Message {number}.")
    first = browser.get("/my/messages/")
    newest, oldest = first.context["shown"][0], None
    assert newest[1] == f"/my/cases/{record.case.ref}/#m-{newest[0].pk}"
    oldest = browser.get(f"/my/messages/{first.context['pager'].older}").context["shown"][-1]
    assert f'id="m-{oldest[0].pk}"' in text_of(browser, oldest[1].split("#")[0])


def test_a_visitor_has_no_page_of_a_case(client: Client, case: Case) -> None:
    assert client.get(f"/my/cases/{case.ref}/")["Location"].startswith("/sign-in/")
    assert client.post(f"/my/cases/{case.ref}/say", {"body": "x"})["Location"].startswith("/sign-in/")
    assert not Message.objects.exists()
