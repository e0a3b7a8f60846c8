"""Dose against the largest single dose, the largest daily dose, the strengths made, and the starting dose."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from clinicians.rules.findings import Code, Finding, Tier, ratio, stop_if
from clinicians.rules.medicines import Medicine, fact, is_modified_release
from clinicians.rules.orders import Context, Order, amount, converted, folded
from portal.rules.phrases import plain, times
from portal.rules.provenance import Status

# Where no maximum is known: our judgement, docs/clinical.md.
ASK_ABOVE_DDD: Final = 5
STOP_ABOVE_DDD: Final = 10
DDD_SOURCE: Final = "WHO ATC/DDD index 2026-04-25 (stored); the factors 5 and 10 are our judgement"
ADULT: Final = 18


@dataclass(frozen=True, slots=True)
class Reading:
    """An order in the formulary's own unit (and as salt)."""

    order: Order
    medicine: Medicine
    single: Decimal

    @property
    def daily(self) -> Decimal:
        """By the directions; without them, as if taken once."""
        return self.single * (self.order.doses_a_day or 1)

    @property
    def is_modified(self) -> bool:
        return is_modified_release(self.order.medicine, self.order.form)

    def params(self, **more: str) -> dict[str, str]:
        name, unit = self.medicine.generic, self.medicine.dose_unit
        return {
            "medicine": name,
            "unit": unit,
            "dose": plain(self.single),
            "daily": plain(self.daily),
            **more,
        }


def check(order: Order, medicine: Medicine, context: Context) -> list[Finding]:
    """Everything about the amount. Never raises; what cannot be compared is said."""
    reading = read(order, medicine)
    if isinstance(reading, Finding):
        return [reading]
    findings = [_single(reading), _daily(reading), _start(reading), _basis(reading), _child(reading, context)]
    return [finding for finding in findings if finding]


def read(order: Order, medicine: Medicine) -> Reading | Finding:
    """The amount in the formulary's unit, or why it cannot be compared."""
    if order.route.strip() and folded(order.route) not in ROUTES.get(medicine.route, {medicine.route}):
        return unchecked(medicine, "unchecked_route", route=order.route, known=medicine.route)
    value, unit = stated_amount(order)
    if value is None:
        return unchecked(medicine, "unchecked_no_dose")
    single = converted(value, unit, medicine.dose_unit)
    if single is None:
        return unchecked(medicine, "unchecked_unit", ordered=unit, unit=medicine.dose_unit)
    return Reading(order, medicine, single * _salt_factor(order, medicine))


ROUTES: Final = {
    "oral": {"oral", "po", "orally", "bymouth", "mouth", "o"},
    "transdermal": {"transdermal", "patch", "td"},
    "nasal": {"nasal", "intranasal", "nose"},
}


def stated_amount(order: Order) -> tuple[Decimal | None, str]:
    """The dose; where only a strength is written ("Pramipexole 50 mg"), at least one of those is taken."""
    if (dose := amount(order.dose)) is not None:
        return dose, order.unit
    return amount(order.strength), order.strength_unit or order.unit


def unchecked(medicine: Medicine, key: str, /, **params: str) -> Finding:
    return Finding(
        code=Code.NOT_CHECKED,
        tier=Tier.UNCHECKED,
        message_key=key,
        params={"medicine": medicine.generic, **params},
        source=medicine.source,
        source_status=medicine.status,
        medicines=(medicine.key,),
    )


def _salt_factor(order: Order, medicine: Medicine) -> Decimal:
    known = fact(medicine, "salt_per_base")
    if known is None or folded(order.basis) != "base":
        return Decimal(1)
    salt, base = known.value.split("/")
    return Decimal(salt) / Decimal(base)


def _single(reading: Reading) -> Finding | None:
    medicine, limit = reading.medicine, reading.medicine.max_single
    modified = fact(medicine, "max_single_modified")
    if limit is None:
        return None
    if modified and reading.is_modified:
        limit = Decimal(modified.value)
    if reading.single <= limit:
        return None
    if modified is None or reading.is_modified:
        return _over(reading, Code.DOSE_SINGLE, "dose_single", reading.single, limit)
    return _single_of_either(reading, limit, Decimal(modified.value))


def _single_of_either(reading: Reading, limit: Decimal, modified_limit: Decimal) -> Finding:
    """Above the ordinary limit, with a product of prolonged release about which nothing was said."""
    medicine, modified = reading.medicine, ratio(reading.single, modified_limit)
    if reading.single in medicine.modified_strengths:
        return _over(reading, Code.DOSE_SINGLE, "dose_single_release", reading.single, limit, tier=Tier.INTERRUPT)
    return _over(
        reading,
        Code.DOSE_SINGLE,
        "dose_single_modified",
        reading.single,
        limit,
        numbers={"modified_limit": modified_limit, "modified_ratio": modified},
        params={"modified_limit": plain(modified_limit), "modified_times": times(modified)},
    )


def _daily(reading: Reading) -> Finding | None:
    medicine = reading.medicine
    if medicine.max_daily is None:
        return _daily_by_ddd(reading)
    if reading.daily <= medicine.max_daily:
        return None
    numbers = {"ddd": medicine.ddd, "ddd_ratio": ratio(reading.daily, medicine.ddd)} if medicine.ddd else {}
    key = "dose_daily" if reading.order.doses_a_day else "dose_daily_once"
    return _over(reading, Code.DOSE_DAILY, key, reading.daily, medicine.max_daily, numbers=numbers)


def _daily_by_ddd(reading: Reading) -> Finding | None:
    medicine = reading.medicine
    if medicine.ddd is None:
        return unchecked(medicine, "unchecked_no_limit")
    if reading.daily <= medicine.ddd * ASK_ABOVE_DDD:
        return None
    return Finding(
        code=Code.DOSE_DAILY,
        tier=Tier.HARD_STOP if reading.daily > medicine.ddd * STOP_ABOVE_DDD else Tier.INTERRUPT,
        message_key="dose_daily_ddd",
        params=reading.params(limit=plain(medicine.ddd), times=times(ratio(reading.daily, medicine.ddd))),
        numbers=_numbers(reading.daily, medicine.ddd),
        source=DDD_SOURCE,
        source_status=Status.JUDGEMENT,
        medicines=(medicine.key,),
    )


def _start(reading: Reading) -> Finding | None:
    start = fact(reading.medicine, "start_dose")
    if start is None or not reading.order.is_new or reading.single <= Decimal(start.value):
        return None
    limit = Decimal(start.value)
    return Finding(
        code=Code.STARTING_DOSE,
        tier=Tier.WARN,
        message_key="starting_dose",
        params=reading.params(limit=plain(limit), times=times(ratio(reading.single, limit))),
        numbers=_numbers(reading.single, limit),
        source=start.source,
        source_status=start.status,
        medicines=(reading.medicine.key,),
    )


def _basis(reading: Reading) -> Finding | None:
    known = fact(reading.medicine, "salt_per_base")
    if known is None or folded(reading.order.basis) in {"salt", "base"}:
        return None
    salt, base = known.value.split("/")
    return Finding(
        code=Code.SALT_OR_BASE,
        tier=Tier.PROMPT,
        message_key="salt_or_base",
        params=reading.params(salt=salt, base=base),
        source=known.source,
        source_status=known.status,
        medicines=(reading.medicine.key,),
    )


def _child(reading: Reading, context: Context) -> Finding | None:
    if context.age is None or context.age >= ADULT:
        return None
    return unchecked(reading.medicine, "unchecked_child", age=str(context.age))


def _over(
    reading: Reading,
    code: Code,
    key: str,
    value: Decimal,
    limit: Decimal,
    *,
    tier: Tier | None = None,
    numbers: dict[str, Decimal] | None = None,
    params: dict[str, str] | None = None,
) -> Finding:
    """Above a maximum of the formulary: a stop when its row is verified, else "unverified limit"."""
    medicine = reading.medicine
    if not medicine.status.may_stop:
        key = "dose_single_unverified" if code is Code.DOSE_SINGLE else "dose_daily_unverified"
    return Finding(
        code=code,
        tier=tier or stop_if(medicine.status),
        message_key=key,
        params=reading.params(limit=plain(limit), times=times(ratio(value, limit)), **(params or {})),
        numbers={**_numbers(value, limit), **(numbers or {})},
        source=medicine.source,
        source_status=medicine.status,
        medicines=(medicine.key,),
    )


def _numbers(value: Decimal, limit: Decimal) -> dict[str, Decimal]:
    return {"dose": value, "limit": limit, "ratio": ratio(value, limit)}
