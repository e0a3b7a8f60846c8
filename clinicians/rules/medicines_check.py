"""The one door to the prescription checks, and the canary that proves they are alive."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from clinicians.rules import completeness, dosing, duplicates, interactions, person, products
from clinicians.rules.findings import Code, Finding, Tier, by_weight
from clinicians.rules.medicines import find, suggestions
from clinicians.rules.orders import Context, Order, folded
from portal.rules.provenance import Status


class ChecksAreDown(Exception):
    """The checks no longer stop what must be stopped. Nothing may be signed until they do."""


def check_order(order: Order, others: Sequence[Order], context: Context) -> list[Finding]:
    """All that can be said of one order beside the person's others, heaviest first.

    Total: any input gives an answer, and the last line always says what was not checked.
    """
    medicine = find(order.medicine)
    findings = [] if medicine else [_unknown(order)]
    if medicine:
        findings += dosing.check(order, medicine, context)
        findings += products.check(order, medicine, others)
    findings += duplicates.check(order, others)
    findings += interactions.check(order, others)
    findings += person.check(order, medicine, context)
    findings += completeness.check(order, medicine, context)
    return by_weight([*findings, *_unchecked(order, others)])


def is_stopped(findings: Sequence[Finding]) -> bool:
    return any(finding.tier is Tier.HARD_STOP for finding in findings)


def canary() -> bool:
    """True while pramipexole 50 mg beside ropinirole is stopped and named; else ChecksAreDown."""
    order = Order(medicine="Pramipexole", dose=Decimal(50), unit="mg", route="oral", per_day=Decimal(1))
    findings = check_order(order, [Order(medicine="ropinirole", dose=Decimal("0.5"), unit="mg")], Context())
    seen = {(finding.code, finding.tier) for finding in findings}
    expected = {
        (Code.DOSE_SINGLE, Tier.HARD_STOP),
        (Code.DOSE_DAILY, Tier.HARD_STOP),
        (Code.STRENGTH_NOT_MARKETED, Tier.HARD_STOP),
        (Code.DUPLICATE_ATC4, Tier.INTERRUPT),
    }
    if missing := expected - seen:
        raise ChecksAreDown(f"silent: {', '.join(sorted(code for code, _ in missing))}")
    return True


def _unknown(order: Order) -> Finding:
    """Nothing was compared, so the prescriber says that they checked it by hand."""
    near = suggestions(order.medicine)
    return Finding(
        code=Code.UNKNOWN_MEDICINE,
        tier=Tier.INTERRUPT,
        message_key="unknown_medicine_near" if near else "unknown_medicine",
        params={"medicine": order.medicine, "near": ", ".join(near)},
        source="the formulary",
        source_status=Status.MISSING,
        medicines=(order.medicine,),
    )


def _unchecked(order: Order, others: Sequence[Order]) -> list[Finding]:
    unknown = [other.medicine for other in others if folded(other.medicine) and find(other.medicine) is None]
    findings = [_not_checked(order, "unchecked_others", others=", ".join(unknown))] if unknown else []
    return [*findings, _not_checked(order, "unchecked_scope")]


def _not_checked(order: Order, message_key: str, **params: str) -> Finding:
    return Finding(
        code=Code.NOT_CHECKED,
        tier=Tier.UNCHECKED,
        message_key=message_key,
        params=params,
        source="docs/clinical.md",
        source_status=Status.MISSING,
        medicines=(order.medicine,),
    )
