"""Does such a product exist, in this strength and form, in this quantity, and is its name mixed up?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from clinicians.rules.dosing import Reading, read, unchecked
from clinicians.rules.findings import Code, Finding, Tier, ratio, stop_if
from clinicians.rules.medicines import LookAlike, Medicine, fact, find, look_alikes_of
from clinicians.rules.orders import Order, amount, converted, folded
from portal.rules.phrases import plain, times
from portal.rules.provenance import Status

NO_TABLET: Final = re.compile(r"solution|syrup|liquid|drops?|suspension|inject|ampoule|infusion|spray", re.I)
# A dose made of more tablets than this is a typing error rather than a handful. Our judgement.
MOST_TABLETS: Final = 6
LONG_SUPPLY_DAYS: Final = 28
SUPPLY_SOURCE: Final = "overdose risk of tricyclic antidepressants; from memory, verify"


def check(order: Order, medicine: Medicine, others: Sequence[Order]) -> list[Finding]:
    findings = [_strength(order, medicine, others), _form(order, medicine), _supply(order, medicine)]
    findings += [_quantity(order, medicine), *_look_alikes(order, medicine)]
    return [finding for finding in findings if finding]


def _strength(order: Order, medicine: Medicine, others: Sequence[Order]) -> Finding | None:
    reading = read(order, medicine)
    if isinstance(reading, Finding):
        return None  # dosing says why
    if not medicine.every_strength or NO_TABLET.search(order.form) or folded(order.basis) == "base":
        return unchecked(medicine, "unchecked_strength")
    stated = _stated_strength(order, medicine)
    if stated in medicine.every_strength or (stated is None and is_made_of_tablets(reading.single, medicine)):
        return None
    return _not_marketed(reading, stated, others)


def _stated_strength(order: Order, medicine: Medicine) -> Decimal | None:
    strength = amount(order.strength)
    return strength and converted(strength, order.strength_unit or order.unit, medicine.dose_unit)


def is_made_of_tablets(dose: Decimal, medicine: Medicine) -> bool:
    """Whether up to six tablets, whole or half, add up to the dose."""
    return dose in _handfuls(medicine.every_strength)


@cache
def _handfuls(strengths: tuple[Decimal, ...]) -> frozenset[Decimal]:
    sizes = {*strengths, *(strength / 2 for strength in strengths)}
    sums = set(sizes)
    for _ in range(MOST_TABLETS - 1):
        sums |= {some + one for some in sums for one in sizes}
    return frozenset(sums)


def _not_marketed(reading: Reading, stated: Decimal | None, others: Sequence[Order]) -> Finding:
    """A stated strength nobody makes, or a dose beyond any handful, stops; an odd dose is asked about."""
    medicine, strength = reading.medicine, stated or reading.single
    largest = max(medicine.every_strength)
    is_impossible = stated is not None or strength > largest * MOST_TABLETS
    elsewhere = _sold_as(strength, medicine, others)
    key = ("strength_elsewhere" if elsewhere else "strength") if strength > largest else "strength_unknown"
    immediate = max(medicine.strengths or medicine.every_strength)
    return Finding(
        code=Code.STRENGTH_NOT_MARKETED,
        tier=stop_if(medicine.status) if is_impossible else Tier.WARN,
        message_key=key,
        params=reading.params(
            strength=plain(strength),
            strengths=", ".join(map(plain, medicine.every_strength)),
            times=times(ratio(strength, immediate)),
            elsewhere=", ".join(elsewhere),
        ),
        numbers={"dose": strength, "limit": immediate, "ratio": ratio(strength, immediate)},
        source=medicine.source,
        source_status=medicine.status,
        medicines=(medicine.key,),
    )


def _sold_as(strength: Decimal, medicine: Medicine, others: Sequence[Order]) -> list[str]:
    """Medicines likely to be meant (mixed-up names, the other orders) that do come in this strength."""
    likely = [name for name, _ in look_alikes_of(medicine)] + [other.medicine for other in others]
    known = {name: find(name) for name in likely}
    return [
        name
        for name, candidate in known.items()
        if candidate and candidate.key != medicine.key and strength in candidate.every_strength
    ]


def _form(order: Order, medicine: Medicine) -> Finding | None:
    known = fact(medicine, "form", brand=order.medicine)
    form = folded(order.form)
    if known is None or not form or any(folded(one) in form for one in known.value.split("|")):
        return None
    return Finding(
        code=Code.FORM_MISMATCH,
        tier=Tier.WARN,
        message_key="form",
        params={"name": known.brand or medicine.generic, "form": order.form, "forms": known.value},
        source=known.source,
        source_status=known.status,
        medicines=(medicine.key,),
    )


def _supply(order: Order, medicine: Medicine) -> Finding | None:
    if "TCA" not in medicine.groups or not order.days or order.days < LONG_SUPPLY_DAYS:
        return None
    return Finding(
        code=Code.QUANTITY,
        tier=Tier.INFO,
        message_key="supply",
        params={"medicine": medicine.generic, "days": str(order.days)},
        numbers={"days": Decimal(order.days)},
        source=SUPPLY_SOURCE,
        source_status=Status.MEMORY_VERIFY,
        medicines=(medicine.key,),
    )


def _quantity(order: Order, medicine: Medicine) -> Finding | None:
    """Tablets supplied against tablets used, where everything needed to count them is known."""
    dose, strength, quantity = amount(order.dose), amount(order.strength), amount(order.quantity)
    daily, days = order.doses_a_day, amount(None if order.days is None else Decimal(order.days))
    if not (dose and strength and quantity and daily and days):
        return None
    one = converted(dose, order.unit, order.strength_unit or order.unit)
    if one is None:
        return None
    expected = one / strength * daily * days
    if expected <= quantity * 2 and quantity <= expected * 2:
        return None
    return Finding(
        code=Code.QUANTITY,
        tier=Tier.WARN,
        message_key="quantity",
        params={
            "medicine": medicine.generic,
            "quantity": plain(quantity),
            "expected": plain(expected.to_integral_value()),
            "days": plain(days),
        },
        numbers={"quantity": quantity, "expected": expected},
        source="arithmetic on the order",
        source_status=Status.COMPUTED,
        medicines=(medicine.key,),
    )


def _look_alikes(order: Order, medicine: Medicine) -> list[Finding]:
    stated = {amount(order.dose), amount(order.strength)}
    return [
        Finding(
            code=Code.LASA,
            tier=Tier.INFO,
            message_key="look_alike",
            params={"medicine": _tall(pair, 0), "other": _tall(pair, 1)},
            source=pair.source,
            source_status=pair.status,
            medicines=(medicine.key,),
        )
        for _, pair in look_alikes_of(medicine)
        if not any(pair.strengths) or stated & set(pair.strengths)
    ]


def _tall(pair: LookAlike, side: int) -> str:
    """The name with its differing letters raised where we hold that, and its strength if that is the trap."""
    medicine, strength = find(pair.names[side]), pair.strengths[side]
    spelling = fact(medicine, "tall_man") if medicine else None
    return " ".join([spelling.value if spelling else pair.names[side], *([plain(strength)] if strength else [])])
