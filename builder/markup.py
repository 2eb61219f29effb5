"""Markdown to safe HTML, links followed, citations marked.

`scan` reads a text for its sections, links, images and citations, and says what editors should write otherwise; `convert`
makes the HTML. Both see the same language: Markdown as Python-Markdown reads it, with tables, code between fences and
citations `[@key, p. 3]`, and without what loses words or hides meaning: raw HTML, underlined headings, code by
indentation, links and abbreviations that are defined elsewhere in the text. Raw HTML is refused by `scan`; if it reached
`convert` it would be shown as text.

The result is cleaned last, by nh3, with the table of what is allowed below. nh3 takes about 0.1 ms a page, a tenth of the
conversion; JustHTML, in Python, took ten times as long in our trials, which would have doubled the time of a build. Its
one weakness, slowness on very deep or very strange trees, does not arise: the limits below bound depth and size, and no
tag comes from an editor.

Where the time goes in Python-Markdown is trying each of its patterns on each piece of text. For the version that
`TUNED_FOR` names, a pattern is tried only where the characters stand that it needs; a test compares the result with the
library's own on many texts. Any other version runs as it is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from _blake2 import blake2b
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeGuard
from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown import inlinepatterns, preprocessors, treeprocessors
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrTreeprocessor
from markdown.extensions.tables import TableExtension
from markdown.serializers import RE_AMP
from markdown.util import INLINE_PLACEHOLDER_PREFIX, AtomicString, Registry, code_escape

from builder.load import UNSEEN
from builder.model import Problem

# What may stand in the HTML of a text. An attribute or scheme that is not named here is removed.
ELEMENTS = {
    "a", "abbr", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"}, "abbr": {"title"}, "img": {"src", "alt", "title"}, "div": {"aria-label"},
    "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"},
}  # fmt: skip
VALUES: dict[str, dict[str, set[str]]] = {
    "a": {"rel": {"external"}},
    "div": {"class": {"table-scroll"}, "role": {"region"}, "tabindex": {"0"}},
    "th": {"scope": {"col"}, "class": {"align-left", "align-center", "align-right"}},
    "td": {"class": {"align-left", "align-center", "align-right"}},
}
SCHEMES = {"http", "https", "mailto", "tel"}

TEXT_LIMIT = 256 * 1024  # bytes of a text
PIECE_LIMIT = 10_000  # characters of a paragraph, item or row
BLOCK_LIMIT = 2_000  # lines without an empty one between
DEPTH_LIMIT = 50  # lists and quotes inside each other
CELL_LIMIT = 30_000  # cells of tables, empty ones too: a short row becomes a long one
BREAK_LIMIT = 500  # headings and rules
WORK_LIMIT = 8_000_000  # signs times length, summed over paragraphs: what the conversion's time grows with
TUNED_FOR = (3, 11)

MARK = "\ue000{}\ue001{}\ue002"  # a citation in the HTML; the renderer puts a number in its place
CITATION = r"\[@([a-z0-9][a-z0-9-]*)(?:,\s*([^\[\]`\\<>\x02\x03]*[^\[\]`\\<>\x02\x03\s]))?\s*\]"
_TARGET = r"""(?:[^\s()<>\[\]"'\\`\x02\x03]|\([^\s()<>\[\]"'\\`\x02\x03]*\))+"""
_LINK = re.compile(rf"""\(\s*({_TARGET})(?:\s+"([^"\\`\[\]<>]*)")?\s*\)""")
_TOKEN = re.compile(
    rf"""(?P<escape>\\[\\`*_{{}}\[\]()>#+\-.!|])|(?P<ticks>`+)|(?P<citation>{CITATION})|(?P<odd>\[[@^])|(?P<open>!\[(?!@)|\[)"""
    r"""|(?P<close>\])|<(?P<auto>[A-Za-z][A-Za-z0-9+.-]*://[^<>\s`\[\]\\]*|[^<> !\s`\[\]\\]+@[^@<>\s`\[\]\\]+)>|(?P<html><[A-Za-z/!?])"""
)
_BEGINS = re.compile(r"[\\`\[\]<!]")
_LINK_TEXT = re.compile(rf"""!?\[([^\[\]]*)\]\(\s*{_TARGET}(?:\s+"[^"]*")?\s*\)""")
_CITATION = re.compile(CITATION)
# The library goes twice over the text after a picture or line break; these signs of a locator are hidden meanwhile.
_HIDDEN_SIGNS = (("*", "\ue003"), ("_", "\ue004"), ("&", "\ue005"))
_HIDDEN = str.maketrans(dict(_HIDDEN_SIGNS))
_MARKED = re.compile("\ue000([^\ue001]*)\ue001")
_MARKS = re.compile("\ue000[^\ue002]*\ue002")
_ENCODED = "\x02amp\x03"  # how the library begins the address of <name@example.org>

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
UNEXPLAINED = HEADINGS | {"a", "abbr", "code", "pre"}  # where no abbreviation is explained
_FENCE = re.compile(r"(`{3,}|~{3,}) *[\w+#.-]* *")
_ITEM = re.compile(r"(?P<indent>[ \t>]*)(?:[-*+]|(?P<number>\d+)\.)[ \t]+")
_PREFIX = re.compile(r"(?:[ \t]*(?:>|[-*+](?=\s|$)|\d+\.(?=\s)))*[ \t]*")
_PREFIXED = frozenset(" \t>-*+0123456789")
_RULE = re.compile(r"^[ ]{0,3}(?:[-*_][ ]*){3,}$", re.MULTILINE)
_MARKER = re.compile(r">|[-*+]|\d+\.")
_RULER = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*")
_SEPARATOR = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_INNER_HEADING = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d+\.[ \t])+#")
_DEFINITION = re.compile(r"[ \t]{0,3}(\*?)\[[^\[\]@]+\]:")
_SIGNS = re.compile(r"[\[*_`<(!&\\]")
_ANY_TARGET = re.compile(rf"""\]\(\s*{_TARGET}\s*\)""")
_FENCES = re.compile(r"^(?:`{3,}|~{3,}) *[\w+#.-]* *$", re.MULTILINE)
_NUMBER = re.compile(r"^([ \t>]*(?:[-*+][ \t]+)*)\d+\.(?=[ \t])((?:[ \t]+\d+\.(?=[ \t]))*)")
_LISTED = re.compile(r"^[ \t>]*(\d{1,4})\.(?=[ \t])", re.MULTILINE)
_CLOSING = re.compile(r"(?<!\\)#+$")
_MARKED_WORDS = re.compile(r"[\[*_`\\&]")
_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9]+")
_ENTITY = re.compile(r"&(?:#[0-9]+|#x[0-9a-fA-F]+|[a-zA-Z0-9]+);")
_NO_WORD = re.compile(r"[\W_]+")
_ASCII_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
_TAG = re.compile(r"<[^>]*>")
_ASIDE = re.compile(r' (?:alt|title)="([^"]*)"')
_ABBREVIATION = re.compile("</?abbr[^>]*>")
_BLOCK_TAG = re.compile(r"<(?!/?(?:em|strong|a|code|abbr)\b)[^>]*>")
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ғ": "gh", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i",
    "ӣ": "i", "й": "y", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ӯ": "u", "ф": "f", "х": "kh", "ҳ": "h", "ц": "ts", "ч": "ch", "ҷ": "j", "ш": "sh", "щ": "shch", "ъ": "",
    "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip


class Section(NamedTuple):
    """A heading with the text below it, up to the next heading. The text before the first is "top", of level 0."""

    level: int
    title: str
    id: str
    line: int
    digest: str  # of its own words, so that a translation can say what state it was made from


class Link(NamedTuple):
    """A link as it was written."""

    target: str
    line: int
    column: int


class Image(NamedTuple):
    """A picture as it was written."""

    target: str
    alt: str
    line: int
    column: int


class Citation(NamedTuple):
    """A citation of a source, with the place in it."""

    key: str
    locator: str
    line: int
    column: int


class Scan(NamedTuple):
    """What stands in a text. Lines count from the first line of the text."""

    sections: tuple[Section, ...]
    links: tuple[Link, ...]
    images: tuple[Image, ...]
    citations: tuple[Citation, ...]
    problems: tuple[Problem, ...]


class Converted(NamedTuple):
    """The HTML of a text, safe to insert, and what went wrong."""

    html: str
    problems: tuple[Problem, ...]


def scan(text: str) -> Scan:
    """Reads a text for what the rest of the program needs to know of it, and for what should be written otherwise."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.read()
    return Scan(
        tuple(scanner.sections()), tuple(scanner.links), tuple(scanner.images), tuple(scanner.citations),
        tuple(sorted(set(scanner.problems))),
    )  # fmt: skip


class _Piece(NamedTuple):
    """A part of a text in which inline marks can pair: a paragraph, a list item, a table row, a heading."""

    kind: str  # "text", "heading", "fence", "unclosed" or "blank"
    line: int
    text: str


def _pieces(text: str) -> Iterator[_Piece]:
    """The pieces of a text in order. A new item or a line with a cell border begins a piece."""
    fence, start = "", 0
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            held.append(line)
            if line.startswith(fence) and not line.strip(fence[0] + " "):
                yield _Piece("fence", start, "\n".join(held))
                fence, held = "", []
            continue
        opens = line[:3] in ("```", "~~~") and _FENCE.fullmatch(line)
        blank = not line.strip(" \t>")
        if held and (opens or blank or _apart(line, held[-1])):
            yield _Piece("text", start, "\n".join(held))
            held = []
        if blank:
            yield _Piece("blank", number, "")
        elif line[0] == "#":
            yield _Piece("heading", number, line)
        else:
            start = start if held else number
            held.append(line)
            fence = opens[1] if opens else ""
    if held:
        yield _Piece("unclosed" if fence else "text", start, "\n".join(held))


def _apart(line: str, before: str) -> bool:
    """Whether a line cannot belong to the paragraph of the line before."""
    if line[0] == "#" or "|" in line or "|" in before or _ITEM.match(line):
        return True
    if ">" in line and line.lstrip(" ")[0] == ">" and _quotes(line) > _quotes(before):
        return True
    return not line.strip(" -_*") or not before.strip(" -_*")


def _quotes(line: str) -> int:
    """How many signs of quotation a line begins with."""
    return line[: len(line) - len(line.lstrip(" >"))].count(">")


@dataclass
class _Scanner:
    """Goes once over a text and collects."""

    text: str
    headings: list[tuple[int, str, int]] = field(default_factory=list)  # level, title, line
    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)  # what is meant to be read, without addresses and citations
    asides: list[str] = field(default_factory=list)  # titles of links and words for pictures
    previous: str = ""  # the line before, "" if blank
    listed: bool = False  # inside a list
    numbered: bool = False  # the piece at hand begins with the number of an item
    numbers: dict[int, int] = field(default_factory=dict)  # indentation: last number of an ordered list
    columns: int = 0  # of the table at hand
    rows: int = 0
    table: bool = False

    def read(self) -> None:
        """Reads the whole text, unless it is beyond the limits."""
        pieces = list(_pieces(self.text)) if len(self.text) <= TEXT_LIMIT else []
        if excess := limits(self.text, pieces):
            self.problems.extend(excess)
            return
        for piece in pieces:
            if piece.kind == "blank":
                self.previous, self.columns, self.rows = "", 0, 0
                self.table = False
                continue
            if piece.kind == "text":
                self._lines(piece)
                self._inline(piece)
            elif piece.kind == "heading":
                self.numbered = False
                self._heading(piece)
                self._inline(piece)
            elif piece.kind == "unclosed":
                self._problem(piece.line, 1, "unclosed-fence", "the code that begins here has no end",
                              "End it with a line of the same signs.")  # fmt: skip
            else:
                self.shown.append(piece.text.partition("\n")[2].rpartition("\n")[0])
            if piece.kind != "text":
                self.previous = ""
                self._outside()

    def sections(self) -> Iterator[Section]:
        """The sections, each with the digest of its own words."""
        lines = [one.rstrip() for one in self.text.split("\n")]
        taken = {"top": 1}
        starts = [(0, "", 1), *self.headings]
        for at, (level, title, line) in enumerate(starts):
            end = starts[at + 1][2] - 1 if at + 1 < len(starts) else len(lines)
            own = "\n".join(lines[line - 1 : end])
            while "\n\n\n" in own:
                own = own.replace("\n\n\n", "\n\n")
            own = own.strip()
            anchor = _anchor(title, taken) if level else "top"
            yield Section(level, title, anchor, line, blake2b(own.encode(errors="replace"), digest_size=4).hexdigest())

    def _problem(self, line: int, column: int, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem("", line, column, code, message, hint))

    def _outside(self) -> None:
        """A list that was open ends here."""
        self.listed = False
        self.numbers.clear()

    def _lines(self, piece: _Piece) -> None:
        """What can be wrong with single lines: lists, tables, headings in the wrong place."""
        for number, line in enumerate(piece.text.split("\n"), piece.line):
            if number == piece.line:
                self.numbered = False
            if line[0].isalpha() and "|" not in line and not self.table:  # most lines; nothing can be wrong with them
                if not self.previous:
                    self._outside()
                self.previous = line
                continue
            item = _ITEM.match(line)
            if item:
                self.numbered = self._item(item, number)
            elif not self.previous and line[0] not in " \t":
                self._outside()
            if "|" in line:
                self._row(line, number)
            elif self.table:
                self._problem(number, 1, "not-apart", "this stands right below a table and would become a row",
                              "Put an empty line before it.")  # fmt: skip
            if self.previous and _RULER.fullmatch(line):
                hint = "Write '## ' before a heading; put an empty line above a rule."
                self._problem(
                    number, 1, "underlined-heading", "a line of signs right below a text makes it a heading", hint
                )
            elif _INNER_HEADING.match(line):
                hint = r"Begin the heading at the left edge, outside lists and quotations. If it is none, write '\#'."
                self._problem(number, 1, "inner-heading", "a heading stands inside a list or quotation", hint)
            elif definition := _DEFINITION.match(line):
                self._definition(number, definition[1])
            elif line.lstrip()[:3] in ("```", "~~~") and line[0] in " \t" and _FENCE.fullmatch(line.strip()):
                self._problem(
                    number, 1, "indented-fence", "code between fences is indented", "Begin it at the left edge."
                )
            self.previous = line
            if line[0] in " -_*" and _RULE.fullmatch(line):
                self.previous = ""
                self._outside()

    def _definition(self, line: int, star: str) -> None:
        if star:
            hint = "Add it to content/glossary.yaml; every page then explains it."
            self._problem(line, 1, "abbreviation-in-text", "an abbreviation is defined inside a text", hint)
        else:
            hint = "Write [words](address) where the link stands."
            self._problem(line, 1, "reference-link", "the address of a link stands apart from the link", hint)

    def _item(self, match: re.Match[str] | None, line: int) -> bool:
        """An item needs an empty line before the list, and its number must be the one that readers will see.

        True if numbers at the beginning of the line are numbers of items, and not words that are to be read.
        """
        indent, kept = 0, True
        while match:
            number = int(match["number"]) if match["number"] else None
            quoted = match["indent"].count(">") > self.previous[: len(match["indent"])].count(">")
            if self.previous and not self.listed and not quoted and not indent:
                if number in (None, 1) and "|" not in self.previous:
                    hint = "Put an empty line before the first item."
                    self._problem(line, 1, "list-after-text", "a list follows a text without an empty line", hint)
                return False
            self.listed = True
            indent += len(match["indent"].expandtabs(4)) // 4 + 1
            kept = self._numbered(number, indent, line) and kept
            match = _ITEM.match(match.string, match.end())
        return kept

    def _numbered(self, number: int | None, indent: int, line: int) -> bool:
        """Whether an item has the number that readers will see."""
        fits = number in (None, 1, self.numbers.get(indent, 0) + 1)
        if not fits:
            hint = f"Begin a list with 1. If this is no list, write '{number}\\.'."
            self._problem(
                line, 1, "list-number", f"'{number}.' begins a list item, which would get another number", hint
            )
        for deeper in [one for one in self.numbers if one > indent]:
            del self.numbers[deeper]
        self.numbers[indent] = number or 0
        return fits

    def _row(self, line: str, number: int) -> None:
        """A table needs an empty line before it, and no row may have more cells than the first."""
        cells = len(_cells(line))
        if not self.previous:
            self.columns, self.rows, self.table = cells, 1, False
            return
        self.rows += 1
        if self.table and cells > self.columns:
            found = f"the row has {cells} cells, the table {self.columns} columns; the last cells would be lost"
            self._problem(number, 1, "table-cells", found, r"Write \| for a sign that is no border.")
        elif not self.table and _SEPARATOR.fullmatch(line):
            self.table = self.rows == 2 and self.columns == cells
            if not self.table:
                found = "this line does not stand below the column titles of a table"
                hint = "Write an empty line, a row of column titles, and below it a row such as | --- | --- |."
                self._problem(number, 1, "table-head", found, hint)

    def _heading(self, piece: _Piece) -> None:
        signs = len(piece.text) - len(piece.text.lstrip("#"))
        words = piece.text[signs:].strip()
        level, title = min(signs, 6), _plain(_CLOSING.sub("", words) if "#" in words else words)
        before = self.headings[-1][0] if self.headings else 1
        dangling = (len(words) - len(words.rstrip("\\"))) % 2
        if signs > 6 or not title or dangling or piece.text[signs : signs + 1] not in (" ", "\t"):
            hint = r"Write '## Words'. If the sign is no heading, write '\#'."
            self._problem(
                piece.line, 1, "unreadable-heading", "a line that begins with # is a heading, but this is none", hint
            )
        elif "|" in words and re.search(r"(?<!\\)\|", words):
            self._problem(
                piece.line, 1, "border-in-heading", "a heading holds the border of a table cell", r"Write '\|'."
            )
        elif level == 1:
            hint = "The title of the page comes from its metadata; begin with ##."
            self._problem(piece.line, 1, "first-level-heading", "a text has no heading of the first level", hint)
        elif level > before + 1:
            found = f"a heading of level {level} follows one of level {before}"
            self._problem(piece.line, 1, "skipped-level", found, f"Write {'#' * (before + 1)}, one level below.")
        elif self.table or (self.previous and self.listed):
            self._problem(piece.line, 1, "not-apart", "this stands right below a table or list and would become a part of it",
                          "Put an empty line before it.")  # fmt: skip
        self.rows, self.table = 0, False
        self.headings.append((level, title, piece.line))

    def _inline(self, piece: _Piece) -> None:
        """Links, images and citations of a piece; pairs of brackets are counted as the conversion counts them."""
        text, at, shown = piece.text, 0, 0
        if not _SIGNS.search(text):
            self.shown.append(_NUMBER.sub(r"\1", text) if self.numbered else text)
            return
        opened: list[tuple[re.Match[str], int, int]] = []  # with what was shown before it
        inside: list[int] = []  # where links and citations of this piece begin
        parts: list[str] = []
        while match := _token(text, at):
            begin, at, kind, said = match.start(), match.end(), match.lastgroup, None
            if kind == "ticks":
                at = self._code(piece, match)
                said = text[begin:at]
            elif kind == "open":
                opened.append((match, len(parts), shown))
            elif kind == "close" and opened:
                start, count, before = opened.pop()
                if link := self._closed(piece, start, at, inside):
                    at, said = link.end(), ""
                    if start.group() == "![":
                        del parts[count:]
                        shown, begin = before, start.start()
            elif kind == "citation":
                self._cited(piece, match)
                inside.append(begin)
                said = ""
            elif kind == "auto":
                address = match["auto"]
                self._link(piece, begin, address if "://" in address else f"mailto:{address}")
            elif kind in ("odd", "html"):
                self._refused(piece, match)
            if said is not None:
                parts += [_entities(text[shown:begin]), said]
                shown = at
        read = "".join([*parts, _entities(text[shown:])])
        self.shown.append(_NUMBER.sub(r"\1", read) if self.numbered else read)

    def _code(self, piece: _Piece, match: re.Match[str]) -> int:
        """Where the code that begins here ends."""
        signs = match.group()
        end = re.compile(rf"(?<!`){signs}(?!`)").search(piece.text, match.end())
        if end:
            return end.end()
        hint = r"End the code with the same number of signs in the same paragraph, or write \`."
        self._wrong(piece, match.start(), "unclosed-code", f"{signs[:10]} has no partner", hint)
        return match.end()

    def _closed(self, piece: _Piece, opened: re.Match[str], at: int, inside: list[int]) -> re.Match[str] | None:
        """The address after a closing bracket, if it ends a link or a picture and not only a bracket."""
        following = piece.text[at : at + 1]
        if following == "[" and not piece.text.startswith("[@", at):
            self._wrong(piece, opened.start(), "reference-link", "the address of a link stands apart from the link",
                        "Write [words](address).")  # fmt: skip
        if following != "(":
            return None
        match = _LINK.match(piece.text, at)
        words = piece.text[opened.end() : at - 1]
        if not match or not (words.strip() or opened.group() == "!["):
            hint = (
                'Write [words](address) or [words](address "title"), without spaces or quotation marks in the address.'
            )
            self._wrong(piece, opened.start(), "unreadable-link", "this is not a link that can be followed", hint)
            return None
        if any(start > opened.start() for start in inside):
            hint = "Put it beside the link."
            self._wrong(
                piece, opened.start(), "inside-link", "a link or citation stands inside the words of a link", hint
            )
        if opened.group() == "![":
            self._image(piece, opened.start(), match[1], words)
        else:
            self._link(piece, opened.start(), match[1])
            inside.append(opened.start())
        return match

    def _cited(self, piece: _Piece, match: re.Match[str]) -> None:
        key, locator = _key_and_locator(match.group())
        self.citations.append(Citation(key, locator, *self._at(piece, match.start())))

    def _link(self, piece: _Piece, start: int, target: str) -> None:
        if _kind(target) != "unsafe":
            self.links.append(Link(target, *self._at(piece, start)))
        else:
            hint = "Write an address with https://, http://, mailto: or tel:, or the path of a content file."
            self._wrong(piece, start, "unsafe-link", f"'{target[:80]}' is no address that this site links to", hint)

    def _image(self, piece: _Piece, start: int, target: str, alt: str) -> None:
        self.asides.append(_CITATION.sub("", alt))
        if not _plain(alt):
            hint = "Write what it shows between the brackets: ![a bridge over the Panj](bridge.jpg)."
            self._wrong(piece, start, "no-alternative", "a picture has no words for those who do not see it", hint)
        if _kind(target) == "path":
            self.images.append(Image(target, _plain(alt), *self._at(piece, start)))
        else:
            self._wrong(piece, start, "foreign-picture", "a picture comes from another site",
                        "Put the file into static/images.")  # fmt: skip

    def _refused(self, piece: _Piece, match: re.Match[str]) -> None:
        if match.lastgroup == "html":
            found = piece.text[match.start() : match.start() + 30].split("\n")[0]
            hint = "Write Markdown; write &lt; for the sign itself, or put code between ` signs."
            self._wrong(piece, match.start(), "raw-html", f"HTML is not allowed in a text, found '{found}'", hint)
        elif match.group() == "[^":
            self._wrong(piece, match.start(), "footnote", "this site has no footnotes", "Cite a source: [@key, p. 3].")
        else:
            hint = "Write [@key] or [@key, p. 3]; several sources as [@one] [@other]."
            self._wrong(
                piece, match.start(), "unreadable-citation", "this is not a citation that can be followed", hint
            )

    def _at(self, piece: _Piece, offset: int) -> tuple[int, int]:
        line, column = _position(piece.text, offset)
        return piece.line + line - 1, column

    def _wrong(self, piece: _Piece, offset: int, code: str, message: str, hint: str) -> None:
        self._problem(*self._at(piece, offset), code, message, hint)


def _token(text: str, at: int) -> re.Match[str] | None:
    """The next mark in a text: where a sign stands with which one begins, and nowhere else, the pattern is tried."""
    while sign := _BEGINS.search(text, at):
        if match := _TOKEN.match(text, sign.start()):
            return match
        at = sign.end()
    return None


def limits(text: str, pieces: Iterable[_Piece] | None = None) -> list[Problem]:
    """What makes a text too much for the conversion: size, depth, and what its time grows with faster than the text.

    `pieces` are those of the text, if they are known already.
    """
    size = len(text.encode(errors="replace"))
    if size > TEXT_LIMIT:
        found = f"the text is {size:,} bytes long; the limit is {TEXT_LIMIT:,}"
        return [Problem("", 1, 1, "too-long", found, "Split it into several pages.")]
    sums = _Sums()
    for piece in _pieces(text) if pieces is None else pieces:
        if problem := sums.add(piece):
            return [problem]
    return []


@dataclass
class _Sums:
    """What is counted while a text is read, each against its limit."""

    lines: int = 0  # since the last empty line
    columns: int = 0  # of the table that may stand there
    cells: int = 0
    breaks: int = 0
    work: int = 0

    def add(self, piece: _Piece) -> Problem | None:
        """Counts a piece; the problem if a limit is passed."""
        if piece.kind in ("blank", "fence"):
            self.lines = 0
            return None
        text = piece.text
        if not self.lines:
            self.columns = text.split("\n", 1)[0].count("|") + 1
        lines = text.count("\n") + 1
        self.lines += lines
        self.cells += self.columns * lines if self.columns > 1 else 0
        self.breaks += piece.kind == "heading" or len(_RULE.findall(text)) if text[0] in " -*_#" else 0
        self.work += len(_SIGNS.findall(text)) * len(text)
        if self.lines > BLOCK_LIMIT or len(text) > PIECE_LIMIT or self.cells > CELL_LIMIT or self.breaks > BREAK_LIMIT:
            return self._excess(piece)
        return self._excess(piece) if self.work > WORK_LIMIT else _depth(piece)

    def _excess(self, piece: _Piece) -> Problem | None:
        for code, value, limit, found, hint in (
            ("long-paragraph", len(piece.text), PIECE_LIMIT, "characters in a paragraph", "Divide it."),
            ("long-block", self.lines, BLOCK_LIMIT, "lines without an empty one between", "Divide them."),
            ("too-many-cells", self.cells, CELL_LIMIT, "cells in tables", "Put the figures into content/figures."),
            ("too-many-headings", self.breaks, BREAK_LIMIT, "headings and rules", "Split the text into several pages."),
            (
                "too-many-signs",
                self.work,
                WORK_LIMIT,
                "signs such as [ * _ ` times length",
                "Write shorter paragraphs.",
            ),
        ):
            if value > limit:
                return Problem("", piece.line, 1, code, f"{value:,} {found}; the limit is {limit:,}", hint)
        return None


def _depth(piece: _Piece) -> Problem | None:
    """Lists and quotations inside each other: each level is a sign, or four spaces before it."""
    if len(piece.text) <= DEPTH_LIMIT or (piece.text[0] not in _PREFIXED and "\n" not in piece.text):
        return None
    for number, line in enumerate(piece.text.split("\n"), piece.line):
        if line[:1] not in _PREFIXED:
            continue
        start = _PREFIX.match(line)
        signs = start.group().expandtabs(4) if start else ""
        if len(_MARKER.findall(signs)) + signs.count("    ") > DEPTH_LIMIT:
            found = f"lists or quotations more than {DEPTH_LIMIT} deep"
            return Problem("", number, 1, "too-deep", found, "Write it with fewer levels.")
    return None


def _cells(line: str) -> list[str]:
    """The cells of a table row, as the conversion counts them."""
    line = line.strip(" >")
    if "`" in line:
        line = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "x", line)
    if "\\" in line:
        line = re.sub(r"\\.", "x", line)
    return line.removeprefix("|").removesuffix("|").split("|")


def _kind(target: str) -> str:
    """What a target is: external, contact, anchor, path (of this site), or unsafe."""
    if target.startswith("#"):
        return "anchor"
    if target.startswith("//"):
        return "unsafe"
    scheme = re.match(r"([^/?#]*?):", html.unescape(target))
    if not scheme:
        return "path"
    return {"http": "external", "https": "external", "mailto": "contact", "tel": "contact"}.get(scheme[1], "unsafe")


def _key_and_locator(text: str) -> tuple[str, str]:
    match = _CITATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a citation: {text}")
    return match[1], _entities(" ".join((match[2] or "").split()))


def _plain(text: str) -> str:
    """The words of a heading or picture without the marks around them."""
    if not _MARKED_WORDS.search(text):
        return " ".join(text.split())
    text = _LINK_TEXT.sub(r"\1", _CITATION.sub("", text))
    text = re.sub(r"(\*+)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<!\w)(_+)(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", text)
    text = re.sub(r"(?<!\\)`", "", text)
    return " ".join(html.unescape(re.sub(r"\\([\\`*_{}\[\]()>#+\-.!|])", r"\1", text)).split())


def _anchor(title: str, taken: dict[str, int]) -> str:
    """An id of Latin letters for a heading, different from all others on the page."""
    text = title.casefold()
    if not title.isascii():
        text = "".join([_LATIN.get(one, one) for one in unicodedata.normalize("NFC", title).casefold()])
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    base = _NOT_IN_ANCHORS.sub("-", text.replace("'", "").replace("’", "")).strip("-")[:60].strip("-") or "section"
    anchor = base
    while anchor in taken:
        taken[base] += 1
        anchor = f"{base}-{taken[base]}"
    taken[anchor] = 1
    return anchor


def _position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def convert(
    text: str, *, ids: Sequence[str], links: Mapping[str, str], glossary: Mapping[str, str], lang: str,
    scanned: bool = False,
) -> Converted:  # fmt: skip
    """The HTML of a text. One that was `scanned` without problems is known to be within the limits.

    `ids` are those of the original's sections in order, so that all languages share anchors; `links` says where each
    written target leads; `glossary` explains abbreviations, of which the first on the page is marked.
    """
    text = text.replace("\r\n", "\n")
    if not scanned:
        text = UNSEEN.sub("\ufffd", text)
    if problems := [] if scanned else limits(text):
        return Converted("", tuple(problems))
    page = _Page(tuple(one for one in ids if one != "top"), links, _used(text, glossary), lang)
    try:
        made = _converter().page(text, page)
    except RecursionError:
        _CONVERTERS.clear()
        found = "emphasis, lists or brackets stand too deep inside each other"
        return Converted("", (Problem("", 1, 1, "too-deep", found, "Write it with fewer levels."),))
    safe = _CLEANER.clean(made)
    torn = _torn(text) if "\x02" in safe or "\x03" in safe else []  # every mark of the library has one of these
    safe = _TORN.sub("", safe) if torn else safe
    return Converted(safe, (*page.problems, *torn, *_lost(text, safe)))


@dataclass
class _Page:
    """What the conversion at hand needs to know, and what it found wrong."""

    ids: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    abbreviations: dict[str, str] = field(default_factory=dict)
    lang: str = ""
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, message: str, hint: str = "") -> None:
        """Something wrong in the text as a whole."""
        self.problems.append(Problem("", 1, 1, code, message, hint))


def _used(text: str, glossary: Mapping[str, str]) -> dict[str, str]:
    """The part of a glossary whose abbreviations occur in a text."""
    return {short: long for short, long in glossary.items() if short in text and long}


class Converter(markdown.Markdown):
    """Python-Markdown with the language of this site."""

    def __init__(self, *, tuned: bool) -> None:
        super().__init__(extensions=[TableExtension(use_align_attribute=True), _Language()], output_format="html")
        self.at_hand, self.escaped = _Page(), True
        if tuned:
            _tune(self)

    def page(self, text: str, page: _Page) -> str:
        """The HTML of one page, not yet cleaned."""
        self.reset()
        self.at_hand, self.escaped = page, "\\" in text
        made = self.convert(text)
        for sign, code in _HIDDEN_SIGNS:
            made = made.replace(code, sign)
        return made


_CONVERTERS: list[Converter] = []


def ready() -> None:
    """Makes the converter, so that child processes need not."""
    _converter()


def _converter() -> Converter:
    """The one converter of the process."""
    if not _CONVERTERS:
        _CONVERTERS.append(Converter(tuned=markdown.__version_info__[:2] == TUNED_FOR))
    return _CONVERTERS[0]


class _Language(Extension):
    """What this site adds to Markdown, and what it leaves out."""

    def extendMarkdown(self, md: Any) -> None:
        """Registers the parts."""
        md.preprocessors.deregister("html_block")
        for name in ("reference", "short_reference", "image_reference", "short_image_ref", "html"):
            md.inlinePatterns.deregister(name)
        for name in ("code", "setextheader", "reference"):
            md.parser.blockprocessors.deregister(name)
        md.preprocessors.register(_Fences(md), "fences", 25)
        md.inlinePatterns.register(_Citations(CITATION, md), "citation", 175)
        md.treeprocessors.register(_Abbreviations(md), "abbreviations", 7)
        md.treeprocessors.register(_Finish(md), "finish", -1)


class _Fences(preprocessors.Preprocessor):
    """Code between fences."""

    def run(self, lines: list[str]) -> list[str]:
        """Puts the code aside until everything else is done."""
        if not any(line[:3] in ("```", "~~~") for line in lines):
            return lines
        result: list[str] = []
        for piece in _pieces("\n".join(lines)):
            if piece.kind == "fence":
                code = piece.text.split("\n", 1)[1].rpartition("\n")[0]
                stashed = self.md.htmlStash.store(f"<pre><code>{code_escape(code)}\n</code></pre>")
                result.extend(["", stashed, ""])
            else:
                result.extend(piece.text.split("\n"))
        return result


class _Citations(inlinepatterns.InlineProcessor):
    """Citations become marks in the text, which no other pattern sees."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]
        """The mark for one citation."""
        return MARK.format(m[1], " ".join((m[2] or "").split()).translate(_HIDDEN)), m.start(), m.end()


class _Abbreviations(AbbrTreeprocessor):
    """The library's abbreviations, but only the first of each, and none in links, headings and code."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.converter = converter
        self.left: dict[str, str] = {}
        self.pattern = re.compile("")

    def run(self, root: Element) -> None:
        """Marks the abbreviations of the page at hand."""
        self.left = dict(self.converter.at_hand.abbreviations)
        if self.left:
            names = sorted(self.left, key=len, reverse=True)
            self.pattern = re.compile(rf"\ue000[^\ue002]*\ue002|(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
            self._walk(root)

    def _walk(self, element: Element) -> None:
        children = list(element)
        if element.text and not isinstance(element.text, AtomicString):
            element.text = self._marked(element.text, element, 0)
        position = len(element) - len(children)
        for child in children:
            position += 1
            if child.tag not in UNEXPLAINED:
                self._walk(child)
            if child.tail and self.left:
                before = len(element)
                child.tail = self._marked(child.tail, element, position)
                position += len(element) - before

    def _marked(self, text: str, parent: Element, position: int) -> str:
        """Takes the abbreviations out of a text into elements; returns the text before the first."""
        start, head, last = 0, text, None
        for match in self.pattern.finditer(text):
            if match[0] not in self.left:
                continue
            before = text[start : match.start()]
            if last is None:
                head = before
            else:
                last.tail = before
            last = self.create_element(self.left.pop(match[0]), match[0], "")
            parent.insert(position, last)
            position, start = position + 1, match.end()
        if last is not None:
            last.tail = text[start:]
        return head


class _Finish(treeprocessors.Treeprocessor):
    """Gives headings their ids, links their addresses and tables their frame."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.converter = converter

    def run(self, root: Element) -> None:
        """Goes over the finished tree."""
        page = self.converter.at_hand
        headings = [one for one in root if one.tag in HEADINGS]
        if len(headings) != len(page.ids):
            page.problem("headings-differ", f"the text has {len(headings)} headings, the original {len(page.ids)}",
                         "Every language has the same headings.")  # fmt: skip
        for heading, anchor in zip(headings, page.ids, strict=False):
            heading.set("id", anchor)
        for link in root.iter("a"):
            self._link(link, "href", page)
        for image in root.iter("img"):
            self._link(image, "src", page)
            image.set("alt", _MARKS.sub("", image.get("alt", "")))
        if root.find(".//table") is not None:
            self._tables(root)

    def _link(self, element: Element, name: str, page: _Page) -> None:
        target = element.get(name, "")
        if "title" in element.attrib:
            element.set("title", _MARKS.sub("", element.attrib["title"]))
        if target in page.links and not _MARKS.search(target):
            element.set(name, page.links[target])
        elif not target.startswith(("http://", "https://", "mailto:", "tel:", "#", _ENCODED)) or _MARKS.search(target):
            del element.attrib[name]
            page.problem("link-not-followed", f"'{_MARKS.sub('', target)[:80]}' leads nowhere")
        if element.tag == "a" and element.get("href", "").startswith(("http://", "https://")):
            element.set("rel", "external")

    def _tables(self, root: Element) -> None:
        """A wide table scrolls in a frame that has a name and can be reached by keyboard."""
        parents = {child: parent for parent in root.iter() for child in parent}
        name, count = "", 0
        for element in list(root.iter()):
            if element.tag in HEADINGS:
                name, count = _said(element), 0
            elif element.tag == "table":
                count += 1
                label = name or ", ".join(_said(cell) for cell in element.iter("th"))
                frame = Element("div", {"class": "table-scroll", "role": "region", "tabindex": "0"})
                frame.set("aria-label", f"{label} ({count})" if count > 1 else label)
                frame.tail, element.tail = element.tail, "\n"
                parent = parents[element]
                parent[list(parent).index(element)] = frame
                frame.append(element)
                _cells_named(element)


def _said(element: Element) -> str:
    """The words of an element, without citations."""
    return " ".join(_MARKS.sub("", "".join(element.itertext())).split())


def _cells_named(table: Element) -> None:
    """Column titles are marked as such; alignment becomes a class."""
    for cell in table.iter():
        if cell.tag == "th":
            cell.set("scope", "col")
        if align := cell.attrib.pop("align", None):
            cell.set("class", f"align-{align}")


class _Inline(treeprocessors.InlineProcessor):
    """The library's search for inline marks, without the tries that cannot succeed."""

    def __init__(self, md: markdown.Markdown) -> None:
        super().__init__(md)
        names = sorted(NEEDED, key=md.inlinePatterns.get_index_for_name)
        self.needed = [(md.inlinePatterns[name], NEEDED[name]) for name in names]

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        """As in the library, but only where a mark may be: few parts of a text hold one."""
        self.stashed_nodes, self.parent_map = {}, {}
        bare: set[Element] = set()
        if not self._marks(tree, bare):
            return tree
        stack: list[tuple[Element, list[str]]] = [(tree, [tree.tag])]
        while stack:
            element, self.ancestors = stack.pop(0)
            if element is not tree:
                self.ancestors.append(element.tag)
            made = []
            for child in element:
                if _may_be_marked(child.text):
                    self.ancestors.append(child.tag)
                    text, child.text = child.text, None
                    found = self._InlineProcessor__processPlaceholders(self._InlineProcessor__handleInline(text), child)
                    stack += found
                    made.append((child, found))
                    self.ancestors.pop()
                if _may_be_marked(child.tail):
                    rest, aside = self._InlineProcessor__handleInline(child.tail), Element("d")
                    child.tail = None
                    found = self._InlineProcessor__processPlaceholders(rest, aside, False)
                    child.tail = aside.tail or None
                    place = list(element).index(child) + 1
                    for new, _ in reversed(found):
                        element.insert(place, new)
                if len(child) and child not in bare:
                    stack.append((child, self.ancestors[:]))
            for child, found in made:
                for place, (new, _) in enumerate(found):
                    child.insert(place, new)
        return tree

    def _marks(self, element: Element, bare: set[Element]) -> bool:
        """May a mark be below an element? Those of which that is not so are added to `bare`."""
        found = False
        for child in element:
            below = len(child) > 0 and self._marks(child, bare)
            found = found or below or _may_be_marked(child.text) or _may_be_marked(child.tail)
        if not found:
            bare.add(element)
        return found

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:
        """As in the library, which calls this its private `__handleInline`."""
        if not _may_be_marked(data):
            return data
        start, count = 0, len(self.needed)
        while patternIndex < count:
            pattern, (sign, other) = self.needed[patternIndex]
            if sign in data or other in data:
                data, matched, start = self._InlineProcessor__applyPattern(pattern, data, patternIndex, start)  # type: ignore[attr-defined]
            else:
                matched, start = False, 0
            if not matched:
                patternIndex += 1
        return data

    def _InlineProcessor__processPlaceholders(self, data: str, parent: Element, isText: bool = True) -> list[Any]:
        """As in the library's `__processPlaceholders`: puts back what was set aside, which most texts hold none of."""
        if INLINE_PLACEHOLDER_PREFIX in data:
            return super()._InlineProcessor__processPlaceholders(data, parent, isText)  # type: ignore[misc,no-any-return]
        if isText:
            parent.text = data
        else:
            parent.tail = data
        return []


# What must stand in a text (one or the other) for an inline pattern to be worth trying.
NEEDED = {
    "backtick": ("`", "`"), "escape": ("\\", "\\"), "citation": ("[@", "[@"), "link": ("[", "["), "image_link": ("![", "!["),
    "autolink": ("<", "<"), "automail": ("<", "<"), "linebreak": ("  \n", "  \n"), "entity": ("&", "&"),
    "em_strong": ("*", "_"),
}  # fmt: skip


def _may_be_marked(text: str | None) -> TypeGuard[str]:
    """May an inline pattern match? Signs are asked for one by one: a pattern of them all takes seven times as long."""
    if not text or isinstance(text, AtomicString):
        return False
    return (
        "`" in text or "\\" in text or "[" in text or "<" in text or "&" in text or "*" in text or "_" in text
        or "  \n" in text
    )  # fmt: skip


# What must stand in a block for a block processor's own test to be worth making.
BLOCK_NEEDED = {"hashheader": "#", "hr": "-*_", "quote": ">", "table": "|"}


def _where(signs: str, test: Callable[[Element, str], bool]) -> Callable[[Element, str], bool]:
    """A test of a block that is only made where one of the signs stands."""
    if len(signs) == 1:
        return lambda parent, block: signs in block and test(parent, block)
    one, two, three = tuple(signs)
    return lambda parent, block: (one in block or two in block or three in block) and test(parent, block)


class _Listed(Registry[Any]):
    """A registry that is complete, and need not be sorted each time that somebody goes through it."""

    def __init__(self, whole: Registry[Any]) -> None:
        super().__init__()
        self.__dict__.update(whole.__dict__)
        self._items = list(whole)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


class _Prettify(treeprocessors.PrettifyTreeprocessor):
    """The library's line breaks between blocks, without asking a method for each element what it is."""

    def _prettifyETree(self, elem: Element) -> None:
        blocks = self.md.block_level_elements
        if elem.tag in blocks and elem.tag not in ("code", "pre"):
            if len(elem) and elem[0].tag in blocks and (not elem.text or elem.text.isspace()):
                elem.text = "\n"
            for one in elem:
                if one.tag in blocks:
                    self._prettifyETree(one)
        if not elem.tail or elem.tail.isspace():
            elem.tail = "\n"


def _written(root: Element) -> str:
    """A tree as HTML: the library's serializer for the elements that it makes from Markdown."""
    parts: list[str] = []
    _write(root, parts)
    return "".join(parts)


def _write(element: Element, parts: list[str]) -> None:
    tag, attributes = element.tag, element.attrib
    if attributes:
        written = "".join(f' {name}="{_escape(attributes[name], True)}"' for name in sorted(attributes))
        parts.append(f"<{tag}{written}>")
    else:
        parts.append(f"<{tag}>")
    if element.text:
        parts.append(_escape(element.text))
    for child in element:
        _write(child, parts)
    if tag not in VOID:
        parts.append(f"</{tag}>")
    if element.tail:
        parts.append(_escape(element.tail))


def _escape(text: str, attribute: bool = False) -> str:
    if "&" in text:
        text = RE_AMP.sub("&amp;", text)
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if attribute else text


VOID = frozenset(["br", "hr", "img"])


class _Unescape(treeprocessors.UnescapeTreeprocessor):
    """The library's, where there is anything to do: only a backslash makes something to undo."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.converter = converter

    def run(self, root: Element) -> None:
        """Undoes what was escaped."""
        if self.converter.escaped:
            super().run(root)


def _tune(converter: Converter) -> None:
    """Makes a converter quick without changing what it makes."""
    converter.treeprocessors.register(_Inline(converter), "inline", 20)
    converter.treeprocessors.register(_Unescape(converter), "unescape", 0)
    converter.treeprocessors.register(_Prettify(converter), "prettify", 10)
    converter.block_level_elements = frozenset(converter.block_level_elements)  # type: ignore[assignment]
    converter.serializer = _written
    for name, signs in BLOCK_NEEDED.items():
        processor = converter.parser.blockprocessors[name]
        processor.test = _where(signs, processor.test)  # type: ignore[assignment,method-assign]
    converter.parser.blockprocessors = _Listed(converter.parser.blockprocessors)


_CLEANER = nh3.Cleaner(
    tags=ELEMENTS, attributes=ATTRIBUTES, tag_attribute_values=VALUES, url_schemes=SCHEMES, link_rel=None,
    clean_content_tags=set(), url_relative="pass_through",
)  # fmt: skip


def _lost(text: str, safe: str) -> list[Problem]:
    """Words and citations of the text that are not in the HTML. Nothing may be lost in silence."""
    seen = _letters(html.unescape(_TAG.sub("", _MARKS.sub("", safe))))
    if _CITATION.subn("", text)[1] == safe.count("\ue000") and any(_letters(one) == seen for one in _read(text)):
        return []
    scanner = _Scanner(text)
    scanner.read()
    bare = _ABBREVIATION.sub("", _MARKS.sub("", safe))
    asides = Counter(_letters(html.unescape(one)) for one in _ASIDE.findall(bare))
    lost = [one for one in scanner.asides if _letters(_entities(one)) not in asides]
    read = "\n".join(scanner.shown)
    if _letters(read) != _letters(html.unescape(_TAG.sub("", bare))):
        lost += Counter(_words(read)) - Counter(_words(html.unescape(_TAG.sub("", _BLOCK_TAG.sub(" ", bare)))))
    missing = Counter(one.key for one in scanner.citations) - Counter(_MARKED.findall(safe))
    return [*_named(text, "lost-words", lost), *_named(text, "lost-citations", list(missing))]


# What the library puts in the place of a part of a text until the end; badly paired stars can tear one in two.
_TORN = re.compile(r"\x02(?:(?:klzzwxh|wzxhzdk):\d+\x03?)?|(?:klzzwxh|wzxhzdk):\d+\x03|\x03")


def _torn(text: str) -> list[Problem]:
    """A part of the text that the library lost between badly paired stars."""
    lines = text.split("\n")
    paired = [number for number, line in enumerate(lines, 1) if re.search(r"[*_].*[\\`<\[]|[\\`<\[].*[*_]", line)]
    message = "a part of the text is not on the page: it stands between stars or underscores that do not pair"
    hint = "Write this place more simply, or escape signs such as * _ [ | with a backslash."
    return [Problem("", paired[0] if paired else 1, 1, "lost-words", message, hint)]


def _named(text: str, code: str, words: list[str]) -> list[Problem]:
    if not words:
        return []
    at = re.search(rf"(?<!\w){re.escape(words[0])}(?!\w)", text)
    line, column = _position(text, at.start()) if at else (1, 1)
    named = ", ".join(f"'{word}'" for word in words[:5]) + (" …" if len(words) > 5 else "")
    hint = "Write this place more simply, or escape signs such as * _ [ | with a backslash."
    return [Problem("", line, column, code, f"{code[5:]} of the text are not on the page: {named}", hint)]


def _letters(text: str) -> str:
    """Letters and digits alone. Most English texts are ASCII, for which a table is much quicker than a pattern."""
    return text.translate(_ASCII_SIGNS) if text.isascii() else _NO_WORD.sub("", text)


def _read(text: str) -> Iterator[str]:
    """A text without what is not meant to be read: addresses, citations, languages of code; then, without numbers of items.

    Quick, and right for nearly every page; the scanner, which is always right, is asked where this differs.
    """
    if "```" in text or "~~~" in text:
        text = _FENCES.sub("", text)
    text = _ANY_TARGET.sub("]", _CITATION.sub("", text))
    yield _entities(text)
    numbers = [int(one) for one in _LISTED.findall(text)]
    if numbers and all(one in (1, before + 1) for before, one in zip([0, *numbers], numbers, strict=False)):
        yield _entities(_LISTED.sub("", text))


def _entities(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _words(text: str) -> list[str]:
    """Words as they can be compared: signs of emphasis and brackets do not part them."""
    return re.findall(r"[^\W_]+", re.sub(r"[*_`\\\[\]]", "", text))
