"""One line of a library file (JSON) to an Entry. The fields are described in docs/library.md."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

LONGEST = {"external_id": 120, "topic": 200, "kind": 60, "source": 120, "url": 500, "department": 80}
LONGEST_QUESTION = 2_000
LONGEST_TITLE = 250
LONGEST_TEXT = 200_000
MOST_SYNONYMS = 50
# C0 and C1 controls, direction overrides and halves of surrogate pairs; tab and line ends stay.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SPACED = re.compile(r"\s*\?(?:\s*\?)*")
PLURAL = re.compile(r"\b(is|are) \((?:is|are)\)")


class BadLine(ValueError):
    """Why a line cannot be loaded, in one sentence for the person who made the file."""


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    title: str
    body: str
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    external_id: str
    question: str
    answer: str
    title: str
    department: str = ""
    topic: str = ""
    synonyms: tuple[str, ...] = field(default=())
    kind: str = ""
    source: str = ""
    url: str = ""
    in_short: str = ""
    article: ArticleEntry | None = None

    @property
    def key(self) -> str:
        """Which row of ours this is. Sources reuse one id for several questions, so both count."""
        return sha256(f"{self.external_id}\n{self.question}".encode()).hexdigest()


def read_line(line: str) -> Entry:
    """Raises BadLine. Unknown fields are left aside."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise BadLine(f"this is not JSON ({wrong})") from None
    if not isinstance(row, dict):
        raise BadLine("this is not a JSON object")
    texts = {name: _text(row, name, longest) for name, longest in LONGEST.items()}
    question = _text(row, "question", LONGEST_QUESTION, needed=True)
    url = texts.pop("url")
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise BadLine("url has to begin with http:// or https://")
    if not texts["external_id"]:
        raise BadLine("external_id is missing")
    return Entry(
        question=question,
        answer=_text(row, "answer", LONGEST_TEXT, needed=True),
        title=_title(_text(row, "title", LONGEST_QUESTION) or question),
        url=url,
        synonyms=_synonyms(row.get("synonyms")),
        in_short=_lines(row, "in_short"),
        article=_article(row.get("article")),
        **texts,
    )


def _text(row: dict[str, Any], name: str, longest: int, *, needed: bool = False) -> str:
    value = row.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise BadLine(f"{name} has to be a text")
    text = NOT_TEXT.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if needed and not text:
        raise BadLine(f"{name} is missing")
    if len(text) > longest:
        raise BadLine(f"{name} is longer than {longest:,} characters")
    return text


def _title(question: str) -> str:
    """One line that fits; "What is (are) Stroke ?" as people write it."""
    title = SPACED.sub("?", PLURAL.sub(r"\1", " ".join(question.split())))
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _synonyms(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise BadLine("synonyms has to be a list of texts")
    if len(value) > MOST_SYNONYMS:
        raise BadLine(f"there are more than {MOST_SYNONYMS} synonyms")
    words = (" ".join(NOT_TEXT.sub("", word).split())[:200] for word in value)
    return tuple(dict.fromkeys(word for word in words if word))


def _lines(row: dict[str, Any], name: str) -> str:
    """A text with one point a line, or a list of points."""
    value = row.get(name)
    if isinstance(value, list):
        row = {name: "\n".join(str(point) for point in value)}
    return _text(row, name, LONGEST_TEXT)


def _article(value: Any) -> ArticleEntry | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadLine("article has to be an object with title, body and sources")
    return ArticleEntry(
        title=" ".join(_text(value, "title", 200, needed=True).split()),
        body=_text(value, "body", LONGEST_TEXT, needed=True),
        sources=_lines(value, "sources"),
    )
