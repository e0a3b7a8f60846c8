"""Rows of invented test results, whose figures agree with each other."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from patients.rules.nerve_conduction import velocity

D = Decimal
Row = dict[str, Any]
Site = tuple[str, str, str, str]  # stimulation site, latency ms, amplitude, mm from the site before

ORDER = ("motor", "sensory", "f_wave")
MUSCLES = {
    "median": "abductor pollicis brevis (APB)",
    "ulnar": "abductor digiti minimi (ADM)",
    "tibial": "abductor hallucis (AHB)",
    "fibular (peroneal)": "extensor digitorum brevis (EDB)",
}

# LOINC, name, unit (UCUM), and the range this sample laboratory prints.
ANALYTES = {
    "tsh": ("3016-3", "TSH", "m[IU]/L", "0.45", "4.5"),
    "ft4": ("14920-3", "Free T4", "pmol/L", "9", "19"),
    "ft3": ("14928-6", "Free T3", "pmol/L", "3.1", "6.8"),
    "potassium": ("2823-3", "Potassium", "mmol/L", "3.5", "5.0"),
    "magnesium": ("2601-3", "Magnesium", "mmol/L", "0.70", "1.00"),
    "calcium": ("2000-8", "Calcium", "mmol/L", "2.20", "2.65"),
    "ck": ("2157-6", "Creatine kinase", "U/L", "26", "192"),
    "creatinine": ("14682-9", "Creatinine", "umol/L", "44", "104"),
    "b12": ("14685-2", "Vitamin B12", "pmol/L", "148", "664"),
}


def labs(**values: str) -> list[Row]:
    """Laboratory values by the names above, each with the sender's range."""
    return [_lab(*ANALYTES[name], value) for name, value in values.items()]


def _lab(loinc: str, name: str, unit: str, low: str, high: str, value: str) -> Row:
    return {"loinc": loinc, "name": name, "value": D(value), "unit": unit, "low": D(low), "high": D(high)}


def motor(nerve: str, side: str, *sites: Site, f_wave: str = "") -> list[Row]:
    """A motor nerve, stimulated at one site after another; the velocities follow from the distances."""
    rows: list[Row] = []
    for site, latency, amplitude, distance in sites:
        row = {
            "study_type": "motor",
            "nerve": nerve,
            "side": side,
            "stimulation_site": site,
            "recording_site": MUSCLES[nerve],
            "latency_ms": D(latency),
            "amplitude": D(amplitude),
            "amplitude_unit": "mV",
            "distance_mm": D(distance),
        }
        if rows:
            row["velocity_m_s"] = velocity(D(distance), D(latency), rows[-1]["latency_ms"])
        rows.append(row)
    return [*rows, *([_f_wave(nerve, side, f_wave)] if f_wave else [])]


def _f_wave(nerve: str, side: str, latency: str) -> Row:
    return {
        "study_type": "f_wave",
        "nerve": nerve,
        "side": side,
        "stimulation_site": "wrist" if nerve in ("median", "ulnar") else "ankle",
        "recording_site": MUSCLES[nerve],
        "f_latency_ms": D(latency),
    }


def sensory(nerve: str, side: str, stimulation: str, recording: str, onset: str, microvolts: str, mm: str) -> Row:
    """A sensory nerve: its velocity is the distance over the onset latency."""
    return {
        "study_type": "sensory",
        "nerve": nerve,
        "side": side,
        "stimulation_site": stimulation,
        "recording_site": recording,
        "latency_ms": D(onset),
        "amplitude": D(microvolts),
        "amplitude_unit": "uV",
        "distance_mm": D(mm),
        "velocity_m_s": velocity(D(mm), D(onset), D(0)),
    }


def joined(*groups: Row | Iterable[Row]) -> list[Row]:
    """In the order of a report: motor, sensory, then F-waves."""
    rows = [row for group in groups for row in ([group] if isinstance(group, dict) else group)]
    return sorted(rows, key=lambda row: ORDER.index(row["study_type"]))
