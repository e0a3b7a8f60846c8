from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from faq.actions import articles, topics
from faq.actions.questions import Stale
from faq.models import Article, Revision, Topic
from faq.models.articles import ArticleStatus
from portal.access import VISITOR, IllegalMove
from portal.acting import acting_as
from portal.models import Department, User
from tests.faq import make


@pytest.fixture
def published(neurology: Department, curt: User, carla: User) -> Article:
    return make.make_published_article(neurology, by=curt, approver=carla)


def test_an_author_does_not_approve_their_own(neurology: Department, curt: User) -> None:
    article = make.make_reviewed_article(neurology, by=curt)
    with acting_as(curt), pytest.raises(IllegalMove, match="Somebody else than its author"):
        articles.approve(article, by=curt)


def test_nor_does_the_database_let_them(published: Article, curt: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.update(approver=curt)


def test_a_clinician_of_the_department_may_approve(neurology: Department, curt: User, nadia: User) -> None:
    article = make.make_published_article(neurology, by=curt, approver=nadia)
    assert article.current
    assert article.current.approver == nadia


def test_readers_keep_the_approved_revision_while_a_newer_one_is_written(
    published: Article, curt: User, carla: User
) -> None:
    with acting_as(curt):
        revised = articles.revise(published, by=curt, title="A newer title", body="Newer text")
    assert revised.status == ArticleStatus.DRAFT
    shown = Article.objects.visible_to(VISITOR).get()
    assert shown.title == published.title
    assert shown.current
    assert shown.current.number == 1
    with acting_as(curt):
        articles.submit(revised, by=curt)
    with acting_as(carla):
        shown = articles.approve(revised, by=carla)
    assert shown.title == "A newer title"
    assert shown.current
    assert shown.current.number == 2


def test_case_talk_is_not_published(neurology: Department, curt: User, carla: User) -> None:
    article = make.make_reviewed_article(neurology, by=curt, body="As you mentioned, your recent scan shows it.")
    with acting_as(carla), pytest.raises(IllegalMove, match="may name or speaks"):
        articles.approve(article, by=carla)


def test_a_withdrawn_article_needs_a_new_approval(published: Article, curt: User) -> None:
    with acting_as(curt):
        article = articles.withdraw(published, by=curt)
        assert Article.objects.visible_to(VISITOR).count() == 0
        article = articles.revise(article, by=curt, title="Again", body="Again")
        articles.submit(article, by=curt)
    assert Article.objects.visible_to(VISITOR).count() == 0


def test_nobodys_revision_is_lost(neurology: Department, curt: User, carla: User) -> None:
    article = make.make_article(neurology, by=curt)
    with acting_as(carla):
        articles.revise(article, by=carla, title="Carla's", body="Carla's", version=1)
    with acting_as(curt), pytest.raises(Stale):
        articles.revise(article, by=curt, title="Curt's", body="Curt's", version=1)
    assert list(article.revisions.values_list("number", "title")) == [(2, "Carla's"), (1, article.title)]


def test_two_topics_do_not_share_an_address(neurology: Department, curt: User) -> None:
    with acting_as(curt):
        topics.add(neurology, by=curt, name="Muscle  twitching", synonyms=["fasciculation"])
        with pytest.raises(IllegalMove, match="already"):
            topics.add(neurology, by=curt, name="muscle twitching")
    topic = Topic.objects.get()
    assert (topic.name, topic.letter, topic.other_words) == ("Muscle twitching", "M", ["fasciculation"])


@pytest.mark.parametrize("name", ["筋肉のけいれん", "!!!", "x" * 200])
def test_any_name_makes_an_address(neurology: Department, curt: User, name: str) -> None:
    with acting_as(curt):
        topic = topics.add(neurology, by=curt, name=name)
    assert topic.slug
    assert len(topic.slug) <= 120
