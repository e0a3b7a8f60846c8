"""The sample library: topics, articles and questions, from the files in content/.

A file is a head of `name: value` lines (a name may come twice), an empty line, and Markdown; a question's
Markdown is in sections, each under a heading of HEADINGS.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinicians.actions import publishing
from clinicians.seeding.stories import Made, Seed
from faq.actions import articles, questions, topics
from faq.models import Article, Question, Topic
from patients.actions import consents
from patients.models import Consent

CONTENT = Path(__file__).parent / "content"
HEADINGS = {
    "Question": "body",
    "Reply": "answer",
    "In short": "in_short",
    "See a doctor if": "get_help",
    "Get help now if": "get_help_now",
    "Editor's note": "editor_note",
}
TOPICS_MADE, ARTICLES_MADE = 240, 180  # clinic days ago
WRITES, CHECKS = "priya", "daniel"
STATES = ("suggested", "draft", "in_review", "published")


@dataclass(frozen=True)
class Page:
    """One file: its head, each name with all its values, and its text."""

    head: dict[str, list[str]]
    text: str

    @classmethod
    def read(cls, path: Path) -> Page:
        head: dict[str, list[str]] = {}
        top, _empty, text = path.read_text(encoding="utf-8").partition("\n\n")
        for line in top.splitlines():
            name, _colon, value = line.partition(": ")
            head.setdefault(name, []).append(value)
        return cls(head, text.strip())

    def get(self, name: str, otherwise: str = "") -> str:
        return self.head.get(name, [otherwise])[0]

    @property
    def topics(self) -> list[str]:
        return [name.strip() for name in self.get("topics").split(",")]

    @property
    def sections(self) -> dict[str, str]:
        """Text by field; lists lose their dashes, since the fields hold one point a line."""
        parts = re.split(r"^## (.+)\n", self.text, flags=re.MULTILINE)[1:]
        named = zip(parts[::2], parts[1::2], strict=True)
        return {HEADINGS[title]: re.sub(r"^- ", "", text.strip(), flags=re.MULTILINE) for title, text in named}


def pages(folder: str) -> Iterator[Page]:
    yield from (Page.read(path) for path in sorted((CONTENT / folder).glob("*.md")))


@dataclass
class Library:
    seed: Seed
    topics: dict[str, Topic] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)

    def named(self, names: list[str]) -> list[Topic]:
        return [self.topics[name] for name in names]

    def tell(self) -> None:
        with (CONTENT / "topics.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.topic(row)
        for page in pages("articles"):
            self.article(page)
        for page in pages("questions"):
            self.question(page)
        self.derived()

    def topic(self, row: dict[str, str]) -> None:
        department, name = self.seed.places[row["department"]], row["name"]
        words = row["synonyms"].split("|")

        self.seed.step(
            self.seed.calendar.back(TOPICS_MADE, "10:00"),
            WRITES,
            lambda user: self.topics.update({name: topics.add(department, by=user, name=name, synonyms=words)}),
        )

    def article(self, page: Page) -> None:
        """Written and sent to review by one, approved by a clinician of its department."""
        title, department = page.get("title"), self.seed.places[page.get("department")]
        sources = "\n".join(page.head["source"])
        calendar, author = self.seed.calendar, page.get("author")
        self.seed.step(
            calendar.back(ARTICLES_MADE + 4, "14:00"),
            author,
            lambda user: self.articles.update(
                {
                    title: articles.draft(
                        department,
                        by=user,
                        title=title,
                        body=page.text,
                        sources=sources,
                        topics=self.named(page.topics),
                    )
                }
            ),
        )
        self.seed.step(
            calendar.back(ARTICLES_MADE + 2, "09:30"),
            author,
            lambda user: articles.submit(self.articles[title], by=user),
        )
        self.seed.step(
            calendar.back(ARTICLES_MADE, "16:30"),
            page.get("approver"),
            lambda user: articles.approve(self.articles[title], by=user),
        )

    def question(self, page: Page) -> None:
        """An invented question, nobody's case: suggested by who answers, edited by one curator, shown by another."""
        calendar, days = self.seed.calendar, int(page.get("published"))
        published_on = calendar.day(days)
        made: Made[Question] = Made()
        department, clinician = self.seed.places[page.get("department")], page.get("answered_by")
        texts: dict[str, Any] = page.sections | {"title": page.get("title")}
        about: dict[str, Any] = {"age_band": page.get("age"), "sex": page.get("sex"), "asked_in": published_on.year}
        steps = [
            (
                calendar.back(days + 4, "11:10"),
                clinician,
                lambda user: made.keep(
                    questions.suggest(department, by=user, answered_by=user, needs_consent=False, **texts, **about)
                ),
            ),
            (
                calendar.back(days + 3, "14:20"),
                WRITES,
                lambda user: questions.edit(
                    made(),
                    by=user,
                    topics=self.named(page.topics),
                    article=self.articles.get(page.get("article")),
                ),
            ),
            (calendar.back(days + 2, "10:00"), WRITES, lambda user: questions.submit(made(), by=user)),
            (calendar.back(days, "09:30"), CHECKS, lambda user: questions.publish(made(), by=user)),
        ]
        for when, who, do in steps[: STATES.index(page.get("state", "published")) + 1]:
            self.seed.step(when, who, do)

    def derived(self) -> None:
        """From the finished case: a curator adds to the text, so the patient is asked about the new one."""
        calendar, consent = self.seed.calendar, self.seed.derived["elif"]
        self.seed.step(
            calendar.back(46, "10:15"),
            CHECKS,
            lambda user: questions.edit(
                drafted(consent),
                by=user,
                topics=self.named(["Muscle twitching", "Eyelid twitching", "Worry about health"]),
                article=self.articles["Muscle twitching: what it is, and when to have it looked at"],
                **ADDED,
            ),
        )
        self.seed.step(calendar.back(46, "15:40"), "hsu", lambda user: publishing.ask_again(consent.again(), by=user))
        self.seed.step(
            calendar.back(45, "19:30"), "elif", lambda user: consents.answer(consent.again(), by=user, agreed=True)
        )
        self.seed.step(calendar.back(44, "09:20"), CHECKS, lambda user: questions.submit(drafted(consent), by=user))
        self.seed.step(calendar.back(43, "13:50"), WRITES, lambda user: questions.publish(drafted(consent), by=user))


def drafted(consent: Made[Consent]) -> Question:
    """The question as it is now. Curators see it, and not the consent."""
    question = consent().question
    question.refresh_from_db()
    return question


ADDED: dict[str, Any] = {
    "in_short": "Twitching without lost strength is common, and in the twenties very rarely part of a disease.\n"
    "Simple blood tests once, and an examination of strength, say more than many tests.\n"
    "It can last for months. Less coffee and regular sleep are a fair trial.",
    "get_help": "a hand, arm, foot or leg becomes weaker: things drop, a foot catches, stairs are hard\n"
    "a muscle becomes visibly thinner\nspeech or swallowing slowly changes (the same day)",
    "get_help_now": "trouble breathing that is new\n"
    "weakness of the face, an arm or a leg that comes suddenly or within hours\n"
    "sudden trouble speaking or swallowing",
}
