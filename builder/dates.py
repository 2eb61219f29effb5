"""Days of known precision, periods, and how each language writes them.

A day is ISO text as exact as its source: 2015, 2015-03 or 2015-03-12. A period is a day, or two days with a slash, or
has an open side: 2015/2019, 2018-05-02/2018-05-04, 1999/.., ../2014-12. Both ends belong to the period.

What a language needs stands in content/<language>/formats.yaml: lists of months, and texts with names in braces:

    months          twelve names in order, as they stand after a day ("5 October", "5 октября", "5 октябри соли 2026")
    months-alone    the same, as they stand before a year without a day ("март 2015 года"); if absent, months
    months-bare     the same, where no year follows ("аз 2 май то …"); if absent, months
    day             one day:       {day} {month} {year}
    month           one month:     {month}, {month-alone} or {month-bare}, and {year}
    year            one year:      {year}
    month-after     a month after since and until; if absent, month
    year-after      a year after since and until; if absent, year
    days            days of one month:         {day} {last-day} {month} {year}
    days-of-year    days of two months:        {day} {month} {last-day} {last-month} {year}; both months in all forms
    months-of-year  months of one year:        {month} {last-month} {year}
    years           years:                     {year} {last-year}
    from-to         any other pair:            {start} {end}, each as it stands alone
    since, until    an open period:            {start} or {end}, a month or year as after a preposition

and, for lines that are to end elsewhere (all may be absent):

    after-number    words that stay on the line of the number before them ("2015 года")
    before-number   words that stay on the line of the number behind them ("№ 488", "соли 2015")
    together        phrases that stay on one line
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

EARLIEST, LATEST = "0001-01-01", "9999-12-31"  # what an open side compares as
OPEN = ".."
NEEDED = {
    "day": ("day", "month", "year"), "month": ("year",), "year": ("year",),
    "days": ("day", "last-day", "month", "year"), "days-of-year": ("day", "last-day", "year"),
    "months-of-year": ("year",), "years": ("year", "last-year"), "from-to": ("start", "end"),
    "since": ("start",), "until": ("end",),
}  # fmt: skip
OPTIONAL = ("month-after", "year-after")
NAMES = frozenset(
    ["start", "end"]
    + [f"{side}{name}" for side in ("", "last-") for name in ("day", "month", "month-alone", "month-bare", "year")]
)

_DAY = re.compile(r"([1-9][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NAME = re.compile(r"\{([^{}]*)\}")
_EXPECTED_DAY = "expected a day such as 2015, 2015-03 or 2015-03-12"
_EXPECTED_PERIOD = "expected a day such as 2015-03-12, or a period such as 2015/2019, 1999/.. or ../2014-12"


def day_problem(text: str) -> str | None:
    """What is wrong with a day, as a sentence for an editor; None if nothing is."""
    match = _DAY.fullmatch(text)
    if match is None:
        return f"{_EXPECTED_DAY}, found {_quoted(text)}"
    year, month, day = match.groups()
    if month is not None and not 1 <= int(month) <= 12:
        return f"expected a month from 01 to 12, found '{text}'"
    if day is not None and not 1 <= int(day) <= _length(int(year), int(month)):
        return f"expected a day that exists, found '{text}' ({year}-{month} has {_length(int(year), int(month))} days)"
    return None


def period_problem(text: str) -> str | None:
    """What is wrong with a period or day, as a sentence for an editor; None if nothing is."""
    sides = text.split("/")
    if len(sides) == 1 and _DAY.fullmatch(text):
        return day_problem(text)
    if len(sides) != 2 or "" in sides or sides == [OPEN, OPEN]:
        return f"{_EXPECTED_PERIOD}, found {_quoted(text)}"
    for side in sides:
        if side != OPEN and (problem := day_problem(side)):
            return problem
    if first_day(text) > last_day(text):
        return f"expected the start before the end, found '{text}'"
    return None


def starts(text: str) -> str:
    """The first side of a period as it was written, or "" if it is open."""
    side = text.partition("/")[0]
    return "" if side == OPEN else side


def ends(text: str) -> str:
    """The last side of a period as it was written, or "" if it is open."""
    side = text.rpartition("/")[2]
    return "" if side == OPEN else side


def first_day(text: str) -> str:
    """The first day that a day or period can mean, in full, for comparing."""
    start = starts(text)
    return start + EARLIEST[-(10 - len(start)) :] if 0 < len(start) < 10 else start or EARLIEST


def last_day(text: str) -> str:
    """The last day that a day or period can mean, in full, for comparing."""
    end = ends(text)
    if len(end) == 4:
        return f"{end}-12-31"
    if len(end) == 7:
        return f"{end}-{_length(int(end[:4]), int(end[5:]))}"
    return end or LATEST


def day_after(text: str) -> str:
    """The day after the last one of a day or period, in full: where a calendar entry of whole days ends."""
    end = last_day(text)
    if end == LATEST:
        return LATEST
    return (date.fromisoformat(end) + timedelta(1)).isoformat()


def day(text: str, formats: Mapping[str, Any]) -> str:
    """A day as the language writes it standing alone."""
    return _written(text, formats, "")


def period(text: str, formats: Mapping[str, Any]) -> str:
    """A period (or a day) as the language writes it standing alone."""
    start, end = starts(text), ends(text)
    if start == end:
        return day(start, formats)
    if not end:
        return _fill(formats["since"], start=_written(start, formats, "-after"))
    if not start:
        return _fill(formats["until"], end=_written(end, formats, "-after"))
    pattern = _pair(start, end)
    if pattern == "from-to":
        return _fill(formats[pattern], start=day(start, formats), end=day(end, formats))
    return _fill(formats[pattern], **_names(start, formats), **_names(end, formats, "last-"))


def held(text: str, formats: Mapping[str, Any]) -> str:
    """A text in which no line can end between a number and a word that belongs to it, nor before a dash."""
    after = (*formats["months"], *formats.get("months-bare", ()), *formats.get("after-number", ()))
    text = _beside_a_number(after, tuple(formats.get("before-number", ()))).sub("\u00a0", text)
    for phrase in formats.get("together", ()):
        text = text.replace(phrase, phrase.replace(" ", "\u00a0"))
    return text.replace(" — ", "\u00a0— ").replace(" – ", "\u00a0– ")


@cache
def _beside_a_number(after: tuple[str, ...], before: tuple[str, ...]) -> re.Pattern[str]:
    """A space between a digit and one of the words `after` it, or one of the words `before` it and a digit.

    The pattern begins with the space itself, which is found four times as quickly as a digit with a space behind it.
    """
    behind = rf"(?<=[0-9] )(?=(?:{'|'.join(map(re.escape, after))})(?!\w))"
    ahead = "|".join(rf"(?<={name})(?<!\w{name})" for name in (re.escape(f"{word} ") for word in before))
    return re.compile(f" (?:{behind}|(?=[0-9])(?:{ahead}))" if before else f" {behind}")


def format_problems(formats: Mapping[str, Any]) -> list[str]:
    """What is missing or unknown in the part of a language's formats that dates need, as sentences."""
    found = []
    for key in ("months", "months-alone", "months-bare"):
        if (key == "months" or key in formats) and not _twelve(formats.get(key)):
            found.append(f"'{key}' needs a list of the names of the twelve months")
    for key in ("after-number", "before-number", "together"):
        if key in formats and not _texts(formats[key]):
            found.append(f"'{key}' needs a list of texts")
    for key, names in NEEDED.items():
        pattern = formats.get(key)
        if not isinstance(pattern, str):
            found.append(f"'{key}' is missing, or not a text")
            continue
        found.extend(f"'{key}' lacks {{{name}}}" for name in names if f"{{{name}}}" not in pattern)
    for key in (*NEEDED, *OPTIONAL):
        unknown = [name for name in _NAME.findall(str(formats.get(key, ""))) if name not in NAMES]
        found.extend(f"'{key}' has the unknown name {{{name}}}" for name in unknown)
    return found


def _twelve(value: Any) -> bool:
    return _texts(value) and len(value) == 12


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) and one for one in value)


def _quoted(text: str) -> str:
    return f"'{text}'" if len(text) <= 40 else f"'{text[:40]}…'"


def _length(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _pair(start: str, end: str) -> str:
    """The pattern for two days of the same precision that share their year or month, or from-to."""
    if len(start) != len(end):
        return "from-to"
    if len(start) == 4:
        return "years"
    if start[:4] != end[:4]:
        return "from-to"
    if len(start) == 7:
        return "months-of-year"
    return "days" if start[:7] == end[:7] else "days-of-year"


def _written(text: str, formats: Mapping[str, Any], after: str) -> str:
    pattern = {4: "year", 7: "month", 10: "day"}[len(text)]
    return _fill(formats.get(pattern + after) or formats[pattern], **_names(text, formats))


def _names(text: str, formats: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """The names that a pattern may use for a day; `before` tells the second day of a pair from the first."""
    names = {f"{before}year": text[:4]}
    if len(text) >= 7:
        month = int(text[5:7]) - 1
        names[f"{before}month"] = formats["months"][month]
        names[f"{before}month-alone"] = (formats.get("months-alone") or formats["months"])[month]
        names[f"{before}month-bare"] = (formats.get("months-bare") or formats["months"])[month]
    if len(text) == 10:
        names[f"{before}day"] = str(int(text[8:]))
    return names


def _fill(pattern: str, **names: str) -> str:
    """Puts values into a pattern. Not str.format: what editors write must stay data."""
    return _NAME.sub(lambda match: names.get(match[1], match[0]), pattern)
