from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.rules.manuscript import differences, read

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    '<a href="https://example.org" onclick="alert(1)">x</a>',
    "<iframe src=//evil.example></iframe>",
    "<https://example.org/?a=<script>>",
    "## <svg onload=alert(1)>",
    '## "><script>',
    "`<script>`",
    "<style>*{display:none}</style>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_markdown_runs_loads_or_styles(text: str) -> None:
    html = read(text).html
    tags = re.findall(r"<[^>]*>", html)
    assert not [
        tag for tag in tags if re.search(r"<(script|img|iframe|svg|style)|\son\w+=|javascript:|data:", tag, re.I)
    ]


@given(st.text(max_size=300))
def test_only_known_tags_come_out(text: str) -> None:
    allowed = r"</?(h[234]|p|br|hr|strong|em|ul|ol|li|blockquote|a|code|pre|table|thead|tbody|tr|th|td)\b[^<>]*>"
    assert re.sub(allowed, "", read(text).html).count("<") == 0


def test_headings_go_one_level_down_and_into_the_contents() -> None:
    text = read("# Causes\n\n## Causes\n\n### In sport\n\nWords")
    assert [heading.title for heading in text.contents] == ["Causes", "Causes"]
    assert [heading.anchor for heading in text.contents] == ["about-causes", "about-causes-2"]
    assert '<h2 id="about-causes">' in text.html
    assert "<h1" not in text.html


def test_links_leave_no_trace() -> None:
    assert 'rel="nofollow noopener"' in read("[x](https://example.org)").html


@given(st.text(max_size=200), st.text(max_size=200))
def test_differences_hold_both_texts(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "ins") == before
    assert "".join(piece.text for piece in pieces if piece.change != "del") == after
