"""Finds what may name a person, and talk about one case, so that somebody looks at it before others read it.

What it cannot find: a name with nothing around it that says "name" (no title, greeting, signature or
relative), a place with no "live in", hospital or address word, a nickname, a rare disease together with
a town, a story that neighbours would recognise. A person must read every text; this only reads first.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.rules.phrases import gettext_noop


class Kind(StrEnum):
    DATE = "date"
    CONTACT = "contact"
    LINK = "link"
    NUMBER = "number"
    AGE = "age"
    NAME = "name"
    PLACE = "place"
    POST = "post"
    CASE_TALK = "case_talk"


@dataclass(frozen=True, slots=True)
class Advice:
    label: str
    why: str
    suggestion: str


ADVICE: dict[Kind, Advice] = {
    Kind.DATE: Advice(
        gettext_noop("Date"),
        gettext_noop("An exact date can be matched with other records."),
        gettext_noop("Give the year, or how long ago it was."),
    ),
    Kind.CONTACT: Advice(
        gettext_noop("Contact"),
        gettext_noop("A telephone number or e-mail address leads to a person."),
        gettext_noop("Take it out."),
    ),
    Kind.LINK: Advice(
        gettext_noop("Web address"),
        gettext_noop("It may be somebody's own page."),
        gettext_noop("Take it out, or name the site in words."),
    ),
    Kind.NUMBER: Advice(
        gettext_noop("Number"),
        gettext_noop("A record, case or identity number is one person's."),
        gettext_noop("Take it out."),
    ),
    Kind.AGE: Advice(
        gettext_noop("Age over 89"),
        gettext_noop("So few people are that old that the age may name them."),
        gettext_noop("Say “90 or over”."),
    ),
    Kind.NAME: Advice(
        gettext_noop("Name"),
        gettext_noop("This reads as somebody's name."),
        gettext_noop("Take it out, unless it is the clinician who answers or the name of a disease."),
    ),
    Kind.PLACE: Advice(
        gettext_noop("Place"),
        gettext_noop("A hospital, school, town or address narrows down who it is."),
        gettext_noop("Say “a hospital”, “a town”, or leave it out."),
    ),
    Kind.POST: Advice(
        gettext_noop("Post"),
        gettext_noop("Few people, or one, hold this post."),
        gettext_noop("Say what kind of work it is, or leave it out."),
    ),
    Kind.CASE_TALK: Advice(
        gettext_noop("About one patient"),
        gettext_noop("This speaks to one patient, and every reader will think it is about them."),
        gettext_noop("Say it of people in general."),
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The characters `start` to `end` (exclusive) of a text, what they look like, and what to do."""

    start: int
    end: int
    kind: Kind
    text: str

    @property
    def key(self) -> str:
        """The same words found again have the same key, wherever they stand."""
        return f"{self.kind}:{' '.join(self.text.casefold().split())}"[:200]

    @property
    def advice(self) -> Advice:
        return ADVICE[self.kind]


MONTH = (
    r"(?:(?i:january|jan|february|feb|april|apr|june|jun|july|jul|august|aug|september|sept|sep|october|oct"
    r"|november|nov|december|dec)\.?|March|MARCH|march(?=\s+\d)|Mar\.?|May|MAY)"
)
DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
DAY_WORD = (
    r"(?i:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth"
    r"|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[ -]\w+|thirtieth|thirty[ -]first)"
)
# Anyone may send any text, so no pattern may look at the same words again and again: what repeats has an end
# ({0,3}), or begins in one place only and is never given back (*+).
# One part of a name: Chen, O'Brien, Jean-Luc, al-Hassan, St. (not a word in capitals, which is shouting).
PART = (
    r"(?:(?:al|el|bin|ibn|van|von|de|da|di|la|le)[ -]){0,3}"
    r"[A-ZÀ-Þ](?:['’][A-ZÀ-Þ])?[a-zà-ÿ]+(?:-[A-ZÀ-Þ]?[a-zà-ÿ]+){0,3}"
)
NAME = rf"{PART}(?:\s+(?:[A-Z]\.\s+)?{PART}){{0,3}}"
PLACE_NAME = rf"(?:(?:St\.|Saint|Mt\.|Fort)\s+)?{PART}(?:['’]s)?(?:\s+{PART}){{0,3}}"
STATE = (
    r"(?:A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY]|DC)"
)
RELATIVE = (
    r"(?:son|daughter|wife|husband|partner|mother|father|mom|mum|dad|brother|sister|child|baby|grandson|granddaughter"
    r"|grandmother|grandfather|uncle|aunt|nephew|niece|cousin|friend|boyfriend|girlfriend)"
)
NOT_NAMES = (
    r"(?!(?i:doctor|doctors|dr|sir|madam|team|all|there|everyone|you|your|for|so|very|in|and|the|i|my|please|this|it"
    r"|is|was|has|had|his|her|ma'am|mr|mrs|ms|miss|but|if|we|a|an|any|what|how|can|could|would|should|do|does|god|hi|hello|dear|name)\b)"
)

PATTERNS: tuple[tuple[Kind, str], ...] = (
    (Kind.CONTACT, r"(?<![\w.+-])[.+-]*+(\w[\w.+-]*+@[\w-]++(?:\.[\w-]++)+)"),
    (Kind.LINK, r"(?i:\b(?:https?://|www\.)[^\s<>()\"']+)"),
    (Kind.CONTACT, r"\b(?i:line|whatsapp|wechat|telegram|skype|instagram|facebook)(?:\s+ID)?\s*[:@]\s*[\w.@-]+"),
    (Kind.CONTACT, r"(?<![\w@.])@[A-Za-z_]\w{2,}"),
    (Kind.DATE, r"\b(?:1[89]|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?"),
    (Kind.DATE, r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b"),
    (Kind.DATE, rf"\b(?:last|next|this|on)?\s?{MONTH}\s+{DAY}\b(?:,?\s*(?:19|20)\d\d)?(?!\s*(?:mg|%|percent))"),
    (Kind.DATE, rf"\b{DAY}\s+(?:of\s+)?{MONTH}\b(?:,?\s*(?:19|20)\d\d)?"),
    (Kind.DATE, rf"\b(?:the\s+)?{DAY_WORD}\s+of\s+{MONTH}\b(?:,?\s*(?:19|20)\d\d)?"),
    (Kind.DATE, rf"\b{MONTH},?\s+(?:of\s+)?(?:19|20)\d\d\b"),
    (Kind.NUMBER, r"\b[A-Z][12]\d{8}\b"),
    (Kind.NUMBER, r"\b\d{3}-\d{2}-\d{4}\b"),
    (
        Kind.NUMBER,
        r"\b(?i:mrn|chart|record|case|file|patient|hospital|insurance|policy|passport|identity|id|nhs|nhi|ssn)"
        r"(?:\s+(?i:no\.?|number|nr\.?|id))?\s*+(?:[:#]\s*+)?[A-Z]{0,3}-?\d[\d-]{3,}\b",
    ),
    (Kind.NUMBER, r"\b[A-Z]-\d{4,7}\b"),
    (Kind.CONTACT, r"(?<![\w.+-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)\s?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4}\b(?![\d%])"),
    (Kind.CONTACT, r"(?<![\w.])(?:\+\d(?:[ .-]?\d){2,22}|0\d{8,10})\b"),
    (Kind.NUMBER, r"(?<![\w.,-])\d{7,}\b(?!\s*(?:mg|ml|IU|units|/))"),
    (Kind.AGE, r"\b(?:9\d|1[01]\d)[ -]?(?i:years?|yrs?|yr|y)[ -/]?(?i:old|o)\b"),
    (Kind.AGE, r"(?i:\b(?:aged?|i am|i'm|turned)\s+)(?:9\d|1[01]\d)\b(?!\s*(?i:mg|kg|lbs?|pounds|cm|%|days|weeks))"),
    (
        Kind.POST,
        r"(?i:\b(?:i am|i'm|he is|she is|as)\s+the\s+(?:former\s+|only\s+|first\s+)?)"
        r"((?i:mayor|principal|president|chief|head|headmaster|headmistress|director|bishop|minister|priest|imam|vicar|rabbi"
        r"|judge|sheriff|captain|founder|owner|coach|governor|dean|ambassador|conductor|pastor|manager)\b"
        rf"(?:\s+(?i:of|at|in|for)\s+(?:the\s+)?{PLACE_NAME})?)",
    ),
    (
        Kind.PLACE,
        rf"\b{PART}(?:\s+{PART}){{0,4}}\s+(?i:hospital|medical cent(?:er|re)|clinic|health cent(?:er|re)|infirmary"
        r"|university|college|high school|school|nursing home|hospice)\b",
    ),
    (
        Kind.PLACE,
        rf"\b\d{{1,5}}\s+{PART}(?:\s+{PART}){{0,2}}\s+(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd|Court|Way)\b",
    ),
    (Kind.PLACE, rf"\b(?:Room|Flat|Apt\.?|Apartment|Unit|Suite)\s+\d+\w?(?:,\s*{PLACE_NAME})?"),
    (Kind.PLACE, rf"\b{PART}(?:\s+{PART}){{0,2}}\s+(?:City|County|District|Township|Village|Province)\b"),
    (Kind.PLACE, rf"\b{PART}(?:\s+{PART})?,\s*{STATE}\b"),
    (
        Kind.PLACE,
        r"(?i:\b(?:lives?|lived|living|reside|resident|residing|stay|moved|born|raised|work|works|working|come|am|i'm"
        rf"|citizen)\s+(?:in|at|from|of|to|near)\s+)({PLACE_NAME}(?:,\s*{PLACE_NAME})?)",
    ),
    (Kind.NAME, rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Sister|Father|Rev)\b\.?\s+{NOT_NAMES}{NAME}"),
    (Kind.NAME, rf"(?i:\bmy\s+name\s+is|\bmy\s+name's|\bnamed|\bi\s+am\s+called)\s+{NOT_NAMES}({NAME})"),
    (Kind.NAME, rf"(?i:\b(?:my|our|his|her|their)\s+{RELATIVE}),?\s+{NOT_NAMES}({NAME})"),
    (Kind.NAME, rf"\b(?:Dear|Hello|Hi|Hey|Good morning)\s+{NOT_NAMES}({NAME})"),
    (
        Kind.NAME,
        r"(?i:\bthank\s+you(?:\s+(?:so|very)\s+much)?|\bthanks|\bregards|\bsincerely|\byours|\bbest\s+wishes|\bcheers)"
        rf"(?:\s*+[,.!])?\s++[-–—]*+\s*+{NOT_NAMES}({NAME})(?=\s*(?:[,(.]|$))",
    ),
    (Kind.NAME, rf"(?:--|—|–)\s*{NOT_NAMES}({NAME})(?=\s*(?:[,(.]|$))"),
    (Kind.PLACE, rf"(?:--|—|–)\s*(?:Mr\.\s+|Mrs\.\s+|Dr\.\s+)?{NAME},\s*({PLACE_NAME})(?=\s*(?:[,(.]|$))"),
)  # fmt: skip
CASE_TALK: tuple[str, ...] = (
    r"(?i:\bas\s+you(?:'ve|\s+have)?\s+(?:mentioned|said|described|wrote|told|noted|reported|explained))",
    r"(?i:\byou(?:'ve|\s+have)?\s+(?:mentioned|described|reported|told\s+(?:me|us)|wrote)\b)",
    r"(?i:\bgiven\s+your\s+(?:symptoms|history|results?|findings|age|tests?|condition|recent)\b)",
    r"(?i:\bin\s+your\s+(?:case|situation|letter|message|question)\b)",
    r"(?i:\byour\s+(?:recent|latest|last|previous|current)\s+(?:\w+\s+){0,3}"
    r"(?:stud(?:y|ies)|tests?|results?|scans?|evaluations?|examinations?|reports?|visits?|symptoms)\b)",
    r"(?i:\byour\s+(?:nerve conduction|eeg|emg|mri|ct|ecg|ekg|blood|thyroid|ultrasound|x-ray)(?:\s+\w+)?\s+"
    r"(?:stud(?:y|ies)|tests?|results?|scans?|reports?|shows?|showed|indicated?)\b)",
    r"(?i:\b(?:you\s+were|you've\s+been|you\s+have\s+been)\s+(?:prescribed|diagnosed|given|referred)\b)",
    r"(?i:\bthis\s+patient\b|\bthe\s+patient's\b)",
)
IDENTIFIERS = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)
ABOUT_ONE = tuple((Kind.CASE_TALK, re.compile(pattern)) for pattern in CASE_TALK)


def find(text: str) -> list[Finding]:
    """What may name a person, in the order of the text; where two overlap, the longer one."""
    return _longest(_matches(text, IDENTIFIERS))


def find_case_talk(text: str) -> list[Finding]:
    """Words that speak to one patient: right in a reply, wrong in an article for everybody."""
    return _longest(_matches(text, ABOUT_ONE))


def find_in_article(text: str) -> list[Finding]:
    """Both; but an article may link to its sources."""
    named = (finding for finding in find(text) if finding.kind is not Kind.LINK)
    return _longest([*named, *find_case_talk(text)])


def _matches(text: str, patterns: Iterable[tuple[Kind, re.Pattern[str]]]) -> Iterator[Finding]:
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span(match.lastindex or 0)
            start += len(text[start:end]) - len(text[start:end].lstrip())
            if start < end:
                yield Finding(start, end, kind, text[start:end])


def _longest(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start - f.end, f.start)):
        # Those kept lie apart, so only the last one that begins before this one's end can overlap it.
        before = bisect_left(kept, finding.end, key=_start)
        if before == 0 or kept[before - 1].end <= finding.start:
            kept.insert(before, finding)
    return kept


def _start(finding: Finding) -> int:
    return finding.start
