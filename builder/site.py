"""The questions that templates may ask of a checked site, each answer known by a digest.

A `Site` is plain data. Templates see it through `Questions`, which notes every question that was asked while an output
was rendered; the output needs to be rendered again only if the digest of one of the answers has changed.
"""

from __future__ import annotations

from _blake2 import blake2b
from collections.abc import Callable, ItemsView, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from builder import dates, listing, wording
from builder.model import Record, view

Question = tuple[Any, ...]
Key = tuple[str, str]  # (language, page id)

# Folders of content/<language>/ that hold pages of one kind; index.md opens a folder, everything else is a page.
FOLDER_OF = {"programme": "programmes", "partner": "partners", "area": "areas", "event": "events", "law": "law"}
# The shared files below content/ and the kind of their entries; content/figures/ holds a figure a file.
SHARED_OF = {
    "sources.yaml": "source",
    "places.yaml": "place",
    "timeline.yaml": "milestone",
    "glossary.yaml": "term",
    "contacts.yaml": "office",
    "officials.yaml": "official",
}
SHARED = frozenset(["figure", *SHARED_OF.values()])
# Every kind that the handbook describes; the declarations themselves are in kinds.py, which takes long to load.
DESCRIBED = (*FOLDER_OF, "page", "section", *SHARED_OF.values(), "figure", "translation")


class Body(NamedTuple):
    """Where the text of a page in one language stands."""

    path: str
    line: int  # the line of the file on which the text begins
    shown: tuple[str, ...]  # the files of static/ that it shows

    @property
    def lang(self) -> str:
        """The language in which the text is written: not that of the page, if it stands in for a translation."""
        return self.path.split("/")[1]


# What a page puts into its text: the anchors of its headings, the same in all languages; written target to address, or to
# a file of static/.
Needs = tuple[tuple[str, ...], dict[str, str]]


class Packed(Mapping[Any, Any]):
    """What was kept of many things, each read when it is asked for: a build looks at few of them."""

    def __init__(self, rows: dict[Any, Any], read: Callable[[bytes], Any]) -> None:
        self._data, self._read = rows, read

    def __getitem__(self, key: Any) -> Any:
        found = self._data[key]
        if type(found) is bytes:
            found = self._data[key] = self._read(found)
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def items(self) -> ItemsView[Any, Any]:
        """All of it."""
        self._data = {key: self[key] for key in self._data}
        return self._data.items()


@dataclass(frozen=True)
class Site:
    """A site that passed every check. Everything in it is plain data."""

    config: dict[str, Any]
    pages: Mapping[Key, dict[str, Any]]
    bodies: dict[Key, Body]
    needs: Mapping[Key, Needs]
    shared: dict[str, dict[str, dict[str, dict[str, Any]]]]  # language, kind, key
    pointing: dict[tuple[str, str], dict[tuple[str, str], list[tuple[str, str, tuple[str | int, ...]]]]]
    cited_by: dict[str, list[tuple[str, str]]]
    interface: dict[str, dict[str, Any]]
    formats: dict[str, dict[str, Any]]
    notices: dict[Key, dict[str, Any]]
    lines: Mapping[str, dict[str, int]]  # page id: line of each fact in the original
    counts: dict[str, int]
    glossary: dict[str, dict[str, str]]  # language: abbreviation to expansion
    tokens: dict[Key, bytes]  # a digest of everything but the text of a page
    stamp: str  # changes when any answer may have changed that is not in VOLATILE
    texts: Mapping[str, str] = field(default_factory=dict)  # the digests of the files of content, by path
    templates: dict[str, str] = field(default_factory=dict)  # name: digest
    assets: dict[str, str] = field(default_factory=dict)  # file of static/ to its published name
    memory: dict[Question, Any] = field(default_factory=dict, compare=False, repr=False)
    views: dict[Question, Any] = field(default_factory=dict, compare=False, repr=False)
    digests: dict[Question, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages, the original first."""
        languages: list[str] = self.config["languages"]
        return languages

    @property
    def original(self) -> str:
        """The language in which facts are written."""
        return self.languages[0]

    def answer(self, question: Question) -> Any:
        """The answer to a question, as plain data. Answers are remembered for this build."""
        if question not in self.memory:
            name, *rest = question
            self.memory[question] = ANSWERS[name](self, *rest)
        return self.memory[question]

    def shown(self, question: Question) -> Any:
        """The answer as templates see it."""
        if question not in self.views:
            self.views[question] = view(self.answer(question))
        return self.views[question]

    def digest(self, question: Question) -> bytes:
        """Sixteen bytes that change when the answer does."""
        found = self.digests.get(question)
        if found is None:
            if question[0] == "page":
                found = self.tokens.get(question[1:], b"")
            elif question[0] == "body":
                found = self._of_body((question[1], question[2]))
            else:
                found = blake2b(repr(self.answer(question)).encode(), digest_size=16).digest()
            self.digests[question] = found
        return found

    def _of_body(self, key: Key) -> bytes:
        """What changes when the HTML of a text does: its file, the abbreviations explained in it, the files that it shows.

        Where its links lead follows from the text, and the ids of its headings from what its page is.
        """
        body = self.bodies.get(key)
        if body is None:
            return b""
        made = self.texts[body.path].encode() + self.digest(("abbreviations", body.lang))
        return made + repr([self.assets.get(one) for one in body.shown]).encode() if body.shown else made

    def sort_key(self, lang: str, text: str) -> Any:
        """Where a text stands in the alphabet of a language."""
        return wording.sort_key(text, lang)


def _page(site: Site, lang: str, page: str) -> dict[str, Any] | None:
    return site.pages.get((lang, page))


def _pages(site: Site, lang: str, kind: str) -> list[str]:
    found = [data for (code, _), data in site.pages.items() if code == lang and (not kind or data["kind"] == kind)]
    return _in_order(site, lang, kind, found)


def _in_order(site: Site, lang: str, kind: str, found: list[dict[str, Any]]) -> list[str]:
    """Events by date, the newest first, other pages by `order` and alphabet."""
    if kind == "event":
        found.sort(key=lambda one: (dates.first_day(one["date"]), one["id"]), reverse=True)
    else:
        found.sort(key=lambda one: (float(one.get("order", 1e9)), site.sort_key(lang, one["title"]), one["id"]))
    return [one["id"] for one in found]


def _children(site: Site, lang: str, section: str) -> list[str]:
    prefix = "" if section == "index" else section + "/"
    found: dict[str, list[dict[str, Any]]] = {}
    for code, page in site.pages:
        if code == lang and page.startswith(prefix) and "/" not in page[len(prefix) :] and page != section:
            data = site.pages[code, page]
            found.setdefault(data["kind"], []).append(data)
    return [page for kind in sorted(found) for page in _in_order(site, lang, kind, found[kind])]


def _latest(site: Site, lang: str, count: int) -> list[str]:
    found = [data for (code, _), data in site.pages.items() if code == lang]
    found.sort(key=lambda one: one["id"])
    found.sort(key=lambda one: str(one.get("updated") or one["published"]), reverse=True)
    return [one["id"] for one in found[:count]]


def _pointing(site: Site, target: str, key: str, kind: str, name: str) -> list[Any]:
    return site.pointing.get((target, key), {}).get((kind, name), [])


def _shared(site: Site, lang: str, kind: str, key: str) -> dict[str, Any] | None:
    return site.shared[lang].get(kind, {}).get(key)


def _all(site: Site, lang: str, kind: str) -> list[str]:
    entries = site.shared[lang].get(kind, {})
    if kind == "source":
        entries = {key: one for key, one in entries.items() if site.cited_by.get(key)}
    return listing.ordered(kind, entries, lang)


def _lists(site: Site, lang: str) -> dict[str, tuple[str, list[Any]]]:
    """Lists that stand ready: address to what they list and its keys."""
    found: dict[str, tuple[str, list[Any]]] = {}
    for kind in listing.HOME:
        if kind in FOLDER_OF:
            entries = ((page, site.pages[lang, page]) for page in site.answer(("pages", lang, kind)))
        else:
            entries = ((key, site.shared[lang][kind][key]) for key in site.answer(("all", lang, kind)))
        found.update((address, (kind, keys)) for address, keys in listing.ready(kind, entries).items())
    officials = site.answer(("all", lang, "official"))
    return found | ({listing.ONE_LIST["official"]: ("official", officials)} if officials else {})


def _listed(site: Site, lang: str, address: str) -> tuple[str, list[Any]]:
    """What the list at an address lists, and all its keys: one that stands ready, or a page that lists something."""
    if found := site.answer(("lists", lang)).get(address):
        return tuple(found)
    folder, _, key = address.rstrip("/").partition("/")
    if folder == "sources" and key:
        return "use", site.cited_by.get(key, [])
    page = address.rstrip("/")
    data = site.pages.get((lang, page), {})
    if data.get("kind") == "section" and page != "index":
        return data.get("lists") or "page", site.answer(("children", lang, page))
    shown = {"glossary": "term", "contacts": "office"}.get(data.get("shows", ""))
    if shown:
        return shown, site.answer(("all", lang, shown))
    return ("index", _index(site, lang)) if data.get("shows") == "search" else ("", [])


def _index(site: Site, lang: str) -> list[str]:
    """Every page, in the order of the alphabet."""
    found = [data for (code, _), data in site.pages.items() if code == lang]
    return [one["id"] for one in sorted(found, key=lambda one: (site.sort_key(lang, one["title"]), one["id"]))]


def _letters(site: Site, lang: str, address: str) -> list[tuple[str, int]]:
    """The letters with which the titles of a list begin, and the page of the list on which each first stands."""
    kind, keys = site.answer(("listed", lang, address))
    found: list[tuple[str, int]] = []
    for number in range(1, listing.pages(kind, len(keys)) + 1):
        for key in listing.part(kind, keys, number):
            one = site.shared[lang]["term"][key]["term"] if kind == "term" else site.pages[lang, key]["title"]
            if not found or found[-1][0] != one[:1].upper():
                found.append((one[:1].upper(), number))
    return found


def _translations(site: Site, page: str) -> list[list[Any]]:
    found = [(code, site.pages.get((code, page))) for code in site.languages]
    return [[code, data["url"], data["title"], "text_lang" in data] for code, data in found if data is not None]


ANSWERS: dict[str, Callable[..., Any]] = {
    "page": _page,
    "pages": _pages,
    "children": _children,
    "lists": _lists,
    "listed": _listed,
    "letters": _letters,
    "latest": _latest,
    "pointing": _pointing,
    "shared": _shared,
    "all": _all,
    "translations": _translations,
    "cited_by": lambda site, key: site.cited_by.get(key, []),
    "notice": lambda site, lang, page: site.notices.get((lang, page)),
    "lines": lambda site, page: site.lines.get(page, {}),
    "abbreviations": lambda site, lang: sorted(site.glossary.get(lang, {}).items()),
    "counts": lambda site: site.counts,
    "past": lambda site, day: day < site.config["as_of"],
    "as_of": lambda site: site.config["as_of"],
    "words": lambda site, lang: site.interface.get(lang),
    "formats": lambda site, lang: site.formats.get(lang),
    "name": lambda site, lang: site.interface[lang].get("language.name", lang),
    "template": lambda site, name: site.templates.get(name),
    "asset": lambda site, path: site.assets.get(path),
}


# Questions whose answers may change though the stamp of the site is the same: they have to do with texts, lines, days,
# and files that are not content.
VOLATILE = frozenset(["body", "lines", "notice", "past", "as_of", "template", "asset"])


ASKED = quote("What is wrong, and which source says so?")  # of those who report an error


class Questions:
    """What templates know as `site`: asks on behalf of the output that is being rendered."""

    def __init__(self, site: Site, lang: str, asked: set[Question], base: str) -> None:
        self.lang, self._asked = lang, asked
        self.turn(site, base)

    def turn(self, site: Site, base: str) -> None:
        """Asks another state of the site from now on."""
        self._site, self._base = site, base
        self.config = Record(site.config)

    def answer_to(self, asked: set[Question], lang: str) -> None:
        """Asks on behalf of another output from now on."""
        self._asked, self.lang = asked, lang

    def _ask(self, *question: Any) -> Any:
        self._asked.add(question)
        return self._site.answer(question)

    def _see(self, *question: Any) -> Any:
        self._asked.add(question)
        return self._site.shown(question)

    def in_language(self, code: str) -> Questions:
        """The same site in another language."""
        return Questions(self._site, code, self._asked, self._base)

    @property
    def languages(self) -> Any:
        """The languages of the site: code, native name, address of the home page."""
        names = tuple((code, self._name(code)) for code in self._site.languages)
        found = self._site.views.get(("languages", names))
        if found is None:
            rows = [{"code": code, "name": name, "url": f"{self._base}/{code}/"} for code, name in names]
            found = self._site.views["languages", names] = view(rows)
        return found

    def _name(self, code: str) -> str:
        return str(self._ask("name", code))

    def page(self, page: str) -> Any:
        """A page in the current language, or None."""
        return self._see("page", self.lang, page)

    def _each(self, pages: list[str]) -> tuple[Any, ...]:
        return tuple(self.page(page) for page in pages)

    def pages(self, kind: str = "") -> tuple[Any, ...]:
        """All pages of a kind: events newest first, others by `order`, then in the order of the alphabet."""
        return self._each(self._ask("pages", self.lang, kind))

    def children(self, page: Any) -> tuple[Any, ...]:
        """The pages in the folder that a section opens."""
        return self._each(self._ask("children", self.lang, page.id))

    def latest(self, count: int) -> tuple[Any, ...]:
        """The pages changed last, newest first."""
        return self._each(self._ask("latest", self.lang, count))

    def pointing(self, target: Any, kind: str, name: str) -> tuple[Any, ...]:
        """Pages and entries of a kind whose field refers to the target, each as {page, part}."""
        found = self._ask("pointing", target.kind, target.slug or target.key, kind, name)
        result = []
        for _, key, location in found:
            origin = self._one(kind, key)
            if origin is None:
                continue
            part: Any = origin
            for step in location:
                part = part[step]
            result.append(Record({"page": origin, "part": part if isinstance(part, Record) else None}))
        return tuple(result)

    def _one(self, kind: str, key: str) -> Any:
        if kind in SHARED:
            return self._see("shared", self.lang, kind, key)
        return self.page(key)

    def _shared_all(self, kind: str) -> tuple[Any, ...]:
        return tuple(self._one(kind, key) for key in self._ask("all", self.lang, kind))

    def source(self, key: str) -> Any:
        """A cited work."""
        return self._one("source", key)

    def sources(self) -> tuple[Any, ...]:
        """Every work that something rests on, by publisher and date."""
        return self._shared_all("source")

    def place(self, key: str) -> Any:
        """A place."""
        return self._one("place", key)

    def places(self) -> tuple[Any, ...]:
        """All places, A to Z."""
        return self._shared_all("place")

    def offices(self) -> tuple[Any, ...]:
        """All offices, A to Z."""
        return self._shared_all("office")

    def officials(self) -> tuple[Any, ...]:
        """All people in official posts, A to Z."""
        return self._shared_all("official")

    def milestones(self) -> tuple[Any, ...]:
        """The timeline, oldest first."""
        return self._shared_all("milestone")

    def term(self, key: str) -> Any:
        """A term of the glossary."""
        return self._one("term", key)

    def terms(self) -> tuple[Any, ...]:
        """The glossary, A to Z."""
        return self._shared_all("term")

    def figure(self, key: str) -> Any:
        """A series of figures."""
        return self._one("figure", key)

    def figures(self) -> tuple[Any, ...]:
        """All series of figures, in their order."""
        return self._shared_all("figure")

    def cited_by(self, key: str) -> tuple[Any, ...]:
        """What rests on a source: {page, label, url}."""
        return tuple(self._use(*one) for one in self._ask("cited_by", key) if self._one(*one) is not None)

    def _use(self, kind: str, name: str) -> Record:
        origin = self._one(kind, name)
        return Record({"kind": kind, "label": origin.title or origin.name or origin.term, "url": origin.url})

    def listed(self, address: str, number: int = 1) -> Record:
        """One page of the list at an address below the language: {found, kind, total, pages}."""
        kind, keys = self._ask("listed", self.lang, address)
        some = listing.part(kind, keys, number)
        if kind == "use":
            found = tuple(self._use(*one) for one in some if self._one(*one) is not None)
        else:
            found = tuple(self._one(kind, key) for key in some)
        return Record({"found": found, "kind": kind, "total": len(keys), "pages": listing.pages(kind, len(keys))})

    def lists(self, start: str) -> tuple[Record, ...]:
        """The lists that stand ready below an address: {address, value, total}."""
        lists = self._ask("lists", self.lang)
        return tuple(
            Record({"address": address, "value": address.split("/")[-2], "total": len(keys)})
            for address, (_, keys) in lists.items()
            if address.startswith(start)
        )

    def letters(self, address: str) -> tuple[Record, ...]:
        """The letters with which the titles of a list begin: {letter, page}, `page` of the list."""
        return tuple(Record({"letter": a, "page": b}) for a, b in self._ask("letters", self.lang, address))

    def list_translations(self, address: str, number: int) -> tuple[Record, ...]:
        """The page of a list in every language in which it exists: {lang, name, url}."""
        found = []
        for one in self.languages:
            kind, keys = self._ask("listed", one.code, address)
            if keys and number <= listing.pages(kind, len(keys)):
                url = one.url + listing.page_address(address, number)
                found.append(Record({"lang": one.code, "name": one.name, "url": url}))
        return tuple(found)

    def list_url(self, address: str, number: int = 1) -> str:
        """The address of one page of a list."""
        return f"{self._base}/{self.lang}/{listing.page_address(address, number)}"

    def translations(self, page: Any) -> tuple[Any, ...]:
        """The page in every language in which it exists: {lang, name, url, title, fallback}.

        `fallback`: the text is that of the original, so search engines are told of no page in this language.
        """
        found = self._ask("translations", page.id)
        return tuple(
            Record({"lang": a, "name": self._name(a), "url": b, "title": c, "fallback": d}) for a, b, c, d in found
        )

    def breadcrumbs(self, page: Any) -> tuple[Any, ...]:
        """The pages from the home page down to the parent."""
        steps = page.id.split("/")[:-1]
        ids = ["index"] if page.id != "index" else []
        ids += ["/".join(steps[: n + 1]) for n in range(len(steps))]
        return tuple(one for one in (self.page(each) for each in ids) if one is not None)

    def neighbours(self, page: Any) -> Any:
        """The events before and after one, by date: in its series, without one of the first of its programmes."""
        if page.series:
            series = [one for one in reversed(self.pages("event")) if one.series == page.series]
        else:
            programme = self.page(f"programmes/{page.programmes[0]}") if page.programmes else None
            found = self.pointing(programme, "event", "programmes") if programme else ()
            series = sorted((one.page for one in found), key=lambda one: (one.date, one.id))
        at = next((n for n, one in enumerate(series) if one.id == page.id), None)
        if at is None:
            return Record({})
        near = {"previous": series[at - 1] if at else None, "next": series[at + 1] if at + 1 < len(series) else None}
        return Record(near)

    def notice(self, page: Any) -> Any:
        """What a reader must know of a translation: {behind: headings, review: awaits a native editor}, or None."""
        return self._see("notice", self.lang, page.id)

    def counts(self) -> Any:
        """How many pages, facts and sources the site has."""
        return self._see("counts")

    def is_past(self, day: str) -> bool:
        """Is a day or period over, on the day the site is built for?"""
        return bool(self._ask("past", dates.last_day(day)))

    @property
    def as_of(self) -> str:
        """The day that the site is built for."""
        return str(self._ask("as_of"))

    def edit_url(self, page: Any, name: str = "") -> str:
        """Where the file of a page is edited; with a field's name, its line in the original."""
        config = self._site.config
        if name:
            line = self._ask("lines", page.id).get(name, 1)
            return f"{config['repository']}/blob/{config['branch']}/{quote(page.original_path)}?plain=1#L{line}"
        return f"{config['repository']}/edit/{config['branch']}/{quote(page.path)}"

    def new_url(self, path: str, text: str = "") -> str:
        """Where a new file is begun: the code host's page, its name and text filled in."""
        config = self._site.config
        value = f"&value={quote(text)}" if text else ""
        return f"{config['repository']}/new/{config['branch']}?filename={quote(path)}{value}"

    def file_url(self, path: str) -> str:
        """Where a shared file of content/ is edited."""
        return f"{self._site.config['repository']}/edit/{self._site.config['branch']}/{quote(path)}"

    def issue_url(self, path: str) -> str:
        """Where an error in a file is reported."""
        # The path, not the title: letters that are not Latin would stand here as long codes.
        title = quote(f"Error on: {path}")
        return f"{self._site.config['repository']}/issues/new?title={title}&body={ASKED}"
