"""A session ends in time; what is sent too late is kept for its account, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import strip_tags

from patients.models import Case, Message, Patient
from portal.models import KeptForm, User
from portal.tasks import let_go
from tests import make
from tests.journeys.test_crawl import Fields
from tests.portal.entering import is_in, sign_in, with_password

pytestmark = pytest.mark.django_db
SIGNED = "signed:" + "a" * 40
TYPED = {"body": "It is worse at night.\r\nAlso in my hand.", "password": "not this", "csrfmiddlewaretoken": "nor this"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-05-04 10:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def owner(alice: Patient) -> User:
    assert alice.user
    return with_password(alice.user)


class TestHowLong:
    @pytest.mark.parametrize(("minutes", "still_in"), [(59, True), (60, False)])
    def test_a_patient_idle(self, minutes: int, still_in: bool, owner: User, as_user: Any, clock: Any) -> None:
        client = as_user(owner)
        client.get("/my/")
        clock.shift(timedelta(minutes=minutes))
        assert is_in(client) is still_in

    @pytest.mark.parametrize(("minutes", "still_in"), [(29, True), (30, False)])
    def test_staff_idle(self, minutes: int, still_in: bool, nadia: User, as_user: Any, clock: Any) -> None:
        client = as_user(with_password(nadia))
        client.get("/clinic/")
        clock.shift(timedelta(minutes=minutes))
        assert is_in(client) is still_in

    def test_in_any_case(self, nadia: User, as_user: Any, clock: Any) -> None:
        client = as_user(with_password(nadia))
        for _time in range(12 * 3 - 1):
            assert is_in(client)
            clock.shift(timedelta(minutes=20))
        assert is_in(client)
        clock.shift(timedelta(minutes=20))
        assert not is_in(client)

    def test_as_the_clinic_decides(self, settings: Any, owner: User, as_user: Any, clock: Any) -> None:
        settings.PATIENT_IDLE_MINUTES = 5
        client = as_user(owner)
        client.get("/my/")
        clock.shift(timedelta(minutes=4))
        assert is_in(client)
        clock.shift(timedelta(minutes=5))
        assert not is_in(client)


class TestWhatIsAnswered:
    @pytest.fixture
    def late(self, owner: User, as_user: Any, clock: Any) -> Client:
        client: Client = as_user(owner)
        client.get("/my/")
        clock.shift(timedelta(minutes=61))
        return client

    def test_a_page_leads_to_sign_in_and_back(self, late: Client, owner: User) -> None:
        answer = late.get("/my/?x=1")
        assert answer["Location"] == "/sign-in/?next=/my/%3Fx%3D1"
        assert "nothing happened for a while" in late.get(answer["Location"]).content.decode()
        sent = {"login": owner.email, "password": make.PASSWORD, "next": "/my/?x=1"}
        assert late.post("/sign-in/", sent)["Location"] == "/my/?x=1"

    def test_a_public_page_is_shown(self, late: Client) -> None:
        assert late.get("/").status_code == 200

    def test_the_session_is_gone(self, late: Client) -> None:
        key = late.session.session_key
        late.get("/")
        assert not Session.objects.filter(session_key=key).exists()

    def test_a_fragment_leads_the_page(self, late: Client) -> None:
        asked = {"hx-request": "true", "hx-current-url": "http://testserver/my/?tab=2"}
        answer = late.get("/my/", headers=asked)
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer["HX-Redirect"] == "/sign-in/?next=/my/%3Ftab%3D2"

    def test_a_program_is_told(self, late: Client) -> None:
        answer = late.post("/api/v1/", {"a": 1}, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert not KeptForm.objects.exists()

    def test_signing_out_late_is_signing_out(self, late: Client) -> None:
        assert late.post("/sign-out/")["Location"] == "/"
        assert not KeptForm.objects.exists()


class TestWhatIsKept:
    @pytest.fixture
    def late(self, owner: User, case: Case, clock: Any) -> Client:
        """Alice's browser, an hour after she began to write to her case."""
        client = Client()
        sign_in(client, owner)
        assert client.get(f"/my/cases/{case.ref}/").status_code == 200
        clock.shift(timedelta(minutes=61))
        return client

    def send(self, client: Client, case: Case, **more: Any) -> str:
        answer = client.post(f"/my/cases/{case.ref}/say", {**TYPED, **more})
        assert answer.status_code == 302
        return str(answer["Location"])

    def forms(self, client: Client) -> list[tuple[str, dict[str, str]]]:
        parser = Fields()
        parser.feed(client.get("/account/kept/").content.decode())
        return [form for form in parser.forms if "/sign-out/" not in form[0]]

    def test_it_is_kept_and_sent_with_one_press(self, late: Client, owner: User, case: Case) -> None:
        to = self.send(late, case, file=SimpleUploadedFile("a.pdf", b"%PDF"), seen=SIGNED)
        assert to == "/sign-in/?next=/account/kept/"
        assert not Message.objects.exists()
        (kept,) = KeptForm.objects.all()
        assert (kept.account, kept.path, kept.fields) == (
            owner,
            f"/my/cases/{case.ref}/say",
            {"body": [TYPED["body"]], "seen": [SIGNED]},
        )
        assert sign_in(late, owner)["Location"] == "/account/kept/"
        page = strip_tags(late.get("/account/kept/").content.decode())
        assert "worse at night" in page
        assert "signed:" not in page, "what a page puts into its form is sent along, and not shown"
        (address, fields), _discard = self.forms(late)
        assert late.post(address, fields).status_code == 302
        assert Message.objects.get().body.replace("\r\n", "\n") == TYPED["body"].replace("\r\n", "\n")
        assert not KeptForm.objects.exists()
        assert late.get("/account/kept/")["Location"] == "/start/"

    def test_it_is_deleted_with_one_press(self, late: Client, owner: User, case: Case) -> None:
        self.send(late, case)
        sign_in(late, owner)
        _again, (address, _fields) = self.forms(late)
        late.post(address)
        assert not KeptForm.objects.exists()
        assert not Message.objects.exists()

    def test_nobody_else_sees_or_deletes_it(
        self, late: Client, case: Case, bob: Patient, nadia: User, as_user: Any
    ) -> None:
        """The next to sign in on the same browser is Bob."""
        self.send(late, case)
        kept = KeptForm.objects.get()
        assert bob.user
        assert sign_in(late, with_password(bob.user))["Location"] == "/start/"
        for client in (late, as_user(bob), as_user(nadia)):
            assert b"worse at night" not in client.get("/account/kept/", follow=True).content
            assert client.post(f"/account/kept/{kept.pk}/discard/").status_code == 404
            client.post("/account/password/", {"_kept_form": str(kept.pk)})
        assert KeptForm.objects.filter(pk=kept.pk).exists()

    def test_what_could_not_be_done_stays_kept(self, late: Client, owner: User, case: Case) -> None:
        """The case was gone from her sight meanwhile, say: the text is not lost with it."""
        self.send(late, case)
        sign_in(late, owner)
        kept = KeptForm.objects.get()
        assert late.post("/my/cases/F-9999/say", {"body": "x", "_kept_form": str(kept.pk)}).status_code == 404
        assert KeptForm.objects.filter(pk=kept.pk).exists()

    def test_what_another_site_sends_is_not(self, owner: User, case: Case, clock: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.get("/my/")
        clock.shift(timedelta(minutes=61))
        assert client.post(f"/my/cases/{case.ref}/say", TYPED).status_code == 403
        assert not KeptForm.objects.exists()

    def test_nor_to_the_desk(self, nadia: User, triaged: Case, clock: Any) -> None:
        """The desk's endpoints check CSRF themselves, and only for who is signed in: so it is asked here too."""
        for is_ours in (False, True):
            client = Client(enforce_csrf_checks=True)
            client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
            make.make_second_factor_shown(client, nadia)
            page = client.get(f"/cases/{triaged.ref}/").content.decode()
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
            assert token
            clock.shift(timedelta(minutes=31))
            sent = {"body": "Thank you.", "csrfmiddlewaretoken": token.group(1) if is_ours else "forged"}
            assert client.post(f"/cases/{triaged.ref}/reply/", sent).status_code == (302 if is_ours else 403)
            assert KeptForm.objects.exists() is is_ours

    def test_not_too_much_and_not_for_ever(self, late: Client, owner: User, case: Case, clock: Any) -> None:
        assert KeptForm.keep(owner, "/my/", {"body": ["a" * 200_001]}) is None
        for number in range(25):
            KeptForm.keep(owner, "/my/", {"body": [str(number)]})
        assert [kept.fields["body"] for kept in KeptForm.objects.all()][:2] == [["24"], ["23"]]
        assert KeptForm.objects.count() == 20
        clock.shift(timedelta(days=7))
        assert not KeptForm.objects.fresh().visible_to(owner).exists()
        let_go()
        assert not KeptForm.objects.exists()
