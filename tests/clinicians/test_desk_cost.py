"""What the work list costs does not grow with the clinic: the same questions of 5,000 cases and of 50,000.

Statements and pages of the database are counted, which are the same on every machine. `make bench-desk` goes on to a
million, and measures time.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from pytest_django import DjangoDbBlocker

from clinicians.models import WorkItem
from clinicians.models.queue import Queue
from clinicians.seeding import by_copy
from patients.models import Case
from portal.models import Department
from tests import make
from tests.bench.asks import JSON, PAGE, ask, asks, place
from tests.bench.clinic import Clinic, database_of_its_own, signed_in

# Of the module's own database, which is made of the one that this mark asks for.
pytestmark = pytest.mark.django_db
SMALL, LARGE = 5_000, 50_000
STATEMENTS, PAGES, GROWTH = 12, 600, 1.5
# Of a few dozen pages half as many is one index of each statement that has become a level deeper.
DEEPER = 10
# What a row more may touch: its own page, and its owner's in an index and in the table.
OF_A_ROW = 3
Question = tuple[str, str]


class Cost(NamedTuple):
    statements: int
    pages: int
    rows: int


class Added(NamedTuple):
    said: str
    cases: int
    lanes: set[str]  # of a case that was sent afterwards
    triggers_off: int
    not_forced: list[str]  # tables whose owner their policies don't hold


class Size(NamedTuple):
    costs: dict[Question, Cost]
    shares: list[float]  # of each department, the busiest first
    open_share: float
    oldest_first: bool
    added: Added


@pytest.fixture(scope="module")
def sizes(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Size, Size]]:
    """One database of its own, measured while it is small and when it has grown."""
    with django_db_blocker.unblock(), database_of_its_own(f"{connection.settings_dict['NAME']}_cost"):
        clinic = Clinic.established()
        clinic.grow(SMALL)
        small = measured(clinic, Added("", 0, set(), 0, []))
        added = by_command()
        clinic.grow(LARGE)
        yield small, measured(clinic, added)


def by_command() -> Added:
    said = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "is_for_owner", False)
        call_command("seed", "--cases", "300", "--force", stdout=said)
    count = Case.objects.count()
    case = make.make_case(make.make_patient("Zora Zest"), Department.objects.get(slug="dermatology"))
    lanes = set(WorkItem.objects.filter(case=case).values_list("lane", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        (off,) = cursor.fetchone()
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity")
        return Added(said.getvalue(), count, lanes, off, [name for (name,) in cursor.fetchall()])


def measured(clinic: Clinic, added: Added) -> Size:
    costs = {}
    for who, account in clinic.people.items():
        client = signed_in(account)
        for path in ("", "?q=F-1+Nobody"):
            ask(client, JSON + path)  # what a connection looks up once is charged to nobody
        for number, path in enumerate(asks(clinic, in_depth=who == "clinician")):
            caches["default"].key_prefix = uuid4().hex  # so that nobody has asked too often
            answer, statements = ask(client, JSON + path)
            if statements.pages > PAGES:
                # The database was in the midst of its own housekeeping: once more after it. What is dear stays dear.
                by_copy.tidy()
                answer, statements = ask(client, JSON + path)
            # The same place in line is the same question; what is in its cursor differs.
            question = (who, f"{number} {path.partition('&after')[0].partition('&before')[0].partition('q=')[0]}")
            costs[question] = Cost(statements.count, statements.pages, len(answer.json()["rows"]))
        for queue in Queue if who == "clinician" else (Queue.ALL,):
            answer, statements = ask(client, PAGE + place(queue))
            costs[who, f"page {queue}"] = Cost(statements.count, statements.pages, answer.content.count(b"data-row"))
    counts = sorted(Case.objects.values_list("department").annotate(n=Count("pk")).values_list("n", flat=True))
    years = Case.objects.order_by("created_at").values_list("status", flat=True)
    half = clinic.cases // 2
    return Size(
        costs,
        [count / clinic.cases for count in reversed(counts)],
        Case.objects.open().count() / clinic.cases,
        sum(status != "closed" for status in years[:half]) < sum(status != "closed" for status in years[half:]),
        added,
    )


def test_no_question_takes_many_statements_or_pages(sizes: tuple[Size, Size]) -> None:
    for size in sizes:
        dear = {asked: cost for asked, cost in size.costs.items() if cost.statements > STATEMENTS or cost.pages > PAGES}
        assert dear == {}


def test_statements_do_not_follow_the_rows(sizes: tuple[Size, Size]) -> None:
    full = {cost.statements for size in sizes for cost in size.costs.values() if cost.rows == 25}
    some = {cost.statements for size in sizes for cost in size.costs.values() if 0 < cost.rows < 25}
    assert max(full) <= max(some)


def test_ten_times_the_cases_touch_as_many_pages(sizes: tuple[Size, Size]) -> None:
    """At most half as many again. What a row more that is shown may touch is added to the few.

    Where nothing was found while it was small, there is nothing to compare with.
    """
    small, large = sizes
    assert list(small.costs) == list(large.costs)
    grown = {
        asked: (few, many)
        for asked, few in small.costs.items()
        for many in [large.costs[asked]]
        if few.rows and many.pages > GROWTH * (few.pages + OF_A_ROW * max(0, many.rows - few.rows)) + DEEPER
    }
    assert grown == {}


def test_the_clinic_is_believable(sizes: tuple[Size, Size]) -> None:
    for size in sizes:
        assert 0.04 < size.open_share < 0.06
        assert size.oldest_first, "who came long ago is still open"
        assert size.shares[0] > 1.6 * size.shares[1] > 1.6 * size.shares[2] > 0


def test_the_command_adds_cases(sizes: tuple[Size, Size]) -> None:
    """To what is there, with every guard in its place again: a new case is on the list at once."""
    added = sizes[1].added
    assert "300 more cases" in added.said
    assert (added.cases, added.lanes) == (SMALL + 300, {"triage", "next"})
    assert (added.triggers_off, added.not_forced) == (0, [])
