"""The desk's verbs: what each does, to whom it is refused, and the one audit row it leaves or does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinicians.actions import cases, followups, prescriptions, publishing, results
from clinicians.actions.prescriptions import HardStop, NotPrescribed
from patients.models import Case, CaseQuestion, Consent, Message, Patient, Prescription, Result
from patients.models.cases import Urgency
from patients.models.followups import Evidence, FollowUpKind
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from portal.access import IllegalMove, Refused
from portal.acting import acting_as
from portal.models import AuditEvent, Delivery, Department, Notification, User
from tests import make

ORDER: dict[str, Any] = {
    "medicine": "ropinirole", "dose": Decimal("0.25"), "dose_unit": "mg", "form": "tablet", "route": "oral",
    "times_a_day": Decimal(1), "days": 28, "indication": "restless legs",
}  # fmt: skip
MONTH = Period(1, Unit.MONTHS)
PUBLIC = {"title": "Can it be harmless?", "body": "Somebody's calves twitch.", "answer": "Often it is."}

Do = Callable[[Case, User], object]
# Every verb on a case that waits for a reply: its name, and how it is asked.
VERBS: dict[str, Do] = {
    "cases.assign": lambda case, by: cases.assign(case, by=by, owner=None),
    "cases.reply": lambda case, by: cases.reply(case, by=by, body="Yes.", safety_net="Call.", outcomes=answered(case)),
    "cases.close": lambda case, by: cases.close(case, by=by),
    "results.record": lambda case, by: results.record(
        case, by=by, kind=ResultKind.OTHER, performed_on=date(2026, 1, 2), title="Ultrasound"
    ),
    "prescriptions.prescribe": lambda case, by: prescriptions.prescribe(
        case, by=by, **ORDER, override_reason="agreed with the patient"
    ),
    "followups.plan": lambda case, by: followups.plan(
        case, by=by, kind=FollowUpKind.VISIT, reason="See how it is", period=MONTH
    ),
    "publishing.suggest": lambda case, by: publishing.suggest(case, by=by, **PUBLIC),
}


def answered(case: Case) -> dict[Any, CaseQuestion.Outcome]:
    return {question.pk: CaseQuestion.Outcome.ANSWERED for question in case.questions.open()}


def rows(name: str) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(name=name).values_list("kind", "outcome"))


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_leaves_exactly_one_row(name: str, triaged: Case, nadia: User) -> None:
    with acting_as(nadia):
        VERBS[name](triaged, nadia)
    assert rows(name) == [("verb", "")]
    event = AuditEvent.objects.get(name=name)
    assert (event.actor_id, event.people) == (nadia.pk, [triaged.patient_id])


@pytest.mark.parametrize("name", VERBS)
def test_a_refused_verb_leaves_nothing_but_its_refusal(name: str, triaged: Case, karl: User) -> None:
    before = (Message.objects.count(), Result.objects.count(), Prescription.objects.count())
    with pytest.raises(Refused), acting_as(karl):
        VERBS[name](triaged, karl)
    assert (Message.objects.count(), Result.objects.count(), Prescription.objects.count()) == before
    assert rows(name) == [("refusal", "refused")]


def test_triage_keeps_the_promise_and_names_an_owner_who_treats(case: Case, nadia: User, karl: User) -> None:
    with pytest.raises(IllegalMove, match="does not treat"), acting_as(nadia):
        cases.triage(case, by=nadia, department=case.department, urgency=Urgency.SOON, owner=karl)
    triaged = make.make_triaged(case, by=nadia, urgency=Urgency.SOON, owner=nadia)
    assert (triaged.status, triaged.urgency, triaged.owner) == ("waiting", Urgency.SOON, nadia)
    assert (triaged.waiting_since, triaged.answer_due_at) == (case.waiting_since, case.answer_due_at)


def test_a_reply_needs_an_outcome_for_each_question_and_tells_the_patient(triaged: Case, nadia: User) -> None:
    with pytest.raises(IllegalMove, match="outcome"), acting_as(nadia):
        cases.reply(triaged, by=nadia, body="Yes.", safety_net="Call.", outcomes={})
    assert not Message.objects.exists()
    message = make.make_reply(triaged, by=nadia)
    assert set(message.settles.values_list("outcome", flat=True)) == {"answered"}
    told = Notification.objects.get(user=triaged.patient.user)
    assert (told.purpose, told.path) == ("new_reply", f"/my/cases/{triaged.ref}/")
    assert Delivery.objects.filter(recipient=triaged.patient.user).count() == 1


def test_a_case_closes_only_when_nothing_is_owed(triaged: Case, nadia: User) -> None:
    followup = make.make_followup(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="follow-up"), acting_as(nadia):
        cases.close(triaged, by=nadia)
    with acting_as(nadia):
        followups.close(followup, by=nadia, evidence=Evidence.ATTENDED)
        closed = cases.close(triaged, by=nadia)
    assert (closed.status, closed.closed_by) == ("closed", nadia)
    with pytest.raises(IllegalMove), acting_as(nadia):
        cases.close(triaged, by=nadia)


def test_a_result_is_written_whole_or_not_at_all(triaged: Case, nadia: User) -> None:
    wrong = {**make.TSH, "value": Decimal("1e20")}
    with pytest.raises(ValidationError), acting_as(nadia):
        results.record(
            triaged, by=nadia, kind=ResultKind.LABORATORY, performed_on=date(2026, 1, 2), title="TSH",
            observations=[make.TSH, wrong],
        )  # fmt: skip
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(IllegalMove, match="future"), acting_as(nadia):
        results.record(triaged, by=nadia, kind=ResultKind.OTHER, performed_on=tomorrow, title="Early")
    assert not Result.objects.exists()
    assert rows("results.record") == [("refusal", "illegal_move")]


def test_a_released_result_is_seen_and_told_once(triaged: Case, nadia: User) -> None:
    result = make.make_result(triaged, by=nadia)
    patient = triaged.patient.user
    assert patient
    assert not Result.objects.visible_to(patient).exists()
    make.make_released(result, by=nadia)
    assert Result.objects.visible_to(patient).exists()
    with pytest.raises(IllegalMove):
        make.make_released(result, by=nadia)
    assert Notification.objects.filter(purpose="result_released").count() == 1


def test_pramipexole_50_mg_is_never_prescribed(triaged: Case, nadia: User) -> None:
    with pytest.raises(HardStop) as stopped, acting_as(nadia):
        prescriptions.prescribe(
            triaged, by=nadia, **{**ORDER, "medicine": "pramipexole", "dose": Decimal(50)}, override_reason="I insist"
        )
    worst = stopped.value.findings[0]
    assert (worst["code"], worst["tier"], worst["numbers"]["ratio"]) == ("DOSE_SINGLE", "hard_stop", "33.33")
    assert not Prescription.objects.exists()
    assert rows("prescriptions.prescribe") == [("refusal", "hard_stop")]


def test_beside_ropinirole_a_second_agonist_needs_a_reason(triaged: Case, nadia: User) -> None:
    make.make_prescription(triaged, by=nadia)
    second = {**ORDER, "medicine": "pramipexole", "dose": Decimal("0.125")}
    with pytest.raises(NotPrescribed) as asked, acting_as(nadia):
        prescriptions.prescribe(triaged, by=nadia, **second)
    duplicate = next(finding for finding in asked.value.findings if finding["code"] == "DUPLICATE_ATC4")
    assert "ropinirole" in duplicate["detail"]
    with acting_as(nadia):
        row = prescriptions.prescribe(triaged, by=nadia, **second, override_reason="Changing over, dated")
    assert row.override_reason == "Changing over, dated"


def test_a_medicine_is_held_resumed_and_stopped(triaged: Case, nadia: User, karl: User) -> None:
    row = make.make_prescription(triaged, by=nadia)
    with acting_as(nadia):
        assert prescriptions.hold(row, by=nadia).status == "on_hold"
        assert prescriptions.resume(row, by=nadia).status == "active"
        stopped = prescriptions.stop(row, by=nadia, reason="No longer needed")
    assert Notification.objects.get().path == "/my/medicines/"
    assert (stopped.status, stopped.ended_by, stopped.ended_reason) == ("stopped", nadia, "No longer needed")
    for verb in (prescriptions.hold, prescriptions.resume):
        with pytest.raises(IllegalMove), acting_as(nadia):
            verb(row, by=nadia)
    with pytest.raises(Refused), acting_as(karl):
        prescriptions.stop(row, by=karl, reason="Not mine")


def test_what_the_checks_stopped_is_not_resumed(alice: Patient, neurology: Department, nadia: User) -> None:
    make.make_case(alice, neurology, medicines=[{"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg"}])
    row = Prescription.objects.get()
    assert row.has_hard_stop
    with acting_as(nadia):
        prescriptions.hold(row, by=nadia)
    with pytest.raises(HardStop), acting_as(nadia):
        prescriptions.resume(row, by=nadia)


def test_a_month_lands_on_a_clinic_day_with_its_reminders(triaged: Case, nadia: User, time_machine: Any) -> None:
    """4 July 2026 is a Saturday: the Monday after is promised."""
    time_machine.move_to("2026-06-04T10:00:00+00:00")
    followup = make.make_followup(triaged, by=nadia, period=MONTH)
    assert followup.due_on == date(2026, 7, 6)
    assert followup.earliest_on <= followup.due_on <= followup.latest_on
    told = followup.reminders.filter(tellings__channel="email")
    slots = told.values_list("slot", "local_date", "tellings__delivery__state")
    assert list(slots) == [
        ("booked", date(2026, 6, 4), "pending"),
        ("week_before", date(2026, 6, 29), "pending"),
        ("day_before", date(2026, 7, 5), "pending"),
    ]


def test_a_closed_case_takes_no_new_promise_and_no_new_owner(triaged: Case, nadia: User) -> None:
    with acting_as(nadia):
        cases.close(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="closed"):
        make.make_followup(triaged, by=nadia)
    with acting_as(nadia), pytest.raises(IllegalMove, match="closed"):
        cases.assign(triaged, by=nadia, owner=nadia)


def test_what_is_sent_twice_is_written_once(triaged: Case, nadia: User) -> None:
    """The same promise for the same day, the same test of the same day: the second is told so."""
    make.make_followup(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="promised already"):
        make.make_followup(triaged, by=nadia)
    make.make_result(triaged, by=nadia, title="Thyroid panel")
    with pytest.raises(IllegalMove, match="recorded already"):
        make.make_result(triaged, by=nadia, title="Thyroid panel")


def test_a_follow_up_closes_by_evidence_and_cancels_its_reminders(triaged: Case, nadia: User, cora: User) -> None:
    followup = make.make_followup(triaged, by=nadia)
    with acting_as(cora):
        closed = followups.close(followup, by=cora, evidence=Evidence.DECLINED, note="Feels well")
    assert (closed.status, closed.evidence) == ("closed", "declined")
    assert set(closed.reminders.values_list("tellings__delivery__state", flat=True)) == {"cancelled"}
    with pytest.raises(IllegalMove), acting_as(cora):
        followups.close(followup, by=cora, evidence=Evidence.ATTENDED)


def test_only_a_patient_with_an_account_is_asked(triaged: Case, nadia: User) -> None:
    Patient.objects.filter(pk=triaged.patient_id).update(user=None)
    with pytest.raises(IllegalMove, match="no account"), acting_as(nadia):
        publishing.suggest(triaged, by=nadia, **PUBLIC)
    assert not Consent.objects.exists()


def test_consent_is_asked_again_only_for_another_text(triaged: Case, nadia: User) -> None:
    consent = make.make_consent(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="not changed"), acting_as(nadia):
        publishing.ask_again(consent, by=nadia)
    consent.question.body += " It went on for a year."
    consent.question.save()
    with acting_as(nadia):
        again = publishing.ask_again(consent, by=nadia)
    assert again.text == again.question.public_text
    assert Notification.objects.filter(purpose="consent_asked").count() == 2
