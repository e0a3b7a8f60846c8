"""The drawings: safe in any text, true to the numbers, without a style attribute."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import bars, charts, figures
from portal.charts import Point

NASTY = '"><script>alert(1)</script>'
MAY, JUNE = date(2026, 5, 14), date(2026, 6, 10)
numbers = st.decimals(min_value=0, max_value=5000, places=2)
DRAWINGS = [
    charts.range_bar(NASTY, 4, NASTY, 1, 5, previous=3, act_from=10),
    charts.trend(NASTY, [Point(MAY, 4), Point(JUNE, 6)], NASTY, 1, 5),
    charts.spark([1, 2, 3], 1, 2),
    charts.dose_bar(50, Decimal("4.5"), NASTY),
    figures.diary_dots({NASTY: [0, None]}, [MAY, JUNE], today=JUNE),
    figures.body_map(["left-calf", NASTY]),
    bars.bars(NASTY, [(NASTY, 3, NASTY), ("Nothing", None, "–"), ("None", 0, "0")]),
    bars.columns(NASTY, [(NASTY, 0), ("8 Jun", 4)]),
    figures.eeg_strip({NASTY: [0, 10], "ECG": [1, 2]}, 1, NASTY),
]


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<root>{drawing}</root>")


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_drawing_is_well_formed_and_harmless(drawing: str) -> None:
    for element in parsed(drawing).iter():
        assert element.tag != "script"
        assert "style" not in element.attrib
        assert not any(name.startswith("on") for name in element.attrib)


@pytest.mark.parametrize(
    ("value", "low", "high", "state"),
    [(3, 1, 5, "in"), (6, 1, 5, "out"), (Decimal("0.5"), 1, 5, "out"), (6, None, 5, "out"), (3, None, None, "plain")],
)
def test_the_marker_says_where_the_value_lies(value: int, low: int, high: int, state: str) -> None:
    assert f"fc-range__now--{state}" in charts.range_bar("x", value, "u", low, high)


def test_an_unverified_range_colours_nothing_and_judges_nothing() -> None:
    drawing = charts.range_bar("x", 99, "u", 1, 5, verified=False)
    assert "fc-range__now--plain" in drawing
    assert "Above" not in drawing
    assert "fc-trend__point--out" not in charts.trend("x", [Point(MAY, 99)], "u", 1, 5, verified=False)


def test_the_label_says_it_all_in_words() -> None:
    label = parsed(charts.range_bar("TSH", Decimal("4.30"), "mIU/L", Decimal("0.4"), 4))[0].attrib["aria-label"]
    assert label == "TSH: 4.3 mIU/L. Usual range: 0.4 to 4. Above the usual range"


@given(value=numbers, low=numbers, high=numbers)
def test_every_marker_stays_inside_the_bar(value: Decimal, low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))
    for circle in parsed(charts.range_bar("x", value, "u", low, high)).iter("circle"):
        assert 0 <= float(circle.attrib["cx"].rstrip("%")) <= 100


@given(values=st.lists(numbers, min_size=1, max_size=8))
def test_every_point_of_a_trend_stays_inside_its_height(values: list[Decimal]) -> None:
    points = [Point(date(2026, 1, 1 + at), value) for at, value in enumerate(values)]
    for circle in parsed(charts.trend("x", points, "u")).iter("circle"):
        assert 0 <= float(circle.attrib["cy"]) <= 200


def test_a_dose_over_the_most_fills_the_bar_with_stop() -> None:
    over, within = charts.dose_bar(50, 4.5), charts.dose_bar(2, 4.5)
    assert "fc-dosebar__over" in over
    assert 'width="9.0%"' in over
    assert "fc-dosebar__over" not in within


def test_nothing_to_draw_draws_nothing() -> None:
    assert charts.trend("x", []) == charts.spark([1]) == figures.diary_dots({}, []) == ""


def test_the_body_marks_what_was_chosen() -> None:
    chosen = [
        g.attrib["data-region"]
        for g in parsed(figures.body_map(["left-calf"])).iter("g")
        if "--on" in g.get("class", "")
    ]
    assert chosen == ["left-calf"]


def test_the_patients_left_is_on_the_viewers_right_in_front_only() -> None:
    front, back = parsed(figures.body_map())
    assert x_of(front, "left-hand") > 90 > x_of(front, "right-hand")
    assert x_of(back, "left-hand") < 90 < x_of(back, "right-hand")


def x_of(figure: ElementTree.Element, region: str) -> float:
    part = next(g for g in figure.iter("g") if g.get("data-region") == region)
    return float(part[0].attrib["cx"])


@pytest.mark.parametrize(
    ("number", "text"), [(Decimal("4.50"), "4.5"), (10, "10"), (0.1, "0.1"), (Decimal("1E+2"), "100")]
)
def test_numbers_are_written_as_people_write_them(number: float, text: str) -> None:
    assert charts.plain(number) == text


def test_a_trace_fills_the_width_and_never_leaves_its_row() -> None:
    drawing = parsed(figures.eeg_strip({"Fp1–F3": [0, 9999, -9999], "ECG": [0, 1, 2]}, 10, "a reading"))[0]
    first, ecg = drawing.iter("polyline")
    points = [tuple(map(float, pair.split(","))) for pair in first.attrib["points"].split()]
    assert [x for x, _ in points] == [0, 500, 1000]
    assert all(6 <= y <= 36 for _, y in points)
    assert "--ecg" in ecg.attrib["class"]
    assert len(list(drawing.iter("line"))) == 11


def test_bars_and_columns_are_as_long_as_their_numbers() -> None:
    drawing = parsed(bars.bars("Wait", [("A", 4, "4 h"), ("B", 1, "1 h"), ("C", None, "–")]))[0]
    widths = [bar.attrib["width"] for bar in drawing.iter("rect") if bar.attrib["class"] == "fc-bars__bar"]
    assert widths == ["100.0%", "25.0%"]
    assert drawing.attrib["aria-label"] == "Wait. A: 4 h; B: 1 h; C: –."
    heights = [
        float(one.attrib["height"]) for one in parsed(bars.columns("Opened", [("1 Jun", 2), ("8 Jun", 4)])).iter("rect")
    ]
    assert heights[1] == 2 * heights[0]
