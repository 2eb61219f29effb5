"""Figures, periods and places to positions on a drawing; templates draw them.

A drawing is 340 units wide: a small telephone shows it on 288 pixels, and its text of 14 units on 11.9. Nothing here
knows a colour or a word.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple, Protocol

from builder import dates

NARROW = 340
TEXT = 14  # units

# Nobody knows the reader's font: these letters are much narrower or wider than the others in all of them.
SLIM = frozenset("ijltfrI.,:;'’|!()[]-/ г")
BROAD = frozenset("mwMWQO@%—мшщжюфыМШЩЖЮФЫДО")


def tenth(value: float) -> float:
    """A length as it is written: to a tenth of a unit, whole if it is."""
    found = round(value, 1)
    return int(found) if found == int(found) else found


def width(text: str, size: float = TEXT) -> float:
    """How wide a text becomes at most, in the fonts that are common."""
    return tenth(sum(_advance(letter) for letter in text) * size)


def _advance(letter: str) -> float:
    if letter in SLIM:
        return 0.38
    if letter in BROAD:
        return 0.88
    if letter.isupper():
        return 0.7
    return 0.63 if letter.isdigit() or letter >= "\u0400" else 0.58


def shortened(text: str, room: float, size: float = TEXT) -> str:
    """As much of a text as fits, with an ellipsis if that is not all."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip(" ,(–-") + "…"


def lines(text: str, room: float, size: float = TEXT, most: int = 2) -> tuple[str, ...]:
    """A text in lines that fit, at most so many."""
    found: list[str] = []
    for word in text.split():
        if found and width(f"{found[-1]} {word}", size) <= room:
            found[-1] += f" {word}"
        else:
            found.append(word)
    if len(found) > most:
        found[most - 1 :] = [" ".join(found[most - 1 :])]
    return tuple(shortened(line, room, size) for line in found)


class Row(NamedTuple):
    """A name in lines, and where it stands."""

    lines: tuple[str, ...]
    y: float
    height: float


def rows(names: Iterable[str], room: float, most: int, line: float, more: float) -> tuple[Row, ...]:
    """Names one below the other, in lines of that height, each with `more` units around it."""
    found: list[Row] = []
    y = 0.0
    for name in names:
        written = lines(name, room, most=most)
        found.append(Row(written, tenth(y), tenth(len(written) * line + more)))
        y += found[-1].height
    return tuple(found)


class Point(Protocol):
    """One value of a series, as one report gives it."""

    @property
    def year(self) -> str: ...
    @property
    def value(self) -> int | float: ...
    @property
    def approximate(self) -> bool | None: ...


Write = Callable[[int | float, int | float, bool], str]  # lowest, highest, is one of them approximate


class Bar(NamedTuple):
    """What the reports of one year say: a bar to the lowest value, a paler one to the highest."""

    name: str
    label: str
    y: float
    low: float
    high: float
    between: tuple[float, ...]  # the other reports


class Gap(NamedTuple):
    """Years without a value, one after the other, each with where it stands."""

    y: float
    height: float
    years: tuple[tuple[str, float], ...]


class Bars(NamedTuple):
    """A bar chart. Bars begin at `zero`, which is the value 0."""

    zero: float
    height: float
    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]


class Groups(NamedTuple):
    """A bar chart with headings. Bars begin at `zero`, which is the value 0."""

    zero: float
    height: float
    groups: tuple[tuple[str, float, tuple[Bar, ...]], ...]  # heading, where it stands, bars


def rounded(value: int | float) -> int | float:
    """A value as a label shows it; the table has it in full."""
    return math.floor(value + 0.5) if abs(value) >= 100 else tenth(value)


def bars(points: Iterable[Point], write: Write, row: float = 22) -> Bars:
    """A row for every year from the first to the last; `write` makes the label of a row."""
    years = _years(points)
    zero = max((width(name) for name, _ in years), default=0) + 6
    scale = _scale([found for _, found in years if found], write, NARROW - zero - 8)
    drawn: list[Bar] = []
    gaps: list[Gap] = []
    for n, (name, found) in enumerate(years):
        y = tenth(n * row)
        if found:
            drawn.append(_bar(name, found, write, y, scale))
        elif gaps and gaps[-1].y + gaps[-1].height == y:
            gaps[-1] = Gap(gaps[-1].y, gaps[-1].height + row, (*gaps[-1].years, (name, y)))
        else:
            gaps.append(Gap(y, row, ((name, y),)))
    return Bars(tenth(zero), tenth(len(years) * row), tuple(drawn), tuple(gaps))


def groups(series: Sequence[tuple[str, Iterable[Point]]], write: Write, row: float = 22) -> Groups:
    """Several named series under the years for which one of them has a value."""
    table: dict[str, list[tuple[str, list[Point]]]] = {}
    for name, points in series:
        for year, found in _years(points):
            if found:
                table.setdefault(year, []).append((name, found))
    zero = min(max((width(name) for name, _ in series), default=0) + 6, NARROW / 2)
    scale = _scale([found for year in table.values() for _, found in year], write, NARROW - zero - 8)
    drawn = []
    y = 0.0
    for heading in sorted(table):
        named = [(shortened(name, zero - 6), found) for name, found in table[heading]]
        here = tuple(_bar(name, found, write, tenth(y + n * row), scale) for n, (name, found) in enumerate(named, 1))
        drawn.append((heading, tenth(y), here))
        y += row * (len(here) + 1.5)
    return Groups(tenth(zero), tenth(y), tuple(drawn))


def _years(points: Iterable[Point]) -> list[tuple[str, list[Point]]]:
    """Every year with its reports. Values for several parts of a year are no reports of one thing: a row for each."""
    found: dict[int, list[Point]] = {}
    for point in points:
        found.setdefault(int(point.year[:4]), []).append(point)
    result: list[tuple[str, list[Point]]] = []
    for year in range(min(found, default=0), max(found, default=-1) + 1):
        days = sorted({point.year for point in found.get(year, ())})
        if len(days) < 2:
            result.append((str(year), found.get(year, [])))
        else:
            result.extend((day, [point for point in found[year] if point.year == day]) for day in days)
    return result


def _scale(reports: Iterable[Sequence[Point]], write: Write, room: float) -> float:
    """Units for each 1, as many as leave room for the label behind every bar."""
    ends = [(max(point.value for point in found), width(_label(found, write))) for found in reports]
    return min((max(room - label, room / 4) / value for value, label in ends if value > 1e-9), default=0.0)


def _label(found: Sequence[Point], write: Write) -> str:
    values = [point.value for point in found]
    return str(write(min(values), max(values), any(point.approximate for point in found)))


def _bar(name: str, found: Sequence[Point], write: Write, y: float, scale: float) -> Bar:
    ends = sorted(tenth(max(0, point.value) * scale) for point in found)
    return Bar(name, _label(found, write), y, ends[0], ends[-1], tuple(ends[1:-1]))


TAIL = 14  # units: how far an end that nobody published is drawn on


class Axis(NamedTuple):
    """Whole years from left to right."""

    first: int
    last: int
    left: float
    right: float

    def at(self, day: str) -> float:
        """Where a full day stands; days outside stand at the edge."""
        one = date.fromisoformat(day)
        start, end = date(one.year, 1, 1).toordinal(), date(one.year, 12, 31).toordinal() + 1
        passed = one.year + (one.toordinal() - start) / (end - start) - self.first
        share = passed / (self.last + 1 - self.first)
        return tenth(self.left + min(max(share, 0), 1) * (self.right - self.left))

    def years(self, step: int) -> tuple[tuple[int, float], ...]:
        """The years that are multiples of the step, with where each begins."""
        first = -(-self.first // step) * step
        return tuple((year, self.at(f"{year}-01-01")) for year in range(first, self.last + 2, step))


def axis(periods: Iterable[str], left: float, right: float) -> Axis:
    """An axis that holds all these days and periods."""
    known = [int(side[:4]) for period in periods for side in (dates.starts(period), dates.ends(period)) if side]
    return Axis(min(known, default=2000), max(known, default=2000), left, right)


class Span(NamedTuple):
    """A programme on an axis: from start to end by every source, from low to high by some of them."""

    start: float
    end: float
    low: float
    high: float
    begins: bool  # is a start published
    ends: bool  # is an end published


def span(periods: Sequence[str], attested: str, axis: Axis) -> Span | None:
    """Where a programme stands; the first period leads. Without a published end, up to the day it is attested for."""
    starts = [axis.at(dates.first_day(one)) for one in periods if dates.starts(one)]
    ends = [axis.at(dates.day_after(one)) for one in periods if dates.ends(one)]
    if not starts and not ends:
        return None
    begins, finishes = bool(dates.starts(periods[0])), bool(dates.ends(periods[0]))
    if not finishes:
        ends.append(max(axis.at(dates.last_day(attested)), starts[0]))
    if not starts:
        starts.append(max(min(ends) - TAIL, axis.left))
    low, high = min(starts), max(*ends, min(starts) + 3)
    start, end = max(starts), min(ends)
    if end < start:  # two sources that share no day: the first one
        start, end = starts[0], max(ends[0], starts[0])
    return Span(start, max(end, start + 3), low, max(high, start + 3), begins, finishes)


class Dots(NamedTuple):
    """Dots on an axis, one above the other where they would touch; the height that they take."""

    height: float
    places: tuple[tuple[float, float], ...]


def dots(days: Iterable[str], axis: Axis, size: float) -> Dots:
    """A dot of that size for each day, in columns as wide as a dot."""
    columns = Counter(round(axis.at(dates.first_day(day)) / size) for day in days)
    height = max(columns.values(), default=0) * size
    places = [
        (column * size, height - (n + 0.5) * size) for column, count in sorted(columns.items()) for n in range(count)
    ]
    return Dots(tenth(height), tuple((tenth(x), tenth(y)) for x, y in places))


def curve(left: float, y: float, right: float, end: float) -> str:
    """A line from one column to another that leaves and arrives level, as path data."""
    middle = tenth((left + right) / 2)
    return f"M{tenth(left)} {tenth(y)}C{middle} {tenth(y)} {middle} {tenth(end)} {tenth(right)} {tenth(end)}"


# The map: equirectangular, true at the latitude in its middle. The outline in templates/parts was made for this frame.
WEST, EAST, SOUTH, NORTH = 66.9, 75.6, 36.2, 41.5
LATITUDE = NARROW / (EAST - WEST) / math.cos(math.radians((SOUTH + NORTH) / 2))  # units for one degree
MAP_HEIGHT = tenth((NORTH - SOUTH) * LATITUDE)
MARKER = 10  # radius of a numbered point
SAME = 7  # units: places nearer than that (14 km) share a point


class Marker(NamedTuple):
    """A numbered point, with where its first place is."""

    number: int
    x: float
    y: float
    true_x: float
    true_y: float


class Markers(NamedTuple):
    """Points on the map, and the number of each place that has one."""

    points: tuple[Marker, ...]
    numbers: Mapping[str, int]


def position(coordinates: str | None) -> tuple[float, float] | None:
    """Where a place is on the map; None if it is not on it."""
    if not coordinates:
        return None
    latitude, longitude = (float(part) for part in coordinates.split(","))
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        return None
    return tenth((longitude - WEST) / (EAST - WEST) * NARROW), tenth((NORTH - latitude) * LATITUDE)


def markers(places: Iterable[tuple[str, str | None]]) -> Markers:
    """Numbers for places, each a key with coordinates, in that order; points that would overlap move apart."""
    true: list[tuple[float, float]] = []
    numbers: dict[str, int] = {}
    for key, coordinates in places:
        here = position(coordinates)
        if here is None:
            continue
        near = next((n for n, there in enumerate(true) if math.dist(here, there) < SAME), len(true))
        if near == len(true):
            true.append(here)
        numbers[key] = near + 1
    moved = _apart(true, 2 * MARKER + 1)
    points = zip(moved, true, strict=True)
    return Markers(tuple(Marker(n, tenth(x), tenth(y), *there) for n, ((x, y), there) in enumerate(points, 1)), numbers)


def _apart(true: Sequence[tuple[float, float]], distance: float) -> list[tuple[float, float]]:
    """The points, pushed apart along the line between them until they are that distant, inside the frame."""
    found = [_inside(x, y) for x, y in true]
    for _ in range(200):
        still = True
        for one, other in combinations(range(len(found)), 2):
            (x, y), (u, v) = found[one], found[other]
            gap = math.dist((x, y), (u, v))
            if gap >= distance:
                continue
            still = False
            push = (distance - gap) / 2 + 0.1
            along, down = ((u - x) / gap, (v - y) / gap) if gap else (1.0, 0.0)
            found[one] = _inside(x - along * push, y - down * push)
            found[other] = _inside(u + along * push, v + down * push)
        if still:
            break
    return found


def _inside(x: float, y: float) -> tuple[float, float]:
    edge = MARKER + 1
    return min(max(x, edge), NARROW - edge), min(max(y, edge), MAP_HEIGHT - edge)
