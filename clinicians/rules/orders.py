"""What is asked of the checks: an order, the person's other orders, and what is known of the person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

# Outside these an amount is a typing accident, not a dose in any unit we know.
LEAST: Final = Decimal("0.000001")
MOST: Final = Decimal(1_000_000)


class Overlap(StrEnum):
    """Why two orders of the same substance or class may stand side by side."""

    NONE = ""
    SPLIT_STRENGTH = "split_strength"
    TAPER = "taper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One line of a prescription. What is not known is None or empty; nothing is guessed."""

    medicine: str  # generic or brand, as typed
    dose: Decimal | None = None  # one dose
    unit: str = ""
    form: str = ""
    route: str = ""
    per_day: Decimal | None = None  # doses a day
    as_needed: bool = False
    max_per_day: Decimal | None = None  # doses a day at most, when taken as needed
    strength: Decimal | None = None  # of one tablet, when stated
    strength_unit: str = ""
    days: int | None = None
    quantity: Decimal | None = None  # tablets supplied
    indication: str = ""
    basis: str = ""  # "salt" or "base", where labels differ
    is_new: bool = True
    overlap: Overlap = Overlap.NONE
    starts_on: date | None = None
    ends_on: date | None = None

    def overlaps(self, other: Order) -> bool:
        """Both active on some day; an unknown date is taken as open."""
        return not (_ends_before(self, other) or _ends_before(other, self))

    @property
    def doses_a_day(self) -> Decimal | None:
        """The most doses a day that this order allows, or None when it does not say.

        "Three times a day as needed" is read as at most three.
        """
        most = amount(self.max_per_day) if self.as_needed else None
        return most or amount(self.per_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The person. None means: not asked."""

    age: int | None = None
    sex: str = ""  # "F", "M" or empty
    is_pregnant: bool | None = None
    allergies: Sequence[str] | None = None
    problems: Sequence[str] = ()  # names or ICD-10 codes


def _ends_before(first: Order, second: Order) -> bool:
    return first.ends_on is not None and second.starts_on is not None and first.ends_on < second.starts_on


def amount(value: Decimal | None) -> Decimal | None:
    """A usable positive amount, or None for nothing, zero, negative, infinite and absurd ones."""
    if value is None or not value.is_finite():
        return None
    return value if LEAST <= value <= MOST else None


MILLIGRAMS: Final = {"g": Decimal(1000), "mg": Decimal(1), "ug": Decimal("0.001")}
UNIT_NAMES: Final = {
    "gram": "g",
    "grams": "g",
    "gm": "g",
    "milligram": "mg",
    "milligrams": "mg",
    "mgs": "mg",
    "mcg": "ug",
    "µg": "ug",
    "μg": "ug",
    "microgram": "ug",
    "micrograms": "ug",
}


def unit_name(unit: str) -> str:
    """ "Micrograms", "mcg" and "µg" are one unit; "mg levodopa" is milligrams."""
    words = unit.strip().casefold().split()
    if not words:
        return ""
    return UNIT_NAMES.get(words[0], words[0])


def converted(value: Decimal, unit: str, to: str) -> Decimal | None:
    """`value` in the other unit, or None when one cannot be turned into the other."""
    source, target = unit_name(unit), unit_name(to)
    if source == target and source:
        return value
    if source in MILLIGRAMS and target in MILLIGRAMS:
        return value * MILLIGRAMS[source] / MILLIGRAMS[target]
    return None


def folded(text: str) -> str:
    """A name without case, spaces and punctuation, for comparing."""
    return re.sub(r"[\W_]+", "", text.casefold())
