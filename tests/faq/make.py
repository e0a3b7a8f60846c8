"""Builders of the library, by the real verbs."""

from __future__ import annotations

import json
from typing import Any

from faq.actions import articles, imports, questions, topics
from faq.actions.imports import Loaded
from faq.exchange.library import read_line
from faq.models import Article, Question, Topic
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.models import Clinic, Department, User
from tests.make import NUMBER, make_user


def line(**fields: Any) -> str:
    """One line of a library file."""
    number = next(NUMBER)
    about = {
        "external_id": f"test:{number}",
        "question": f"What is test disease {number}?",
        "answer": "A disease made for tests.",
        "topic": f"Test disease {number}",
        "synonyms": [],
        "kind": "information",
        "source": "Test source",
        "url": "https://example.org/disease",
    }
    return json.dumps({**about, **fields})


LINE = line(external_id="test:matrix", question="What is a matrix?", topic="Matrix")


def load(*lines: str, department: Department) -> Loaded:
    with acting_as(SYSTEM):
        entries = [read_line(one) for one in lines]
        return imports.load(Clinic.the(), by=SYSTEM, entries=entries, department=department.slug)


def make_topic(department: Department, name: str = "", **about: Any) -> Topic:
    by = make_user(role=Role.CURATOR)
    with acting_as(by):
        return topics.add(department, by=by, name=name or f"Topic {next(NUMBER)}", **about)


def make_suggested(department: Department, *, by: User, **about: Any) -> Question:
    about = {
        "title": "Can twitching calves be harmless?",
        "body": "Both calves have been twitching for some weeks.",
        "answer": "Without weakness it is usually harmless.",
        "needs_consent": False,
        "answered_by": by,
        **about,
    }
    with acting_as(by):
        return questions.suggest(department, by=by, **about)


def make_draft(department: Department, *, by: User, editor: User, **about: Any) -> Question:
    topic = make_topic(department)
    question = make_suggested(department, by=by, **about)
    with acting_as(editor):
        return questions.edit(question, by=editor, topics=[topic])


def make_submitted(department: Department, *, by: User, editor: User, **about: Any) -> Question:
    question = make_draft(department, by=by, editor=editor, **about)
    with acting_as(editor):
        return questions.submit(question, by=editor)


def make_published(department: Department, *, by: User, editor: User, publisher: User, **about: Any) -> Question:
    question = make_submitted(department, by=by, editor=editor, **about)
    with acting_as(publisher):
        return questions.publish(question, by=publisher)


def make_article(department: Department, *, by: User, **about: Any) -> Article:
    about = {"title": f"Article {next(NUMBER)}", "body": "A text.\n\n## A part\n\nMore text.", **about}
    with acting_as(by):
        return articles.draft(department, by=by, **about)


def make_reviewed_article(department: Department, *, by: User, **about: Any) -> Article:
    article = make_article(department, by=by, **about)
    with acting_as(by):
        return articles.submit(article, by=by)


def make_published_article(department: Department, *, by: User, approver: User, **about: Any) -> Article:
    article = make_reviewed_article(department, by=by, **about)
    with acting_as(approver):
        return articles.approve(article, by=approver)
