"""What a change does to the site, for the reviewer of a pull request: pages, facts with their sources, addresses."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from builder import load, parity, reading, report
from builder.model import Problem, SiteError

# What says something of a page or entry itself, not of the world.
OF_THE_PAGE = frozenset(
    [
        "source",
        "published",
        "updated",
        "reviewed",
        "review_by",
        "reviewed_by",
        "order",
        "old_addresses",
        "changes",
        "page",
    ]
)
Survey = tuple[dict[str, Any], dict[str, dict[str, Any]]]


def between(root: str, base: str) -> str:
    """Markdown on what changed since a git revision or a folder. Raises SiteError if the base cannot be read."""
    config, examined, _ = reading.survey(root)
    now: Survey = (config, examined)
    if os.path.isdir(base):
        config, examined, _ = reading.survey(os.path.abspath(base))
        return summary((config, examined), now)
    with tempfile.TemporaryDirectory() as folder:
        _check_out(root, base, folder)
        config, examined, _ = reading.survey(folder)
        return summary((config, examined), now)


def _check_out(root: str, base: str, folder: str) -> None:
    archive = subprocess.run(
        ["git", "-C", root, "archive", "--format=tar", base, "config.yaml", "content"], capture_output=True, check=False
    )
    if archive.returncode:
        said = archive.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise SiteError([Problem(base, 0, 0, "no-base", f"cannot be read: {said}", "Name a git revision or a folder.")])
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def summary(old: Survey, new: Survey) -> str:
    """What changed between two surveys, as Markdown."""
    before, after = _pages(old), _pages(new)
    parts = [
        ("Pages added", [_named(after[one]) for one in after if one not in before]),
        ("Pages removed", [_named(before[one]) for one in before if one not in after]),
        (
            "Pages changed",
            [_named(after[one]) for one in after if one in before and _text_changed(before[one], after[one])],
        ),
        ("Facts changed", list(_facts(old, new))),
        ("Addresses lost", list(_lost(before, after))),
        ("Translations that fell behind", list(_behind(old, new))),
        ("Sources added", [_work(new, one) for one in sorted(_keys(new, "source") - _keys(old, "source"))]),
        ("Sources removed", [f"`{_safe(one)}`" for one in sorted(_keys(old, "source") - _keys(new, "source"))]),
        (
            "Sources no longer cited",
            [f"`{_safe(one)}`" for one in sorted(_cited(old) - _cited(new) & _keys(new, "source"))],
        ),
    ]
    lines = ["## What this change does", ""]
    for title, rows in parts:
        if rows:
            lines += [f"### {title} ({len(rows)})", "", *(f"- {row}" for row in rows), ""]
    return "\n".join(lines) if len(lines) > 2 else "## What this change does\n\nNothing that readers see.\n"


def _pages(survey: Survey) -> dict[str, dict[str, Any]]:
    return {path: one for path, one in survey[1].items() if "sections" in one and one.get("data")}


def _named(one: Mapping[str, Any]) -> str:
    return f"{_safe(one['data']['title'])} (`{one['path']}`)"


def _safe(value: Any) -> str:
    """A text of a stranger's that stays text in Markdown."""
    text = report.shown(" ".join(str(value).split()))
    for sign in "\\`*_[]<>|#!&":
        text = text.replace(sign, "\\" + sign)
    return text


def _text_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    states = [[(one["id"], one["digest"]) for one in each["sections"]] for each in (before, after)]
    heads = [[each["data"].get(name) for name in parity.HEAD] for each in (before, after)]
    return states[0] != states[1] or heads[0] != heads[1]


def _facts(old: Survey, new: Survey) -> Iterator[str]:
    """Each fact that changed: where, old and new, with source and date."""
    before, after = dict(_all_facts(old)), dict(_all_facts(new))
    told = _keys(old, "source") ^ _keys(new, "source")  # sources that came or went are told on their own
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        path, where = name
        if first == second or (path == "content/sources.yaml" and where.partition(".")[0] in told):
            continue
        yield f"`{path}` **{_safe(where)}**: {_fact(first, _origin(old, *name))} → {_fact(second, _origin(new, *name))}"


def _origin(survey: Survey, path: str, where: str) -> tuple[str, ...]:
    """The sources of the page or entry, on which its facts rest that have none of their own."""
    one = survey[1].get(path, {})
    name, _, field = where.partition(".")
    if "entries" in one:
        data = one["entries"].get(name, {}).get(survey[0]["languages"][0], {})
    else:
        data, field = one.get("data") or {}, name
    return () if field.partition(".")[0] in OF_THE_PAGE else tuple(data.get("source", ()))


def _all_facts(survey: Survey) -> Iterator[tuple[tuple[str, str], Any]]:
    original = survey[0]["languages"][0]
    for path, one in survey[1].items():
        if "entries" in one:
            for key, data in one["entries"].items():
                for name, value in data[original].items():
                    yield from _leaves(path, f"{key}.{name}", value)
        elif one.get("data") and path.startswith(f"content/{original}/"):
            facts = {name: value for name, value in one["data"].items() if name not in parity.HEAD}
            for name, value in facts.items():
                yield from _leaves(path, name, value)


def _leaves(path: str, where: str, value: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """The facts inside plain data; a group with a source is one fact."""
    if isinstance(value, dict) and "source" not in value:
        for name, one in value.items():
            yield from _leaves(path, f"{where}.{name}" if where else name, one)
    elif isinstance(value, list | tuple) and any(isinstance(one, dict) for one in value):
        for number, one in enumerate(value, 1):
            yield from _leaves(path, f"{where}.{number}", one)
    elif value not in ((), [], None):
        yield (path, where), value


def _fact(value: Any, origin: tuple[str, ...]) -> str:
    if value is None:
        return "nothing"
    if not isinstance(value, dict):
        text = _safe(", ".join(map(str, value)) if isinstance(value, list | tuple) else value)
        return text + (f" ({_safe(', '.join(origin))}, for the whole page)" if origin else "")
    shown = {name: one for name, one in value.items() if name not in ("source", "as_of") and one not in ((), [], None)}
    text = ", ".join(f"{name}: {_plain(one)}" for name, one in shown.items())
    source = ", ".join(value.get("source") or origin) or "no source"
    as_of = f", as of {value['as_of']}" if value.get("as_of") else ""
    return f"{_safe(text)} ({_safe(source)}{as_of})"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_plain(one)}" for name, one in value.items() if one not in ((), [], None))
    return ", ".join(_plain(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for page in sorted(_led(before) - _led(after)):
        yield f"`{_safe(page)}`: no page names it in `old_addresses`"


def _led(pages: Mapping[str, Any]) -> set[str]:
    """The addresses, without language, that lead to pages: their own, and those that they had."""
    old = {one for each in pages.values() for one in each["data"].get("old_addresses", ())}
    return old | {load.page_id(path) for path in pages}


def _behind(old: Survey, new: Survey) -> Iterator[str]:
    was = {(path, one["id"]) for path, one in _late(old)}
    for path, one in _late(new):
        if (path, one["id"]) not in was:
            yield f"`{path}`: {_safe(parity.named(one))}"


def _late(survey: Survey) -> Iterator[tuple[str, dict[str, str]]]:
    config, examined = survey
    original = config["languages"][0]
    for path, one in _pages(survey).items():
        code = path.split("/")[1]
        first = examined.get(path.replace(f"content/{code}/", f"content/{original}/", 1))
        if code != original and first and first.get("data"):
            for late in parity.behind(parity.Pair(code, original, first, one, "error")):
                yield path, late


def _keys(survey: Survey, kind: str) -> set[str]:
    return {key for one in survey[1].values() if one.get("kind") == kind and "entries" in one for key in one["entries"]}


def _work(survey: Survey, key: str) -> str:
    """A source, as a reviewer would look it up."""
    original = survey[0]["languages"][0]
    one = next(
        each["entries"][key][original]
        for each in survey[1].values()
        if key in each.get("entries", ()) and each["kind"] == "source"
    )
    where = f", <{one['url']}>" if one.get("url") else ""
    return (
        f"`{_safe(key)}`: {_safe(one['title'])}. {_safe(one['publisher'])}, {_safe(one.get('date', 'undated'))}{where}"
    )


def _cited(survey: Survey) -> set[str]:
    return {row[0] for one in survey[1].values() for row in one.get("cites", ())}
