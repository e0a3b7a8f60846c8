"""The colours, computed from the stylesheet itself: WCAG 2.2 ratios of every pair we set on each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "portal" / "static" / "portal" / "css"
TOKEN = re.compile(r"--fc-([a-z0-9-]+):\s*(light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)|(#[0-9a-f]{6}));", re.I)
SCHEMES = ("light", "dark")

# ink, ground: text needs 4.5 to 1.
TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunken"), ("ink", "field"),
    ("ink-2", "paper"), ("ink-2", "surface"), ("ink-2", "sunken"),
    ("ink-3", "paper"), ("ink-3", "surface"), ("ink-3", "field"), ("ink-3", "sunken"),
    ("link", "paper"), ("link", "surface"), ("link", "sunken"), ("link-hover", "paper"), ("link-hover", "surface"),
    ("link", "urgent-bg"), ("link", "note-bg"), ("link", "info-bg"), ("link", "ok-bg"),
    ("link", "mint"), ("link", "sand"),
    ("brand", "surface"), ("on-brand", "brand"), ("on-action", "action"), ("on-action", "action-hover"),
    ("action", "surface"), ("action-hover", "action-tint"),
    ("ink", "sand"), ("ink-2", "sand"), ("ink", "mint"), ("ink-2", "mint"), ("on-sand-line", "sand-line"),
    ("mint-ink", "mint"), ("mint-ink", "brand-tint"), ("mint-ink", "action-tint"), ("mint-ink", "surface"),
    ("ink", "action-tint"), ("ink-2", "action-tint"), ("ink", "brand-tint"),
    ("urgent", "urgent-bg"), ("urgent", "surface"), ("urgent", "paper"), ("urgent", "action-tint"),
    ("ink", "urgent-bg"),
    ("on-fill", "urgent-fill"), ("on-fill", "urgent-fill-hover"), ("on-fill", "info-fill"),
    ("attn", "attn-bg"), ("attn", "surface"), ("attn", "sunken"), ("info", "info-bg"), ("ink", "info-bg"),
    ("ok", "ok-bg"), ("ok", "surface"), ("ink", "ok-bg"), ("violet", "violet-bg"),
    ("ink", "note-bg"), ("ink-2", "note-bg"),
    ("spark-ink", "paper"), ("on-count", "count"), ("on-count", "focus"), ("on-night", "night"),
    ("on-deep", "deep"), ("on-deep-2", "deep"), ("on-fill", "deep"), ("on-fill", "deep-hover"),
    ("on-deep-button", "deep-button"), ("on-deep-button", "deep-button-hover"),
    ("rail-ink", "rail"), ("rail-ink-2", "rail"), ("rail-ink", "rail-on"), ("on-fill", "rail-on"),
    ("on-rail-hot", "rail-hot"), ("on-fill", "rail-field"), ("on-deep-2", "rail-field"),
]  # fmt: skip

# mark, ground: what is seen but not read needs 3 to 1.
GRAPHICS = [
    ("spark", "surface"), ("spark", "paper"), ("field-line", "field"), ("field-line", "paper"), ("brand", "paper"),
    ("mint-line", "surface"), ("sand-strong", "surface"), ("urgent-fill", "surface"), ("info-fill", "surface"),
    ("action", "action-tint"), ("action", "paper"), ("rail-spark", "rail-on"), ("deep-line", "rail-field"),
    ("focus", "rail"), ("focus", "deep"), ("focus", "urgent-fill"),
]  # fmt: skip


def tokens() -> dict[str, dict[str, str]]:
    found = TOKEN.findall((CSS / "tokens.css").read_text())
    return {name: {"light": light or plain, "dark": dark or plain} for name, _, light, dark, plain in found}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def test_the_ruler_measures_black_on_white_as_twenty_one() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, scheme: str) -> None:
    known = tokens()
    assert ratio(known[ink][scheme], known[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("mark", "ground"), GRAPHICS)
def test_marks_can_be_seen(mark: str, ground: str, scheme: str) -> None:
    known = tokens()
    assert ratio(known[mark][scheme], known[ground][scheme]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken", "sand", "mint", "deep", "rail", "action"])
def test_one_tone_of_the_focus_ring_is_seen_on_every_ground(ground: str, scheme: str) -> None:
    known = tokens()
    tones = (known["focus"][scheme], known["focus-ink"][scheme])
    assert max(ratio(tone, known[ground][scheme]) for tone in tones) >= 3


def test_no_colour_is_written_outside_the_tokens() -> None:
    """Print is the exception: paper is white and ink is black."""
    sheets = [sheet for sheet in CSS.glob("*.css") if sheet.name not in {"tokens.css", "print.css"}]
    written = re.compile(r":[^;{}]*(#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\()", re.I)
    assert not [f"{sheet.name} {line}" for sheet in sheets for line in written.findall(bare(sheet))]


def bare(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)


def test_every_token_a_sheet_uses_is_defined() -> None:
    text = "\n".join(sheet.read_text() for sheet in CSS.glob("*.css"))
    defined = set(re.findall(r"(--[a-z0-9-]+):", text))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) <= defined
