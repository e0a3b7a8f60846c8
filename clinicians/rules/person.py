"""The medicine and the person: recorded allergies, pregnancy, age."""

from __future__ import annotations

from typing import Final

from clinicians.rules.findings import Code, Finding, Tier, stop_if
from clinicians.rules.medicines import Medicine, find
from clinicians.rules.orders import Context, Order, folded
from portal.rules.provenance import Status

ANTIDEPRESSANTS: Final = frozenset({"TCA", "SSRI", "SNRI", "NaSSA", "NDRI"})
BOXED_UNDER: Final = 25
BOXED_SOURCE: Final = "boxed warning text (txvendordrug SSRI page, stored)"
CHILDBEARING: Final = range(12, 56)
HARMLESS: Final = ("safe", "acceptable", "first choice", "used", "often preferred", "continue")
LAY_ALLERGIES: Final = {"sulfa": "sulfonamide", "sulpha": "sulfonamide", "sulphonamide": "sulfonamide"}
NO_ALLERGY: Final = frozenset({"", "none", "no", "nil", "nka", "nkda", "noneknown", "noknownallergies"})


def check(order: Order, medicine: Medicine | None, context: Context) -> list[Finding]:
    findings = _allergies(order, medicine, context)
    if medicine:
        findings += [finding for finding in (_pregnancy(medicine, context), _young(medicine, context)) if finding]
    return findings


def _allergies(order: Order, medicine: Medicine | None, context: Context) -> list[Finding]:
    key = medicine.key if medicine else order.medicine
    if context.allergies is None:
        return [_recorded(Tier.PROMPT, "allergies_not_asked", key, medicine=order.medicine)]
    return [
        finding
        for allergy in context.allergies
        if folded(allergy) not in NO_ALLERGY and (finding := _allergy(order, medicine, key, allergy))
    ]


def _allergy(order: Order, medicine: Medicine | None, key: str, allergy: str) -> Finding | None:
    """The same substance stops; an allergy that the label names asks for a reason; one class warns."""
    allergen, params = find(allergy), {"medicine": order.medicine, "allergy": allergy}
    if _is_same(order, medicine, allergen, allergy):
        return _recorded(Tier.HARD_STOP, "allergy", key, **params)
    if medicine and _is_named(allergy, medicine):
        return _recorded(Tier.INTERRUPT, "allergy_related", key, **params)
    if medicine and allergen and allergen.atc4 == medicine.atc4:
        return _recorded(Tier.WARN, "allergy_related", key, **params)
    return None


def _is_same(order: Order, medicine: Medicine | None, allergen: Medicine | None, allergy: str) -> bool:
    if medicine and allergen:
        return medicine.key == allergen.key
    return folded(allergy) == folded(order.medicine)


def _is_named(allergy: str, medicine: Medicine) -> bool:
    """ "Penicillin" or "penicillin allergy" against the row's "penicillin allergy"."""
    word = folded(allergy.casefold().replace("allergy", ""))
    word = LAY_ALLERGIES.get(word, word)
    named = [folded(text) for text in medicine.contraindications if "allergy" in text]
    return len(word) > 3 and any(word in text or text.removesuffix("allergy") in word for text in named)


def _recorded(tier: Tier, message_key: str, key: str, **params: str) -> Finding:
    return Finding(
        code=Code.ALLERGY,
        tier=tier,
        message_key=message_key,
        params=params,
        source="the person's own record",
        source_status=Status.RECORD,
        medicines=(key,),
    )


def _pregnancy(medicine: Medicine, context: Context) -> Finding | None:
    if context.is_pregnant:
        return _about_pregnancy(medicine, "pregnancy", _pregnant_tier(medicine))
    may_be = context.sex.upper() != "M" and (context.age is None or context.age in CHILDBEARING)
    if context.is_pregnant is None and may_be and not medicine.pregnancy.startswith(HARMLESS):
        return _about_pregnancy(medicine, "pregnancy_unknown", Tier.PROMPT)
    return None


def _pregnant_tier(medicine: Medicine) -> Tier:
    if medicine.pregnancy.startswith("CONTRAINDICATED"):
        return stop_if(medicine.status)
    if medicine.pregnancy.startswith(HARMLESS):
        return Tier.INFO
    return Tier.INTERRUPT if medicine.pregnancy.startswith(("avoid", "stop", "teratogen")) else Tier.WARN


def _about_pregnancy(medicine: Medicine, message_key: str, tier: Tier) -> Finding:
    return Finding(
        code=Code.AGE_SEX,
        tier=tier,
        message_key=message_key,
        params={"medicine": medicine.generic, "pregnancy": medicine.pregnancy},
        source=medicine.source,
        source_status=medicine.status,
        medicines=(medicine.key,),
    )


def _young(medicine: Medicine, context: Context) -> Finding | None:
    if not medicine.groups & ANTIDEPRESSANTS or (context.age is not None and context.age >= BOXED_UNDER):
        return None
    return Finding(
        code=Code.AGE_SEX,
        tier=Tier.PROMPT,
        message_key="antidepressant_young",
        params={"medicine": medicine.generic},
        source=BOXED_SOURCE,
        source_status=Status.STORED,
        medicines=(medicine.key,),
    )
