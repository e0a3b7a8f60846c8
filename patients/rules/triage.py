"""How soon somebody must be seen, from what they answer to fixed questions: data/red_flags.csv. No free text is judged.

The worst rule that fires decides. Two things it does not do. A row that nobody has checked sends nobody to the
emergency room and sends nobody home: at most it asks that a person of the clinic looks the same day, and at least that
a clinician reads it (`allowed`). And a question that may mean an emergency and was not answered counts as "same day".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from portal.rules.provenance import Status, read_table

DATA: Final = Path(__file__).parent / "data"
YES: Final = "yes"
NO: Final = "no"

# What somebody answered: by part, a word, a number, or the list of what they ticked.
Answer = str | int | list[str]
Answers = Mapping[str, Answer]


class Outcome(StrEnum):
    EMERGENCY_NOW = "emergency_now"
    SAME_DAY = "same_day"
    ROUTINE = "routine"
    SELF_CARE = "self_care"


WORST_FIRST: Final = tuple(Outcome)
# What the clinic is told of at once.
URGENT: Final = frozenset({Outcome.EMERGENCY_NOW, Outcome.SAME_DAY})


class Kind(StrEnum):
    YES_NO = "yes_no"
    CHOICE = "choice"
    MANY = "many"
    SCALE = "scale"
    TICK = "tick"  # beside another answer; not ticked is "no"


OF_TYPE: Final = {"bool": Kind.YES_NO, "choice": Kind.CHOICE, "multi": Kind.MANY}
# What a trigger names beside the answer itself. Age is known of the person and not asked.
NAMED: Final = {
    "both_sides": Kind.TICK,
    "still_happening": Kind.TICK,
    "stays_in_one_limb": Kind.YES_NO,
    "self_harm": Kind.YES_NO,
    "worry": Kind.SCALE,
}
KNOWN: Final = "age"
SCALE_ENDS: Final = (0, 10)
# Their options stand in the words of the question.
LISTED: Final = {
    "TW-12": ("caffeine", "energy_drinks", "stimulants", "decongestants", "exercise", "poor_sleep", "alcohol"),
    "TW-13": (
        "diuretic",
        "steroid",
        "estrogen",
        "salbutamol",
        "lithium",
        "antidepressant",
        "pyridostigmine",
        "dopamine",
    ),
}
COMPARED: Final = {"==": operator.eq, ">=": operator.ge, "<": operator.lt}
CLAUSE: Final = re.compile(r"([a-z_]+)(?: (==|>=|<) ([a-z0-9_]+))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One clause: `value == sudden`, `age < 40`. Two have no name: any option at all, and nothing fired above."""

    name: str
    is_like: str
    literal: str | int

    def holds(self, found: Answer | None, fired_above: bool) -> bool:
        if self.is_like == "nothing above":
            return not fired_above
        if self.is_like == "any":
            return bool(found)
        return type(found) is type(self.literal) and bool(COMPARED[self.is_like](found, self.literal))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is answered; most questions have one."""

    key: str
    kind: Kind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    complaint: str
    question: str
    answer_type: str
    conditions: tuple[Condition, ...]
    stated: Outcome
    message_key: str
    rationale: str
    source: str
    status: Status

    @property
    def key(self) -> str:
        """Of its question: TW-03a and TW-03b ask one thing."""
        return self.id.rstrip("abcdefgh")

    @property
    def outcome(self) -> Outcome:
        return allowed(self.stated, self.status)

    def part_of(self, condition: Condition) -> str:
        return self.key if condition.name == "value" else f"{self.key}.{condition.name}"

    def fires(self, answers: Answers, age: int, fired_above: bool) -> bool:
        return all(
            condition.holds(age if condition.name == KNOWN else answers.get(self.part_of(condition)), fired_above)
            for condition in self.conditions
        )


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    text: str
    rules: tuple[Rule, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(dict.fromkeys(self._parts()))

    def _parts(self) -> Iterator[Part]:
        for rule in self.rules:
            for condition in rule.conditions:
                if condition.name == "value":
                    yield Part(self.key, OF_TYPE[rule.answer_type], self._options(OF_TYPE[rule.answer_type]))
                elif condition.name in NAMED:
                    yield Part(rule.part_of(condition), NAMED[condition.name])

    def _options(self, kind: Kind) -> tuple[str, ...]:
        if kind is Kind.MANY:
            return LISTED[self.key]
        named = [str(c.literal) for rule in self.rules for c in rule.conditions if c.name == "value"]
        return (*dict.fromkeys(named), NO) if kind is Kind.CHOICE else (YES, NO)

    @property
    def may_be_an_emergency(self) -> bool:
        """By the words of the table, checked or not."""
        return any(rule.stated is Outcome.EMERGENCY_NOW for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a complaint's questions."""

    complaint: str
    outcome: Outcome
    fired: tuple[Rule, ...]
    unanswered: tuple[str, ...] = ()

    @property
    def urgent(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.fired if rule.outcome in URGENT)

    @property
    def is_urgent(self) -> bool:
        return self.outcome in URGENT


def allowed(stated: Outcome, status: Status) -> Outcome:
    """The ship rule: an unchecked row neither sounds the alarm nor reassures; a human looks at it instead."""
    if status.may_stop:
        return stated
    return {Outcome.EMERGENCY_NOW: Outcome.SAME_DAY, Outcome.SELF_CARE: Outcome.ROUTINE}.get(stated, stated)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Routine where nothing was found: that no rule fired reassures nobody."""
    return min(outcomes, key=WORST_FIRST.index, default=Outcome.ROUTINE)


def evaluate(complaint: str, answers: Answers, age: int) -> Finding:
    """Every rule of the complaint in order. Raises KeyError for a complaint that the table does not have."""
    fired: list[Rule] = []
    for rule in (rule for question in questions(complaint) for rule in question.rules):
        if rule.fires(answers, age, bool(fired)):
            fired.append(rule)
    open_parts = tuple(unanswered(complaint, answers))
    keys = {question.key for question in questions(complaint) if question.may_be_an_emergency}
    missed = [Outcome.SAME_DAY for part in open_parts if part.partition(".")[0] in keys]
    return Finding(complaint, worst([*(rule.outcome for rule in fired), *missed]), tuple(fired), open_parts)


def unanswered(complaint: str, answers: Answers) -> Iterator[str]:
    """Parts that want an answer and have none. Nothing ticked in a list is an answer."""
    for question in questions(complaint):
        for part in question.parts:
            if part.kind not in (Kind.TICK, Kind.MANY) and part.key not in answers:
                yield part.key


def ticked(complaint: str, ids: Collection[str]) -> Finding:
    """What is new since: urgent rules of the complaint, each ticked by itself; what is none of them is let fall."""
    fired = tuple(rule for rule in urgent_rules(complaint) if rule.id in ids)
    return Finding(complaint, worst(rule.outcome for rule in fired), fired)


@cache
def urgent_rules(complaint: str) -> tuple[Rule, ...]:
    """None for what has no questions."""
    return tuple(rule for rule in rules() if rule.complaint == complaint and rule.outcome in URGENT)


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in read_table(DATA / "red_flags.csv"))


def by_id(ids: Collection[str]) -> list[Rule]:
    """In the order of the table; an id that a later table dropped is left out."""
    return [rule for rule in rules() if rule.id in ids]


@cache
def complaints() -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.complaint for rule in rules()))


@cache
def questions(complaint: str) -> tuple[Question, ...]:
    """In the order in which they are asked."""
    if complaint not in complaints():
        raise KeyError(complaint)
    mine = [rule for rule in rules() if rule.complaint == complaint]
    keys = dict.fromkeys(rule.key for rule in mine)
    return tuple(Question(key, mine_of[0].question, tuple(mine_of))
                 for key in keys if (mine_of := [rule for rule in mine if rule.key == key]))  # fmt: skip


@cache
def version() -> str:
    """Of the table: kept with every answer, so that what was asked then can be told later."""
    return sha256((DATA / "red_flags.csv").read_bytes()).hexdigest()[:12]


def read_trigger(text: str) -> tuple[Condition, ...]:
    """Clauses joined by AND. Raises ValueError for anything else: a rule that can't be read must not be silent."""
    return tuple(_clause(clause.strip()) for clause in text.split(" AND "))


def _clause(text: str) -> Condition:
    if text == "no rule above fired":
        return Condition("", "nothing above", "")
    found = CLAUSE.fullmatch(text)
    if not found:
        raise ValueError(f"not a trigger: {text!r}")
    name, compared, literal = found.groups()
    if compared is None:
        return {"any": Condition("value", "any", ""), YES: Condition("value", "==", YES)}.get(
            name, Condition(name, "==", YES)
        )
    if name not in {"value", KNOWN, *NAMED}:
        raise ValueError(f"nobody asks for {name!r}")
    return Condition(name, compared, int(literal) if literal.isdigit() else literal)


def _rule(row: dict[str, str]) -> Rule:
    conditions = read_trigger(row["trigger"])
    if unknown := {c.name for c in conditions} - {"value", "", KNOWN, *NAMED}:
        raise ValueError(f"{row['rule_id']}: nobody asks for {unknown}")
    return Rule(
        id=row["rule_id"],
        complaint=row["complaint"],
        question=row["question"],
        answer_type=row["answer_type"],
        conditions=conditions,
        stated=Outcome(row["urgency"]),
        message_key=row["message_key"],
        rationale=row["rationale"],
        source=row["source"],
        status=Status(row["source_status"]),
    )
