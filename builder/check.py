"""What was examined, file by file, to a Site, or every problem found.

Having a `Site` means that it passed: each file fits its kind, each reference, citation and link leads somewhere, every
fact that must have a source has one, and the translations say what the original says.
"""

from __future__ import annotations

import posixpath
from _blake2 import blake2b
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

from builder import listing, load, parity
from builder.model import Problem, SiteError, suggestion
from builder.site import FOLDER_OF, Body, Key, Needs, Site

Examined = dict[str, Any]  # see examine.py
SUGGESTED = 100  # problems with a suggestion
# By path of a translation, what was found by comparing it: worth keeping where the same files are checked again.
Memory = dict[str, tuple[parity.Pair, dict[str, Any], list[Problem], dict[str, Any]]]


@dataclass
class Work:
    """What is known while the site is being put together."""

    config: dict[str, Any]
    problems: list[Problem]
    pictures: frozenset[str]
    memory: Memory = field(default_factory=dict)
    interface: dict[str, dict[str, Any]] = field(default_factory=dict)
    formats: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[Key, Examined] = field(default_factory=dict)
    at: dict[str, Key] = field(default_factory=dict)  # path of a file: its page
    pages: dict[Key, dict[str, Any]] = field(default_factory=dict)
    notices: dict[Key, dict[str, Any]] = field(default_factory=dict)
    entries: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # kinds of entries of which not all are known
    where: dict[tuple[str, str], tuple[str, int, int]] = field(default_factory=dict)
    pointing: dict[Any, Any] = field(default_factory=dict)
    cited_by: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    suggested: int = 0

    def near(self, name: str, known: Callable[[], list[str]], opening: str = "") -> str:
        """A suggestion, for the first problems only: to compare names takes long, and nobody reads thousands."""
        self.suggested += 1
        return suggestion(name, known(), opening) if self.suggested <= SUGGESTED else ""

    @property
    def original(self) -> str:
        """The language in which facts are written."""
        return str(self.config["languages"][0])

    @property
    def others(self) -> list[str]:
        """The languages of translations."""
        return list(self.config["languages"][1:])

    @cached_property
    def base(self) -> str:
        """The folder of the site's address."""
        return str(urlsplit(self.config["address"]).path.rstrip("/"))

    def level(self, lang: str) -> str:
        """What a translation that fell behind is: allow, warn or error."""
        return str(self.config["drift"].get(lang, "error"))

    def add(
        self, path: str, line: int, column: int, code: str, message: str, hint: str = "", mild: bool = False
    ) -> None:
        """Notes a problem."""
        self.problems.append(Problem(path, line, column, code, message, hint, mild))

    def address(self, lang: str, page: str) -> str:
        """The address of a page."""
        return f"{self.base}/{lang}/" if page == "index" else f"{self.base}/{lang}/{page}/"


def site(
    config: dict[str, Any],
    examined: Mapping[str, Examined],
    problems: list[Problem],
    pictures: frozenset[str],
    memory: Memory | None = None,
) -> tuple[Site, list[Problem]]:
    """The site and its warnings. Raises SiteError with every problem if there is one that is not a warning.

    `pictures` are the paths of the files of static/ that texts may show or lead to.
    """
    work = Work(config, list(problems), pictures, {} if memory is None else memory)
    _languages(work, examined)
    for one in examined.values():
        work.problems.extend(Problem(*row) for row in one["problems"])
        for name, number in one["counts"].items():
            work.counts[name] = work.counts.get(name, 0) + number
    _entries(work, examined)
    _originals(work, examined)
    _translations(work)
    _pages_of_terms(work)
    for one in examined.values():
        if "refs" in one:
            _references(work, one)
    if all(one.warning for one in work.problems):
        _unused_sources(work)  # otherwise a file that cannot be read may be the one that cites
    links = {key: _links(work, key, one) for key, one in work.files.items()}
    if any(not one.warning for one in work.problems):
        raise SiteError(work.problems)
    return _made(work, links, examined), work.problems


def addresses(
    config: dict[str, Any], examined: Mapping[str, Examined], ledger: Mapping[str, int], path: str
) -> list[Problem]:
    """Problems of addresses that died, or that the ledger does not know yet; no ledger, no promise."""
    if not ledger:
        return []
    prefix = f"content/{config['languages'][0]}/"
    pages = {load.page_id(each): one for each, one in examined.items() if each.startswith(prefix) and "sections" in one}
    kept = {old for one in pages.values() if one.get("data") for old in one["data"].get("old_addresses", ())}
    found = []
    for page, line in ledger.items():
        if page not in pages and page not in kept:
            message = f"the address '{page}' was published and leads nowhere now"
            hint = f'Add old_addresses: ["{page}"] to the page that took its place, or to the list that it stood in.'
            found.append(Problem(path, line, 1, "lost-address", message, hint))
    for page, one in pages.items():
        if page not in ledger:
            hint = f"Add the line {page} there, or run: python build.py addresses"
            found.append(Problem(one["path"], 0, 0, "new-address", f"'{page}' is not in {path} yet", hint, True))
        for old in (one.get("data") or {}).get("old_addresses", ()):
            if old in pages:
                message = f"the old address '{old}' is that of {pages[old]['path']}"
                found.append(
                    Problem(one["path"], one["lines"].get("old_addresses", 0), 1, "same-address", message, "Remove it.")
                )
    return found


def _languages(work: Work, examined: Mapping[str, Examined]) -> None:
    """The interface words and formats of each language; every language that can be read must have every word."""
    for code in work.config["languages"]:
        for name, target in (("interface", work.interface), ("formats", work.formats)):
            path = f"content/{code}/{name}.yaml"
            if path in examined:
                target[code] = examined[path]["plain"]
            else:
                hint = f"Copy content/{work.original}/{name}.yaml and translate it." if code != work.original else ""
                work.add(path, 0, 0, "missing-file", "is missing", hint)
    for code in work.others:
        if work.interface.get(code) and work.interface.get(work.original):
            _same_words(work, code, examined[f"content/{code}/interface.yaml"])


def _same_words(work: Work, code: str, one: Examined) -> None:
    """Words that a language lacks; where drift is not an error, the original's word stands in."""
    first, second = work.interface[work.original], work.interface[code]
    mild = work.level(code) != "error"
    for key, value in first.items():
        if key not in second:
            shown = value if isinstance(value, str) else next(iter(value.values()))
            message = f"the word '{key}' is missing; in {work.original}: “{shown}”"
            work.add(one["path"], 0, 0, "missing-word", message, f'Add to {one["path"]}: {key}: "…"', mild)
    for key in second:
        if key not in first:
            line, column = one["keys"][key]
            message = f"'{key}' is not a word of the interface"
            work.add(one["path"], line, column, "unknown-word", message, "Remove it.", mild)
    if mild:
        work.interface[code] = first | second


def _entries(work: Work, examined: Mapping[str, Examined]) -> None:
    for path, one in examined.items():
        if not one.get("kind") or "entries" not in one:
            continue
        if one["unread"]:
            work.unread.add(one["kind"])
        work.entries.setdefault(one["kind"], {}).update(one["entries"])
        work.where.update({(one["kind"], key): (path, *spot) for key, spot in one["names"].items()})
        for words, numbers, line, column in one["words"]:
            args = (work.config["languages"], work.config["drift"], path, line, column)
            work.problems.extend(parity.all_words(words, numbers, *args))


def _located(work: Work, path: str) -> Key | None:
    """Language and id of a page file."""
    code = path.split("/")[1]
    if code not in work.config["languages"]:
        hint = f"The languages of config.yaml are {', '.join(work.config['languages'])}."
        work.add(path, 0, 0, "unknown-language", f"'{code}' is not a language of the site", hint)
        return None
    return code, load.page_id(path)


def _originals(work: Work, examined: Mapping[str, Examined]) -> None:
    for path, one in examined.items():
        if "sections" not in one:
            continue
        key = _located(work, path)
        if key is None:
            continue
        twin = work.files.get(key)
        if twin is not None:
            message = f"has the same address as {twin['path']}: {work.address(*key)}"
            work.add(path, 0, 0, "same-address", message, "Keep one of the two.")
            continue
        work.files[key], work.at[path] = one, key
        if key[0] == work.original and one["data"] is not None:
            work.pages[key] = one["data"] | _common(work, key, one["kind"], path, path)


def _common(work: Work, key: Key, kind: str, path: str, original_path: str) -> dict[str, Any]:
    code, page = key
    return {
        "id": page, "kind": kind, "lang": code, "url": work.address(code, page), "path": path,
        "slug": page.rsplit("/", 1)[-1], "original_path": original_path,
    }  # fmt: skip


def _translations(work: Work) -> None:
    for (code, page), one in work.files.items():
        if code == work.original:
            continue
        first = work.files.get((work.original, page))
        if first is None:
            message = f"there is no page '{page}' in '{work.original}' for it to translate"
            work.add(one["path"], 0, 0, "no-original", message, "Write that one first, or remove this one.")
            continue
        if one["data"] is None or first["data"] is None:
            continue
        pair = parity.Pair(code, work.original, first, one, work.level(code))
        known = work.memory.get(one["path"])
        if known is None or known[0].first is not first or known[0].second is not one or known[0].level != pair.level:
            spoken, problems = parity.translated(pair)
            more, notice = parity.compare(pair)
            known = work.memory[one["path"]] = (pair, spoken, [*problems, *more], notice)
        common = _common(work, (code, page), first["kind"], one["path"], first["path"])
        work.pages[code, page] = known[1] | common
        work.problems += known[2]
        work.notices[code, page] = known[3]
    for code in work.others:
        _missing(work, code)


def _missing(work: Work, code: str) -> None:
    """Pages without a translation: a problem, or the original's text with a notice where that is allowed."""
    for lang, page in [key for key in work.files if key[0] == work.original]:
        if (code, page) in work.files:
            continue
        first = work.files[lang, page]
        if code in work.config["fallback"] and (lang, page) in work.pages:
            common = _common(work, (code, page), first["kind"], first["path"], first["path"])
            work.pages[code, page] = work.pages[lang, page] | common | {"text_lang": lang}
            work.notices[code, page] = {"behind": [], "review": False, "fallback": lang}
        elif work.level(code) != "allow":
            path = first["path"].replace(f"content/{lang}/", f"content/{code}/", 1)
            hint = f"Run: python build.py new translation {page} --lang {code}"
            mild = work.level(code) == "warn"
            work.add(path, 0, 0, "not-translated", f"the page '{page}' has no text in '{code}'", hint, mild)


def _pages_of_terms(work: Work) -> None:
    """A term may name a page of any kind, by its address."""
    for key, data in work.entries.get("term", {}).items():
        page = data[work.original].get("page")
        if page and (work.original, page) not in work.files:
            hint = work.near(page, lambda: [page for lang, page in work.files if lang == work.original])
            message = f"there is no page '{page}', which the term '{key}' names"
            work.add(*work.where["term", key], "dangling-reference", message, hint)


def _references(work: Work, one: Examined) -> None:
    """Every reference and citation of a file, and the reverse of each."""
    path = one["path"]
    own = _located(work, path) if "sections" in one else None
    for target, key, name, place, line, column, (kind, entry) in one["refs"]:
        if _exists(work, target, key):
            row = (kind, entry or (own[1] if own else ""), tuple(place))
            rows = work.pointing.setdefault((target, key), {}).setdefault((kind, name), [])
            if row not in rows:
                rows.append(row)
        else:
            hint = work.near(key, lambda target=target: _names(work, target), "There are")  # type: ignore[misc]
            work.add(path, line, column, "dangling-reference", f"there is no {target} named '{key}'", hint[:300])
    for key, line, column, (kind, entry) in one["cites"]:
        if not _exists(work, "source", key):
            hint = work.near(key, lambda: _names(work, "source"))[:80] or "Add it to content/sources.yaml."
            work.add(path, line, column, "unknown-source", f"there is no source '{key}'", hint)
            continue
        users = work.cited_by.setdefault(key, [])
        user = (kind, entry or (own[1] if own else ""))
        if user not in users:
            users.append(user)


def _exists(work: Work, target: str, key: str) -> bool:
    if target in FOLDER_OF:
        return (work.original, f"{FOLDER_OF[target]}/{key}") in work.files
    return (target, key) in work.where or target in work.unread


def _names(work: Work, target: str) -> list[str]:
    if target in FOLDER_OF:
        prefix = FOLDER_OF[target] + "/"
        return sorted(
            page[len(prefix) :] for lang, page in work.files if lang == work.original and page.startswith(prefix)
        )
    return sorted(key for kind, key in work.where if kind == target)


def _links(work: Work, key: Key, one: Examined) -> dict[str, str]:
    """Where each link and picture of a text leads; they are relative paths, as on the code host.

    Those to files of static/ lead to their paths: under which names they are published is known later.
    """
    links: dict[str, str] = {}
    for target, line, column in one["images"]:
        links[target] = _joined(one["path"], target)
        if links[target] not in work.pictures:
            up = "../" * one["path"].count("/")
            hint = f"Put the file into static/images and write {up}static/images/, then its name."
            work.add(one["path"], line, column, "dead-picture", f"there is no picture '{target}'", hint)
    for target, line, column in one["links"]:
        if target in links or target.startswith(("http://", "https://", "mailto:", "tel:")):
            continue
        path, _, anchor = target.partition("#")
        to = _joined(one["path"], path) if path else ""
        if to in work.pictures:
            links[target] = to
            continue
        page = (work.at.get(to) or _page_at(work, to)) if path else key
        if page is None:
            near = work.near(posixpath.basename(path), lambda: _basenames(work, key[0]))[:80]
            hint = near or "Link to a file, such as ../partners/dca.md."
            work.add(one["path"], line, column, "dead-link", f"the link '{target}' leads nowhere", hint)
            continue
        if anchor:
            first = work.files.get((work.original, page[1]), one)
            names = [section["id"] for section in first["sections"] if section["level"]]
            if anchor not in names and (names or first["data"] is not None):  # else it could not be read at all
                message = f"the page of the link '{target}' has no heading '#{anchor}'"
                work.add(one["path"], line, column, "dead-anchor", message, suggestion(anchor, names, "Headings"))
        links[target] = (work.address(*page) if path else "") + (f"#{anchor}" if anchor else "")
    return links


@cache
def _joined(origin: str, path: str) -> str:
    """The content path that a relative path leads to from a file."""
    folder, rest = origin.rpartition("/")[0], path
    while rest.startswith("../"):
        folder, rest = folder.rpartition("/")[0], rest[3:]
    if folder and rest.endswith(".md") and not rest.startswith("/") and "./" not in rest and "//" not in rest:
        return f"{folder}/{rest}"  # nearly always, and much sooner than the general way
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), path))


def _basenames(work: Work, code: str) -> list[str]:
    return [posixpath.basename(one["path"]) for (lang, _), one in work.files.items() if lang == code]


def _page_at(work: Work, path: str) -> Key | None:
    """The page that a content path becomes, if there is one."""
    steps = path.split("/")
    if len(steps) < 3 or steps[0] != "content" or not path.endswith(".md"):
        return None
    code, page = steps[1], load.page_id(path)
    exists = (code, page) in work.files or (code in work.others and (work.original, page) in work.files)
    return (code, page) if exists else None


def _unused_sources(work: Work) -> None:
    for key in work.entries.get("source", {}):
        if key not in work.cited_by:
            hint = "Cite it, or remove it."
            path, line, column = work.where["source", key]
            work.add(path, line, column, "unused-source", f"nothing cites '{key}'", hint, True)


def _made(work: Work, links: dict[Key, dict[str, str]], examined: Mapping[str, Examined]) -> Site:
    bodies: dict[Key, Body] = {}
    needs: dict[Key, Needs] = {}
    for key in work.pages:
        _code, page = key
        first = work.files[work.original, page]
        one = work.files.get(key, first)
        ids = parity.anchors(first, one)
        titles = [section for section in one["sections"] if section["level"]]
        leads = links.get(key) if key in links else links[work.original, page]
        shown = tuple(one[7:] for one in (leads or {}).values() if one.startswith("static/"))
        bodies[key], needs[key] = Body(one["path"], one["text_line"], shown), (ids, leads or {})
        work.pages[key]["headings"] = [
            {"id": anchor, "level": each["level"], "text": each["title"]}
            for anchor, each in zip(ids, titles, strict=False)
        ]
    work.counts["sources"] = len(work.cited_by)
    shared = {code: _localised(work, code) for code in work.config["languages"]}
    glossary = {code: _abbreviations(shared[code].get("term", {})) for code in shared}
    lines = {page: one["lines"] for (code, page), one in work.files.items() if code == work.original}
    stamp = blake2b(b"".join(one["stamp"] for one in examined.values()), digest_size=16).hexdigest()
    return Site(
        work.config, work.pages, bodies, needs, shared, work.pointing, work.cited_by, work.interface, work.formats,
        work.notices, lines, work.counts, glossary, _tokens(work), stamp,
    )  # fmt: skip


def _tokens(work: Work) -> dict[Key, bytes]:
    """For each page, what changes when anything but its text does."""
    return {
        (code, page): work.files[work.original, page]["token"] + work.files.get((code, page), {}).get("token", b"")
        for code, page in work.pages
    }


def _localised(work: Work, code: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The shared entries with their words in one language."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, entries in work.entries.items():
        result[kind] = {}
        anchors = listing.anchors(kind, {key: data[code] for key, data in entries.items()}, code)
        for key, data in entries.items():
            url = f"{work.base}/{code}/{anchors[key]}"
            # A place has a `type` of its own; `kind` says that it is a place.
            # A source's own `url` is where the work is read; `page_url` is its page here.
            own = {"key": key, "kind": kind, "lang": code, "page_url": url}
            result[kind][key] = {"url": url} | data[code] | own
    return result


def _abbreviations(terms: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {one["abbreviation"]: one["term"] for one in terms.values() if one.get("abbreviation")}
