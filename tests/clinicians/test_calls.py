"""Whom a person has to telephone, and what came of it; and giving another day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Case, FollowUp, Patient
from portal.models import Department, User
from tests import make

SignIn = Callable[[Any], Client]
HTML: Any = {"HTTP_ACCEPT": "text/html"}


def to_call(case: Case, by: User, **about: Any) -> FollowUp:
    row, at = make.make_followup(case, by=by, **about), timezone.now()
    FollowUp.objects.filter(pk=row.pk).update(
        call_at=at, call_reason="high_risk", missed_at=at, misses=1, earliest_on=at.date() - timedelta(days=3)
    )
    row.refresh_from_db()
    return row


def test_who_missed_it_is_called_until_somebody_speaks_with_them(
    triaged: Case, cora: User, nadia: User, as_user: SignIn
) -> None:
    row = to_call(triaged, nadia)
    client = as_user(cora)
    page = client.get("/clinic/calls/").content.decode()
    assert all(words in page for words in ("Alice Ash", "one that must not be missed", "missed once", triaged.ref))
    path = f"/clinic/calls/{row.pk}/record/"
    assert client.post(path, {"outcome": "", "note": "rang long"}, **HTML).status_code == 422
    kept = client.post(path, {"outcome": "nothing", "note": "rang long"}, **HTML).content.decode()
    assert "rang long" in kept
    assert client.post(path, {"outcome": "no_answer", "note": "rang long"}, **HTML).status_code == 302
    assert client.post(path, {"outcome": "no_answer", "note": "rang long"}, **HTML).status_code == 409
    [listed] = client.get("/api/v1/clinic/calls/").json()["calls"]
    assert [one["note"] for one in listed["attempts"]] == ["rang long"]
    reached = client.post(path, {"outcome": "reached"}, **HTML)
    assert reached["Location"] == f"/cases/{triaged.ref}/#follow-up"
    assert client.get("/api/v1/clinic/calls/").json()["calls"] == []
    late = client.post(path, {"outcome": "reached", "note": "spoke at noon"}, **HTML)
    assert (late.status_code, "spoke at noon" in late.content.decode()) == (409, True), "what was typed is shown"
    moved = client.post(f"/follow-ups/{row.pk}/move/", {"patient": str(triaged.patient_id), "period": "2w"}, **HTML)
    assert moved.status_code == 302
    row.refresh_from_db()
    assert (row.missed_at, row.call_at, row.sequence, row.status) == (None, None, 1, "planned")


def test_the_patient_sees_no_note_of_a_call(triaged: Case, cora: User, nadia: User, as_user: SignIn) -> None:
    row = to_call(triaged, nadia)
    as_user(cora).post(f"/clinic/calls/{row.pk}/record/", {"outcome": "no_answer", "note": "sounds worried"}, **HTML)
    assert "sounds worried" not in as_user(triaged.patient).get(f"/my/follow-ups/{row.pk}/").content.decode()


def test_did_not_come_is_written_down_on_the_case(triaged: Case, nadia: User, as_user: SignIn) -> None:
    row = make.make_followup(triaged, by=nadia, is_high_risk=True)
    path, meant = f"/follow-ups/{row.pk}/miss/", {"patient": str(triaged.patient_id)}
    client = as_user(nadia)
    assert client.post(path, meant, **HTML).status_code == 409, "its days have not come"
    FollowUp.objects.filter(pk=row.pk).update(earliest_on=timezone.localdate() - timedelta(days=1))
    assert client.post(path, meant, **HTML).status_code == 302
    assert client.post(path, meant, **HTML).status_code == 409
    row.refresh_from_db()
    assert (row.misses, row.call_reason) == (1, "high_risk")
    assert "Somebody calls from" in client.get(f"/cases/{triaged.ref}/").content.decode()


def test_of_another_department_nobody_is_listed(
    triaged: Case, nadia: User, karl: User, tessa: User, cardiology: Department, as_user: SignIn
) -> None:
    row = to_call(triaged, nadia)
    assert as_user(karl).get("/api/v1/clinic/calls/").json()["calls"] == []
    assert as_user(karl).post(f"/clinic/calls/{row.pk}/record/", {"outcome": "reached"}, **HTML).status_code == 404
    assert as_user(tessa).get("/clinic/calls/").status_code == 403


@pytest.mark.parametrize("more", [4])
def test_the_list_costs_the_same_for_each_row(
    triaged: Case, bob: Patient, neurology: Department, nadia: User, as_user: SignIn, more: int
) -> None:
    client = as_user(nadia)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/clinic/calls/").status_code == 200
        return len(asked)

    to_call(triaged, nadia)
    cost()
    one = cost()
    for _more in range(more):
        to_call(make.make_triaged(make.make_case(bob, neurology), by=nadia), nadia)
    assert cost() == one


def test_the_longest_waiting_come_first_page_by_page(triaged: Case, nadia: User, as_user: SignIn) -> None:
    first = to_call(triaged, nadia)
    assert first.call_at
    about = {"patient": triaged.patient, "case": triaged, "owner": nadia, "status": "planned", "desk_at": first.desk_at}
    days = {name: getattr(first, name) for name in ("earliest_on", "due_on", "latest_on")}
    # Two of each moment: a page ends between them.
    since = [first.call_at - timedelta(hours=number // 2) for number in range(1, 28)]
    FollowUp.objects.bulk_create(
        FollowUp(**about, **days, kind="call", reason="x", call_at=at, call_reason="silence") for at in since
    )
    client = as_user(nadia)
    page = client.get("/clinic/calls/")
    assert page.content.decode().count("<article") == 25
    answer = client.get("/api/v1/clinic/calls/").json()
    more = client.get(answer["next"]).json()
    told = [row["id"] for row in answer["calls"] + more["calls"]]
    assert told == [str(row.pk) for row in FollowUp.objects.order_by("call_at", "id")]
    assert (len(more["calls"]), more["next"]) == (3, None)
    assert client.get(more["previous"]).json()["calls"] == answer["calls"]
    # A form that comes back is on the page that it was sent from; a cursor that is none shows the first page.
    path = f"/clinic/calls/{first.pk}/record/{more_query(answer['next'])}"
    assert "What came of it" in client.post(path, {"note": "rang long"}, **HTML).content.decode()
    assert client.get("/api/v1/clinic/calls/?before=2026-01-01_x").json()["calls"] == answer["calls"]
    # More hours from UTC than the database takes.
    far = {"before": f"2026-01-01T00:00:00+23:00_{first.pk}"}
    assert client.get("/api/v1/clinic/calls/", far).status_code == 200


def more_query(link: str) -> str:
    return f"?{urlsplit(link).query}"
