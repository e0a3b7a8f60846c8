"""Pairs of medicines that do not go together, from the lists in data/interactions.csv."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from clinicians.rules.findings import Code, Finding, Tier, stop_if
from clinicians.rules.medicines import DATA, find
from clinicians.rules.orders import Order, folded
from portal.rules.provenance import Status, read_table

PASSIVE: Final = {"monitor": Tier.MONITOR, "info": Tier.INFO}


@dataclass(frozen=True, slots=True)
class Pair:
    rule_id: str
    a: frozenset[str]
    b: frozenset[str]
    severity: str
    is_interruptive: bool
    effect: str
    action: str
    source: str
    status: Status

    @property
    def tier(self) -> Tier:
        """What the list calls not interruptive is never more than a line to read."""
        if not self.is_interruptive:
            return PASSIVE.get(self.severity, Tier.INFO)
        if self.severity == "contraindicated":
            return stop_if(self.status)
        return Tier.INTERRUPT if self.severity == "avoid" else Tier.WARN

    def joins(self, one: frozenset[str], two: frozenset[str]) -> bool:
        return bool((self.a & one and self.b & two) or (self.a & two and self.b & one))


@cache
def pairs() -> tuple[Pair, ...]:
    """Every row that names its medicines. A row whose two sides are one class belongs to duplicates."""
    every = [_pair(row) for row in read_table(DATA / "interactions.csv")]
    return tuple(pair for pair in every if pair.a and pair.b and pair.a != pair.b)


@cache
def uncheckable() -> tuple[str, ...]:
    """Rules of the table that name a class or a licensed list instead of medicines."""
    every = [_pair(row) for row in read_table(DATA / "interactions.csv")]
    return tuple(pair.rule_id for pair in every if not (pair.a and pair.b))


def check(order: Order, others: Sequence[Order]) -> list[Finding]:
    mine = names_of(order.medicine)
    return [
        _finding(pair, order, other)
        for other in others
        if order.overlaps(other)
        for pair in pairs()
        if pair.joins(mine, names_of(other.medicine))
    ]


@lru_cache(maxsize=1024)
def names_of(typed: str) -> frozenset[str]:
    """The typed name, and the formulary's names for it: a pair may name what the formulary lacks."""
    medicine = find(typed)
    known = {folded(name) for name in medicine.names()} if medicine else set()
    return frozenset(known | {folded(typed)}) - {""}


def _finding(pair: Pair, order: Order, other: Order) -> Finding:
    medicine, beside = find(order.medicine), find(other.medicine)
    return Finding(
        code=Code.INTERACTION,
        tier=pair.tier,
        message_key="interaction",
        params={
            "medicine": medicine.generic if medicine else order.medicine,
            "other": beside.generic if beside else other.medicine,
            "effect": pair.effect,
            "action": pair.action,
            "rule": pair.rule_id,
            "severity": pair.severity,
        },
        source=pair.source,
        source_status=pair.status,
        medicines=(medicine.key if medicine else order.medicine, beside.key if beside else other.medicine),
    )


def _pair(row: dict[str, str]) -> Pair:
    return Pair(
        rule_id=row["rule_id"],
        a=_members(row["a_members"]),
        b=_members(row["b_members"]),
        severity=row["severity"],
        is_interruptive=row["interruptive"] == "yes",
        effect=row["effect"],
        action=row["action"],
        source=row["source"],
        status=Status(row["source_status"]),
    )


def _members(text: str) -> frozenset[str]:
    """Names; what stands in brackets is a class or a list we do not hold."""
    return frozenset(map(folded, re.sub(r"\(.*?\)", "", text).split(";"))) - {""}
