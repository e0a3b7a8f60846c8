"""When to get help sooner: a text to start from, by department or by complaint. A clinician edits it before it is sent.

The department's texts are a judgement of ours, not yet signed off by a clinician of the clinic; see docs/clinical.md.
What a complaint adds is one sentence for each row of the red-flag table that was seen in a source: rule, source and
status stand beside it. A row from memory makes no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.rules.phrases import gettext_noop
from portal.rules.provenance import Status

STATUS: Final = Status.JUDGEMENT

NEUROLOGY: Final = gettext_noop(
    "Call {emergency} at once for sudden weakness or numbness of one side, trouble speaking or swallowing, "
    "trouble breathing, a fit, or the worst headache of your life.\n"
    "Call us the same day, on {phone}, if a hand, foot or leg becomes weak or thin, if you start to fall, "
    "or if a medicine makes you faint, confused or suddenly sleepy.\n"
    "Write to us here if it has not changed by your follow-up."
)
ANY: Final = gettext_noop(
    "Call {emergency} at once for chest pain, trouble breathing, fainting, or if you fear for your life.\n"
    "Call us the same day, on {phone}, if it gets clearly worse or something new worries you.\n"
    "Write to us here if it has not changed by your follow-up."
)
BY_DEPARTMENT: Final = {"neurology": NEUROLOGY}


def template_for(department_slug: str) -> str:
    """With places for {emergency} and {phone}; the shelf above translates and fills them."""
    return BY_DEPARTMENT.get(department_slug, ANY)


class Level(StrEnum):
    """As the red-flag table has them; what is routine or one's own to look after is no reason to call sooner."""

    NOW = "emergency_now"
    SAME_DAY = "same_day"


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason to get help sooner, in words for patients."""

    rule: str
    level: Level
    text: str
    source: str
    status: Status


IATROX: Final = "NG127/NG42 as quoted by iatrox.com"
SNNOOP10: Final = "SNNOOP10, Do et al. Neurology 2019;92:134-44 (abstract)"
CAUDA: Final = "NICE CKS cauda equina red flags (copies of 2018; BMJ Best Practice 3000164)"
STORED, SECONDARY = Status.STORED, Status.STORED_SECONDARY
NOW, SAME_DAY = Level.NOW, Level.SAME_DAY

SIGNS: Final[Mapping[str, tuple[Sign, ...]]] = {
    "twitching": (
        Sign("TW-01", NOW, gettext_noop("you get short of breath, or can't breathe well when you lie flat"),
             IATROX, SECONDARY),
        Sign("TW-03a", NOW, gettext_noop("your face, an arm or a leg suddenly becomes weak"), IATROX, SECONDARY),
        Sign("TW-03b", NOW, gettext_noop("an arm or a leg becomes weak within hours or days"), IATROX, SECONDARY),
        Sign("TW-03c", NOW, gettext_noop("both arms or both legs become weaker within a few weeks"), IATROX, SECONDARY),
        Sign("TW-05", NOW, gettext_noop("it comes with vomiting, sweating, drooling, watery eyes or small pupils, or "
             "after contact with a pesticide or an unknown tablet"),
             "cholinergic toxidrome teaching texts", SECONDARY),
        Sign("TW-06", NOW, gettext_noop("you get a fever, stiff muscles, confusion or restlessness after you start, "
             "change or stop a medicine"), "pramipexole monograph (MIMS Piritan)", STORED),
        Sign("TW-10b", NOW, gettext_noop("you go numb between your legs"), "NICE CKS (copies)", SECONDARY),
        Sign("TW-02b", SAME_DAY, gettext_noop("swallowing becomes hard, or your speech becomes slurred or nasal"),
             IATROX, SECONDARY),
        Sign("TW-07b", SAME_DAY, gettext_noop("you lost awareness for a while, or an arm or leg jerked in a rhythm "
             "you could not stop"), "NG127 1.1.1 (NCBI niceng127 ch5)", STORED),
        Sign("TW-08", SAME_DAY, gettext_noop("your hands or face cramp, or it tingles round your mouth"),
             "eJIFCC decision limits PMC4975205", STORED),
    ),
    "headache": (
        Sign("HA-01", NOW, gettext_noop("the worst headache of your life comes on within minutes"), SNNOOP10, STORED),
        Sign("HA-02", NOW, gettext_noop("you have a headache with fever, a stiff neck, a rash or drowsiness"),
             SNNOOP10, STORED),
        Sign("HA-03", NOW, gettext_noop("you have a headache with weakness, numbness, confusion, a fit, or trouble "
             "with speech or sight"), SNNOOP10, STORED),
        Sign("HA-06", NOW, gettext_noop("an eye is red and hurts, and you see blurred or see rings round lights"),
             SNNOOP10, STORED),
        Sign("HA-04", SAME_DAY, gettext_noop("the headache comes after a knock on the head"), SNNOOP10, STORED),
        Sign("HA-05", SAME_DAY, gettext_noop("it comes while you are pregnant, or within six weeks after giving birth"),
             SNNOOP10, STORED),
        Sign("HA-07", SAME_DAY, gettext_noop("you are over 50 and it is the first headache of this kind, or your jaw "
             "hurts when you chew, or your scalp is sore"), SNNOOP10, STORED),
        Sign("HA-08", SAME_DAY, gettext_noop("it comes and you have cancer, or an illness or a medicine that weakens "
             "your defences"), SNNOOP10, STORED),
    ),
    "numbness_tingling": (
        Sign("NT-02", NOW, gettext_noop("the numbness climbs up both legs or hands within hours or days, or comes with "
             "weakness or trouble walking"), IATROX, SECONDARY),
        Sign("NT-03", NOW, gettext_noop("you go numb between your legs, or your bladder, bowels or sexual feeling "
             "change"), "NICE CKS (copies; BMJ Best Practice)", SECONDARY),
    ),
    "seizure_blackout": (
        Sign("BL-02", SAME_DAY, gettext_noop("you have your first fit, or a blackout with a bitten tongue, confusion "
             "afterwards or your head turning to one side"), "NG127 1.1.1 (NCBI niceng127 ch5)", STORED),
    ),
    "dizziness": (
        Sign("DZ-01", NOW, gettext_noop("dizziness comes suddenly with double vision, slurred speech, deafness, "
             "weakness or new unsteadiness"), "NG127 1.2.1 (nice.org.uk)", STORED),
        Sign("DZ-02", NOW, gettext_noop("everything suddenly spins without a pause, you vomit and can't walk"),
             "NG127 1.2.2-1.2.4", STORED),
    ),
    "weakness_stroke": (
        Sign("WK-02", NOW, gettext_noop("weakness climbs up your body within hours or days"), IATROX, SECONDARY),
    ),
    "back_pain": (
        Sign("BP-01", NOW, gettext_noop("pain runs down both legs"), CAUDA, SECONDARY),
        Sign("BP-02", NOW, gettext_noop("you go numb between your legs"), CAUDA, SECONDARY),
        Sign("BP-03", NOW, gettext_noop("you can't pass urine, can't feel it, or lose control of your bowels"),
             CAUDA, STORED),
        Sign("BP-04", NOW, gettext_noop("a leg becomes weaker and weaker"), CAUDA, SECONDARY),
    ),
}  # fmt: skip
LABELS: Final[Mapping[str, str]] = {
    "twitching": gettext_noop("Twitching"),
    "headache": gettext_noop("Headache"),
    "numbness_tingling": gettext_noop("Numbness or tingling"),
    "seizure_blackout": gettext_noop("Fit or blackout"),
    "dizziness": gettext_noop("Dizziness"),
    "weakness_stroke": gettext_noop("Weakness"),
    "back_pain": gettext_noop("Back pain"),
}
# Before its signs. The department's text stands above both: it says what holds whatever the complaint.
OPENINGS: Final[Mapping[Level, str]] = {
    Level.NOW: gettext_noop("Call {emergency} at once as well if:"),
    Level.SAME_DAY: gettext_noop("Call us the same day as well, on {phone}, if:"),
}


def signs_of(complaint: str) -> list[Sign]:
    """Those of which the source was seen. Empty for a complaint that has none."""
    return [sign for sign in SIGNS.get(complaint, ()) if sign.status.may_stop]


def offered() -> list[str]:
    """Complaints with a text of their own, in the order of the table."""
    return [complaint for complaint in LABELS if signs_of(complaint)]
