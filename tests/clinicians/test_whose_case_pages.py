"""Whose case it is, on the page and for programs: who answers, giving on, setting aside, linking, merging."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinicians.models import CaseLink, Claim, Handover, Snooze
from patients.models import Case, Message, Patient
from portal.access import Role
from portal.models import Department, User
from tests import make
from tests.clinicians.test_api_case import HTML, SignIn, a_reply, data, meant

WORDS = "I have thought about this for an hour."


@pytest.fixture
def nora(neurology: Department) -> User:
    """Another neurologist."""
    return make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)


@pytest.fixture
def second(alice: Patient, neurology: Department) -> Case:
    return make.make_case(alice, neurology, title="Twitching again", questions=["Is it the coffee?"])


def page(client: Client, case: Case) -> str:
    return client.get(f"/cases/{case.ref}/", **HTML).content.decode()


def post(client: Client, case: Case, verb: str, said: dict[str, Any]) -> Any:
    return client.post(f"/cases/{case.ref}/{verb}/", said, **HTML)


def test_while_another_answers_the_reply_is_for_reading(
    triaged: Case, nadia: User, nora: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    before = page(client, triaged)
    assert "Start answering" in before
    assert "<fieldset>" in before
    make.make_claim(triaged, by=nora)
    shown = page(client, triaged)
    assert "<b>Nora Noon is answering</b> since" in shown
    assert "<fieldset disabled>" in shown
    assert "Take over" in shown
    assert data(client, triaged)["claim"]["account"] == "Nora Noon"
    assert "You are answering" in page(as_user(nora), triaged)


def test_a_reply_under_anothers_hands_is_refused_and_kept_then_taken_over_and_sent(
    triaged: Case, nadia: User, nora: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    said = a_reply(client, triaged, body=WORDS)
    make.make_claim(triaged, by=nora)
    refused = post(client, triaged, "reply", said)
    shown = refused.content.decode()
    assert refused.status_code == 409
    for words in ("Nora Noon is answering since", WORDS, "Take over", "<fieldset>"):
        assert words in shown
    assert not Message.objects.exists()
    # The button sends the reply's own form.
    taken = post(client, triaged, "take-over", {**said, "holder": str(nora.pk)})
    assert taken.status_code == 200
    assert WORDS in taken.content.decode()
    assert "There is a problem" not in taken.content.decode()
    assert post(client, triaged, "reply", a_reply(client, triaged, body=WORDS)).status_code == 302
    assert Message.objects.get().body == WORDS


def test_of_two_who_start_answering_one_is_told_and_keeps_the_text(
    triaged: Case, nadia: User, nora: User, as_user: SignIn
) -> None:
    client, said = as_user(nadia), {"patient": str(triaged.patient_id), "body": WORDS}
    assert post(client, triaged, "claim", said).status_code == 200
    overtaken = post(as_user(nora), triaged, "claim", said)
    assert overtaken.status_code == 409
    assert WORDS in overtaken.content.decode()
    assert "Nadia North is answering since" in overtaken.content.decode()
    conflict = as_user(nora).post(f"/api/v1/cases/{triaged.ref}/claim/", said, "application/json")
    assert conflict.status_code == 409
    answer = post(client, triaged, "let-go", {"patient": str(triaged.patient_id)})
    assert answer["Location"] == f"/cases/{triaged.ref}/#reply"
    assert not Claim.objects.running(timezone.now()).exists()


def test_handing_over_asks_for_a_colleague_and_a_reason(
    triaged: Case, nadia: User, nora: User, karl: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    said = meant(client, triaged, owner=str(karl.pk), reason="")
    refused = post(client, triaged, "hand-over", said).content.decode()
    assert "Write why, for who reads it next." in refused
    assert 'details class="fc-details" open' in refused
    done = post(client, triaged, "hand-over", {**said, "owner": str(nora.pk), "reason": "On leave from Friday"})
    assert done.status_code == 302
    shown = page(client, triaged)
    for words in ("Handed over", "Nadia North → Nora Noon", "by Nadia North: On leave from Friday", "Assign to me"):
        assert words in shown
    again = post(client, triaged, "hand-over", {**said, "owner": str(nora.pk), "reason": "On leave from Friday"})
    assert again.status_code == 409
    assert Handover.objects.filter(kind="handed_over").count() == 1


def test_a_referred_case_leaves_the_page_and_the_list(
    triaged: Case, cardiology: Department, nadia: User, karl: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    said = meant(client, triaged, department=str(cardiology.pk), reason="Palpitations")
    answer = post(client, triaged, "refer", said)
    assert (answer.status_code, answer["Location"]) == (302, "/clinic/")
    assert client.get(f"/cases/{triaged.ref}/", **HTML).status_code == 404
    assert "from Neurology to Cardiology" in page(as_user(karl), triaged)


def test_setting_aside_says_until_when_and_takes_no_day_gone_by(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    said = meant(client, triaged, period="day", on="", reason="Waits for the MRI")
    for on, words in (("", "Write the day."), ("2020-01-01", "from tomorrow on"), ("soon", "Write the day as")):
        refused = post(client, triaged, "snooze", {**said, "on": on})
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert "Waits for the MRI" in refused.content.decode()
    day = timezone.localdate() + timedelta(days=20)
    assert post(client, triaged, "snooze", {**said, "on": str(day)}).status_code == 302
    row = Snooze.objects.get()
    assert (row.until.date(), row.until.hour) == (day, 8)
    shown = page(client, triaged)
    assert "Set aside until" in shown
    assert "by Nadia North: Waits for the MRI" in shown
    assert post(client, triaged, "snooze", {**said, "on": str(day)}).status_code == 409
    assert post(client, triaged, "wake", {"patient": str(triaged.patient_id)}).status_code == 302
    assert "Set aside until" not in page(client, triaged)


def test_a_message_since_the_page_was_opened_is_not_set_aside(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    said = meant(client, triaged, period="week", reason="Waits for the MRI")
    make.make_message(triaged, "My hand is weak now.")
    assert post(client, triaged, "snooze", said).status_code == 409
    assert not Snooze.objects.exists()


def test_linked_cases_show_each_other_and_only_to_who_works_with_both(
    triaged: Case, second: Case, alice: Patient, cardiology: Department, nadia: User, as_user: SignIn
) -> None:
    client, elsewhere = as_user(nadia), make.make_case(alice, cardiology, title="My heart races")
    said = {"patient": str(alice.pk), "other": second.ref, "reason": "The same calves"}
    assert post(client, triaged, "link", {**said, "other": elsewhere.ref}).status_code == 422
    assert post(client, triaged, "link", said).status_code == 302
    for one, other in ((triaged, second), (second, triaged)):
        assert f"{other.ref}, {other.title}" in page(client, one)
        assert [link["ref"] for link in data(client, one)["links"]] == [other.ref]
    both = make.make_user("Wanda Wide", role=Role.CLINICIAN)
    make.make_link(triaged, elsewhere, by=both)
    assert "My heart races" not in page(client, triaged)
    assert "My heart races" in page(as_user(both), triaged)
    assert post(client, triaged, "unlink", said).status_code == 302
    assert CaseLink.objects.standing().count() == 1


def test_a_merged_case_says_where_it_goes_on_to_both_sides(
    triaged: Case, second: Case, alice: Patient, nadia: User, as_user: SignIn
) -> None:
    client, patient = as_user(nadia), as_user(alice)
    assert post(client, second, "merge", meant(client, second, into=triaged.ref)).status_code == 302
    assert f"{triaged.ref}, {triaged.title}" in page(client, second)
    assert f"{second.ref} was merged into this case" in page(client, triaged)
    assert "Is it the coffee?" in page(client, triaged)
    shown = patient.get(f"/my/cases/{second.ref}/").content.decode()
    assert f"This goes on in {triaged.ref}." in shown
    assert 'id="say"' not in shown
    assert f"Your case {second.ref} goes on here" in patient.get(f"/my/cases/{triaged.ref}/").content.decode()
    # From a page that was open before.
    late = patient.post(f"/my/cases/{second.ref}/say", {"body": WORDS})
    told = late.content.decode()
    assert late.status_code == 409
    assert f"{second.ref} goes on in {triaged.ref}" in told
    assert WORDS in told
    assert f'action="/my/cases/{triaged.ref}/say"' in told
    assert not Message.objects.from_patient().exists()


@pytest.mark.parametrize(
    "verb", ["claim", "let-go", "take-over", "hand-over", "refer", "snooze", "wake", "link", "unlink", "merge"]
)
def test_another_departments_case_is_not_there(verb: str, triaged: Case, karl: User, as_user: SignIn) -> None:
    said = {"patient": str(triaged.patient_id), "seen": "0", "reason": "Mine now", "holder": str(karl.pk)}
    assert post(as_user(karl), triaged, verb, said).status_code == 404


def test_a_coordinator_reads_whose_case_it_is_and_changes_nothing(
    triaged: Case, nadia: User, cora: User, as_user: SignIn
) -> None:
    make.make_snooze(triaged, by=nadia)
    client = as_user(cora)
    shown = page(client, triaged)
    assert "History: 1 change" in shown
    assert "Waits for the MRI of Friday" in shown
    assert "Bring it back now" not in shown
    assert post(client, triaged, "wake", {"patient": str(triaged.patient_id)}).status_code == 403


def test_the_card_costs_the_same_however_long_the_history(
    triaged: Case, alice: Patient, neurology: Department, nadia: User, nora: User, as_user: SignIn
) -> None:
    costs = []
    for owner in (nora, nadia, nora):
        make.make_link(triaged, make.make_case(alice, neurology), by=nadia)
        make.make_assigned(triaged, owner, by=nadia)
        client = as_user(nadia)
        with CaptureQueriesContext(connection) as asked:
            # From a list in which it stands, whoever owns it: its neighbours are looked up each time.
            assert client.get(f"/cases/{triaged.ref}/?list=reply").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1] == costs[2]
