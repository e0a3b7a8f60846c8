"""Server-drawn SVG. Geometry is in attributes and paint in classes, so the strict policy holds.

Fluid width: x is in percent, y in pixels. Every drawing says in words what it shows (role="img"
with a label), except `spark`, which always stands beside its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Number: TypeAlias = Decimal | float | int
NOTHING = SafeString("")


@dataclass(frozen=True)
class Point:
    """One value on one day."""

    on: date
    value: Number


def plain(value: Number) -> str:
    """As a person writes it: no exponent, no trailing zeros."""
    text = f"{value:f}" if isinstance(value, Decimal) else f"{value:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Number, low: Number, high: Number) -> float:
    """Where value lies between low and high, 0 to 100."""
    span = float(high) - float(low) or 1.0
    return round(max(0.0, min(100.0, 100 * (float(value) - float(low)) / span)), 2)


def anchor(at: float) -> str:
    """Labels near an end lean inwards."""
    return "start" if at < 6 else "end" if at > 94 else "middle"


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def usual_range(low: Number | None, high: Number | None) -> str:
    if low is None and high is None:
        return _("No usual range recorded")
    if low is None:
        return _("Usual range: under %(high)s") % {"high": plain(high or 0)}
    if high is None:
        return _("Usual range: %(low)s or more") % {"low": plain(low)}
    return _("Usual range: %(low)s to %(high)s") % {"low": plain(low), "high": plain(high)}


def is_inside(value: Number, low: Number | None, high: Number | None) -> bool | None:
    """None when there is no range to compare with."""
    if low is None and high is None:
        return None
    return not (low is not None and value < low) and not (high is not None and value > high)


def compared(value: Number, low: Number | None, high: Number | None) -> str:
    """In words, for a verified range; empty when there is none."""
    if is_inside(value, low, high) is None:
        return ""
    if is_inside(value, low, high):
        return _("In the usual range")
    return _("Above the usual range") if high is not None and value > high else _("Below the usual range")


def axis_around(values: Sequence[Number | None]) -> tuple[float, float]:
    """An axis with a little room at both ends; never below zero when no value is."""
    known = [float(value) for value in values if value is not None]
    room = (max(known) - min(known)) * 0.18 or abs(max(known)) * 0.5 or 1.0
    low = min(known) - room
    return (max(0.0, low) if min(known) >= 0 else low), max(known) + room


# Range bar


def range_bar(
    name: str,
    value: Number,
    unit: str = "",
    low: Number | None = None,
    high: Number | None = None,
    previous: Number | None = None,
    act_from: Number | None = None,
    verified: bool = True,
) -> SafeString:
    """A number line: usual range, this value, the one before, and where doctors usually act.

    An unverified range colours nothing: the marker stays neutral.
    """
    axis = axis_around([value, low, high, previous, act_from])
    inside = is_inside(value, low, high) if verified else None
    parts = [
        range_track(low, high, axis),
        range_anchor(act_from, axis),
        range_before(previous, axis),
        range_now(value, inside, percent(value, *axis)),
    ]
    said = [f"{name}: {plain(value)} {unit}", usual_range(low, high)]
    label = ". ".join([*said, compared(value, low, high)] if verified else said)
    return format_html(
        '<svg class="fc-range" role="img" aria-label="{}" width="100%" height="74">{}</svg>',
        label,
        joined(parts),
    )


def range_track(low: Number | None, high: Number | None, axis: tuple[float, float]) -> SafeString:
    track = SafeString('<rect class="fc-range__track" x="0" y="34" width="100%" height="8" rx="4"/>')
    if low is None and high is None:
        return track
    start = percent(low, *axis) if low is not None else 0.0
    end = percent(high, *axis) if high is not None else 100.0
    band = format_html(
        '<rect class="fc-range__ok" x="{}%" y="32" width="{}%" height="12" rx="6"/>',
        start,
        round(end - start, 2),
    )
    return joined([track, band, limit(low, start), limit(high, end)])


def limit(value: Number | None, at: float) -> SafeString:
    if value is None:
        return NOTHING
    return format_html(
        '<text class="fc-range__limit" x="{}%" y="62" text-anchor="{}">{}</text>',
        at,
        anchor(at),
        plain(value),
    )


def range_anchor(act_from: Number | None, axis: tuple[float, float]) -> SafeString:
    if act_from is None:
        return NOTHING
    at = percent(act_from, *axis)
    words = _("Doctors usually act from %(value)s") % {"value": plain(act_from)}
    return format_html(
        '<line class="fc-range__anchor" x1="{0}%" x2="{0}%" y1="26" y2="50"/>'
        '<text class="fc-range__limit" x="{0}%" y="19" text-anchor="{1}">{2}</text>',
        at,
        "end" if at > 60 else "start",
        words,
    )


def range_before(previous: Number | None, axis: tuple[float, float]) -> SafeString:
    if previous is None:
        return NOTHING
    return format_html('<circle class="fc-range__before" cx="{}%" cy="38" r="5"/>', percent(previous, *axis))


def range_now(value: Number, inside: bool | None, at: float) -> SafeString:
    state = {True: "in", False: "out", None: "plain"}[inside]
    return format_html(
        '<circle class="fc-range__now fc-range__now--{}" cx="{}%" cy="38" r="9"/>'
        '<text class="fc-range__value" x="{}%" y="19" text-anchor="{}">{}</text>',
        state,
        at,
        at,
        anchor(at),
        plain(value),
    )


# Trend


@dataclass(frozen=True)
class Plane:
    """Where days and values lie on a trend: x in percent, y in pixels."""

    first: date
    days: int
    low: float
    high: float
    height: int

    def x(self, on: date) -> float:
        return round(9 + 84 * ((on - self.first).days / self.days if self.days else 0.5), 2)

    def y(self, value: Number) -> float:
        top, bottom = 26, self.height - 30
        return round(bottom - percent(value, self.low, self.high) / 100 * (bottom - top), 1)


def trend(
    name: str,
    points: Sequence[Point],
    unit: str = "",
    low: Number | None = None,
    high: Number | None = None,
    height: int = 200,
    verified: bool = True,
) -> SafeString:
    """Values over time with the usual range as a band. Points in order of day; none draws nothing."""
    if not points:
        return NOTHING
    plane = plane_of(points, low, high, height)
    limits = (low, high) if verified else (None, None)
    parts = [trend_band(plane, low, high), trend_lines(plane, points)]
    parts += [trend_point(plane, points, index, limits) for index in range(len(points))]
    parts += [trend_day(plane, on) for on in spread(plane, [point.on for point in points])]
    said = "; ".join(f"{short_day(p.on)} {plain(p.value)}" for p in points)
    label = f"{name} {unit}: {said}. {usual_range(low, high)}."
    return format_html(
        '<svg class="fc-trend" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        label,
        height,
        joined(parts),
    )


def spread(plane: Plane, days: Sequence[date]) -> list[date]:
    """The days whose labels have room: the last, then backwards, a third of the width apart."""
    kept = [days[-1]]
    for day in reversed(days[:-1]):
        if plane.x(kept[-1]) - plane.x(day) >= 33:
            kept.append(day)
    return kept


def trend_day(plane: Plane, on: date) -> SafeString:
    x = plane.x(on)
    return format_html(
        '<text class="fc-trend__tick" x="{}%" y="{}" text-anchor="{}">{}</text>',
        x,
        plane.height - 8,
        lean(x),
        short_day(on),
    )


def lean(x: float) -> str:
    return "start" if x < 15 else "end" if x > 85 else "middle"


def plane_of(points: Sequence[Point], low: Number | None, high: Number | None, height: int) -> Plane:
    floor, ceiling = axis_around([low, high, *(p.value for p in points)])
    return Plane(points[0].on, (points[-1].on - points[0].on).days, floor, ceiling, height)


def short_day(on: date) -> str:
    return date_format(on, "j M Y")


def trend_band(plane: Plane, low: Number | None, high: Number | None) -> SafeString:
    if low is None and high is None:
        return NOTHING
    top = plane.y(high) if high is not None else plane.y(plane.high)
    bottom = plane.y(low) if low is not None else plane.y(plane.low)
    band = format_html(
        '<rect class="fc-trend__band" x="7%" y="{}" width="93%" height="{}" rx="4"/>'
        '<text class="fc-trend__bandlabel" x="99%" y="{}" text-anchor="end">{}</text>',
        top,
        round(bottom - top, 1),
        bottom - 7,
        _("usual range"),
    )
    return joined([band, *(trend_limit(plane, at) for at in (low, high) if at is not None)])


def trend_limit(plane: Plane, at: Number) -> SafeString:
    y = plane.y(at)
    return format_html(
        '<line class="fc-trend__grid" x1="7%" x2="100%" y1="{0}" y2="{0}"/>'
        '<text class="fc-trend__tick" x="5.6%" y="{1}" text-anchor="end">{2}</text>',
        y,
        y + 4,
        plain(at),
    )


def trend_lines(plane: Plane, points: Sequence[Point]) -> SafeString:
    return format_html_join(
        "",
        '<line class="fc-trend__line" x1="{}%" y1="{}" x2="{}%" y2="{}"/>',
        ((plane.x(a.on), plane.y(a.value), plane.x(b.on), plane.y(b.value)) for a, b in pairwise(points)),
    )


def trend_point(
    plane: Plane, points: Sequence[Point], index: int, limits: tuple[Number | None, Number | None]
) -> SafeString:
    """A value outside the range is a triangle as well as another colour."""
    point, x, y = points[index], plane.x(points[index].on), plane.y(points[index].value)
    marker = trend_marker(x, y, is_inside(point.value, *limits) is False, index == len(points) - 1)
    return format_html(
        '{}<text class="fc-trend__value" x="{}%" y="{}" text-anchor="{}">{}</text>',
        marker,
        x,
        round(y - 13, 1),
        value_lean(plane, points, index),
        plain(point.value),
    )


def value_lean(plane: Plane, points: Sequence[Point], index: int) -> str:
    """Two values close together lean away from each other."""
    gaps = [plane.x(b.on) - plane.x(a.on) for a, b in pairwise(points)]
    if index and gaps[index - 1] < 12:
        return "start"
    return "end" if index < len(gaps) and gaps[index] < 12 else "middle"


def trend_marker(x: float, y: float, out: bool, last: bool) -> SafeString:
    if out:
        return format_html(
            '<svg x="{}%" y="{}" overflow="visible">'
            '<path class="fc-trend__point fc-trend__point--out" d="M0-8 8 6H-8z"/></svg>',
            x,
            y,
        )
    kind, radius = (" fc-trend__point--last", 7) if last else ("", 5)
    return format_html('<circle class="fc-trend__point{}" cx="{}%" cy="{}" r="{}"/>', kind, x, y, radius)


# Small ones


def spark(values: Sequence[Number], low: Number | None = None, high: Number | None = None) -> SafeString:
    """A word-sized line, 72 by 22 pixels, for table rows. Fewer than two values draw nothing."""
    if len(values) < 2:
        return NOTHING
    floor, ceiling = axis_around([*values, low, high])
    y = [round(18 - percent(value, floor, ceiling) * 0.14, 1) for value in values]
    x = [round(4 + index * 64 / (len(values) - 1), 1) for index in range(len(values))]
    line = " ".join(f"{a:g},{b:g}" for a, b in zip(x, y, strict=True))
    return format_html(
        '<svg class="fc-spark" width="72" height="22" viewBox="0 0 72 22" aria-hidden="true">'
        '{}<polyline points="{}"/><circle cx="{}" cy="{}" r="3"/></svg>',
        spark_band(low, high, floor, ceiling),
        line,
        x[-1],
        y[-1],
    )


def spark_band(low: Number | None, high: Number | None, floor: float, ceiling: float) -> SafeString:
    if low is None or high is None:
        return NOTHING
    top, bottom = (round(18 - percent(at, floor, ceiling) * 0.14, 1) for at in (high, low))
    return format_html(
        '<rect class="fc-spark__band" x="0" y="{}" width="72" height="{}"/>', top, round(bottom - top, 1)
    )


def dose_bar(dose: Number, maximum: Number, unit: str = "mg") -> SafeString:
    """A daily dose against the most anyone should take. Both in `unit` a day."""
    over = dose > maximum
    share = percent(maximum, 0, dose) if over else percent(dose, 0, maximum)
    at = _("%(dose)s %(unit)s") % {"dose": plain(dose), "unit": unit}
    most = _("most a day %(dose)s %(unit)s") % {"dose": plain(maximum), "unit": unit}
    first, second = (most, at) if over else (at, most)
    return format_html(
        '<svg class="fc-dosebar" role="img" aria-label="{}" width="100%" height="38">'
        '<rect class="fc-dosebar__{}" x="0" y="4" width="100%" height="10" rx="5"/>'
        '<rect class="fc-dosebar__within" x="0" y="4" width="{}%" height="10" rx="5"/>'
        '<text x="0" y="31">{}</text><text x="100%" y="31" text-anchor="end">{}</text></svg>',
        f"{at}, {most}",
        "over" if over else "room",
        max(share, 1.5),
        first,
        second,
    )
