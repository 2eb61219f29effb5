"""Drawings say what the figures say: where bars begin and end, where nothing is known, where points stand."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import draw

ROOT = Path(__file__).parent.parent


@dataclasses.dataclass(frozen=True)
class Value:
    """A point of a series."""

    year: str
    value: float
    approximate: bool = False


def write(low: float, high: float, approximate: bool) -> str:
    return f"{'≈ ' if approximate else ''}{low}{f'–{high}' if high > low else ''}"


def numbers(value: Any) -> Iterable[float]:
    """Every number in a drawing."""
    if isinstance(value, float | int):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from numbers(one)


YEARS = st.one_of(
    st.integers(1990, 2030).map(str),
    st.tuples(st.integers(1990, 2030), st.integers(1, 12)).map(lambda p: f"{p[0]}-{p[1]:02}"),
)
VALUES = st.builds(Value, YEARS, st.one_of(st.integers(0, 10**9), st.floats(0, 1e9)), st.booleans())
DAYS = st.dates(min_value=datetime.date(1900, 1, 1)).map(lambda day: day.isoformat())
AXIS = draw.Axis(1990, 2026, 16, 322)


def test_a_year_without_a_value_is_a_gap_and_not_a_bar() -> None:
    chart = draw.bars([Value("2015", 10), Value("2018", 20)], write)
    assert [one.name for one in chart.bars] == ["2015", "2018"]
    assert [[name for name, _ in gap.years] for gap in chart.gaps] == [["2016", "2017"]]


def test_years_stand_at_even_distances_also_where_values_are_missing() -> None:
    chart = draw.bars([Value("2015", 10), Value("2016", 1), Value("2020", 20)], write)
    first, second, third = (one.y for one in chart.bars)
    assert third - second == 4 * (second - first)
    assert chart.gaps[0].height == 3 * (second - first)


def test_several_reports_of_a_year_are_a_range_from_the_lowest_to_the_highest() -> None:
    chart = draw.bars([Value("2022", 4000), Value("2022", 4991, True), Value("2022", 4165)], write)
    (one,) = chart.bars
    assert one.label == "≈ 4000–4991"
    assert one.low < one.between[0] < one.high
    assert one.low / one.high == pytest.approx(4000 / 4991, rel=0.01)


def test_values_of_several_months_are_no_range() -> None:
    chart = draw.bars([Value("2018-08", 16), Value("2018-10", 26)], write)
    assert [(one.name, one.low == one.high) for one in chart.bars] == [("2018-08", True), ("2018-10", True)]


def test_a_bar_of_twice_the_value_is_twice_as_long_so_its_baseline_is_zero() -> None:
    chart = draw.bars([Value("2020", 500), Value("2021", 1000), Value("2022", 0)], write)
    assert [one.high / chart.bars[1].high for one in chart.bars] == pytest.approx([0.5, 1, 0], abs=0.01)


@given(st.lists(VALUES, max_size=12))
def test_bars_and_their_labels_stay_inside_the_drawing(points: list[Value]) -> None:
    chart = draw.bars(points, lambda low, high, approximate: "≈ 1,234–5,678")
    assert all(math.isfinite(one) for one in numbers(chart))
    for one in chart.bars:
        assert 0 <= one.low <= one.high
        assert chart.zero + one.high + 5 + draw.width(one.label) <= draw.NARROW
        assert one.y + 22 <= chart.height


@given(st.lists(st.tuples(st.text("абв дежmw", min_size=1, max_size=40), st.lists(VALUES, max_size=4)), max_size=4))
def test_grouped_bars_stay_inside_the_drawing(series: list[tuple[str, list[Value]]]) -> None:
    chart = draw.groups(series, lambda low, high, approximate: "≈ 1,234")
    assert all(math.isfinite(one) for one in numbers(chart))
    assert all(
        one.high <= draw.NARROW - chart.zero and one.y < chart.height for _, _, some in chart.groups for one in some
    )


def test_a_label_rounds_and_keeps_small_numbers() -> None:
    assert [draw.rounded(one) for one in (6686.5, 4083.274, 68.3, 0, 2)] == [6687, 4083, 68.3, 0, 2]


def test_a_period_reaches_from_its_first_day_to_the_end_of_its_last() -> None:
    span = draw.span(["2015/2019"], "2020", AXIS)
    assert span is not None
    assert (span.start, span.end) == (AXIS.at("2015-01-01"), AXIS.at("2020-01-01"))
    assert (span.low, span.high, span.begins, span.ends) == (span.start, span.end, True, True)


def test_an_open_end_is_drawn_to_the_last_report_and_marked() -> None:
    span = draw.span(["2016-12/.."], "2020-02-20", AXIS)
    assert span is not None
    assert (span.end, span.ends) == (AXIS.at("2020-02-20"), False)


def test_an_open_start_is_marked_and_inside_the_drawing() -> None:
    span = draw.span(["../1990-03"], "2020", AXIS)
    assert span is not None
    assert not span.begins
    assert span.low >= AXIS.left


def test_where_sources_disagree_the_bar_is_what_all_say_and_the_paler_part_what_some_say() -> None:
    span = draw.span(["2015/2025", "../2021-12"], "2024-02", AXIS)
    assert span is not None
    assert (span.start, span.end) == (AXIS.at("2015-01-01"), AXIS.at("2022-01-01"))
    assert (span.low, span.high) == (AXIS.at("2015-01-01"), AXIS.at("2026-01-01"))


def test_of_sources_that_share_no_day_the_first_is_the_bar() -> None:
    span = draw.span(["2000/2002", "2010/2012"], "2020", AXIS)
    assert span is not None
    assert (span.start, span.end, span.high) == (AXIS.at("2000-01-01"), AXIS.at("2003-01-01"), AXIS.at("2013-01-01"))


@given(st.lists(st.tuples(DAYS, DAYS, st.sampled_from(["both", "start", "end"])), min_size=1, max_size=4), DAYS)
def test_every_span_is_finite_and_inside_its_axis(sides: list[tuple[str, str, str]], attested: str) -> None:
    forms = {"both": "{0}/{1}", "start": "{0}/..", "end": "../{1}"}
    periods = [forms[form].format(*sorted((first, last))) for first, last, form in sides]
    span = draw.span(periods, attested, AXIS)
    assert span is not None
    assert all(math.isfinite(one) for one in numbers(span))
    assert AXIS.left <= span.low <= span.start < span.end <= span.high <= AXIS.right + 3


def test_a_programme_without_a_period_is_not_drawn() -> None:
    assert draw.span([], "2020", AXIS) is None


def test_an_axis_holds_every_year_that_is_named() -> None:
    axis = draw.axis(["1999/..", "../2026-03", "2015-03-12"], 0, 100)
    assert (axis.first, axis.last) == (1999, 2026)
    assert axis.years(10) == (
        (2000, axis.at("2000-01-01")),
        (2010, axis.at("2010-01-01")),
        (2020, axis.at("2020-01-01")),
    )


@given(st.lists(st.integers(1990, 2026).map(str), max_size=40))
def test_dots_do_not_overlap_and_none_is_lost(days: list[str]) -> None:
    found = draw.dots(days, AXIS, 6)
    assert len(set(found.places)) == len(days)
    assert all(math.dist(one, other) >= 6 for one, other in combinations(found.places, 2))


def test_the_corners_of_the_frame_are_the_corners_of_the_map() -> None:
    assert draw.position(f"{draw.NORTH}, {draw.WEST}") == (0, 0)
    assert draw.position(f"{draw.SOUTH}, {draw.EAST}") == (draw.NARROW, draw.MAP_HEIGHT)


@pytest.mark.parametrize("coordinates", [None, "", "43.25654, 76.92848", "38.5, 58.38333"])
def test_a_place_without_coordinates_or_far_away_has_no_number(coordinates: str | None) -> None:
    assert draw.position(coordinates) is None
    assert draw.markers([("far", coordinates)]).numbers == {}


def test_places_that_are_one_on_the_map_share_a_number() -> None:
    found = draw.markers(
        [("bridge", "37.19460, 68.60530"), ("khorog", "37.48974, 71.55304"), ("office", "37.19460, 68.60530")]
    )
    assert found.numbers == {"bridge": 1, "khorog": 2, "office": 1}
    assert len(found.points) == 2


def test_points_that_would_overlap_move_apart_and_keep_their_true_place() -> None:
    found = draw.markers([("dushanbe", "38.53575, 68.77905"), ("tursunzoda", "38.51437, 68.40000")])
    one, other = found.points
    assert math.dist((one.x, one.y), (other.x, other.y)) >= 2 * draw.MARKER
    assert (one.true_x, one.true_y) == draw.position("38.53575, 68.77905")


@given(st.lists(st.tuples(st.floats(36.2, 41.5), st.floats(66.9, 75.6)), max_size=25))
def test_every_point_is_inside_the_map(places: list[tuple[float, float]]) -> None:
    found = draw.markers([(str(n), f"{lat:.5f}, {lon:.5f}") for n, (lat, lon) in enumerate(places)])
    assert all(math.isfinite(one) for one in numbers(found.points))
    for one in found.points:
        assert draw.MARKER <= one.x <= draw.NARROW - draw.MARKER
        assert draw.MARKER <= one.y <= draw.MAP_HEIGHT - draw.MARKER


def test_the_outline_fits_the_frame_and_is_small() -> None:
    text = (ROOT / "templates/parts/map-outline.svgpath.html").read_text()
    path = text.partition("#}")[2].strip()
    assert len(path) < 4096
    assert path.startswith("M")
    assert set(path) <= set("Mlz0123456789.- ")


@given(st.text("abcmwIl абвшжю-", max_size=60), st.integers(20, 340))
def test_a_shortened_text_fits(text: str, room: int) -> None:
    assert draw.width(draw.shortened(text, room)) <= room


@given(st.text("abc абв ", max_size=120), st.integers(1, 3))
def test_lines_fit_and_are_not_more_than_asked_for(text: str, most: int) -> None:
    found = draw.lines(text, 120, most=most)
    assert len(found) <= most
    assert all(draw.width(one) <= 120 for one in found)


def test_the_rows_of_longer_names_are_higher() -> None:
    short, long = draw.rows(["one", "a name of so many words that it needs a second line"], 200, 2, 18, 20)
    assert (short.height, long.y, long.height) == (38, 38, 56)


def test_a_curve_leaves_and_arrives_level() -> None:
    assert draw.curve(0, 10, 100, 50) == "M0 10C50 10 50 50 100 50"
