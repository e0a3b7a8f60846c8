"""Drawings of a body and a diary, under the same rules as portal/charts.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.charts import NOTHING, joined, short_day


def diary_dots(rows: Mapping[str, Sequence[int | None]], days: Sequence[date], today: date | None = None) -> SafeString:
    """A row of dots a symptom, 36 pixels high. Size and fill say 0 none to 4 very strong; None: not filled in."""
    if not days:
        return NOTHING
    x = [round(4 + index * 92 / max(len(days) - 1, 1), 2) for index in range(len(days))]
    height = 36 * len(rows) + 30
    parts = [diary_today(x[days.index(today)], len(rows))] if today in days else []
    parts += [diary_row(list(values), x, 36 * line + 18) for line, values in enumerate(rows.values())]
    parts.append(
        format_html_join(
            "",
            '<text class="fc-diary__day" x="{}%" y="{}" text-anchor="middle">{}</text>',
            ((at, height - 8, day.day) for at, day in zip(x, days, strict=True)),
        )
    )
    label = _("Symptom diary, %(first)s to %(last)s. The table below has every value.") % {
        "first": short_day(days[0]),
        "last": short_day(days[-1]),
    }
    return format_html(
        '<svg class="fc-diary" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        label,
        height,
        joined(parts),
    )


def diary_today(x: float, rows: int) -> SafeString:
    return format_html(
        '<rect class="fc-diary__today" x="{}%" y="0" width="6%" height="{}" rx="8"/>',
        round(x - 3, 2),
        36 * rows,
    )


def diary_row(values: Sequence[int | None], x: Sequence[float], y: int) -> SafeString:
    axis = format_html('<line class="fc-diary__axis" x1="2%" x2="98%" y1="{0}" y2="{0}"/>', y)
    dots = (
        format_html('<circle class="fc-diary__none" cx="{}%" cy="{}" r="2.5"/>', at, y)
        if value is None
        else format_html(
            '<circle class="fc-diary__dot--{}" cx="{}%" cy="{}" r="{}"/>', value, at, y, (4, 6, 9, 12, 14)[value]
        )
        for at, value in zip(x, values, strict=True)
    )
    return joined([axis, *dots])


# The body, front and back. Each part repeats one checkbox, named by `region`.


def body_map(selected: Collection[str] = ()) -> SafeString:
    """Two figures whose parts mirror a checkbox list. Hidden from readers: the list says the same."""
    return joined([body_figure(selected, back=False), body_figure(selected, back=True)])


def body_figure(selected: Collection[str], back: bool) -> SafeString:
    parts = [part(region, shape, selected) for region, shape in body_parts(back)]
    left, middle, right = (_("left"), _("Back"), _("right")) if back else (_("right"), _("Front"), _("left"))
    return format_html(
        '<div><svg class="fc-body" viewBox="8 4 164 378" aria-hidden="true" focusable="false">{}{}</svg>'
        '<p aria-hidden="true"><span>{}</span><b>{}</b><span>{}</span></p></div>',
        outline(),
        joined(parts),
        left,
        middle,
        right,
    )


def part(region: str, shape: SafeString, selected: Collection[str]) -> SafeString:
    chosen = " fc-body__part--on" if region in selected else ""
    return format_html('<g class="fc-body__part{}" data-region="{}">{}</g>', chosen, region, shape)


def ellipse(x: float, y: float, rx: float, ry: float) -> SafeString:
    return format_html('<ellipse cx="{}" cy="{}" rx="{}" ry="{}"/>', x, y, rx, ry)


def limb(x1: float, y1: float, x2: float, y2: float, width: float) -> SafeString:
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}" stroke-linecap="round"/>',
        x1,
        y1,
        x2,
        y2,
        width,
    )


CHEST = SafeString('<path d="M64 76q26-9 52 0q7 3 8 12l-5 42q-29 7-58 0l-5-42q1-9 8-12z"/>')
BELLY = SafeString('<path d="M62 135q28 6 56 0l3 34q2 12-8 15q-23 6-46 0q-10-3-8-15z"/>')
NECK = SafeString('<rect x="82" y="59" width="16" height="13" rx="5"/>')


def body_parts(back: bool) -> Iterator[tuple[str, SafeString]]:
    """(region, shape). The viewer's left is the patient's right on the front view."""
    yield ("back-of-head" if back else "face", ellipse(90, 34, 19, 23))
    if not back:
        yield "eyelids", joined([ellipse(82, 31, 6, 4.2), ellipse(98, 31, 6, 4.2)])
    yield ("neck", NECK)
    yield ("upper-back" if back else "chest", CHEST)
    yield ("lower-back" if back else "abdomen", BELLY)
    for side, sign in (("left", -1), ("right", 1)) if back else (("right", -1), ("left", 1)):
        yield from limbs(side, sign, back)


def limbs(side: str, sign: int, back: bool) -> Iterator[tuple[str, SafeString]]:
    def at(x: float) -> float:
        return 90 + sign * x

    yield f"{side}-upper-arm", limb(at(43), 94, at(49), 134, 17)
    yield f"{side}-forearm", limb(at(52), 155, at(57), 192, 14)
    yield f"{side}-hand", ellipse(at(60), 217, 9, 13)
    yield f"{side}-thigh", limb(at(17), 203, at(17), 256, 25)
    yield f"{side}-{'calf' if back else 'shin'}", limb(at(17), 287, at(16), 334, 20 if back else 19)
    yield f"{side}-{'sole' if back else 'foot'}", ellipse(at(17 if back else 19), 363, 12, 12)


def outline() -> SafeString:
    head = (
        '<ellipse cx="90" cy="34" rx="22" ry="26"/><rect x="79" y="52" width="22" height="24" rx="6"/>'
        '<path d="M60 73q30-10 60 0q10 4 11 16l-6 46 4 36q1 14-10 18q-29 7-58 0'
        'q-11-4-10-18l4-36-6-46q1-12 11-16z"/>'
    )
    sides = format_html_join("", "{}", ((outline_side(sign),) for sign in (-1, 1)))
    return format_html('<g class="fc-body__outline">{}{}</g>', SafeString(head), sides)


def outline_side(sign: int) -> SafeString:
    arm = " ".join(f"{90 + sign * x},{y}" for x, y in ((42, 92), (50, 146), (58, 198), (60, 219)))
    leg = " ".join(f"{90 + sign * x},{y}" for x, y in ((17, 198), (17, 270), (16, 340)))
    return format_html(
        '<polyline points="{}" fill="none" stroke-width="22"/><polyline points="{}" fill="none" stroke-width="28"/>{}',
        arm,
        leg,
        ellipse(90 + sign * 19, 363, 17, 14),
    )


# A strip of traces (EEG), 30 pixels a channel. Names of channels stand beside it in HTML.

ROW = 30


def eeg_strip(traces: Mapping[str, Sequence[float]], seconds: int, label: str, microvolts: float = 100) -> SafeString:
    """Samples in microvolts, all traces `seconds` long; one row is `microvolts` high, more is cut off.

    `label` is the reading in words. A channel whose name begins with ECG is drawn apart.
    """
    height = ROW * len(traces) + 12
    lines = [eeg_trace(name, samples, 6 + ROW * at, microvolts) for at, (name, samples) in enumerate(traces.items())]
    return format_html(
        '<svg class="fc-eeg" viewBox="0 0 1000 {0}" preserveAspectRatio="none" width="100%" height="{0}" '
        'role="img" aria-label="{1}">{2}{3}</svg>',
        height,
        label,
        joined(eeg_second(at, seconds, height) for at in range(seconds + 1)),
        joined(lines),
    )


def eeg_second(at: int, seconds: int, height: int) -> SafeString:
    return format_html(
        '<line class="fc-eeg__grid{1}" x1="{0}" x2="{0}" y1="0" y2="{2}" vector-effect="non-scaling-stroke"/>',
        round(1000 * at / seconds, 1),
        "" if at % 5 else " fc-eeg__grid--major",
        height,
    )


def eeg_trace(name: str, samples: Sequence[float], top: int, microvolts: float) -> SafeString:
    """Upwards is negative, as electroencephalographers draw it."""
    half, middle = ROW / 2 - 1, top + ROW / 2
    heights = (middle + max(-half, min(half, value * ROW / microvolts)) for value in samples)
    step = 1000 / max(len(samples) - 1, 1)
    return format_html(
        '<polyline class="fc-eeg__trace{}" vector-effect="non-scaling-stroke" points="{}"/>',
        " fc-eeg__trace--ecg" if name.startswith("ECG") else "",
        " ".join(f"{at * step:.1f},{y:.1f}" for at, y in enumerate(heights)),
    )
