"""The case page and its posts: what they show, what they do, and what they refuse with the words kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Case, CaseQuestion, FollowUp, Message, Patient, Prescription, Result
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from portal.models import AuditEvent, Department, User
from tests import make

SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}
STOPPED = {"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg"}
NERVES = [
    {
        "study_type": "motor", "nerve": "median", "side": "left", "stimulation_site": "wrist", "recording_site": "APB",
        "latency_ms": Decimal("4.8"), "amplitude": Decimal("8.9"), "amplitude_unit": "mV", "distance_mm": Decimal(70),
    },
    {
        "study_type": "sensory", "nerve": "sural", "side": "left", "stimulation_site": "calf",
        "recording_site": "ankle", "no_response": True, "amplitude_unit": "uV",
    },
]  # fmt: skip


def data(client: Client, case: Case) -> dict[str, Any]:
    answer = client.get(f"/api/v1/cases/{case.ref}/")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def meant(client: Client, case: Case, **said: Any) -> dict[str, Any]:
    """What every form carries, and what is said in it."""
    return {"patient": str(case.patient_id), "seen": data(client, case)["seen"], **said}


def a_reply(client: Client, case: Case, **said: Any) -> dict[str, Any]:
    outcomes = {f"outcomes-{question.pk}": "answered" for question in case.questions.all()}
    said = {"body": "This is what we think.", "safety_net": "Call if weaker.", **outcomes, **said}
    return {**meant(client, case), **said}


def promise(kind: str, reason: str, period: str = "1m") -> dict[str, Any]:
    """A follow-up promised in the same step, as a page posts it."""
    return {"followup-period": period, "followup-kind": kind, "followup-reason": reason}


def order(case: Case, **said: Any) -> dict[str, Any]:
    return {
        "patient": str(case.patient_id), "medicine": "ropinirole", "dose": "0.25", "dose_unit": "mg",
        "form": "tablet", "route": "oral", "times_a_day": "1", "days": "28", "indication": "restless legs", **said,
    }  # fmt: skip


def events(name: str) -> list[str]:
    return list(AuditEvent.objects.filter(name=name).values_list("kind", flat=True))


def test_the_case_is_one_answer(triaged: Case, nadia: User, as_user: SignIn) -> None:
    make.make_result(triaged, by=nadia, kind=ResultKind.NERVE_CONDUCTION, title="Nerve study", measurements=NERVES)
    make.make_result(triaged, by=nadia)
    make.make_followup(triaged, by=nadia)
    make.make_message(triaged)
    found = data(as_user(nadia), triaged)
    assert [question["outcome"] for question in found["questions"]] == ["open", "open"]
    assert [message["is_from_patient"] for message in found["messages"]] == [True]
    nerves = next(result for result in found["results"] if result["kind"] == "nerve_conduction")
    assert nerves["measurements"][0]["latency"] == {
        "text": "4.8", "mark": "H", "limit": "≤4.4 ms", "is_critical": False,
    }  # fmt: skip
    assert nerves["measurements"][1]["latency"]["text"] == "no response"
    assert found["followups"][0]["reminders"][0]["state"] == "pending"
    page = as_user(nadia).get(f"/cases/{triaged.ref}/", **HTML).content.decode()
    for words in ("Alice Ash", "not asked yet", "4.8 H", "no response", "2.4", "0.4–4", "Promise it and tell"):
        assert words in page


def test_an_unverified_limit_flags_nothing(triaged: Case, nadia: User, as_user: SignIn) -> None:
    low = {**NERVES[1], "no_response": False, "nerve": "median", "recording_site": "digit 2 antidromic",
           "amplitude": Decimal(3), "distance_mm": Decimal(130)}  # fmt: skip
    make.make_result(triaged, by=nadia, kind=ResultKind.NERVE_CONDUCTION, title="Nerve study", measurements=[low])
    [result] = data(as_user(nadia), triaged)["results"]
    assert result["measurements"][0]["amplitude"]["mark"] == ""
    assert "not verified" in result["measurements"][0]["amplitude"]["limit"]


def test_a_stop_is_the_first_thing_on_the_page(neurology: Department, nadia: User, as_user: SignIn) -> None:
    case = make.make_case(make.make_patient("Mira Marsh"), neurology, medicines=[STOPPED])
    page = as_user(nadia).get(f"/cases/{case.ref}/", **HTML).content.decode()
    assert page.index("Hard stop: pramipexole 50 mg") < page.index('id="question"')
    for words in (
        "33 times the largest single dose",
        "fc-dosebar",
        "From the patient’s own words",
        "Where this comes from",
    ):
        assert words in page
    assert "override_reason" not in page


def test_the_page_costs_the_same_however_much_hangs_on_the_case(triaged: Case, nadia: User, as_user: SignIn) -> None:
    def cost() -> int:
        client = as_user(nadia)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/cases/{triaged.ref}/").status_code == 200
        return len(asked)

    costs = []
    for months, medicine in enumerate(("ropinirole", "clonazepam"), start=1):
        make.make_result(triaged, by=nadia)
        make.make_prescription(triaged, by=nadia, medicine=medicine)
        make.make_followup(triaged, by=nadia, period=Period(months, Unit.MONTHS))
        make.make_message(triaged)
        make.make_result(triaged, by=nadia, kind=ResultKind.NERVE_CONDUCTION, measurements=NERVES)
        costs.append(cost())
    assert costs[0] == costs[1] <= 55


def test_another_department_and_a_malformed_number_find_nothing(case: Case, karl: User, as_user: SignIn) -> None:
    client = as_user(karl)
    for ref in (case.ref, "F-0", "F-999999999999999", "F--1", "Ⅸ", "%F0%9F%92%8A", "x" * 300):
        assert client.get(f"/cases/{ref}/", **HTML).status_code == 404
        assert client.get(f"/api/v1/cases/{ref}/").json()["status"] == 404
    assert events("read patients.case").count("refusal") >= 1


def test_triage_puts_it_on_the_list(case: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = meant(client, case, urgency="2", department=str(case.department_id), owner=str(nadia.pk))
    answer = client.post(f"/cases/{case.ref}/triage/", sent, **HTML)
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.ref}/")
    case.refresh_from_db()
    assert (case.status, case.urgency, case.owner) == ("waiting", 2, nadia)
    assert events("cases.triage") == ["verb"]


def test_triage_to_another_department_goes_to_its_pool(
    case: Case, cardiology: Department, nadia: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    sent = meant(client, case, urgency="3", department=str(cardiology.pk), owner=str(nadia.pk))
    assert client.post(f"/cases/{case.ref}/triage/", sent, **HTML).status_code == 422
    answer = client.post(f"/cases/{case.ref}/triage/", {**sent, "owner": ""}, **HTML)
    assert answer["Location"] == "/clinic/"


def test_assign_gives_it_and_gives_it_back(triaged: Case, nadia: User, karl: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    address = f"/api/v1/cases/{triaged.ref}/assign/"
    assert client.post(address, meant(client, triaged, owner=str(karl.pk))).status_code == 422
    assert client.post(address, meant(client, triaged, owner=""), "application/json").json()["owner"] is None
    assert client.post(address, meant(client, triaged, owner=str(nadia.pk))).json()["owner"] == "Nadia North"
    assert events("cases.assign") == ["verb", "verb"]


def test_a_reply_settles_the_questions(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    answer = client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged), **HTML)
    assert answer["Location"] == f"/cases/{triaged.ref}/#messages"
    triaged.refresh_from_db()
    assert (triaged.status, Message.objects.get().author) == ("answered", nadia)
    assert set(triaged.questions.values_list("outcome", flat=True)) == {"answered"}
    assert events("cases.reply") == ["verb"]


def test_a_reply_as_json_names_its_outcomes_by_question(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    outcomes = {str(question.pk): "needs_visit" for question in triaged.questions.all()}
    sent = meant(client, triaged, body="Come and see us.", safety_net="Call if weaker.", outcomes=outcomes)
    answer = client.post(f"/api/v1/cases/{triaged.ref}/reply/", sent, "application/json")
    assert (answer.status_code, answer.json()["body"]) == (201, "Come and see us.")
    assert set(CaseQuestion.objects.values_list("outcome", flat=True)) == {"needs_visit"}


def test_a_reply_without_outcomes_comes_back_with_every_word(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = meant(client, triaged, body="A long and careful reply.", safety_net="Call if your hand is weak.")
    page = client.post(f"/cases/{triaged.ref}/reply/", sent, **HTML)
    text = page.content.decode()
    assert page.status_code == 422
    for words in (
        "A long and careful reply.",
        "Call if your hand is weak.",
        "Say what your reply does with question 2",
    ):
        assert words in text
    refused = client.post(f"/api/v1/cases/{triaged.ref}/reply/", sent)
    assert refused["Content-Type"] == "application/problem+json"
    assert len(refused.json()["errors"]) == 2
    assert not Message.objects.exists()


def test_a_message_that_came_meanwhile_stops_the_reply_and_keeps_it(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    client = as_user(nadia)
    sent = a_reply(client, triaged, body="Written before I knew.")
    make.make_message(triaged, "My hand is weak now!")
    page = client.post(f"/cases/{triaged.ref}/reply/", sent, **HTML)
    text = page.content.decode()
    assert page.status_code == 409
    assert "Written before I knew." in text
    assert "My hand is weak now!" in text
    assert Message.objects.count() == 1
    assert events("cases.reply") == []
    assert events("reply") == ["refusal"]
    # The page that came back was read, so it can be sent.
    seen = data(client, triaged)["seen"]
    assert f'value="{seen}"' in text
    assert client.post(f"/cases/{triaged.ref}/reply/", {**sent, "seen": seen}, **HTML).status_code == 302


def test_a_form_of_another_patient_is_refused(triaged: Case, bob: Patient, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = a_reply(client, triaged, patient=str(bob.pk), body="Meant for somebody else.")
    page = client.post(f"/cases/{triaged.ref}/reply/", sent, **HTML)
    assert page.status_code == 409
    assert "Meant for somebody else." in page.content.decode()
    assert "for another patient" in page.content.decode()
    answer = client.post(f"/api/v1/cases/{triaged.ref}/medicines/prescribe/", order(triaged, patient=str(bob.pk)))
    assert answer.json()["status"] == 409
    del sent["patient"]
    assert client.post(f"/cases/{triaged.ref}/reply/", sent, **HTML).status_code == 422
    assert not Message.objects.exists()
    assert not Prescription.objects.exists()


def test_an_answered_case_takes_no_second_reply(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = a_reply(client, triaged)
    make.make_reply(triaged, by=nadia)
    page = client.post(f"/cases/{triaged.ref}/reply/", {**sent, "seen": data(client, triaged)["seen"]}, **HTML)
    assert page.status_code == 409
    assert "does not wait for a reply any more" in page.content.decode()


def test_pramipexole_50_mg_is_stopped_with_its_reason(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    sent = order(triaged, medicine="pramipexole", dose="50", override_reason="I am sure")
    page = client.post(f"/cases/{triaged.ref}/medicines/prescribe/", sent, **HTML)
    text = page.content.decode()
    assert page.status_code == 422
    for words in ("Dose is 33 times the largest single dose", "This cannot be right", 'value="pramipexole"'):
        assert words in text
    answer = client.post(f"/api/v1/cases/{triaged.ref}/medicines/prescribe/", sent, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "hard_stop")
    assert answer.json()["findings"][0]["code"] == "DOSE_SINGLE"
    assert not Prescription.objects.exists()
    refusals = AuditEvent.objects.filter(name="prescriptions.prescribe").values_list("kind", "outcome")
    assert list(refusals) == [("refusal", "hard_stop")] * 2


def test_beside_ropinirole_a_duplicate_is_named_and_asks_for_a_reason(
    triaged: Case, nadia: User, as_user: SignIn
) -> None:
    make.make_prescription(triaged, by=nadia)
    client = as_user(nadia)
    address = f"/cases/{triaged.ref}/medicines/prescribe/"
    sent = order(triaged, medicine="pramipexole", dose="0.125")
    page = client.post(address, sent, **HTML)
    assert page.status_code == 422
    assert "Two medicines of one class: dopamine agonist" in page.content.decode()
    assert 'name="override_reason"' in page.content.decode()
    assert client.post(address, {**sent, "override_reason": "Changing over, dated"}, **HTML).status_code == 302
    assert Prescription.objects.get(medicine="pramipexole").override_reason == "Changing over, dated"


def test_a_reported_stop_is_held_corrected_and_never_resumed(
    neurology: Department, nadia: User, as_user: SignIn
) -> None:
    case = make.make_case(make.make_patient("Mira Marsh"), neurology, medicines=[STOPPED])
    client, [row] = as_user(nadia), Prescription.objects.all()
    sent = {"patient": str(case.patient_id)}
    assert client.post(f"/medicines/{row.pk}/hold/", sent, **HTML).status_code == 302
    assert client.post(f"/medicines/{row.pk}/hold/", sent, **HTML).status_code == 409
    assert client.post(f"/medicines/{row.pk}/resume/", sent, **HTML).status_code == 422
    assert client.post(f"/api/v1/medicines/{row.pk}/resume/", sent).json()["code"] == "hard_stop"
    assert client.post(f"/medicines/{row.pk}/stop/", sent, **HTML).status_code == 422
    assert client.post(f"/medicines/{row.pk}/stop/", {**sent, "reason": "Meant 0.5"}, **HTML).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.ended_reason) == ("stopped", "Meant 0.5")


def test_a_month_lands_on_a_clinic_day_with_its_reminders(
    triaged: Case, nadia: User, as_user: SignIn, time_machine: Any
) -> None:
    time_machine.move_to("2026-06-04T10:00:00+00:00")
    client = as_user(nadia)
    page = client.get(f"/cases/{triaged.ref}/", **HTML).content.decode()
    assert "Mon 6 Jul" in page
    sent = {"patient": str(triaged.patient_id), "period": "1m", "kind": "visit", "reason": "See how it is"}
    answer = client.post(f"/api/v1/cases/{triaged.ref}/follow-ups/plan/", sent, "application/json")
    assert (answer.status_code, answer.json()["due_on"]) == (201, "2026-07-06")
    told = [one["slot"] for one in answer.json()["reminders"] if one["channel"] == "email"]
    assert told == ["booked", "week_before", "day_before"]


def test_a_follow_up_closes_with_evidence_only_and_then_the_case(triaged: Case, nadia: User, as_user: SignIn) -> None:
    followup = make.make_followup(triaged, by=nadia)
    make.make_reply(triaged, by=nadia)
    client = as_user(nadia)
    closing = client.post(f"/cases/{triaged.ref}/close/", meant(client, triaged), **HTML)
    assert closing.status_code == 409
    assert "follow-up is still open" in closing.content.decode()
    address, sent = f"/follow-ups/{followup.pk}/close/", {"patient": str(triaged.patient_id)}
    assert client.post(address, sent, **HTML).status_code == 422
    assert client.post(address, {**sent, "evidence": "released"}, **HTML).status_code == 422
    assert client.post(address, {**sent, "evidence": "attended"}, **HTML).status_code == 302
    assert set(FollowUp.objects.get().reminders.values_list("tellings__delivery__state", flat=True)) == {"cancelled"}
    assert client.post(f"/cases/{triaged.ref}/close/", meant(client, triaged), **HTML).status_code == 302
    triaged.refresh_from_db()
    assert triaged.status == "closed"


def test_a_result_is_released_once_with_a_sentence(triaged: Case, nadia: User, as_user: SignIn) -> None:
    result = make.make_result(triaged, by=nadia)
    client, sent = as_user(nadia), {"patient": str(triaged.patient_id)}
    assert client.post(f"/results/{result.pk}/release/", sent, **HTML).status_code == 422
    sent["comment"] = "Your thyroid is well."
    assert client.post(f"/results/{result.pk}/release/", sent, **HTML).status_code == 302
    again = client.post(f"/results/{result.pk}/release/", sent, **HTML)
    assert again.status_code == 409
    assert "has been released already" in again.content.decode()
    assert Result.objects.get().comment == "Your thyroid is well."


@pytest.mark.parametrize("verb", ["triage", "assign", "reply", "close", "medicines/prescribe", "follow-ups/plan"])
def test_the_address_of_a_verb_leads_back_to_the_case(verb: str, triaged: Case, nadia: User, as_user: SignIn) -> None:
    answer = as_user(nadia).get(f"/cases/{triaged.ref}/{verb}/", **HTML)
    assert answer["Location"].startswith(f"/cases/{triaged.ref}/")


@pytest.mark.parametrize("body", ["[]", "3", "null", '{"body": {"a": {"b": {"c": {"d": 1}}}}}', '{"patient": [1, 2]}'])
def test_json_of_another_shape_is_refused_politely(body: str, triaged: Case, nadia: User, as_user: SignIn) -> None:
    client, case = as_user(nadia), f"/api/v1/cases/{triaged.ref}/"
    answer = client.post(f"{case}reply/", body, "application/json", HTTP_IF_MATCH=client.get(case)["ETag"])
    assert answer.json()["status"] == 422


def test_json_that_is_none_is_400(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    assert client.post(f"/api/v1/cases/{triaged.ref}/reply/", "{", "application/json").json()["status"] == 400
    assert client.post(f"/cases/{triaged.ref}/reply/", "{", "application/json", **HTML).status_code == 400


def test_control_characters_and_endless_text_come_back_as_problems(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    for body in ("a\x00b", "a\u202eb", "x" * 30_000):
        assert (
            client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged, body=body), **HTML).status_code == 422
        )


def test_a_post_needs_its_token(triaged: Case, nadia: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
    make.make_second_factor_shown(client, nadia)
    assert client.post(f"/cases/{triaged.ref}/close/", {}, **HTML).status_code == 403
    assert client.post(f"/api/v1/cases/{triaged.ref}/close/", {}).json()["status"] == 403


def test_roles_see_and_may_only_their_own(triaged: Case, nadia: User, tessa: User, cora: User, as_user: SignIn) -> None:
    make.make_result(triaged, by=nadia, title="A secret panel")
    make.make_prescription(triaged, by=nadia)
    for who, sees_medicines in ((tessa, True), (cora, False)):
        client = as_user(who)
        found = data(client, triaged)
        assert found["results"] == []
        assert bool(found["medicines"]) is sees_medicines
        page = client.get(f"/cases/{triaged.ref}/", **HTML).content.decode()
        assert "A secret panel" not in page
        assert "Send the reply" not in page
        assert client.post(f"/cases/{triaged.ref}/reply/", a_reply(client, triaged), **HTML).status_code == 403
    result = Result.objects.get()
    assert as_user(cora).post(f"/results/{result.pk}/release/", {"comment": "x"}, **HTML).status_code == 404


def test_the_day_of_a_closed_case_stays_readable(
    triaged: Case, nadia: User, as_user: SignIn, time_machine: Any
) -> None:
    make.make_reply(triaged, by=nadia)
    time_machine.move_to(timezone.now() + timedelta(days=400))
    assert as_user(nadia).get(f"/cases/{triaged.ref}/", **HTML).status_code == 200


def test_the_timeline_shows_one_kind_alone(triaged: Case, nadia: User, as_user: SignIn) -> None:
    make.make_result(triaged, by=nadia, title="Thyroid panel")
    make.make_followup(triaged, by=nadia)
    client = as_user(nadia)

    def fibre(query: str) -> str:
        page = client.get(f"/cases/{triaged.ref}/{query}", headers={"Accept": "text/html"}).content.decode()
        return page.split('id="timeline"')[1].split("</section>")[0]

    assert all(said in fibre("") for said in ("Thyroid panel", "Follow-up: Visit", "Question received"))
    assert "Thyroid panel" in fibre("?show=results")
    assert "Follow-up: Visit" not in fibre("?show=results")
    assert "Question received" in fibre("?show=nonsense")


def test_who_treats_a_patient_sees_who_looked(triaged: Case, nadia: User, tessa: User, as_user: SignIn) -> None:
    as_user(tessa).get(f"/cases/{triaged.ref}/")
    looked = as_user(nadia).get(f"/api/v1/cases/{triaged.ref}/").json()["looked"]
    assert [look["name"] for look in looked] == ["Tessa Thorn", "Nadia North"]
    assert "Alice" not in str(looked)
