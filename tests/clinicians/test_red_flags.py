"""On the desk: a red flag stands above everything until somebody says what was done, and the right person is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from clinicians.models import OnCall
from clinicians.models.on_call import whom_to_tell
from patients.models import Case, Patient, RedFlag, Screening
from patients.models.cases import Urgency
from portal.access import Role
from portal.acting import acting_as
from portal.channels.email import write_mail
from portal.models import Delivery, Department, Notification, User
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


@pytest.fixture
def flagged(alice: Patient, neurology: Department, nadia: User) -> Case:
    return make.make_screened(alice, neurology, make.EMERGENCY)


class TestTheCase:
    def test_it_says_what_was_answered_and_on_what_it_rests(self, as_user: SignIn, flagged: Case, nadia: User) -> None:
        page = as_user(nadia).get(f"/cases/{flagged.ref}/").content.decode()
        assert "Red flag, Emergency: Worst headache ever" in page
        assert "SNNOOP10" in page
        told = as_user(nadia).get(f"/api/v1/cases/{flagged.ref}/").json()
        assert told["screening"]["outcome"] == "emergency_now"
        assert [flag["title"][:19] for flag in told["red_flags"]] == ["Worst headache ever"]
        assert told["case"]["urgency"] == Urgency.EMERGENCY

    def test_what_nobody_checked_says_so(
        self, as_user: SignIn, alice: Patient, neurology: Department, nadia: User
    ) -> None:
        case = make.make_screened(alice, neurology, ("weakness_stroke", {"WK-01": "yes"}))
        page = as_user(nadia).get(f"/cases/{case.ref}/").content.decode()
        assert "Red flag, Same day" in page
        assert "Not verified" in page

    def test_without_answers_it_is_not_screened(self, as_user: SignIn, case: Case, nadia: User) -> None:
        page = as_user(nadia).get(f"/cases/{case.ref}/").content.decode()
        assert "Not screened" in page
        assert as_user(nadia).get(f"/api/v1/cases/{case.ref}/").json()["screening"] is None

    def test_the_diary_is_words_dots_and_days(self, as_user: SignIn, case: Case, nadia: User) -> None:
        make.make_diary(case, note="Worse when I lie down")
        page = as_user(nadia).get(f"/cases/{case.ref}/").content.decode()
        assert "fc-diary__dot--2" in page
        assert "Worse when I lie down" in page

    def test_triage_is_offered_the_urgency_of_the_answers(self, as_user: SignIn, flagged: Case, nadia: User) -> None:
        page = as_user(nadia).get(f"/cases/{flagged.ref}/").content.decode()
        assert re.search(r'name="urgency" value="1"[^>]* checked', page)


class TestReview:
    def test_it_is_dealt_with_once_and_stays_to_be_read(self, as_user: SignIn, flagged: Case, nadia: User) -> None:
        client, flag = as_user(nadia), flagged.red_flags.get()
        path, data = f"/red-flags/{flag.pk}/review/", {"patient": str(flagged.patient_id), "note": "In hospital now."}
        assert client.post(path, {**data, "note": ""}, HTTP_ACCEPT="text/html").status_code == 422
        assert client.post(path, data, HTTP_ACCEPT="text/html").status_code == 302
        flag.refresh_from_db()
        assert (flag.reviewed_by, flag.review_note) == (nadia, "In hospital now.")
        again = client.post(path, {**data, "note": "Other words."}, HTTP_ACCEPT="text/html")
        assert again.status_code == 409
        page = client.get(f"/cases/{flagged.ref}/").content.decode()
        assert "1 red flag dealt with" in page
        assert "In hospital now." in page

    def test_who_asked_is_no_longer_told_to_call(self, as_user: SignIn, flagged: Case, nadia: User) -> None:
        client = as_user(flagged.patient)
        page = f"/my/cases/{flagged.ref}/"
        assert "Call 112 now" in client.get(page).content.decode()
        with acting_as(nadia):
            flagged.red_flags.get().settle(nadia, "Called her.")
        assert "Call 112 now" not in client.get(page).content.decode()

    def test_half_a_review_is_none(self, flagged: Case) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            RedFlag.objects.filter(case=flagged).update(reviewed_at=timezone.now())


class TestWhomToTell:
    def test_who_is_on_call_is_told_at_once_and_no_clinical_word(
        self, alice: Patient, neurology: Department, nadia: User
    ) -> None:
        nora = make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)
        make.make_on_call(neurology, nora, by=nadia)
        case = make.make_screened(alice, neurology, make.EMERGENCY)
        assert list(Notification.objects.filter(purpose="red_flag").values_list("user", flat=True)) == [nora.pk]
        delivery = Delivery.objects.get(purpose="red_flag")
        assert delivery.due_at <= timezone.now()
        text = write_mail(delivery).message().as_string()
        assert "can't wait" in text.replace("=\n", "").replace("’", "'")
        for word in ("headache", "Alice", case.ref, "Neurology", "flag", "patient"):
            assert word not in text

    def test_else_whose_case_it_is_else_everybody_who_treats_there(
        self, case: Case, nadia: User, neurology: Department, tessa: User
    ) -> None:
        nora = make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)
        assert whom_to_tell(case) == [nadia, nora]
        case.owner = nora
        assert whom_to_tell(case) == [nora]
        make.make_on_call(neurology, nadia, by=nora)
        assert whom_to_tell(case) == [nadia]

    def test_where_nobody_treats_triage_is_told(self, alice: Patient, tessa: User) -> None:
        case = make.make_case(alice, make.make_department("General practice"))
        assert whom_to_tell(case) == [tessa]

    def test_nobody_is_told_of_their_own(self, neurology: Department, nadia: User) -> None:
        own = make.make_case(make.make_patient("Nadia North", user=nadia), neurology)
        assert whom_to_tell(own) == []

    def test_what_asks_for_nothing_tells_nobody(self, alice: Patient, neurology: Department, nadia: User) -> None:
        answers = {f"HA-{number:02}": "no" for number in range(1, 11)}
        case = make.make_screened(alice, neurology, ("headache", answers))
        assert (Screening.objects.get().outcome, case.urgency) == ("routine", Urgency.ROUTINE)
        assert not Notification.objects.filter(purpose="red_flag").exists()


class TestOnCall:
    def test_it_is_put_listed_and_ended(self, as_user: SignIn, neurology: Department, nadia: User, cora: User) -> None:
        client, now = as_user(cora), timezone.localtime()
        data = {
            "department": neurology.slug,
            "clinician": str(nadia.pk),
            "starts_at": f"{now:%Y-%m-%dT%H:%M}",
            "ends_at": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
        }
        assert client.post("/clinic/on-call/", data, HTTP_ACCEPT="text/html").status_code == 302
        assert client.post("/clinic/on-call/", data, HTTP_ACCEPT="text/html").status_code == 409
        duty = OnCall.objects.get()
        assert nadia.name in client.get("/clinic/on-call/").content.decode()
        path = f"/clinic/on-call/{duty.pk}/end/"
        assert [client.post(path, HTTP_ACCEPT="text/html").status_code for _twice in range(2)] == [302, 409]
        assert client.get("/api/v1/clinic/on-call/").json()["duties"] == []

    def test_what_cannot_be_is_refused_in_words(
        self, as_user: SignIn, neurology: Department, nadia: User, karl: User
    ) -> None:
        client, now = as_user(nadia), timezone.localtime()
        data = {
            "department": neurology.slug,
            "clinician": str(nadia.pk),
            "starts_at": f"{now:%Y-%m-%dT%H:%M}",
            "ends_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        }
        answer = client.post("/clinic/on-call/", data, HTTP_ACCEPT="text/html")
        assert answer.status_code == 422
        assert "The end must come after the beginning" in answer.content.decode()
        foreign = {**data, "clinician": str(karl.pk)}
        assert client.post("/clinic/on-call/", foreign, HTTP_ACCEPT="text/html").status_code == 422
        assert not OnCall.objects.exists()

    def test_another_department_sees_nothing_of_it(
        self, as_user: SignIn, neurology: Department, nadia: User, karl: User, tessa: User
    ) -> None:
        duty = make.make_on_call(neurology, nadia, by=nadia)
        assert as_user(karl).get("/api/v1/clinic/on-call/").json()["duties"] == []
        assert as_user(karl).post(f"/clinic/on-call/{duty.pk}/end/", HTTP_ACCEPT="text/html").status_code == 404
        assert as_user(tessa).get("/clinic/on-call/").status_code == 403
