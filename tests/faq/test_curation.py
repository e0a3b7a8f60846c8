"""The curators' pages: who gets in, what is kept on a mistake, what two at once see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faq.actions import articles, feedback, questions
from faq.models import Article, Question, Topic
from portal.access import VISITOR
from portal.acting import acting_as
from portal.models import AuditEvent, Department, User
from tests.faq import make

AsUser = Callable[[User], Client]


@pytest.fixture
def draft(neurology: Department, nadia: User, curt: User) -> Question:
    return make.make_draft(neurology, by=nadia, editor=curt)


def form_of(question: Question, **changes: object) -> dict[str, object]:
    topics = "\n".join(topic.name for topic in question.topics.all())
    texts = {"title": question.title, "body": question.body, "answer": question.answer, "topics": topics}
    return {**texts, "version": question.version, **changes}


@pytest.mark.parametrize("person", ["alice", "tessa", "percy", "ada"])
def test_who_does_not_work_on_the_library_stays_out(
    person: str, draft: Question, as_user: AsUser, request: pytest.FixtureRequest
) -> None:
    client = as_user(request.getfixturevalue(person))
    for path in (reverse("faq:board"), reverse("faq:draft", args=[draft.pk]), reverse("faq:new_article")):
        assert client.get(path).status_code == 403


def test_a_visitor_is_asked_to_sign_in(client: Client, draft: Question) -> None:
    assert client.get(reverse("faq:board"))["Location"].startswith("/sign-in/")


def test_a_clinician_of_another_department_sees_none_of_it(draft: Question, karl: User, as_user: AsUser) -> None:
    client = as_user(karl)
    assert draft.title not in client.get(reverse("faq:board")).content.decode()
    assert client.get(reverse("faq:draft", args=[draft.pk])).status_code == 404


def test_the_board_shows_each_where_it_is_and_what_it_lacks(
    draft: Question, neurology: Department, nadia: User, curt: User, as_user: AsUser
) -> None:
    make.make_suggested(neurology, by=nadia, title="Named", body="Dr. Ann Example said so.")
    page = as_user(curt).get(reverse("faq:board")).content.decode()
    assert draft.title in page
    assert "1 identifier" in page
    assert "No topic" in page


def test_saving_makes_a_new_version(draft: Question, curt: User, as_user: AsUser) -> None:
    path = reverse("faq:draft", args=[draft.pk])
    answer = as_user(curt).post(path, form_of(draft, title="A better title", in_short="Short"))
    assert answer.status_code == 302
    saved = Question.objects.get()
    assert (saved.title, saved.in_short, saved.version, saved.edited_by) == ("A better title", "Short", 3, curt)


def test_a_mistake_keeps_what_was_typed(draft: Question, curt: User, as_user: AsUser) -> None:
    path = reverse("faq:draft", args=[draft.pk])
    answer = as_user(curt).post(path, form_of(draft, title="", body="Typed for an hour", topics="No such topic"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Typed for an hour" in page
    assert "There is no topic called “No such topic”" in page
    assert "There is a problem" in page


def test_two_at_once_lose_nothing(draft: Question, curt: User, carla: User, as_user: AsUser) -> None:
    path, client = reverse("faq:draft", args=[draft.pk]), as_user(curt)
    with acting_as(carla):
        questions.edit(draft, by=carla, answer="What Carla wrote")
    answer = client.post(path, form_of(draft, answer="What Curt wrote"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What Curt wrote" in page
    assert "Carla" in page
    assert Question.objects.get().answer == "What Carla wrote"
    assert AuditEvent.objects.filter(name="questions.edit", outcome="stale").count() == 1
    again = client.post(path, {**form_of(draft, answer="What Curt wrote"), "version": 3})
    assert again.status_code == 302


def test_a_step_that_is_refused_says_why_and_is_recorded(draft: Question, curt: User, as_user: AsUser) -> None:
    client = as_user(curt)
    assert client.post(reverse("faq:draft_step", args=[draft.pk, "submit"])).status_code == 302
    answer = client.post(reverse("faq:draft_step", args=[draft.pk, "publish"]), {"version": draft.version})
    assert answer.status_code == 409
    assert "Somebody else than its last editor" in answer.content.decode()
    assert AuditEvent.objects.filter(name="questions.publish", kind="refusal").count() == 1


def test_the_whole_way_through_the_pages(draft: Question, curt: User, carla: User, as_user: AsUser) -> None:
    as_user(curt).post(reverse("faq:draft_step", args=[draft.pk, "submit"]))
    as_user(carla).post(reverse("faq:draft_step", args=[draft.pk, "publish"]), {"version": draft.version})
    assert Question.objects.published().count() == 1
    as_user(carla).post(reverse("faq:draft_step", args=[draft.pk, "withdraw"]))
    assert Question.objects.published().count() == 0


@pytest.mark.parametrize("version", ["1", "", "x", "²", "9" * 30])
def test_nobody_publishes_what_they_have_not_read(draft: Question, carla: User, as_user: AsUser, version: str) -> None:
    client = as_user(carla)
    client.post(reverse("faq:draft_step", args=[draft.pk, "submit"]))
    for path in (reverse("faq:board"), reverse("faq:draft", args=[draft.pk])):
        assert f'name="version" value="{draft.version}"' in client.get(path).content.decode()
    answer = client.post(reverse("faq:draft_step", args=[draft.pk, "publish"]), {"version": version})
    assert answer.status_code == 409
    assert "A newer version was saved meanwhile" in answer.content.decode()
    assert Question.objects.published().count() == 0
    assert AuditEvent.objects.filter(name="questions.publish", outcome="stale").count() == 1


def test_nobody_approves_what_they_have_not_read(
    neurology: Department, curt: User, carla: User, as_user: AsUser
) -> None:
    article = make.make_reviewed_article(neurology, by=curt)
    client, path = as_user(carla), reverse("faq:manuscript_step", args=[article.pk, "approve"])
    assert 'name="version" value="1"' in client.get(reverse("faq:manuscript", args=[article.pk])).content.decode()
    with acting_as(curt):
        articles.submit(articles.revise(article, by=curt, title="Newer", body="Not read by Carla"), by=curt)
    answer = client.post(path, {"version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "A newer revision was saved meanwhile" in page
    assert "Not read by Carla" in page
    assert Article.objects.published().count() == 0
    assert client.post(path, {"version": 2}).status_code == 302
    assert Article.objects.published().count() == 1


def test_a_finding_is_let_stand(neurology: Department, nadia: User, curt: User, as_user: AsUser) -> None:
    question = make.make_draft(neurology, by=nadia, editor=curt, body="Dr. Ann Example <b>said</b> so.")
    client = as_user(curt)
    page = client.get(reverse("faq:draft", args=[question.pk])).content.decode()
    assert "Dr. Ann Example<sup>Name</sup></mark> &lt;b&gt;said" in page
    client.post(reverse("faq:draft_let_stand", args=[question.pk]), {"finding": "name:dr. ann example"})
    assert Question.objects.get().open_findings == []


def test_the_editor_shows_what_readers_said(
    neurology: Department, nadia: User, curt: User, carla: User, as_user: AsUser
) -> None:
    question = make.make_published(neurology, by=nadia, editor=curt, publisher=carla)
    for has_helped, reason in ((True, ""), (False, "wrong"), (False, "wrong"), (False, "")):
        with acting_as(VISITOR):
            feedback.give(question, by=VISITOR, has_helped=has_helped, reason=reason)
    told = as_user(curt).get(reverse("faq:draft", args=[question.pk])).context["told"]
    assert told[0] == ("Something in it looks wrong", 2)
    assert set(told[1:]) == {("Yes, it helped", 1), ("No, without a reason", 1)}


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_changes_nothing(draft: Question, curt: User, as_user: AsUser, method: str) -> None:
    client = as_user(curt)
    for path in (reverse("faq:draft_step", args=[draft.pk, "submit"]), reverse("faq:draft_let_stand", args=[draft.pk])):
        assert getattr(client, method)(path).status_code == 405


def test_an_article_from_new_to_approved(neurology: Department, curt: User, carla: User, as_user: AsUser) -> None:
    client = as_user(curt)
    new = {"title": "Tremor", "department": str(neurology.pk), "body": "## What it is\n\nShaking.", "sources": "A book"}
    assert client.post(reverse("faq:new_article"), {**new, "title": ""}).status_code == 422
    assert client.post(reverse("faq:new_article"), new).status_code == 302
    article = Article.objects.get()
    path = reverse("faq:manuscript", args=[article.pk])
    changed = {"title": "Tremor", "body": "## What it is\n\nShaking hands.", "version": 1, "note": "clearer"}
    assert client.post(path, changed).status_code == 302
    assert client.post(path, changed).status_code == 409
    assert "Shaking hands" in client.get(path, {"with": "1"}).content.decode()
    client.post(reverse("faq:manuscript_step", args=[article.pk, "submit"]))
    own = client.post(reverse("faq:manuscript_step", args=[article.pk, "approve"]), {"version": 2})
    assert "Somebody else than its author" in own.content.decode()
    as_user(carla).post(reverse("faq:manuscript_step", args=[article.pk, "approve"]), {"version": 2})
    public = Client().get(article.get_absolute_url()).content.decode()
    assert "Shaking hands" in public
    assert 'id="about-what-it-is"' in public
    assert "Carla Cray" in public


def test_a_topic_is_added_by_its_form(neurology: Department, curt: User, as_user: AsUser) -> None:
    form = {"name": "Tremor", "department": str(neurology.pk), "synonyms": "shaking\n\nshakes"}
    assert as_user(curt).post(reverse("faq:new_topic"), form).status_code == 302
    assert Topic.objects.get().other_words == ["shaking", "shakes"]
    assert as_user(curt).post(reverse("faq:new_topic"), form).status_code == 409


@pytest.mark.parametrize("key", ["0", "00000000-0000-0000-0000-000000000000", "x" * 300])
def test_a_key_of_nothing_is_a_404(curt: User, as_user: AsUser, key: str) -> None:
    assert as_user(curt).get(f"/curate/questions/{key}/").status_code == 404
    assert as_user(curt).get(f"/curate/articles/{key}/").status_code == 404


def test_the_board_asks_no_more_of_a_fuller_lane(
    neurology: Department, nadia: User, curt: User, as_user: AsUser
) -> None:
    client = as_user(curt)

    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("faq:board")).status_code == 200
        return len(asked)

    make.make_suggested(neurology, by=nadia)
    ask()
    few = ask()
    for _ in range(8):
        make.make_suggested(neurology, by=nadia)
    assert ask() == few
    assert "All 9" in client.get(reverse("faq:board")).content.decode()
