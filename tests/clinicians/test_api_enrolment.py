"""Enrolling somebody without an account: on the page and as JSON, within one's department, and not twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from patients.models import Patient, PatientInvitation
from portal.access import Role
from portal.models import Delivery, Department, User
from tests import make

SignIn = Callable[[User | Patient], Client]
SAID = {
    "department": "neurology",
    "full_name": "Enzo Elm",
    "born_on": "1971-02-03",
    "sex": "male",
    "time_zone": "UTC",
    "email": "Enzo@Example.org",
}
PAGE, API = "/clinic/enrol/", "/api/v1/clinic/enrol/"


@pytest.fixture
def desk(nadia: User, as_user: SignIn) -> Client:
    return as_user(nadia)


def post(client: Client, **changes: Any) -> Any:
    return client.post(API, {**SAID, **changes}, content_type="application/json")


def test_a_record_is_opened_and_its_person_invited(desk: Client, neurology: Department, nadia: User) -> None:
    assert desk.get(PAGE).status_code == 200
    page = desk.post(PAGE, SAID, follow=True)
    patient = Patient.objects.get()
    assert page.redirect_chain[-1][0] == f"{PAGE}{patient.pk}/"
    assert (patient.name, patient.born_on, patient.user) == ("Enzo Elm", date(1971, 2, 3), None)
    assert patient.enrolled_by_department == neurology
    text = page.content.decode()
    for words in (patient.record_number, "enzo@example.org", "Open until", "Send again", "Take back"):
        assert words in text
    assert Delivery.objects.get().address == "enzo@example.org"


def test_without_an_address_nobody_is_written_to(desk: Client) -> None:
    made = post(desk, email="", record_number="N-1")
    assert made.status_code == 201
    assert made.json()["record_number"] == "N-1"
    assert not PatientInvitation.objects.exists()
    page = desk.get(f"{PAGE}{made.json()['id']}/").content.decode()
    assert "Invite them to their record" in page


def test_page_and_json_show_the_same(desk: Client) -> None:
    pk = post(desk).json()["id"]
    [shown] = desk.get(f"{API}{pk}/").json()["invitations"]
    assert shown["email"] == "enzo@example.org"
    assert shown["id"] in desk.get(f"{PAGE}{pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"full_name": "  "}, "full_name"),
        ({"born_on": "2999-01-01"}, "born_on"),
        ({"born_on": "1700-01-01"}, "born_on"),
        ({"born_on": "x"}, "born_on"),
        ({"sex": "x"}, "sex"),
        ({"email": "x"}, "email"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"record_number": "<b>"}, "record_number"),
        ({"department": "cardiology"}, "department"),
        ({"department": ""}, "department"),
        ({"full_name": "Enzo\u202e"}, "full_name"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_lost(
    desk: Client, cardiology: Department, changes: dict[str, str], field: str
) -> None:
    answer = post(desk, **changes)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    page = desk.post(PAGE, {**SAID, **changes})
    assert page.status_code == 422
    kept = "Enzo@Example.org" if field != "email" else "Enzo Elm"
    assert kept in page.content.decode()
    assert not Patient.objects.exists()


def test_a_number_that_is_anothers(desk: Client, neurology: Department, nadia: User) -> None:
    other = make.make_enrolled(neurology, by=nadia, name="Somebody Else", record_number="N-1")
    answer = post(desk, record_number=other.record_number)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["record_number"]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("name", ["Enzo Elm", "ENZO ELM", "Elm Enzo", "Enzo Elms", "Énzo Elm", "Enzo B. Elm"])
def test_who_may_be_the_same_person_is_shown_first(desk: Client, neurology: Department, nadia: User, name: str) -> None:
    known = make.make_enrolled(neurology, by=nadia)
    page = desk.post(PAGE, {**SAID, "full_name": name})
    assert page.status_code == 422
    assert known.record_number in page.content.decode()
    answer = post(desk, full_name=name)
    assert [row["id"] for row in answer.json()["alike"]] == [str(known.pk)]
    assert Patient.objects.count() == 1
    assert post(desk, full_name=name, is_another=True).status_code == 201


def test_another_person_is_not_asked_about(desk: Client, neurology: Department, nadia: User) -> None:
    make.make_enrolled(neurology, by=nadia, name="Petra Novak")
    make.make_enrolled(neurology, by=nadia, born_on=date(1971, 2, 4))
    assert post(desk).status_code == 201


def test_a_patient_out_of_reach_is_not_shown_by_the_warning(
    desk: Client, cardiology: Department, karl: User, neurology: Department
) -> None:
    make.make_enrolled(cardiology, by=karl)
    assert post(desk).status_code == 201


def test_staff_of_the_department_see_the_record_and_others_do_not(
    neurology: Department, nadia: User, cora: User, tessa: User, karl: User, ada: User, curt: User, as_user: SignIn
) -> None:
    patient = make.make_enrolled(neurology, by=nadia)
    row = make.make_patient_invitation(patient, by=nadia)
    for who in (nadia, cora, tessa):
        assert as_user(who).get(f"{PAGE}{patient.pk}/").status_code == 200
        assert patient.record_number in as_user(who).get("/patients/", {"q": "enzo"}).content.decode()
    assert as_user(karl).get(f"{PAGE}{patient.pk}/").status_code == 404
    assert patient.record_number not in as_user(karl).get("/patients/", {"q": "enzo"}).content.decode()
    for deed in ("resend", "revoke"):
        assert as_user(karl).post(f"/clinic/invitations/{row.pk}/{deed}/").status_code == 404
    assert as_user(karl).post(f"{PAGE}{patient.pk}/invite/", {"email": "k@example.org"}).status_code == 404
    for who in (ada, curt):
        assert as_user(who).get(PAGE).status_code == 403
        assert as_user(who).get(f"{PAGE}{patient.pk}/").status_code == 403
        assert as_user(who).post(PAGE, SAID).status_code == 403


def test_nobody_enrols_or_meets_themselves(neurology: Department, nadia: User, as_user: SignIn) -> None:
    """Her own record, opened by her own department, is not on her desk once it is hers."""
    patient = make.make_enrolled(neurology, by=nadia)
    Patient.objects.filter(pk=patient.pk).update(user=nadia)
    assert as_user(nadia).get(f"{PAGE}{patient.pk}/").status_code == 404
    assert as_user(nadia).get("/my/").status_code == 200


def test_an_invitation_is_sent_again_taken_back_and_sent_elsewhere(desk: Client) -> None:
    pk = post(desk).json()["id"]
    row = PatientInvitation.objects.get()
    assert "Sent again" in desk.post(f"/clinic/invitations/{row.pk}/resend/", follow=True).content.decode()
    second = desk.post(f"{PAGE}{pk}/invite/", {"email": "b@example.org"})
    assert second.status_code == 409
    assert "An invitation is out already" in second.content.decode()
    assert "Taken back" in desk.post(f"/clinic/invitations/{row.pk}/revoke/", follow=True).content.decode()
    assert desk.post(f"/api/v1/clinic/invitations/{row.pk}/resend/").status_code == 409
    assert desk.post(f"{PAGE}{pk}/invite/", {"email": "not one"}).status_code == 422
    made = desk.post(f"{API}{pk}/invite/", {"email": "b@example.org"})
    assert (made.status_code, made.json()["state"]) == (201, "open")


def test_a_patient_with_an_account_is_not_invited(desk: Client, triaged: Any) -> None:
    page = desk.get(f"{PAGE}{triaged.patient_id}/").content.decode()
    assert "They sign in themselves" in page
    assert "Invite them" not in page
    assert desk.post(f"{API}{triaged.patient_id}/invite/", {"email": "b@example.org"}).status_code == 409


def test_triage_of_the_whole_clinic_chooses_the_department(
    tessa: User, neurology: Department, cardiology: Department, as_user: SignIn
) -> None:
    places = as_user(tessa).get(API).json()["departments"]
    assert [place["slug"] for place in places] == ["cardiology", "neurology"]
    assert post(as_user(tessa), department="cardiology").status_code == 201
    curator = make.make_user("Both", role=Role.CURATOR)
    assert as_user(curator).get(API).status_code == 403
