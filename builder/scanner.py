"""A text for what the rest of the program needs to know of it, and for what should be written otherwise.

The scanner sees Markdown as Python-Markdown reads it, with tables, code between fences and citations `[@key, p. 3]`, and
without what loses words or hides meaning: raw HTML, underlined headings, code by indentation, links and abbreviations
that are defined elsewhere in the text. It does not need the library, so that reading a site does not load it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from _blake2 import blake2b
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from builder.load import UNSEEN
from builder.model import Problem

TEXT_LIMIT = 256 * 1024  # bytes of a text
PIECE_LIMIT = 10_000  # characters of a paragraph, item or row
BLOCK_LIMIT = 2_000  # lines without an empty one between
DEPTH_LIMIT = 50  # lists and quotes inside each other
CELL_LIMIT = 30_000  # cells of tables, empty ones too: a short row becomes a long one
BREAK_LIMIT = 500  # headings and rules
WORK_LIMIT = 8_000_000  # signs times length, summed over paragraphs: what the conversion's time grows with
CITATION = r"\[@([a-z0-9][a-z0-9-]*)(?:,\s*([^\[\]`\\<>\x02\x03]*[^\[\]`\\<>\x02\x03\s]))?\s*\]"
TARGET = r"""(?:[^\s()<>\[\]"'\\`\x02\x03]|\([^\s()<>\[\]"'\\`\x02\x03]*\))+"""
_LINK = re.compile(rf"""\(\s*({TARGET})(?:\s+"([^"\\`\[\]<>]*)")?\s*\)""")
_TOKEN = re.compile(
    rf"""(?P<escape>\\[\\`*_{{}}\[\]()>#+\-.!|])|(?P<ticks>`+)|(?P<citation>{CITATION})|(?P<odd>\[[@^])|(?P<open>!\[(?!@)|\[)"""
    r"""|(?P<close>\])|<(?P<auto>[A-Za-z][A-Za-z0-9+.-]*://[^<>\s`\[\]\\]*|[^<> !\s`\[\]\\]+@[^@<>\s`\[\]\\]+)>|(?P<html><[A-Za-z/!?])"""
)
_BEGINS = re.compile(r"[\\`\[\]<!]")
_LINK_TEXT = re.compile(rf"""!?\[([^\[\]]*)\]\(\s*{TARGET}(?:\s+"[^"]*")?\s*\)""")
CITED = re.compile(CITATION)
_FENCE = re.compile(r"(`{3,}|~{3,}) *[\w+#.-]* *")
_ITEM = re.compile(r"(?P<indent>[ \t>]*)(?:[-*+]|(?P<number>\d+)\.)[ \t]+")
_PREFIX = re.compile(r"(?:[ \t]*(?:>|[-*+](?=\s|$)|\d+\.(?=\s)))*[ \t]*")
_PREFIXED = frozenset(" \t>-*+0123456789")
_DEEP = re.compile(rf"\n[ \t>*+.\d-]{{{DEPTH_LIMIT + 1}}}")  # each level of a list or quotation is a sign or more
_RULE = re.compile(r"^[ ]{0,3}(?:[-*_][ ]*){3,}$", re.MULTILINE)
_MARKER = re.compile(r">|[-*+]|\d+\.")
_RULER = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*")
_SEPARATOR = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_INNER_HEADING = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d+\.[ \t])+#")
_DEFINITION = re.compile(r"[ \t]{0,3}(\*?)\[[^\[\]@]+\]:")
_SIGNS = re.compile(r"[\[*_`<(!&\\]")
_NUMBER = re.compile(r"^([ \t>]*(?:[-*+][ \t]+)*)\d+\.(?=[ \t])((?:[ \t]+\d+\.(?=[ \t]))*)")
_CLOSING = re.compile(r"(?<!\\)#+$")
_MARKED_WORDS = re.compile(r"[\[*_`\\&]")
_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9]+")
_ENTITY = re.compile(r"&(?:#[0-9]+|#x[0-9a-fA-F]+|[a-zA-Z0-9]+);")
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


def scan(text: str) -> Scan:
    """Reads a text for what the rest of the program needs to know of it, and for what should be written otherwise."""
    scanner = Scanner(text.replace("\r\n", "\n"))
    scanner.read()
    return Scan(
        tuple(scanner.sections()), tuple(scanner.links), tuple(scanner.images), tuple(scanner.citations),
        tuple(sorted(set(scanner.problems))),
    )  # fmt: skip


def packed(scan: Scan) -> tuple[tuple[tuple[Any, ...], ...], ...]:
    """A scan as plain data, which can go from one process to another."""
    return tuple([tuple([tuple(one) for one in part]) for part in scan])


def unpacked(parts: Iterable[Iterable[Iterable[Any]]]) -> Scan:
    """The scan that was packed."""
    kinds: tuple[Any, ...] = (Section, Link, Image, Citation, Problem)
    return Scan(*(tuple([kind._make(one) for one in part]) for kind, part in zip(kinds, parts, strict=True)))


class Piece(NamedTuple):
    """A part of a text in which inline marks can pair: a paragraph, a list item, a table row, a heading."""

    kind: str  # "text", "heading", "fence", "unclosed" or "blank"
    line: int
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a text in order. A new item or a line with a cell border begins a piece."""
    fence, start = "", 0
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            held.append(line)
            if line.startswith(fence) and not line.strip(fence[0] + " "):
                yield Piece("fence", start, "\n".join(held))
                fence, held = "", []
            continue
        opens = line[:3] in ("```", "~~~") and _FENCE.fullmatch(line)
        blank = not line.strip(" \t>")
        if held and (opens or blank or _apart(line, held[-1])):
            yield Piece("text", start, "\n".join(held))
            held = []
        if blank:
            yield Piece("blank", number, "")
        elif line[0] == "#":
            yield Piece("heading", number, line)
        else:
            start = start if held else number
            held.append(line)
            fence = opens[1] if opens else ""
    if held:
        yield Piece("unclosed" if fence else "text", start, "\n".join(held))


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
class Scanner:
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
        found = list(pieces(self.text)) if len(self.text) <= TEXT_LIMIT else []
        if excess := limits(self.text, found):
            self.problems.extend(excess)
            return
        for piece in found:
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

    def _lines(self, piece: Piece) -> None:
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

    def _heading(self, piece: Piece) -> None:
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

    def _inline(self, piece: Piece) -> None:
        """Links, images and citations of a piece; pairs of brackets are counted as the conversion counts them."""
        text, at, shown = piece.text, 0, 0
        if not _SIGNS.search(text):
            self.shown.append(_NUMBER.sub(r"\1", text) if self.numbered else text)
            return
        opened: list[tuple[re.Match[str], int, int]] = []  # with what was shown before it
        codes: list[tuple[int, int]] = []  # where codes stand
        inside: list[int] = []  # where links and citations of this piece begin
        parts: list[str] = []
        while match := _token(text, at):
            begin, at, kind, said = match.start(), match.end(), match.lastgroup, None
            if kind == "ticks":
                at = self._code(piece, match)
                said = text[begin:at]
                codes.append((begin, at))
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
                parts += [entities(text[shown:begin]), said]
                shown = at
        if "&" in text:
            self._unseen(piece, codes)
        read = "".join([*parts, entities(text[shown:])])
        self.shown.append(_NUMBER.sub(r"\1", read) if self.numbered else read)

    def _unseen(self, piece: Piece, codes: list[tuple[int, int]]) -> None:
        """An entity may stand for no character that must not stand in a text itself."""
        for match in _ENTITY.finditer(piece.text):
            if found := UNSEEN.search(html.unescape(match[0])):
                if any(begin <= match.start() < end for begin, end in codes):
                    continue
                named = f"'{match[0]}' is an invisible or forbidden character (U+{ord(found[0]):04X})"
                self._wrong(piece, match.start(), "unseen-character", named, "Delete it.")

    def _code(self, piece: Piece, match: re.Match[str]) -> int:
        """Where the code that begins here ends."""
        signs = match.group()
        end = re.compile(rf"(?<!`){signs}(?!`)").search(piece.text, match.end())
        if end:
            return end.end()
        hint = r"End the code with the same number of signs in the same paragraph, or write \`."
        self._wrong(piece, match.start(), "unclosed-code", f"{signs[:10]} has no partner", hint)
        return match.end()

    def _closed(self, piece: Piece, opened: re.Match[str], at: int, inside: list[int]) -> re.Match[str] | None:
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

    def _cited(self, piece: Piece, match: re.Match[str]) -> None:
        key, locator = _key_and_locator(match.group())
        self.citations.append(Citation(key, locator, *self._at(piece, match.start())))

    def _link(self, piece: Piece, start: int, target: str) -> None:
        if _kind(target) != "unsafe":
            self.links.append(Link(target, *self._at(piece, start)))
        else:
            hint = "Write an address with https://, http://, mailto: or tel:, or the path of a content file."
            self._wrong(piece, start, "unsafe-link", f"'{target[:80]}' is no address that this site links to", hint)

    def _image(self, piece: Piece, start: int, target: str, alt: str) -> None:
        self.asides.append(CITED.sub("", alt))
        if not _plain(alt):
            hint = "Write what it shows between the brackets: ![a bridge over the Panj](bridge.jpg)."
            self._wrong(piece, start, "no-alternative", "a picture has no words for those who do not see it", hint)
        if _kind(target) == "path":
            self.images.append(Image(target, _plain(alt), *self._at(piece, start)))
        else:
            self._wrong(piece, start, "foreign-picture", "a picture comes from another site",
                        "Put the file into static/images.")  # fmt: skip

    def _refused(self, piece: Piece, match: re.Match[str]) -> None:
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

    def _at(self, piece: Piece, offset: int) -> tuple[int, int]:
        line, column = position(piece.text, offset)
        return piece.line + line - 1, column

    def _wrong(self, piece: Piece, offset: int, code: str, message: str, hint: str) -> None:
        self._problem(*self._at(piece, offset), code, message, hint)


def _token(text: str, at: int) -> re.Match[str] | None:
    """The next mark in a text: where a sign stands with which one begins, and nowhere else, the pattern is tried."""
    while sign := _BEGINS.search(text, at):
        if match := _TOKEN.match(text, sign.start()):
            return match
        at = sign.end()
    return None


def limits(text: str, known: Iterable[Piece] | None = None) -> list[Problem]:
    """What makes a text too much for the conversion: size, depth, and what its time grows with faster than the text.

    `known` are its pieces, if they are known already.
    """
    size = len(text.encode(errors="replace"))
    if size > TEXT_LIMIT:
        found = f"the text is {size:,} bytes long; the limit is {TEXT_LIMIT:,}"
        return [Problem("", 1, 1, "too-long", found, "Split it into several pages.")]
    if _modest(text):
        return []
    sums = _Sums()
    for piece in pieces(text) if known is None else known:
        if problem := sums.add(piece):
            return [problem]
    return []


def _modest(text: str) -> bool:
    """Is a text, as most are, so short and plain that no limit can be passed, however its parts are counted?"""
    lines = text.count("\n") + 1
    return (
        len(text) <= PIECE_LIMIT
        and lines <= min(BLOCK_LIMIT, BREAK_LIMIT)
        and (text.count("|") + 1) * lines <= CELL_LIMIT
        and len(_SIGNS.findall(text)) * len(text) <= WORK_LIMIT
        and not _DEEP.search("\n" + text)
    )


@dataclass
class _Sums:
    """What is counted while a text is read, each against its limit."""

    lines: int = 0  # since the last empty line
    columns: int = 0  # of the table that may stand there
    cells: int = 0
    breaks: int = 0
    work: int = 0

    def add(self, piece: Piece) -> Problem | None:
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

    def _excess(self, piece: Piece) -> Problem | None:
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


def _depth(piece: Piece) -> Problem | None:
    """Lists and quotations inside each other: each level is a sign, or four spaces before it."""
    if len(piece.text) <= DEPTH_LIMIT or not (_prefixed(piece.text) or "\n" in piece.text):
        return None
    for number, line in enumerate(piece.text.split("\n"), piece.line):
        if not _prefixed(line):
            continue
        start = _PREFIX.match(line)
        signs = start.group().expandtabs(4) if start else ""
        if len(_MARKER.findall(signs)) + signs.count("    ") > DEPTH_LIMIT:
            found = f"lists or quotations more than {DEPTH_LIMIT} deep"
            return Problem("", number, 1, "too-deep", found, "Write it with fewer levels.")
    return None


def _prefixed(line: str) -> bool:
    """May a line begin with the sign of a list or quotation? Numbers may be written in any script."""
    return line[:1] in _PREFIXED or line[:1].isdecimal()


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
    match = CITED.fullmatch(text)
    if match is None:
        raise ValueError(f"not a citation: {text}")
    return match[1], entities(" ".join((match[2] or "").split()))


def _plain(text: str) -> str:
    """The words of a heading or picture without the marks around them."""
    if not _MARKED_WORDS.search(text):
        return " ".join(text.split())
    text = _LINK_TEXT.sub(r"\1", CITED.sub("", text))
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


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def entities(text: str) -> str:
    """A text with the letters that its entities stand for."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text
