"""Markdown to safe HTML, links and citations marked.

The language is that of `scanner`, which refuses raw HTML; if some reached `convert`, it would be shown as text.

The result is cleaned by nh3, with the table of what is allowed below; what the page fills in afterwards, see `marks`, are
addresses of this site, anchors and numbers, escaped. nh3 takes about 0.1 ms a page, a tenth of the
conversion; JustHTML, in Python, took ten times as long in our trials, which would have doubled the time of a build. Its
one weakness, slowness on very deep or very strange trees, does not arise: the limits of `scanner` bound depth and size,
and no tag comes from an editor.

Where the time goes in Python-Markdown is trying each of its patterns on each piece of text. For the version that
`TUNED_FOR` names, a pattern is tried only where the characters stand that it needs; a test compares the result with the
library's own on many texts. Any other version runs as it is.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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

from builder import marks
from builder.load import UNSEEN
from builder.model import Problem
from builder.scanner import CITATION, CITED, TARGET, Scanner, entities, limits, pieces, position

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

TUNED_FOR = (3, 11)
# The library goes twice over the text after a picture or line break; these signs of a locator are hidden meanwhile.
_HIDDEN_SIGNS = (("*", "\ue003"), ("_", "\ue004"), ("&", "\ue005"))
_HIDDEN = str.maketrans(dict(_HIDDEN_SIGNS))
_MARKED = re.compile("\ue000([^\ue001]*)\ue001")
_MARKS = re.compile("\ue000[^\ue002]*\ue002")
_ENCODED = "\x02amp\x03"  # how the library begins the address of <name@example.org>
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
UNEXPLAINED = HEADINGS | {"a", "abbr", "code", "pre"}  # where no abbreviation is explained
_ANY_TARGET = re.compile(rf"""\]\(\s*{TARGET}\s*\)""")
_FENCES = re.compile(r"^(?:`{3,}|~{3,}) *[\w+#.-]* *$", re.MULTILINE)
_LISTED = re.compile(r"\n[ \t>]*(\d{1,4})\.(?=[ \t])")
_NO_WORD = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_TAG = re.compile(r"<[^>]*>")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[0-9a-zA-Z]+);")  # as `RE_AMP` leaves them
_ASIDE = re.compile(r' (?:alt|title)="([^"]*)"')
_ABBREVIATION = re.compile("</?abbr[^>]*>")
_BLOCK_TAG = re.compile(r"<(?!/?(?:em|strong|a|code|abbr)\b)[^>]*>")


class Converted(NamedTuple):
    """The HTML of a text, safe to insert, and what went wrong."""

    html: str
    problems: tuple[Problem, ...]


def convert(text: str, *, glossary: Mapping[str, str], scanned: bool = False) -> Converted:
    """The HTML of a text, with the marks of `marks`. One that was `scanned` without problems is within the limits.

    `glossary` explains abbreviations, of which the first on the page is marked.
    """
    text = text.replace("\r\n", "\n")
    if not scanned:
        text = UNSEEN.sub("\ufffd", text)
    if problems := [] if scanned else limits(text):
        return Converted("", tuple(problems))
    page = _Page(_used(text, glossary))
    try:
        made = _converter().page(text, page)
    except RecursionError:
        _CONVERTERS.clear()
        found = "emphasis, lists or brackets stand too deep inside each other"
        return Converted("", (Problem("", 1, 1, "too-deep", found, "Write it with fewer levels."),))
    safe = _CLEANER.clean(_REFERENCE.sub(_seen, made) if "&" in made else made)
    torn = _torn(text) if "\x02" in safe or "\x03" in safe else []  # every mark of the library has one of these
    safe = _TORN.sub("", safe) if torn else safe
    return Converted(safe, (*page.problems, *torn, *_lost(text, safe)))


@dataclass
class _Page:
    """What the conversion at hand needs to know, and what it found wrong."""

    abbreviations: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, message: str) -> None:
        """Something wrong in the text as a whole."""
        self.problems.append(Problem("", 1, 1, code, message))


def _seen(match: re.Match[str]) -> str:
    """A character reference, unless it stands for what no text may hold: a mark must not be made by an editor."""
    return "\ufffd" if UNSEEN.search(html.unescape(match[0])) else match[0]


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
        for piece in pieces("\n".join(lines)):
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
        return marks.CITATION.format(m[1], " ".join((m[2] or "").split()).translate(_HIDDEN)), m.start(), m.end()


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
            words = self.left.pop(match[0]).replace("&", "&amp;")  # they are no Markdown: an entity is none there
            last = self.create_element(words, match[0], "")
            parent.insert(position, last)
            position, start = position + 1, match.end()
        if last is not None:
            last.tail = text[start:]
        return head


class _Finish(treeprocessors.Treeprocessor):
    """Marks where headings get their ids and links their addresses, and gives tables their frame."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.converter = converter

    def run(self, root: Element) -> None:
        """Goes over the finished tree."""
        page = self.converter.at_hand
        for one in root:
            if one.tag in HEADINGS:
                one.set("id", marks.LATER)
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
        if _MARKS.search(target):
            del element.attrib[name]
            page.problem("link-not-followed", f"'{_MARKS.sub('', target)[:80]}' leads nowhere")
        elif not target.startswith(("http://", "https://", "mailto:", "tel:", "#", _ENCODED)):
            element.set(name, marks.LATER + target)
        elif element.tag == "a" and target.startswith(("http://", "https://")):
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
    if CITED.subn("", text)[1] == safe.count("\ue000") and any(_letters(one) == seen for one in _read(text)):
        return []
    scanner = Scanner(text)
    scanner.read()
    bare = _ABBREVIATION.sub("", _MARKS.sub("", safe))
    asides = Counter(_letters(html.unescape(one)) for one in _ASIDE.findall(bare))
    lost = [one for one in scanner.asides if _letters(entities(one)) not in asides]
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
    line, column = position(text, at.start()) if at else (1, 1)
    named = ", ".join(f"'{word}'" for word in words[:5]) + (" …" if len(words) > 5 else "")
    hint = "Write this place more simply, or escape signs such as * _ [ | with a backslash."
    return [Problem("", line, column, code, f"{code[5:]} of the text are not on the page: {named}", hint)]


def _letters(text: str) -> str:
    """Letters and digits alone. Most English texts are ASCII, for which a table is much quicker than a pattern."""
    return text.encode().translate(None, _ASCII_SIGNS).decode() if text.isascii() else _NO_WORD.sub("", text)


def _read(text: str) -> Iterator[str]:
    """A text without what is not meant to be read: addresses, citations, languages of code; then, without numbers of items.

    Quick, and right for nearly every page; the scanner, which is always right, is asked where this differs.
    """
    if "```" in text or "~~~" in text:
        text = _FENCES.sub("", text)
    text = "\n" + _ANY_TARGET.sub("]", CITED.sub("", text))
    yield entities(text)
    numbers = [int(one) for one in _LISTED.findall(text)]
    if numbers and all(one in (1, before + 1) for before, one in zip([0, *numbers], numbers, strict=False)):
        yield entities(_LISTED.sub("\n", text))


def _words(text: str) -> list[str]:
    """Words as they can be compared: signs of emphasis and brackets do not part them."""
    return re.findall(r"[^\W_]+", re.sub(r"[*_`\\\[\]]", "", text))
