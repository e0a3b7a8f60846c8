"""Laws of every template in the repository, read as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("portal", "faq", "patients", "clinicians")
CSS = ROOT / "portal" / "static" / "portal" / "css"
TEMPLATES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("templates/**/*.html"))
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.S)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
CLASS = re.compile(r"(?<![\w-])fc-[a-z0-9]+(?:[-_]+[a-z0-9]+)*(?:[-_]+(?=\{))?")


def text_of(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_template = pytest.mark.parametrize("path", TEMPLATES, ids=named)


@every_template
def test_no_style_attribute_or_element(path: Path) -> None:
    assert not re.search(r"\sstyle\s*=|<style", text_of(path))


@every_template
def test_no_script_body_and_no_handler_attribute(path: Path) -> None:
    text = text_of(path)
    assert not [body for body in re.findall(r"<script[^>]*>(.*?)</script>", text, re.S) if body.strip()]
    assert not re.search(r"<[^>{]*\son[a-z]+\s*=|\bhx-on|javascript:", text)


@every_template
def test_no_asset_comes_from_elsewhere(path: Path) -> None:
    assert not re.search(
        r"<(?:script|link|img|iframe|source|video)[^>]+(?:src|href)\s*=\s*[\"'](?:https?:)?//", text_of(path)
    )


@every_template
def test_comments_stay_on_their_line(path: Path) -> None:
    """Django prints a {# comment #} that crosses a line."""
    assert all(line.count("{#") == line.count("#}") for line in path.read_text().splitlines())


@every_template
def test_every_class_exists(path: Path) -> None:
    assert not {name for name in classes_in(text_of(path)) if not is_known(name)}


def classes_in(text: str) -> set[str]:
    attributes = re.findall(r"class=\"([^\"]*(?:\{%.*?%\}[^\"]*)*)\"|(?:css|class)='?\"(fc-[^\"]*)\"", text, re.S)
    return {name for pair in attributes for part in pair for name in CLASS.findall(part)}


def known_classes() -> set[str]:
    return {name for sheet in CSS.glob("*.css") for name in re.findall(r"\.(fc-[a-z0-9_-]+)", sheet.read_text())}


def is_known(name: str) -> bool:
    """A name that ends in a dash is the start of one that a value completes."""
    known = known_classes()
    return any(one.startswith(name) for one in known) if name.endswith(("-", "_")) else name in known


def test_the_stylesheet_carries_nothing_dead() -> None:
    """Every block (not every modifier) of the sheets is used by a template, a drawing or a script."""
    sources = [*TEMPLATES, *ROOT.glob("portal/*.py"), *ROOT.glob("portal/templatetags/*.py")]
    sources += ROOT.glob("portal/static/portal/js/*.js")
    used = {block(name) for path in sources for name in CLASS.findall(path.read_text())}
    assert not {block(name) for name in known_classes()} - used


def block(name: str) -> str:
    return re.split(r"__|--", name)[0].rstrip("-_")
