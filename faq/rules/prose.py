"""Plain text as it was typed or imported, in blocks a page can show: paragraphs and lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A dash that begins a point: at the start of a line, or after the end of a sentence on the same line.
POINT = re.compile(r"(?:^|(?<=[.:;?!)]))\s*[-•*]\s+", re.M)
# Texts from elsewhere often have one line of several thousand characters: broken where sentences end.
LONGEST_PARAGRAPH = 700
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line in `lines`), or a list of points."""

    lines: tuple[str, ...]
    is_list: bool = False


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    for piece in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        found.extend(_block(piece.strip()))
    return found


def _block(piece: str) -> list[Block]:
    opening, *points = [part.strip() for part in POINT.split(piece)]
    if len(points) < 2:
        return [Block((line,)) for line in _paragraphs(" ".join(piece.split()))]
    listed = Block(tuple(" ".join(point.split()) for point in points if point), is_list=True)
    return [*(Block((line,)) for line in _paragraphs(" ".join(opening.split()))), listed]


def _paragraphs(text: str) -> list[str]:
    """The text in pieces of a readable length, cut only between sentences."""
    paragraphs: list[str] = []
    for sentence in SENTENCE.split(text):
        if paragraphs and len(paragraphs[-1]) + len(sentence) < LONGEST_PARAGRAPH:
            paragraphs[-1] += f" {sentence}"
        elif sentence:
            paragraphs.append(sentence)
    return paragraphs
