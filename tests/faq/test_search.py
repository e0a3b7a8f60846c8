"""Search forgives spelling, knows other words, says when nothing fits, and bears anything typed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from faq.models import Question, SearchMiss
from faq.models.similar import similar
from faq.views.search import Search, tidy
from portal.access import VISITOR
from portal.acting import acting_as
from portal.models import AuditEvent, Department
from tests.faq import make


@pytest.fixture
def library(neurology: Department, cardiology: Department) -> None:
    make.load(
        make.line(question="What is Muscle twitching?", topic="Muscle twitching", synonyms=["fasciculation"]),
        make.line(question="What are the treatments for Muscle twitching?", topic="Muscle twitching", kind="treatment"),
        make.line(question="What is Tremor?", topic="Tremor", answer="Shaking of the hands, unlike twitching."),
        make.line(question="What is Stroke?", topic="Stroke", answer="A blood vessel in the brain is blocked."),
        make.line(
            question="What is Angina?", topic="Angina", answer="Tightness of the chest.", department="cardiology"
        ),
        *(make.line() for _ in range(5)),
        department=neurology,
    )


def found(client: Client, q: str, **more: str) -> tuple[list[str], str]:
    answer = client.get(reverse("faq:search"), {"q": q, **more})
    assert answer.status_code == 200
    return [row.title for row in answer.context["search"].rows], answer.content.decode()


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("muscle twitching", "What is Muscle twitching?"),
        ("treatment of twitching muscles", "What are the treatments for Muscle twitching?"),
        ("twiching", "What is Muscle twitching?"),
        ("fasciculation", "What is Muscle twitching?"),
        ("blocked blood vessel brain", "What is Stroke?"),
        ("I have had a STROKE, what now?", "What is Stroke?"),
    ],
)
def test_it_finds(client: Client, library: None, q: str, first: str) -> None:
    assert found(client, q)[0][0] == first


def test_it_says_what_it_searched_for_instead(client: Client, library: None) -> None:
    assert "These are for “muscle twitching”" in found(client, "muscle twiching")[1]


def test_words_found_are_marked_and_what_was_typed_is_escaped(client: Client, library: None) -> None:
    page = found(client, "<b>twitching</b>")[1]
    assert "<mark>twitching</mark>" in page
    assert "<b>twitching" not in page


def test_nothing_found_says_so_and_is_counted_without_who(client: Client, library: None) -> None:
    for q in ("Zebra  Stripes", "zebra stripes"):
        titles, page = found(client, q)
        assert titles == []
        assert "Nothing here fits" in page
    assert SearchMiss.objects.values_list("words", "count").get() == ("zebra stripes", 2)


def test_one_address_is_counted_a_few_times_an_hour(
    client: Client, library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.views.search.MISSES", 2)
    for animal in ("zebra", "giraffe", "walrus"):
        found(client, animal)
    assert set(SearchMiss.objects.values_list("words", flat=True)) == {"zebra", "giraffe"}
    assert AuditEvent.objects.filter(name="feedback.miss").count() == 2


@pytest.mark.parametrize("q", ["Zebra ann@example.org", "Zebra, my name is Ann Example", "zebra 0912 345 678"])
def test_a_search_that_may_name_somebody_is_not_kept(client: Client, library: None, q: str) -> None:
    found(client, q)
    assert SearchMiss.objects.count() == 0


def test_a_department_narrows_it(client: Client, library: None) -> None:
    assert found(client, "chest tightness", department="cardiology")[0] == ["What is Angina?"]
    assert found(client, "chest tightness", department="neurology")[0] == []


HOSTILE = [
    "",
    " ",
    "a" * 10_000,
    "muscle " * 2_000,
    "'; DROP TABLE faq_question; --",
    "twitching & | ! ( ) <-> :*",
    "'\"\\",
    "%",
    "_",
    "🙂🙂",
    "מוזיקה العربية 筋肉",
    "\u202egnihctiwt",
    "the of and",
    "{{ 7*7 }} {% debug %}",
    "<script>alert(1)</script>",
    "a-b-c--d 'n' o’clock",
    "\ue000muscle\ue001",
]


@pytest.mark.parametrize("q", HOSTILE)
def test_it_bears_anything(client: Client, library: None, q: str) -> None:
    page = found(client, q)[1]
    assert "<script>alert" not in page
    assert "\ue000" not in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "²", "1.5"])
def test_it_bears_any_page(client: Client, library: None, page: str) -> None:
    found(client, "disease", page=page)


def test_a_zero_byte_is_a_bad_request(client: Client, library: None) -> None:
    assert client.get("/search/?q=a%00b").status_code == 400


def test_tidying_keeps_words() -> None:
    assert tidy("  eye\u200blid\t\ntwitch\x07ing ") == "eye lid twitch ing"


def test_pages_do_not_overlap(client: Client, neurology: Department) -> None:
    make.load(*(make.line(topic="Gout", question=f"What is gout number {n}?") for n in range(45)), department=neurology)
    pages = [found(client, "gout", page=str(n))[0] for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert len({title for page in pages for title in page}) == 45


def test_ranking_is_bounded(neurology: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faq.models.questions.OFFERED", 3)
    make.load(*(make.line(topic="Gout", question=f"What is gout number {n}?") for n in range(30)), department=neurology)
    search = Search("gout number")
    with acting_as(VISITOR):
        search.look(VISITOR, None)
    assert 0 < search.total <= 15


def test_similar_questions_say_what_matches_and_what_differs(library: None) -> None:
    question = Question.objects.get(title="What is Muscle twitching?")
    first = similar(question, Question.objects.published())[0]
    assert first.question.title == "What are the treatments for Muscle twitching?"
    assert {"muscle", "twitching"} <= set(first.shared)
    assert first.only_there == ["treatments"]
