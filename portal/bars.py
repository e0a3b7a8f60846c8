"""Bars, under the same rules as portal/charts.py. A table with the same numbers stands beside each."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.charts import NOTHING, Number, joined, lean, percent

ROW = 44


def bars(name: str, rows: Sequence[tuple[str, Number | None, str]], full: Number | None = None) -> SafeString:
    """A bar a row: (what, how much, in words). None: nothing to show, and said so in words.

    `full` is what fills the width, where that is not the largest of them.
    """
    if not rows:
        return NOTHING
    most = full or max((value for _what, value, _words in rows if value is not None), default=0)
    said = "; ".join(f"{what}: {words}" for what, _value, words in rows)
    return format_html(
        '<svg class="fc-bars" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        f"{name}. {said}.",
        ROW * len(rows),
        joined(bar(row, most, ROW * place) for place, row in enumerate(rows)),
    )


def bar(row: tuple[str, Number | None, str], most: Number, top: int) -> SafeString:
    what, value, words = row
    filled = format_html(
        '<rect class="fc-bars__bar" x="0" y="{}" width="{}%" height="12" rx="4"/>',
        top + 22,
        percent(value or 0, 0, most),
    )
    return format_html(
        '<text class="fc-bars__what" x="0" y="{0}">{1}</text>'
        '<text class="fc-bars__words" x="100%" y="{0}" text-anchor="end">{2}</text>'
        '<rect class="fc-bars__track" x="0" y="{3}" width="100%" height="12" rx="4"/>{4}',
        top + 15,
        what,
        words,
        top + 22,
        filled if value else NOTHING,
    )


def columns(name: str, values: Sequence[tuple[str, int]], height: int = 110) -> SafeString:
    """A column a step in time: (when, how many). The first and the last are named, the numbers stand on top."""
    if not values:
        return NOTHING
    most = max(n for _when, n in values) or 1
    step, floor = 100 / len(values), height - 20
    said = "; ".join(f"{when} {n}" for when, n in values)
    parts = [column(n, most, step * (place + 0.5), step * 0.56, floor) for place, (_when, n) in enumerate(values)]
    ends = {0, len(values) - 1}
    parts += [day(values[place][0], step * (place + 0.5), height - 4) for place in sorted(ends)]
    return format_html(
        '<svg class="fc-columns" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        f"{name}: {said}.",
        height,
        joined(parts),
    )


def column(n: int, most: int, middle: float, width: float, floor: int) -> SafeString:
    tall = round(n / most * (floor - 18), 1)
    return format_html(
        '<rect class="fc-columns__one" x="{}%" y="{}" width="{}%" height="{}" rx="3"/>'
        '<text class="fc-columns__n" x="{}%" y="{}" text-anchor="middle">{}</text>',
        round(middle - width / 2, 2),
        round(floor - tall, 1),
        round(width, 2),
        tall,
        round(middle, 2),
        round(floor - tall - 5, 1),
        n,
    )


def day(when: str, middle: float, y: int) -> SafeString:
    return format_html(
        '<text class="fc-columns__when" x="{}%" y="{}" text-anchor="{}">{}</text>',
        round(middle, 2),
        y,
        lean(middle),
        when,
    )
