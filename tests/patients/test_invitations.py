"""Coming into a record that the clinic opened: the right address and the right date of birth, five tries, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone

from patients.actions import patient_invitations, reminder_checks
from patients.models import Case, FollowUp, Patient, PatientInvitation, Telling, reminders
from portal import keys
from portal.access import SYSTEM, IllegalMove, Role
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import AuditEvent, Clinic, Department, Notification, User
from portal.models.deliveries import Purpose
from tests import make
from tests.sink import smtp_sink

SignIn = Callable[[User | Patient], Client]
EMAIL = "enzo@example.org"
RIGHT = {"born_on_day": "3", "born_on_month": "2", "born_on_year": "1971"}
WRONG = {**RIGHT, "born_on_year": "1972"}


def path_to(row: PatientInvitation) -> str:
    return f"/invite/record/{keys.key_to('patients.patientinvitation', str(row.pk))}/"


@pytest.fixture
def enrolled(neurology: Department, nadia: User) -> Patient:
    return make.make_enrolled(neurology, by=nadia)


@pytest.fixture
def row(enrolled: Patient, nadia: User) -> PatientInvitation:
    return make.make_patient_invitation(enrolled, EMAIL, by=nadia)


@pytest.fixture
def enzo(db: None) -> User:
    return make.make_user("Enzo", email=EMAIL)


def test_the_mail_names_nobody_and_nothing_clinical(row: PatientInvitation) -> None:
    with smtp_sink() as sink:
        deliveries.deliver_due()
    [mail] = sink.mails
    text = f"{mail['Subject']} {mail.get_content()}"
    assert mail["To"] == EMAIL
    assert "/invite/record/" in text
    for secret in ("Enzo", "Elm", "1971", "eurolog", row.patient.record_number):
        assert secret not in text


def test_address_and_birth_date_open_the_record_once(
    row: PatientInvitation, enzo: User, nadia: User, as_user: SignIn
) -> None:
    browser = as_user(enzo)
    page = browser.get(path_to(row)).content.decode()
    assert "Type your date of birth" in page
    for secret in ("Elm", "1971", row.patient.record_number, "Neurology", "Nadia"):
        assert secret not in page
    answer = browser.post(path_to(row), RIGHT, follow=True)
    assert answer.redirect_chain[-1][0] == "/my/"
    assert "This is your record" in answer.content.decode()
    row.refresh_from_db()
    assert (row.patient.user, row.accepted_by, row.state) == (enzo, enzo, "accepted")
    event = AuditEvent.objects.get(name="patient_invitations.accept")
    assert (event.people, event.fields) == ([row.patient_id], ["born_on"])
    assert browser.post(path_to(row), RIGHT).status_code == 410


def test_five_wrong_dates_close_it_and_the_sender_is_told(
    row: PatientInvitation, enzo: User, nadia: User, as_user: SignIn
) -> None:
    browser = as_user(enzo)
    for left in (4, 3, 2, 1):
        page = browser.post(path_to(row), WRONG)
        assert page.status_code == 422
        assert f"{left} more time" in page.content.decode()
        assert 'value="1972"' in page.content.decode()
    assert not Notification.objects.exists()
    assert browser.post(path_to(row), WRONG).status_code == 410
    assert browser.post(path_to(row), RIGHT).status_code == 410
    row.refresh_from_db()
    assert (row.state, row.wrong_dates, row.patient.user) == ("revoked", 5, None)
    told = Notification.objects.get(user=nadia, purpose=Purpose.INVITATION_STOPPED)
    page = as_user(nadia).get(f"/my/notifications/{told.pk}/", follow=True)
    assert "five wrong dates" in page.content.decode()


def test_what_is_no_date_costs_no_try(row: PatientInvitation, enzo: User, as_user: SignIn) -> None:
    for wrong in ({}, {**RIGHT, "born_on_day": "31"}, {**RIGHT, "born_on_year": "\x1b"}):
        assert as_user(enzo).post(path_to(row), wrong).status_code == 422
    row.refresh_from_db()
    assert row.wrong_dates == 0


def test_another_account_burns_no_try_and_learns_nothing(
    row: PatientInvitation, bob: Patient, client: Client, as_user: SignIn
) -> None:
    browser = as_user(bob)
    assert "sent to another address" in browser.get(path_to(row)).content.decode()
    answer = browser.post(path_to(row), RIGHT)
    assert answer.status_code == 403
    assert EMAIL not in answer.content.decode()
    assert client.post(path_to(row), RIGHT).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.wrong_dates, row.patient.user) == ("open", 0, None)


def test_who_has_a_record_is_told_to_call(enrolled: Patient, nadia: User, bob: Patient, as_user: SignIn) -> None:
    assert bob.user
    row = make.make_patient_invitation(enrolled, bob.user.email, by=nadia)
    answer = as_user(bob).post(path_to(row), RIGHT)
    assert answer.status_code == 409
    assert "have a record here already" in answer.content.decode()
    enrolled.refresh_from_db()
    assert enrolled.user is None


def test_a_record_that_has_its_account_is_not_given_away(row: PatientInvitation, enzo: User, as_user: SignIn) -> None:
    other = make.make_user("Other")
    Patient.objects.filter(pk=row.patient_id).update(user=other)
    assert as_user(enzo).post(path_to(row), RIGHT).status_code == 409
    row.patient.refresh_from_db()
    assert row.patient.user == other


def test_a_newcomer_comes_all_the_way(row: PatientInvitation, client: Client) -> None:
    path = path_to(row)
    client.post(f"{path}register/")
    said = {"name": "Enzo Elm", "email": "x@example.org", "password1": make.PASSWORD, "next": path}
    assert client.post("/register/", said)["Location"] == path
    assert client.post(path, RIGHT)["Location"] == "/my/"
    assert User.objects.get(email=EMAIL).patient == row.patient


@pytest.mark.parametrize("then", ["expired", "tampered", "of staff"])
def test_a_link_that_opens_nothing(row: PatientInvitation, enzo: User, as_user: SignIn, then: str) -> None:
    path = path_to(row)
    if then == "expired":
        PatientInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif then == "tampered":
        path = path.replace("record/", "record/0")
    else:
        path = f"/invite/record/{keys.key_to('portal.invitation', str(row.pk))}/"
    answers = [as_user(enzo).get(path), as_user(enzo).post(path, RIGHT), Client().post(f"{path}register/")]
    assert {answer.status_code for answer in answers} == {410 if then == "expired" else 404}
    row.patient.refresh_from_db()
    assert row.patient.user is None


def test_the_database_keeps_the_count(row: PatientInvitation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PatientInvitation.objects.update(wrong_dates=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        PatientInvitation.objects.update(wrong_dates=6, revoked_at=timezone.now(), revoked_by=row.invited_by)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("born_on", [date(1971, 2, 3), date(1972, 2, 3)])
def test_all_at_once_one_wins_and_every_wrong_date_counts(born_on: date) -> None:
    place = make.make_department("Neurology")
    nadia = make.make_user("Nadia North", role=Role.CLINICIAN, department=place)
    enzo = make.make_user("Enzo", email=EMAIL)
    row = make.make_patient_invitation(make.make_enrolled(place, by=nadia), EMAIL, by=nadia)
    start, done = Barrier(8), []

    def attempt() -> None:
        start.wait()
        try:
            with acting_as(enzo):
                done.append(patient_invitations.accept(row, by=enzo, born_on=born_on).state.value)
        except IllegalMove:
            done.append("too late")
        finally:
            connections.close_all()

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if born_on.year == 1971:
        assert sorted(done) == ["accepted"] + ["too late"] * 7
    else:
        assert sorted(done) == ["open"] * 4 + ["revoked"] + ["too late"] * 3
        assert Notification.objects.filter(user=nadia).count() == 1


def test_what_was_promised_before_is_told_from_then_on(triaged: Case, nadia: User, enzo: User) -> None:
    followup, patient = make.make_followup(triaged, by=nadia), triaged.patient
    Patient.objects.filter(pk=patient.pk).update(user=None)
    with acting_as(nadia):
        reminders.tend(FollowUp.objects.get(pk=followup.pk))
    row = make.make_patient_invitation(Patient.objects.get(pk=patient.pk), EMAIL, by=nadia)
    with acting_as(enzo):
        patient_invitations.accept(row, by=enzo, born_on=patient.born_on)
    waiting = Telling.objects.filter(followup=followup, delivery__state="pending", delivery__recipient=enzo)
    assert {telling.reminder.slot for telling in waiting} >= {"week_before", "day_before"}
    with acting_as(SYSTEM):
        assert reminder_checks.check(Clinic.the(), by=SYSTEM, at=timezone.now()).differences == []
