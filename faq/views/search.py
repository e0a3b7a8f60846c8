"""Search in the reader's words: forgives spelling, knows other words for topics, says when nothing fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.actions import feedback
from faq.models import Question, SearchMiss, Topic
from faq.models.questions import QuestionQuerySet
from faq.models.search import MOST_WORDS, Term, all_of, weigh, words_of
from faq.rules.identifiers import find
from faq.views.library import home_trail
from portal import access, limits
from portal.access import Actor
from portal.asked import Asked
from portal.models import Department
from portal.models.record import RecordQuerySet

LONGEST = 300
A_PAGE = 20
# So many are ranked and shown; whoever needs more needs better words.
MOST = 200
# So much of what was asked, by weight of its words, has to be in an answer for it to fit.
FITS = 0.5
TOPICS = 12
# So many fruitless searches of one address are counted in an hour.
MISSES = 20
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]")


def tidy(text: str) -> str:
    """What was typed, as one line of text. Only the first 300 characters are looked at."""
    return " ".join(NOT_TEXT.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).split())


def searched(department: Department | None) -> QuestionQuerySet:
    rows = Question.objects.published()
    return rows.filter(department=department) if department else rows


@dataclass
class Search:
    """What was asked, what was understood, and (after `look`) what was found."""

    text: str
    page: int = 1
    terms: list[Term] = field(default_factory=list)
    topics: Sequence[Topic] = ()
    rows: Sequence[Question] = ()
    total: int = 0
    # Words nobody has, and the text with the nearest known ones in their place.
    unknown: list[str] = field(default_factory=list)
    corrected: str = ""
    suggested: str = ""

    def look(self, by: Actor, department: Department | None) -> None:
        self.understand(weigh(words_of(self.text)[:MOST_WORDS], correct=True))
        if not self.terms:
            return
        self.topics = access.read_many(
            Topic.objects.matching(all_of(self.terms)).most_answered(),
            by=by,
            page=lambda rows: list(rows[:TOPICS]),
        )
        self.rows = access.read_many(searched(department), by=by, page=self.best)

    def understand(self, typed: list[Term]) -> None:
        """Keep what is known; where no answer has a word, take the nearest that some have."""
        nearest = {term.word: term.nearest for term in typed if term.nearest}
        instead = {term.word: term for term in weigh(sorted(set(nearest.values())))}
        known = [term if term.is_known else instead.get(term.nearest) for term in typed]
        self.terms = list({term.stem: term for term in known if term is not None}.values())
        self.unknown = [term.word for term in typed if not term.is_known]
        certain = {term.word: term.nearest for term in typed if term.nearest and not term.is_known}
        self.corrected = self.replaced(certain)
        self.suggested = self.replaced(nearest) if len(nearest) > len(certain) else ""

    def replaced(self, words: dict[str, str]) -> str:
        if not words:
            return ""
        return re.sub(r"[^\W_]+(?:['’-][^\W_]+)*", lambda m: words.get(m[0].lower(), m[0]), self.text)

    def best(self, rows: RecordQuerySet[Question]) -> list[Question]:
        """The page asked for of those that fit, in order, with their snippets."""
        rows = cast(QuestionQuerySet, rows)
        ranked = rows.ranked(self.terms, [topic.pk for topic in self.topics])
        found = ranked.values_list("pk", "coverage", "in_topic")[:MOST]  # type: ignore[misc]
        keys = [key for key, coverage, in_topic in found if coverage >= FITS or in_topic]
        self.total = len(keys)
        shown = keys[(self.page - 1) * A_PAGE : self.page * A_PAGE]
        place = {key: index for index, key in enumerate(shown)}
        return sorted(rows.filter(pk__in=shown).with_snippets(self.terms), key=lambda row: place[row.pk])


@require_safe
def search(request: Asked) -> HttpResponse:
    by = request.actor
    asked = Search(tidy(request.GET.get("q", "")), page_asked(request.GET.get("page", "")))
    departments = access.read_many(Department.objects.all(), by=by)
    slug = request.GET.get("department", "")
    place = next((row for row in departments if row.slug == slug), None)
    if asked.text:
        asked.look(by, place)
        if not asked.total and place is None and is_counted(request, asked.text):
            feedback.miss(SearchMiss.of(asked.text), by=by)
    found = {"search": asked, "departments": departments, "department": place, "nav": "home"}
    return render(request, "faq/search.html", {**found, **neighbours(asked, slug), "trail": trail()})


def is_counted(request: Asked, text: str) -> bool:
    """A name or a number that somebody searched for is not kept, nor more than a few searches of one address."""
    return not find(text) and limits.within(request, "search-miss", most=MISSES, seconds=3600)


def page_asked(text: str) -> int:
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return min(max(page, 1), MOST // A_PAGE)


def neighbours(asked: Search, department: str) -> dict[str, str]:
    """Query strings of the page before and after, or ""."""

    def link(page: int) -> str:
        return "?" + urlencode({"q": asked.text, "department": department, "page": page})

    return {
        "newer": link(asked.page - 1) if asked.page > 1 else "",
        "older": link(asked.page + 1) if asked.total > asked.page * A_PAGE else "",
    }


def trail() -> list[tuple[str, str]]:
    return [*home_trail(), (_("Search"), "")]
