"""Answers from the message itself: signed, for one purpose, and never by looking."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from clinicians.actions import followups as desk
from patients.models import Case, FollowUp, answer_links
from patients.models.answer_links import Answer, Link
from patients.rules.followup_dates import Period, Unit
from portal.acting import acting_as
from portal.channels.email import write_mail
from portal.models import AuditEvent, Delivery, User
from tests import make


@pytest.fixture
def promised(triaged: Case, nadia: User) -> FollowUp:
    return make.make_followup(triaged, by=nadia)


def link(followup: FollowUp, answer: Answer) -> str:
    assert followup.patient.user
    return answer_links.address(Link(followup.pk, followup.patient.user.pk, followup.sequence), answer)


def status(followup: FollowUp) -> tuple[str, str]:
    followup.refresh_from_db()
    return followup.status, followup.evidence


def test_the_mail_holds_a_link_for_each_answer_and_nothing_clinical(promised: FollowUp) -> None:
    mail = Delivery.objects.filter(telling__followup=promised, channel="email").order_by("due_at")[0]
    text = write_mail(mail).body
    assert all(link(promised, answer)[:40] in text for answer in Answer)
    assert "twitching" not in text
    assert "With: Nadia North" in text


@pytest.mark.parametrize(
    ("answer", "leads"),
    [(Answer.CONFIRM, ("confirmed", "")), (Answer.MOVE, ("change_asked", "")), (Answer.CANCEL, ("closed", "declined"))],
)
def test_only_the_button_answers_and_twice_is_once(
    promised: FollowUp, client: Client, answer: Answer, leads: tuple[str, str]
) -> None:
    path = link(promised, answer)
    page = client.get(path)
    assert (page.status_code, status(promised)) == (200, ("planned", ""))
    shown = page.content.decode()
    assert "Alice" not in shown
    assert "twitching" not in shown
    assert "Neurology" not in shown
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("strict-origin", "noindex, nofollow")
    assert client.post(path).status_code == 200
    assert status(promised) == leads
    assert "Your answer has arrived" in client.post(path).content.decode()
    [event] = AuditEvent.objects.filter(kind="verb", name__in=["followups.confirm", "followups.ask_for_change",
                                                               "followups.decline"])  # fmt: skip
    assert (event.actor_id, event.actor_name) == (promised.patient.user_id, "link")


def test_a_link_is_for_one_answer_and_can_not_be_changed(promised: FollowUp, client: Client) -> None:
    path = link(promised, Answer.CONFIRM)
    for wrong in (path.replace("confirm", "cancel"), path[:-3] + "x/", path.replace("confirm", "eat")):
        assert client.post(wrong).status_code == 404
    assert status(promised) == ("planned", "")


def test_the_link_of_an_earlier_day_answers_nothing(promised: FollowUp, client: Client, nadia: User) -> None:
    path = link(promised, Answer.CONFIRM)
    with acting_as(nadia):
        desk.move(promised, by=nadia, period=Period(2, Unit.WEEKS))
    assert client.post(path).status_code == 410
    assert status(promised) == ("planned", "")


def test_when_the_day_has_passed_it_answers_nothing(promised: FollowUp, client: Client) -> None:
    path = link(promised, Answer.CONFIRM)
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        assert client.post(path).status_code == 410
    assert status(promised) == ("planned", "")


def test_what_must_not_be_missed_is_not_ended_by_a_link(triaged: Case, nadia: User, client: Client) -> None:
    risky = make.make_followup(triaged, by=nadia, is_high_risk=True)
    client.post(link(risky, Answer.CANCEL))
    assert status(risky) == ("change_asked", "")
    assert risky.call_reason == "high_risk"


def test_a_closed_account_answers_nothing(promised: FollowUp, client: Client) -> None:
    User.objects.filter(pk=promised.patient.user_id).update(is_active=False)
    assert client.post(link(promised, Answer.CONFIRM)).status_code == 404
