"""Sources to a Site, or every problem found.

Having a `Site` means that it passed: each file fits its kind, each reference, citation and link leads somewhere, every
fact that must have a source has one, and the translations say what the original says.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from builder import fields, kinds, markup, parity
from builder.fields import Found, suggestion, validate, walk
from builder.load import Sources
from builder.model import Node, Problem, SiteError, Source
from builder.site import SHARED_ADDRESS, Body, Key, Site


@dataclass
class Work:
    """What is known while the site is being checked."""

    sources: Sources
    problems: list[Problem]
    as_of: str
    config: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    pages: dict[Key, dict[str, Any]] = field(default_factory=dict)
    files: dict[Key, Source] = field(default_factory=dict)
    scans: dict[Key, markup.Scan] = field(default_factory=dict)
    shared: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    shared_nodes: dict[tuple[str, str], tuple[str, Node]] = field(default_factory=dict)
    interface: dict[str, dict[str, Any]] = field(default_factory=dict)
    formats: dict[str, dict[str, Any]] = field(default_factory=dict)
    pointing: dict[Any, Any] = field(default_factory=dict)
    cited_by: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    notices: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def problem(self, path: str, node: Node | None, code: str, message: str, hint: str = "", *, mild: bool = False) -> None:
        """Notes a problem at a node of a file."""
        line, column = (node.line, node.column) if node else (0, 0)
        self.problems.append(Problem(path, line, column, code, message, hint, mild))

    def count(self, name: str) -> None:
        """Adds one to a count for the report."""
        self.counts[name] = self.counts.get(name, 0) + 1


def site(sources: Sources, as_of: str) -> tuple[Site, list[Problem]]:
    """The checked site and its warnings. Raises SiteError with every problem if there is one."""
    work = Work(sources, list(sources.problems), as_of)
    _config(work)
    _languages(work)
    _shared(work)
    _originals(work)
    _translations(work)
    _facts(work)
    _texts(work)
    _unused_sources(work)
    errors = [one for one in work.problems if not one.warning]
    if errors:
        raise SiteError(work.problems)
    return _made(work), work.problems


def _config(work: Work) -> None:
    source = work.sources.files.get("config.yaml")
    data = validate(kinds.Config, source.front if source else None, "config.yaml", "the configuration", work.problems)
    if data is None:
        raise SiteError(work.problems)
    data["address"] = data["address"].rstrip("/") + "/"
    data["repository"] = data["repository"].rstrip("/")
    data["as_of"] = work.as_of
    work.config, work.base = data, urlsplit(data["address"]).path.rstrip("/")


def _languages(work: Work) -> None:
    """The interface words and formats of each language; every language must have every word."""
    original = work.config["languages"][0]
    for code in work.config["languages"]:
        for name, target in (("interface", work.interface), ("formats", work.formats)):
            path = f"content/{code}/{name}.yaml"
            source = work.sources.files.get(path)
            if source is None:
                work.problem(path, None, "missing-file", "is missing", f"Copy content/{original}/{name}.yaml and translate it.")
            elif source.front is not None:
                target[code] = source.front.plain()
    for code in work.config["languages"][1:]:
        _same_words(work, original, code)


def _same_words(work: Work, original: str, code: str) -> None:
    path = f"content/{code}/interface.yaml"
    if code not in work.interface or original not in work.interface:
        return
    source = work.sources.files[path]
    for key, value in work.interface[original].items():
        if key not in work.interface[code]:
            shown = value if isinstance(value, str) else next(iter(value.values()))
            hint = f'Add to {path}: {key}: "…"'
            work.problem(path, None, "missing-word", f"the word '{key}' is missing; in {original}: “{shown}”", hint)
    for key in work.interface[code]:
        if key not in work.interface[original]:
            node = source.front.key(key) if source.front else None
            hint = suggestion(key, list(work.interface[original]), "See")
            work.problem(path, node, "unknown-word", f"'{key}' is not a word of the interface", hint[:200])


def _shared(work: Work) -> None:
    for path, source in work.sources.files.items():
        name = path.removeprefix("content/")
        if "/" in name and not name.startswith("figures/") or not path.startswith("content/") or name.endswith(".md"):
            continue
        if name.startswith("figures/"):
            _entry(work, "figure", kinds.Figure, name[8:-5], path, source.front)
        elif name in kinds.SHARED:
            kind, model = kinds.SHARED[name]
            work.shared.setdefault(kind, {})
            if source.front is None or source.front.kind != "map":
                continue
            for key, node in source.front.value:
                _entry(work, kind, model, key.value, path, node)
        else:
            known = ", ".join(sorted([*kinds.SHARED, "figures/…"]))
            work.problem(path, None, "unknown-file", "is not a file that the site knows", f"The shared files are {known}.")


def _entry(work: Work, kind: str, model: type[kinds.Strict], key: str, path: str, node: Node | None) -> None:
    if node is None:
        return
    work.shared_nodes[kind, key] = (path, node)
    data = validate(model, node, path, f"a {kind}", work.problems)
    work.shared.setdefault(kind, {})
    if data is not None:
        work.shared[kind][key] = data


def kind_of(page: str, name: str) -> str:
    """The kind of a page, from where its file stands."""
    if name == "index":
        return "section"
    folder, _, rest = page.partition("/")
    if folder in kinds.FOLDERS and rest and "/" not in rest:
        return next(kind for kind, where in kinds.FOLDER_OF.items() if where == folder)
    return "page"


def _located(work: Work, path: str) -> tuple[str, str] | None:
    """Language and id of a page file."""
    _, code, *steps = path.split("/")
    if code not in work.config["languages"] or not steps:
        hint = f"The languages of config.yaml are {', '.join(work.config['languages'])}."
        work.problem(path, None, "unknown-language", f"'{code}' is not a language of the site", hint)
        return None
    page = "/".join(steps)[:-3]
    if page.endswith("/index"):
        page = page[:-6]
    return code, page


def _originals(work: Work) -> None:
    original = work.config["languages"][0]
    for path, source in work.sources.files.items():
        if not path.endswith(".md"):
            continue
        located = _located(work, path)
        if located is None:
            continue
        work.files[located] = source
        code, page = located
        if code != original:
            continue
        kind = kind_of(page, path.rsplit("/", 1)[-1][:-3])
        article = f"{'an' if kind[0] in 'ae' else 'a'} {kind}"
        data = validate(kinds.KINDS[kind], source.front, path, article, work.problems)
        work.scans[located] = _scan(work, source)
        if data is not None:
            work.pages[located] = {**data, **_common(work, located, kind, path)}


def _common(work: Work, key: Key, kind: str, path: str) -> dict[str, Any]:
    code, page = key
    original = work.config["languages"][0]
    parts = path.split("/", 2)
    url = f"{work.base}/{code}/" if page == "index" else f"{work.base}/{code}/{page}/"
    return {
        "id": page, "kind": kind, "lang": code, "url": url, "path": path, "slug": page.rsplit("/", 1)[-1],
        "original_path": f"content/{original}/{parts[2]}",
    }  # fmt: skip


def _scan(work: Work, source: Source) -> markup.Scan:
    scan = markup.scan(source.text)
    for one in scan.problems:
        work.problems.append(replace(one, path=source.path, line=one.line + source.text_line - 1))
    return scan


def _translations(work: Work) -> None:
    original, *others = work.config["languages"]
    for (code, page), source in work.files.items():
        if code == original:
            continue
        scan = work.scans[code, page] = _scan(work, source)
        if (original, page) not in work.files:
            path = f"content/{original}/{page}.md"
            work.problem(source.path, None, "no-original", f"there is no {path} for it to translate", "Write that first.")
            continue
        data = validate(kinds.Translation, source.front, source.path, "a translation", work.problems)
        whole = work.pages.get((original, page))
        if data is None or whole is None or source.front is None:
            continue
        work.pages[code, page] = parity.translated(work.problem, whole, data, source) | _common(
            work, (code, page), whole["kind"], source.path
        )
        notice = parity.compare(
            work.problems, work.config, work.files[original, page], source, work.scans[original, page], scan, data
        )
        if notice:
            work.notices[code, page] = notice
    _missing_pages(work, original, others)


def _missing_pages(work: Work, original: str, others: list[str]) -> None:
    for code in others:
        level = work.config["drift"].get(code, "error")
        for lang, page in sorted(work.files):
            if lang != original or (code, page) in work.files or level == "allow":
                continue
            path = work.files[lang, page].path.replace(f"content/{lang}/", f"content/{code}/", 1)
            hint = f"Run: python build.py new translation {page} --lang {code}"
            work.problem(path, None, "not-translated", f"{page} has no page in '{code}'", hint, mild=level == "warn")


def _facts(work: Work) -> None:
    """Every reference and citation in metadata and shared files; sources that facts lack."""
    original = work.config["languages"][0]
    for (code, page), data in work.pages.items():
        if code != original:
            continue
        source = work.files[code, page]
        plans = fields.plan(kinds.KINDS[data["kind"]])
        for found in walk(plans, data):
            node = source.front.at(found.location) if source.front else None
            _value(work, found, source.path, node, (data["kind"], page))
            _sourced(work, found, source.path, node, data)
        for other in work.config["languages"][1:]:
            if (other, page) in work.pages:
                _inherit(plans, work.pages[other, page], data)
    for kind, entries in work.shared.items():
        model = kinds.Figure if kind == "figure" else next(m for k, m in kinds.SHARED.values() if k == kind)
        plans = fields.plan(model)
        for key, data in entries.items():
            path, node = work.shared_nodes[kind, key]
            for found in walk(plans, data):
                _value(work, found, path, node.at(found.location), (kind, key))
                if found.plan.role == "all-words":
                    parity.all_words(work.problems, work.config, found.value, path, node.at(found.location))
            if kind in ("milestone", "figure", "official"):
                work.count("facts with a source")


def _value(work: Work, found: Found, path: str, node: Node | None, origin: tuple[str, str]) -> None:
    if found.plan.role == "source":
        _citation(work, str(found.value).partition(",")[0], path, node, origin)
    elif found.plan.role == "reference":
        target, key = found.plan.target, str(found.value)
        if _exists(work, target, key):
            location = found.location[:-1] if _in_part(found.location) else ()
            place = work.pointing.setdefault((target, key), {}).setdefault((origin[0], str(found.location[0])), [])
            if (origin[0], origin[1], location) not in place:
                place.append((origin[0], origin[1], location))
        else:
            known = _names(work, target)
            where = f"content/{work.config['languages'][0]}/{kinds.FOLDER_OF[target]}" if target in kinds.FOLDER_OF else "the file"
            message = f"there is no {target} named '{key}'"
            work.problem(path, node, "dangling-reference", message, suggestion(key, known, f"In {where}"))


def _in_part(location: tuple[str | int, ...]) -> bool:
    """Does the reference stand in a group of fields of its own, such as one of several parts?"""
    return len(location) >= 3 and isinstance(location[-1], str)


def _exists(work: Work, target: str, key: str) -> bool:
    if target in kinds.FOLDER_OF:
        return (work.config["languages"][0], f"{kinds.FOLDER_OF[target]}/{key}") in work.files
    return (target, key) in work.shared_nodes


def _names(work: Work, target: str) -> list[str]:
    if target in kinds.FOLDER_OF:
        prefix = kinds.FOLDER_OF[target] + "/"
        return sorted({page[len(prefix) :] for _, page in work.files if page.startswith(prefix)})
    return sorted(key for kind, key in work.shared_nodes if kind == target)


def _citation(work: Work, key: str, path: str, node: Node | None, origin: tuple[str, str]) -> None:
    if ("source", key) not in work.shared_nodes:
        known = [name for kind, name in work.shared_nodes if kind == "source"]
        hint = suggestion(key, known, "")[:120] or "Add it to content/sources.yaml."
        work.problem(path, node, "unknown-source", f"there is no source '{key}'", hint)
        return
    users = work.cited_by.setdefault(key, [])
    if origin not in users:
        users.append(origin)


def _sourced(work: Work, found: Found, path: str, node: Node | None, page: dict[str, Any]) -> None:
    """A fact without a source takes its page's; if there is none either, it is a problem where one is required."""
    plan, value = found.plan, found.value
    if not plan.carries_source or not isinstance(value, dict):
        return
    if value.get("source"):
        work.count("facts with a source")
    elif page.get("source"):
        value["source"] = page["source"]
        work.count("facts with their page's source")
    else:
        work.count("facts without a source")
        if plan.sourced:
            where = ".".join(str(one + 1) if isinstance(one, int) else one for one in found.location)
            hint = "Add source: with a key of content/sources.yaml, here or once for the whole page."
            work.problem(path, node, "no-source", f"{where} has no source", hint)


def _inherit(plans: dict[str, fields.Plan], translated: dict[str, Any], original: dict[str, Any]) -> None:
    """The same inherited sources in the translated copy of the facts."""
    for ours, theirs in zip(walk(plans, translated), walk(plans, original), strict=False):
        if ours.plan.carries_source and isinstance(ours.value, dict) and isinstance(theirs.value, dict):
            ours.value["source"] = theirs.value.get("source", ())


def _texts(work: Work) -> None:
    for (code, page), scan in work.scans.items():
        source = work.files[code, page]
        kind = kind_of(page, source.path.rsplit("/", 1)[-1][:-3])
        for one in scan.citations:
            spot = Node("text", one.key, one.line + source.text_line - 1, one.column)
            _citation(work, one.key, source.path, spot, (kind, page))


def _links(work: Work, key: Key, scan: markup.Scan, source: Source) -> dict[str, str]:
    """Where each link of a text leads; links are relative paths to content files, as on the code host."""
    links: dict[str, str] = {}
    for one in scan.links:
        if one.target in links or one.target.startswith(("http://", "https://", "mailto:", "tel:")):
            continue
        path, _, anchor = one.target.partition("#")
        spot = Node("text", "", one.line + source.text_line - 1, one.column)
        if not path:
            links[one.target] = one.target
            if anchor not in {each.id for each in work.scans[key].sections} and key[0] == work.config["languages"][0]:
                names = [each.id for each in scan.sections]
                work.problem(source.path, spot, "dead-anchor", f"this page has no heading '#{anchor}'", suggestion(anchor, names, "Headings"))
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), path))
        found = _page_at(work, target, key[0])
        if found is None:
            pages = [file.path for file in work.files.values() if file.path.startswith(f"content/{key[0]}/")]
            hint = suggestion(target, pages, "")[:160] or "Link to a file, such as ../partners/dca.md."
            work.problem(source.path, spot, "dead-link", f"'{one.target}' leads nowhere", hint)
            continue
        links[one.target] = found + (f"#{anchor}" if anchor else "")
    return links


def _page_at(work: Work, path: str, lang: str) -> str | None:
    """The address of the page that a content path becomes."""
    steps = path.split("/")
    if len(steps) < 3 or steps[0] != "content" or not path.endswith(".md"):
        return None
    code, page = steps[1], "/".join(steps[2:])[:-3]
    page = page[:-6] if page.endswith("/index") else page
    original = work.config["languages"][0]
    if (code, page) not in work.files and not (code in work.config["languages"] and (original, page) in work.files):
        return None
    return f"{work.base}/{code}/" if page == "index" else f"{work.base}/{code}/{page}/"


def _unused_sources(work: Work) -> None:
    for key in work.shared.get("source", {}):
        if key not in work.cited_by:
            path, node = work.shared_nodes["source", key]
            hint = "Cite it, or remove it."
            work.problem(path, node, "unused-source", f"nothing cites '{key}'", hint, mild=True)


def _made(work: Work) -> Site:
    original = work.config["languages"][0]
    bodies: dict[Key, Body] = {}
    for key, source in work.files.items():
        scan = work.scans[key]
        first = work.scans.get((original, key[1]), scan)
        ids = tuple(one.id for one in first.sections if one.level)
        bodies[key] = Body(source.path, source.text, source.text_line, source.digest, ids, _links(work, key, scan, source))
        work.pages[key]["headings"] = [
            {"id": anchor, "level": one.level, "text": one.title}
            for anchor, one in zip(ids, (each for each in scan.sections if each.level), strict=False)
        ]
    if any(not one.warning for one in work.problems):
        raise SiteError(work.problems)
    lines = {
        page: {key.value: key.line for key, _ in work.files[code, page].front.value}  # type: ignore[union-attr]
        for code, page in work.pages
        if code == original
    }
    work.counts["sources"] = len(work.cited_by)
    shared = {code: _localised(work, code) for code in work.config["languages"]}
    glossary = {code: _abbreviations(shared[code].get("term", {})) for code in shared}
    return Site(
        work.config, work.pages, bodies, shared, work.pointing, work.cited_by, work.interface, work.formats,
        work.notices, lines, work.counts, glossary,
    )  # fmt: skip


def _localised(work: Work, code: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The shared entries with their words in one language."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    original = work.config["languages"][0]
    for kind, entries in work.shared.items():
        model = kinds.Figure if kind == "figure" else next(m for k, m in kinds.SHARED.values() if k == kind)
        plans = fields.plan(model)
        result[kind] = {}
        for key, data in entries.items():
            url = f"{work.base}/{code}/" + SHARED_ADDRESS[kind].format(key=key)
            chosen = _choose(plans, data, code, original)
            result[kind][key] = chosen | {"key": key, "kind": kind, "url": url, "lang": code}
    return result


def _choose(plans: dict[str, fields.Plan], data: dict[str, Any], code: str, original: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, value in data.items():
        plan = plans[name]
        if plan.role == "all-words":
            chosen[name] = value.get(code) or value.get(original) or next(iter(value.values()))
        elif plan.inside and plan.many:
            chosen[name] = [_choose(plan.inside, one, code, original) for one in value]
        elif plan.inside and isinstance(value, dict):
            chosen[name] = _choose(plan.inside, value, code, original)
        else:
            chosen[name] = value
    return chosen


def _abbreviations(terms: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {one["abbreviation"]: one["term"] for one in terms.values() if one.get("abbreviation")}
