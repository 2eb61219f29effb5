"""Metadata against its kind: the data of a page or a shared file, its references, citations and words, or problems.

This module and those it imports bring pydantic, which takes longer to load than most builds take: it is imported where
metadata is read, and metadata that did not change is not read.
"""

from __future__ import annotations

from _blake2 import blake2b
from collections.abc import Callable, Mapping
from typing import Any

from builder import kinds, parity, wording
from builder.fields import Plan, plan, validate, walk
from builder.load import may_be_address
from builder.model import Node, Problem, Source
from builder.site import SHARED_OF

Examined = dict[str, Any]


def page(source: Source, kind: str, *, original: bool, numbers: Callable[[str], list[str]]) -> Examined:
    """The metadata of a page: its data, and what of it other files are compared with."""
    problems: list[Problem] = []
    model: type[kinds.Strict] = kinds.KINDS[kind] if original else kinds.Translation
    article = f"{'an' if kind[0] in 'ae' else 'a'} {kind}"
    called = article if original else "a translation (facts come from the original)"
    data = validate(model, source.front, source.path, called, problems) if source.front else None
    found: Examined = {
        "path": source.path, "data": data, "counts": {}, "refs": [], "cites": [], "words": [], "said": {}, "head": {},
        "lines": {},
    }  # fmt: skip
    if data is not None and source.front is not None:
        found["lines"] = {key.value: key.line for key, _ in source.front.value}
        found["head"] = {name: numbers(data.get(name, "")) for name in parity.HEAD}
        _metadata(found, plan(model), data, source.front, (kind, ""))
        if original:
            _sourced(found, plan(model), data, source.front, problems)
            found["words"] = [
                (one.location, one.value, numbers(one.value))
                for one in walk(plan(model), data)
                if one.plan.role == "words" and one.location[0] not in parity.HEAD
            ]
        else:
            found["said"] = {text: numbers(words) for text, words in data["words"].items()}
    found["problems"] = [tuple(one) for one in problems]
    return found


def _metadata(found: Examined, plans: dict[str, Plan], data: dict[str, Any], node: Node, origin: Any) -> None:
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
        "unread": source.front is None or source.front.kind != "map",
    }
    name = source.path.removeprefix("content/")
    known = "figure" if name.startswith("figures/") else SHARED_OF.get(name)
    if known is None:
        names = ", ".join(sorted([*SHARED_OF, "figures/…"]))
        message, hint = "is not a file that the site knows", f"The shared files are {names}."
        problems.append(Problem(source.path, 0, 0, "unknown-file", message, hint))
    else:
        found["kind"] = known
        for key, node in _entries(source, known, problems):
            _entry(found, known, kinds.ENTRIES[known], key, node, source.path, settings, problems)
    found["problems"] = [tuple(one) for one in problems]
    shown = repr((found["entries"], list(found["names"]), [row[0] for row in found["cites"]]))
    found["stamp"] = blake2b(shown.encode(), digest_size=16).digest()
    return found


def _entries(source: Source, kind: str, problems: list[Problem]) -> list[tuple[str, Node]]:
    if source.front is None:
        return []
    if kind == "figure":
        return [(source.path.rsplit("/", 1)[-1][:-5], source.front)]
    if source.front.kind != "map":
        hint = "Begin each with a line name:, and indent its fields below it."
        problems.append(Problem(source.path, 1, 1, "no-fields", f"expected entries, each a {kind} with a name", hint))
        return []
    for key, _ in source.front.value:
        if not may_be_address(key.value):
            message = f"'{key.value[:80]}' cannot be the name of a {kind}"
            hint = "Use small Latin letters, digits and hyphens, at most 80; the name becomes part of an address."
            problems.append(Problem(source.path, key.line, key.column, "bad-name", message, hint))
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
    _metadata(found, plan(model), data, node, (kind, key))
    if kind in ("milestone", "figure", "official"):
        number = len(data.get("points", data.get("posts", [0])))
        found["counts"]["facts with a source"] = found["counts"].get("facts with a source", 0) + number
    for one in walk(plan(model), data):
        if one.plan.role != "all-words":
            continue
        spot = node.at(one.location)
        numbers = {
            code: parity.numbers(text, code, settings.get(code, {}).get("months") or {})
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
            chosen[name] = wording.spoken(value, code, original)
        elif one.inside and one.many:
            chosen[name] = [_chosen(one.inside, item, code, original) for item in value]
        elif one.inside and isinstance(value, dict):
            chosen[name] = _chosen(one.inside, value, code, original)
        else:
            chosen[name] = value
    return chosen


def config(source: Source) -> Examined:
    """The configuration: its data, or problems."""
    problems: list[Problem] = []
    data = validate(kinds.Config, source.front, "config.yaml", "the configuration", problems) if source.front else None
    if data is not None:
        data["address"] = data["address"].rstrip("/") + "/"
        data["repository"] = data["repository"].rstrip("/")
        data["languages"] = list(data["languages"])
    return {"path": "config.yaml", "config": data, "problems": [tuple(one) for one in problems], "counts": {}}
