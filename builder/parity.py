"""Whether a translation says what the original says: words, sections, numbers, dates, links, citations."""

from __future__ import annotations

import re
from _blake2 import blake2b
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from builder import wording
from builder.model import Problem

# Digits that belong to a code such as TAJ/E24 or A/RES/46/228 are part of the code.
HEAD = ("title", "short", "summary")
TOP = "top"  # what a text says before its first heading
CODE = re.compile(r"[A-ZА-ЯЁ][A-ZА-ЯЁa-z]*(?:[/.-][A-Z0-9]+)*/[A-Z]*\d[\w/]*|\b[A-Z]+\d+\b")
_CODED = re.compile(r"[A-Z/]\d")  # stands in every code, and in few texts
WORDS = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"(?<![\w/])\d{1,3}(?:[ \u00a0\u202f,]\d{3})+(?:[.,]\d+)?(?![\d])|\d+(?:[.,]\d+)*")
WORD = re.compile(r"[a-zа-яё]{3}")  # small letters: codes such as A/RES/46/228 are the same in every language
CITATION = re.compile(r"\[@[^\]]*\]")
TARGET = re.compile(r"\]\(([^)]*)\)")


class Pair(NamedTuple):
    """A page in the original and in another language, as examined."""

    lang: str
    original: str  # the language of the original
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    level: str  # what drift is: allow, warn or error

    @property
    def data(self) -> dict[str, Any]:
        """The metadata of the translation."""
        data: dict[str, Any] = self.second["data"]
        return data

    @property
    def whole(self) -> dict[str, Any]:
        """The metadata of the original."""
        data: dict[str, Any] = self.first["data"]
        return data

    def problem(self, line: int, code: str, message: str, hint: str = "", *, mild: bool = False) -> Problem:
        """A problem in the translation."""
        return Problem(self.second["path"], line, 1, code, message, hint, mild)

    def line_of(self, name: str) -> int:
        """The line of a field of the translation."""
        return int(self.second["lines"].get(name, 1))


def months(formats: Mapping[str, Any]) -> dict[str, str]:
    """Every form of every month name in a language, with a token that is the same in all languages."""
    found: dict[str, str] = {}
    for value in formats.values():
        names = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if len(names) == 12 and all(isinstance(one, str) for one in names):
            for number, name in enumerate(names, 1):
                found[str(name).casefold()] = f"month {number}"
    return found


def tokens(text: str, lang: str, names: Mapping[str, str]) -> Counter[str]:
    """The numbers, codes and named months of a text, in one form for all languages."""
    text = CITATION.sub("", text) if "[@" in text else text
    text = TARGET.sub("]", text) if "](" in text else text
    found: Counter[str] = Counter()
    if _CODED.search(text):
        found.update([one.rstrip("/.") for one in CODE.findall(text)])
        text = CODE.sub(" ", text)
    found.update([_number(one, lang) for one in NUMBER.findall(text)])
    words = WORDS.findall(text.casefold())
    if names.keys().isdisjoint(words):
        return found
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in names and (before.isdigit() or after[:4].isdigit() or after in ("года", "соли", "year")):
            found[names[word]] += 1
    return found


def _number(text: str, lang: str) -> str:
    """1,234.5 in English and 1 234,5 elsewhere are the same number."""
    if not text.isdigit():
        text = re.sub(r",(?=\d{3}(?!\d))", "", text) if lang == "en" else text.replace(",", ".")
        text = re.sub(r"[ \u00a0\u202f,]", "", text)
    return text.lstrip("0") or "0"


def numbers(text: str, lang: str, names: Mapping[str, str]) -> list[str]:
    """The tokens of a text, sorted, as plain data."""
    return sorted(tokens(text, lang, names).elements())


def split(text: str, scan: Any) -> list[str]:
    """The text of each section, in order."""
    lines = text.split("\n")
    starts = [max(section.line - 1, 0) for section in scan.sections]
    ends = [*starts[1:], len(lines)]
    return ["\n".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)]


def state(examined: Mapping[str, Any]) -> dict[str, str]:
    """The state of each section of an original: what a translation pins."""
    head = "\n".join(str(examined["data"].get(name, "")) for name in HEAD)
    pins = {"title": blake2b(head.encode(), digest_size=4).hexdigest()}
    return pins | {section["id"]: section["digest"] for section in examined["sections"]}


def behind(pair: Pair) -> list[dict[str, str]]:
    """The sections of the original that changed since the translation was made or are new, and those it has no more.

    `title` is that of the section, empty for what stands before the first heading; a section that is gone has the title
    of the translation. `state` is changed or removed.
    """
    titles = {section["id"]: section["title"] for section in pair.first["sections"]}
    pinned = pair.data.get("sections", {})
    now = state(pair.first)
    late = [
        {"id": key, "title": titles.get(key, ""), "state": "changed"}
        for key, value in now.items()
        if pinned.get(key) != value
    ]
    own = dict(zip(anchors(pair.first, pair.second), [one["title"] for one in _headings(pair.second)], strict=True))
    return late + [
        {"id": key, "title": own[key], "state": "removed"} for key in pinned if key in own and key not in now
    ]


def anchors(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """The anchors of the headings of a text: those of the original, so that all languages share them.

    A translation that is behind and has other headings keeps the anchors that it was made from.
    """
    ids = tuple(section["id"] for section in _headings(first))
    own = _headings(second)
    if first is second or len(own) == len(ids):
        return ids
    pinned = tuple(key for key in second["data"].get("sections", {}) if key not in ("title", TOP))
    return pinned if len(own) == len(pinned) else tuple(section["id"] for section in own)


def _headings(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [section for section in one["sections"] if section["level"]]


def compare(pair: Pair) -> tuple[list[Problem], dict[str, Any]]:
    """The problems of a translation, and what its readers must know."""
    problems: list[Problem] = []
    late = behind(pair)
    if late and pair.level != "allow":
        names = ", ".join(f"'{named(one)}'" for one in late)
        now = state(pair.first)
        pins = ", ".join(f'{one["id"]}: "{now[one["id"]]}"' for one in late if one["id"] in now)
        gone = ", ".join(one["id"] for one in late if one["id"] not in now)
        hint = "Bring it up to date and " + f"write under sections: {pins}" * bool(pins)
        hint += " and " * bool(pins and gone) + f"remove there: {gone}" * bool(gone)
        hint += f" (or run: python build.py translated {pair.second['path']})"
        message = f"is behind {pair.first['path']} in {names}"
        problems.append(pair.problem(pair.line_of("sections"), "behind", message, hint, mild=pair.level == "warn"))
    if not late or pair.level == "error":
        problems.extend(_outline(pair) or _sections(pair))
        problems.extend(_head(pair))
    return problems, {"behind": _told(pair, late), "review": not pair.data.get("reviewed_by")}


def named(late: Mapping[str, str]) -> str:
    """A section that is behind, as an editor calls it."""
    return (late["title"] or late["id"]) + (" (removed)" if late["state"] == "removed" else "")


def _told(pair: Pair, late: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What readers are told is behind: its title, where it is, and whether the translation lacks the heading.

    What stands before the first heading is called by the title of the page.
    """
    known = anchors(pair.first, pair.second)
    told: list[dict[str, Any]] = [
        one | {"lacks": one["state"] == "changed" and one["id"] not in known} for one in late if one["title"]
    ]
    if len(told) < len(late):
        told.insert(0, {"id": "", "title": pair.whole["title"], "state": "changed", "lacks": False})
    return told


def _outline(pair: Pair) -> list[Problem]:
    ours, theirs = pair.second["sections"], pair.first["sections"]
    path = pair.first["path"]
    for mine, other in zip(ours, theirs, strict=False):
        if mine["level"] != other["level"]:
            there = f"{path}:{other['line']}"
            message = f"heading '{mine['title']}' is on another level than '{other['title']}' ({there})"
            return [pair.problem(mine["line"], "outline", message, "Give both the same number of #.")]
    if len(ours) != len(theirs):
        longer, where = (ours, "this file") if len(ours) > len(theirs) else (theirs, path)
        one = longer[min(len(ours), len(theirs))]
        message = f"the headings differ from {path}: '{one['title']}' (line {one['line']}) stands only in {where}"
        hint = "Both texts must have the same headings in the same order."
        return [pair.problem(one["line"] if longer is ours else pair.second["text_line"], "outline", message, hint)]
    return []


def _sections(pair: Pair) -> Iterable[Problem]:
    excused = pair.data.get("excused", {})
    for ours, theirs in zip(pair.second["sections"], pair.first["sections"], strict=True):
        for name, what in (("numbers", "numbers or dates"), ("cites", "citations"), ("links", "links")):
            if ours[name] == theirs[name]:
                continue
            if message := difference(Counter(ours[name]), Counter(theirs[name]), excused):
                where = f"({pair.first['path']}:{theirs['line']})"
                hint = "Make them agree; if the difference is meant, name it under excused: with the reason."
                yield pair.problem(ours["line"], "parity", f"{what} differ from the original {where}: {message}", hint)


def difference(mine: Counter[str], other: Counter[str], excused: Iterable[str]) -> str:
    """What one side has and the other has not, in words; nothing if they agree."""
    ours, theirs = mine - other, other - mine
    for one in excused:
        ours.pop(one, None)
        theirs.pop(one, None)
    parts = []
    if ours:
        parts.append("only here " + ", ".join(sorted(ours.elements())))
    if theirs:
        parts.append("only there " + ", ".join(sorted(theirs.elements())))
    return "; ".join(parts)


def _head(pair: Pair) -> Iterable[Problem]:
    excused = pair.data.get("excused", {})
    for name in HEAD:
        mine, other = pair.second["head"][name], pair.first["head"][name]
        if name in pair.data and mine != other and (message := difference(Counter(mine), Counter(other), excused)):
            yield pair.problem(
                pair.line_of(name), "parity", f"numbers of the {name} differ from the original: {message}"
            )


def translated(pair: Pair) -> tuple[dict[str, Any], list[Problem]]:
    """The facts of the original with the words of the translation; problems of words that lack."""
    words: dict[str, str] = pair.data.get("words", {})
    excused = pair.data.get("excused", {})
    problems: list[Problem] = []
    said: dict[tuple[str | int, ...], str] = {}
    seen: set[str] = set()
    for location, text, numbers_there in pair.first["words"]:
        said[tuple(location)] = words.get(text, text)
        if text in seen:
            continue
        seen.add(text)
        if text not in words and not WORD.search(text):
            continue  # a number or a code is the same in every language
        if text not in words:
            if pair.level != "allow":
                hint, message = f'Add under words: "{text}": "…"', f"“{text[:80]}” is not translated"
                problems.append(
                    pair.problem(pair.line_of("words"), "missing-word", message, hint, mild=pair.level == "warn")
                )
        elif pair.second["said"][text] != numbers_there and (
            message := difference(Counter(pair.second["said"][text]), Counter(numbers_there), excused)
        ):
            note = f"numbers of “{text[:60]}” differ: {message}"
            problems.append(pair.problem(pair.line_of("words"), "parity", note))
    for text in words:
        if text not in seen:
            message = f"“{text[:60]}” does not stand in the facts of the original"
            problems.append(pair.problem(pair.line_of("words"), "unused-word", message, "Remove it.", mild=True))
    whole = {name: value for name, value in pair.whole.items() if name not in ("short", "reviewed_by")}
    spoken: dict[str, Any] = _replaced(whole, said, ())
    return spoken | {name: pair.data[name] for name in (*HEAD, "reviewed_by") if name in pair.data}, problems


def _replaced(value: Any, said: Mapping[tuple[str | int, ...], str], location: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(one, said, (*location, name)) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_replaced(one, said, (*location, number)) for number, one in enumerate(value))
    return said.get(location, value) if isinstance(value, str) else value


def all_words(
    words: Mapping[str, str], found: Mapping[str, list[str]], languages: list[str], levels: Mapping[str, str],
    path: str, line: int, column: int,
) -> Iterable[Problem]:  # fmt: skip
    """Problems of words that stand side by side: a language that lacks, numbers (`found`) that differ."""
    original, *others = languages
    for code in others:
        level = levels.get(code, "error")
        if code not in words:
            if level != "allow":
                message = f"“{words.get(original, '')[:60]}” has no words in '{code}'"
                yield Problem(
                    path, line, column, "missing-word", message, f"Add {code}: beside {original}:", level == "warn"
                )
        elif found[code] != found.get(original) and (
            message := difference(Counter(found[code]), Counter(found.get(original, [])), ())
        ):
            yield Problem(path, line, column, "parity", f"numbers in '{code}' differ from '{original}': {message}")


def spelling(text: str, lang: str, avoid: Mapping[str, str]) -> Iterable[tuple[int, str, str]]:
    """Look-alike letters, words of mixed scripts, and forms that the glossary avoids: (offset, message, hint)."""
    for word, offset in wording.look_alikes(text, lang):
        yield (
            offset,
            f"'{word}' holds letters of another alphabet",
            "Type the word again with a keyboard of the language.",
        )
    lowered = text.casefold()
    for form, instead in avoid.items():
        at = lowered.find(form.casefold())
        if at >= 0:
            yield at, f"'{form}' is not the form that this site uses", f"Write '{instead}'."
