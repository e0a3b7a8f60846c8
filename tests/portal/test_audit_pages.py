"""The privacy officer's search of the trail: found by each filter, by an index; taken as a table; on record itself."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Case, Patient
from portal.actions import seals
from portal.models import AuditEvent, User
from portal.views import audit_download
from tests.audit.trail import copy, write

__all__ = ["copy"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]


@pytest.fixture
def officer(percy: User, as_user: SignIn) -> Client:
    return as_user(percy)


def shown(officer: Client, **query: Any) -> set[str]:
    answer = officer.get("/manage/audit/", query)
    assert answer.status_code == 200, answer.content.decode()
    return {row["event"].name for row in answer.context["rows"]}


def looks(percy: User) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(actor_id=percy.pk).order_by("id"))


def table(officer: Client, **query: Any) -> list[dict[str, str]]:
    answer = officer.get("/manage/audit/download/", query)
    text = b"".join(answer).decode()
    return list(csv.DictReader(StringIO(text)))


def test_a_record_number_finds_a_person_and_tells_no_name(officer: Client, case: Case, bob: Patient) -> None:
    alice = case.patient
    answer = officer.get("/manage/audit/", {"record": f" {alice.record_number} "})
    rows = [row["event"] for row in answer.context["rows"]]
    assert "cases.open_case" in {row.name for row in rows}
    assert all(alice.pk in row.people for row in rows)
    page = answer.content.decode()
    assert "Alice" not in page
    assert "An account without a post" in page
    assert alice.user
    assert shown(officer, actor="alice") == shown(officer, actor=alice.user.email) == set()
    assert "cases.open_case" in shown(officer, actor=str(alice.user.pk))
    assert b"Alice" not in b"".join(officer.get("/manage/audit/download/", {"record": alice.record_number}))
    assert shown(officer, record=bob.record_number) != shown(officer, record=alice.record_number)


def test_a_number_that_no_record_has_is_said(officer: Client) -> None:
    answer = officer.get("/manage/audit/", {"record": "R000000000"})
    assert answer.status_code == 422
    assert "No record has this number" in answer.content.decode()


def test_each_filter_finds_its_own(officer: Client, nadia: User) -> None:
    request, person, now = str(uuid4()), uuid4(), timezone.now()
    write(1, name="cases.close", actor_id=nadia.pk, request_id=request, people=[person], created_at=now)
    write(1, name="cases.reply", kind="refusal", created_at=now - timedelta(days=3))
    assert shown(officer, request=request) == {"cases.close"}
    assert shown(officer, kind="verb", person=person) == {"cases.close"}
    assert shown(officer, actor="nadia") == shown(officer, actor=nadia.email) == {"cases.close"}
    assert shown(officer, name="CASES.CLOSE") == {"cases.close"}
    assert shown(officer, kind="refusal") == {"cases.reply"}
    day = timezone.localdate() - timedelta(days=3)
    assert shown(officer, since=day, until=day) == {"cases.reply"}
    assert "cases.reply" not in shown(officer, since=day + timedelta(days=1))
    assert shown(officer, until=day) == {"cases.reply"}
    assert shown(officer, actor="nobody of this name") == shown(officer, name="nothing") == set()


def test_a_name_from_an_older_version_is_found_in_full(officer: Client) -> None:
    write(1, name="grants.long_gone")
    assert shown(officer, name="grants.long_gone") == {"grants.long_gone"}


INDEXED = [
    ("people @> ARRAY['{id}']::uuid[]", "audit_people"),
    ("actor_id = '{id}'", "audit_actor"),
    ("name IN ('cases.reply', 'cases.close')", "audit_name"),
    ("request_id = 'x'", "audit_request"),
    ("kind = 'refusal'", "audit_refusals"),
    ("created_at >= '2020-01-01' AND created_at < '2020-01-02'", "audit_time"),
]


@pytest.mark.parametrize(("condition", "index"), INDEXED)
def test_each_filter_has_an_index(condition: str, index: str) -> None:
    """Asked of the planner where a scan of all rows costs more than anything."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on")
        cursor.execute(f"EXPLAIN SELECT * FROM portal_auditevent WHERE {condition.format(id=uuid4())}")
        assert index in "\n".join(row[0] for row in cursor)


def test_a_look_at_the_trail_is_an_event_with_who_was_asked_for(officer: Client, percy: User, case: Case) -> None:
    officer.get("/manage/audit/", {"record": case.patient.record_number})
    [look] = looks(percy)
    assert (look.kind, look.name) == ("read", "read portal.auditevent")
    assert case.patient_id in look.people
    # The patient reads of it.
    assert case.patient.user
    assert look in AuditEvent.objects.visible_to(case.patient.user)


def test_a_look_at_nobody_is_an_event_too(officer: Client, percy: User) -> None:
    officer.get("/manage/audit/", {"until": "2001-01-01"})
    assert [(look.name, look.people) for look in looks(percy)] == [("read portal.auditevent", [])]


def test_one_event_has_a_page_with_its_seal(officer: Client, percy: User, nadia: User, copy: Any) -> None:
    people = [uuid4() for _number in range(5)]
    [event] = write(1, people=people, actor_id=nadia.pk, fields=["body"], request_id="r-1")
    path = f"/manage/audit/{event.pk}/"
    page = officer.get(path).content.decode()
    assert "Not sealed yet" in page
    assert all(str(person) in page for person in people)
    assert "Nadia North" in page
    seals.seal_due()
    assert f"Number {seals.newest().number} of" in officer.get(path).content.decode()  # type: ignore[union-attr]
    assert set(people) <= set(looks(percy)[-1].people)
    assert officer.get(f"/manage/audit/{uuid4()}/").status_code == 404


def test_the_table_holds_what_the_page_finds(
    officer: Client, percy: User, nadia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_download, "AT_ONCE", 3)
    people = [uuid4() for _number in range(7)]
    for person in people:
        write(1, actor_id=nadia.pk, people=[person])
    rows = table(officer, actor="nadia")
    assert [row["people"] for row in rows] == [str(person) for person in reversed(people)]
    assert {row["who"] for row in rows} == {"Nadia North"}
    taken = looks(percy)
    assert {look.name for look in taken} == {"export portal.auditevent"}
    assert set(people) <= {person for look in taken for person in look.people}


def test_the_table_is_on_record_before_it_is_sent(officer: Client, percy: User, nadia: User) -> None:
    """Who closes the line in the middle has been told of all the same."""
    write(1, actor_id=nadia.pk, people=[person := uuid4()])
    answer: Any = officer.get("/manage/audit/download/", {"actor": "nadia"})
    assert [look.name for look in looks(percy)] == ["export portal.auditevent"]
    stream = iter(answer.streaming_content)
    assert b"serial" in next(stream)
    assert str(person).encode() in next(stream)
    assert person in {one for look in looks(percy) for one in look.people}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(officer: Client, start: str) -> None:
    write(1, name=f"{start}cmd|' /C calc'!A0", request_id=f"{start}1+1")
    [row] = [row for row in table(officer) if "calc" in row["what"]]
    assert row["what"].startswith(f"'{start}")
    assert row["request"].startswith(f"'{start}")


def test_a_look_at_the_trail_does_not_name_all_whom_the_last_one_named(officer: Client, percy: User) -> None:
    write(1, name="export portal.auditevent", kind="read", people=[person := uuid4()])
    [row] = table(officer, name="export portal", until="2100-01-01")[-1:]
    assert row["people"] == "(1)"
    assert person not in {one for look in looks(percy) for one in look.people}


def test_the_table_asks_what_the_page_asks(officer: Client, as_user: SignIn, nadia: User, alice: Patient) -> None:
    assert officer.get("/manage/audit/download/", {"since": "x"})["Location"].startswith("/manage/audit/?since=x")
    assert officer.post("/manage/audit/download/").status_code == 405
    for who in (nadia, alice):
        assert as_user(who).get("/manage/audit/download/").status_code == 403
        assert as_user(who).get(f"/manage/audit/{write(1)[0].pk}/").status_code == 403


def test_a_page_costs_the_same_for_any_filter(officer: Client, nadia: User, case: Case) -> None:
    def cost(**query: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            officer.get("/manage/audit/", query)
        return len(asked)

    write(1, actor_id=nadia.pk, people=[case.patient_id])
    few = cost(actor="nadia", since="2020-01-01", record=case.patient.record_number)
    write(60, actor_id=nadia.pk, people=[case.patient_id])
    assert cost(actor="nadia", since="2020-01-01", record=case.patient.record_number) == few
    assert few < 25
