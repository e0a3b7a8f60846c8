"""Asking the clinic: nothing typed is lost, one form is one case, and what is wrong is said beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, override_settings

from patients.models import Attachment, Case, CaseQuestion, Patient, Prescription
from portal.models import Department, User
from tests import files, make
from tests.patients.told import TOO_MUCH, ask_form, medicine, trail

SignIn = Callable[[User | Patient], Client]


def key_on(page: str) -> str:
    found = re.search(r'name="sending" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.django_db
class TestAsking:
    @pytest.fixture(autouse=True)
    def _clinic(self, neurology: Department, store: Path) -> None:
        """Somewhere to ask, and somewhere to keep files."""

    def test_a_question_is_sent_and_says_by_when(self, browser: Client) -> None:
        response = browser.post("/ask/", ask_form(), follow=True)
        case = Case.objects.get()
        assert response.redirect_chain == [(f"/ask/sent/{case.ref}/", 302)]
        page = response.content.decode()
        assert case.ref in page
        assert case.answer_due_at.strftime("%H:%M") in page
        assert list(case.questions.values_list("text", flat=True)) == ["Is it serious?"]
        assert (case.title, case.since) == ("Eyelid keeps twitching", "two months")
        assert trail("cases.open_case") == [("verb", "")]

    def test_safety_stands_before_the_story(self, browser: Client) -> None:
        page = browser.get("/ask/").content.decode()
        assert page.index("Call 112 now") < page.index('name="title"') < page.index('name="story"')

    def test_a_medicine_that_cannot_be_right_is_said_at_once(self, browser: Client) -> None:
        page = browser.post("/ask/", ask_form(**TOO_MUCH), follow=True).content.decode()
        assert Prescription.objects.get().has_hard_stop
        assert "Don&#x27;t take Pramipexole" in page or "Don't take Pramipexole" in page
        assert "far above the largest" in page

    def test_not_sure_goes_to_triage_or_the_first_department(self, browser: Client, cardiology: Department) -> None:
        browser.post("/ask/", ask_form())
        assert Case.objects.latest("id").department == cardiology
        with override_settings(TRIAGE_DEPARTMENT="neurology"):
            browser.post("/ask/", ask_form())
        assert Case.objects.latest("id").department.slug == "neurology"
        browser.post("/ask/", ask_form(department="cardiology"))
        assert Case.objects.latest("id").department == cardiology

    def test_a_department_without_hours_promises_nothing(self, browser: Client, neurology: Department) -> None:
        neurology.opening_hours.all().delete()
        assert "no department has opening hours" in browser.get("/ask/").content.decode()
        assert browser.post("/ask/", ask_form()).status_code == 200
        assert not Case.objects.exists()

    def test_a_form_that_comes_back_keeps_everything(self, browser: Client) -> None:
        typed = ask_form(
            title="",
            **{"question-0-text": "", "medicine-TOTAL_FORMS": "2", **medicine(0, medicine="Aspirin", dose="1,5")},
            **medicine(1, dose="3", indication="headache"),
        )
        response = browser.post("/ask/", typed)
        page = response.content.decode()
        assert response.status_code == 422
        for kept in ("It began two months ago.", "two months", "Aspirin", "1,5", "headache"):
            assert kept in page
        for problem in (
            "Write in a few words what it is about.",
            "Write at least one question",
            "Enter a number with a point",
            "Write the name of the medicine",
            "Choose the unit",
        ):
            assert page.count(problem) >= 2, problem  # in the summary, and beside its field
        assert not Case.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", "x" * 121),
            ("story", "x" * 100_000),
            ("since", "x" * 81),
            ("question-0-text", "x" * 501),
            ("title", "a\x00b"),
            ("story", "a\x07b"),
            ("story", "a\u202eb"),
            ("medicine-0-medicine", "x" * 121),
            ("medicine-0-dose", "1e999"),
            ("medicine-0-dose", "-1"),
            ("medicine-0-dose", "NaN"),
            ("medicine-0-times_a_day", "1000"),
            ("medicine-0-dose_unit", "bucket"),
            ("department", "nowhere"),
            ("question-TOTAL_FORMS", "x"),
        ],
    )
    def test_what_cannot_be_is_refused_and_kept(self, browser: Client, field: str, value: str) -> None:
        response = browser.post("/ask/", ask_form(**{"medicine-0-medicine": "Aspirin", field: value}))
        assert response.status_code == 422
        assert "It began" in response.content.decode() or field == "story"
        assert not Case.objects.exists()

    def test_one_more_row_loses_nothing_and_complains_of_nothing(self, browser: Client) -> None:
        for step, name in (("question", "question-2-text"), ("medicine", "medicine-1-medicine")):
            page = browser.post("/ask/", ask_form(step=step, title="")).content.decode()
            assert f'name="{name}"' in page
            assert "It began two months ago." in page
            assert "There is a problem" not in page
        assert not Case.objects.exists()

    def test_rows_have_an_end(self, browser: Client) -> None:
        page = browser.post(
            "/ask/", ask_form(**{"step": "question", "question-TOTAL_FORMS": "999999"})
        ).content.decode()
        assert page.count('name="question-') == 6 + 4
        assert "Add another question" not in page

    def test_similar_answers_are_offered_beside_what_was_typed(self, browser: Client) -> None:
        page = browser.post("/ask/", ask_form(step="similar", title="Eyelid & more")).content.decode()
        assert 'href="/search/?q=Eyelid%20%26%20more"' in page
        assert "It began two months ago." in page

    def test_files_come_with_it_and_are_looked_into(self, browser: Client) -> None:
        pdf = SimpleUploadedFile("report.pdf", files.pdf(), content_type="text/html")
        browser.post("/ask/", ask_form(uploads=[pdf, SimpleUploadedFile("b.png", files.picture())]))
        assert sorted(Attachment.objects.values_list("content_type", flat=True)) == ["application/pdf", "image/png"]

    def test_a_file_of_another_kind_is_refused_by_name(self, browser: Client) -> None:
        response = browser.post("/ask/", ask_form(uploads=[SimpleUploadedFile("a.png", b"<svg onload=x>")]))
        assert response.status_code == 422
        assert "“a.png” is not a PDF" in response.content.decode()
        assert not Attachment.objects.exists()

    @override_settings(UPLOAD_MAX_BYTES=10)
    def test_a_file_that_is_too_large_is_refused(self, browser: Client) -> None:
        response = browser.post("/ask/", ask_form(uploads=[SimpleUploadedFile("a.pdf", files.pdf())]))
        assert "too large" in response.content.decode()
        assert not Case.objects.exists()

    def test_what_was_typed_is_shown_and_not_run(self, browser: Client) -> None:
        nasty = "<script>alert(1)</script>"
        case = browser.post("/ask/", ask_form(title=nasty, story=nasty, **{"question-0-text": nasty}))
        for path in (case["Location"], "/my/", "/my/messages/"):
            assert "<script>alert" not in browser.get(path).content.decode()

    def test_the_same_form_twice_is_one_case(self, browser: Client) -> None:
        key = key_on(browser.get("/ask/").content.decode())
        first, second = (browser.post("/ask/", ask_form(sending=key)) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert (Case.objects.count(), CaseQuestion.objects.count()) == (1, 1)
        assert trail("cases.open_case") == [("verb", "")]

    def test_a_key_of_somebody_elses_form_is_none(self, browser: Client, as_user: SignIn, bob: Patient) -> None:
        key = key_on(as_user(bob).get("/ask/").content.decode())
        browser.post("/ask/", ask_form(sending=key))
        assert Case.objects.get().form_key is None

    def test_a_visitor_is_asked_in_before_writing(self, client: Client) -> None:
        page = client.get("/ask/").content.decode()
        assert "/sign-in/?next=/ask/" in page
        assert "<textarea" not in page

    def test_what_was_typed_when_the_session_had_ended_comes_back(self, browser: Client, alice: Patient) -> None:
        key = key_on(browser.get("/ask/").content.decode())
        browser.logout()
        response = browser.post("/ask/", ask_form(sending=key, title="Typed before"))
        assert response["Location"] == "/sign-in/?next=/ask/"
        assert alice.user
        browser.force_login(alice.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        page = browser.get("/ask/").content.decode()
        assert "Typed before" in page
        assert "There is a problem" not in page
        browser.post("/ask/", ask_form())
        assert "Typed before" not in browser.get("/ask/").content.decode()

    def test_it_comes_back_to_nobody_else(self, browser: Client, bob: Patient) -> None:
        key = key_on(browser.get("/ask/").content.decode())
        browser.logout()
        browser.post("/ask/", ask_form(sending=key, title="Typed before"))
        assert bob.user
        browser.force_login(bob.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert "Typed before" not in browser.get("/ask/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_thirty_equal_posts_at_once_are_one_case(as_user: SignIn) -> None:
    make.make_department("Neurology")
    client = as_user(make.make_patient("Alice Ash"))
    typed = ask_form(sending=key_on(client.get("/ask/").content.decode()))

    def post(_number: int) -> str:
        twin = Client()
        twin.cookies = client.cookies
        try:
            return str(twin.post("/ask/", typed)["Location"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(30) as pool:
        places = list(pool.map(post, range(30)))
    assert set(places) == {f"/ask/sent/{Case.objects.get().ref}/"}
    assert trail("cases.open_case") == [("verb", "")]
