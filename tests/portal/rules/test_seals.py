"""The bytes under a seal: distinct rows give distinct bytes, and nothing of a row is lost in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.seals import NOTHING, decode, encode, in_groups, seal_hash

one = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
)
values = st.recursive(one, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@given(values)
def test_what_is_encoded_can_be_read_back(value: Any) -> None:
    """So two values with the same bytes are the same value."""
    assert decode(encode(value)) == value


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_distinct_rows_have_distinct_bytes(first: list[str], second: list[str]) -> None:
    assert (encode(first) == encode(second)) == (first == second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["a", ""], ["a"]),
        ("1", 1),
        (None, ""),
        (None, "n0:"),
        ([], None),
        ([["a"], "b"], [["a", "b"]]),
        (UUID(int=1), str(UUID(int=1))),
        (datetime(2026, 1, 1, tzinfo=UTC), int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)),
    ],
)
def test_what_looks_alike_is_told_apart(first: Any, second: Any) -> None:
    assert encode(first) != encode(second)


@pytest.mark.parametrize("framed", [b"s3:ab", b"s2:abc", b"x0:", b"s", b"s1"])
def test_bytes_that_are_none_of_ours_are_refused(framed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(framed)


def test_a_hash_stands_on_all_before_it() -> None:
    told = seal_hash(NOTHING, [["a"], ["b"]], [1])
    others = [
        seal_hash(told, [["a"], ["b"]], [1]),
        seal_hash(NOTHING, [["b"], ["a"]], [1]),
        seal_hash(NOTHING, [["a"]], [1]),
        seal_hash(NOTHING, [["a"], ["b"]], [2]),
        seal_hash(NOTHING, [["a"], ["b"], [1]], []),
    ]
    assert told not in others
    assert len(set(others)) == len(others)
    assert in_groups(told).replace(" ", "") == told
