"""Laws of every template in the repository, read as text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory, override_settings
from django.urls import reverse

from portal.templatetags import fascicle
from portal.views import styleguide
from tests.each import for_each

ROOT = Path(__file__).parents[2]
PACKAGES = ("portal", "faq", "patients", "clinicians")
CSS = ROOT / "portal" / "static" / "portal" / "css"
TEMPLATES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("templates/**/*.html"))
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.S)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
CLASS = re.compile(r"(?<![\w-])fc-[a-z0-9]+(?:[-_]+[a-z0-9]+)*(?:[-_]+(?=\{))?")


def text_of(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


every_template = for_each(TEMPLATES)


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


@cache
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


@every_template
def test_it_compiles(path: Path) -> None:
    get_template(str(path).split("/templates/")[1])


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "500", "503"])
def test_an_error_page_needs_no_request_and_shows_a_way_back(code: str) -> None:
    page = render_to_string(f"{code}.html")
    assert 'class="fc-button"' in page
    assert "<h1" in page


class AForm(forms.Form):
    story = forms.CharField(help_text="In your own words")
    choice = forms.ChoiceField(choices=[("a", "A <b>")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(required=False)


def test_a_field_ties_label_hint_and_problem_to_its_control() -> None:
    form = AForm({})
    story = str(form["story"].as_field_group())
    assert 'for="id_story"' in story
    assert 'aria-describedby="id_story_helptext id_story_error"' in story
    assert {'id="id_story_helptext"', 'id="id_story_error"', 'aria-invalid="true"'} <= set(
        re.findall(r'[a-z-]+="[^"]*"', story)
    )


def test_choices_are_a_fieldset_whose_words_are_escaped() -> None:
    choice = str(AForm()["choice"].as_field_group())
    assert "<fieldset" in choice
    assert "A &lt;b&gt;" in choice
    assert 'for="id_choice_0"' in choice


def test_the_problem_summary_links_to_the_first_control_of_each_field() -> None:
    summary = render_to_string("portal/components/error_summary.html", {"form": AForm({})})
    assert re.findall(r'href="#([^"]+)"', summary) == ["id_story", "id_choice_0"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dr. Ines Okafor", "IO"), ("Noor", "N"), ("Ada M. Whitlock", "AW"), ("", ""), ("3", ""), ("李 小明", "李小")],
)
def test_initials(name: str, letters: str) -> None:
    assert fascicle.initials(name) == letters


def test_typed_text_is_escaped_in_paragraphs() -> None:
    assert fascicle.paragraphs("a <b>\nc\n\nd") == "<p>a &lt;b&gt;<br>c</p><p>d</p>"


def nav_item(path: str, **context: object) -> str:
    tag = "{% load fascicle %}{% nav_item 'Health' 'portal:health' section='here' count=n %}"
    return Template(tag).render(Context({"request": RequestFactory().get(path), **context}))


def test_a_navigation_item_knows_where_one_is() -> None:
    assert 'aria-current="page"' in nav_item(reverse("portal:health"))
    assert 'aria-current="true"' in nav_item("/", nav="here")
    assert "aria-current" not in nav_item("/", nav="elsewhere")


def test_a_navigation_item_shows_a_count_only_when_there_is_one() -> None:
    assert '<span class="n">3</span>' in nav_item("/", n=3)
    assert 'class="n"' not in nav_item("/", n=0)


def test_a_navigation_item_without_an_address_is_not_there() -> None:
    assert Template("{% load fascicle %}{% nav_item 'x' 'nowhere:at-all' %}").render(Context()) == ""


@pytest.mark.parametrize("surface", ["public", "patient", "clinic"])
def test_the_design_pages_show_every_component(surface: str) -> None:
    request = RequestFactory().get("/", {"surface": surface})
    request.user = AnonymousUser()
    with override_settings(DEMO=True):
        assert styleguide.page(request).status_code == 200


def test_the_design_pages_are_hidden_from_a_real_clinic() -> None:
    with override_settings(DEMO=False, DEBUG=False), pytest.raises(Http404):
        styleguide.page(RequestFactory().get("/"))
