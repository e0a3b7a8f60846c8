"""Is the order whole, and does it say what it is for?"""

from __future__ import annotations

from typing import Final

from clinicians.rules.findings import Code, Finding, Tier
from clinicians.rules.medicines import Medicine, fact
from clinicians.rules.orders import Context, Order, amount, folded
from portal.rules.phrases import gettext_noop
from portal.rules.provenance import Status

# What may be missing, in the order in which people write a prescription. Pages translate the values.
PARTS: Final = {
    "medicine": gettext_noop("medicine"),
    "dose": gettext_noop("dose"),
    "unit": gettext_noop("unit"),
    "route": gettext_noop("route"),
    "frequency": gettext_noop("frequency"),
    "max_per_day": gettext_noop("most doses a day"),
}


def missing_parts(order: Order) -> list[str]:
    """Keys of PARTS that the order lacks; zero, negative and unreadable amounts count as missing."""
    has = {
        "medicine": bool(order.medicine.strip()),
        "dose": amount(order.dose) is not None,
        "unit": bool(order.unit.strip()),
        "route": bool(order.route.strip()),
        "frequency": order.as_needed or amount(order.per_day) is not None,
        "max_per_day": not order.as_needed or order.doses_a_day is not None,
    }
    return [part for part in PARTS if not has[part]]


def check(order: Order, medicine: Medicine | None, context: Context) -> list[Finding]:
    return [finding for finding in (_sig(order, medicine), _indication(order, medicine, context)) if finding]


def _sig(order: Order, medicine: Medicine | None) -> Finding | None:
    missing = missing_parts(order)
    if not missing:
        return None
    return Finding(
        code=Code.SIG_INCOMPLETE,
        tier=Tier.HARD_STOP,
        message_key="sig",
        params={
            "medicine": _name(order, medicine),
            "missing": ", ".join(PARTS[part] for part in missing),
            "missing_keys": ",".join(missing),
        },
        source="an order must carry dose, unit, route and frequency (or the most doses a day, as needed)",
        source_status=Status.JUDGEMENT,
        medicines=(_key(order, medicine),),
    )


def _indication(order: Order, medicine: Medicine | None, context: Context) -> Finding | None:
    """A reason on the order or a labelled use on the problem list is enough; another reason is only noted."""
    labelled = fact(medicine, "indication") if medicine else None
    uses = labelled.value.split("|") if labelled else []
    stated = bool(order.indication.strip())
    if _any_use(uses, [order.indication, *context.problems]) or (stated and not labelled):
        return None
    key = "indication_off_label" if stated else "indication_labelled" if labelled else "indication"
    return Finding(
        code=Code.INDICATION_MISSING,
        tier=Tier.INFO if stated else Tier.WARN,
        message_key=key,
        params={
            "medicine": _name(order, medicine),
            "indication": order.indication,
            "labelled": ", ".join(use for use in uses if not use[1:2].isdigit()),
        },
        source=labelled.source if labelled else "the order itself",
        source_status=labelled.status if labelled else Status.RECORD,
        medicines=(_key(order, medicine),),
    )


def _any_use(uses: list[str], reasons: list[str]) -> bool:
    return any(folded(use) in folded(reason) for use in uses for reason in reasons)


def _name(order: Order, medicine: Medicine | None) -> str:
    return medicine.generic if medicine else order.medicine


def _key(order: Order, medicine: Medicine | None) -> str:
    return medicine.key if medicine else order.medicine
