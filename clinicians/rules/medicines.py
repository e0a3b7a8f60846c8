"""The formulary: what a typed name means, and what we hold on that medicine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from clinicians.rules.orders import amount, converted, folded
from portal.rules.provenance import Status, read_table

DATA: Final = Path(__file__).parent / "data"

# Words of a label that are not the name: "Endep 50 mg tablets", "Requip XL".
NOT_A_NAME: Final = re.compile(
    r"\b(\d[\d.,]*\s*(mg|mcg|ug|µg|g|ml)?|tab(let)?s?|cap(sule)?s?|er|xl|xr|sr|la|pr|mr|cr)\b", re.I
)
MODIFIED: Final = re.compile(r"\b(er|xl|xr|sr|la|pr|mr|cr|(prolonged|modified|extended|sustained)[ -]?release)\b", re.I)


@dataclass(frozen=True, slots=True)
class Medicine:
    """One row of the formulary. Amounts are in `dose_unit`, limits for adults by `route`."""

    key: str
    generic: str
    brands: tuple[str, ...]
    atc: str
    class_name: str
    route: str
    dose_unit: str
    strengths: tuple[Decimal, ...]
    modified_strengths: tuple[Decimal, ...]
    max_single: Decimal | None
    max_daily: Decimal | None
    ddd: Decimal | None
    groups: frozenset[str]
    pregnancy: str
    contraindications: tuple[str, ...]
    notes: str
    source: str
    status: Status

    @property
    def atc4(self) -> str:
        return self.atc[:5]

    @property
    def every_strength(self) -> tuple[Decimal, ...]:
        return tuple(sorted({*self.strengths, *self.modified_strengths}))

    def names(self) -> Iterator[str]:
        """Every name it goes by, also the ones in brackets."""
        for name in (self.key, self.generic, *self.brands):
            yield name
            yield from (part.strip(" )") for part in name.split("(") if part.strip(" )"))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a medicine beyond the formulary's columns, with its own source."""

    key: str
    brand: str
    fact: str
    value: str
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two names that are mixed up; with strengths when the mix-up is between strengths."""

    names: tuple[str, str]
    strengths: tuple[Decimal | None, Decimal | None]
    source: str
    status: Status


@cache
def formulary() -> tuple[Medicine, ...]:
    return tuple(_medicine(row) for row in read_table(DATA / "formulary.csv"))


@cache
def facts() -> tuple[Fact, ...]:
    rows = read_table(DATA / "medicine_facts.csv")
    return tuple(
        Fact(row["key"], row["brand"], row["fact"], row["value"], row["source"], Status(row["source_status"]))
        for row in rows
    )


@cache
def look_alikes() -> tuple[LookAlike, ...]:
    return tuple(_look_alike(row) for row in read_table(DATA / "lookalike_names.csv"))


@cache
def _by_name() -> dict[str, Medicine]:
    return {folded(name): medicine for medicine in reversed(formulary()) for name in medicine.names()}


def find(name: str) -> Medicine | None:
    """By generic or brand name, whatever the case, spacing, strength or form written with it."""
    known = _by_name()
    return known.get(folded(name)) or known.get(folded(NOT_A_NAME.sub(" ", name[:200])))


def suggestions(name: str, most: int = 3) -> list[str]:
    """Formulary names near a name that is not in it; never chosen for the person."""
    near = get_close_matches(folded(name)[:60], _by_name(), n=most * 2, cutoff=0.7)
    return list(dict.fromkeys(_by_name()[match].generic for match in near))[:most]


def fact(medicine: Medicine, kind: str, brand: str = "") -> Fact | None:
    """The fact of that kind; one about a brand counts only when that brand was typed."""
    for known in facts():
        is_it = known.key == medicine.key and known.fact == kind
        if is_it and (not known.brand or folded(known.brand) in folded(brand)):
            return known
    return None


def look_alikes_of(medicine: Medicine) -> list[tuple[str, LookAlike]]:
    """The other name of every listed pair that this medicine belongs to."""
    mine = {folded(name) for name in medicine.names()}
    pairs = [(pair, {folded(name) for name in pair.names} & mine) for pair in look_alikes()]
    return [
        (next((name for name in pair.names if folded(name) not in mine), pair.names[1]), pair)
        for pair, hit in pairs
        if hit
    ]


def is_modified_release(name: str, form: str) -> bool:
    return bool(MODIFIED.search(name[:200]) or MODIFIED.search(form[:200]))


def _medicine(row: dict[str, str]) -> Medicine:
    immediate, modified = _strengths(row["strengths"])
    unit = row["dose_unit"]
    ddd = _number(row["ddd"])
    return Medicine(
        key=row["key"],
        generic=row["generic"],
        brands=_listed(row["brands"]),
        atc=row["atc"],
        class_name=row["atc_level4_name"],
        route=row["route"],
        dose_unit=unit,
        strengths=immediate,
        modified_strengths=modified,
        max_single=_number(row["max_single"]),
        max_daily=_number(row["max_daily"]),
        ddd=converted(ddd, row["ddd_unit"], unit) if ddd else None,
        groups=frozenset(row["therapeutic_groups"].split("|")) - {""},
        pregnancy=row["pregnancy"],
        contraindications=_listed(row["contraindications"].replace(",", ";")),
        notes=row["notes"],
        source=row["source"],
        status=Status(row["source_status"]),
    )


def _look_alike(row: dict[str, str]) -> LookAlike:
    sides = [re.fullmatch(r"([a-z -]+?)(?: ([\d.]+)| \(.*\))?", row[side]) for side in ("a", "b")]
    if not (sides[0] and sides[1]):
        raise ValueError(f"look-alike pair not understood: {row['a']}, {row['b']}")
    first, second = sides[0], sides[1]
    return LookAlike(
        names=(first[1], second[1]),
        strengths=(_number(first[2] or ""), _number(second[2] or "")),
        source=row["source"],
        status=Status(row["source_status"]),
    )


def _strengths(text: str) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """ "1;2 (XL 4;8)" is 1 and 2, and 4 and 8 with modified release. A concentration is no strength."""
    outside, _, inside = text.partition("(")
    modified = inside if MODIFIED.match(inside) else ""
    return _numbers(outside), _numbers(modified)


def _numbers(text: str) -> tuple[Decimal, ...]:
    if "/" in text:
        return ()
    return tuple(Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", text))


def _number(text: str) -> Decimal | None:
    return amount(Decimal(text)) if text else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
