"""What editors may write in a text, what they are told otherwise, and what readers get."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

import html5lib
import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builder import marks, markup, scanner

ROOT = Path(__file__).parent.parent
MARK = re.compile("\ue000([^\ue001]*)\ue001([^\ue002]*)\ue002")


class Everywhere(dict[str, str]):
    """A map of links in which every target leads somewhere."""

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]
        """Where a target leads."""
        return f"/to/{key}"


def converted(
    text: str,
    ids: Sequence[str] = (),
    links: Mapping[str, str] | None = None,
    glossary: Mapping[str, str] | None = None,
) -> markup.Converted:
    """A text as it stands on its page, but for the numbers of citations."""
    made = markup.convert(text, glossary=glossary or {})
    if not made.html:
        return made
    html, problems = marks.filled(made.html, ids, {} if links is None else links)
    return markup.Converted(html, (*made.problems, *problems))


def html(text: str, links: Mapping[str, str] | None = None, glossary: Mapping[str, str] | None = None) -> str:
    """The HTML of a text that has no problems."""
    ids = [one.id for one in scanner.scan(text).sections]
    made = converted(text, ids, links, glossary)
    assert made.problems == ()
    return made.html


def told(text: str) -> list[tuple[int, int, str]]:
    """Line, column and message of what an editor is told about a text."""
    return [(one.line, one.column, one.message) for one in scanner.scan(text).problems]


def codes(text: str) -> list[str]:
    """The codes of the problems of a text."""
    return [one.code for one in scanner.scan(text).problems]


PAGE = """\
Intro of the [border project](../programmes/border.md "The project") [@mfa-seed].

## Beginnings, 1992 to 1998

The office began *its* work in **1993** [@unodc-ca, p. 3 & 4] — see `x < y`.

### Панҷ ва Ҷумҳурӣ

- one
- two [site](https://example.org/a_(b))

    more of two

1. first
2. second

> A quotation.

| Year | kg |
| --- | --: |
| 2018 | 4,190 |
| 2019 | `a|b` |

```python
## no heading [@no-citation] <b>
```

## Beginnings, 1992 to 1998

![A bridge over the Panj](bridge.jpg) <https://example.org> <info@example.org>
"""


# What scan finds


def test_sections_have_ids_of_latin_letters_that_differ() -> None:
    found = [(one.level, one.title, one.id, one.line) for one in scanner.scan(PAGE).sections]
    assert found == [
        (0, "", "top", 1),
        (2, "Beginnings, 1992 to 1998", "beginnings-1992-to-1998", 3),
        (3, "Панҷ ва Ҷумҳурӣ", "panj-va-jumhuri", 7),
        (2, "Beginnings, 1992 to 1998", "beginnings-1992-to-1998-2", 28),
    ]


def test_links_pictures_and_citations_are_found_where_they_stand() -> None:
    found = scanner.scan(PAGE)
    assert [(one.target, one.line, one.column) for one in found.links] == [
        ("../programmes/border.md", 1, 14), ("https://example.org/a_(b)", 10, 7), ("https://example.org", 30, 39),
        ("mailto:info@example.org", 30, 61),
    ]  # fmt: skip
    assert [(one.target, one.alt, one.line, one.column) for one in found.images] == [
        ("bridge.jpg", "A bridge over the Panj", 30, 1)
    ]
    assert [(one.key, one.locator, one.line, one.column) for one in found.citations] == [
        ("mfa-seed", "", 1, 70), ("unodc-ca", "p. 3 & 4", 5, 41),
    ]  # fmt: skip
    assert found.problems == ()


def test_a_title_is_plain_words() -> None:
    text = "## The *second* [phase](x.md) of `DCA`, **2003** [@key, p. 1] snake_case \\* &amp;\n"
    assert scanner.scan(text).sections[1].title == "The second phase of DCA, 2003 snake_case * &"


@pytest.mark.parametrize(
    ("title", "anchor"),
    [("Top", "top-2"), ("!?", "section"), ("Ёлка, щука — объезд", "yolka-shchuka-obezd"), ("Évian’s", "evians"),
     ("A" * 90, "a" * 60)],
)  # fmt: skip
def test_every_heading_gets_an_anchor(title: str, anchor: str) -> None:
    assert scanner.scan(f"## {title}\n").sections[1].id == anchor


def test_anchors_differ_even_if_a_title_looks_like_a_counted_one() -> None:
    ids = [one.id for one in scanner.scan("## A\n\n## A 2\n\n## A\n\n## A\n").sections]
    assert len(set(ids)) == 5


def test_the_state_of_a_section_is_that_of_its_own_words() -> None:
    def digests(text: str) -> list[str]:
        return [one.digest for one in scanner.scan(text).sections]

    first = digests("Intro.\n\n## A\n\nOne.\n\n### B\n\nTwo.\n")
    assert all(re.fullmatch("[0-9a-f]{8}", one) for one in first)
    assert digests("Intro.  \n\n\n\n## A\n\nOne.\t\n\n\n### B\n\nTwo.") == first
    changed = digests("Intro.\n\n## A\n\nOne.\n\n### B\n\nThree.\n")
    assert (changed[:2], changed[2] != first[2]) == (first[:2], True)
    assert digests("Intro.\n\n## New\n\nOne.\n\n### B\n\nTwo.\n")[1] != first[1]


def test_windows_line_ends_make_no_difference() -> None:
    assert scanner.scan(PAGE.replace("\n", "\r\n")) == scanner.scan(PAGE)


@pytest.mark.parametrize(
    "text",
    [
        "`[a](b) [@c] <b>`",
        "```\n[a](b) [@c] <b>\n# x\n```",
        "~~~ text\n[a](b)\n~~~",
        "\\[a](b)",
        "\\[@c]",
        "`` ` [a](b) ``",
    ],
)
def test_code_and_escaped_signs_hold_no_links(text: str) -> None:
    found = scanner.scan(text)
    assert (found.links, found.citations, found.problems) == ((), (), ())


# What editors are told


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("Words\n=====\n", 2, 1, "a line of signs right below a text makes it a heading"),
        ("Words\n---\n", 2, 1, "a line of signs right below a text makes it a heading"),
        ("# Title\n", 1, 1, "a text has no heading of the first level"),
        ("A.\n\n### Deep\n", 3, 1, "a heading of level 3 follows one of level 1"),
        ("## A\n\n#### B\n", 3, 1, "a heading of level 4 follows one of level 2"),
        ("##\n", 1, 1, "a line that begins with # is a heading, but this is none"),
        ("#1 in the list\n", 1, 1, "a line that begins with # is a heading, but this is none"),
        ("## A | b\n", 1, 1, "a heading holds the border of a table cell"),
        ("####### Seven\n", 1, 1, "a line that begins with # is a heading, but this is none"),
        ("- ## Inside\n", 1, 1, "a heading stands inside a list or quotation"),
        ("> ## Inside\n", 1, 1, "a heading stands inside a list or quotation"),
        ("A ![](a.jpg)\n", 1, 3, "a picture has no words for those who do not see it"),
        ("A ![x](https://e.org/a.jpg)\n", 1, 3, "a picture comes from another site"),
        ("A.\n\n```\ncode\n", 3, 1, "the code that begins here has no end"),
        ("- a\n\n    ```\n    b\n    ```\n", 3, 1, "code between fences is indented"),
        ("A `b\n", 1, 3, "` has no partner"),
        ("A <b>c</b>\n", 1, 3, "HTML is not allowed in a text, found '<b>c</b>'"),
        ("<div>\n", 1, 1, "HTML is not allowed in a text, found '<div>'"),
        ("<!-- x -->\n", 1, 1, "HTML is not allowed in a text, found '<!-- x -->'"),
        ("[a][b]\n", 1, 1, "the address of a link stands apart from the link"),
        ("[b]: https://e.org\n", 1, 1, "the address of a link stands apart from the link"),
        ("*[UN]: United Nations\n", 1, 1, "an abbreviation is defined inside a text"),
        ("A [^1]\n", 1, 3, "this site has no footnotes"),
        ("A [@Key]\n", 1, 3, "this is not a citation that can be followed"),
        ("A [@a; @b]\n", 1, 3, "this is not a citation that can be followed"),
        ("A [b](c d)\n", 1, 3, "this is not a link that can be followed"),
        ("A [b]()\n", 1, 3, "this is not a link that can be followed"),
        ("A [](b)\n", 1, 3, "this is not a link that can be followed"),
        ("A [b](c\n\nd\n", 1, 3, "this is not a link that can be followed"),
        ("A [b](javascript:alert(1))\n", 1, 3, "'javascript:alert(1)' is no address that this site links to"),
        ("A [b](//evil.example)\n", 1, 3, "'//evil.example' is no address that this site links to"),
        ("A <ftp://e.org>\n", 1, 3, "'ftp://e.org' is no address that this site links to"),
        ("[a [@b] c](d)\n", 1, 1, "a link or citation stands inside the words of a link"),
        ("[a [b](c) d](e)\n", 1, 1, "a link or citation stands inside the words of a link"),
        ("Words:\n- a\n", 2, 1, "a list follows a text without an empty line"),
        ("Words:\n1. a\n", 2, 1, "a list follows a text without an empty line"),
        ("1999. In that year\n", 1, 1, "'1999.' begins a list item, which would get another number"),
        ("1. a\n3. b\n", 2, 1, "'3.' begins a list item, which would get another number"),
        ("1. a\n\nWords.\n\n2. b\n", 5, 1, "'2.' begins a list item, which would get another number"),
        ("Words\n| a | b |\n| - | - |\n", 3, 1, "this line does not stand below the column titles of a table"),
        ("| a | b |\n| - | - |\n## C\n", 3, 1, "this stands right below a table or list and would become a part of it"),
        ("- a\n## C\n", 2, 1, "this stands right below a table or list and would become a part of it"),
        ("| a | b |\n| - | - |\n| 1 | 2 |\nWords\n", 4, 1, "this stands right below a table and would become a row"),
        ("| a | b |\n| - | - |\n| 1 | 2 | 3 |\n", 3, 1,
         "the row has 3 cells, the table 2 columns; the last cells would be lost"),
    ],
)  # fmt: skip
def test_an_editor_is_told_what_to_write_otherwise(text: str, line: int, column: int, message: str) -> None:
    assert (line, column, message) in told(text)
    assert all(one.hint for one in scanner.scan(text).problems)


@pytest.mark.parametrize(
    "text",
    [
        PAGE, "", "\n\n", "2 < 3 and 5 > 4 & so on", "A [note] in brackets", "In the year\n1999. That was it.", "snake_case *",
        "- a\n- b\n    - c\n\n        d\n- e", "1. a\n\n    more\n\n2. b", "1. a\n1. b", "A\n\n---\n\nB", "a | b",
        "[Drug Control\nAgency](dca.md)", "C:\\dir", "&nbsp;&copy; &lt;b&gt;", "> - a\n> - b", "`a`\n`b`",
        "| a \\| b | c |\n| - | - |\n| 1 | `x|y` |", "* * *", "See [@a] [@b-2, pp. 3–4, § 5].", "[a](#b)", "[a](tel:+992372211234)",
    ],
)  # fmt: skip
def test_ordinary_texts_have_no_problem_and_lose_nothing(text: str) -> None:
    assert told(text) == []
    html(text, Everywhere())


# What readers get


def test_links_lead_where_the_map_says() -> None:
    links = {"../programmes/border.md": "/en/programmes/border/", "bridge.jpg": "/static/bridge.1234.jpg"}
    made = html(PAGE, links)
    assert '<a href="/en/programmes/border/" title="The project">border project</a>' in made
    assert 'src="/static/bridge.1234.jpg"' in made
    assert 'alt="A bridge over the Panj"' in made


def test_links_to_other_sites_say_so_and_open_in_the_same_window() -> None:
    made = html("[a](https://e.org) <https://e.org/b> [c](#d) <a@b.org>")
    assert made == (
        '<p><a href="https://e.org" rel="external">a</a> <a href="https://e.org/b" rel="external">https://e.org/b</a> '
        '<a href="#d">c</a> <a href="mailto:a@b.org">a@b.org</a></p>'
    )


def test_a_link_without_an_address_in_the_map_is_a_problem_and_no_link() -> None:
    made = converted("[a](b.md)")
    assert made.html == "<p><a>a</a></p>"
    assert [one.message for one in made.problems] == ["'b.md' leads nowhere"]


def test_headings_take_the_anchors_of_the_original() -> None:
    made = converted("## Ибтидо\n\n### Панҷ\n", ["top", "beginning", "panj"])
    assert made.html == '<h2 id="beginning">Ибтидо</h2>\n<h3 id="panj">Панҷ</h3>'


def test_a_text_with_other_headings_than_the_original_is_a_problem() -> None:
    made = converted("## A\n", ["a", "b"])
    assert [one.message for one in made.problems] == ["the text has 1 headings, the original 2"]


def test_citations_are_marked_with_key_and_locator_wherever_they_stand() -> None:
    made = html("## A [@a]\n\n*b [@b, p. *3*]* **[@c]**\n\n- [@d,  §\n5]\n\n| x | y |\n| - | - |\n| [@e] | 1 |\n")
    assert MARK.findall(made) == [("a", ""), ("b", "p. *3*"), ("c", ""), ("d", "§ 5"), ("e", "")]


def test_a_locator_is_text_and_never_html() -> None:
    made = html('[@a, p. "3" & 4]')
    assert made == '<p>\ue000a\ue001p. "3" &amp; 4\ue002</p>'


@pytest.mark.parametrize(
    "written", ["&#xE006;", "&#57350;", "&#xe000;a&#xE001;&#xE002;", "&#x202E;", "&ZeroWidthSpace;", "&shy;"]
)
def test_no_character_that_is_refused_can_be_written_as_an_entity(written: str) -> None:
    found = re.escape(written[: written.index(";") + 1])
    assert told(f"Words.\n\na {written} b")[0][:2] == (3, 3)
    assert re.search(f"'{found}' is an invisible or forbidden character", told(f"a {written} b")[0][2])
    assert codes(f"## a {written} b") == codes(f"| a {written} |\n| - |\n| b |") == codes(f"![{written} a](b.jpg)")
    assert set(codes(f"[a](b.md 'c') *x* {written}")) >= {"unseen-character"}
    assert told(f"a `{written}` b &amp; &nbsp; &#8212; &zwj;") == []
    assert html(f"a `{written}` b") == f"<p>a <code>{written.replace('&', '&amp;')}</code> b</p>"
    made = converted(f'a {written}b.md" c', glossary={"c": f"Words {written} b"}).html
    assert made.startswith("<p>a \ufffd") and f'title="Words {written.replace("&", "&amp;")} b"' in made


def test_a_mark_cannot_be_forged_or_stand_in_an_attribute() -> None:
    forged = converted("\ue000a\ue001b\ue002 \x02\x03")
    assert MARK.findall(forged.html) == []
    for text in ('[a](b "t [@c]")', "![a [@c] b](d)", "![a](b[@c])"):
        made = converted(text, (), Everywhere()).html
        assert not any(MARK.search(tag) for tag in re.findall(r"<[^>]*>", made))


def test_only_the_first_of_each_abbreviation_is_explained() -> None:
    made = html(
        "UNODC and *DCA*, UNODC and DCA", glossary={"UNODC": "UN Office", "DCA": "Drug Control Agency", "X": "y"}
    )
    assert made == (
        '<p><abbr title="UN Office">UNODC</abbr> and <em><abbr title="Drug Control Agency">DCA</abbr></em>, '
        "UNODC and DCA</p>"
    )


def test_abbreviations_in_headings_links_code_and_citations_are_left_alone() -> None:
    text = "## UN\n\n[UN](a.md) `UN` [@un, UN p. 3] AUN UNs\n\nUN"
    made = html(text, Everywhere(), {"UN": "United Nations"})
    assert made.count("<abbr") == 1
    assert made.endswith('<p><abbr title="United Nations">UN</abbr></p>')
    assert MARK.findall(made) == [("un", "UN p. 3")]


def test_the_longer_of_two_abbreviations_wins() -> None:
    made = html("ЮНОДК БМТ-1", glossary={"БМТ": "short", "БМТ-1": "long"})
    assert '<abbr title="long">БМТ-1</abbr>' in made


def test_an_expansion_is_text_and_never_html() -> None:
    made = html("UN", glossary={"UN": '"><script>alert(1)</script>'})
    assert [one.tag for one in _tree(made).iter()].count("script") == 0


def test_a_table_scrolls_in_a_frame_with_the_name_of_its_section() -> None:
    table = "| Year | kg |\n| :-- | --: |\n| 2018 | 4,190 |\n"
    made = html(f"{table}\n## Seizures\n\n{table}\n{table}")
    names = re.findall(r'<div aria-label="([^"]*)" class="table-scroll" role="region" tabindex="0">', made)
    assert names == ["Year, kg", "Seizures", "Seizures (2)"]
    assert made.count('<th class="align-right" scope="col">kg</th>') == 3
    assert made.count('<td class="align-right">4,190</td>') == 3
    assert "style" not in made


def test_code_between_fences_is_shown_as_written() -> None:
    made = html("A.\n```yaml\nkey: <b>\n\n  [a](b)\n```\nB.")
    assert made == "<p>A.</p>\n<pre><code>key: &lt;b&gt;\n\n  [a](b)\n</code></pre>\n<p>B.</p>"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<b onclick=x>a</b>", "<!-- a -->b", "<![CDATA[x]]>", "<div markdown=1>\n\na", "<style>a{}</style>",
     "<svg/onload=x>", "<?php x ?>", "a <b\nc", "<IFRAME src=x>", "<a href='javascript:x'>y</a>"],
)  # fmt: skip
def test_raw_html_is_refused_and_would_be_shown_as_text(text: str) -> None:
    assert "raw-html" in codes(text)
    made = converted(text).html
    assert {one.tag for one in _tree(made).iter()} <= {"div", "p"}
    assert "".join(_tree(made).itertext()).split() == text.split()


def test_dangerous_addresses_do_not_reach_the_page() -> None:
    for target in (
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "vbscript:x",
        "java&#115;cript:x",
        "//e.org",
    ):
        assert "unsafe-link" in codes(f"[a]({target})")
        made = converted(f"[a]({target})")
        assert "href" not in made.html
        assert made.problems


def test_even_a_map_of_links_cannot_smuggle_a_script() -> None:
    made = converted("[a](b)", (), {"b": "javascript:alert(1)"}).html
    assert "javascript" not in made


def test_a_lost_word_is_named_with_its_line() -> None:
    made = converted("One.\n\n| a | b |\n| - | - |\n| 1 | 2 | gone |\n")
    assert [(one.line, one.column, one.message) for one in made.problems] == [
        (5, 11, "words of the text are not on the page: 'gone'")
    ]


def test_words_that_the_library_drops_between_stars_are_reported() -> None:
    text = "*_**two*three*four"
    assert "three" not in markdown.markdown(text)
    made = converted(text)
    assert [one.code for one in made.problems] == ["lost-words"]


def test_what_the_library_tears_in_two_is_reported_and_not_shown() -> None:
    text = "Words.\n\n*_**__*\\* more"
    assert "klzzwxh" in markdown.markdown(text)
    made = converted(text)
    assert [(one.line, one.code) for one in made.problems] == [(3, "lost-words")]
    assert made.html == "<p>Words.</p>\n<p>*_<strong>__</strong> more</p>"


@pytest.mark.parametrize(
    "text", ["> - 1999. In that year", "Words\n> 1999. In that year", "- 1999. In that year", "3. a"]
)
def test_a_year_that_would_become_the_number_of_an_item_is_not_lost_in_silence(text: str) -> None:
    assert "list-number" in codes(text)
    made = converted(text)
    assert [one.code for one in made.problems] == ["lost-words"]


def _tree(made: str) -> object:
    return html5lib.parse(f"<div>{made}</div>", namespaceHTMLElements=False).find(".//div")  # type: ignore[union-attr]


# Limits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\n\n" * 90_000, "too-long"), ("ҷ" * 131_073, "too-long"), ("a" * 10_001, "long-paragraph"),
        ("- a\n" * 2_001, "long-block"), ("> " * 60 + "a", "too-deep"), ("- " * 60 + "a", "too-deep"),
        ("\n".join("    " * n + "- a" for n in range(60)), "too-deep"), ("[" * 9_000, "too-many-signs"),
        ("## A\n\n" * 501, "too-many-headings"), ("---\n\n" * 501, "too-many-headings"),
        ("|".join("a" * 1000) + "\n" + "|".join("-" * 1000) + "\na" * 100, "too-many-cells"),
    ],
)  # fmt: skip
def test_a_text_beyond_the_limits_is_refused_with_a_reason(text: str, code: str) -> None:
    for problems in (
        scanner.scan(text).problems,
        converted(text).problems,
    ):
        found = [one for one in problems if one.code == code]
        assert len(found) == 1
        assert found[0].hint


def test_lists_ten_deep_and_long_tables_are_within_the_limits() -> None:
    for text in (
        "\n".join("    " * n + "- a" for n in range(10)), "| a | b |\n| - | - |\n" + "| 1 | 2 |\n" * 1000,
        "".join(f"- A [link](x.md) and *words* number {n}\n" for n in range(1500)), "Words of a paragraph. " * 400,
    ):  # fmt: skip
        assert told(text) == []
        html(text, Everywhere())


UNITS = [
    "[", "![", "[a](", "[a](b ", '[a](b "', "[@a, ", "*", "**a *b ", "*a_b", "_a_ ", "`", "``a", "\\", "<", "<!--", "<b><!-- x -->",
    "<![CDATA[", "<http://", "<a@", "&#", "&amp;", "#", "# \\", "## a\n", "- a\n", "- a\n\n", "> ", "> a\n\n", "1. a\n\n", "|", "|`", "a|b\n",
    "|a|b|\n|-|-|\n", "---\n", "a\n=\n", "a\n\n", "\n", "    ", "```\n", "~~~\na\n~~~\n", "[TOC]\n", "[a]: b\n", "  \n", "*a ", " a*", "(", "]",
]  # fmt: skip


@pytest.fixture
def ends() -> Iterator[None]:
    """Names the text that does not come to an end; what texts cost is measured by tests/benchmark/hostile.py."""

    def stop(*_: object) -> None:
        raise TimeoutError("this text does not come to an end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("ends")
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("length", [250, 9_000, 64 * 1024])
def test_every_text_comes_to_an_end_and_loses_no_words(unit: str, length: int) -> None:
    paragraph = unit * (length // len(unit))
    text = (paragraph + "\n\n") * (64 * 1024 // (len(paragraph) + 2) or 1) + "Last words.\n"
    made = converted(text, (), Everywhere(), {"a": "b"})
    assert "Last words." in made.html or scanner.scan(text).problems


def test_a_text_that_was_too_deep_does_not_harm_the_next() -> None:
    expected = html(PAGE, Everywhere())
    converted("*a " * 700 + "a* " * 700)
    converted("*a _b " * 600 + "b_ a* " * 600)
    assert html(PAGE, Everywhere()) == expected


# The tuned converter and the library

FRAGMENTS = [
    "*", "**", "_", "__", "`", "``", "\\", "\\*", "\\\\", "[", "]", "(", ")", "[a](b)", "[a](b \"c\")", "![a](b)", "[@a]", "[@a, p. 3]", "[@a, p. *3*]",
    "[@", "[@a, ", "<", ">", "<b>", "</b>", "<!-- c -->", "<https://e.org>", "<a@b.org>", "&", "&amp;", "&#60;", "\n", "\n\n", "  \n", "\n- ", "\n* ",
    "\n1. ", "\n    ", "\n    - ", "\n> ", "\n## ", "\n### ", "\n---\n", "\n| a | b |\n| - | - |\n| 1 | 2 |\n", "|", "\n```\n", "\n~~~\n", "x", "word ",
    "١. ", "   2. ", "  + ", "два слова ", "Ҷ", "snake_case", "2*3*4", "1999. ", "!", "#", ":", "\t", "\u00a0", "UN ", "'", '"', "klzzwxh:0000", "wzxhzdk:0",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join), st.text(max_size=200))


def _both(text: str) -> tuple[str, str]:
    pages = [markup._Page({"UN": "United Nations"}) for _ in range(2)]
    tuned, plain = markup._converter(), PLAIN
    return tuned.page(text, pages[0]), plain.page(text, pages[1])


PLAIN = markup.Converter(tuned=False)


def test_the_installed_library_is_the_one_that_was_tuned() -> None:
    kinds = {type(one).__name__ for one in markup._converter().treeprocessors}
    assert markdown.__version_info__[:2] == markup.TUNED_FOR
    assert {"_Inline", "_Unescape"} <= kinds
    assert not {"_Inline", "_Unescape"} & {type(one).__name__ for one in PLAIN.treeprocessors}


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
@example(PAGE)
def test_the_tuned_converter_makes_what_the_library_makes(text: str) -> None:
    try:
        tuned, plain = _both(text.replace("\ue000", ""))
    except RecursionError:
        return
    assert tuned == plain


def test_the_tuned_converter_makes_what_the_library_makes_of_the_whole_site() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "content").rglob("*.md"))]
    assert texts
    for text in texts:
        tuned, plain = _both(text)
        assert tuned == plain


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["*a*", "**b** ", "_c_", "`d` ", "word ", "слово ", "\n\n", "\n- x", "\n> ", "  \n", "&amp;", "\\*", "e*f*g ", "\n\n---\n\n"]), max_size=30))  # fmt: skip
def test_ordinary_markdown_reads_as_in_the_library_itself(parts: list[str]) -> None:
    text = "".join(parts)
    made = converted(text)
    if {one.code for one in made.problems} == {"lost-words"}:
        return  # the library itself tore something between stars, and says nothing
    assert made.html == markup._CLEANER.clean(markdown.markdown(text, extensions=["tables"], output_format="html"))


# Both halves see the same


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
@example(PAGE)
@example("\n    - \n1. [a](b)<https://e.org>")  # the number of an item that is none stays a word
def test_what_scan_finds_is_what_readers_get(text: str) -> None:
    found = scanner.scan(text)
    if found.problems:
        return
    ids = [one.id for one in found.sections]
    made = converted(text, ids, Everywhere(), {"UN": "United Nations"})
    if {one.code for one in made.problems} == {"lost-words"} and ("*" in text or "1999." in text):
        return  # the library loses words between badly paired stars, and numbers of items; the build says so
    assert made.problems == ()
    tree = _tree(made.html)
    addresses = [one.get("href", "") for one in tree.iter("a")]  # type: ignore[attr-defined]
    assert [one.removeprefix("/to/") for one in addresses] == [one.target for one in found.links]
    assert [one.get("src").removeprefix("/to/") for one in tree.iter("img")] == [one.target for one in found.images]  # type: ignore[attr-defined]
    assert MARK.findall(unescape(made.html)) == [(one.key, one.locator) for one in found.citations]
    headings = [one.get("id") for one in tree.iter() if str(one.tag) in markup.HEADINGS]  # type: ignore[attr-defined]
    assert headings == ids[1:]


@settings(max_examples=800, deadline=None)
@given(TEXTS)
@example(r"*_**__*\*")  # the library tears its own mark for the last star in two
def test_whatever_is_written_the_page_stays_inert_and_well_formed(text: str) -> None:
    made = converted(text, glossary={"UN": "<b>"}).html
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=False)
    tree = parser.parseFragment(made)
    assert parser.errors == []
    for element in tree.iter():
        if element is not tree:
            assert element.tag in markup.ELEMENTS
            allowed = markup.ATTRIBUTES.get(element.tag, set()) | set(markup.VALUES.get(element.tag, {}))
            assert set(element.attrib) <= allowed
            address = element.get("href") or element.get("src") or "#"
            assert address.startswith(("#", "/", "http:", "https:", "mailto:", "tel:"))
    assert markup._CLEANER.clean(made) == made


# Beyond one limit each, and short.
BEYOND = {
    "quotations": "Words.\n\n" + "> " * 51 + "x",
    "items": "- " * 51 + "x",
    "digits of another script": "\u0661. " * 51 + "x",
    "tabs": "> " + "\t" * 51 + "x",
    "cells": "a|" * 300 + "\n" + "|-" * 300 + "\n" + "|\n" * 150,
    "headings": "## a\n" * 501,
    "rules": "---\n\n" * 501,
    "signs": "*a* " * 2450,
}


@pytest.mark.parametrize("name", BEYOND)
def test_a_short_text_can_be_beyond_the_limits(name: str) -> None:
    assert len(BEYOND[name]) < 10_000
    assert len(scanner.limits(BEYOND[name])) == 1


def test_the_same_text_gives_the_same_bytes_in_every_process() -> None:
    script = (
        "import sys; from builder import marks, markup, scanner; t = sys.stdin.read(); "
        "ids = [one.id for one in scanner.scan(t).sections]; links = {'../programmes/border.md': '/a/', 'bridge.jpg': '/b.jpg'}; "
        "made = markup.convert(t, glossary={'p': 'q'}); "
        "sys.stdout.write(ascii((made, marks.filled(made.html, ids, links))))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", script], input=PAGE, capture_output=True, text=True, encoding="utf-8", check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(made) == 1
