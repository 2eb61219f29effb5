"""A Site to outputs; a template's folder says how often it is rendered, its suffix into what.

    each-page/KIND.SUFFIX   for every page of the kind        <address of the page>index.SUFFIX
    each-language/PATH      for every language                /<language>/PATH
    once/PATH               once                              /PATH

A name in braces in PATH, such as figures/{figure}.csv, makes one output for each value of that name. An HTML page that
lists more than fits on it goes on at 2/, 3/ … below its address; `number` says which page of the list is being made.
What code knows of a format is one row of `templates.FORMATS`.
"""

from __future__ import annotations

import os
import re
import traceback
from _blake2 import blake2b
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from builder import dates, draw, listing, marks, templates, wording
from builder.model import Output, Problem, Record, SiteError, view
from builder.site import DESCRIBED, FOLDER_OF, Question, Questions, Site

PATH = re.compile(r"(\.well-known/)?([A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*")  # of an output
LINK = re.compile(rb' (?:href|src)="([^"]*)"')
ANCHOR = re.compile(rb' id="([^"]*)"')


class Job(NamedTuple):
    """One output still to be rendered."""

    path: str  # of the output, below the output folder
    template: str
    lang: str
    page: str = ""
    names: tuple[tuple[str, str], ...] = ()  # values of the names in braces


@dataclass
class Current:
    """What is being rendered at the moment; the functions that templates call look here."""

    lang: str = ""
    page: Any = None
    cited: dict[str, list[str]] = field(default_factory=dict)
    asked: set[Question] = field(default_factory=set)
    links: list[str] = field(default_factory=list)


# Turns the body of a page (language, id) into HTML, problems, and what of it is new to keep.
Convert = Callable[[str, str], tuple[str, list[Problem], Any]]


class Renderer:
    """Renders the jobs of one site.

    `convert` turns the body of a page into HTML and problems.
    """

    def __init__(
        self,
        root: str,
        site: Site,
        assets: dict[str, str],
        convert: Convert,
    ) -> None:
        self.site, self.assets, self.convert = site, assets, convert
        self.root = root
        self.base = urlsplit(site.config["address"]).path.rstrip("/")
        self.current = Current()
        self.questions = Questions(site, site.original, set(), self.base)
        self.fragments: dict[Any, tuple[Markup, frozenset[Question]]] = {}
        self.dates: dict[Any, str] = {}
        self.problems: list[Problem] = []
        self.converted: list[tuple[str, str, bytes]] = []
        self.env = self._environment()

    def turn(self, site: Site, assets: dict[str, str], convert: Convert, *, afresh: bool) -> None:
        """Turns to another state of the site; templates stay loaded, unless they are read `afresh`."""
        self.site, self.assets, self.convert = site, assets, convert
        self.base = urlsplit(site.config["address"]).path.rstrip("/")
        self.questions.turn(site, self.base)
        self.fragments, self.dates = {}, {}
        if afresh:
            self.env.forget()

    def _environment(self) -> templates.Environment:
        env = templates.Environment(self.root)
        env.policies["json.dumps_kwargs"] = {}  # keys in the order in which they were declared, not of the alphabet
        env.globals.update(
            t=self.word, site=self.questions, cite=self.cite, noted=self.noted, fragment=self.fragment, cited=self.cited, body=self.body, asset=self.asset,
            absolute=self.absolute, at=lambda path: self.base + path, draw=draw, folds=folds, handbook=lambda: view(self._described("described")), EXCERPT=listing.EXCERPT,
            dictionary=lambda: view(self._described("dictionary")), schema=lambda kind: self._described("schema", kind),
            set_schema=lambda name: self._described("set_schema", name),
        )  # fmt: skip
        env.filters.update(
            date=lambda day: self._dated(dates.day, day), period=lambda text: self._dated(dates.period, text),
            number=lambda value: wording.number(value, self._formats()), money=self.money,
            and_list=lambda items: wording.and_list(list(items), self._formats()),
            isodate=lambda text: dates.starts(text), first_day=dates.first_day, last_day=dates.last_day,
            language_name=lambda code: self.word(f"language.{code}"),
            sort_key=lambda text: wording.sort_key(text, self.current.lang), fold=wording.fold,
            day_after=dates.day_after, absolute=self.absolute, counted=self.counted,
        )  # fmt: skip
        self.word.__func__.has = lambda key: key in self._words(self.questions.lang)  # type: ignore[attr-defined]
        return env

    def _described(self, what: str, *of: str) -> Any:
        """What `handbook` says of the kinds: it rests on the program alone, and brings pydantic, which takes long to load."""

        def make() -> Any:
            from builder import handbook

            return getattr(handbook, what)(*of)

        return self.env.compiled.made(" ".join((what, *of)), make)

    def _formats(self) -> dict[str, Any]:
        self.current.asked.add(("formats", self.questions.lang))
        return self.site.formats[self.questions.lang]

    def _dated(self, write: Callable[[str, Mapping[str, Any]], str], text: str) -> str:
        """A day or period as the language writes it; pages name few days often."""
        formats, key = self._formats(), (self.questions.lang, write, text)
        found = self.dates.get(key)
        if found is None:
            found = self.dates[key] = dates.held(write(text, formats), formats)
        return found

    def _words(self, lang: str) -> dict[str, Any]:
        self.current.asked.add(("words", lang))
        return self.site.interface[lang]

    # What templates call

    def word(self, key: str, lang: str = "", **values: Any) -> Any:
        """An interface word in the language at hand, or in `lang`; `n` chooses the plural form."""
        lang = lang or self.questions.lang
        found = self._words(lang).get(key)
        if found is None:
            raise jinja2.UndefinedError(f"the word '{key}' is missing in content/{lang}/interface.yaml")
        if isinstance(found, dict):
            found = wording.plural(values["n"], found, lang)
        if not values:
            return found
        if "n" in values and isinstance(values["n"], int | float):
            values["n"] = wording.number(values["n"], self._formats())
        return Markup(escape(found)).format(**values) if any(hasattr(v, "__html__") for v in values.values()) else (
            found.format(**values)
        )  # fmt: skip

    def counted(self, value: int | float, figure: Any) -> str:
        """The unit of a figure in the form that stands after that number."""
        return wording.plural(value, {**(figure.counted or {}), "other": figure.unit}, self.questions.lang)

    def money(self, budget: Any) -> str:
        """An amount with its currency."""
        return wording.money(budget.amount, budget.currency, self._formats())

    def cite(self, citations: Any) -> Markup:
        """Numbered links to the reference list; numbers follow first use on the page."""
        if isinstance(citations, Record):
            citations = citations.source
        if isinstance(citations, str):
            citations = (citations,)
        return self._numbers(one.partition(", ")[::2] for one in citations or ())

    def noted(self, value: Any) -> str:
        """Nothing to show: what a value rests on counts as cited from here on."""
        kind = type(value)
        if kind is Record:
            for name in value:
                one = value[name]
                if name in ("source", "documents", "text"):
                    self.cite(one)
                self.noted(one)
        elif kind is tuple:
            for one in value:
                self.noted(one)
        return ""

    def _numbers(self, citations: Iterable[tuple[str, str]]) -> Markup:
        """What stands behind one statement: its numbers, in order."""
        found = [self._number(key, locator) for key, locator in citations]
        return Markup("").join(one for _, one in sorted(found, key=lambda one: one[0]))

    def _number(self, key: str, locator: str) -> tuple[int, Markup]:
        cited = self.current.cited
        locators = cited.setdefault(key, [])
        number = list(cited).index(key) + 1
        if locator and locator not in locators:
            locators.append(locator)
        where = f', <span class="cite-locator">{escape(locator)}</span>' if locator else ""
        return number, Markup(f'<sup class="cite"><a href="#ref-{number}">{number}</a>{where}</sup>')

    def cited(self) -> tuple[Record, ...]:
        """The sources cited so far, in order of first use."""
        found = self.current.cited.items()
        return tuple(
            Record({"number": n, "key": key, "source": self.questions.source(key), "locators": tuple(locators)})
            for n, (key, locators) in enumerate(found, 1)
        )

    def fragment(self, name: str, *key: Any, caller: Callable[[], Markup]) -> Markup:
        """A piece of a page that is the same wherever language and key are: made once, its questions asked each time."""
        at = (self.questions.lang, name, key)
        kept = self.fragments.get(at)
        if kept is None:
            before = set(self.current.asked)
            self.current.asked.clear()
            text = caller()
            kept = self.fragments[at] = (text, frozenset(self.current.asked))
            self.current.asked |= before
        self.current.asked |= kept[1]
        return kept[0]

    def body(self) -> Markup:
        """The text of the page as HTML, its citations numbered."""
        page = self.current.page
        self.current.asked.add(("body", page.lang, page.id))
        html, problems, fresh = self.convert(page.lang, page.id)
        self.problems.extend(problems)
        if fresh:
            self.converted.append(fresh)
        html = marks.numbered(html, self._numbers)
        if page.text_lang:  # a missing translation: the original's text stands in
            return Markup('<div lang="{}">{}</div>').format(page.text_lang, Markup(html))
        return Markup(html)

    def asset(self, path: str) -> str:
        """The fingerprinted address of a file of static/."""
        self.current.asked.add(("asset", path))
        if path not in self.assets:
            raise jinja2.UndefinedError(f"there is no file static/{path}")
        return f"{self.base}/{self.assets[path]}"

    def absolute(self, url: str) -> str:
        """An address with scheme and host."""
        address: str = self.site.config["address"]
        return address.removesuffix(self.base + "/") + url

    # Jobs

    def jobs(self) -> list[Job]:
        """Every output of the site, in a fixed order. Two with one address are a problem."""
        found: list[Job] = []
        for name in sorted(self.env.list_templates()):
            folder, _, path = name.partition("/")
            if any(step.startswith(".") and step != ".well-known" for step in name.split("/")):
                continue  # what an editor or a system left there
            if folder == "each-page":
                found.extend(self._each_page(name, path))
            elif folder == "each-language":
                found.extend(
                    job for lang in self.site.languages for job in self._each_value(name, f"{lang}/{path}", lang)
                )
            elif folder == "once":
                found.extend(self._each_value(name, path, self.site.original))
        self._unique(found)
        return found

    def _each_page(self, template: str, path: str) -> Iterable[Job]:
        kind, _, suffix = path.partition(".")
        for lang in self.site.languages:
            for page in self.site.answer(("pages", lang, kind)):
                url = self.site.pages[lang, page]["url"].removeprefix(self.base)
                yield Job(f"{url[1:]}index.{suffix}", template, lang, page)
                if suffix == "html" and kind in ("section", "page"):
                    for number in range(2, self._pages(lang, f"{page}/") + 1):
                        yield Job(f"{url[1:]}{number}/index.html", template, lang, page, (("number", str(number)),))

    def _pages(self, lang: str, address: str) -> int:
        kind, keys = self.site.answer(("listed", lang, address))
        return listing.pages(kind, len(keys))

    def _each_value(self, template: str, path: str, lang: str) -> Iterable[Job]:
        names = re.findall(r"\{([a-z_]+)\}", path)
        if not names:
            yield Job(path, template, lang)
            return
        name = names[0]
        for value in self.values(name, lang):
            yield Job(path.replace("{" + name + "}", value), template, lang, "", ((name, value),))
            if name in ("list", "source") and path.endswith("/index.html"):
                for number in range(2, self._pages(lang, value + "/" if name == "list" else f"sources/{value}/") + 1):
                    place = path.replace("{" + name + "}", f"{value}/{number}")
                    yield Job(place, template, lang, "", ((name, value), ("number", str(number))))

    def values(self, name: str, lang: str) -> list[str]:
        """The values of a name in braces."""
        site = self.site
        if name in ("figure", "source", "office", "place"):
            return list(site.answer(("all", lang, name)))
        if name == "list":
            return [address.rstrip("/") for address in site.answer(("lists", lang))]
        if name in ("area", "partner", "programme", "law"):
            return [page.rsplit("/", 1)[-1] for page in site.answer(("pages", lang, name))]
        if name == "old":
            pages = [site.pages[lang, one] for one in site.answer(("pages", lang, ""))]
            return sorted(old for one in pages for old in one.get("old_addresses", ()))
        if name == "set":
            return ["events", "milestones", "partners", "programmes"]
        if name == "kind":
            return sorted(DESCRIBED)
        raise SiteError(
            [Problem("templates", 0, 0, "unknown-name", f"a template's path holds {{{name}}}, which is unknown")]
        )

    def _unique(self, jobs: list[Job]) -> None:
        seen: dict[str, Job] = {}
        for job in jobs:
            if not PATH.fullmatch(
                job.path
            ):  # names were checked before; a second lock, as it is a path on this machine
                message = f"'/{job.path}' cannot be an address of the site"
                raise SiteError([Problem(self.origin(job), 0, 0, "bad-address", message, "Rename what it is made of.")])
            other = seen.setdefault(job.path.casefold(), job)
            if other is not job:
                message = f"/{job.path} is made twice: by {self.origin(other)} and by {self.origin(job)}"
                raise SiteError([Problem(self.origin(job), 0, 0, "same-address", message, "Rename one of the two.")])

    def warm(self, jobs: Iterable[Job]) -> None:
        """Loads the templates of jobs and all parts once, so that child processes need not."""
        wanted = {job.template for job in jobs}
        for name in self.env.list_templates():
            if name in wanted or not name.startswith(("each-", "once/", ".")):
                try:
                    self.env.get_template(name)
                except jinja2.TemplateError:
                    continue  # the job that uses it will say so
        self.env.compiled.save()

    def origin(self, job: Job) -> str:
        """The file that an editor would change to change an output."""
        return str(self.site.pages[job.lang, job.page]["path"]) if job.page else f"templates/{job.template}"

    def render(self, job: Job) -> tuple[Output, set[Question]]:
        """One output, and the questions that it asked. Raises SiteError if its template fails."""
        self.current = current = Current(job.lang)
        self.env.asked = current.asked
        self.questions.answer_to(current.asked, job.lang)
        context: dict[str, Any] = {"lang": job.lang, "number": 1}
        if job.page:
            context["page"] = current.page = self.questions.page(job.page)
        for name, value in job.names:
            context[name] = self._value(name, value)
        try:
            text = self.env.get_template(job.template).render(context)
            text = templates.FORMATS.get(os.path.splitext(job.path)[1], str)(text)
            if job.path.endswith(".html") and "<pre" not in text:
                head, body, shown = text.partition("<body")
                text = head + body + dates.held(shown, self._formats())
        except (jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise SiteError([self._failed(job, error)]) from error
        data = text.encode()
        links, anchors = leads(data) if job.path.endswith(".html") else ((), ())
        return Output(job.path, data, self.origin(job), links, anchors), current.asked

    def _value(self, name: str, value: str) -> Any:
        if name in ("figure", "source", "office", "place"):
            return getattr(self.questions, name)(value) if name != "office" else next(
                one for one in self.questions.offices() if one.key == value
            )  # fmt: skip
        if name in ("area", "partner", "programme", "law"):
            return self.questions.page(f"{FOLDER_OF[name]}/{value}")
        if name == "number":
            return int(value)
        if name == "list":
            by, of = value.split("/")[-2:]
            address = value + "/"
            kind = self.questions.listed(address).kind
            by, of = (by[3:], of) if by[:3] == "by-" else ("", "")
            return Record({"address": address, "kind": kind, "by": by, "value": of})
        if name == "old":
            pages = self.questions.pages("")
            return Record({"old": value, "page": next(one for one in pages if value in (one.old_addresses or ()))})
        return value

    def _failed(self, job: Job, error: Exception) -> Problem:
        """The template and line at which rendering failed, with the page that was being rendered."""
        path, line = f"templates/{job.template}", 0
        if isinstance(error, jinja2.TemplateSyntaxError):
            path, line = f"templates/{error.name or job.template}", error.lineno
        else:
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename.startswith("templates/"):
                    path, line = frame.filename, frame.lineno or 0
        named = {"UndefinedError": "undefined-name", "TemplateSyntaxError": "template-syntax"}
        code = named.get(type(error).__name__, "template-error")
        said = str(error.message) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"
        if isinstance(error, jinja2.TemplateNotFound):  # the library would tell where this machine has its templates
            said = f"there is no templates/{error.name}"
        return Problem(
            path, line, 1, code, f"{said} (while making /{job.path})", "See the template and the fields of the kind."
        )


def folds() -> str:
    """Letters and what they are searched as, for the script of the search page: pairs with spaces between."""
    return " ".join(letter + other for letter, other in wording.FOLDS.items())


def leads(page: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The links and the anchors of an HTML page that was made here."""
    links = tuple(dict.fromkeys([one.decode() for one in LINK.findall(page)]))
    return links, tuple([one.decode() for one in ANCHOR.findall(page)]) if links else ()


def assets(root: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """The files of static/: names that templates use to published names, and published names to bytes.

    The style sheets of static/css that begin with a digit are one file in the order of their names; the others belong to
    pages that need them. Published names carry a fingerprint, so that they can be kept for a year.
    """
    names: dict[str, str] = {}
    files: dict[str, bytes] = {}
    css = ""
    top = os.path.join(root, "static")
    for folder, folders, entries in os.walk(top):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for entry in sorted(entries):
            path = os.path.relpath(os.path.join(folder, entry), top).replace(os.sep, "/")
            if os.path.islink(os.path.join(folder, entry)) or entry.startswith("."):
                continue
            with open(os.path.join(folder, entry), "rb") as file:
                data = file.read()
            if joined(path):
                css += _style(path, data) + "\n"
            elif path.endswith(".css"):
                _publish(path, small(_style(path, data)).encode(), names, files)
            else:
                _publish(path, data, names, files)
    if css:
        _publish("css/site.css", small(css).encode(), names, files)
    return names, files


def joined(path: str) -> bool:
    """Is a file of static/ part of the style sheet of all pages?"""
    return bool(re.fullmatch(r"css/\d[^/]*\.css", path))


def _style(path: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SiteError(
            [Problem(f"static/{path}", 0, 0, "not-utf-8", "is not UTF-8 text", "Save it as UTF-8.")]
        ) from None


def _publish(path: str, data: bytes, names: dict[str, str], files: dict[str, bytes]) -> None:
    stem, suffix = os.path.splitext(path)
    name = f"static/{stem}.{blake2b(data, digest_size=5).hexdigest()}{suffix}"
    names[path], files[name] = name, data


def small(css: str) -> str:
    """A style sheet without comments and needless space."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css)
    return css.replace(";}", "}").strip()
