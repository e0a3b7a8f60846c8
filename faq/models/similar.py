"""Questions like this one: found by its topics and its rarer words, with what matches and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from faq.models.questions import Question, QuestionQuerySet
from faq.models.search import Term, weigh, words_of

MOST = 4
BODY_READ = 1_200
TERMS = 10
ENOUGH = 0.35
FEW = 4

MATCHED = """
SELECT faq_question.id, asked.word
FROM faq_question, unnest(%s::text[]) WITH ORDINALITY AS asked(word, place)
WHERE faq_question.id = ANY(%s) AND faq_question.words @@ plainto_tsquery('english', asked.word)
ORDER BY asked.place
"""
STEMS = "SELECT tsvector_to_array(words) FROM faq_question WHERE id = %s"


@dataclass(slots=True)
class Similar:
    question: Question
    # Words of this question that the other has too, and words of the other's title (or else its first lines)
    # that this one has not.
    shared: list[str] = field(default_factory=list)
    only_there: list[str] = field(default_factory=list)


def similar(question: Question, rows: QuestionQuerySet) -> list[Similar]:
    """At most four of `rows`, in a number of queries that does not grow."""
    terms = key_terms(question)
    topics = [topic.pk for topic in question.topics.all()]
    if not terms and not topics:
        return []
    others = rows.exclude(pk=question.pk).ranked(terms, topics).for_lists()
    near = [row for row in others[:MOST] if row.coverage >= ENOUGH or row.in_topic]  # type: ignore[attr-defined]
    return compared(question, near, terms)


def key_terms(question: Question) -> list[Term]:
    """What the question is about: the words of its title, then the rarest of what was asked."""
    title = words_of(question.title)
    body = [] if question.is_imported else [word for word in words_of(question.body[:BODY_READ]) if word not in title]
    terms = [term for term in weigh([*title, *body]) if term.seen > 1]
    of_title = [term for term in terms if term.word in title]
    rest = sorted((term for term in terms if term.word not in title), key=lambda term: -term.weight)
    return [*of_title, *rest][:TERMS]


def compared(question: Question, others: Sequence[Question], terms: Sequence[Term]) -> list[Similar]:
    if not others:
        return []
    found = {other.pk: Similar(other) for other in others}
    known = _stems(question.pk)
    for key, word in _matched([term.word for term in terms], list(found)):
        found[key].shared.append(word)
    said = {other.pk: (words_of(other.title), words_of(other.opening)) for other in others}  # type: ignore[attr-defined]
    new = {term.word: term for term in weigh(_flat(said.values())) if term.stem not in known}
    for key, (title, opening) in said.items():
        rarest = sorted((word for word in opening if word in new), key=lambda word: -new[word].weight)
        found[key].only_there = [word for word in title if word in new] or rarest[:FEW]
    return list(found.values())


def _flat(said: Iterable[tuple[list[str], list[str]]]) -> list[str]:
    return [word for title, opening in said for word in (*title, *opening)]


def _matched(words: list[str], keys: list[UUID]) -> list[tuple[UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(MATCHED, [words, keys])
        return list(cursor.fetchall())


def _stems(key: UUID) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(STEMS, [key])
        row = cursor.fetchone()
    return set(row[0]) if row else set()
