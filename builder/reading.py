"""What the files of content are, each on its own: known from before, or read and examined now, in the pool."""

from __future__ import annotations

import marshal
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from builder import cache, guard, load, pool, write
from builder.model import Problem, SiteError, Source

GLOSSARY = "content/glossary.yaml"


@dataclass(frozen=True)
class Request:
    """What a build was asked for."""

    root: str
    output: str
    as_of: str  # an ISO day
    strict: bool = False
    writes: bool = True
    jobs: int = 0  # processes; 0 lets the program choose
    progress: Callable[[int, int], None] | None = None


@dataclass
class Build:
    """A build under way."""

    request: Request
    place: write.Place | None
    kept: cache.Kept
    files: cache.Files
    afresh: bool = False  # make and publish every output, whatever is kept
    converts: bool = False  # the HTML of texts is wanted: it is made when they are read
    limits: pool.Limits = field(default_factory=pool.Limits)
    times: list[tuple[str, float]] = field(default_factory=list)
    spent: list[tuple[str, str, float]] = field(default_factory=list)
    converted: int = 0  # texts
    since: float = field(default_factory=time.perf_counter)
    # What a process that builds again and again, such as the preview, need not read again: nothing here is ever changed.
    stores: dict[str, cache.Store] = field(default_factory=dict)
    decoded: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    checked: dict[str, object] = field(default_factory=dict)  # the site as it was checked now, to keep

    def timed(self, phase: str) -> None:
        """Notes the time since the last phase ended."""
        now = time.perf_counter()
        self.times.append((phase, now - self.since))
        self.since = now

    def store(self, name: str) -> cache.Store:
        """A store of the cache."""
        if name not in self.stores:
            self.stores[name] = cache.Store(self.kept.work, name, bool(self.kept.state))
        return self.stores[name]

    def ready(self) -> None:
        """Loads what comes after reading, while others read."""
        from builder import render  # noqa: F401

        self.kept.part("site")
        self.kept.part("outputs")

    def unknown(self, tokens: dict[str, str]) -> list[str]:
        """The paths of which it is not known what they say on their own."""
        store, decoded = self.store("examined"), self.decoded
        return [
            path for path, token in tokens.items()
            if not store.has(path, token) and (path not in decoded or decoded[path][0] != token)
        ]  # fmt: skip

    def decode(self, path: str, token: str) -> dict[str, Any] | None:
        """What is known of a file on its own."""
        known = self.decoded.get(path)
        if known is None or known[0] != token:
            data = self.store("examined").get(path, token)
            if data is None:
                return None
            known = self.decoded[path] = (token, marshal.loads(data))
        return known[1]


@dataclass
class Survey:
    """What the files of content are, before it is asked what they say together."""

    config: dict[str, Any]
    settings: dict[str, Any]
    terms: dict[str, dict[str, str]]  # by language, what its texts explain
    tokens: dict[str, str]  # by path, in order: what its examination rests on
    found: dict[str, dict[str, Any]]  # what was examined now
    problems: list[Problem]
    of_languages: dict[str, str]  # tokens of the settings
    lost: set[str] = field(default_factory=set)  # paths of which nothing can be known


def present(root: str) -> None:
    """Refuses a folder that holds no site, before anything is made in it."""
    if not os.path.lexists(os.path.join(root, "config.yaml")):
        hint = "Name the folder that holds config.yaml, content, templates and static with --root."
        raise SiteError([Problem("config.yaml", 0, 0, "no-site", f"is not in {root}, which is no site then", hint)])


def survey(root: str, as_of: str = "") -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[Problem]]:
    """The configuration, every file on its own and the problems of reading, for commands that build nothing."""
    present(root)
    kept = cache.Kept("", root)
    return surveyed(Build(Request(root, "", as_of), None, kept, cache.Files(root, {})))


def surveyed(work: Build) -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[Problem]]:
    """The configuration, every file on its own, and the problems of reading."""
    survey = read(work)
    return survey.config, whole(work, survey), survey.problems


def read(work: Build, meanwhile: Callable[[], None] | None = None) -> Survey:
    """Examines what changed; what is known of the rest stays where it is kept."""
    root, digests = work.request.root, work.files.digests
    problems = guard.problems(root)
    paths = load.content_paths(root, problems)
    plain = [path for path in paths if path.endswith(("/interface.yaml", "/formats.yaml")) and path.count("/") == 2]
    store, ahead = work.store("examined"), _ahead(work, plain, paths)
    config_row = _kept_or(store, "config.yaml", digests.get("config.yaml", ""), lambda: _config(work, problems))
    if config_row["config"] is None:
        raise SiteError([*problems, *(Problem(*row) for row in config_row["problems"])])
    config = config_row["config"] | {"as_of": work.request.as_of}
    work.limits = pool.Limits(float(config["seconds"]), int(config["megabytes"]))
    found: dict[str, dict[str, Any]] = {}
    for path in plain:
        found[path] = _kept_or(
            store, path, digests.get(path, ""), lambda path=path: ahead.get(path) or _plain(work, path, problems)  # type: ignore[misc]
        )  # fmt: skip
    setting = _setting(work, config["languages"], found, problems, ahead.get(GLOSSARY))
    settings, original = setting["settings"], config["languages"][0]
    of_languages = {code: cache.digest(repr((code == original, one)).encode()) for code, one in settings.items()}
    tokens = {
        path: digests.get(path, "") if path in found else _token(path, digests.get(path, ""), of_languages)
        for path in paths
    }
    survey = Survey(config, settings, setting["terms"], tokens, found, problems, of_languages)
    todo = work.unknown({path: token for path, token in tokens.items() if path not in found})
    _examine(work, survey, todo, converts=work.converts, meanwhile=meanwhile, ahead=ahead)
    with suppress(OSError):  # what is not kept is read again
        store.save([*paths, "config.yaml", "setting"])
        work.store("bodies").save(paths)
    return survey


def _ahead(work: Build, plain: list[str], paths: list[str]) -> dict[str, Any]:
    """By path, what was found out of files that need no kinds, while the kinds were loaded; nothing unless all is new.

    To load them takes as long as to convert a hundred texts. What reads texts is loaded before, once for all processes.
    """
    if work.kept.state or not work.converts or work.request.jobs == 1:
        return {}
    import yaml  # noqa: F401

    from builder import examine, markup

    markup.ready()
    root, digests = work.request.root, work.files.digests
    todo = [*plain, *(path for path in paths if path == GLOSSARY), *(path for path in paths if path.endswith(".md"))]
    glossary: list[Any] = [] if GLOSSARY in digests else [{}]  # as the process that does all this comes to know it
    explained: dict[str, tuple[dict[str, str], str]] = {}

    def do(number: int) -> Any:
        path, faults = todo[number], list[Problem]()
        if path.endswith(".md"):
            text, lang = load.text(root, path, digests.get(path, "")), path.split("/")[1]
            if lang not in explained and glossary:
                terms = examine.explained(glossary[0], lang, lang)
                explained[lang] = terms, of_terms(terms)
            known, token = explained.get(lang, (None, ""))
            return None if text is None else (*examine.ahead(text, known), token)
        source = load.one(root, path, faults)
        if faults or source.digest != digests.get(path):
            return None
        if path == GLOSSARY:
            glossary.append(examine.terms(source))
            return glossary[0]
        return examine.plain(source)

    def kinds() -> None:
        from builder import metadata  # noqa: F401

        work.ready()

    made = pool.ahead(len(todo), do, work.limits, kinds)
    return {path: one for path, one in zip(todo, made, strict=True) if one is not None}


def whole(work: Build, survey: Survey) -> dict[str, dict[str, Any]]:
    """Every file on its own; problems of addresses are added."""
    from builder import check

    found, damaged = survey.found, []
    for path, token in survey.tokens.items():
        if path not in found and path not in survey.lost:
            data = work.decode(path, token)
            if data is None:
                damaged.append(path)
            else:
                found[path] = data
    _examine(work, survey, damaged, converts=work.converts)
    ordered = {path: found[path] for path in survey.tokens if path in found}
    survey.problems += check.addresses(
        survey.config, ordered, load.addresses(work.request.root, survey.problems), load.ADDRESSES
    )
    return ordered


def _kept_or(store: cache.Store, path: str, token: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    data = store.get(path, token)
    if data is not None:
        found: dict[str, Any] = marshal.loads(data)
        return found
    made = make()
    if not made["problems"]:
        store.put(path, token, marshal.dumps(made))
    return made


def _config(work: Build, problems: list[Problem]) -> dict[str, Any]:
    from builder import metadata

    return metadata.config(_source(work, "config.yaml", problems))


def _plain(work: Build, path: str, problems: list[Problem]) -> dict[str, Any]:
    from builder import examine

    return examine.plain(_source(work, path, problems))


def _source(work: Build, path: str, problems: list[Problem]) -> Source:
    """A file as it was when the build looked; anything else is a problem."""
    source = load.one(work.request.root, path, problems)
    if source.digest and source.digest != work.files.digests.get(path):
        problems.append(changed_meanwhile(path))
    return source


def _setting(
    work: Build, languages: list[str], found: dict[str, dict[str, Any]], problems: list[Problem], glossary: Any
) -> dict[str, Any]:
    """What the texts of each language are examined and converted with; `glossary` is its plain data, if known."""
    formats = {code: found.get(f"content/{code}/formats.yaml", {}).get("plain", {}) for code in languages}
    parts = [repr(languages), work.files.digests.get(GLOSSARY, "")]
    parts += [work.files.digests.get(f"content/{code}/formats.yaml", "") for code in languages]

    def make() -> dict[str, Any]:
        from builder import examine

        known = glossary
        if known is None and GLOSSARY in work.files.digests:
            faults: list[Problem] = []  # those of the file itself are told when its entries are read
            known = examine.terms(_source(work, GLOSSARY, faults))
            problems.extend(one for one in faults if one.code == "changed-meanwhile")
        terms = {code: examine.explained(known, code, languages[0]) for code in languages}
        return {"settings": examine.settings(languages, formats, known), "terms": terms, "problems": []}

    return _kept_or(work.store("examined"), "setting", cache.digest("".join(parts).encode()), make)


def of_terms(terms: Mapping[str, str]) -> str:
    """A token of the abbreviations that texts explain."""
    return cache.digest(repr(sorted(terms.items())).encode())


def _token(path: str, digest: str, tokens: dict[str, str]) -> str:
    """What a file was examined from: its bytes and its language's setting; for shared files, that of all languages."""
    if path.endswith(".md"):
        return digest + tokens.get(path.split("/")[1], "")
    return digest + "".join(tokens.values())


def _examine(
    work: Build, survey: Survey, todo: list[str], *, converts: bool, meanwhile: Callable[[], None] | None = None,
    ahead: Mapping[str, Any] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Reads files, each in a child process, and keeps what they say; if it `converts`, also the HTML of texts."""
    if not todo:
        return
    config, settings, tokens = survey.config, survey.settings, survey.of_languages
    found, problems, store = survey.found, survey.problems, work.store("examined")
    original = config["languages"][0]
    earlier = {path: data for path in todo if (data := store.any(path)) is not None}
    bodies, explained = work.store("bodies"), {lang: of_terms(one) for lang, one in survey.terms.items()}

    def made_ahead(path: str) -> bytes:
        """The HTML of a text, if it is known already."""
        if not path.endswith(".md") or path not in ahead:
            return b""
        *_, html, terms = ahead[path]
        return html if terms == explained.get(path.split("/")[1]) else b""

    def do(number: int) -> list[Any]:
        from builder import examine

        begun, path, faults, html = time.perf_counter(), todo[number], list[Problem](), b""
        before = marshal.loads(earlier[path]) if path in earlier and path.endswith(".md") else None
        lang = path.split("/")[1] if path.endswith(".md") else ""
        if before and (before["setting"] != tokens.get(lang) or before["front"]["problems"]):
            before = None
        source = load.one(work.request.root, path, faults, before["front_digest"] if before else "")
        if lang:
            same = before if before and before["front_digest"] == source.front_digest else None
            setting = settings.get(lang, {})
            made = examine.page(
                source, original=lang == original, lang=lang, setting=setting, before=same, seen=ahead.get(path)
            )
            made["setting"] = tokens.get(lang)
            sound = not faults and not made["problems"] and lang in survey.terms
            if converts and sound and not made_ahead(path):
                html = examine.html(source.text, survey.terms[lang])
        else:
            from builder import metadata

            made = metadata.shared(source, settings)
        faulty = [tuple(one) for one in faults]
        return [marshal.dumps(made), faulty, source.digest, html, time.perf_counter() - begun]

    if converts and sum(path.endswith(".md") for path in todo) > pool.FEW:
        from builder import markup

        markup.ready()  # once for all children
    results, failures, _ = pool.run(len(todo), do, work.limits, work.request.jobs, meanwhile=meanwhile)
    if failures and converts:
        # What took too long may be the conversion: that is told when the page is made, and the rest can be known.
        _examine(work, survey, [todo[number] for number in failures], converts=False)
    else:
        problems.extend(given_up({todo[number]: said for number, said in failures.items()}))
    for path, result in zip(todo, results, strict=True):
        if result is None:
            if path not in found:
                survey.lost.add(path)
            continue
        data, faults, digest, html, seconds = result
        work.spent.append((path, "", seconds))
        problems.extend(Problem(*row) for row in faults)
        if digest and digest != work.files.digests.get(path):
            problems.append(changed_meanwhile(path))
        found[path] = marshal.loads(data)
        if not faults and digest == work.files.digests.get(path):
            store.put(path, survey.tokens[path], data)
            html = html or made_ahead(path)
            if html:
                work.converted += 1
                bodies.put(path, digest + explained[path.split("/")[1]], html)


def changed_meanwhile(path: str) -> Problem:
    """A file that is not what it was when the build looked: what was made of it must not be kept as what it was."""
    return Problem(path, 0, 0, "changed-meanwhile", "was changed while the site was being built", "Build again.")


def given_up(failures: dict[str, str]) -> list[Problem]:
    """Items that the pool gave up, as problems."""
    hint = "Look for endless nesting or very long lines; seconds and megabytes of config.yaml set the limits."
    return [Problem(path, 0, 0, "over-limit", said, hint) for path, said in failures.items()]
