"""One file on its own: everything that can be known of it without the others, as plain data that can be kept.

What is kept of a file depends on its bytes and on its language's setting (month names, forms that the glossary avoids),
and on nothing else; so a file that did not change need not be read again.
"""

from __future__ import annotations

from _blake2 import blake2b
from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Any

from builder import kinds, markup, parity
from builder.fields import Plan, plan, validate, walk
from builder.model import Node, Problem, Source
from builder.site import FOLDER_OF, SHARED_OF

Examined = dict[str, Any]


def kind_of(path: str) -> str:
    """The kind of a page, from where its file stands: content/en/programmes/x.md is a programme."""
    _, _, *steps = path.split("/")
    if steps[-1] == "index.md":
        return "section"
    if len(steps) == 2 and steps[0] in FOLDER_OF.values():
        return next(kind for kind, where in FOLDER_OF.items() if where == steps[0])
    return "page"


def shared_kind(path: str) -> str | None:
    """The kind of entry that a shared file holds, or None if the site does not know the file."""
    name = path.removeprefix("content/")
    return "figure" if name.startswith("figures/") else SHARED_OF.get(name)


def page(source: Source, *, original: bool, lang: str, setting: Mapping[str, Any]) -> Examined:
    """A page file: its data or problems, the sections, links, citations and numbers of its text."""
    problems: list[Problem] = []
    kind = kind_of(source.path)
    model: type[kinds.Strict] = kinds.KINDS[kind] if original else kinds.Translation
    called = (
        f"{'an' if kind[0] in 'ae' else 'a'} {kind}" if original else "a translation (facts come from the original)"
    )
    data = validate(model, source.front, source.path, called, problems) if source.front else None
    scan = markup.scan(source.text)
    found: Examined = {
        "path": source.path, "kind": kind, "data": data, "counts": {}, "refs": [], "cites": [],
        "text_line": source.text_line, "digest": source.digest, "words": [],
        "lines": {key.value: key.line for key, _ in source.front.value} if source.front and data is not None else {},
    }  # fmt: skip
    if data is not None and source.front is not None:
        _metadata(found, plan(model), data, source.front, problems, (kind, ""))
        if original:
            _sourced(found, plan(model), data, source.front, problems)
            found["words"] = [
                (one.location, one.value, parity.numbers(one.value, lang, setting.get("months", {})))
                for one in walk(plan(model), data)
                if one.plan.role == "words" and len(one.location) > 1
            ]
        else:
            months = setting.get("months", {})
            found["said"] = {text: parity.numbers(words, lang, months) for text, words in data["words"].items()}
        head = {name: parity.numbers(data.get(name, ""), lang, setting.get("months", {})) for name in parity.HEAD}
        found["head"] = head
    _text(found, source, scan, lang, setting, problems)
    found["problems"] = [astuple(one) for one in problems]
    outline = [(one["id"], one["level"], one["title"]) for one in found["sections"]]
    found["token"] = blake2b(repr((data, outline)).encode(), digest_size=16).digest()
    return found


def _metadata(
    found: Examined, plans: dict[str, Plan], data: dict[str, Any], node: Node, problems: list[Problem], origin: Any
) -> None:
    """The references and citations of metadata, with where they stand."""
    for one in walk(plans, data):
        if one.plan.role not in ("source", "reference"):
            continue
        spot = node.at(one.location)
        if one.plan.role == "source":
            found["cites"].append((str(one.value).partition(",")[0], spot.line, spot.column, origin))
        else:
            place = one.location[:-1] if len(one.location) >= 3 and isinstance(one.location[-1], str) else ()
            row = (one.plan.target, str(one.value), str(one.location[0]), place, spot.line, spot.column, origin)
            found["refs"].append(row)


def _sourced(
    found: Examined, plans: dict[str, Plan], data: dict[str, Any], node: Node, problems: list[Problem]
) -> None:
    """A fact without a source takes its page's; with neither, it is a problem where one is required."""
    counts: dict[str, int] = found["counts"]
    required = {name for name, one in plans.items() if one.sourced}
    for one in walk(plans, data):
        if not one.plan.carries_source or not isinstance(one.value, dict):
            continue
        if one.value.get("source"):
            name = "facts with a source"
        elif data.get("source"):
            name = "facts with their page's source"
            one.value["source"] = data["source"]
        else:
            name = "facts without a source"
            if one.location[0] in required:
                spot = node.at(one.location)
                where = ".".join(str(step + 1) if isinstance(step, int) else step for step in one.location)
                hint = "Add source: with a key of content/sources.yaml, here or once for the whole page."
                message = f"{where} has no source"
                problems.append(Problem(found["path"], spot.line, spot.column, "no-source", message, hint))
        counts[name] = counts.get(name, 0) + 1


def _text(
    found: Examined, source: Source, scan: markup.Scan, lang: str, setting: Mapping[str, Any], problems: list[Problem]
) -> None:
    shift = source.text_line - 1
    problems.extend(replace(one, path=source.path, line=one.line + shift) for one in scan.problems)
    found["cites"] += [(one.key, one.line + shift, one.column, (found["kind"], "")) for one in scan.citations]
    found["links"] = [(one.target, one.line + shift, one.column) for one in scan.links]
    parts = parity.split(source.text, scan)
    months = setting.get("months", {})
    found["sections"] = [
        {
            "id": one.id, "level": one.level, "title": one.title, "line": one.line + shift, "digest": one.digest,
            "numbers": parity.numbers(part, lang, months), "cites": sorted(parity.CITATION.findall(part)),
            "links": sorted(parity.TARGET.findall(part)),
        }
        for one, part in zip(scan.sections, parts, strict=True)
    ]  # fmt: skip
    for offset, message, hint in parity.spelling(source.text, lang, setting.get("avoid", {})):
        line = source.text.count("\n", 0, offset) + 1 + shift
        problems.append(Problem(source.path, line, 1, "spelling", message, hint))
    if source.front is not None:
        _spelled(source.path, source.front, lang, setting, problems)


def _spelled(path: str, node: Node, lang: str, setting: Mapping[str, Any], problems: list[Problem]) -> None:
    """Spelling in the metadata of a translation: titles, summary and the right side of words."""
    if lang == "en" or node.kind != "map":
        return
    for key, value in node.value:
        if key.value in ("title", "short", "summary"):
            texts = [value]
        elif key.value == "words" and value.kind == "map":
            texts = [one for _, one in value.value]
        else:
            continue
        for one in texts:
            for _, message, hint in parity.spelling(str(one.value), lang, setting.get("avoid", {})):
                problems.append(Problem(path, one.line, one.column, "spelling", message, hint))


def shared(source: Source, settings: Mapping[str, Mapping[str, Any]]) -> Examined:
    """A shared file: its entries in each language of `settings` (the original first), with references and citations."""
    problems: list[Problem] = []
    found: Examined = {
        "path": source.path,
        "entries": {},
        "names": {},
        "refs": [],
        "cites": [],
        "words": [],
        "counts": {},
    }
    known = shared_kind(source.path)
    if known is None:
        names = ", ".join(sorted([*SHARED_OF, "figures/…"]))
        message, hint = "is not a file that the site knows", f"The shared files are {names}."
        problems.append(Problem(source.path, 0, 0, "unknown-file", message, hint))
    elif source.front is not None:
        found["kind"] = known
        for key, node in _entries(source, known, problems):
            _entry(found, known, kinds.ENTRIES[known], key, node, source.path, settings, problems)
    found["problems"] = [astuple(one) for one in problems]
    return found


def _entries(source: Source, kind: str, problems: list[Problem]) -> list[tuple[str, Node]]:
    assert source.front is not None
    if kind == "figure":
        return [(source.path.rsplit("/", 1)[-1][:-5], source.front)]
    if source.front.kind != "map":
        problems.append(
            Problem(source.path, 1, 1, "no-entries", "expected entries, each with a name", "Write name: first.")
        )
        return []
    return [(key.value, node) for key, node in source.front.value]


def _entry(
    found: Examined, kind: str, model: type[kinds.Strict], key: str, node: Node, path: str,
    settings: Mapping[str, Mapping[str, Any]], problems: list[Problem],
) -> None:  # fmt: skip
    found["names"][key] = (node.line, node.column)
    data = validate(model, node, path, f"a {kind}", problems)
    if data is None:
        return
    plans, (original, *_) = plan(model), list(settings)
    found["entries"][key] = {code: _chosen(plans, data, code, original) for code in settings}
    _metadata(found, plan(model), data, node, problems, (kind, key))
    if kind in ("milestone", "figure", "official"):
        number = len(data.get("points", data.get("posts", [0])))
        found["counts"]["facts with a source"] = found["counts"].get("facts with a source", 0) + number
    for one in walk(plan(model), data):
        if one.plan.role != "all-words":
            continue
        spot = node.at(one.location)
        numbers = {
            code: parity.numbers(text, code, settings.get(code, {}).get("months", {}))
            for code, text in one.value.items()
        }
        found["words"].append((dict(one.value), numbers, spot.line, spot.column))
        for lang, text in one.value.items():
            setting = settings.get(lang, {})
            for _, message, hint in parity.spelling(text, lang, setting.get("avoid", {}) if kind != "term" else {}):
                line = spot.at((lang,)).line
                problems.append(Problem(path, line, 1, "spelling", message, hint))


def _chosen(plans: dict[str, Plan], data: Mapping[str, Any], code: str, original: str) -> dict[str, Any]:
    """The data of an entry with its words in one language."""
    chosen: dict[str, Any] = {}
    for name, value in data.items():
        one = plans[name]
        if one.role == "all-words":
            chosen[name] = value.get(code) or value.get(original) or next(iter(value.values()))
        elif one.inside and one.many:
            chosen[name] = [_chosen(one.inside, item, code, original) for item in value]
        elif one.inside and isinstance(value, dict):
            chosen[name] = _chosen(one.inside, value, code, original)
        else:
            chosen[name] = value
    return chosen


def plain(source: Source) -> Examined:
    """A file of words of the program: its values, and where each stands."""
    front = source.front
    known = front is not None and front.kind == "map"
    return {
        "path": source.path, "plain": front.plain() if front and known else {}, "problems": [], "counts": {},
        "keys": {key.value: (key.line, key.column) for key, _ in front.value} if front and known else {},
    }  # fmt: skip


def config(source: Source | None) -> Examined:
    """The configuration: its data, or problems."""
    problems: list[Problem] = []
    data = validate(kinds.Config, source.front if source else None, "config.yaml", "the configuration", problems)
    if data is not None:
        data["address"] = data["address"].rstrip("/") + "/"
        data["repository"] = data["repository"].rstrip("/")
        data["languages"] = list(data["languages"])
    return {"path": "config.yaml", "config": data, "problems": [astuple(one) for one in problems], "counts": {}}


def settings(languages: list[str], formats: Mapping[str, Any], glossary: Any) -> dict[str, dict[str, Any]]:
    """What of a language the examination of a file depends on: month names, forms that the glossary avoids.

    `formats` are the formats of each language, `glossary` the plain data of content/glossary.yaml, unchecked.
    """
    found: dict[str, dict[str, Any]] = {
        code: {"months": parity.months(formats.get(code, {})), "avoid": {}} for code in languages
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
