"""Writing a reply: a draft that is kept, what is put into it, what is promised with it, and undoing it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from clinicians.actions import cases, reply_drafts
from clinicians.models import ReplyDraft, SentReply
from patients.models import Case, FollowUp, Message, Patient
from patients.models.messages import MessageArticle
from portal.access import IllegalMove, Role, Unseen
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import AuditEvent, Delivery, Membership, Notification, User
from tests import make
from tests.clinicians.test_api_case import a_reply, meant, promise
from tests.faq import make as library
from tests.sink import smtp_sink

pytestmark = pytest.mark.django_db
HTML: Any = {"HTTP_ACCEPT": "text/html"}
SignIn = Callable[[User | Patient], Client]


def a_draft(client: Client, case: Case, **said: Any) -> dict[str, Any]:
    return {**meant(client, case), "body": "Thank you for", "safety_net": "", "draft": "0", **said}


def page_of(client: Client, case: Case) -> str:
    return client.get(f"/cases/{case.ref}/", **HTML).content.decode()


# The draft.


def test_a_draft_opens_with_the_case_and_is_gone_when_sent(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    question = triaged.questions.all()[0]
    said = {f"outcomes-{question.pk}": "deferred", "suggest": "on", **promise("call", "Hear")}
    saved = client.post(f"/cases/{triaged.ref}/reply/draft/", a_draft(client, triaged, **said), **HTML)
    assert (saved.status_code, saved["Location"]) == (302, f"/cases/{triaged.ref}/#reply")
    page = page_of(client, triaged)
    assert "Thank you for</textarea>" in page
    assert "Draft saved" in page
    assert page.count("checked") >= 3
    client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged), **HTML)
    assert not ReplyDraft.objects.exists()


def test_a_draft_is_its_writers_alone_and_ends_with_their_reach(triaged: Case, nadia: User, as_user: SignIn) -> None:
    nora = make.make_user("Nora Noon", role=Role.CLINICIAN, department=triaged.department)
    make.make_reply_draft(triaged, by=nadia, body="Mine alone")
    assert "Mine alone" not in page_of(as_user(nora), triaged)
    for who, count in ((nadia, 1), (nora, 0), (triaged.patient.user, 0)):
        assert who
        assert ReplyDraft.objects.visible_to(who).count() == count
        with acting_as(who):
            assert ReplyDraft.objects.count() == count
    Membership.objects.filter(user=nadia).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert ReplyDraft.objects.visible_to(nadia).count() == 0
    with acting_as(nadia):
        assert ReplyDraft.objects.count() == 0


def test_of_two_windows_the_older_keeps_its_words_and_sees_the_stored(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    client, address = as_user(nadia), f"/cases/{triaged.ref}/reply/draft/"
    make.make_reply_draft(triaged, by=nadia, body="Written in the other window")
    late = client.post(address, a_draft(client, triaged, body="Written here"), **HTML)
    text = late.content.decode()
    assert late.status_code == 409
    assert "Written here</textarea>" in text
    assert "Written in the other window" in text
    assert 'name="draft" value="1"' in text
    assert ReplyDraft.objects.get().body == "Written in the other window"
    again = a_draft(client, triaged, body="Written here", draft="1")
    assert client.post(f"/api/v1{address}", again).json()["version"] == 2
    # The same once more, from an old version: nothing to tell apart. Of a draft nobody asks what was read.
    del again["seen"]
    assert client.post(f"/api/v1{address}", {**again, "draft": "0"}).status_code == 200


def test_a_draft_survives_the_end_of_its_session(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    client.post(f"/cases/{triaged.ref}/reply/draft/", a_draft(client, triaged), **HTML)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert client.get(f"/cases/{triaged.ref}/", **HTML).status_code == 302
        assert "Thank you for</textarea>" in page_of(as_user(nadia), triaged)


def test_nothing_is_drafted_where_nobody_waits(triaged: Case, nadia: User) -> None:
    make.make_reply(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="does not wait"), acting_as(nadia):
        reply_drafts.keep(triaged, by=nadia, version=0, words=make.WORDS)


# What is put into it.


def compose(client: Client, case: Case, **said: Any) -> Any:
    return client.post(f"/cases/{case.ref}/reply/compose/", a_draft(client, case, **said), **HTML)


def test_a_saved_reply_is_filled_and_put_at_the_end(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    saved = make.make_saved_reply(triaged.department, by=nadia, body="Dear {patient_name}, case {case_number}.")
    answer = compose(client, triaged, do="insert", insert=str(saved.pk), body="First this.", safety_net="Call us.")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f"First this.\n\nDear Alice Ash, case {triaged.ref}.</textarea>" in text
    assert "Call us.</textarea>" in text
    assert "Choose one" in text
    assert (
        client.post(f"/cases/{triaged.ref}/reply/compose/", a_draft(client, triaged, insert="x"), **HTML).status_code
        == 422
    )
    assert compose(client, triaged, do="insert", insert=str(uuid4())).status_code == 404


def test_a_complaint_brings_its_signs_and_keeps_the_departments(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    found = client.post(
        f"/api/v1/cases/{triaged.ref}/reply/compose/", a_draft(client, triaged, do="safety", complaint="twitching")
    ).json()["safety_net"]
    assert "Call 112 at once for sudden weakness" in found
    assert "Call 112 at once as well if:\n- you get short of breath" in found
    assert "{" not in found
    assert compose(client, triaged, do="safety", complaint="tremor").status_code == 422


def test_what_is_not_filled_in_is_not_sent(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = a_reply(client, triaged, body="We meet on {followup_date}.")
    answer = client.post(f"/cases/{triaged.ref}/reply/", sent, **HTML)
    assert answer.status_code == 422
    assert "Fill in {followup_date}" in answer.content.decode()


def test_articles_are_found_sent_along_and_read_by_the_patient(
    triaged: Case, nadia: User, curt: User, carla: User, as_user: SignIn
) -> None:
    client, alice = as_user(nadia), as_user(triaged.patient)
    article = library.make_published_article(triaged.department, by=curt, approver=carla, title="About twitching")
    draft = library.make_draft(triaged.department, by=nadia, editor=curt, title="Not for readers yet")
    found = compose(client, triaged, do="find", find="twitching", body="Keep this.").content.decode()
    assert f'value="article-{article.pk}"' in found
    assert "Keep this.</textarea>" in found
    for key in (f"question-{draft.pk}", "article-x", str(article.pk)):
        assert (
            client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged, articles=key), **HTML).status_code
            == 422
        )
    chosen = a_reply(client, triaged, articles=f"article-{article.pk}")
    assert client.post(f"/cases/{triaged.ref}/reply/", chosen, **HTML).status_code == 302
    assert MessageArticle.objects.get().article == article
    assert article.get_absolute_url() in alice.get(f"/my/cases/{triaged.ref}/").content.decode()


# Looking at it, and what it forgets.


def test_the_checks_tell_what_is_missing_while_one_writes(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    make.make_released(make.make_result(triaged, by=nadia, title="Thyroid panel"), by=nadia)
    sent = a_draft(client, triaged, body="Your heart is fine.", do="check")
    answer = client.post(f"/cases/{triaged.ref}/reply/compose/", sent, HTTP_HX_REQUEST="true", **HTML)
    text = answer.content.decode()
    assert text.strip().startswith('<ul class="fc-checklist"')
    for words in ("0 of 2 questions", "mention Thyroid panel", "No “when to get help sooner”"):
        assert words in text
    assert not ReplyDraft.objects.exists()


def test_a_preview_shows_the_letter_carries_every_word_and_sends_nothing(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    sent = a_reply(client, triaged, body="It is <b>not</b> a bad sign.", **promise("visit", "Look again"))
    page = client.post(f"/cases/{triaged.ref}/reply/preview/", sent, **HTML)
    text = page.content.decode()
    assert page.status_code == 200
    assert '<div class="fc-voice fc-voice--doctor">' in text
    assert "It is &lt;b&gt;not&lt;/b&gt; a bad sign." in text
    assert "With it you promise a follow-up on" in text
    for name, value in sent.items():
        assert f'name="{name}" value="' in text or not value, name
    assert not Message.objects.exists()
    empty = client.post(f"/cases/{triaged.ref}/reply/preview/", {**sent, "body": ""}, **HTML)
    assert empty.status_code == 422


def test_a_form_for_another_patient_is_not_kept(triaged: Case, bob: Patient, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = {**a_draft(client, triaged), "patient": str(bob.pk)}
    for address in ("draft", "compose", "preview"):
        assert client.post(f"/cases/{triaged.ref}/reply/{address}/", sent, **HTML).status_code == 409
    assert not ReplyDraft.objects.exists()


# Sending and promising in one step.


def test_a_reply_and_its_follow_up_are_both_or_nothing(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client, address = as_user(nadia), f"/cases/{triaged.ref}/reply/"
    plan = promise("visit", "See how it is")
    assert client.post(address, a_reply(client, triaged, **{**plan, "followup-reason": ""}), **HTML).status_code == 422
    followup = make.make_followup(triaged, by=nadia)
    # The same is promised already, for the same day.
    refused = client.post(address, a_reply(client, triaged, **plan), **HTML)
    assert refused.status_code == 409
    assert "This is what we think.</textarea>" in refused.content.decode()
    triaged.refresh_from_db()
    assert (triaged.status, Message.objects.count(), FollowUp.objects.count()) == ("waiting", 0, 1)
    FollowUp.objects.filter(pk=followup.pk).update(kind="call")
    assert client.post(address, a_reply(client, triaged, **plan), **HTML).status_code == 302
    assert FollowUp.objects.get(kind="visit").reason == "See how it is"
    assert Message.objects.count() == 1


def test_a_public_answer_is_next_where_it_is_suggested(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    answer = client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged, suggest="on"), **HTML)
    assert answer["Location"] == f"/cases/{triaged.ref}/publish/"


# Undoing it.


@pytest.fixture
def sent(triaged: Case, nadia: User, as_user: SignIn, settings: Any) -> Case:
    """Just now, with a follow-up: the patient sees it in thirty seconds."""
    settings.REPLY_UNDO_SECONDS = 30
    client = as_user(nadia)
    said = {"body": "Your hidden answer.", "draft": "0", **promise("visit", "Hidden visit")}
    assert client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged, **said), **HTML).status_code == 302
    triaged.refresh_from_db()
    return triaged


HIDDEN = ("Your hidden answer.", "Hidden visit", "Doctor replied", "Read the reply", ">Answered<")
PAGES = ("/my/", "/my/messages/", "/my/follow-ups/")


def shown(alice: Client, case: Case) -> str:
    return "\n".join(alice.get(path).content.decode() for path in (*PAGES, f"/my/cases/{case.ref}/"))


def test_for_thirty_seconds_the_patient_sees_and_hears_nothing(sent: Case, as_user: SignIn) -> None:
    alice = sent.patient.user
    assert alice
    page = shown(as_user(alice), sent)
    assert [words for words in HIDDEN if words in page] == []
    assert "Not answered yet" in page
    for model in (Message, FollowUp, Notification):
        assert not model.objects.visible_to(alice).exists(), model
        with acting_as(alice):
            assert not model.objects.exists(), model
    mails = Delivery.objects.filter(channel="email")
    with smtp_sink() as sink:
        deliveries.deliver_due()
        assert sink.mails == []
        # That there is a reply; and that something was planned: at night not before the morning.
        assert min(mails.values_list("due_at", flat=True)) > timezone.now()
        with time_machine.travel(timezone.now() + timedelta(hours=12)):
            deliveries.deliver_due()
        assert {mail["Subject"].split()[0] for mail in sink.mails} == {"There", "Fascicle"}


def test_after_thirty_seconds_it_is_there_and_stands(sent: Case, nadia: User, as_user: SignIn) -> None:
    # The database has its own clock, which stands since the test began: as if it had been sent well before.
    past = timezone.now() - timedelta(minutes=5)
    for rows in (Message.objects, FollowUp.objects, Notification.objects):
        rows.update(visible_at=past)
    Case.objects.filter(pk=sent.pk).update(held_until=past)
    page = shown(as_user(sent.patient), sent)
    assert all(words in page for words in HIDDEN[:3])
    client = as_user(nadia)
    late = client.post(f"/cases/{sent.ref}/reply/undo/", {"patient": str(sent.patient_id)}, **HTML)
    assert late.status_code == 409
    assert "The patient can read it already" in late.content.decode()
    assert "Undo</button>" not in page_of(client, sent)


def test_by_the_clock_it_can_be_undone_for_thirty_seconds(sent: Case, nadia: User) -> None:
    message = Message.objects.get()
    assert message.visible_at
    with time_machine.travel(message.visible_at + timedelta(seconds=1), tick=False):
        assert not message.is_held
        with pytest.raises(IllegalMove, match="already"), acting_as(nadia):
            cases.undo_reply(message, by=nadia)
    with time_machine.travel(message.visible_at - timedelta(seconds=1), tick=False), acting_as(nadia):
        cases.undo_reply(message, by=nadia)


def test_undone_it_is_as_it_was_and_the_words_are_a_draft(
    sent: Case, triaged: Case, nadia: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    page = page_of(client, sent)
    assert "until then you can undo it" in page
    assert "Your hidden answer." in page
    before = Case.objects.get(pk=sent.pk).events.earliest("pgh_id")  # type: ignore[attr-defined]
    answer = client.post(f"/cases/{sent.ref}/reply/undo/", {"patient": str(sent.patient_id)}, **HTML)
    assert answer["Location"] == f"/cases/{sent.ref}/#reply"
    case, message = Case.objects.get(pk=sent.pk), Message.objects.get()
    assert (case.status, case.owner, case.held_until) == ("waiting", nadia, None)
    assert case.answer_due_at == triaged.answer_due_at
    assert before.answer_due_at <= case.answer_due_at
    assert (message.undone_by, message.body) == (nadia, "Your hidden answer.")
    assert case.questions.open().count() == 2
    assert FollowUp.objects.get().status == "closed"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    page = page_of(client, sent)
    assert "Your hidden answer.</textarea>" in page
    assert 'name="followup-period" value="1m" checked' in page
    assert page.count("Your hidden answer.") == 1, "in the draft, and nowhere among the messages"
    assert [words for words in HIDDEN if words in shown(as_user(sent.patient), sent)] == []
    assert AuditEvent.objects.filter(name="cases.undo_reply", kind="verb").count() == 1
    # Undone once is undone; and what was sent again is another message.
    assert client.post(f"/cases/{sent.ref}/reply/undo/", {"patient": str(sent.patient_id)}, **HTML).status_code == 409
    assert client.post(f"/cases/{sent.ref}/reply/", a_reply(client, case), **HTML).status_code == 302
    assert Message.objects.filter(undone_at=None).count() == 1


def test_what_the_patient_wrote_meanwhile_stays_and_the_old_promise_holds(sent: Case, nadia: User) -> None:
    promised = sent.answer_due_at
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        make.make_message(sent, "One more thing.")
        with acting_as(nadia):
            cases.undo_reply(Message.objects.from_clinic().get(), by=nadia)
    sent.refresh_from_db()
    assert (sent.status, sent.answer_due_at) == ("waiting", promised)
    assert Message.objects.standing().get().body == "One more thing."


def test_only_who_sent_it_undoes_it(sent: Case) -> None:
    nora = make.make_user("Nora Noon", role=Role.CLINICIAN, department=sent.department)
    with acting_as(nora):
        assert not SentReply.objects.visible_to(nora).exists()
        with pytest.raises((IllegalMove, Unseen)):
            cases.undo_reply(Message.objects.get(), by=nora)
