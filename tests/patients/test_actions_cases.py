from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from patients.actions import cases
from patients.models import Case, Message, Patient, Prescription
from patients.models.cases import Status
from portal.access import Refused
from portal.acting import acting_as
from portal.models import Delivery, Department, Notification, User
from tests import make
from tests.patients.told import trail

pytestmark = pytest.mark.django_db
KEY = uuid4()


def test_a_case_is_opened_with_its_questions_and_medicines(alice: Patient, neurology: Department) -> None:
    pramipexole = {"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg", "times_a_day": Decimal(1)}
    case = make.make_case(alice, neurology, medicines=[pramipexole])
    assert [(q.position, q.text) for q in case.questions.all()] == [
        (1, "Could a nerve be inflamed?"),
        (2, "Have you seen this before?"),
    ]
    assert case.status == Status.NEW
    assert case.answer_due_at > case.created_at
    medicine = Prescription.objects.get()
    assert medicine.has_hard_stop
    assert medicine.origin == "reported"
    assert trail("cases.open_case") == [("verb", "")]


def test_nobody_opens_a_case_for_somebody_else(alice: Patient, bob: Patient, neurology: Department) -> None:
    assert bob.user
    with pytest.raises(Refused), acting_as(bob.user):
        cases.open_case(alice, by=bob.user, department=neurology, title="x", story="x")
    assert not Case.objects.exists()
    assert trail("cases.open_case") == [("refusal", "refused")]


def test_the_same_form_opens_one_case(alice: Patient, bob: Patient, neurology: Department) -> None:
    first = make.make_case(alice, neurology, form_key=KEY)
    with pytest.raises(cases.AlreadySent) as again:
        make.make_case(alice, neurology, form_key=KEY)
    assert again.value.row == first
    assert Case.objects.count() == 1
    # Keys are each person's own: nobody learns of another's by guessing one.
    assert make.make_case(bob, neurology, form_key=KEY) != first


def test_forms_without_a_key_are_not_the_same(alice: Patient, neurology: Department) -> None:
    assert make.make_case(alice, neurology) != make.make_case(alice, neurology)


def test_a_message_reaches_the_owner_without_a_clinical_word(triaged: Case, nadia: User) -> None:
    make.make_message(triaged, "My hand is weak.")
    told = Notification.objects.get(user=nadia)
    assert told.path == f"/cases/{triaged.ref}/"
    assert "weak" not in str(Delivery.objects.get(recipient=nadia).words)
    assert trail("cases.send_message") == [("verb", "")]


def test_a_late_message_reopens_a_closed_case(triaged: Case, nadia: User) -> None:
    make.make_reply(triaged, by=nadia)
    triaged.refresh_from_db()
    before = triaged.answer_due_at
    make.make_message(triaged)
    triaged.refresh_from_db()
    assert triaged.status == Status.WAITING
    assert triaged.answer_due_at >= before


def test_a_message_sent_twice_is_one(case: Case) -> None:
    user = case.patient.user
    assert user
    with acting_as(user):
        first = cases.send_message(case, by=user, body="Once", form_key=KEY)
        with pytest.raises(cases.AlreadySent) as again:
            cases.send_message(case, by=user, body="Once", form_key=KEY)
    assert again.value.row == first
    assert Message.objects.count() == 1
    assert trail("cases.send_message") == [("verb", "")]


def test_nobody_writes_on_somebody_elses_case(case: Case, bob: Patient, karl: User, ada: User) -> None:
    assert bob.user
    for stranger in (bob.user, karl, ada):
        with pytest.raises(Refused), acting_as(stranger):
            cases.send_message(case, by=stranger, body="x")
    assert not Message.objects.exists()
    assert trail("cases.send_message") == [("refusal", "refused")] * 3
