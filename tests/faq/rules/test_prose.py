from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from faq.rules.prose import blocks


def test_points_after_a_sentence_become_a_list() -> None:
    first, points = blocks("Key points. - One thing. - Another thing. - A third.")
    assert first.lines == ("Key points.",)
    assert points.is_list
    assert points.lines == ("One thing.", "Another thing.", "A third.")


def test_a_single_dash_is_left_in_the_sentence() -> None:
    assert [block.is_list for block in blocks("It lasts 5 - 6 weeks.")] == [False]


@given(st.text(max_size=500))
def test_no_word_is_lost(text: str) -> None:
    kept = "".join(line for block in blocks(text) for line in block.lines)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
