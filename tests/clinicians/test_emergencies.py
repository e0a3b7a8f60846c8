"""Breaking the glass: one record, for an hour, for reading only; told at once, on record, and looked into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from clinicians.actions import emergencies
from clinicians.api.emergencies import MOST
from patients.models import BrokenGlass, Case, GlassReview, Message, Patient
from portal.access import IllegalMove, Role
from portal.acting import acting_as
from portal.models import AuditEvent, Delivery, Notification, User
from portal.models.record import Record
from tests import make
from tests.patients.test_views_rows import queries

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}
DESK, API = "/clinic/emergency/", "/api/v1/clinic/emergency/"
REASON = "Unconscious in the emergency room"


def asked(patient: Patient, **about: Any) -> dict[str, Any]:
    return {"record_number": patient.record_number, "born_on": patient.born_on.isoformat(), "reason": REASON, **about}


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path, **HTML)
    assert answer.status_code == status, path
    return answer.content.decode().replace("&#x27;", "'")


def end_hour() -> None:
    """As time does; who owns the tables moves it, and nobody else can."""
    BrokenGlass.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


class TestOpening:
    def test_it_says_beforehand_what_follows(self, as_user: SignIn, karl: User) -> None:
        said = page(as_user(karl), DESK)
        for words in ("are told at once", "60 minutes", "for reading only"):
            assert words in said

    def test_the_case_opens_for_reading(self, as_user: SignIn, karl: User, triaged: Case, nadia: User) -> None:
        """Karl of cardiology, who has no part in neurology."""
        make.make_result(triaged, by=nadia, title="A panel not released yet")
        client = as_user(karl)
        page(client, f"/cases/{triaged.ref}/", 404)
        assert client.post(DESK, asked(triaged.patient), **HTML)["Location"] == f"{DESK}#open"
        assert f'href="/cases/{triaged.ref}/"' in page(client, DESK)
        shown = page(client, f"/cases/{triaged.ref}/")
        until = timezone.localtime(BrokenGlass.objects.get().expires_at)
        assert f"Opened in an emergency until {until:%H:%M}." in shown
        for words in ("Reading only.", REASON, triaged.title, "A panel not released yet"):
            assert words in shown

    def test_no_form_and_no_way_to_write(self, as_user: SignIn, karl: User, triaged: Case, nadia: User) -> None:
        result = make.make_result(triaged, by=nadia)
        make.make_followup(triaged, by=nadia)
        make.make_broken_glass(triaged.patient, by=karl)
        client = as_user(karl)
        shown = page(client, f"/cases/{triaged.ref}/")
        main = shown.partition("<main")[2].partition("</main>")[0]
        assert "<form" not in main
        assert "/results/record/" not in main
        assert "/publish/" not in main
        typed = {"patient": triaged.patient_id, "body": "x", "medicine": "x", "reason": "x", "kind": "visit"}
        before = AuditEvent.objects.filter(kind="verb").count()
        for act in ("triage", "assign", "reply", "close", "medicines/prescribe", "follow-ups/plan", "results/record"):
            for form in (typed, {}):
                answer = client.post(f"/cases/{triaged.ref}/{act}/", form, **HTML)
                # For writing the record is not even there: the policies that open it are those of reading.
                assert answer.status_code in (403, 404), act
                assert client.post(f"/api/v1/cases/{triaged.ref}/{act}/", form).status_code in (403, 404), act
        assert client.post(f"/results/{result.pk}/release/", typed, **HTML).status_code == 404
        for path in ("results/record", "publish"):
            page(client, f"/cases/{triaged.ref}/{path}/", 403)
        assert AuditEvent.objects.filter(kind="verb").count() == before
        assert not Message.objects.filter(author=karl).exists()

    def test_the_same_for_a_program(self, as_user: SignIn, karl: User, triaged: Case) -> None:
        client = as_user(karl)
        assert client.get(API).json() == {"open": []}
        answer = client.post(API, asked(triaged.patient), content_type="application/json")
        assert answer.status_code == 201
        assert [case["ref"] for case in answer.json()["cases"]] == [triaged.ref]
        assert client.get(API).json()["open"] == [answer.json()]
        read = client.get(f"/api/v1/cases/{triaged.ref}/").json()
        assert (read["emergency"]["reason"], read["emergency"]["is_reading_only"]) == (REASON, True)

    def test_who_treats_sees_no_banner(self, as_user: SignIn, nadia: User, triaged: Case) -> None:
        assert as_user(nadia).get(f"/api/v1/cases/{triaged.ref}/").json()["emergency"] is None
        assert "Opened in an emergency" not in page(as_user(nadia), f"/cases/{triaged.ref}/")

    def test_it_is_never_found_by_searching(self, as_user: SignIn, karl: User, triaged: Case) -> None:
        make.make_broken_glass(triaged.patient, by=karl)
        client = as_user(karl)
        for words in (triaged.patient.name, triaged.patient.record_number, triaged.ref):
            assert client.get("/api/v1/patients/", {"q": words}).json()["rows"] == []
            assert client.get("/api/v1/clinic/all/", {"q": words}).json()["rows"] == []

    def test_after_its_hour_it_is_gone(self, as_user: SignIn, karl: User, triaged: Case) -> None:
        make.make_broken_glass(triaged.patient, by=karl)
        client = as_user(karl)
        page(client, f"/cases/{triaged.ref}/")
        end_hour()
        page(client, f"/cases/{triaged.ref}/", 404)
        assert client.get(f"/api/v1/cases/{triaged.ref}/").status_code == 404
        assert client.get(API).json() == {"open": []}

    def test_it_opens_for_nobody_else(self, as_user: SignIn, karl: User, triaged: Case) -> None:
        other = make.make_user("Kim Kay", role=Role.CLINICIAN, department=karl.memberships.get().department)
        make.make_broken_glass(triaged.patient, by=karl)
        page(as_user(other), f"/cases/{triaged.ref}/", 404)


class TestRefusing:
    @pytest.mark.parametrize("wrong", [{"record_number": "P-0"}, {"born_on": "1950-01-01"}])
    def test_the_answer_does_not_say_which_was_wrong(
        self, wrong: dict[str, str], as_user: SignIn, karl: User, alice: Patient
    ) -> None:
        answer = as_user(karl).post(DESK, asked(alice, **wrong), **HTML)
        said = answer.content.decode()
        assert answer.status_code == 422
        assert "No record has this number together with this date of birth." in said
        assert REASON in said
        assert AuditEvent.objects.filter(kind="refusal", name="emergencies.break_glass", actor_id=karl.pk).count() == 1
        assert not BrokenGlass.objects.exists()

    def test_a_reason_is_a_sentence(self, as_user: SignIn, karl: User, alice: Patient) -> None:
        answer = as_user(karl).post(API, asked(alice, reason="urgent"), content_type="application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["reason"])

    def test_not_ones_own_record(self, as_user: SignIn, karl: User) -> None:
        mine = make.make_patient("Karl Kern", user=karl)
        answer = as_user(karl).post(DESK, asked(mine), **HTML)
        assert (answer.status_code, "This is your own record." in answer.content.decode()) == (422, True)

    def test_too_many_tries(self, as_user: SignIn, karl: User, tessa: User, alice: Patient) -> None:
        client = as_user(karl)
        wrong = asked(alice, record_number="P-0")
        assert {client.post(DESK, wrong, **HTML).status_code for _try in range(MOST)} == {422}
        answer = client.post(DESK, asked(alice), **HTML)
        assert (answer.status_code, "tried too often" in answer.content.decode()) == (429, True)
        assert as_user(tessa).post(DESK, asked(alice), **HTML).status_code == 302

    def test_it_opens_also_while_the_cache_is_down(
        self, as_user: SignIn, karl: User, alice: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(*_args: object, **_kwargs: object) -> int:
            raise RedisConnectionError

        monkeypatch.setattr(cache, "incr", down)
        assert as_user(karl).post(DESK, asked(alice), **HTML).status_code == 302

    def test_who_may_not(
        self, as_user: SignIn, cora: User, curt: User, percy: User, bob: Patient, alice: Patient
    ) -> None:
        for who in (cora, curt, percy, bob):
            client = as_user(who)
            assert client.get(DESK, **HTML).status_code == 403
            assert client.post(DESK, asked(alice), **HTML).status_code == 403
        assert not BrokenGlass.objects.exists()

    def test_twice_is_once(self, as_user: SignIn, karl: User, percy: User, alice: Patient) -> None:
        client = as_user(karl)
        for status in (201, 200):
            assert client.post(API, asked(alice), content_type="application/json").status_code == status
        assert BrokenGlass.objects.count() == 1
        assert Notification.objects.filter(user=percy).count() == 1


class TestTelling:
    def test_patient_and_officer_are_told_at_once(
        self, as_user: SignIn, karl: User, percy: User, alice: Patient
    ) -> None:
        make.make_broken_glass(alice, by=karl)
        paths = {note.user: note.path for note in Notification.objects.filter(purpose__startswith="glass_broken")}
        assert paths == {alice.user: "/my/access-log/", percy: "/manage/emergencies/"}
        assert Delivery.objects.filter(purpose__startswith="glass_broken", state="pending").count() == 2
        log = page(as_user(alice), "/my/access-log/")
        assert "opened your record in an emergency" in log
        assert "Karl Kern" in log

    def test_the_mail_leads_staff_without_a_record_to_their_page(
        self, as_user: SignIn, karl: User, percy: User, alice: Patient
    ) -> None:
        make.make_broken_glass(alice, by=karl)
        note = Notification.objects.get(user=percy)
        client = as_user(percy)
        assert client.get(f"/my/notifications/{note.pk}/")["Location"] == "/manage/emergencies/"
        assert client.post(f"/my/notifications/{note.pk}/open")["Location"] == "/manage/emergencies/"


class TestLookingInto:
    def test_the_officer_sees_who_why_and_whose_and_no_more(
        self, as_user: SignIn, karl: User, percy: User, triaged: Case
    ) -> None:
        make.make_broken_glass(triaged.patient, by=karl)
        said = page(as_user(percy), "/manage/emergencies/")
        for words in ("Karl Kern", REASON, triaged.patient.record_number, "Open until"):
            assert words in said
        assert triaged.patient.name not in said
        assert triaged.title not in said

    def test_what_was_found_is_written_once(self, as_user: SignIn, karl: User, percy: User, alice: Patient) -> None:
        glass, client = make.make_broken_glass(alice, by=karl), as_user(percy)
        path = f"/manage/emergencies/{glass.pk}/"
        assert client.post(path, {"note": " "}).status_code == 422
        assert client.post(path, {"note": "Asked the ward: it was needed."})["Location"] == "/manage/emergencies/"
        assert "Asked the ward: it was needed." in page(client, "/manage/emergencies/")
        assert "Asked the ward" not in page(client, "/manage/emergencies/?waiting=1")
        again = client.post(path, {"note": "Another opinion"})
        assert (again.status_code, "Another opinion" in again.content.decode()) == (409, True), "told, and not lost"
        assert GlassReview.objects.get().note == "Asked the ward: it was needed."
        assert GlassReview.objects.get().reviewed_by == percy

    def test_nobody_else_is_let_in(self, as_user: SignIn, karl: User, ada: User, alice: Patient) -> None:
        glass = make.make_broken_glass(alice, by=karl)
        for who in (karl, ada, alice):
            for path in ("/manage/emergencies/", f"/manage/emergencies/{glass.pk}/"):
                assert as_user(who).get(path).status_code == 403, path
            assert as_user(who).post(f"/manage/emergencies/{glass.pk}/", {"note": "Fine."}).status_code == 403
        assert not GlassReview.objects.exists()

    def test_not_ones_own_opening(self, karl: User, percy: User, neurology: object, alice: Patient) -> None:
        """A small clinic's officer may treat too."""
        member = karl.memberships.get()
        percy.memberships.create(role=member.role, department=member.department)
        glass = make.make_broken_glass(alice, by=percy)
        with acting_as(percy), pytest.raises(IllegalMove):
            emergencies.review(glass, by=percy, note="I needed it.")

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_neither_row_can_be_changed(self, change: str, karl: User, percy: User, alice: Patient) -> None:
        """The application's role holds no such grant: only the owner of the tables could."""
        glass = make.make_broken_glass(alice, by=karl)
        with acting_as(percy):
            found: Record = emergencies.review(glass, by=percy, note="It was needed.")
        for row in (glass, found):
            with pytest.raises(Exception, match="permission denied"), acting_as(percy):
                rows = type(row)._base_manager.filter(pk=row.pk)
                rows.update(created_at=timezone.now()) if change == "update" else rows._raw_delete("default")

    def test_the_list_costs_the_same_with_many(self, as_user: SignIn, karl: User, percy: User, alice: Patient) -> None:
        make.make_broken_glass(alice, by=karl)
        client = as_user(percy)
        one = queries(client, "/manage/emergencies/")
        for number in range(5):
            glass = make.make_broken_glass(make.make_patient(f"Patient {number}"), by=karl)
            with acting_as(percy):
                emergencies.review(glass, by=percy, note="It was needed.")
        # The reviews are one question more, once there are any.
        assert queries(client, "/manage/emergencies/") <= one + 1
