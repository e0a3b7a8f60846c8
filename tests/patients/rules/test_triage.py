"""How soon: every row of the table, the ship rule over all of them, and what no answers at all may come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules import triage
from patients.rules.triage import Answer, Kind, Outcome, Rule
from portal.rules.provenance import UNVERIFIED, Status

RULES = triage.rules()
LEAST_OF_KIND = {Kind.YES_NO: "no", Kind.CHOICE: "no", Kind.SCALE: 0, Kind.MANY: []}


def harmless(complaint: str) -> dict[str, Answer]:
    """Every question answered with the least."""
    parts = [part for question in triage.questions(complaint) for part in question.parts]
    return {part.key: LEAST_OF_KIND[part.kind] for part in parts if part.kind is not Kind.TICK}  # type: ignore[misc]


def fired_by(rule: Rule) -> tuple[dict[str, Answer], int]:
    """Answers, and an age, at which this rule's conditions hold, and as little else as can be."""
    answers, age = harmless(rule.complaint), 50
    for condition in rule.conditions:
        if condition.name == triage.KNOWN:
            age = int(condition.literal) - (condition.is_like == "<")
        elif condition.is_like == "any":
            answers[rule.key] = [triage.LISTED[rule.key][0]]
        elif condition.is_like != "nothing above":
            answers[rule.part_of(condition)] = condition.literal
    return answers, age


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_row_fires_and_decides_at_least_its_urgency(rule: Rule) -> None:
    answers, age = fired_by(rule)
    found = triage.evaluate(rule.complaint, answers, age)
    assert rule in found.fired
    assert triage.WORST_FIRST.index(found.outcome) <= triage.WORST_FIRST.index(rule.outcome)
    assert found.unanswered == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_row_that_nobody_checked_sounds_the_alarm_or_reassures(rule: Rule) -> None:
    if rule.status in UNVERIFIED:
        assert rule.outcome in (Outcome.SAME_DAY, Outcome.ROUTINE)
    else:
        assert rule.outcome is rule.stated


def test_an_emergency_from_memory_is_looked_at_the_same_day() -> None:
    assert triage.allowed(Outcome.EMERGENCY_NOW, Status.MEMORY_VERIFY) is Outcome.SAME_DAY
    assert triage.allowed(Outcome.EMERGENCY_NOW, Status.CHECKED) is Outcome.EMERGENCY_NOW
    found = triage.evaluate("weakness_stroke", {**harmless("weakness_stroke"), "WK-01": "yes"}, 60)
    assert (found.outcome, [rule.id for rule in found.urgent]) == (Outcome.SAME_DAY, ["WK-01"])


def test_the_young_with_nothing_else_and_the_old_are_told_apart() -> None:
    quiet = harmless("twitching")
    assert triage.evaluate("twitching", quiet, 25).outcome is Outcome.SELF_CARE
    assert triage.evaluate("twitching", quiet, 42).outcome is Outcome.ROUTINE
    assert triage.evaluate("twitching", {**quiet, "TW-04": "yes"}, 25).outcome is Outcome.ROUTINE
    stays = {**quiet, "TW-11.stays_in_one_limb": "yes"}
    assert [rule.id for rule in triage.evaluate("twitching", stays, 45).fired] == ["TW-11a"]


def test_what_needs_two_things_needs_both() -> None:
    weak = {**harmless("twitching"), "TW-03": "within_4_weeks"}
    assert triage.evaluate("twitching", weak, 42).outcome is Outcome.ROUTINE
    assert triage.evaluate("twitching", {**weak, "TW-03.both_sides": "yes"}, 42).outcome is Outcome.EMERGENCY_NOW


@pytest.mark.parametrize("complaint", triage.complaints())
def test_what_may_be_an_emergency_and_was_not_answered_is_the_same_day(complaint: str) -> None:
    found = triage.evaluate(complaint, {}, 42)
    assert found.outcome is Outcome.SAME_DAY
    assert found.fired == () or complaint == "twitching"
    for question in triage.questions(complaint):
        answers = harmless(complaint)
        for part in question.parts:
            answers.pop(part.key, None)
        expected = question.may_be_an_emergency and any(p.kind is not Kind.MANY for p in question.parts)
        assert triage.evaluate(complaint, answers, 42).is_urgent is expected


answer = st.one_of(
    st.sampled_from(["yes", "no", "sudden", "gradual", "slowly", "saddle", "hours_days", "within_4_weeks"]),
    st.integers(0, 10),
    st.lists(st.sampled_from(["caffeine", "lithium"]), max_size=2),
)
KEYS = [part.key for complaint in triage.complaints() for q in triage.questions(complaint) for part in q.parts]


@given(
    st.sampled_from(triage.complaints()),
    st.dictionaries(st.sampled_from(KEYS), answer, max_size=12),
    st.integers(0, 110),
)
def test_whatever_is_answered_the_worst_decides_and_memory_never_more_than_today(
    complaint: str, answers: dict[str, Answer], age: int
) -> None:
    found = triage.evaluate(complaint, answers, age)
    assert all(triage.WORST_FIRST.index(found.outcome) <= triage.WORST_FIRST.index(r.outcome) for r in found.fired)
    if found.outcome is Outcome.EMERGENCY_NOW:
        assert any(rule.outcome is Outcome.EMERGENCY_NOW and rule.status.may_stop for rule in found.fired)
    if found.outcome is Outcome.SELF_CARE:
        assert all(rule.status.may_stop for rule in found.fired)


@given(st.sampled_from(triage.complaints()), st.lists(st.sampled_from([rule.id for rule in RULES] + ["XX-1"])))
def test_what_is_ticked_as_new_is_of_its_complaint_and_urgent(complaint: str, ids: list[str]) -> None:
    found = triage.ticked(complaint, ids)
    assert all(rule.complaint == complaint and rule.outcome in triage.URGENT and rule.id in ids for rule in found.fired)
    assert found.is_urgent is bool(found.fired)


def test_what_has_no_questions_has_no_signs() -> None:
    assert triage.ticked("something_else", ["TW-01"]).outcome is Outcome.ROUTINE
    with pytest.raises(KeyError):
        triage.evaluate("something_else", {}, 42)


@pytest.mark.parametrize("text", ["__import__('os')", "value == yes OR age", "value = yes", "height >= 3", ""])
def test_a_trigger_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a trigger|nobody asks"):
        triage.read_trigger(text)
