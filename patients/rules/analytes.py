"""What the laboratory measures: LOINC, UCUM units, and the fallback intervals of data/lab_analytes.csv."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from portal.rules.provenance import Status, read_table

DATA: Final = Path(__file__).parent / "data"
PREGNANCY_PANEL: Final = "thyroid_pregnancy"

# How people and machines write what UCUM writes otherwise; keys without case.
UCUM: Final = {
    "miu/l": "m[IU]/L",
    "mu/l": "m[IU]/L",
    "uiu/ml": "m[IU]/L",
    "µiu/ml": "m[IU]/L",
    "u[iu]/ml": "m[IU]/L",
    "iu/ml": "[IU]/mL",
    "iu/l": "[IU]/L",
    "kiu/l": "k[IU]/L",
    "mcg/dl": "ug/dL",
    "mcg/l": "ug/L",
    "meq/l": "meq/L",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Low and high of one unit; None is an open side."""

    low: Decimal | None
    high: Decimal | None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Analyte:
    """One row: the same quantity in its conventional and its SI unit."""

    panel: str
    name: str
    loinc: frozenset[str]
    unit: str
    unit_si: str
    factor: Decimal | None  # conventional times factor is SI; None when not linear
    sex: str
    interval: Interval
    interval_si: Interval
    critical: Interval
    critical_unit: str
    note: str
    source: str
    status: Status  # of the row: its critical limits and factor
    interval_status: Status

    def in_unit(self, value: Decimal, unit: str, to: str) -> Decimal | None:
        """`value` in the other of the row's two units; None for any other unit."""
        if ucum(unit) == ucum(to):
            return value
        if self.factor is None:
            return None
        if (ucum(unit), ucum(to)) == (ucum(self.unit), ucum(self.unit_si)):
            return value * self.factor
        if (ucum(unit), ucum(to)) == (ucum(self.unit_si), ucum(self.unit)):
            return value / self.factor
        return None

    def interval_in(self, unit: str) -> Interval | None:
        if ucum(unit) == ucum(self.unit):
            return self.interval
        return self.interval_si if self.unit_si and ucum(unit) == ucum(self.unit_si) else None

    def critical_in(self, unit: str) -> Interval:
        if not self.critical:
            return self.critical
        return Interval(*(self._critical_side(side, unit) for side in (self.critical.low, self.critical.high)))

    def _critical_side(self, side: Decimal | None, unit: str) -> Decimal | None:
        return None if side is None else self.in_unit(side, self.critical_unit, unit)


def plain_unit(ucum: str) -> str:
    """UCUM as people write it: [IU] is IU, ug is µg."""
    shown = ucum.replace("[", "").replace("]", "")
    return f"µ{shown[1:]}" if shown.startswith(("ug", "uL", "umol", "uIU", "uU")) else shown


def ucum(unit: str) -> str:
    """One spelling a unit: "mIU/L" and "uIU/mL" are "m[IU]/L"; case and micro signs do not matter."""
    text = "".join(unit.split()).replace("μ", "u").replace("µ", "u").casefold()
    return UCUM.get(text, text).casefold()


@cache
def analytes() -> tuple[Analyte, ...]:
    return tuple(_analyte(row) for row in read_table(DATA / "lab_analytes.csv"))


def rows_of(loinc: str) -> list[Analyte]:
    """The rows of a code, those for pregnancy left out."""
    return [row for row in analytes() if loinc in row.loinc and row.panel != PREGNANCY_PANEL]


def pregnancy_rows(loinc: str) -> list[Analyte]:
    """Local trimester intervals from the literature: to be read beside a result, never to judge it."""
    return [row for row in analytes() if loinc in row.loinc and row.panel == PREGNANCY_PANEL]


def converted(value: Decimal, loinc: str, unit: str, to: str) -> Decimal | None:
    """Between the two units of the table, by its factor; None when it has none (HbA1c is not linear)."""
    return next((result for row in rows_of(loinc) if (result := row.in_unit(value, unit, to)) is not None), None)


def _analyte(row: dict[str, str]) -> Analyte:
    return Analyte(
        panel=row["panel"],
        name=row["analyte"],
        loinc=frozenset({row["loinc_conv"], row["loinc_si"]}) - {""},
        unit=row["unit_conv_ucum"],
        unit_si=row["unit_si_ucum"],
        factor=_number(row["factor_conv_to_si"]),
        sex=row["sex"],
        interval=Interval(_number(row["ref_low_conv"]), _number(row["ref_high_conv"])),
        interval_si=Interval(_number(row["ref_low_si"]), _number(row["ref_high_si"])),
        critical=Interval(_number(row["critical_low"]), _number(row["critical_high"])),
        critical_unit=row["critical_unit"],
        note=row["interpretation_note"],
        source=row["source"],
        status=Status(row["source_status"]),
        interval_status=Status(row["interval_status"]),
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
