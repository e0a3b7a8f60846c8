from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict

from patients.models import Case, Message, Patient, Result
from portal.models import Department, User
from portal.paging import Pager
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(case: Case) -> list[Message]:
    """Seven, newest first."""
    return [make.make_message(case, f"Message {number}") for number in range(7)][::-1]


def page(link: str, **about: object) -> tuple[Pager, list[Message]]:
    pager = Pager(QueryDict(urlsplit(link).query), size=3, **about)  # type: ignore[arg-type]
    return pager, pager(Message.objects.all())


def test_the_first_page_is_the_newest_and_knows_no_newer(messages: list[Message]) -> None:
    pager, rows = page("")
    assert rows == messages[:3]
    assert pager.newer == ""
    assert pager.older


def test_walking_down_and_up_shows_each_row_once(messages: list[Message]) -> None:
    link, seen = "?", []
    while link:
        pager, rows = page(link)
        seen += rows
        link = pager.older
    assert seen == messages
    back, up = pager.newer, rows
    while back:
        pager, rows = page(back)
        up, back = rows + up, pager.newer
    assert up == messages


def test_a_row_that_arrives_meanwhile_moves_nothing(case: Case, messages: list[Message]) -> None:
    pager, _rows = page("")
    make.make_message(case, "Just now")
    assert page(pager.older)[1] == messages[3:6]


def test_the_other_questions_of_the_address_stay(messages: list[Message]) -> None:
    pager, _rows = page("?kind=eeg&kind=other")
    asked = QueryDict(pager.older[1:])
    assert asked.getlist("kind") == ["eeg", "other"]
    assert asked["before"] == str(messages[2].pk)


@pytest.mark.parametrize("cursor", ["nonsense", "0", "F-1287", "'; drop table", "2020-01-01_x", "x" * 10_000])
def test_a_cursor_that_is_none_shows_the_first_page(messages: list[Message], cursor: str) -> None:
    for name in ("before", "after"):
        assert page(f"?{name}={cursor}")[1] == messages[:3]
        assert page(f"?{name}={cursor}", day="created_at")[1] == messages[:3]


def test_beyond_the_end_there_is_a_way_back(messages: list[Message]) -> None:
    pager, rows = page(f"?before={messages[-1].pk}")
    assert rows == []
    assert pager.newer == "?"
    assert pager.older == ""


def test_a_day_sorts_before_the_key(case: Case, triaged: Case, nadia: User) -> None:
    days = ["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-02", "2026-01-03"]
    for day in days:
        make.make_result(triaged, by=nadia, performed_on=date.fromisoformat(day))
    expected = list(Result.objects.order_by("-performed_on", "-id"))
    link, seen = "?", []
    while link:
        pager = Pager(QueryDict(link[1:]), size=2, day="performed_on")
        seen += pager(Result.objects.all())
        link = pager.older
    assert seen == expected


def test_a_page_is_one_query_however_long_the_list(
    alice: Patient, neurology: Department, django_assert_num_queries: Callable[..., object]
) -> None:
    case = make.make_case(alice, neurology)
    for number in range(9):
        make.make_message(case, str(number))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        page("")
