"""docs/asvs.md is true: no requirement is missing, what it names exists, and no gap hides in a table."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from portal.passwords import OUR_WORDS

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs/asvs.md").read_text()
DECISIONS = (ROOT / "docs/security.md").read_text()
STANDARD = ROOT / "tests/data/asvs-5.0-levels-1-2.csv"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", re.M)
CITED = re.compile(r"`([^`]+)`|\]\(([^)]+)\)")
PLACES = ("tests/", "portal/", "faq/", "patients/", "clinicians/", "docs/", "deploy/")


class Row(NamedTuple):
    number: str
    level: str
    asks: str
    how: str

    @property
    def verdict(self) -> str:
        return {"GAP": "gap", "Not applicable": "na"}.get(self.how.split(":")[0], "met")


ROWS = [Row(*found) for found in ROW.findall(PAGE)]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def anchors(text: str) -> set[str]:
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.M)}


@cache
def functions(path: Path) -> set[str]:
    """As pytest names them: `test_it`, `TestThis::test_it`."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def is_citation(words: str) -> bool:
    return words.startswith((*PLACES, "security.md")) or (ROOT / words.split(":")[0]).is_file()


def fault_of(words: str) -> str:
    """What is wrong with a citation: `path`, `path::test`, `path:words in it`, or security.md#part."""
    if words.startswith("security.md"):
        _page, _hash, part = words.partition("#")
        return "" if not part or part in anchors(DECISIONS) else "no such part"
    path, mark, rest = words.partition(":")
    if not (ROOT / path).is_file():
        return "no such file"
    if rest.startswith(":"):
        is_test = rest.rpartition(":")[2].startswith("test_")
        return "" if is_test and rest[1:] in functions(ROOT / path) else "no such test"
    return "" if not mark or rest in (ROOT / path).read_text() else "no such words"


def cited(text: str) -> list[str]:
    return [words for found in CITED.findall(text) for words in found if words and is_citation(words)]


def test_every_requirement_stands_here_once() -> None:
    with STANDARD.open(newline="") as file:
        asked = [(row["number"], row["level"]) for row in csv.DictReader(file)]
    assert Counter(level for _number, level in asked) == {"1": 70, "2": 183}
    assert [(row.number, row.level) for row in ROWS] == asked
    # No row is written so that it is not read.
    assert len(re.findall(r"^\| *\d", PAGE, re.M)) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_what_a_row_names_exists(row: Row) -> None:
    assert {words: fault for words in cited(row.how) if (fault := fault_of(words))} == {}
    assert row.verdict != "met" or cited(row.how), "nothing is named that meets it"
    for name in re.findall(r"`([A-Z][A-Z_]{3,})`", row.how):
        assert re.search(rf"\b{name}\b", (ROOT / "portal/settings.py").read_text()), name


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("tests/house/test_asvs.py::test_every_requirement_stands_here_once", ""),
        ("tests/house/test_asvs.py::test_nothing", "no such test"),
        ("tests/house/test_asvs.py::cited", "no such test"),
        ("tests/portal/test_sign_in.py::TestGuessing::test_by_account", ""),
        ("tests/portal/test_sign_in.py::test_by_account", "no such test"),
        ("tests/house/test_nothing.py::test_nothing", "no such file"),
        ("portal/settings.py:SECRET_KEY_FALLBACKS", ""),
        ("portal/settings.py:" + "NOT_" + "A_SETTING", "no such words"),
        ("security.md#logs", ""),
        ("security.md#nothing", "no such part"),
    ],
)
def test_a_wrong_citation_is_found(words: str, fault: str) -> None:
    assert fault_of(words) == fault


def test_every_gap_is_told_at_the_top_and_says_what_closes_it() -> None:
    told = re.findall(r"^- \*\*(\S+)\*\* (.+)$", section("Gaps"), re.M)
    assert told == [
        (row.number, f"{row.asks}: {row.how.removeprefix('GAP: ')}") for row in ROWS if row.verdict == "gap"
    ]
    assert [number for number, words in told if "loses" not in words] == []
    # The list stands before every table.
    assert PAGE.index("\n## Gaps\n") < PAGE.index("\n## V1 ")


def test_what_is_not_applicable_says_why() -> None:
    reasons = {row.number: row.how.removeprefix("Not applicable:").strip() for row in ROWS if row.verdict == "na"}
    assert [number for number, reason in reasons.items() if not reason] == []


def test_nothing_is_put_off() -> None:
    """A row is met, not applicable or a gap that says what closes it; work under way is a gap until it is there."""
    assert not re.search("pending|arrives", PAGE, re.I)


def test_the_sum_is_right() -> None:
    count = Counter(row.verdict for row in ROWS)
    said = (
        f"Of {len(ROWS)} requirements {count['met']} are met, {count['na']} are not applicable,"
        f" and {count['gap']} are gaps."
    )
    assert said in PAGE


def test_the_words_no_password_is_made_of_are_written_down() -> None:
    listed = re.search(r"its host name, and \*([^*]+)\*", DECISIONS)
    assert listed
    assert tuple(re.split(r",\s+", listed[1])) == OUR_WORDS


def test_readers_are_led_here() -> None:
    for page in ("README.md", "docs/security.md", "CHANGELOG.md"):
        assert "asvs.md)" in (ROOT / page).read_text()
