"""What templates may call: icons, the mark, navigation, form controls and charts."""

from __future__ import annotations

from functools import cache
from typing import Any

import lucide
from django import forms, template
from django.forms.boundfield import BoundField
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal import bars, charts, figures

register = template.Library()

MARK = (
    '<svg class="fc-mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
    '<circle class="fc-mark__ring" cx="20" cy="20" r="17.6"/><g class="fc-mark__axon">'
    '<circle cx="14" cy="13.5" r="4.6"/><circle cx="24.6" cy="11.6" r="3.1"/>'
    '<circle cx="10.6" cy="23.6" r="3.2"/><circle cx="29.4" cy="19.2" r="3.6"/>'
    '<circle cx="16.4" cy="30" r="3"/><circle cx="26.2" cy="28.6" r="4.2"/></g>'
    '<circle class="fc-mark__spark" cx="19.6" cy="21.2" r="3.6"/></svg>'
)
NOTE_KINDS = {"success": "ok", "error": "urgent", "warning": "attn"}
NOTE_ICONS = {"success": "check", "error": "octagon-x", "warning": "triangle-alert"}


@cache
def drawn(name: str) -> str:
    """One icon of the lucide set. The stroke and size are the stylesheet's."""
    svg: str = lucide._render_icon(name, None, aria_hidden="true", focusable="false", **{"class": "fc-icon"})
    return svg


@register.simple_tag
def icon(name: str) -> SafeString:
    """Decorative: the words beside it carry the meaning. Raises IconDoesNotExist for an unknown name."""
    return mark_safe(drawn(str(name)))  # noqa: S308 (from the icon package, not from a person)


@register.simple_tag
def mark() -> SafeString:
    return mark_safe(MARK)  # noqa: S308 (a constant)


@register.filter
def initials(name: object) -> str:
    """At most two letters: of the first and last word that begin with one; titles are left out."""
    words = [word for word in str(name).replace(".", ". ").split() if word[0].isalpha() and word[-1] != "."]
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context,
    label: str,
    url_name: str,
    *args: Any,
    section: str = "",
    icon_name: str = "",
    count: object = None,
    hot: bool = False,
    go: str = "",
) -> SafeString:
    """A list item with a link, or nothing while no such address exists.

    `section` is compared with the page's `nav`; `count` is shown when it is not None, 0 or ""; `go` is its key after G.
    """
    try:
        url = reverse(url_name, args=args)
    except NoReverseMatch:
        return SafeString("")
    inside = format_html('{}<span class="fc-rail__label">{}</span>{}', icon_of(icon_name), label, badge(count, hot))
    key = format_html(' data-go="{}"', go) if go else ""
    return format_html('<li><a href="{}"{}{}>{}</a></li>', url, current(context, url, section), key, inside)


def icon_of(name: str) -> SafeString:
    return icon(name) if name else SafeString("")


def badge(count: object, hot: bool) -> SafeString:
    if not count:
        return SafeString("")
    return format_html('<span class="n{}">{}</span>', " n--hot" if hot else "", count)


def current(context: Context, url: str, section: str) -> SafeString:
    request = context.get("request")
    if request is not None and request.path == url:
        return SafeString(' aria-current="page"')
    here = section and context.get("nav") == section
    return SafeString(' aria-current="true"') if here else SafeString("")


@register.filter
def queue_count(counts: object, slug: str) -> object:
    """`queue_counts|queue_count:"reply"`: the number beside a queue, or None."""
    return counts.get(slug) if isinstance(counts, dict) else None


@register.filter
def note_kind(tags: str) -> str:
    """Of a message's level: the fc-note modifier."""
    return NOTE_KINDS.get(tags, "info")


@register.filter
def note_icon(tags: str) -> str:
    return NOTE_ICONS.get(tags, "info")


# Forms


@register.filter
def field_kind(field: BoundField) -> str:
    """How django/forms/field.html lays a field out: check, choices, group or plain."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect):
        return "checkboxes" if isinstance(widget, forms.CheckboxSelectMultiple) else "radios"
    return "group" if field.use_fieldset else "plain"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget with our class, beside any class the form gave it."""
    css = f"{control_class(field.field.widget)} {field.field.widget.attrs.get('class', '')}".strip()
    return field.as_widget(attrs={"class": css} if css else {})


def control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return ""
    if isinstance(widget, forms.Textarea):
        return "fc-textarea"
    if isinstance(widget, forms.Select | forms.SelectDateWidget):
        return "fc-select"
    return "fc-file" if isinstance(widget, forms.FileInput) else "fc-input"


@register.filter
def first_control(field: BoundField) -> str:
    """The id an error link jumps to: the first input of the field."""
    if field.id_for_label:
        return field.id_for_label
    options = field.subwidgets
    return options[0].id_for_label if options and options[0].id_for_label else field.auto_id


@register.filter
def paragraphs(text: object) -> SafeString:
    """Text a person typed, escaped, each blank line a new paragraph and each newline a break."""
    blocks = [block.strip() for block in str(text).replace("\r\n", "\n").split("\n\n") if block.strip()]
    return mark_safe(  # noqa: S308 (every block is escaped here)
        "".join(f"<p>{conditional_escape(block).replace(chr(10), '<br>')}</p>" for block in blocks)
    )


register.simple_tag(charts.range_bar)
register.simple_tag(charts.trend)
register.simple_tag(charts.spark)
register.simple_tag(charts.dose_bar)
register.simple_tag(bars.bars)
register.simple_tag(bars.columns)
register.simple_tag(figures.diary_dots)
register.simple_tag(figures.body_map)
register.simple_tag(figures.eeg_strip)
