"""One file on its own: everything that can be known of it without the others, as plain data that can be kept.

What is kept of a file depends on its bytes and on its language's setting (month names, forms that the glossary avoids),
and on nothing else; so a file that did not change need not be read again.
"""

from __future__ import annotations

import re
from _blake2 import blake2b
from collections.abc import Callable, Mapping
from typing import Any

from builder import parity, scanner, wording
from builder.model import Node, Problem, Source
from builder.site import FOLDER_OF

Examined = dict[str, Any]
NAMED = re.compile(r"\{[a-z_]+\}")  # what the program puts into a word of the interface


def kind_of(path: str) -> str:
    """The kind of a page, from where its file stands: content/en/programmes/x.md is a programme."""
    _, _, *steps = path.split("/")
    if steps[-1] == "index.md":
        return "section"
    if len(steps) == 2 and steps[0] in FOLDER_OF.values():
        return next(kind for kind, where in FOLDER_OF.items() if where == steps[0])
    return "page"


def page(
    source: Source, *, original: bool, lang: str, setting: Mapping[str, Any], before: Examined | None = None,
    seen: tuple[Any, ...] | None = None,
) -> Examined:  # fmt: skip
    """A page file: its data or problems, the sections, links, citations and numbers of its text.

    `before` is what was known of the file when its metadata was the same; then only the text is looked at. `seen` begins
    with what `ahead` gave for its text.
    """
    problems: list[Problem] = []
    kind = kind_of(source.path)
    if before is not None:
        front = before["front"]
    else:
        from builder import metadata

        front = metadata.page(source, kind, original=original, numbers=_counter(lang, setting))
        if not original:
            _spelled(source, lang, setting, problems)
        front["problems"] += [tuple(one) for one in problems]
        problems = []
    found: Examined = {
        "path": source.path, "kind": kind, "digest": source.digest, "text_line": source.text_line, "front": front,
        "data": front["data"], "lines": front["lines"], "words": front["words"], "head": front["head"],
        "said": front["said"], "counts": front["counts"], "refs": front["refs"], "cites": list(front["cites"]),
        "front_digest": source.front_digest,
    }  # fmt: skip
    known = seen is not None and seen[0] == _sum(source.text)
    scan = scanner.unpacked(seen[1]) if seen and known else scanner.scan(source.text)
    _text(found, source, scan, lang, setting, problems)
    found["problems"] = front["problems"] + [tuple(one) for one in problems]
    outline = [(one["id"], one["level"], one["title"]) for one in found["sections"]]
    found["token"] = blake2b(repr((front["data"], outline)).encode(), digest_size=16).digest()
    cited = [row[0] for row in found["cites"]]
    found["stamp"] = stamp((found["token"], found["path"], cited))
    found["essence"] = stamp(
        (found["stamp"], found["front_digest"], _essence(found, pinned=original and bool(setting.get("months"))))
    )
    return found


def ahead(text: str, terms: Mapping[str, str] | None) -> tuple[bytes, Any, bytes]:
    """What a text says on its own, whatever its metadata and its language, as plain data, with a sum of the text.

    Last its HTML, if the `terms` that it explains are known and nothing is wrong.
    """
    scan = scanner.scan(text)
    made = html(text, terms) if terms is not None and not scan.problems else b""
    return _sum(text), scanner.packed(scan), made


def html(text: str, terms: Mapping[str, str]) -> bytes:
    """The HTML of a text in which nothing is wrong, with the marks of `marks`; nothing if something is after all.

    Then it is tried again when its page is made, and told; what the text says otherwise is known all the same.
    """
    from builder import markup

    try:
        made = markup.convert(text, glossary=terms, scanned=True)
    except Exception:  # whatever the library fails with
        return b""
    return b"" if made.problems else made.html.encode()


def _sum(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _essence(found: Examined, *, pinned: bool) -> tuple[object, ...]:
    """What the checks between files look at in a text; where each thing stands matters only if something is wrong.

    Sections are `pinned` if translations say which state of them they translate.
    """
    sections = [
        (one["id"], one["level"], one["digest"] if pinned else "", one["numbers"], one["cites"], one["links"])
        for one in found["sections"]
    ]
    targets = [[row[0] for row in found[name]] for name in ("links", "images")]
    return found["text_line"], found["problems"], targets, sections


def stamp(value: object) -> bytes:
    """A digest of what other pages may show of a file."""
    return blake2b(repr(value).encode(), digest_size=16).digest()


def _counter(lang: str, setting: Mapping[str, Any]) -> Callable[[str], list[str]]:
    months = setting.get("months")
    if months is None:  # one language: nothing to compare with
        return lambda text: []
    return lambda text: parity.numbers(text, lang, months)


def _text(
    found: Examined, source: Source, scan: scanner.Scan, lang: str, setting: Mapping[str, Any], problems: list[Problem]
) -> None:
    shift = source.text_line - 1
    problems.extend(one._replace(path=source.path, line=one.line + shift) for one in scan.problems)
    found["cites"] += [(one.key, one.line + shift, one.column, (found["kind"], "")) for one in scan.citations]
    found["links"] = [(one.target, one.line + shift, one.column) for one in scan.links]
    found["images"] = [(one.target, one.line + shift, one.column) for one in scan.images]
    parts = parity.split(source.text, scan)
    numbers = _counter(lang, setting)
    found["sections"] = [
        {
            "id": one.id, "level": one.level, "title": one.title, "line": one.line + shift, "digest": one.digest,
            "numbers": numbers(part), "cites": sorted(parity.CITATION.findall(part)),
            "links": sorted(parity.TARGET.findall(part)),
        }
        for one, part in zip(scan.sections, parts, strict=True)
    ]  # fmt: skip
    for offset, message, hint in parity.spelling(source.text, lang, setting.get("avoid", {})):
        line = source.text.count("\n", 0, offset) + 1 + shift
        problems.append(Problem(source.path, line, 1, "spelling", message, hint))


def _spelled(source: Source, lang: str, setting: Mapping[str, Any], problems: list[Problem]) -> None:
    """Spelling in the metadata of a translation: titles, summary and the right side of words."""
    node = source.front
    if node is None or node.kind != "map":
        return
    for key, value in node.value:
        if key.value in parity.HEAD:
            texts = [value]
        elif key.value == "words" and value.kind == "map":
            texts = [one for _, one in value.value]
        else:
            continue
        for one in texts:
            for _, message, hint in parity.spelling(str(one.value), lang, setting.get("avoid", {})):
                problems.append(Problem(source.path, one.line, one.column, "spelling", message, hint))


def terms(source: Source) -> Any:
    """The plain data of the glossary, unchecked."""
    return source.front.plain() if source.front else {}


def explained(glossary: Any, lang: str, original: str) -> dict[str, str]:
    """The abbreviations that texts of a language explain, with what they stand for, from the glossary's plain data."""
    found: dict[str, str] = {}
    for term in glossary.values() if isinstance(glossary, dict) else ():
        words = [term.get(name) for name in ("abbreviation", "term")] if isinstance(term, dict) else []
        said = [str(wording.spoken(one, lang, original)) for one in words if isinstance(one, dict) and one]
        if len(said) == 2:
            found[said[0]] = said[1]
    return found


def plain(source: Source) -> Examined:
    """A file of words of the program: its values, and where each stands."""
    front = source.front
    known = front is not None and front.kind == "map"
    values = front.plain() if front and known else {}
    problems: list[Problem] = []
    if front and not known:
        problems.append(
            Problem(source.path, 1, 1, "no-fields", "expected words, each with a name", "Write name: word lines.")
        )
    if front and known and source.path.endswith("/interface.yaml"):
        for key, value in front.value:
            _braces(source.path, key, value, problems)
    return {
        "path": source.path, "plain": values, "problems": [tuple(one) for one in problems], "counts": {}, "stamp": stamp(values),
        "keys": {key.value: (key.line, key.column) for key, _ in front.value} if front and known else {},
    }  # fmt: skip


def _braces(path: str, key: Node, value: Node, problems: list[Problem]) -> None:
    """A word of the interface is a text or its plural forms; braces hold a name alone, for the program fills them in."""
    texts = [one for _, one in value.value] if value.kind == "map" else [value]
    for one in texts:
        if one.kind != "text":
            message = f"'{key.value}' is a word of the interface, which is a text or the forms of a plural"
            problems.append(Problem(path, one.line, one.column, "wrong-value", message, "Write a text."))
        elif re.search("[{}]", NAMED.sub("", one.value)):
            hint = "Write a name alone between them, such as {n}."
            problems.append(
                Problem(path, one.line, one.column, "braces", f"'{key.value}' holds braces that are no name", hint)
            )


def settings(languages: list[str], formats: Mapping[str, Any], glossary: Any) -> dict[str, dict[str, Any]]:
    """What of a language the examination of a file depends on: month names, forms that the glossary avoids.

    `formats` are the formats of each language, `glossary` the plain data of content/glossary.yaml, unchecked. Dates
    are compared only if the months of every language are known.
    """
    comparable = len(languages) > 1 and all(formats.get(code) for code in languages)
    found: dict[str, dict[str, Any]] = {
        code: {"months": parity.months(formats[code]) if comparable else None, "avoid": {}} for code in languages
    }
    for term in glossary.values() if isinstance(glossary, dict) else ():
        if (
            not isinstance(term, dict)
            or not isinstance(term.get("avoid"), dict)
            or not isinstance(term.get("term"), dict)
        ):
            continue
        for code, forms in term["avoid"].items():
            for form in [forms] if isinstance(forms, str) else forms:
                if code in found and isinstance(form, str):
                    found[code]["avoid"][form] = str(term["term"].get(code, ""))
    return found
