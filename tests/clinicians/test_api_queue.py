"""The work list: one row a case, the one thing to do next; page and JSON hold the same rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinicians.actions import red_flags
from clinicians.models import SavedView
from clinicians.models.saved_views import MOST_VIEWS
from patients.models import Case, CaseQuestion, Patient
from patients.models.cases import Urgency
from portal.acting import acting_as
from portal.models import AuditEvent, Department, User
from tests import make

SignIn = Callable[[User | Patient], Client]
STOPPED = {"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg"}


def rows(client: Client, address: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/clinic/{address}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def refs_on_page(client: Client, address: str) -> list[str]:
    page = client.get(f"/clinic/{address}", HTTP_ACCEPT="text/html").content.decode()
    return re.findall(r'href="/cases/(F-\d+)/[^"]*" data-open', page)


def many(department: Department, count: int, **about: Any) -> list[Case]:
    return [make.make_case(make.make_patient(f"Person{n} Many"), department, **about) for n in range(count)]


def test_a_new_case_is_to_be_triaged_then_answered(case: Case, nadia: User, as_user: SignIn) -> None:
    [row] = rows(as_user(nadia))
    assert (row["ref"], row["need_code"], row["priority"], row["level"]) == (case.ref, "triage", "Not triaged", "high")
    make.make_triaged(case, by=nadia, urgency=Urgency.ROUTINE, owner=nadia)
    [row] = rows(as_user(nadia))
    assert (row["need"], row["priority"], row["owner"]) == ("Reply to question", "Routine", "You")
    assert "twitching" in row["why"]


def test_a_medicine_stop_stands_first_and_says_why(neurology: Department, nadia: User, as_user: SignIn) -> None:
    make.make_case(make.make_patient("Zoe Early"), neurology)
    stopped = make.make_case(make.make_patient("Mira Marsh"), neurology, medicines=[STOPPED])
    make.make_triaged(stopped, by=nadia)
    first, _second = rows(as_user(nadia))
    assert (first["ref"], first["level"], first["priority"], first["due"]) == (stopped.ref, "safety", "Safety", "now")
    assert first["need"] == "Resolve medicine stop, then reply"
    assert first["why"].startswith("Pramipexole: Dose is 33 times")
    assert [row["ref"] for row in rows(as_user(nadia), "safety/")] == [stopped.ref]


def test_a_paused_promise_says_so(triaged: Case, nadia: User, as_user: SignIn) -> None:
    later = {question.pk: CaseQuestion.Outcome.DEFERRED for question in triaged.questions.all()}
    make.make_reply(triaged, by=nadia, outcomes=later)
    [row] = rows(as_user(nadia), "waiting/")
    assert row["due"] == "paused"


def test_each_queue_holds_its_own(triaged: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    make.make_result(triaged, by=nadia, title="Thyroid panel")
    [row] = rows(client, "results/")
    assert (row["need"], row["why"], row["due_at"]) == ("Release result", "Thyroid panel", None)
    make.make_reply(triaged, by=nadia)
    assert [row["ref"] for row in rows(client, "waiting/")] == [triaged.ref]
    assert rows(client, "reply/") == []
    make.make_message(triaged, "My grip is weaker.")
    assert rows(client, "reply/") == []
    [row] = rows(client, "messages/")
    assert (row["need"], row["why"]) == ("Reply to message", "“My grip is weaker.”")


def test_a_follow_up_that_slips_is_rebooked(triaged: Case, nadia: User, as_user: SignIn, time_machine: Any) -> None:
    followup = make.make_followup(triaged, by=nadia)
    make.make_reply(triaged, by=nadia)
    assert rows(as_user(nadia), "follow-ups/") == []
    time_machine.move_to(timezone.now() + timedelta(days=(followup.latest_on - timezone.localdate()).days + 6))
    [row] = rows(as_user(nadia), "follow-ups/")
    assert (row["need"], row["due"], row["late"]) == ("Rebook missed follow-up", "6 days late", True)


def test_the_page_and_the_json_hold_the_same_rows(neurology: Department, nadia: User, as_user: SignIn) -> None:
    many(neurology, 30)
    client = as_user(nadia)
    for address in (
        "",
        "triage/",
        "pool/",
        "?sort=newest",
        "?q=Person1",
        "?owner=none",
        "?sort=due",
        "?owner=me",
        "?sort=longest",
        "?due=today",
        "?level=high",
    ):
        assert refs_on_page(client, address) == [row["ref"] for row in rows(client, address)]


def test_counts_equal_the_lists(triaged: Case, neurology: Department, nadia: User, as_user: SignIn) -> None:
    make.make_result(triaged, by=nadia)
    many(neurology, 3, medicines=[STOPPED])
    client = as_user(nadia)
    counts = client.get("/api/v1/clinic/").json()["counts"]
    assert counts == {name: len(rows(client, f"{name}/")) for name in counts}
    assert (counts["safety"], counts["triage"], counts["results"]) == (3, 3, 1)


@pytest.mark.parametrize("sort", ["risk", "due", "newest"])
def test_pages_hold_each_row_once_and_lead_back(sort: str, neurology: Department, nadia: User, as_user: SignIn) -> None:
    cases = many(neurology, 27)
    make.make_triaged(cases[5], by=nadia, urgency=Urgency.EMERGENCY)
    client = as_user(nadia)
    first = client.get(f"/api/v1/clinic/?sort={sort}").json()
    second = client.get(f"/api/v1/clinic/{first['older']}").json()
    assert (len(first["rows"]), len(second["rows"]), first["newer"], second["older"]) == (25, 2, "", "")
    assert {row["ref"] for row in first["rows"] + second["rows"]} == {case.ref for case in cases}
    assert client.get(f"/api/v1/clinic/{second['newer']}").json()["rows"] == first["rows"]
    if sort == "risk":
        assert first["rows"][0]["ref"] == cases[5].ref


KEY = "01890000-0000-7000-8000-000000000000"
# An offset that the database does not take (the first page follows it all the same), and no moment at all in UTC.
FAR_EAST = f"0_2000-01-01T00:00:00%2B23:00_{KEY}"
TOO_EARLY = f"1_0001-01-01T00:00:00%2B14:00_{KEY}"


@pytest.mark.parametrize("cursor", ["x", "1_2_3", "1_2026-01-01T00:00:00+00:00_x", "_" * 90, FAR_EAST, TOO_EARLY])
def test_a_cursor_that_is_none_shows_the_first_page(cursor: str, case: Case, nadia: User, as_user: SignIn) -> None:
    assert [row["ref"] for row in rows(as_user(nadia), f"?after={cursor}&before={cursor}")] == [case.ref]


def test_a_page_costs_the_same_for_one_row_and_for_25(neurology: Department, nadia: User, as_user: SignIn) -> None:
    def cost() -> int:
        client = as_user(nadia)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/clinic/")
        # Taking the actor back is for a test alone, which goes on in the same transaction.
        besides = ("SAVEPOINT", "RELEASE", "SELECT set_config('fascicle.actor', ''")
        return sum(not query["sql"].startswith(besides) for query in asked.captured_queries)

    many(neurology, 1)
    one = cost()
    many(neurology, 24)
    assert cost() == one <= 12


def test_everyone_shown_is_written_down(neurology: Department, nadia: User, as_user: SignIn) -> None:
    shown = {case.patient_id for case in many(neurology, 2)}
    as_user(nadia).get("/clinic/")
    assert set(AuditEvent.objects.get(kind="read", name="read patients.case").people) == shown


def test_another_department_sees_nothing(case: Case, karl: User, as_user: SignIn) -> None:
    assert rows(as_user(karl), "pool/") == rows(as_user(karl)) == []
    assert set(as_user(karl).get("/api/v1/clinic/").json()["counts"].values()) == {0}


def test_a_coordinator_is_told_of_no_medicine_and_no_result(
    neurology: Department, nadia: User, cora: User, as_user: SignIn
) -> None:
    case = make.make_triaged(make.make_case(make.make_patient("Mo Moss"), neurology, medicines=[STOPPED]), by=nadia)
    make.make_result(case, by=nadia, title="A secret panel")
    client = as_user(cora)
    assert rows(client) == rows(client, "safety/") == rows(client, "results/") == []
    assert "secret" not in client.get("/clinic/pool/").content.decode()
    assert rows(client, "pool/")[0]["priority"] == "Routine"


def test_staff_do_not_meet_their_own_case_at_the_desk(
    neurology: Department, nadia: User, karl: User, as_user: SignIn
) -> None:
    own = make.make_case(make.make_patient(user=karl), neurology)
    assert rows(as_user(karl), "pool/") == []
    assert as_user(karl).get(f"/cases/{own.ref}/").status_code == 404


def test_who_may_not_is_told_so(case: Case, alice: Patient, ada: User, as_user: SignIn) -> None:
    for who in (alice, ada):
        assert as_user(who).get("/clinic/").status_code == 403
        assert as_user(who).get("/api/v1/clinic/").json()["status"] == 403
    assert AuditEvent.objects.filter(kind="refusal", name="open the desk").count() == 4


def test_a_visitor_is_asked_to_sign_in(client: Client, db: None) -> None:
    page = client.get("/clinic/", HTTP_ACCEPT="text/html")
    assert (page.status_code, page["Location"]) == (302, "/sign-in/?next=/clinic/")
    answer = client.get("/api/v1/clinic/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_an_unknown_queue_is_not_there(nadia: User, as_user: SignIn) -> None:
    assert as_user(nadia).get("/clinic/everything/").status_code == 404
    assert as_user(nadia).get("/api/v1/clinic/everything/").json()["status"] == 404


def test_hostile_filters_are_just_words(case: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    for query in ("?q=%27%3B--", "?q=" + "9" * 300, "?sort=patient__name", "?owner=admin", "?q=%25"):
        assert client.get(f"/clinic/{query}").status_code == 200
    with acting_as(nadia):
        assert Case.objects.count() == 1


class TestTheListAsksForItself:
    def test_nothing_is_sent_when_nothing_changed(self, case: Case, nadia: User, as_user: SignIn) -> None:
        client = as_user(nadia)
        page = client.get("/clinic/").content.decode()
        state = re.search(r'"state": "(\w+)"', page)
        assert state
        said = AuditEvent.objects.count()
        headers = {"HX-Request": "true", "HX-Target": "work", "Fascicle-By-Itself": "1"}
        assert client.get(f"/clinic/?state={state[1]}", headers=headers).status_code == 204
        assert AuditEvent.objects.count() == said, "nobody has seen anything more"
        make.make_triaged(case, by=nadia)
        part = client.get(f"/clinic/?state={state[1]}", headers=headers).content.decode()
        assert "Reply to question" in part
        assert "<html" not in part
        assert "state=" not in part.split('hx-get="')[1].split('"')[0]

    def test_it_keeps_no_session_alive(self, nadia: User, as_user: SignIn, time_machine: Any) -> None:
        client = as_user(nadia)
        client.get("/clinic/")
        for _quarter in range(2):
            time_machine.move_to(timezone.now() + timedelta(minutes=16))
            client.get("/clinic/", headers={"HX-Request": "true", "HX-Target": "work", "Fascicle-By-Itself": "1"})
        assert client.get("/clinic/", HTTP_ACCEPT="text/html").status_code == 302


def test_from_a_case_to_the_next_in_its_list(neurology: Department, nadia: User, as_user: SignIn) -> None:
    many(neurology, 3)
    client = as_user(nadia)
    first, second, third = refs_on_page(client, "?sort=newest")
    page = client.get(f"/cases/{second}/?list=all&sort=newest", HTTP_ACCEPT="text/html").content.decode()
    ways = dict(re.findall(r'href="/cases/(F-\d+)/\?[^"]*list=all[^"]*" data-key="(.)"', page))
    assert ways == {first: "[", third: "]"}
    assert 'data-key="]"' not in client.get(f"/cases/{third}/?list=all&sort=newest").content.decode()


def test_a_list_is_kept_under_a_name(nadia: User, karl: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    kept = {"name": "Late ones", "queue": "all", "query": "?due=late&nonsense=1"}
    assert client.post("/clinic/views/", kept)["Location"] == "/clinic/?due=late"
    assert "Late ones" in client.get("/clinic/").content.decode()
    [view] = client.get("/api/v1/clinic/views/").json()["rows"]
    assert as_user(karl).post(f"/clinic/views/{view['id']}/let-go/").status_code == 404
    refused = client.post("/clinic/views/", {**kept, "name": " "}, headers={"Accept": "text/html"})
    assert (refused.status_code, "Give the list a name" in refused.content.decode()) == (422, True)
    client.post(f"/clinic/views/{view['id']}/let-go/")
    assert client.get("/api/v1/clinic/views/").json()["rows"] == []


def test_words_of_a_case_find_it(triaged: Case, nadia: User, karl: User, as_user: SignIn) -> None:
    make.make_message(triaged, "It began with a xylophone.")
    for found in (
        rows(as_user(nadia), "?q=xylophone"),
        as_user(nadia).get("/api/v1/patients/?q=xylophone").json()["cases"],
    ):
        assert [row["ref"] for row in found] == [triaged.ref]
    assert as_user(karl).get("/api/v1/patients/?q=xylophone").json()["cases"] == []
    page = as_user(nadia).get("/patients/?q=xylophone", headers={"Accept": "text/html"}).content.decode()
    assert triaged.ref in page
    assert as_user(nadia).get("/patients/?q=" + "%25_'%5C%22").status_code == 200


def test_the_pane_says_whether_it_can_wait(triaged: Case, nadia: User, karl: User, as_user: SignIn) -> None:
    make.make_result(triaged, by=nadia, title="Thyroid panel")
    part = as_user(nadia).get(f"/cases/{triaged.ref}/peek/", headers={"HX-Request": "true", "HX-Target": "peek"})
    assert "Thyroid panel: recorded, not released" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "2 questions are not answered yet" in as_user(nadia).get(f"/cases/{triaged.ref}/peek/").content.decode()
    assert as_user(karl).get(f"/cases/{triaged.ref}/peek/").status_code == 404


def test_a_red_flag_stands_on_the_list_until_it_is_reviewed(
    alice: Patient, neurology: Department, nadia: User, as_user: SignIn
) -> None:
    flag = make.make_red_flag(alice, neurology)
    client = as_user(nadia)
    [row] = rows(client, "red-flags/")
    assert (row["ref"], row["need_code"], row["due"], row["late"]) == (flag.case.ref, "review_flag", "now", True)
    assert (row["why"], row["level"]) == (flag.title, "high")
    assert rows(client)[0]["need_code"] == "review_flag"
    with acting_as(nadia):
        red_flags.review(flag, by=nadia, note="Called her; she comes at three.")
    assert rows(client, "red-flags/") == []


def test_one_list_too_many_is_refused_with_its_name(nadia: User, as_user: SignIn) -> None:
    for number in range(MOST_VIEWS):
        SavedView.keep(nadia, f"List {number}", "all", "")
    page = as_user(nadia).post("/clinic/views/", {"name": "Late ones", "queue": "all"}, headers={"Accept": "text/html"})
    assert page.status_code == 409
    assert 'value="Late ones"' in page.content.decode()
    assert "let go of one first" in page.content.decode()
    assert SavedView.objects.count() == MOST_VIEWS
