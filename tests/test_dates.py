"""Days and periods: what editors may write, and what readers of each language see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import correct
from hypothesis import given
from hypothesis import strategies as st

from builder import dates

CONTENT = Path(__file__).parent.parent / "content"
FORMATS: dict[str, dict[str, Any]] = {
    lang: yaml.load((CONTENT / lang / "formats.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    for lang in ("en", "ru", "tg")
}
DAYS = st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.isoformat())
ANY = st.tuples(DAYS, st.sampled_from([4, 7, 10])).map(lambda pair: pair[0][: pair[1]])


@pytest.mark.parametrize("text", ["2015", "2015-03", "2015-03-12", "2016-02-29", "2000-02-29"])
def test_a_day_of_any_precision_is_a_day(text: str) -> None:
    assert dates.day_problem(text) is None
    assert dates.period_problem(text) is None


@pytest.mark.parametrize(
    "text",
    ["soon", "", "15", "2015-3", "2015-03-1", "12.03.2015", "2015-03-12 ", "2015-03-12\n", "٢٠١٥", "0215", "-2015"],
)
def test_what_is_no_day_is_answered_with_examples(text: str) -> None:
    assert dates.day_problem(text) == f"expected a day such as 2015, 2015-03 or 2015-03-12, found '{text}'"


def test_a_day_that_the_calendar_lacks_is_refused() -> None:
    assert dates.day_problem("2015-13") == "expected a month from 01 to 12, found '2015-13'"
    assert dates.day_problem("2015-00-10") == "expected a month from 01 to 12, found '2015-00-10'"
    assert dates.day_problem("2015-02-29") == "expected a day that exists, found '2015-02-29' (2015-02 has 28 days)"
    assert dates.day_problem("1900-02-29") == "expected a day that exists, found '1900-02-29' (1900-02 has 28 days)"
    assert dates.day_problem("2015-04-31") == "expected a day that exists, found '2015-04-31' (2015-04 has 30 days)"
    assert dates.day_problem("2015-01-00") == "expected a day that exists, found '2015-01-00' (2015-01 has 31 days)"


def test_a_long_wrong_value_is_shortened_in_the_message() -> None:
    problem = dates.day_problem("x" * 5000)
    assert problem is not None
    assert len(problem) < 120
    assert "…" in problem


@given(DAYS)
def test_every_day_of_the_calendar_is_a_day(day: str) -> None:
    assert dates.day_problem(day) is None
    assert dates.first_day(day) == dates.last_day(day) == day


@pytest.mark.parametrize(
    "text", ["2015/2019", "2018-05-02/2018-05-04", "1999/..", "../2014-12", "2015/2015-06", "2015/2015"]
)
def test_periods_may_be_closed_or_open_on_one_side(text: str) -> None:
    assert dates.period_problem(text) is None


@pytest.mark.parametrize(
    "text", ["soon", "../..", "2015/", "/2015", "2015/2016/2017", "2015-2019", "..", "1999-..", "/", ""]
)
def test_what_is_no_period_is_answered_with_examples(text: str) -> None:
    assert dates.period_problem(text) == (
        f"expected a day such as 2015-03-12, or a period such as 2015/2019, 1999/.. or ../2014-12, found '{text}'"
    )


def test_a_wrong_side_of_a_period_is_named_alone() -> None:
    assert dates.period_problem("2015/soon") == "expected a day such as 2015, 2015-03 or 2015-03-12, found 'soon'"
    assert (
        dates.period_problem("2015-02-30/..") == "expected a day that exists, found '2015-02-30' (2015-02 has 28 days)"
    )


@pytest.mark.parametrize("text", ["2019/2015", "2015-03/2015-02", "2015-03-12/2015-03-11", "2016/2015-12"])
def test_a_period_does_not_end_before_it_starts(text: str) -> None:
    assert dates.period_problem(text) == f"expected the start before the end, found '{text}'"


@pytest.mark.parametrize(
    ("text", "first", "last", "after"),
    [
        ("2015", "2015-01-01", "2015-12-31", "2016-01-01"),
        ("2016-02", "2016-02-01", "2016-02-29", "2016-03-01"),
        ("2015-02", "2015-02-01", "2015-02-28", "2015-03-01"),
        ("2015-03-12", "2015-03-12", "2015-03-12", "2015-03-13"),
        ("2015/2019-06", "2015-01-01", "2019-06-30", "2019-07-01"),
        ("1999/..", "1999-01-01", "9999-12-31", "9999-12-31"),
        ("../2014-12", "0001-01-01", "2014-12-31", "2015-01-01"),
    ],
)
def test_days_and_periods_are_compared_by_their_first_and_last_day(
    text: str, first: str, last: str, after: str
) -> None:
    assert (dates.first_day(text), dates.last_day(text), dates.day_after(text)) == (first, last, after)


def test_the_sides_of_a_period_are_known_as_they_were_written() -> None:
    assert (dates.starts("2015-03/2019"), dates.ends("2015-03/2019")) == ("2015-03", "2019")
    assert (dates.starts("1999/.."), dates.ends("1999/..")) == ("1999", "")
    assert (dates.starts("../2014-12"), dates.ends("../2014-12")) == ("", "2014-12")
    assert (dates.starts("2015"), dates.ends("2015")) == ("2015", "2015")


@pytest.mark.parametrize(("lang", "value", "form"), correct("dates"))
def test_days_and_periods_are_written_as_acts_and_the_press_write_them(lang: str, value: str, form: str) -> None:
    assert dates.period(value, FORMATS[lang]) == form


@pytest.mark.parametrize("lang", FORMATS)
@pytest.mark.parametrize("text", ["2026-10-05", "2015-03", "2021"])
def test_a_day_reads_the_same_as_a_period_of_one_day(lang: str, text: str) -> None:
    assert dates.day(text, FORMATS[lang]) == dates.period(text, FORMATS[lang])


@pytest.mark.parametrize("lang", FORMATS)
@given(ANY, ANY)
def test_no_name_in_braces_is_left_and_no_year_is_lost(lang: str, one: str, other: str) -> None:
    start, end = sorted([one, other], key=dates.first_day)
    for text in (start, f"{start}/{end}", f"{start}/..", f"../{end}"):
        if dates.period_problem(text) is None:
            written = dates.period(text, FORMATS[lang])
            assert "{" not in written
            assert all(side[:4] in written for side in (dates.starts(text), dates.ends(text)))


@pytest.mark.parametrize("lang", FORMATS)
def test_the_formats_of_every_language_are_complete(lang: str) -> None:
    assert dates.format_problems(FORMATS[lang]) == []


def test_a_fault_in_the_formats_is_named() -> None:
    formats = {**FORMATS["en"], "months": ["January"], "day": "{day} {moon} {year}", "years": ["a"]}
    formats["after-number"] = "kg"
    assert dates.format_problems(formats) == [
        "'months' needs a list of the names of the twelve months",
        "'after-number' needs a list of texts",
        "'day' lacks {month}",
        "'years' is missing, or not a text",
        "'day' has the unknown name {moon}",
    ]


def test_a_format_is_never_run_as_code() -> None:
    formats = {**FORMATS["en"], "year": "{year.__class__} {year!r} {0} {year}"}
    assert dates.day("2021", formats) == "{year.__class__} {year!r} {0} 2021"


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "on 5 May, 14 May 2018 and 4 and 5 June", "on 5\u00a0May, 14\u00a0May 2018 and 4 and 5\u00a0June"),
        ("ru", "с 2 мая по 3 марта 2018 года", "с 2\u00a0мая по 3\u00a0марта 2018\u00a0года"),
        ("tg", "аз 2 май то 5 октябри соли 2026", "аз 2\u00a0май то 5\u00a0октябри соли\u00a02026"),
        ("en", "in May 2018, 5 Mayors", "in May 2018, 5 Mayors"),
        ("ru", "в 2015 году 12 кг, № 488", "в 2015\u00a0году 12\u00a0кг, №\u00a0488"),
        ("ru", "отчёт УНП ООН — за 2015 годовой", "отчёт УНП\u00a0ООН\u00a0— за 2015 годовой"),
        ("tg", "соли 2015, дар соли гузашта – 5 кг", "соли\u00a02015, дар соли гузашта\u00a0– 5\u00a0кг"),
    ],
)
def test_no_line_ends_between_a_number_and_its_word(lang: str, text: str, expected: str) -> None:
    assert dates.held(text, FORMATS[lang]) == expected
