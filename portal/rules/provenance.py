"""Where a clinical number comes from, and how far it is verified.

Every table beside the rules keeps two columns: `source` and `source_status`. The ship rule: a row that
nobody has checked may inform and may ask, never stop a prescription and never print "abnormal".
"""

from __future__ import annotations

import csv
from enum import StrEnum
from pathlib import Path
from typing import Final


class Status(StrEnum):
    CHECKED = "checked"  # a clinician of the clinic compared the row with its source
    STORED = "stored"  # seen in a copy of the named source
    STORED_SECONDARY = "stored_secondary"  # seen in a copy of something that quotes it
    STORED_PAIRS = "stored (pairs); effect text from memory"
    COMPUTED = "computed"
    RECORD = "record"  # the patient's own record, or the order itself
    JUDGEMENT = "judgement"  # a rule of ours, written in docs/clinical.md
    MEMORY_VERIFY = "memory_verify"
    INFERENCE = "inference"
    MISSING = "missing"

    @property
    def may_stop(self) -> bool:
        return self not in UNVERIFIED


UNVERIFIED: Final = frozenset({Status.MEMORY_VERIFY, Status.INFERENCE, Status.MISSING})


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file beside the rules, every cell stripped; a ragged row raises ValueError."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{path.name} line {number}: wrong number of columns")
    return [{name: cell.strip() for name, cell in row.items()} for row in rows]
