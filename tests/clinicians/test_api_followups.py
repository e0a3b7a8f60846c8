"""The list of follow-ups for programs: which, in what order, page by page; and one of them with its tag."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Case, FollowUp, Patient
from portal.models import Department, User
from tests import make
from tests.bench.statements import counted

SignIn = Callable[[Any], Client]
LIST = "/api/v1/follow-ups/"
# By `reason`: due in so many days from today, and what else it is.
ROWS: dict[str, tuple[int, dict[str, Any]]] = {
    "missed": (-9, {"kind": "call", "is_high_risk": True}),
    "asks": (0, {"status": "change_asked"}),
    "comes": (3, {"status": "confirmed", "kind": "test_repeat"}),
    "hers": (5, {}),
    "bobs": (6, {"kind": "call"}),
    "undone": (7, {"undone_at": "now", "status": "closed", "evidence": "released", "closing_note": "x"}),
    "kept": (-20, {"status": "closed", "evidence": "attended"}),
}


@pytest.fixture
def promised(triaged: Case, bob: Patient, neurology: Department, nadia: User, cora: User) -> Case:
    """All of neurology; Bob's is of another case, which is returned, and `hers` is Cora's."""
    bobs, now = make.make_triaged(make.make_case(bob, neurology), by=nadia), timezone.now()
    for reason, (days, about) in ROWS.items():
        case, due = bobs if reason == "bobs" else triaged, timezone.localdate() + timedelta(days=days)
        is_closed = about.get("status") == "closed"
        FollowUp.objects.create(
            patient=case.patient, case=case, reason=reason, owner=cora if reason == "hers" else nadia,
            earliest_on=due, due_on=due, latest_on=due + timedelta(days=2),
            **{"kind": "visit", **about, **({"undone_at": now} if "undone_at" in about else {})},
            **({"closed_at": now, "closed_by": nadia} if is_closed else {}),
        )  # fmt: skip
    return bobs


def told(answer: Any) -> list[str]:
    return [row["reason"] for row in answer.json()["followups"]]


def test_each_filter_and_all_of_them_together(promised: Case, cora: User, nadia: User, as_user: SignIn) -> None:
    client, today = as_user(nadia), timezone.localdate()
    assert told(client.get(LIST)) == ["kept", "missed", "asks", "comes", "hers", "bobs"], "by the day; undone is none"
    expected = {
        "status=planned": ["missed", "hers", "bobs"],
        "status=change_asked&status=confirmed": ["asks", "comes"],
        "open=no": ["kept"],
        "open=yes&kind=call": ["missed", "bobs"],
        "owner=me&open=yes": ["missed", "asks", "comes", "bobs"],
        f"owner={cora.pk}": ["hers"],
        f"due_from={today}&due_to={today + timedelta(days=3)}": ["asks", "comes"],
        "late=yes": ["missed"],
        "late=no": ["kept", "asks", "comes", "hers", "bobs"],
        "must_not_be_missed=yes": ["missed"],
        "must_not_be_missed=no&open=yes&kind=visit": ["asks", "hers"],
        f"case={promised.ref.lower()}": ["bobs"],
        "case=F-999999": [],
        f"case={promised.ref}&owner={cora.pk}": [],
        "status=&open=&kind=&owner=&due_from=&late=&case=": ["kept", "missed", "asks", "comes", "hers", "bobs"],
    }
    assert {query: told(client.get(f"{LIST}?{query}")) for query in expected} == expected
    [row] = client.get(f"{LIST}?late=yes").json()["followups"]
    assert (row["patient"], row["is_late"], row["owner_id"]) == ("Alice Ash", True, str(nadia.pk))


def test_what_is_no_value_is_said_by_field(nadia: User, as_user: SignIn) -> None:
    wrong = {
        "status": "lost", "open": "1", "kind": "walk", "owner": "you", "due_from": "tomorrow", "due_to": "2027-02-30",
        "late": "true", "must_not_be_missed": "x", "case": "F-0",
    }  # fmt: skip
    answer = as_user(nadia).get(LIST, wrong)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert set(answer.json()["errors"]) == set(wrong)
    assert as_user(nadia).get(f"{LIST}?before=2027-01-01_x&after=x").status_code == 200, "a cursor that is none"


def test_page_by_page_each_once_at_the_same_price(promised: Case, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(f"{LIST}?open=yes")
    about = FollowUp.objects.values("patient_id", "case_id", "owner_id", "earliest_on", "latest_on").get(reason="bobs")
    due = about["earliest_on"]
    # Of one day, so that pages end between rows that differ in their keys alone.
    FollowUp.objects.bulk_create(FollowUp(**about, due_on=due, kind="call", reason="more") for _ in range(50))
    pages = [client.get(f"{LIST}?open=yes")]
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(f"{LIST}?open=yes").json()["followups"]) == 25
    assert len(many) == len(few)
    while pages[-1].json()["next"]:
        pages.append(client.get(pages[-1].json()["next"]))
    everything = FollowUp.objects.standing().open().order_by("due_on", "id")
    assert [row["id"] for page in pages for row in page.json()["followups"]] == [str(row.pk) for row in everything]
    assert [len(page.json()["followups"]) for page in pages] == [25, 25, 5]
    assert client.get(pages[2].json()["previous"]).json()["followups"] == pages[1].json()["followups"]


def test_a_page_of_what_is_open_reads_a_page(
    promised: Case, cardiology: Department, nadia: User, karl: User, as_user: SignIn
) -> None:
    """1,500 are open in the department; as many closed come before them, and among them 12,000 of another."""
    elsewhere = make.make_triaged(make.make_case(promised.patient, cardiology), by=karl)
    make.make_followup(elsewhere, by=karl, reason="theirs")
    client = as_user(nadia)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE patients_followup DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO patients_followup SELECT copy.*"
            " FROM patients_followup AS row, generate_series(1, 12000) AS number, LATERAL (SELECT CURRENT_DATE"
            " + number / 90 - CASE row.reason WHEN 'kept' THEN 200 ELSE 9 END AS due_on) AS one,"
            " jsonb_populate_record(row, jsonb_build_object('id', gen_random_uuid(), 'due_on', one.due_on,"
            " 'earliest_on', one.due_on, 'latest_on', one.due_on + 2)) AS copy"
            " WHERE row.reason = 'theirs' OR row.reason IN ('bobs', 'kept') AND number % 8 = 0"
        )
        cursor.execute("ALTER TABLE patients_followup ENABLE TRIGGER USER")
        cursor.execute("ANALYZE patients_followup, patients_case, patients_patient, portal_department, portal_user")
    for query in ("open=yes", "status=planned", "open=yes&kind=call", "open=yes&must_not_be_missed=no"):
        with counted() as statements:
            assert len(client.get(f"{LIST}?{query}").json()["followups"]) == 25
        [pages] = [pages for sql, pages in statements.found if 'FROM "patients_followup"' in sql]
        assert pages < 200, (query, pages)


def test_others_see_none(promised: Case, karl: User, tessa: User, nadia: User, as_user: SignIn) -> None:
    row = FollowUp.objects.get(reason="bobs")
    for path, status in ((LIST, 200), (f"{LIST}?case={promised.ref}", 200), (f"{LIST}{row.pk}/", 404)):
        answer = as_user(karl).get(path)
        assert (answer.status_code, answer.json().get("followups", [])) == (status, [])
        assert as_user(tessa).get(path).status_code == as_user(promised.patient).get(path).status_code == 403
    # Who opened the record in an emergency reads; who is a patient of the own department does not, at the desk.
    make.make_broken_glass(promised.patient, by=karl)
    assert told(as_user(karl).get(LIST)) == ["bobs"]
    assert as_user(karl).get(f"{LIST}{row.pk}/").status_code == 200
    Patient.objects.filter(pk=promised.patient_id).update(user=nadia)
    assert "bobs" not in told(as_user(nadia).get(LIST))


def test_one_of_them_with_its_reminders_and_its_tag(triaged: Case, nadia: User, as_user: SignIn) -> None:
    row, client = make.make_followup(triaged, by=nadia), as_user(nadia)
    path = f"{LIST}{row.pk}/"
    answer = client.get(path)
    said = answer.json()["followup"]
    assert (said["case"], said["patient_id"], len(said["reminders"])) == (
        triaged.ref, str(triaged.patient_id), row.tellings.count(),
    )  # fmt: skip
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    # The tag says which state of the case was read: good for a post about it, until the patient writes.
    make.make_message(triaged)
    meant = {"patient": str(triaged.patient_id), "evidence": "declined"}
    posted = client.post(f"{path}close/", meant, "application/json", headers={"If-Match": answer["ETag"]})
    assert posted.status_code == 412
    newer = {"If-Match": client.get(path)["ETag"]}
    assert client.post(f"{path}close/", meant, "application/json", headers=newer).status_code == 200
    assert client.get(path, headers={"If-None-Match": newer["If-Match"]}).status_code == 200
