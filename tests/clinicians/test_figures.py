"""The team's numbers, against a naive count; who sees them; and the table to keep."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from statistics import median
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinicians.actions import followups as desk_followups
from clinicians.models import Answer
from clinicians.models.figures import Kept, Period, figures
from patients.models import Case, CaseQuestion, FollowUp, Patient
from patients.models.cases import Status
from patients.models.followups import Evidence
from patients.rules.followup_dates import Period as Ahead
from patients.rules.followup_dates import Unit
from portal.access import Role
from portal.acting import acting_as
from portal.models import AuditEvent, Department, User
from tests import make

SignIn = Callable[[User | Patient], Client]
NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)  # a Tuesday, after closing; open from nine to five
HOUR = timedelta(hours=1)
DEFERRED = CaseQuestion.Outcome.DEFERRED
# When a case was asked, and after how many hours of the calendar it was answered, if it was.
CASES = [
    (datetime(2026, 6, 1, 9, tzinfo=UTC), 2),
    (datetime(2026, 6, 2, 16, tzinfo=UTC), 18),
    (datetime(2026, 6, 5, 16, tzinfo=UTC), 72 + 5),
    (datetime(2026, 6, 15, 9, tzinfo=UTC), 24 * 9),
    (datetime(2026, 6, 16, 9, tzinfo=UTC), None),
    (datetime(2026, 6, 30, 16, tzinfo=UTC), None),
    (datetime(2026, 3, 2, 9, tzinfo=UTC), 3),
]


@pytest.fixture
def worked(neurology: Department, nadia: User) -> Iterator[Department]:
    """Some weeks of neurology: some answered in time, one late, one not at all."""
    for number, (asked, hours) in enumerate(CASES):
        with time_machine.travel(asked, tick=False):
            case = make.make_case(make.make_patient(f"Person{number} Pine"), neurology)
            case = make.make_triaged(case, by=nadia, owner=nadia if number % 2 else None)
        if hours is not None:
            with time_machine.travel(asked + hours * HOUR, tick=False):
                first, second = case.questions.open()
                outcomes = {first.pk: CaseQuestion.Outcome.ANSWERED, second.pk: DEFERRED if number == 1 else "answered"}
                make.make_reply(case, by=nadia, outcomes=outcomes)
    with time_machine.travel(NOW, tick=False):
        yield neurology


def numbers(place: Department, by: User, days: int = 30) -> Kept:
    with acting_as(by):
        [kept] = figures([place], Period(days, NOW), by=by).kept
    return kept


def middle(times: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(time.total_seconds() for time in times))


def opened(asked: datetime, hours: int) -> timedelta:
    """Working time, minute by minute: Monday to Friday, nine to five."""
    minutes = (asked + n * timedelta(minutes=1) for n in range(hours * 60))
    return timedelta(minutes=sum(at.weekday() < 5 and 9 <= at.hour < 17 for at in minutes))


def test_the_numbers_are_those_of_a_naive_count(worked: Department, nadia: User) -> None:
    recent = [(asked, hours) for asked, hours in CASES if hours and asked.month == 6]
    kept = numbers(worked, nadia)
    assert kept.answers == len(recent) == 4
    assert kept.median_working == middle(opened(*one) for one in recent)
    assert kept.median_plain == middle(hours * HOUR for _asked, hours in recent)
    plain = sorted(hours * HOUR for _asked, hours in recent)
    assert kept.slowest_plain == plain[2] + 0.7 * (plain[3] - plain[2])
    # Sixteen working hours were promised: three in time, one late, one owed still; the last is due tomorrow.
    assert (kept.promises, kept.promises_kept) == (5, 3)
    assert (kept.questions, kept.questions_left) == (8, 1)
    assert numbers(worked, nadia, days=7).answers == 1


def test_load_and_weeks(worked: Department, nadia: User) -> None:
    with acting_as(nadia):
        found = figures([worked], Period(30, NOW), by=nadia)
    owned = Case.objects.filter(owner=nadia).exclude(status=Status.CLOSED).count()
    assert [(one.name, one.open_cases, one.replies) for one in found.load] == [(nadia.name, owned, 4)]
    assert found.unowned == 1
    assert sum(week.opened for week in found.weeks) == 6
    assert {week.monday.isoformat(): (week.opened, week.answered) for week in found.weeks} == {
        "2026-06-01": (3, 2), "2026-06-08": (0, 1), "2026-06-15": (2, 0), "2026-06-22": (0, 1), "2026-06-29": (1, 0),
    }  # fmt: skip


def test_follow_ups_are_kept_by_what_took_place_in_their_window(worked: Department, nadia: User) -> None:
    case = Case.objects.filter(status=Status.ANSWERED).latest("id")
    with time_machine.travel(datetime(2026, 6, 3, 10, tzinfo=UTC), tick=False):
        rows = [make.make_followup(case, by=nadia, period=Ahead(days, Unit.DAYS)) for days in (5, 6, 7, 8, 12)]
    closings: list[tuple[FollowUp, Evidence, int]] = [
        (rows[0], Evidence.ATTENDED, 0), (rows[1], Evidence.RESULT_REVIEWED, 6), (rows[2], Evidence.DECLINED, 0),
        (rows[3], Evidence.DECLINED, 6),
    ]  # fmt: skip
    for row, evidence, late in closings:
        on = datetime(row.latest_on.year, row.latest_on.month, row.latest_on.day, 23, tzinfo=UTC)
        with time_machine.travel(on + timedelta(days=late), tick=False), acting_as(nadia):
            desk_followups.close(row, by=nadia, evidence=evidence)
    kept = numbers(worked, nadia)
    assert (kept.followups, kept.followups_kept, kept.followups_missed, kept.followups_let_go) == (4, 1, 3, 1)


def test_what_was_taken_back_answered_nothing(worked: Department, nadia: User) -> None:
    Answer.take_back(Answer.objects.latest("answered_at").message)
    assert numbers(worked, nadia).answers == 3


def test_only_of_where_one_works(
    worked: Department, nadia: User, karl: User, cora: User, tessa: User, as_user: SignIn
) -> None:
    assert [row["department"] for row in rows_of(as_user(cora))] == ["Neurology"]
    assert [row["first_answers"] for row in rows_of(as_user(karl), "?department=neurology")] == [0]
    for address in ("/clinic/figures/", "/api/v1/clinic/figures/", "/clinic/figures.csv"):
        assert as_user(tessa).get(address).status_code == 403
    assert numbers(worked, karl).answers == 0, "past the filter, the second wall stands"


def rows_of(client: Client, query: str = "") -> Any:
    return client.get(f"/api/v1/clinic/figures/{query}").json()["departments"]


def test_the_page_asks_as_much_for_ten_departments_as_for_one(worked: Department, as_user: SignIn) -> None:
    chief = make.make_user("Chris Chief", role=Role.COORDINATOR)
    client = as_user(chief)
    client.get("/clinic/figures/")
    few = asked_of(client)
    for _number in range(8):
        make.make_department()
    assert asked_of(client) == few
    page = client.get("/clinic/figures/?days=90").content.decode()
    assert "3 of 5" in page
    assert "Of the answers that were promised for these days" in page
    assert AuditEvent.objects.filter(name="read clinicians.answer", people=[]).exists()


def asked_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/clinic/figures/").status_code == 200
    return len(captured)


def test_the_table_is_safe_to_open(worked: Department, nadia: User, as_user: SignIn) -> None:
    User.objects.filter(pk=nadia.pk).update(name="=HYPERLINK(1)")
    answer = as_user(nadia).get("/clinic/figures.csv?days=30")
    assert answer["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(StringIO(answer.content.decode())))
    found = {(line["about"], line["name"], line["number"]): line["value"] for line in lines}
    assert found["department", "Neurology", "promises_kept"] == "3"
    assert found["person", "'=HYPERLINK(1)", "replies"] == "4"
    assert AuditEvent.objects.filter(name="export clinicians.answer").exists()
