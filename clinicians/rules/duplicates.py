"""Two medicines that do the same: by ATC level 5 and 4, and by our groups that cross those levels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from clinicians.rules.dosing import Reading, read
from clinicians.rules.findings import Code, Finding, Tier, ratio, stop_if
from clinicians.rules.medicines import DATA, Medicine, find
from clinicians.rules.orders import Order, Overlap, folded
from portal.rules.phrases import plain, times
from portal.rules.provenance import Status, read_table

ATC_CODE: Final = re.compile(r"\b([A-Z]\d\d[A-Z]{1,2}(?:\d\d)?)\b(?:\*)?(?: above (\d+) mg)?")


@dataclass(frozen=True, slots=True)
class Member:
    """An ATC code or the beginning of one; perhaps only above so many milligrams a day."""

    atc: str
    above_mg: Decimal | None = None

    def fits(self, medicine: Medicine, daily: Decimal | None) -> bool:
        if not medicine.atc.startswith(self.atc):
            return False
        return self.above_mg is None or daily is None or daily > self.above_mg


@dataclass(frozen=True, slots=True)
class Group:
    group_id: str
    label: str
    members: tuple[Member, ...]
    severity: str
    source: str
    status: Status

    def holds(self, medicine: Medicine, daily: Decimal | None) -> bool:
        return any(member.fits(medicine, daily) for member in self.members)

    @property
    def tier(self) -> Tier:
        if self.severity.startswith("hard stop"):
            return stop_if(self.status)
        return Tier.INTERRUPT if self.severity == "interrupt" else Tier.WARN


@cache
def groups() -> dict[str, Group]:
    return {row["group_id"]: _group(row) for row in read_table(DATA / "duplicate_groups.csv")}


GENERAL: Final = {"DUP-L4", "DUP-L5", "DUP-X", "DUP-PARA"}


def check(order: Order, others: Sequence[Order]) -> list[Finding]:
    """Findings about `order` beside each other order that is active on some same day."""
    active = [other for other in others if order.overlaps(other)]
    pairs = [_pair(order, other) for other in active]
    return [finding for finding in (*pairs, _paracetamol(order, active)) if finding]


def _pair(order: Order, other: Order) -> Finding | None:
    medicine, beside = find(order.medicine), find(other.medicine)
    if medicine is None or beside is None:
        return _same_name(order, other)
    if medicine.atc == beside.atc:
        return _same_substance(order, other, medicine)
    group = _shared_group(order, other, medicine, beside)
    if group is None:
        return None
    if Overlap.TAPER in (order.overlap, other.overlap):
        # A cross-taper between two anticoagulants still needs its reason in words.
        tier = Tier.INTERRUPT if group.tier is Tier.HARD_STOP else Tier.INFO
        return _on_purpose(group, medicine, beside, tier)
    return Finding(
        code=_code(medicine, beside),
        tier=group.tier,
        asks_reason="reason" in group.severity,
        message_key="duplicate_class",
        params=_names(group, medicine, beside),
        source=group.source,
        source_status=group.status,
        medicines=(medicine.key, beside.key),
    )


def _shared_group(order: Order, other: Order, medicine: Medicine, beside: Medicine) -> Group | None:
    """The heaviest named group that holds both; else level 4, unless that level is a mixed bag."""
    one, two = _daily(order, medicine), _daily(other, beside)
    named = [group for key, group in groups().items() if key not in GENERAL]
    shared = [group for group in named if group.holds(medicine, one) and group.holds(beside, two)]
    if shared:
        return min(shared, key=lambda group: list(Tier).index(group.tier))
    same = medicine.atc4 == beside.atc4 and not groups()["DUP-X"].holds(medicine, one)
    return groups()["DUP-L4"] if same else None


def _same_substance(order: Order, other: Order, medicine: Medicine) -> Finding:
    group, beside = groups()["DUP-L5"], find(other.medicine) or medicine
    if order.overlap or other.overlap:
        return _on_purpose(group, medicine, beside, Tier.INFO)
    return Finding(
        code=Code.DUPLICATE_SUBSTANCE,
        tier=group.tier,
        message_key="duplicate_substance",
        params={**_names(group, medicine, beside), "medicine": order.medicine, "other": other.medicine},
        source=group.source,
        source_status=group.status,
        medicines=(medicine.key, beside.key),
    )


def _same_name(order: Order, other: Order) -> Finding | None:
    """Outside the formulary only the typed names can be compared."""
    if folded(order.medicine) != folded(other.medicine) or not folded(order.medicine):
        return None
    return Finding(
        code=Code.DUPLICATE_SUBSTANCE,
        tier=Tier.INTERRUPT,
        message_key="duplicate_name",
        params={"medicine": order.medicine},
        source="the two orders carry the same name",
        source_status=Status.RECORD,
        medicines=(order.medicine, other.medicine),
    )


def _code(medicine: Medicine, beside: Medicine) -> Code:
    if medicine.atc == beside.atc:
        return Code.DUPLICATE_SUBSTANCE
    return Code.DUPLICATE_ATC4 if medicine.atc4 == beside.atc4 else Code.DUPLICATE_CLASS


def _on_purpose(group: Group, medicine: Medicine, beside: Medicine, tier: Tier) -> Finding:
    return Finding(
        code=_code(medicine, beside),
        tier=tier,
        message_key="duplicate_taper",
        params=_names(group, medicine, beside),
        source=group.source,
        source_status=group.status,
        medicines=(medicine.key, beside.key),
    )


def _paracetamol(order: Order, active: Sequence[Order]) -> Finding | None:
    """All paracetamol of the day together, also from combinations, against the maximum of one."""
    group = groups()["DUP-PARA"]
    readings = [
        reading for one in (order, *active) if (reading := _reading(one)) and group.holds(reading.medicine, None)
    ]
    medicine = find(order.medicine)
    if len(readings) < 2 or medicine is None or not group.holds(medicine, None) or not medicine.max_daily:
        return None
    total = sum((reading.daily for reading in readings), Decimal(0))
    if total <= medicine.max_daily:
        return None
    return Finding(
        code=Code.DOSE_DAILY,
        tier=stop_if(medicine.status),
        message_key="paracetamol_sum",
        params={
            "daily": plain(total),
            "limit": plain(medicine.max_daily),
            "unit": medicine.dose_unit,
            "times": times(ratio(total, medicine.max_daily)),
        },
        numbers={"dose": total, "limit": medicine.max_daily, "ratio": ratio(total, medicine.max_daily)},
        source=medicine.source,
        source_status=medicine.status,
        medicines=tuple(reading.medicine.key for reading in readings),
    )


def _reading(order: Order) -> Reading | None:
    medicine = find(order.medicine)
    reading = read(order, medicine) if medicine else None
    return reading if isinstance(reading, Reading) else None


def _daily(order: Order, medicine: Medicine) -> Decimal | None:
    reading = read(order, medicine)
    return reading.daily if isinstance(reading, Reading) else None


def _names(group: Group, medicine: Medicine, beside: Medicine) -> dict[str, str]:
    is_general = group.group_id in GENERAL
    return {
        "medicine": medicine.generic,
        "other": beside.generic,
        "atc": medicine.atc,
        "other_atc": beside.atc,
        "group": medicine.class_name if is_general else group.label,
    }


def _group(row: dict[str, str]) -> Group:
    found = ATC_CODE.findall(row["members_or_atc"])
    return Group(
        group_id=row["group_id"],
        label=row["rule"].removesuffix(" across ATC-4"),
        members=tuple(Member(atc, Decimal(above) if above else None) for atc, above in found),
        severity=row["severity"],
        source=row["source"],
        status=Status(row["source_status"]),
    )
