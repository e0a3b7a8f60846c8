"""Verbs on one's own details, medicines, follow-ups, consents and files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.actions import attachments, consents, followups, patients, prescriptions
from patients.models import Attachment, Case, Consent, FollowUp, Patient, Prescription
from patients.models.consents import ConsentStatus
from patients.models.followups import Evidence, FollowUpStatus
from patients.rules.file_types import UnknownType
from portal.access import IllegalMove, Refused
from portal.acting import acting_as
from portal.models import User
from tests import files, make
from tests.patients.told import trail

pytestmark = pytest.mark.django_db
BORN: dict[str, Any] = {"born_on": date(1990, 5, 1), "time_zone": "UTC"}


def account(patient: Patient) -> User:
    assert patient.user
    return patient.user


def test_a_record_is_opened_once() -> None:
    user = make.make_user("Nora New")
    patient = make.make_patient(user=user)
    assert patient.name == "Nora New"
    assert patient.allergies is None
    with pytest.raises(IllegalMove), acting_as(user):
        patients.register(user, by=user, **BORN)
    assert trail("patients.register") == [("verb", ""), ("refusal", "illegal_move")]


def test_nobody_opens_a_record_for_somebody_else(bob: Patient, ada: User) -> None:
    user = make.make_user("Nora New")
    for stranger in (account(bob), ada):
        with pytest.raises(Refused), acting_as(stranger):
            patients.register(user, by=stranger, **BORN)
    assert not Patient.objects.filter(user=user).exists()


def test_one_corrects_what_one_said(alice: Patient) -> None:
    with acting_as(account(alice)):
        patients.amend(alice, by=account(alice), phone="03 555 0199", allergies="")
    alice.refresh_from_db()
    assert (alice.phone, alice.allergies) == ("03 555 0199", "")
    assert trail("patients.amend") == [("verb", "")]


def test_a_correction_that_cannot_be_leaves_nothing(alice: Patient) -> None:
    with pytest.raises(ValidationError), acting_as(account(alice)):
        patients.amend(alice, by=account(alice), name="")
    alice.refresh_from_db()
    assert alice.name == "Alice Ash"
    assert trail("patients.amend") == []


def test_staff_do_not_correct_a_persons_own_words(alice: Patient, case: Case, nadia: User, bob: Patient) -> None:
    for stranger in (nadia, account(bob)):
        with pytest.raises(Refused), acting_as(stranger):
            patients.amend(alice, by=stranger, name="Someone Else")
    assert trail("patients.amend") == [("refusal", "refused")] * 2


def report(case: Case, by: User, **order: Any) -> Prescription:
    with acting_as(by):
        return prescriptions.report(case, by=by, **order)


def test_a_reported_medicine_is_checked_beside_the_others(case: Case) -> None:
    by = account(case.patient)
    report(case, by, medicine="ropinirole", dose=Decimal("0.5"), dose_unit="mg")
    row = report(case, by, medicine="pramipexole")
    assert any(finding["code"].startswith("DUPLICATE") for finding in row.findings)
    # That a patient's own list has no dose is a question, not a danger.
    assert not row.has_hard_stop
    assert trail("prescriptions.report") == [("verb", "")] * 2


def test_nobody_reports_for_somebody_else(case: Case, bob: Patient, nadia: User) -> None:
    for stranger in (account(bob), nadia):
        with pytest.raises(Refused):
            report(case, stranger, medicine="ropinirole")
    assert not Prescription.objects.exists()


@pytest.fixture
def followup(triaged: Case, nadia: User) -> FollowUp:
    return make.make_followup(triaged, by=nadia)


def test_a_follow_up_is_confirmed_and_still_may_move(followup: FollowUp) -> None:
    by = account(followup.patient)
    with acting_as(by):
        assert followups.confirm(followup, by=by).status == FollowUpStatus.CONFIRMED
        changed = followups.ask_for_change(followup, by=by, note="Not on Mondays")
    assert (changed.status, changed.patient_note) == (FollowUpStatus.CHANGE_ASKED, "Not on Mondays")
    assert trail("followups.confirm") == trail("followups.ask_for_change") == [("verb", "")]


def test_a_closed_follow_up_is_not_confirmed(followup: FollowUp, nadia: User) -> None:
    with acting_as(nadia):
        followup.close(by=nadia, evidence=Evidence.ATTENDED, note="")
    by = account(followup.patient)
    with pytest.raises(IllegalMove), acting_as(by):
        followups.confirm(followup, by=by)
    assert trail("followups.confirm") == [("refusal", "illegal_move")]


def test_nobody_confirms_for_somebody_else(followup: FollowUp, bob: Patient, nadia: User) -> None:
    for stranger in (account(bob), nadia):
        with pytest.raises(Refused), acting_as(stranger):
            followups.confirm(followup, by=stranger)
    followup.refresh_from_db()
    assert followup.status == FollowUpStatus.PLANNED


@pytest.fixture
def consent(triaged: Case, nadia: User) -> Consent:
    return make.make_consent(triaged, by=nadia)


def answer(consent: Consent, by: User, **said: Any) -> Consent:
    with acting_as(by):
        return consents.answer(consent, by=by, **said)


def test_a_yes_is_to_the_exact_text(consent: Consent) -> None:
    answered = answer(consent, account(consent.patient), agreed=True, shown=consent.digest)
    assert answered.status == ConsentStatus.ACTIVE
    assert answered.question.has_consent
    assert trail("consents.answer") == [("verb", "")]


def test_a_yes_to_another_text_is_none(consent: Consent) -> None:
    with pytest.raises(IllegalMove):
        answer(consent, account(consent.patient), agreed=True, shown="0" * 64)
    consent.refresh_from_db()
    assert consent.status == ConsentStatus.PROPOSED
    assert not consent.question.has_consent


def test_a_no_can_always_be_said(consent: Consent) -> None:
    answered = answer(consent, account(consent.patient), agreed=False, shown="0" * 64)
    assert answered.status == ConsentStatus.REJECTED


def test_a_consent_is_taken_back(consent: Consent) -> None:
    by = account(consent.patient)
    answer(consent, by, agreed=True)
    with acting_as(by):
        assert consents.withdraw(consent, by=by).status == ConsentStatus.INACTIVE
    consent.question.refresh_from_db()
    assert not consent.question.has_consent


def test_an_answer_waits_for_who_is_saving_the_question(consent: Consent) -> None:
    """Otherwise the answer would write the text back that a curator has just changed."""
    by = account(consent.patient)
    with CaptureQueriesContext(connection) as asked, acting_as(by):
        consents.answer(consent, by=by, agreed=True)
        consents.withdraw(consent, by=by)
    locked = [query["sql"] for query in asked if query["sql"].endswith("FOR UPDATE")]
    assert sum('FROM "faq_question"' in sql for sql in locked) == 2


def test_nobody_agrees_for_somebody_else(consent: Consent, bob: Patient, nadia: User) -> None:
    for stranger in (account(bob), nadia):
        with pytest.raises(Refused):
            answer(consent, stranger, agreed=True)
    assert trail("consents.answer") == [("refusal", "refused")] * 2


def attach(case: Case, by: User, content: bytes, name: str = "report.pdf") -> Attachment:
    with acting_as(by):
        return attachments.attach(case, by=by, upload=SimpleUploadedFile(name, content))


def test_a_file_is_kept_under_a_name_of_ours(case: Case) -> None:
    row = attach(case, account(case.patient), files.pdf(), "../../etc/\u202eppa.pdf")
    assert row.content_type == "application/pdf"
    assert ".." not in row.name
    assert "\u202e" not in row.name
    assert str(row.pk) in str(row.file.name)
    assert trail("attachments.attach") == [("verb", "")]
    row.file.delete(save=False)


def test_what_a_file_is_is_told_by_its_content(case: Case) -> None:
    with pytest.raises(UnknownType):
        attach(case, account(case.patient), b"<svg onload=alert(1)>", "picture.png")
    assert not Attachment.objects.exists()
    assert trail("attachments.attach") == []


def test_nobody_attaches_to_somebody_elses_case(case: Case, bob: Patient, karl: User) -> None:
    for stranger in (account(bob), karl):
        with pytest.raises(Refused):
            attach(case, stranger, files.pdf())


def test_a_birthday_of_another_age_leaves_nothing() -> None:
    user = make.make_user("Nora New")
    with pytest.raises(ValidationError), acting_as(user):
        patients.register(user, by=user, born_on=date(1700, 1, 1), time_zone="UTC")
    assert trail("patients.register") == []
