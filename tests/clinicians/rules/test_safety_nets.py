"""A sentence of a complaint has a row of the red-flag table behind it, and its source was seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from clinicians.rules.safety_nets import LABELS, OPENINGS, SIGNS, offered, signs_of
from portal.rules.provenance import Status, read_table

TABLE = Path(settings.BASE_DIR) / "patients" / "rules" / "data" / "red_flags.csv"


def test_no_sentence_comes_from_memory() -> None:
    signs = [sign for rows in SIGNS.values() for sign in rows]
    assert {sign.status for sign in signs} <= {Status.STORED, Status.STORED_SECONDARY, Status.CHECKED}
    assert all(sign.source for sign in signs)
    assert {sign.level for sign in signs} <= set(OPENINGS)


def test_each_complaint_offered_has_a_name_and_something_to_say() -> None:
    assert set(SIGNS) == set(LABELS) == set(offered())
    assert signs_of("tremor") == [], "every urgent row of tremor is from memory"


@pytest.mark.skipif(not TABLE.exists(), reason="the red-flag table is not here yet")
def test_each_sentence_says_what_its_row_says() -> None:
    rows = {row["rule_id"]: row for row in read_table(TABLE)}
    for complaint, signs in SIGNS.items():
        for sign in signs:
            row = rows[sign.rule]
            assert (row["complaint"], row["urgency"]) == (complaint, sign.level), sign.rule
            assert Status(row["source_status"]) == sign.status, sign.rule
