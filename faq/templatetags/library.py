"""What the library's templates call: words found, plain text in blocks, who asked."""

from __future__ import annotations

import re

from django import template
from django.conf import settings
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from faq.models import Question
from faq.models.questions import MARKS
from faq.rules import manuscript
from faq.rules.identifiers import Finding, Kind
from faq.rules.prose import Block, blocks

register = template.Library()
FOUND = re.compile(f"{MARKS[0]}([^{MARKS[0]}{MARKS[1]}]*){MARKS[1]}")
SHADES = {Kind.CASE_TALK: "fc-mark-id fc-mark-id--voice"}


@register.filter
def marked(text: str) -> SafeString:
    """Escaped, with <mark> around the words that were found."""
    html = FOUND.sub(r"<mark>\1</mark>", str(conditional_escape(text)))
    return mark_safe(re.sub(f"[{MARKS[0]}{MARKS[1]}]", "", html))  # noqa: S308 (escaped above)


@register.filter
def prose(text: str) -> SafeString:
    """Plain text as paragraphs and lists, escaped."""
    return format_html_join("", "{}", ((_html(block),) for block in blocks(text)))


def _html(block: Block) -> SafeString:
    if not block.is_list:
        return format_html("<p>{}</p>", block.lines[0])
    points = format_html_join("", "<li>{}</li>", ((line,) for line in block.lines))
    return format_html("<ul>{}</ul>", points)


@register.filter
def points(text: str) -> list[str]:
    """The lines of a field with one point a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@register.filter
def opening(text: str) -> str:
    """First words for a list: points run on, no half word at the end."""
    line = " ".join(text.split())
    return line if len(line) < 300 else f"{line[:300].rsplit(' ', 1)[0]}…"


@register.filter
def asker(question: Question) -> str:
    """Whoever asked, as coarsely as we tell it."""
    ages = {"age": question.age_band}
    if not question.age_band:
        return {"female": _("A woman"), "male": _("A man")}.get(question.sex, _("A reader"))
    if question.sex == "female":
        return _("A woman aged %(age)s") % ages
    return (_("A man aged %(age)s") if question.sex == "male" else _("Somebody aged %(age)s")) % ages


@register.filter
def highlighted(text: str, findings: list[Finding]) -> SafeString:
    """The text, escaped, with each finding marked and its kind above it."""
    html, at = [], 0
    for finding in findings:
        html.append(conditional_escape(text[at : finding.start]))
        shade = SHADES.get(finding.kind, "fc-mark-id")
        html.append(
            format_html('<mark class="{}">{}<sup>{}</sup></mark>', shade, finding.text, _(finding.advice.label))
        )
        at = finding.end
    html.append(conditional_escape(text[at:]))
    return mark_safe("".join(html))  # noqa: S308 (each part is escaped)


@register.filter
def translated(words: str) -> str:
    """Words that a rule keeps in English, in the reader's language."""
    return _(words) if words else ""


register.filter("manuscript", lambda text: manuscript.read(text))


@register.simple_tag
def absolute(path: str) -> str:
    """The one address of a page, whatever host it was asked by."""
    return f"{settings.SITE_URL}{path}"
