"""Files to sources: text and YAML, with the line and column on which each value stands.

YAML is read as text (nothing becomes a boolean, a date or a number here) in a strict subset: no anchors, aliases, merge
keys, tags, duplicate keys or several documents, limited in size and depth while it is still a stream of events, before
anything is built from it. PyYAML's own loaders construct first and can be made to crash or to swell; see
https://github.com/yaml/pyyaml/issues/897.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from _blake2 import blake2b
from functools import cache
from typing import Any

from builder.cache import READ
from builder.model import Node, Problem, Source

FRONT_LIMIT = 16 * 1024  # bytes of metadata of one page
TEXT_LIMIT = 256 * 1024  # bytes of one page
DATA_LIMIT = 2 * 1024 * 1024  # bytes of one shared file
DEPTH_LIMIT = 6
ADDRESSES = "content/addresses.txt"  # the ledger of published addresses
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
# Control, bidirectional, filling, line-separator, private-use and non-characters, and marks that nobody sees: they
# deceive a reviewer, hide from the search or break a parser. The joiners that Persian needs may stand.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff\U000e0000-\U0010ffff]"
)
# What texts are written with, none of it in UNSEEN: to find that there is nothing else takes a fifth of the time.
USUAL = "\t\n\x20-\x7e\xa0-\xac\xae-\u034e\u0370-\u061b\u2010-\u2027\u2030-\u205f\u20a0-\u27ff"
_UNUSUAL = re.compile(f"[^{USUAL}]")
_PLAIN = b"\t\n" + bytes(range(0x20, 0x7F))
BREAKS = re.compile("[\r\x85\u2028\u2029]")  # ends of lines for YAML, and for nobody else


def unseen(text: str) -> re.Match[str] | None:
    """The first character of a text that nobody sees, if there is one."""
    if text.isascii() and not text.encode().translate(None, _PLAIN):
        return None  # most English texts, in a tenth of the time
    return UNSEEN.search(text) if _UNUSUAL.search(text) else None


def content_paths(root: str, problems: list[Problem]) -> list[str]:
    """The paths of all content files, sorted; anything else in the folder is a problem."""
    found: list[str] = []
    seen: dict[str, str] = {}
    folders = ["content"]
    while folders:
        folder = folders.pop()
        pages = folder not in ("content", "content/figures")
        try:
            entries = sorted(os.scandir(os.path.join(root, folder)), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(Problem(folder, 0, 0, "unreadable-folder", f"cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}"
            name = entry.name
            if name[-3:] == ".md" and pages and entry.is_file(follow_symlinks=False) and may_be_address(name[:-3]):
                found.append(path)  # nearly always: the rest is for what is not
            elif entry.is_symlink():
                problems.append(_problem(path, "link-in-content", "is a symbolic link", "Put the file itself there."))
            elif entry.is_dir():
                if _well_named(path, entry.name, problems):
                    folders.append(path)
            elif entry.name.startswith("."):
                continue
            elif not entry.is_file():
                problems.append(_problem(path, "not-a-file", "is not an ordinary file", "Remove it."))
            elif path == ADDRESSES:
                continue
            elif entry.name.endswith(".md") and not pages:
                hint = "Pages stand in the folder of their language, such as content/en."
                problems.append(_problem(path, "misplaced", "is a page, which cannot stand here", hint))
            elif not entry.name.endswith((".md", ".yaml")):
                hint = "Pages end in .md, shared facts in .yaml; pictures and downloads belong in static/."
                problems.append(_problem(path, "unknown-file", "is neither a page nor a file of facts", hint))
            elif _well_named(path, entry.name.rsplit(".", 1)[0], problems):
                twin = seen.setdefault(path.casefold(), path)
                if twin != path:
                    problems.append(_problem(path, "twin", f"differs from {twin} only in letter case", "Rename one."))
                found.append(path)
    return sorted(found)


def one(root: str, path: str, problems: list[Problem], known: str = "") -> Source:
    """Reads one file as far as it can be read: what is wrong becomes a problem, and others may still name the file.

    Metadata with the digest `known` is not parsed again.
    """
    page = path.endswith(".md")
    data = _bytes(root, path, TEXT_LIMIT if page else DATA_LIMIT, problems)
    if data is None:
        return Source(path, "", None)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")  # editors on Windows put a mark before the text
        if not text.isascii() or unseen(text):
            text = _well_written(path, text, problems)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save the file as UTF-8 (no other encoding holds the Tajik letters)."
        problems.append(Problem(path, line, 1, "not-utf-8", "is not UTF-8 text", hint))
        return Source(path, "", None)
    digest = blake2b(data, digest_size=16).hexdigest()
    if not page:
        return Source(path, digest, parse(text, path, 1, problems))
    return _page(path, digest, text, problems, known)


def text(root: str, path: str, digest: str) -> str | None:
    """The text of a page that was read before and well written; None if its bytes are not those of the digest."""
    data = _bytes(root, path, TEXT_LIMIT, [])
    if data is None or blake2b(data, digest_size=16).hexdigest() != digest:
        return None
    whole = data.decode("utf-8-sig").replace("\r\n", "\n")
    return whole[_end(whole) + 5 :]


def _bytes(root: str, path: str, limit: int, problems: list[Problem]) -> bytes | None:
    """The bytes of an ordinary file; links are not followed, in the last step of the path nor in any other."""
    try:
        handle = os.open(os.path.join(root, path), READ)
    except OSError as error:
        problems.append(Problem(path, 0, 0, "unreadable", f"cannot be read: {error.strerror}"))
        return None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        problems.append(_problem(path, "not-a-file", "is not an ordinary file", "Remove it."))
        return None
    with os.fdopen(handle, "rb") as file:
        if facts.st_size > limit:
            size = f"is {facts.st_size:,} bytes long; the limit is {limit:,}"
            problems.append(_problem(path, "too-long", size, "Split it into several pages."))
            return None
        return file.read()


def _well_written(path: str, text: str, problems: list[Problem]) -> str:
    """The text as it is read on, so that other problems have their lines: YAML would begin a line, and a field, where
    nobody sees one."""
    if match := unseen(text):
        message, hint = _unseen(match)
        problems.append(Problem(path, *position(text, match.start()), "unseen-character", message, hint))
        text = BREAKS.sub(" ", text)
    if not unicodedata.is_normalized("NFC", text):
        composed = unicodedata.normalize("NFC", text)
        at = next((n for n, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b), 0)
        line, column = position(text, at)
        found = "a letter is written as a letter and a separate accent (the text is not in Unicode form NFC)"
        problems.append(Problem(path, line, column, "not-nfc", found, "Type the letter again, as one character."))
        return composed
    return text


def _unseen(found: re.Match[str]) -> tuple[str, str]:
    """What is said of a character that must not stand in a text."""
    return f"holds an invisible or forbidden character (U+{ord(found.group()):04X})", "Delete the character."


def may_be_address(name: str) -> bool:
    """May a file or an entry be called this? The name becomes part of an address, and of a path on every system."""
    return bool(NAME.fullmatch(name)) and name not in RESERVED and len(name) <= 80


def _well_named(path: str, name: str, problems: list[Problem]) -> bool:
    if may_be_address(name):
        return True
    hint = "Use small Latin letters, digits and hyphens, at most 80; the name becomes part of the address."
    problems.append(_problem(path, "bad-name", f"'{name}' cannot be the name of a page", hint))
    return False


def _problem(path: str, code: str, message: str, hint: str) -> Problem:
    return Problem(path, 0, 0, code, message, hint)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset in a text."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _end(text: str) -> int:
    """Where the line begins that ends the metadata of a page; -1 if there is none."""
    end = text.find("\n---\n", 3)
    return len(text) - 4 if end < 0 and text.endswith("\n---") else end


def _page(path: str, digest: str, text: str, problems: list[Problem], known: str) -> Source:
    if not text.startswith("---\n"):
        hint = "Begin the file with ---, then fields such as title:, then --- again, then the text."
        problems.append(Problem(path, 1, 1, "no-metadata", "does not begin with its metadata", hint))
        return Source(path, digest, None)
    end = _end(text)
    if end < 0:
        hint = "Close the metadata with a line that holds only ---."
        problems.append(Problem(path, 1, 1, "open-metadata", "the metadata has no end", hint))
        return Source(path, digest, None)
    front, body, body_line = text[4 : end + 1], text[end + 5 :], text.count("\n", 0, end + 1) + 2
    if len(front) > FRONT_LIMIT:
        message = f"the metadata is {len(front):,} characters long; the limit is {FRONT_LIMIT:,}"
        problems.append(Problem(path, 1, 1, "long-metadata", message, "Move text below the second ---."))
        return Source(path, digest, None, body, body_line)
    mark = blake2b(front.encode(), digest_size=16).hexdigest()
    node = parse(front, path, 2, problems) if mark != known else None
    return Source(path, digest, node, body, body_line, mark)


OPENED = re.compile(r"^\s*(?:- )*(?:[\w.-]+:\s+)?([\"'])")


class _Unusable(Exception):
    """The YAML of one file cannot be used; its problem has been noted."""


def parse(text: str, path: str, first_line: int, problems: list[Problem]) -> Node | None:
    """YAML as nodes with positions, or None and a problem. `first_line` is the line of the file `text` begins on.

    Nothing at all is an empty text.
    """
    import yaml  # a build with nothing to do needs no YAML

    def fail(mark: Any, code: str, message: str, hint: str) -> _Unusable:
        problems.append(Problem(path, mark.line + first_line, mark.column + 1, code, message, hint))
        return _Unusable()

    try:
        commented = text.split("\n") if " #" in text and path != "config.yaml" else []
        return _nodes(yaml, text, first_line, commented, fail) or Node("text", "", 1, 1)
    except _Unusable:
        return None
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        said = error.problem or "cannot be understood"
        if (opened := _open_quotation(text, mark.line)) is not None:
            line, column = opened
            hint = "Close it at the end of the text, on the same line."
            problems.append(
                Problem(
                    path,
                    line + first_line,
                    column + 1,
                    "yaml",
                    "the quotation mark that opens here is not closed",
                    hint,
                )
            )
            return None
        fail(mark, "yaml", f"cannot be read as YAML: {said}", _yaml_hint(text, mark.line, said))
        return None
    except (yaml.YAMLError, ValueError) as error:
        problems.append(Problem(path, first_line, 1, "yaml", f"cannot be read as YAML: {error}", "Look for odd signs."))
        return None


def _nodes(yaml: Any, text: str, first_line: int, commented: list[str], fail: Any) -> Node | None:
    """Builds nodes from the stream of events, iteratively: no depth of nesting can exhaust the stack.

    `commented` are the lines of a text in which comments may stand that readers would miss.
    """
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    stack: list[tuple[str, list[Any], Any]] = []
    done: Node | None = None
    documents = 0
    for event in yaml.parse(text, Loader=loader):
        name = type(event).__name__
        mark = event.start_mark
        if name == "DocumentStartEvent":
            documents += 1
            if documents > 1:
                raise fail(mark, "several-documents", "a second document begins here", "Remove the line with ---.")
        elif name == "AliasEvent":
            raise fail(mark, "alias", f"'*{event.anchor}' is an alias, which is not allowed", "Write the value out.")
        elif name in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            if event.anchor is not None:
                raise fail(mark, "anchor", f"'&{event.anchor}' is an anchor, which is not allowed", "Remove it.")
            if event.tag is not None and event.tag != "!":
                raise fail(mark, "tag", f"'{event.tag}' is a tag, which is not allowed", "Remove it.")
            if name == "ScalarEvent":
                _whole(event, commented, fail)
                node = Node("text", event.value, mark.line + first_line, mark.column + 1)
                done = _add(stack, node, event, fail) or done
            else:
                if len(stack) >= DEPTH_LIMIT:
                    raise fail(mark, "too-deep", f"is nested deeper than {DEPTH_LIMIT} levels", "Make it flatter.")
                stack.append(("map" if name == "MappingStartEvent" else "list", [], event))
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            kind, items, start = stack.pop()
            value: Any = tuple(items)
            if kind == "map":
                value = tuple(zip(items[::2], items[1::2], strict=True))
            begin = start.start_mark
            done = _add(stack, Node(kind, value, begin.line + first_line, begin.column + 1), start, fail) or done
    return done


def _add(stack: list[tuple[str, list[Any], Any]], node: Node, event: Any, fail: Any) -> Node | None:
    """Puts a node into what is open; returns it if nothing is open, as it is then the whole."""
    if not stack:
        return node
    kind, items, _ = stack[-1]
    if kind == "map" and len(items) % 2 == 0:
        mark = event.start_mark
        if node.kind != "text":
            raise fail(mark, "odd-key", "the name of a field must be a word", "Write it as name: value.")
        if node.value == "<<":
            raise fail(mark, "merge", "'<<' is a merge key, which is not allowed", "Write the fields out.")
        for key in items[::2]:
            if key.value == node.value:
                message = f"'{node.value}' stands here a second time (first on line {key.line})"
                raise fail(mark, "duplicate-key", message, "Keep one of the two.")
    items.append(node)
    return None


def _whole(event: Any, commented: list[str], fail: Any) -> None:
    """Refuses a text of which readers would see less, or more, than stands in the file: after Case #5 a comment."""
    if event.style == '"' and (found := UNSEEN.search(event.value)):
        raise fail(event.start_mark, "unseen-character", *_unseen(found))
    end = event.end_mark
    rest = commented[end.line][end.column :] if event.value and not event.style and end.line < len(commented) else ""
    if rest.lstrip(" \t").startswith("#"):
        hint = "Put the text in quotation marks; a comment stands on a line of its own."
        raise fail(end, "comment", f"what follows '{event.value[:40]}' is a comment, which nobody reads", hint)


def _open_quotation(text: str, line: int) -> tuple[int, int] | None:
    """Line and column of the first value up to a line whose quotation mark does not close on its own line.

    YAML reads on to the next mark, wherever that is, and complains there: often far below the line to be mended.
    """
    for number, one in enumerate(text.split("\n")[: line + 1]):
        for opened in OPENED.finditer(one):
            mark, rest = opened[1], one[opened.end() :]
            if not re.search(r"(?<!\\)\"" if mark == '"' else "'", rest):
                return number, opened.start(1)
            break  # only the first value of a line: what follows may hold marks of its own
    return None


def _yaml_hint(text: str, line: int, said: str) -> str:
    lines = text.split("\n")
    near = lines[line] if line < len(lines) else ""
    if "\t" in near:
        return "Use spaces, not tabs, at the beginning of a line."
    if "mapping values" in said or near.count(": ") > 1:
        return 'A text that holds ": " must stand in quotation marks.'
    if "expected <block end>" in said or "block" in said:
        return "Check that fields of one group begin in the same column, and that quotation marks are closed."
    return "Check indentation, quotation marks and colons on this line and the one before."


@cache
def page_id(path: str) -> str:
    """The id of a page, which is its address without language: content/en/programmes/ccp.md is programmes/ccp."""
    page = path.split("/", 2)[2][:-3]
    return page[:-6] if page.endswith("/index") else page


def addresses(root: str, problems: list[Problem]) -> dict[str, int]:
    """The ids of all pages that were ever published, with their lines in the ledger; none if there is no ledger."""
    place = os.path.join(root, ADDRESSES)
    if os.path.islink(place) or not os.path.isfile(place):
        return {}  # what else stands there was told as a problem of content/
    data = _bytes(root, ADDRESSES, DATA_LIMIT, problems) or b""
    rows = enumerate(data.decode("utf-8", "replace").split("\n"), 1)
    return {row.strip(): number for number, row in rows if row.strip() and not row.startswith("#")}
