"""docs/clinical.md states how many rows are verified; a reader must be able to believe it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portal.rules.provenance import Status, read_table

ROOT = Path(__file__).parents[3]
LINE = re.compile(r"^\| `(\w+/rules/data/\w+\.csv)` \| (.*) \|$", re.M)
COLUMNS = (
    {Status.STORED},
    {Status.STORED_SECONDARY},
    {Status.STORED_PAIRS},
    {Status.JUDGEMENT},
    {Status.MEMORY_VERIFY},
    {Status.INFERENCE, Status.MISSING},
)
STATED = dict(LINE.findall((ROOT / "docs" / "clinical.md").read_text(encoding="utf-8")))


def test_every_table_is_in_the_document() -> None:
    tables = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/rules/data/*.csv")}
    with_status = {table for table in tables if "source_status" in (ROOT / table).read_text().splitlines()[0]}
    assert STATED.keys() == with_status


@pytest.mark.parametrize("table", sorted(STATED))
def test_the_counts_are_true(table: str) -> None:
    counted = Counter(Status(row["source_status"]) for row in read_table(ROOT / table))
    total, *stated = (int(cell or 0) for cell in map(str.strip, STATED[table].split("|")))
    assert stated == [sum(counted[status] for status in column) for column in COLUMNS]
    assert total == counted.total()


@pytest.mark.parametrize("table", sorted(STATED))
def test_every_row_names_its_source(table: str) -> None:
    assert all(row["source"] for row in read_table(ROOT / table))
