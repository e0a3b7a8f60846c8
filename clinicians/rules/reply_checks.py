"""What a reply may have forgotten, and how hard it is to read. It warns; the clinician decides.

Words are compared, nothing is understood: that a name stands in the text does not say that what stands there is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clinicians.rules.placeholders import unfilled
from portal.rules.phrases import gettext_noop

# So old is who reads without effort what we write.
AIM: Final = (11, 13)
# Flesch and Kincaid's grade is a year of school, which begins at about five (Kincaid et al. 1975).
SCHOOL_BEGINS: Final = 5
# Of less, no level can be told.
FEWEST_WORDS: Final = 30
HARDEST_SHOWN: Final = 3
# Between two sentences: not within 4.3, nor within an address.
BREAK: Final = re.compile(r"(?<=[.!?])\s+|\n+")
WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
VOWELS: Final = re.compile(r"[aeiouy]+")
# Words of a title that any letter may have.
GENERIC: Final = frozenset(
    (
        "test", "tests", "panel", "study", "studies", "report", "result", "results", "blood", "sample", "left", "right",
        "with", "and", "the", "for", "from",
    )
)  # fmt: skip
# Of each kind of result, what a letter calls it; the title's own words count beside them.
KIND_WORDS: Final = {
    "laboratory": ("blood test", "laboratory", "lab result"),
    "nerve_conduction": ("nerve test", "nerve conduction", "nerve study", "nerve studies"),
    "eeg": ("eeg", "brain wave"),
}


class Kind(StrEnum):
    QUESTIONS = "questions"
    RESULT = "result"
    MEDICINE = "medicine"
    SAFETY_NET = "safety_net"
    PLACES = "places"
    READING = "reading"


# Title when it is well, title when it is not.
PHRASES: Final[dict[Kind, tuple[str, str]]] = {
    Kind.QUESTIONS: (
        gettext_noop("Each question has an outcome: {done} of {total}"),
        gettext_noop("{done} of {total} questions have an outcome"),
    ),
    Kind.RESULT: (
        gettext_noop("Mentions {name}"),
        gettext_noop("Doesn’t mention {name}, released since the last reply"),
    ),
    Kind.MEDICINE: (
        gettext_noop("Mentions {name}, which is stopped"),
        gettext_noop("Doesn’t mention {name}, which is stopped: say what to do about it"),
    ),
    Kind.SAFETY_NET: (gettext_noop("Says when to get help sooner"), gettext_noop("No “when to get help sooner”")),
    Kind.PLACES: ("", gettext_noop("A place is not filled in: {name}")),
    Kind.READING: (gettext_noop("Reading age {age}"), gettext_noop("Reading age {age}: aim for 11 to 13")),
}


@dataclass(frozen=True, slots=True)
class Check:
    kind: Kind
    is_ok: bool
    params: dict[str, str] = field(default_factory=dict)
    # The hardest to read, where that is what is wrong.
    sentences: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """English, with {places} for `params`."""
        return PHRASES[self.kind][0 if self.is_ok else 1]


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply as it is being written, and what it should speak of."""

    body: str
    safety_net: str
    questions: int
    settled: int
    # (kind, title) of what was released since the last reply.
    results: Sequence[tuple[str, str]] = ()
    stopped: Sequence[str] = ()
    is_english: bool = True


def check(letter: Letter) -> list[Check]:
    """In the order of the page; what does not apply is left out."""
    done = {"done": str(letter.settled), "total": str(letter.questions)}
    return [
        *([Check(Kind.QUESTIONS, letter.settled >= letter.questions, done)] if letter.questions else []),
        *(Check(Kind.RESULT, speaks_of_result(letter.body, *row), {"name": row[1]}) for row in letter.results),
        *(Check(Kind.MEDICINE, speaks_of_medicine(letter.body, name), {"name": name}) for name in letter.stopped),
        Check(Kind.SAFETY_NET, bool(letter.safety_net.strip())),
        *(
            Check(Kind.PLACES, False, {"name": "{" + name + "}"})
            for name in unfilled(f"{letter.body}\n{letter.safety_net}")
        ),
        *(reading(letter.body) if letter.is_english else []),
    ]


def speaks_of_result(body: str, kind: str, title: str) -> bool:
    """By what such a result is called, or by a word of its title that not every letter has."""
    said = f" {' '.join(words_of(body))} "
    if any(f" {name}" in said for name in KIND_WORDS.get(kind, ())):
        return True
    telling = [word for word in words_of(title) if len(word) > 2 and word not in GENERIC]
    return any(f" {word}" in said for word in telling)


def speaks_of_medicine(body: str, name: str) -> bool:
    """By any of its names: "Endep (amitriptyline)" has two."""
    said = set(words_of(body))
    return any(word in said for word in words_of(name) if len(word) > 3)


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def reading(text: str) -> list[Check]:
    """One check, or none where there is too little to tell."""
    sentences = [sentence.strip() for sentence in BREAK.split(text) if WORD.search(sentence)]
    if sum(len(WORD.findall(sentence)) for sentence in sentences) < FEWEST_WORDS:
        return []
    age = max(round(grade(sentences)) + SCHOOL_BEGINS, SCHOOL_BEGINS)
    if age <= AIM[1]:
        return [Check(Kind.READING, True, {"age": str(age)})]
    hard = sorted(sentences, key=lambda sentence: grade([sentence]), reverse=True)
    return [Check(Kind.READING, False, {"age": str(age)}, tuple(hard[:HARDEST_SHOWN]))]


def grade(sentences: Iterable[str]) -> float:
    """Flesch–Kincaid: long sentences and long words are hard to read."""
    listed = [WORD.findall(sentence) for sentence in sentences]
    words = [word for sentence in listed for word in sentence]
    if not words:
        return 0.0
    syllables = sum(syllables_of(word) for word in words)
    return 0.39 * len(words) / len(listed) + 11.8 * syllables / len(words) - 15.59


def syllables_of(word: str) -> int:
    """About: groups of vowels, without a silent e at the end."""
    small = word.lower()
    count = len(VOWELS.findall(small))
    if small.endswith("e") and not small.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(count, 1)
