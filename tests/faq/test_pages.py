"""The public pages: all answer, none runs what somebody typed, and none asks more as the library grows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from faq.models import Feedback, Question, Topic
from portal.models import Department, User
from tests.faq import make

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def question(neurology: Department, nadia: User, curt: User, carla: User) -> Question:
    row = make.make_published(neurology, by=nadia, editor=curt, publisher=carla, in_short="One\nTwo")
    return Question.objects.select_related("department").get(pk=row.pk)


def page_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


STANDING = [
    "home", "departments", "topics", "search", "help_now", "reviewed", "privacy", "accessibility", "feed", "sitemap",
    "sitemap_shelves", "robots",
]  # fmt: skip


@pytest.mark.parametrize("name", STANDING)
@pytest.mark.django_db
def test_every_page_answers_an_empty_library(client: Client, name: str) -> None:
    assert page_of(client, reverse(f"faq:{name}"))


def test_every_link_of_the_library_leads_somewhere(client: Client, question: Question, neurology: Department) -> None:
    make.load(make.line(topic="Tremor"), department=neurology)
    seen, waiting = set(), ["/", question.get_absolute_url()]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        html = page_of(client, path)
        links = {link.split("#")[0] for link in re.findall(r'href="(/[^"]*)"', html)}
        ours = {link for link in links if not link.startswith(("/static/", "/sign", "/ask", "/register"))}
        waiting += sorted(ours - seen - set(waiting))
        assert len(seen) < 200
    assert question.get_absolute_url() in seen


def test_a_question_page_says_who_answered_and_who_approved(client: Client, question: Question) -> None:
    page = page_of(client, question.get_absolute_url())
    for words in ("Nadia North", "Carla Cray", "One", "In short", 'rel="canonical"', "schema.org/Question"):
        assert words in page


def test_another_slug_or_department_leads_to_the_one_address(client: Client, question: Question) -> None:
    answer = client.get(f"/cardiology/{question.number}-anything/")
    assert (answer.status_code, answer["Location"]) == (301, question.get_absolute_url())


def test_an_imported_text_is_attributed_and_never_a_clinicians_reply(client: Client, neurology: Department) -> None:
    make.load(make.line(source="Some institute", url="https://example.org/it"), department=neurology)
    page = page_of(client, Question.objects.select_related("department").get().get_absolute_url())
    assert "Imported from Some institute" in page
    assert 'href="https://example.org/it"' in page
    assert "fc-voice" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/neurology/999999999-x/", "/neurology/1-x/", "/nowhere/", "/topics/nothing/", "/articles/nothing/",
        "/neurology/99999999999999999999-x/", "/sitemap/questions-x.xml", "/curate/nothing/", "/neurology/x-1/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404(client: Client, neurology: Department, path: str) -> None:
    page_of(client, path, 404)


def test_what_is_not_published_is_a_404(client: Client, neurology: Department, nadia: User) -> None:
    draft = make.make_suggested(neurology, by=nadia)
    draft.refresh_from_db()
    page_of(client, draft.get_absolute_url(), 404)
    assert draft.title not in page_of(client, "/")


def test_nothing_typed_runs_on_any_page(
    client: Client, neurology: Department, nadia: User, curt: User, carla: User
) -> None:
    texts = dict.fromkeys(("title", "body", "answer", "in_short", "editor_note", "get_help", "get_help_now"), HOSTILE)
    row = make.make_published(neurology, by=nadia, editor=curt, publisher=carla, **texts)
    make.load(make.line(question=HOSTILE, answer=HOSTILE, topic=HOSTILE, source=HOSTILE[:99]), department=neurology)
    question = Question.objects.select_related("department").get(pk=row.pk)
    imported = Question.objects.exclude(pk=row.pk).select_related("department").get()
    topic = Topic.objects.get(name__startswith="<script>")
    paths = ["/", "/neurology/", "/feed.atom", "/search/?q=alert", "/topics/?letter=0-9"]
    for path in [*paths, *(one.get_absolute_url() for one in (question, imported, topic))]:
        html = page_of(client, path)
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path


def test_helped_works_without_a_script(client: Client, question: Question) -> None:
    path = reverse("faq:helped", args=[question.number])
    assert client.get(path).status_code == 405
    assert "noted" in client.post(path, {"has_helped": "yes"}).content.decode()
    assert client.post(path, {"has_helped": "no", "reason": "worried_me"}).status_code == 200
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"has_helped": "no", "reason": "my name"}).status_code == 422
    assert set(Feedback.objects.values_list("has_helped", "reason")) == {(True, ""), (False, "worried_me")}


def test_one_address_helps_a_few_times_an_hour(
    client: Client, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.views.questions.NOTED", 1)
    path = reverse("faq:helped", args=[question.number])
    assert client.post(path, {"has_helped": "yes"}).status_code == 200
    answer = client.post(path, {"has_helped": "yes"})
    assert answer.status_code == 429
    assert "We have noted enough for now" in answer.content.decode()
    assert Feedback.objects.count() == 1


def test_a_lapsed_answer_says_so(client: Client, question: Question) -> None:
    Question.objects.update(review_on=timezone.localdate().replace(year=2020, day=1))
    assert "has not been yet" in page_of(client, question.get_absolute_url())


def test_machines_read_the_feed_and_the_sitemap(client: Client, question: Question) -> None:
    for name in ("feed", "sitemap", "sitemap_shelves"):
        ElementTree.fromstring(page_of(client, reverse(f"faq:{name}")))
    part = reverse("faq:sitemap_questions", args=[question.number // 5_000])
    assert question.get_absolute_url() in page_of(client, part)
    assert "Sitemap:" in page_of(client, "/robots.txt")


def test_topics_come_by_letter_and_in_parts(
    client: Client, neurology: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.views.library.TOPICS_A_PAGE", 3)
    make.load(*(make.line(topic=f"Gout {n}") for n in range(5)), make.line(topic="7 days"), department=neurology)
    first = page_of(client, "/topics/?letter=G")
    assert "More topics with G" in first
    assert "Gout 4" in page_of(client, "/topics/?letter=g&after=gout-2")
    assert "7 days" in page_of(client, "/topics/?letter=0-9")
    assert page_of(client, "/topics/?letter=%F0%9F%99%82")


PATHS = ["/", "/departments/", "/neurology/", "/topics/?letter=T", "/search/?q=disease", "/feed.atom", "/topics/gout/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_no_more_of_a_longer_list(client: Client, neurology: Department, path: str) -> None:
    def ask() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page_of(client, path)
        return len(asked)

    make.load(make.line(topic="Gout"), make.line(), department=neurology)
    ask()
    few = ask()
    make.load(*(make.line(topic="Gout") for _ in range(25)), *(make.line() for _ in range(5)), department=neurology)
    assert ask() == few


def test_a_question_page_asks_no_more_of_a_larger_library(client: Client, neurology: Department) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(client, path)
        return len(asked)

    make.load(make.line(topic="Gout"), make.line(topic="Gout"), department=neurology)
    path = Question.objects.select_related("department").earliest("number").get_absolute_url()
    ask()
    few = ask()
    make.load(*(make.line(topic="Gout") for _ in range(30)), department=neurology)
    assert ask() == few
