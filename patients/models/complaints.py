"""The words of the safety questions: what a complaint is called, what the options say, and each urgent sign by itself.

The questions themselves are the text of patients/rules/data/red_flags.csv; what is written here has no clinical limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.rules import triage
from patients.rules.triage import Part, Question, Rule

Words = Promise | str
LONGEST_TITLE = 120
# In the order in which they are offered; the last has no questions.
SOMETHING_ELSE = "something_else"
COMPLAINTS: dict[str, Words] = {
    "twitching": gettext_lazy("Twitching muscles"),
    "headache": gettext_lazy("Headache"),
    "numbness_tingling": gettext_lazy("Numbness or tingling"),
    "tremor": gettext_lazy("Shaking or trembling"),
    "seizure_blackout": gettext_lazy("A fit, or a blackout"),
    "dizziness": gettext_lazy("Dizziness"),
    "weakness_stroke": gettext_lazy("Weakness"),
    "back_pain": gettext_lazy("Back pain"),
    SOMETHING_ELSE: gettext_lazy("Something else"),
}
OPTIONS: dict[str, Words] = {
    "yes": gettext_lazy("Yes"),
    "no": gettext_lazy("No"),
    "sudden": gettext_lazy("Yes, suddenly"),
    "gradual": gettext_lazy("Yes, little by little"),
    "hours_days": gettext_lazy("Yes, over hours or days"),
    "within_4_weeks": gettext_lazy("Yes, within the last four weeks"),
    "slowly": gettext_lazy("Yes, slowly, over longer"),
    "feels_weak_but_can_do_everything": gettext_lazy("It feels weak, but I can do everything"),
    "sudden_one_side": gettext_lazy("Yes, suddenly, on one side"),
    "saddle": gettext_lazy("Yes, between the legs, where one sits on a saddle"),
    "rising_hours_days": gettext_lazy("Yes, rising over hours or days"),
    "one_hand_or_feet_slow": gettext_lazy("Yes, in one hand or in the feet, slowly"),
    "caffeine": gettext_lazy("Coffee or tea with caffeine"),
    "energy_drinks": gettext_lazy("Energy drinks"),
    "stimulants": gettext_lazy("Stimulants"),
    "decongestants": gettext_lazy("Medicines for a blocked nose"),
    "exercise": gettext_lazy("Hard exercise"),
    "poor_sleep": gettext_lazy("Poor sleep"),
    "alcohol": gettext_lazy("Less alcohol than before"),
    "diuretic": gettext_lazy("A water tablet (diuretic)"),
    "steroid": gettext_lazy("A steroid"),
    "estrogen": gettext_lazy("Estrogen, also in the pill"),
    "salbutamol": gettext_lazy("Salbutamol"),
    "lithium": gettext_lazy("Lithium"),
    "antidepressant": gettext_lazy("An antidepressant"),
    "pyridostigmine": gettext_lazy("Pyridostigmine"),
    "dopamine": gettext_lazy("A dopamine medicine"),
}
# Where the table asks two things in one sentence, or names what the record knows.
PARTS: dict[str, Words] = {
    "TW-03.both_sides": gettext_lazy("It is on both sides"),
    "TW-07.still_happening": gettext_lazy("It is still happening"),
    "TW-11.stays_in_one_limb": gettext_lazy("Does the twitching stay in one arm or leg, rather than move around?"),
    "TW-12": gettext_lazy("Which of these go with it?"),
    "TW-13": gettext_lazy("Which of these medicines do you take?"),
    "TW-15.self_harm": gettext_lazy("Have you had any thought of harming yourself?"),
    "TW-15.worry": gettext_lazy("How worried are you about a serious disease, from 0 (not at all) to 10?"),
}
# Signs that share a question or are asked in a sentence, each as one line that can be ticked. The others are their
# question.
SIGNS: dict[str, Words] = {
    "TW-01": gettext_lazy("New trouble breathing, or breathlessness when lying flat"),
    "TW-05": gettext_lazy(
        "It began with vomiting, sweating or drooling, or after contact with a poison or unknown tablet"
    ),
    "TW-02a": gettext_lazy("Trouble swallowing, or slurred or nasal speech, that came suddenly"),
    "TW-02b": gettext_lazy("Trouble swallowing, or slurred or nasal speech, that came little by little"),
    "TW-03a": gettext_lazy("An arm, leg, hand, foot or the neck became truly weaker suddenly"),
    "TW-03b": gettext_lazy("An arm, leg, hand, foot or the neck became truly weaker over hours or days"),
    "TW-03c": gettext_lazy("True weakness on both sides that came within four weeks"),
    "TW-07a": gettext_lazy("I lost awareness or a limb jerks in a rhythm, and it is still happening"),
    "TW-07b": gettext_lazy("I lost awareness, or a limb jerked in a rhythm I could not stop"),
    "TW-10a": gettext_lazy("Numbness or tingling that came suddenly on one side"),
    "TW-10b": gettext_lazy("Numbness between the legs, where one sits on a saddle"),
    "TW-10c": gettext_lazy("Numbness or tingling that rises over hours or days"),
    "TW-15a": gettext_lazy("A thought of harming myself"),
}


def label_of(part: Part, question: Question) -> str:
    return str(PARTS.get(part.key) or _(question.text))


def sign(rule: Rule) -> str:
    """One urgent sign in the words of who has it."""
    return str(SIGNS.get(rule.id) or _(rule.question).rstrip("?"))


def title_of(rules: Sequence[Rule]) -> str:
    """The worst sign, and how many more; of none, that something was left open."""
    if not rules:
        return _("A safety question was not answered")
    first = min(rules, key=lambda rule: triage.WORST_FIRST.index(rule.outcome))
    more = _(" (and %(n)s more)") % {"n": len(rules) - 1} if len(rules) > 1 else ""
    words = sign(first)
    room = LONGEST_TITLE - len(more)
    return (words if len(words) <= room else f"{words[: room - 1]}…") + more


def signs_of(complaint: str) -> list[tuple[str, str]]:
    """What may be ticked as new, for a complaint that has questions."""
    return [(rule.id, sign(rule)) for rule in triage.urgent_rules(complaint)]


def said(answer: triage.Answer) -> str:
    """An answer as people read it."""
    if isinstance(answer, list):
        return ", ".join(option_words(answer)) or _("None")
    return str(OPTIONS.get(str(answer), answer))


def option_words(options: Iterable[str]) -> list[str]:
    return [str(OPTIONS.get(option, option)) for option in options]
