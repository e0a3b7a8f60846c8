"""What the medicine checks found, for the person who takes the medicine. Calm, short, and no diagnosis.

Findings arrive as they are kept with a prescription: dicts with `code`, `tier`, `numbers` and `medicines`.
What is only for prescribers (a missing reason, a salt or a base) says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from portal.rules.phrases import gettext_noop

Finding = Mapping[str, Any]
# Findings of these weights are worth asking about before the next dose.
HEAVY: Final = frozenset({"hard_stop", "interrupt", "warn"})


class Advice(StrEnum):
    DONT = "dont"
    ASK = "ask"
    TAKE = "take"
    LISTED = "listed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of WORDS and what fills it."""

    key: str
    other: str = ""

    def english(self) -> str:
        return WORDS[self.key].format(other=self.other)


WORDS: Final[dict[str, str]] = {
    "DOSE_HIGH": gettext_noop("The dose on your list is far above the largest that is used."),
    "DOSE": gettext_noop("The dose on your list may be higher than is usual."),
    "STRENGTH_NOT_MARKETED": gettext_noop(
        "We know no tablet of this strength. The name, the number or the unit may be wrong."
    ),
    "STARTING_DOSE": gettext_noop("This is more than people usually begin with."),
    "DUPLICATE_SUBSTANCE": gettext_noop("It holds the same substance as {other}, which is on your list too."),
    "DUPLICATE_CLASS": gettext_noop("It works in the same way as {other}, which is on your list too."),
    "INTERACTION": gettext_noop("It may not go well together with {other}."),
    "ALLERGY": gettext_noop("Your record says you are allergic to it, or to something like it."),
    "AGE_SEX": gettext_noop("The clinic wants to ask you a question about it first."),
    "LASA": gettext_noop("Its name looks like {other}. Compare it with the box."),
    "NAMED_BY": gettext_noop("The clinic checks it together with {other}."),
    "UNKNOWN_MEDICINE": gettext_noop("We don't know this name, so we could not check it. Compare it with the box."),
}
ALIASES: Final = {"DOSE_DAILY": "DOSE", "DOSE_SINGLE": "DOSE", "DUPLICATE_ATC4": "DUPLICATE_CLASS"}
# Said whatever their weight: the person has the box in hand, we have not.
ALWAYS: Final = frozenset({"LASA", "UNKNOWN_MEDICINE"})
# A finding of these kinds is about both medicines, with whichever of them it is kept.
BOTH: Final = frozenset({"DUPLICATE_SUBSTANCE", "DUPLICATE_CLASS", "INTERACTION"})
# Said already by "far above the largest dose".
WITHIN_DOSE_HIGH: Final = frozenset({"DOSE", "STARTING_DOSE"})


def reasons(medicine: str, findings: Iterable[Finding]) -> list[Reason]:
    """Each sentence once, heaviest first, as the checks ordered them."""
    found = (_reason(medicine, finding) for finding in findings if _is_said(finding))
    said = list(dict.fromkeys(reason for reason in found if reason))
    is_high = any(reason.key == "DOSE_HIGH" for reason in said)
    return [reason for reason in said if not (is_high and reason.key in WITHIN_DOSE_HIGH)]


def named_by(medicine: str, others: Iterable[tuple[str, Sequence[Finding]]]) -> Reason | None:
    """The other medicines (name, findings) whose weighty findings are about this one too."""
    names = [
        name
        for name, findings in others
        if any(_key(f) in BOTH and f["tier"] in HEAVY and _names(f, medicine) for f in findings)
    ]
    return Reason("NAMED_BY", ", ".join(names)) if names else None


def _names(finding: Finding, medicine: str) -> bool:
    return medicine.casefold() in (name.casefold() for name in finding.get("medicines", ()))


def advice(*, status: str, is_prescribed: bool, has_hard_stop: bool, findings: Sequence[Finding]) -> Advice:
    """What to do with it now. A prescriber has answered the lesser findings of what is prescribed here."""
    if status == "stopped":
        return Advice.STOPPED
    if has_hard_stop or status == "on_hold":
        return Advice.DONT
    if is_prescribed:
        return Advice.TAKE
    return Advice.ASK if any(_is_heavy(finding) for finding in findings) else Advice.LISTED


def _is_heavy(finding: Finding) -> bool:
    return finding["tier"] in HEAVY and _key(finding) in WORDS


def _is_said(finding: Finding) -> bool:
    return _is_heavy(finding) or finding["code"] in ALWAYS


def _key(finding: Finding) -> str:
    code = str(finding["code"])
    return ALIASES.get(code, code)


def _reason(medicine: str, finding: Finding) -> Reason | None:
    key = _key(finding)
    if key == "DOSE" and finding["tier"] == "hard_stop":
        key = "DOSE_HIGH"
    others = [name for name in finding.get("medicines", ()) if name.casefold() != medicine.casefold()]
    if "{other}" in WORDS[key] and not others:
        return None
    return Reason(key, ", ".join(others) if "{other}" in WORDS[key] else "")
