"""Markdown of articles to HTML that is safe to show, with its table of contents."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TAGS = {
    "h2", "h3", "h4", "p", "br", "hr", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "pre",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "h2": {"id"}, "h3": {"id"}, "ol": {"start"}}
# Prefix of headings' ids, so that they meet no id of the page around them.
ANCHOR = "about-"


@dataclass(frozen=True, slots=True)
class Heading:
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    html: str
    contents: tuple[Heading, ...]


def read(text: str) -> Manuscript:
    """A page has its own h1, so the text's first level becomes h2."""
    tokens = MARKDOWN.parse(text)
    contents = tuple(_headings(tokens))
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="nofollow noopener"
    )
    return Manuscript(clean, contents)


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    """Give each heading its level and, from the second level on, an id; yields those of the second."""
    used: set[str] = set()
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type != "heading_open":
            continue
        level = min(max(int(opening.tag[1]), 2), 4)
        opening.tag = closing.tag = f"h{level}"
        title = "".join(child.content for child in inline.children or ())
        anchor = _anchor(title, used)
        if level < 4:
            opening.attrSet("id", anchor)
        if level == 2:
            yield Heading(anchor, title)


def _anchor(title: str, used: set[str]) -> str:
    stem = ANCHOR + (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "part")
    anchor, number = stem, 1
    while anchor in used:
        number += 1
        anchor = f"{stem}-{number}"
    used.add(anchor)
    return anchor


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a comparison. `change`: "" kept, "ins" new, "del" gone."""

    text: str
    change: str = ""


def differences(before: str, after: str) -> list[Piece]:
    """Word by word, whitespace kept."""
    old, new = re.split(r"(\s+)", before), re.split(r"(\s+)", after)
    pieces: list[Piece] = []
    for what, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=len(old) > 4_000).get_opcodes():
        if what == "equal":
            pieces.append(Piece("".join(old[i1:i2])))
            continue
        if gone := "".join(old[i1:i2]):
            pieces.append(Piece(gone, "del"))
        if come := "".join(new[j1:j2]):
            pieces.append(Piece(come, "ins"))
    return pieces
