"""What searching needs besides the texts: the words that are in them, and what was not found."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery
from django.db import connection, models
from django.utils import timezone

from portal import access
from portal.access import Actor, Permission
from portal.models.record import Record, RecordQuerySet

LONGEST_WORD = 40
MOST_WORDS = 16
# A word is rare or common as if in a library of this size, so that weights stay put while it grows.
LIBRARY_SIZE = 50_000
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

LEARN = """
INSERT INTO faq_word (word, stem, seen)
SELECT word, stems[1], seen
FROM (
    SELECT word, count(*) AS seen
    FROM faq_question, unnest(tsvector_to_array(to_tsvector('simple', title || ' ' || body || ' ' || answer))) AS word
    WHERE id = ANY(%s) AND length(word) BETWEEN 2 AND 40
    GROUP BY word
) AS said, ts_lexize('english_stem', word) AS stems
WHERE word ~ '[[:alpha:]]' AND stems[1] IS NOT NULL
ORDER BY word
ON CONFLICT (word) DO UPDATE SET seen = faq_word.seen + EXCLUDED.seen
"""

WEIGH = """
SELECT asked.word, asked.stem, known.seen, coalesce(near.word, '')
FROM (
    SELECT word, place, coalesce(stems[1], '') AS stem, stems IS NULL OR cardinality(stems) > 0 AS says_something
    FROM unnest(%s::text[]) WITH ORDINALITY AS typed(word, place), ts_lexize('english_stem', word) AS stems
) AS asked
LEFT JOIN LATERAL (
    SELECT coalesce((SELECT sum(seen) FROM faq_word WHERE stem = asked.stem), 0)
        + (SELECT count(*) FROM faq_topic WHERE words @@ plainto_tsquery('english', asked.word)) AS seen
) AS known ON true
LEFT JOIN LATERAL (
    SELECT word FROM faq_word
    WHERE %s AND length(asked.word) > 3 AND known.seen <= 2 AND word %% asked.word
      AND stem <> asked.stem AND seen > 4 * known.seen AND similarity(word, asked.word) > 0.33
    ORDER BY similarity(word, asked.word) + ln(seen) / 40 DESC, word LIMIT 1
) AS near ON true
WHERE says_something
ORDER BY place
"""


class Word(models.Model):
    """A word of the published questions, and in how many of them it is."""

    word = models.CharField(primary_key=True, max_length=LONGEST_WORD)
    stem = models.CharField(max_length=LONGEST_WORD, db_index=True)
    seen = models.PositiveIntegerField()

    class Meta:
        indexes = (GinIndex(fields=("word",), name="word_trgm", opclasses=("gin_trgm_ops",)),)

    @classmethod
    def learn(cls, questions: Iterable[UUID]) -> None:
        """Count the words of questions that have just been published."""
        with connection.cursor() as cursor:
            cursor.execute(LEARN, [list(questions)])


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a search that says something, and how many answers have it."""

    word: str
    stem: str
    seen: int
    # A word that answers do have, when (almost) none has this one.
    nearest: str = ""

    @property
    def is_known(self) -> bool:
        return self.seen > 0

    @property
    def weight(self) -> float:
        """What finding this word is worth: the rarer, the more."""
        return math.log(1 + LIBRARY_SIZE / (self.seen + 1))

    @property
    def query(self) -> SearchQuery:
        return SearchQuery(self.word, config="english", search_type="plain")


def words_of(text: str) -> list[str]:
    """Its words in lower case, each once, in order."""
    found = (word.lower()[:LONGEST_WORD] for word in WORD.findall(text))
    return list(dict.fromkeys(found))


def weigh(words: Sequence[str], *, correct: bool = False) -> list[Term]:
    """The words that say something ("the" does not), with their counts; misspelt ones with the nearest known."""
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WEIGH, [list(words), correct])
        rows = [Term(*row) for row in cursor.fetchall()]
    return list({term.stem: term for term in rows}.values())


def all_of(terms: Sequence[Term]) -> Any:
    return reduce(and_, (term.query for term in terms)) if terms else None


def any_of(terms: Sequence[Term]) -> Any:
    return reduce(or_, (term.query for term in terms)) if terms else None


class SearchMissQuerySet(RecordQuerySet["SearchMiss"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Whoever searches adds to the count; the list is for who works on the library."""
        if to is Permission.LIBRARY_RATE:
            return self if access.has(by, to) else self.none()
        return self if access.has(by, to or Permission.LIBRARY_EDIT) else self.none()

    def most_wanted(self) -> Self:
        return self.filter(count__gt=0).order_by("-count", "words")


class SearchMiss(Record):
    """Words that were searched for and found nothing, and how often. Never who searched."""

    words = models.CharField(max_length=100, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_on = models.DateField(default=timezone.localdate)

    objects = SearchMissQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("-count", "words"), name="searchmiss_wanted"),)

    @classmethod
    def of(cls, text: str) -> SearchMiss:
        """The row of these words, whatever their capitals and spaces."""
        search, _made = cls.objects.get_or_create(words=" ".join(text.casefold().split())[:100])
        return search

    def again(self) -> None:
        self.count += 1
        self.last_on = timezone.localdate()
        self.save(update_fields=["count", "last_on"])
