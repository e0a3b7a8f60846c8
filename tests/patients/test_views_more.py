"""Medicines, follow-ups, consents, files, and who looked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Attachment, Case, FollowUp, Patient, Prescription
from patients.views.visit_words import DONE, SEEN
from portal.models import AuditEvent, Delivery, User
from portal.models.record import Record as Row
from portal.verbs import VERBS
from tests import make
from tests.patients.conftest import CANARY, Record
from tests.patients.told import trail

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
BOX = {"medicine": "Pramipexole", "dose": "50", "dose_unit": "mg", "times_a_day": "1", "indication": ""}


def text(response: object) -> str:
    return response.content.decode().replace("&#x27;", "'")  # type: ignore[attr-defined,no-any-return]


def test_a_reported_medicine_is_checked_and_said_in_plain_words(browser: Client, case: Case) -> None:
    page = text(browser.post("/my/medicines/report/", BOX, follow=True))
    assert "Don't take Pramipexole until we have checked" in page
    assert "far above the largest" in page
    assert "overdose" not in page
    assert trail("prescriptions.report") == [("verb", "")]


def test_two_of_a_kind_are_both_to_be_asked_about(browser: Client, case: Case) -> None:
    for name in ("Ropinirole", "Rotigotine"):
        page = text(browser.post("/my/medicines/report/", {"medicine": name}, follow=True))
    assert page.count("Ask first") == 2
    assert "in the same way as" in page
    assert "The clinic checks it together with Rotigotine." in page


def test_an_unknown_name_is_said_to_be_unchecked(browser: Client, case: Case) -> None:
    page = text(browser.post("/my/medicines/report/", {"medicine": "Xyloblort"}, follow=True))
    assert "could not check it" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"medicine": ""},
        {"medicine": "x" * 200},
        {"medicine": "a\x00"},
        {"dose": "1,000"},
        {"dose": "0"},
        {"dose_unit": ""},
    ],
)
def test_what_cannot_be_read_is_asked_again(browser: Client, case: Case, typed: dict[str, str]) -> None:
    response = browser.post("/my/medicines/report/", {**BOX, **typed})
    assert response.status_code == 422
    assert "There is a problem" in text(response)
    assert not Prescription.objects.exists()


def test_medicines_belong_to_some_matter(browser: Client) -> None:
    assert browser.post("/my/medicines/report/", BOX)["Location"] == "/ask/"
    assert "when you ask your first question" in text(browser.get("/my/medicines/"))


def test_what_the_clinic_prescribed_is_to_be_taken(browser: Client, triaged: Case, nadia: User) -> None:
    make.make_prescription(triaged, by=nadia)
    page = text(browser.get("/my/medicines/"))
    assert "Take</span>" in page
    assert "0.25 mg, 1 a day, for restless legs. Prescribed here." in page


def test_a_follow_up_is_confirmed(browser: Client, record: Record) -> None:
    address = record.pages[3]
    page = text(browser.post(f"{address}confirm/", follow=True))
    assert "The clinic knows that you can come." in page
    assert "You said yes" in page
    assert "I can come" not in page
    assert trail("followups.confirm") == [("verb", "")]
    assert browser.post(f"{address}confirm/").status_code == 409


def test_another_day_is_asked_for(browser: Client, record: Record) -> None:
    address = record.pages[3]
    assert browser.post(f"{address}change/", {"note": " "}).status_code == 422
    assert browser.post(f"{address}change/", {"note": "x" * 301}).status_code == 422
    page = text(browser.post(f"{address}change/", {"note": "Not on Mondays"}, follow=True))
    assert "Not on Mondays" in page
    assert "Until it answers, the date stands." in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "E-mail on"),
        ("sent", "E-mail sent on"),
        ("dead", "could not be sent"),
        ("uncertain", "perhaps sent"),
    ],
)
def test_reminders_say_how_they_fared(browser: Client, record: Record, state: str, words: str) -> None:
    sent = {"sent_at": timezone.now()} if state == "sent" else {}
    Delivery.objects.filter(telling__followup=record.followup).update(state=state, possible_duplicate=True, **sent)
    page = text(browser.get(record.pages[3]))
    assert words in page
    assert "You may have had it twice." in page


def test_a_missed_follow_up_says_what_to_do(browser: Client, record: Record) -> None:
    past = timezone.localdate() - timedelta(days=9)
    FollowUp.objects.update(earliest_on=past, due_on=past, latest_on=past)
    assert "It should have been by" in text(browser.get(record.pages[3]))


def test_consent_shows_the_exact_text_beside_ones_own_words(browser: Client, record: Record) -> None:
    page = text(browser.get(record.pages[4]))
    for part in (record.consent.question.title, "A person in their twenties", f"Story {CANARY}", f"Question {CANARY}?"):
        assert part in page
    assert "checked" not in page.split("Your answer")[1].split("</form>")[0]


def test_a_yes_and_its_withdrawal(browser: Client, record: Record) -> None:
    address, shown = record.pages[4], record.consent.digest
    assert browser.post(f"{address}answer/", {"shown": shown}).status_code == 422
    assert "You agreed" in text(browser.post(f"{address}answer/", {"answer": "yes", "shown": shown}, follow=True))
    assert "not public any more" in text(browser.post(f"{address}withdraw/", follow=True))
    assert browser.post(f"{address}withdraw/").status_code == 409
    assert (trail("consents.answer"), trail("consents.withdraw")[0]) == ([("verb", "")], ("verb", ""))


def test_a_yes_to_a_text_that_changed_meanwhile_is_asked_again(browser: Client, record: Record) -> None:
    page = text(browser.post(f"{record.pages[4]}answer/", {"answer": "yes", "shown": "0" * 64}, follow=True))
    assert "Read it again before you answer." in page
    record.consent.refresh_from_db()
    assert record.consent.status == "proposed"


def test_a_file_is_only_ever_a_download(browser: Client, record: Record) -> None:
    name = "Bericht Ü “x”; filename=evil.html.pdf"
    Attachment.objects.update(name=name)
    response = browser.get(record.pages[5])
    assert b"".join(response.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Bericht%20%C3%9C")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "no-store"
    assert browser.head(record.pages[5]).status_code == 200


def test_a_file_is_for_who_sees_the_case(
    as_user: SignIn, record: Record, nadia: User, karl: User, ada: User, curt: User
) -> None:
    assert as_user(nadia).get(record.pages[5]).status_code == 200
    for stranger in (karl, ada, curt):
        assert as_user(stranger).get(record.pages[5]).status_code == 404


def test_a_file_that_is_gone_from_the_store_is_a_404(browser: Client, record: Record, store: Path) -> None:
    record.file.file.delete(save=False)
    assert browser.get(record.pages[5]).status_code == 404


def test_who_looked_is_told_by_name_post_and_deed(browser: Client, record: Record, nadia: User) -> None:
    User.objects.filter(pk=nadia.pk).update(title="Consultant neurologist")
    page = text(browser.get("/my/access-log/"))
    assert re.search("Nadia North, Consultant neurologist</b> [^<]*, answered you, [^<]*released a result to you", page)
    assert "<b>You</b>" not in page
    assert re.search("<b>You</b> [^<]*opened a case", text(browser.get("/my/access-log/?mine=1")))


def test_a_look_by_staff_is_on_the_log(as_user: SignIn, browser: Client, record: Record, nadia: User) -> None:
    as_user(nadia).get(record.pages[5])
    assert "looked at your files" in text(browser.get("/my/access-log/"))


def test_an_attempt_is_told_as_one(as_user: SignIn, browser: Client, bob: Patient, record: Record) -> None:
    assert bob.user
    AuditEvent.objects.create(
        kind="refusal", name="cases.reply", actor_id=bob.user.pk, actor_name="account", people=[record.case.patient.pk]
    )
    assert "tried, and was refused: answered you" in text(browser.get("/my/access-log/"))


def test_the_trail_of_others_is_not_read(record: Record, bob: Patient, alice: Patient, percy: User) -> None:
    assert bob.user
    assert alice.user
    events = AuditEvent.objects.all()
    assert not events.visible_to(bob.user).about(alice.pk).exists()
    assert all(alice.pk in event.people for event in events.visible_to(alice.user))
    assert events.visible_to(percy).count() == events.count()


def test_every_deed_on_a_record_has_its_words() -> None:
    ours = (
        "patients",
        "cases",
        "attachments",
        "results",
        "prescriptions",
        "followups",
        "publishing",
        "consents",
        "patient_invitations",
        "access_questions",
        "related_people",
        "emergencies",
    )
    assert {name for name in VERBS if name.split(".")[0] in ours} - set(DONE) == set()
    kinds = {model._meta.label_lower for model in Row.__subclasses__() if model._meta.app_label == "patients"}
    assert kinds - set(SEEN) == set()
