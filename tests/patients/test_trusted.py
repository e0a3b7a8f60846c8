"""Who is trusted: accepts, looks at what was given and no more, writes under their own name, and is out at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from django.test import Client

from clinicians.models.queue import Queue
from patients.actions import related_people
from patients.models import FollowUp, Message, Patient, RelatedPerson
from patients.models.cases import Status
from portal.acting import acting_as
from portal.models import AuditEvent, Notification, User
from portal.roles import Scope
from tests import make
from tests.patients.conftest import CANARY, Record
from tests.patients.test_trust import rita, run_out, text_of
from tests.patients.test_views_rows import queries

__all__ = ["rita"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
# The pages of each scope, and of what is the patient's alone.
PAGES = {
    Scope.CASES: ["/my/messages/", "/my/cases/{ref}/", "/my/files/{file}/"],
    Scope.RESULTS: ["/my/results/", "/my/results/{result}/"],
    Scope.MEDICINES: ["/my/medicines/"],
    Scope.FOLLOWUPS: ["/my/follow-ups/", "/my/follow-ups/{followup}/"],
}
ALONE = ["/my/settings/", "/my/consents/", "/my/access-log/", "/my/trust/", "/my/trust/give/", "/ask/"]


def looking(as_user: SignIn, rita: User, alice: Patient, scopes: Iterable[Scope]) -> tuple[Client, RelatedPerson]:
    given = make.make_trust(alice, rita, scopes=list(scopes))
    client = as_user(rita)
    assert client.post(f"/my/trusting/{given.pk}/look/").status_code == 302
    return client, given


def filled(path: str, record: Record) -> str:
    keys = {"ref": record.case.ref, "file": record.file.pk}
    return path.format(**keys, result=record.result.pk, followup=record.followup.pk)


def revoke(given: RelatedPerson, alice: Patient) -> None:
    assert alice.user
    with acting_as(alice.user):
        related_people.revoke(RelatedPerson.objects.get(pk=given.pk), by=alice.user)


class TestOffer:
    def test_who_has_no_record_is_not_made_to_open_one(self, as_user: SignIn, alice: Patient, rita: User) -> None:
        given = make.make_trust(alice, rita, accepted=False)
        client = as_user(rita)
        assert client.get("/my/")["Location"] == "/my/trusting/"
        assert "Alice Ash trusts you" in text_of(client, "/my/")
        assert "You need no record of your own for that." in text_of(client, "/register/details/")
        assert client.get("/my/results/")["Location"] == "/my/trusting/"
        page = text_of(client, f"/my/trust/offers/{given.pk}/")
        assert "Cases, with questions, messages and files" in page
        assert client.post(f"/my/trust/offers/{given.pk}/accept/")["Location"] == "/my/trusting/"
        assert RelatedPerson.objects.standing().get().account == rita
        assert not Patient.objects.filter(user=rita).exists()

    def test_who_has_one_sees_the_offer_there(self, as_user: SignIn, alice: Patient, bob: Patient) -> None:
        assert bob.user
        given = make.make_trust(alice, bob.user, accepted=False)
        assert f"/my/trust/offers/{given.pk}/" in text_of(as_user(bob), "/my/")
        assert f"/my/trust/offers/{given.pk}/" not in text_of(as_user(alice), "/my/")

    def test_before_it_is_accepted_nothing_is_seen(self, as_user: SignIn, rita: User, record: Record) -> None:
        given = make.make_trust(record.case.patient, rita, accepted=False)
        client = as_user(rita)
        assert client.post(f"/my/trusting/{given.pk}/look/").status_code == 404
        for paths in PAGES.values():
            for path in paths:
                assert CANARY not in text_of(client, filled(path, record)), path

    def test_no_is_an_answer(self, as_user: SignIn, alice: Patient, rita: User) -> None:
        given = make.make_trust(alice, rita, accepted=False)
        client = as_user(rita)
        assert "Say no to Alice Ash?" in text_of(client, f"/my/trusting/{given.pk}/step-back/")
        client.post(f"/my/trusting/{given.pk}/step-back/")
        assert RelatedPerson.objects.current().count() == 0
        assert client.post(f"/my/trust/offers/{given.pk}/accept/").status_code in (404, 409)
        assert "This offer is over." in text_of(client, f"/my/trust/offers/{given.pk}/")

    def test_an_offer_to_another_address_is_not_there(
        self, as_user: SignIn, alice: Patient, bob: Patient, rita: User
    ) -> None:
        given = make.make_trust(alice, rita, accepted=False)
        for client in (as_user(bob), as_user(alice)):
            assert client.get(f"/my/trust/offers/{given.pk}/").status_code == 404
            assert client.post(f"/my/trust/offers/{given.pk}/accept/").status_code == 404


@pytest.mark.parametrize("scope", PAGES)
def test_each_scope_opens_its_pages_and_no_other(
    scope: Scope, as_user: SignIn, alice: Patient, rita: User, record: Record
) -> None:
    client, _given = looking(as_user, rita, alice, [scope])
    for other, paths in PAGES.items():
        for path in paths:
            response = client.get(filled(path, record))
            if other is scope:
                assert response.status_code == 200, path
                if path.endswith("}/") and "file" not in path:
                    assert CANARY in response.content.decode(), path
                continue
            assert response.status_code in (403, 404), path
            assert CANARY not in response.content.decode(), path
    first = text_of(client, "/my/")
    assert "You are looking at the record of Alice Ash." in first
    nav = {path for path in ("/my/results/", "/my/medicines/", "/my/follow-ups/") if f'href="{path}"' in first}
    assert nav == {PAGES[scope][0]} - {"/my/messages/"}


def test_all_scopes_show_no_more_than_was_given_in_words(
    as_user: SignIn, alice: Patient, rita: User, record: Record
) -> None:
    client, _given = looking(as_user, rita, alice, [Scope.RESULTS])
    page = client.get("/my/medicines/")
    assert page.status_code == 403
    assert "Alice Ash has not shared medicines with you" in page.content.decode()
    assert AuditEvent.objects.filter(kind="refusal", actor_id=rita.pk, name="read patients.prescription").exists()


def test_what_is_the_patients_alone_stays_so(as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
    client, _given = looking(as_user, rita, alice, Scope)
    for path in [*ALONE, f"/my/consents/{record.consent.pk}/", f"/ask/sent/{record.case.ref}/"]:
        page = client.get(path)
        assert page.status_code == 403, path
        assert "Only Alice Ash can open this" in page.content.decode(), path
        assert CANARY not in page.content.decode(), path
    for path in (f"/my/consents/{record.consent.pk}/answer/", "/my/medicines/report/", "/my/trust/give/"):
        assert client.post(path, {"answer": "yes", "medicine": "x"}).status_code == 403, path
    assert "Tell us of a medicine" not in text_of(client, "/my/medicines/")
    assert f"/my/consents/{record.consent.pk}/" not in text_of(client, "/my/")


def test_ones_own_record_and_news_are_not_mixed_in(
    as_user: SignIn, alice: Patient, bob: Patient, record: Record, nadia: User
) -> None:
    """Bob looks at Alice's; nothing of his own is on those pages, and back on his nothing of hers."""
    assert bob.user
    mine = make.make_triaged(make.make_case(bob, record.case.department, title="Mine alone"), by=nadia, owner=nadia)
    make.make_reply(mine, by=nadia)
    client, _given = looking(as_user, bob.user, alice, [Scope.CASES])
    page = text_of(client, "/my/")
    assert (CANARY in page, "Mine alone" in page) == (True, False)
    assert client.get(f"/my/cases/{mine.ref}/").status_code == 404
    client.post("/my/trusting/back/")
    page = text_of(client, "/my/")
    assert (CANARY in page, "Mine alone" in page) == (False, True)
    assert client.get(f"/my/cases/{record.case.ref}/").status_code == 404


class TestWriting:
    def test_under_ones_own_name_for_the_patient(
        self, as_user: SignIn, alice: Patient, rita: User, record: Record, nadia: User
    ) -> None:
        client, _given = looking(as_user, rita, alice, [Scope.WRITING])
        ref = record.case.ref
        response = client.post(f"/my/cases/{ref}/say", {"body": "She asked me to say it is worse."})
        assert response["Location"] == f"/my/cases/{ref}/"
        said = Message.objects.get(author=rita)
        assert (said.is_from_patient, said.is_for_patient) == (True, True)
        assert said in Message.objects.from_patient()
        assert said not in Message.objects.from_clinic()
        record.case.refresh_from_db()
        assert record.case.status == Status.WAITING
        assert "Rita Rowan, for Alice Ash" in text_of(client, f"/my/cases/{ref}/")
        assert "Rita Rowan, for you" in text_of(as_user(alice), f"/my/cases/{ref}/")
        assert "Rita Rowan wrote for you" in text_of(as_user(alice), f"/my/cases/{ref}/")
        told = Notification.objects.filter(purpose="new_message", path__endswith=f"/cases/{ref}/")
        assert {note.user for note in told} >= {nadia, alice.user}

    def test_the_clinic_sees_who_wrote(self, as_user: SignIn, alice: Patient, rita: User, triaged: object) -> None:
        case = alice.cases.get()
        nadia = case.owner
        assert nadia
        make.make_reply(case, by=nadia)
        make.make_trust(alice, rita, scopes=[Scope.WRITING])
        make.make_written_for(case, by=rita, body="She can't type today.")
        desk = as_user(nadia)
        page = desk.get(f"/cases/{case.ref}/", HTTP_ACCEPT="text/html").content.decode()
        assert "Rita Rowan, for Alice Ash" in page
        assert "Message from Rita Rowan, for the patient" in page
        *_before, said = desk.get(f"/api/v1/cases/{case.ref}/").json()["messages"]
        assert (said["author"], said["is_from_patient"], said["is_for_patient"]) == ("Rita Rowan", True, True)
        queue = desk.get(f"/clinic/{Queue.MESSAGES}/", HTTP_ACCEPT="text/html").content.decode()
        assert "type today." in queue

    def test_only_who_was_asked_to(self, as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
        client, _given = looking(as_user, rita, alice, [Scope.CASES])
        assert 'id="say"' not in text_of(client, f"/my/cases/{record.case.ref}/")
        response = client.post(f"/my/cases/{record.case.ref}/say", {"body": "my own words"})
        assert response.status_code == 403
        assert "my own words" in response.content.decode()
        assert not Message.objects.filter(author=rita).exists()

    def test_who_treats_and_is_trusted_speaks_from_where_they_write(
        self, alice: Patient, nadia: User, record: Record
    ) -> None:
        """A doctor's reply stays the clinic's, also where the patient trusts that doctor as a person."""
        make.make_trust(alice, nadia, scopes=[Scope.WRITING])
        reply = Message.objects.get(author=nadia)
        assert reply in Message.objects.from_clinic()
        assert not reply.is_from_patient


def test_follow_ups_are_confirmed_and_moved(as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
    client, _given = looking(as_user, rita, alice, [Scope.FOLLOWUPS])
    path = f"/my/follow-ups/{record.followup.pk}/"
    assert record.case.title not in text_of(client, path)
    client.post(f"{path}confirm/")
    assert FollowUp.objects.get().status == "confirmed"
    client.post(f"{path}change/", {"note": "Mondays suit her"})
    assert FollowUp.objects.get().patient_note == "Mondays suit her"


class TestEnd:
    def test_taken_back_at_once_and_the_text_is_kept(
        self, as_user: SignIn, alice: Patient, rita: User, record: Record
    ) -> None:
        client, given = looking(as_user, rita, alice, [Scope.WRITING, Scope.FOLLOWUPS])
        ref = record.case.ref
        assert client.get(f"/my/cases/{ref}/").status_code == 200
        revoke(given, alice)
        response = client.post(f"/my/cases/{ref}/say", {"body": "half a page of words"})
        assert response.status_code == 403
        page = response.content.decode()
        assert ("half a page of words" in page, CANARY in page, "Nothing of it is shown" in page) == (True, False, True)
        assert not Message.objects.filter(author=rita).exists()
        for path in (f"/my/cases/{ref}/", f"/my/follow-ups/{record.followup.pk}/", f"/my/files/{record.file.pk}/"):
            assert CANARY not in text_of(client, path), path
        assert client.post(f"/my/trusting/{given.pk}/look/").status_code == 404

    def test_run_out(self, as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
        client, given = looking(as_user, rita, alice, [Scope.WRITING])
        run_out(given)
        page = client.get(f"/my/cases/{record.case.ref}/")
        assert (page.status_code, CANARY in page.content.decode()) == (403, False)
        assert "is over" in page.content.decode()

    def test_narrowed_while_a_page_is_open(self, as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
        client, given = looking(as_user, rita, alice, [Scope.WRITING])
        assert alice.user
        with acting_as(alice.user):
            related_people.change(given, by=alice.user, scopes=[Scope.RESULTS], expires_at=given.expires_at)
        response = client.post(f"/my/cases/{record.case.ref}/say", {"body": "kept words"})
        assert (response.status_code, "kept words" in response.content.decode()) == (403, True)
        assert client.get("/my/results/").status_code == 200

    def test_the_account_is_closed(self, as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
        client, _given = looking(as_user, rita, alice, [Scope.CASES])
        User.objects.filter(pk=rita.pk).update(is_active=False)
        response = client.get(f"/my/cases/{record.case.ref}/")
        assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")

    def test_given_back(self, as_user: SignIn, alice: Patient, rita: User, record: Record) -> None:
        client, given = looking(as_user, rita, alice, [Scope.CASES])
        client.post(f"/my/trusting/{given.pk}/step-back/")
        assert client.get(f"/my/cases/{record.case.ref}/").status_code == 302
        assert "Ended on" in text_of(as_user(alice), "/my/trust/")


def test_a_message_meant_for_another_record_is_not_sent_and_not_lost(
    as_user: SignIn, alice: Patient, bob: Patient, record: Record
) -> None:
    """Written on Alice's page; meanwhile, in another tab, back to one's own."""
    assert bob.user
    client, _given = looking(as_user, bob.user, alice, [Scope.WRITING])
    client.post("/my/trusting/back/")
    response = client.post(f"/my/cases/{record.case.ref}/say", {"body": "long words"})
    assert (response.status_code, "long words" in response.content.decode()) == (404, True)
    assert not Message.objects.filter(author=bob.user).exists()


def test_the_pages_cost_the_same_with_many_who_trust(as_user: SignIn, alice: Patient, rita: User) -> None:
    client, _given = looking(as_user, rita, alice, Scope)
    before = [queries(client, path) for path in ("/my/trusting/", "/my/messages/")]
    for number in range(5):
        make.make_trust(make.make_patient(f"Patient {number}"), rita, scopes=list(Scope))
    assert [queries(client, path) for path in ("/my/trusting/", "/my/messages/")] == before
