"""What an invented clinic prescribes and measures: orders as the medicine checks find them, values of real analytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from clinicians.actions import checks
from clinicians.rules.medicines import find
from clinicians.rules.medicines_check import check_order, is_stopped
from clinicians.rules.orders import Context
from patients.rules.analytes import analytes

# Medicine, one dose, unit, times a day, indication.
ORDERS: Final = (
    ("ropinirole", "0.25", "mg", "1", "restless legs"),
    ("levothyroxine", "50", "ug", "1", "thyroid"),
    ("ibuprofen", "400", "mg", "2", "pain"),
    ("metformin", "500", "mg", "2", "diabetes"),
    ("naproxen", "250", "mg", "2", "pain"),
    ("pregabalin", "75", "mg", "2", "nerve pain"),
    # As patients wrote them down, a comma or a unit wrong.
    ("pramipexole", "50", "mg", "1", ""),
    ("levothyroxine", "50", "mg", "1", ""),
    ("ropinirole", "250", "mg", "1", ""),
)
PANELS: Final = {"thyroid": "Thyroid panel", "electrolyte": "Electrolytes", "renal": "Kidney values"}


@dataclass(frozen=True, slots=True)
class Dose:
    """An order as its row of COPY holds it, from the medicine to the note."""

    columns: tuple[str, ...]
    findings: str
    override: str


@dataclass(frozen=True, slots=True)
class Doses:
    sound: tuple[Dose, ...]
    stopped: tuple[Dose, ...]


@cache
def listed() -> Doses:
    """Those that the checks let pass, and those they stop."""
    sound: list[Dose] = []
    stopped: list[Dose] = []
    for medicine, dose, unit, times, indication in ORDERS:
        order: dict[str, Any] = {
            "medicine": medicine, "dose": Decimal(dose), "dose_unit": unit, "form": "tablet", "route": "oral",
            "times_a_day": Decimal(times), "days": 28, "indication": indication,
        }  # fmt: skip
        found = check_order(checks.order_from(order), [], Context())
        known = find(medicine)
        columns = (medicine, known.atc if known else "", dose, unit, "tablet", "oral", times, "f", "28", indication, "")
        override = "Agreed with the patient" if any(finding.reason_needed for finding in found) else ""
        # COPY reads a backslash as its own.
        findings = json.dumps([checks.as_json(finding) for finding in found], ensure_ascii=False).replace("\\", r"\\")
        (stopped if is_stopped(found) else sound).append(Dose(columns, findings, override))
    return Doses(tuple(sound), tuple(stopped))


@cache
def panels() -> tuple[tuple[str, tuple[tuple[str, str, str, float, float], ...]], ...]:
    """Each panel with what has one code, one unit and two limits in the table of analytes."""
    found = []
    for panel, title in PANELS.items():
        rows = [row for row in analytes() if row.panel == panel and len(row.loinc) == 1 and not row.sex]
        values = tuple(
            (next(iter(row.loinc)), row.name, row.unit, float(row.interval.low), float(row.interval.high))
            for row in rows
            if row.interval.low and row.interval.high
        )
        if values:
            found.append((title, values[:4]))
    return tuple(found)
