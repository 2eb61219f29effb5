"""The kinds of page this site has, each field declared once with help and example.

Validation, the handbook page, the skeleton of `new`, the JSON Schemas for code editors and the tests that every
example is valid all read these classes. A field is a *fact* (written once, in the original) or *words* (`Words`,
written per language). Values arrive as text, as YAML wrote them; the type of the field decides what they mean.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from builder.dates import day_problem, period_problem

# What is valid does not depend on what else is installed: pydantic finds no plugins. It would look for some in the metadata
# of every package, and load half of the library of e-mail for that, which takes a tenth of its own loading.
sys.modules.setdefault("pydantic.plugin._loader", SimpleNamespace(get_plugins=tuple))  # type: ignore[arg-type]

T = TypeVar("T")


class Marker:
    """What a text is, beyond being text: words to translate, a reference, a citation.

    In the JSON Schemas it stands as `x-type` and `x-refers-to`, for the form on the site; `pattern` is what a schema can
    say of the rule, so that code editors and browsers know it too.
    """

    def __init__(self, role: str, target: str = "", pattern: str = "") -> None:
        self.role, self.target, self.pattern = role, target, pattern

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        found: dict[str, Any] = handler(core_schema)
        more = {
            "pattern": f"^({self.pattern})$" if self.pattern else "",
            "x-type": self.role,
            "x-refers-to": self.target,
        }
        return found | {name: value for name, value in more.items() if value}


def _many(value: Any) -> Any:
    """One value may stand where a list is expected."""
    return [value] if isinstance(value, str | Mapping) else value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
            raise ValueError(f"expected a number with a point for decimals, such as 4190.3, found '{value}'")
        return float(value) if "." in value else int(value)
    return value


def _day(value: str) -> str:
    if problem := day_problem(value):
        raise ValueError(problem)
    return value


def _period(value: str) -> str:
    if problem := period_problem(value):
        raise ValueError(problem)
    return value


def _address(value: str) -> str:
    try:
        host = urlsplit(value).netloc if re.fullmatch(_ADDRESS, value) else ""
    except ValueError:
        host = ""
    if not host or "@" in host:  # what stands before @ looks like the host and is not
        raise ValueError(f"expected an address that begins with https:// or http://, found '{value}'")
    return value


def _written(value: str) -> str:
    if not value.strip():
        raise ValueError("has no value")
    return value


def _once_each(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or len(set(value)) < len(value):
        raise ValueError(f"expected one code or more, each once, found '{', '.join(value)}'")
    return value


def _above_nothing(value: float) -> float:
    if value <= 0:
        raise ValueError(f"expected a number above 0, found '{value}'")
    return value


def _matching(pattern: str, expected: str) -> AfterValidator:
    """Refuses a text that does not match; the `Marker` beside it tells the pattern to the schemas."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"expected {expected}, found '{value}'")
        return value

    return AfterValidator(check)


def _on_earth(value: str) -> str:
    if any(abs(float(one)) > most for one, most in zip(value.split(", "), (90, 180), strict=True)):
        raise ValueError(f"expected a latitude up to 90 and a longitude up to 180, found '{value}'")
    return value


_DAY = r"[1-9]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_ADDRESS = r"https?://[^\s<>\"]+"
_EMAIL = r"[^@\s<>\"]+@[^@\s<>\"]+\.[a-z]{2,}"
_PHONE = r"\+\d[\d ]{6,18}\d"
_CURRENCY = r"[A-Z]{3}"
_LANGUAGE = r"[a-z]{2,3}"
_COORDINATES = r"-?\d{1,2}\.\d+, -?\d{1,3}\.\d+"
_NAME = r"[a-z0-9][a-z0-9-]*"
_CITATION = _NAME + r"(, .+)?"

Plain = Annotated[str, Field(min_length=1), AfterValidator(_written)]
Words = Annotated[Plain, Marker("words")]
Number = Annotated[int | float, BeforeValidator(_number)]
Limit = Annotated[Number, AfterValidator(_above_nothing)]
Day = Annotated[str, AfterValidator(_day), Marker("day", pattern=_DAY)]
Period = Annotated[str, AfterValidator(_period), Marker("period", pattern=rf"{_DAY}(/({_DAY}|\.\.))?|\.\./{_DAY}")]
Address = Annotated[str, AfterValidator(_address), Marker("address", pattern=_ADDRESS)]
Email = Annotated[str, _matching(_EMAIL, "an e-mail address"), Marker("email", pattern=_EMAIL)]
Phone = Annotated[
    str, _matching(_PHONE, "a telephone number such as +992 37 221 12 34"), Marker("phone", pattern=_PHONE)
]
Currency = Annotated[
    str, _matching(_CURRENCY, "a currency code of three capitals, such as USD"), Marker("currency", pattern=_CURRENCY)
]
Language = Annotated[
    str, _matching(_LANGUAGE, "a language code such as en, ru or tg"), Marker("language", pattern=_LANGUAGE)
]
Coordinates = Annotated[
    str,
    _matching(_COORDINATES, "latitude and longitude such as 37.19, 68.60"),
    AfterValidator(_on_earth),
    Marker("coordinates", pattern=_COORDINATES),
]
Citation = Annotated[
    str, _matching(_CITATION, "a key of content/sources.yaml"), Marker("source", "source", pattern=_CITATION)
]
Citations = Annotated[tuple[Citation, ...], BeforeValidator(_many)]

_STEPS = r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*"
# It becomes a folder of the output and a line in the configuration of a web server.
OldAddress = Annotated[
    str,
    _matching(_STEPS, "an address without language, such as programmes/old-name"),
    Marker("old-address", pattern=_STEPS),
]
_SLUG = _matching(_NAME, "the name of a file or entry, in small letters, digits and hyphens")
ProgrammeName = Annotated[str, _SLUG, Marker("reference", "programme", _NAME)]
PartnerName = Annotated[str, _SLUG, Marker("reference", "partner", _NAME)]
AreaName = Annotated[str, _SLUG, Marker("reference", "area", _NAME)]
EventName = Annotated[str, _SLUG, Marker("reference", "event", _NAME)]
LawName = Annotated[str, _SLUG, Marker("reference", "law", _NAME)]
PlaceName = Annotated[str, _SLUG, Marker("reference", "place", _NAME)]
TermName = Annotated[str, _SLUG, Marker("reference", "term", _NAME)]
FigureName = Annotated[str, _SLUG, Marker("reference", "figure", _NAME)]


def about(text: str, example: Any, default: Any = ..., *, sourced: bool = False) -> Any:
    """A field with its help and an example; `sourced` if its facts must have a source."""
    extra: Any = {"sourced": True} if sourced else None
    return Field(default, description=text, examples=[example], json_schema_extra=extra)


def several(text: str, example: Any, *, sourced: bool = False) -> Any:
    """A field that holds any number of values, none unless told."""
    return about(text, example, (), sourced=sourced)


class Strict(BaseModel):
    """No field but the declared ones; nothing changes once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


class Sourced(Strict):
    """Anything that says where it comes from."""

    source: Citations = several("Where it is said: keys of content/sources.yaml, with a page if need be.", ["mfa-seed"])
    as_of: Day | None = about("The day for which the source says it.", "2019-07-08", None)
    note: Words | None = about("A doubt or a limit that the reader must know.", "Announced, not confirmed.", None)


class Fact(Sourced, Generic[T]):
    """A value with its source and date. A bare value takes the source of its page."""

    value: T = about("The value itself.", "2015")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data


Days = Annotated[tuple[Fact[Day], ...], BeforeValidator(_many)]
Periods = Annotated[tuple[Fact[Period], ...], BeforeValidator(_many)]
Codes = Annotated[tuple[Fact[Plain], ...], BeforeValidator(_many)]


class Name(Sourced):
    """An official name in one language, as a source gives it."""

    value: Plain = about("The name.", "Агентии назорати маводи нашъаовар")
    language: Language = about("The language of the name.", "tg")
    until: Day | None = about("If it is a former name: until when it was used.", "2002", None)


class Status(Sourced):
    """How a programme stands, and on what day that was so."""

    value: Literal["planned", "current", "completed", "continued", "unknown"] = about(
        "planned, current, completed, continued (under another programme) or unknown (no source says).", "completed"
    )
    as_of: Day = about("The day for which the source says it.", "2017-12")


class Phase(Sourced):
    """A part of a programme's life."""

    name: Words = about("What the phase is called.", "Phase II")
    period: Period = about("From/to; .. for an open end.", "2003-04/2017-12")


class Budget(Sourced):
    """An amount of money, and what it covers."""

    amount: Number = about("The amount, in full, without spaces.", "450361")
    currency: Currency = about("The currency as a code of three letters.", "USD")
    year: Day | None = about("The year or day of the amount, if a source gives one.", "2016-03-09", None)
    covers: Words = about("What the money is for, and who gives it.", "Refurbishing the Yol border post.")


Role = Literal["lead", "implementing", "counterpart", "donor", "partner", "host", "organizer", "participant"]


class Part(Sourced):
    """A body that takes part, in a role. Either a partner with a page, or a name."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["partner"]}, {"required": ["name"]}]})

    partner: PartnerName | None = about("The partner's file in content/en/partners, without .md.", "dca", None)
    name: Words | None = about("The name, for a body that has no page.", "Government of Canada", None)
    role: Role = about("Its role.", "donor")
    period: Period | None = about("When it had that role.", "2016/..", None)

    @model_validator(mode="after")
    def _one_of(self) -> Part:
        if (self.partner is None) == (self.name is None):
            raise ValueError("needs either partner (a file name) or name, and not both")
        return self


class Result(Sourced):
    """Something that was reached, as somebody reported it."""

    indicator: Words = about("What is counted or was done.", "Border posts built or rebuilt")
    baseline: Words | None = about("Where it began.", "0", None)
    target: Words | None = about("What was aimed at.", "12", None)
    reached: Words = about("What was reached.", "10")
    year: Day | None = about("When it was reached.", "2018", None)


class LegalBasis(Sourced):
    """A rule on which an area of work rests."""

    law: LawName = about("The law's file in content/en/law, without .md.", "convention-1988")
    article: Plain | None = about("Articles or paragraphs, as numbers.", "3, 12", None)


class Step(Sourced):
    """One step in the life of a law or agreement."""

    what: Literal[
        "adopted", "signed", "approved", "ratified", "acceded", "in-force", "amended", "repealed", "extended", "expired"
    ] = about("Which step.", "acceded")
    date: Day = about("When.", "1996-05-06")


class Change(Strict):
    """A change of the page that its readers should know of."""

    date: Day = about("The day of the change.", "2026-11-24")
    what: Words = about("What changed, in one sentence.", "Added the 2025 steering committee.")


class Kind(Strict):
    """What every page has, whatever its kind."""

    title: Words = about("The title, as a heading.", "Drug Control Agency")
    short: Words | None = about("A shorter title for lists, charts and menus.", "Border control", None)
    summary: Words = about("One or two sentences that say the main thing.", "Builds and equips border posts.")
    published: Day = about("The day on which the page first appeared here.", "2026-11-24")
    updated: Day | None = about("The day of the last change of substance.", "2026-11-24", None)
    reviewed: Day | None = about("The day on which somebody last checked the whole page.", "2026-11-24", None)
    review_by: Day | None = about("The day by which it should be checked again.", "2027-05-24", None)
    reviewed_by: Plain | None = about("Who checked the language, once a native editor has.", "A. Editor", None)
    source: Citations = several("The sources on which facts without a source of their own rest.", ["mfa-seed"])
    changes: tuple[Change, ...] = several("The history of the page.", [{"date": "2026-11-24", "what": "New."}])
    old_addresses: tuple[OldAddress, ...] = several(
        "Where the page once stood, without language.", ["programmes/old-name"]
    )
    order: Number | None = about("Its place among its neighbours; without it, by title or date.", "10", None)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Kind:
        if self.updated and self.updated < self.published:
            raise ValueError(f"updated ({self.updated}) is before published ({self.published})")
        if self.review_by and self.reviewed and self.review_by <= self.reviewed:
            raise ValueError(f"review_by ({self.review_by}) must come after reviewed ({self.reviewed})")
        return self


class Programme(Kind):
    """A programme or project of the cooperation."""

    acronym: Words | None = about("The abbreviation of the official name.", "CCP", None)
    names: tuple[Name, ...] = several("Official and former names.", [{"value": "Programme X", "language": "en"}])
    status: Status = about(
        "How it stands.", {"value": "completed", "as_of": "2017-12", "source": "mfa-seed"}, sourced=True
    )
    codes: Codes = several("Official project codes.", [{"value": "TAJ/E24", "source": "mfa-seed"}], sourced=True)
    period: Periods = several("From/to. Where sources disagree, one entry each.", ["1999/.."], sourced=True)
    phases: tuple[Phase, ...] = several(
        "Its phases.", [{"name": "Phase I", "period": "1999/2003", "source": "mfa-seed"}]
    )
    budget: tuple[Budget, ...] = several(
        "Money, each amount with what it covers.",
        [{"amount": "500000", "currency": "USD", "covers": "Building a post.", "source": "mfa-seed"}],
        sourced=True,
    )
    scope: Literal["national", "cross-border", "regional", "global"] = about("How far it reaches.", "regional")
    parts: tuple[Part, ...] = several(
        "Who takes part, in which role.",
        [{"partner": "dca", "role": "counterpart", "source": "mfa-seed"}],
        sourced=True,
    )
    areas: tuple[AreaName, ...] = several("Its areas of work.", ["border-protection"])
    places: tuple[PlaceName, ...] = several("Where it works.", ["dushanbe"])
    follows: tuple[ProgrammeName, ...] = several("The programmes that it continues.", ["pca-2015-2019"])
    part_of: tuple[ProgrammeName, ...] = several("The programmes that it is a component of.", ["pca-2022-2025"])
    results: tuple[Result, ...] = several(
        "What was reached.", [{"indicator": "Posts built", "reached": "10", "source": "mfa-seed"}], sourced=True
    )
    documents: Citations = several("Its main documents, as keys of content/sources.yaml.", ["mfa-seed"])
    not_published: tuple[Literal["budget", "codes", "period", "parts", "results"], ...] = several(
        "Which of these were looked for and not found.", ["budget"]
    )
    looked: Day | None = about("The day on which they were looked for.", "2026-11-23", None)


class Partner(Kind):
    """A body that carries the cooperation: of the United Nations, of Tajikistan, a donor, an organization."""

    acronym: Words | None = about("The abbreviation of its name.", "DCA", None)
    names: tuple[Name, ...] = several("Official and former names.", [{"value": "Agency X", "language": "en"}])
    type: Literal["un", "state", "international", "regional", "donor", "network"] = about(
        "What sort of body it is.", "un"
    )
    parent: PartnerName | None = about("The body that it belongs to.", "unodc", None)
    founded: Days = several(
        "When it was founded. Where sources disagree, one entry each.", ["1999-06-01"], sourced=True
    )
    founding_act: LawName | None = about("The act that founded it.", "protocol-1999", None)
    seat: PlaceName | None = about("Where it sits.", "dushanbe", None)
    website: Address | None = about("Its official site.", "https://www.unodc.org", None)
    areas: tuple[AreaName, ...] = several("Its areas of work in the cooperation.", ["illicit-trafficking"])
    not_published: tuple[Literal["founded", "names", "website"], ...] = several(
        "Looked for and not found.", ["founded"]
    )
    looked: Day | None = about("The day on which they were looked for.", "2026-11-23", None)


class Area(Kind):
    """An area of work of the cooperation."""

    legal_basis: tuple[LegalBasis, ...] = several(
        "The rules it rests on.", [{"law": "convention-1988", "article": "3"}]
    )
    terms: tuple[TermName, ...] = several("Terms of the glossary that belong here.", ["precursor"])
    figures: tuple[FigureName, ...] = several("The figure series that show it.", ["seizures-total"])
    places: tuple[PlaceName, ...] = several("Where it matters most.", ["panji-poyon"])


class Event(Kind):
    """A meeting, training, operation, visit, hand-over or other thing that happened on a day."""

    date: Period = about("The day, or from/to.", "2018-05-02/2018-05-04")
    type: Literal[
        "meeting",
        "training",
        "seminar",
        "conference",
        "presentation",
        "visit",
        "operation",
        "opening",
        "signing",
        "other",
    ] = about("What sort of event it was.", "training")
    state: Literal["held", "planned", "cancelled", "announced"] = about(
        "held, planned, cancelled, or announced (no source says whether it took place).", "held", "held"
    )
    place: PlaceName | None = about("Where: an entry of content/places.yaml.", "dushanbe", None)
    where: Words | None = about("The hall or building, or a place that has no entry.", "Drug Control Agency", None)
    parts: tuple[Part, ...] = several("Who organized and took part.", [{"partner": "dca", "role": "organizer"}])
    attendance: Fact[Number] | None = about("How many people took part.", {"value": "24", "source": "mfa-seed"}, None)
    programmes: tuple[ProgrammeName, ...] = several("The programmes that it belongs to.", ["ccp"])
    areas: tuple[AreaName, ...] = several("Areas of work.", ["container-control"])
    laws: tuple[LawName, ...] = several("Agreements signed or discussed.", ["protocol-1999"])
    series: Literal["annual-review", "container-meetings", "steering-committees"] | None = about(
        "The series that it belongs to.", "annual-review", None
    )


class Law(Kind):
    """A convention, agreement, law, decree, strategy or state programme."""

    level: Literal["un-treaty", "un-framework", "agreement", "law", "decree", "strategy"] = about(
        "What sort of act it is.", "un-treaty"
    )
    names: tuple[Name, ...] = several("Official titles in other languages.", [{"value": "Закон X", "language": "ru"}])
    number: Words | None = about("Its official number.", "No. 873", None)
    steps: tuple[Step, ...] = several("Its dates.", [{"what": "acceded", "date": "1996-05-06"}], sourced=True)
    period: Periods = several("For what years it holds, if it says so.", ["2021/2030"], sourced=True)
    parties: tuple[Part, ...] = several("Who is bound by it.", [{"partner": "unodc", "role": "partner"}])
    areas: tuple[AreaName, ...] = several("Areas of work that it governs.", ["precursors"])
    text: Citations = several("Where its text can be read.", ["mfa-seed"])


class Page(Kind):
    """A page of its own: about, timeline, contacts, glossary …"""

    shows: Literal[
        "text", "timeline", "figures", "map", "contacts", "sources", "glossary", "search", "sitemap", "data", "handbook",
        "matrix", "form",
    ] = about("What follows the text.", "text", "text")  # fmt: skip


class Section(Kind):
    """The page that opens a folder and lists what is in it."""

    lists: Literal["programme", "partner", "area", "event", "law", "page"] = about(
        "The kind of page that it lists.", "programme", "page"
    )


class Translation(Strict):
    """A page in another language than the original: words only; facts come from the original."""

    title: Plain = about("The title in this language.", "Агентство по контролю за наркотиками")
    short: Plain | None = about("The shorter title, if the original has one.", "Граница", None)
    summary: Plain = about("The summary in this language.", "Строит и оснащает пограничные посты.")
    words: dict[str, Plain] = about(
        "The words inside the facts of the original: English on the left, this language on the right.",
        {"Phase II": "Этап II"}, {},
    )  # fmt: skip
    sections: dict[str, Plain] = about(
        "The state of each section from which this was made; written by `build.py translated`.", {"top": "1f3a9c2b"}, {}
    )
    reviewed_by: Plain | None = about("Who checked the language, once a native editor has.", "A. Editor", None)
    excused: dict[str, Plain] = about(
        "Differences from the original that are meant: the number, date or link on the left, the reason on the right.",
        {"1999": "Spelled out in Tajik."}, {},
    )  # fmt: skip


# Words in the shared YAML files stand side by side, one map for all languages.
AllWords = Annotated[dict[str, Plain], Marker("all-words")]


class Source(Strict):
    """A work that is cited."""

    title: Plain = about(
        "The title in its own language, without remarks: these belong in the note.",
        "Review of the drug situation for 2018",
    )
    title_language: Language | None = about(
        "If the title is given in translation: the language given here.", "en", None
    )
    publisher: Plain = about("Who published it.", "NIAT Khovar")
    author: Plain | None = about("Who wrote it, if named.", "R. Boltuev", None)
    language: Language = about("The language of the work.", "ru")
    date: Day | None = about("Its date; nothing if it shows none (undated).", "2019-03-19", None)
    url: Address | None = about("Where it can be read.", "https://www.unodc.org/", None)
    archived: Address | None = about("A lasting copy.", "https://web.archive.org/", None)
    accessed: Day = about("The day on which it was read.", "2026-11-23")
    symbol: Plain | None = about("A document number.", "E/CN.7/2019/1", None)
    type: Literal["official", "un", "organization", "press", "research", "copy"] = about(
        "official (a state), un, organization, press, research, or copy (a copy kept by somebody else).", "un"
    )
    note: AllWords | None = about("How its date or text was read.", {"en": "Undated page."}, None)


class Office(Strict):
    """A way to reach a partner."""

    partner: PartnerName = about("Whose office it is.", "unodc-tajikistan")
    name: AllWords = about("What it is called.", {"en": "Programme Office in Tajikistan"})
    place: PlaceName | None = about("The town.", "dushanbe", None)
    address: AllWords | None = about("Street and number.", {"en": "39 Ayni Street"}, None)
    phones: tuple[Phone, ...] = several("Official telephone numbers.", ["+992 37 221 12 34"])
    email: Email | None = about("The official e-mail address.", "info@example.org", None)
    website: Address | None = about("The official site.", "https://www.unodc.org", None)
    hours: AllWords | None = about(
        "Opening hours, with the time zone.", {"en": "Monday to Friday, 8:00 to 17:00"}, None
    )
    languages: tuple[Language, ...] = several("Languages answered.", ["tg", "ru"])
    asks: AllWords | None = about("What to ask there.", {"en": "Reports on drug trafficking"}, None)
    source: Citations = several("Where it is said.", ["mfa-seed"])
    as_of: Day | None = about("The day for which the source says it.", "2018", None)
    note: AllWords | None = about("A doubt or limit.", {"en": "From a copy of 2018."}, None)


class Post(Strict):
    """A post held by a person, from/to, or attested on days."""

    post: AllWords = about("The post.", {"en": "Director"})
    partner: PartnerName = about("The body.", "dca")
    period: Period | None = about("From/to, .. where it is not known or goes on.", "2016-02-02/2021", None)
    attested: Period | None = about("First/last day on which a source shows the person in the post.", "2008/2010", None)
    source: Citations = about("Where it is said.", ["mfa-seed"])
    note: AllWords | None = about("A doubt or limit.", {"en": "Start of the term not published."}, None)


class Official(Strict):
    """A person in an official post of the cooperation."""

    name: AllWords = about("The name in each language.", {"en": "Mustafa Erten"})
    variants: tuple[Plain, ...] = several("Other spellings in the sources.", ["Мустафа Эртен"])
    posts: tuple[Post, ...] = about(
        "The posts, oldest first.", [{"post": {"en": "Director"}, "partner": "dca", "source": "mfa-seed"}]
    )


class Place(Strict):
    """A town, crossing, post or unit that something happens at."""

    name: AllWords = about("The name in each language.", {"en": "Panji Poyon"})
    type: Literal["town", "crossing", "post", "blo", "pcu", "office", "country"] = about(
        "town, crossing, post (border post), blo (liaison office), pcu (port control unit), office, country.",
        "crossing",
    )
    district: AllWords | None = about("District and region.", {"en": "Khatlon"}, None)
    country: Plain = about("The country as a code of two letters.", "TJ", "TJ")
    coordinates: Coordinates | None = about("Latitude, longitude.", "37.1946, 68.6053", None)
    precision: Literal["exact", "town"] | None = about("exact, or town (the nearest town's).", "town", None)
    source: Citations = several("Where it is said.", ["mfa-seed"])
    note: AllWords | None = about("A doubt or limit.", {"en": "Planned in 2018."}, None)


class Milestone(Strict):
    """A dated step of the cooperation, for the timeline."""

    date: Day = about("When, as exactly as the source says.", "1993")
    type: Literal["un", "office", "law", "programme", "agency", "event", "person", "donor", "regional"] = about(
        "What sort of step.", "office"
    )
    title: AllWords = about("The step in a few words.", {"en": "UN drug office opens in Tashkent"})
    text: AllWords = about("The step in one sentence.", {"en": "The regional office begins its work."})
    source: Citations = about("Where it is said.", ["mfa-seed"])
    programmes: tuple[ProgrammeName, ...] = several("Programmes concerned.", ["ccp"])
    partners: tuple[PartnerName, ...] = several("Partners concerned.", ["unodc"])
    areas: tuple[AreaName, ...] = several("Areas concerned.", ["prisons"])
    laws: tuple[LawName, ...] = several("Laws concerned.", ["convention-1988"])
    event: EventName | None = about("The event with a page of its own.", "drug-review-2018", None)
    place: PlaceName | None = about("Where.", "tashkent", None)
    note: AllWords | None = about("A doubt or limit.", {"en": "Another source says 1996."}, None)


class Term(Strict):
    """A term or abbreviation, one form per language."""

    term: AllWords = about("The term.", {"en": "precursor"})
    abbreviation: AllWords | None = about("Its abbreviation.", {"en": "UNODC"}, None)
    definition: AllWords = about("What it means, in one sentence.", {"en": "A chemical used to make drugs."})
    avoid: dict[str, tuple[Plain, ...]] = about("Forms that the site does not use.", {"ru": ["наркоман"]}, {})
    source: Citations = several("Where the definition comes from.", ["mfa-seed"])
    page: Plain | None = about("A page that says more, as in /partners/unodc.", "partners/unodc", None)


class Point(Strict):
    """One value of a figure series."""

    year: Day = about("The year (or day, or half-year as 2018-06) of the value.", "2018")
    value: Number = about("The value.", "4190.3")
    source: Citations = about("Where it is said.", ["mfa-seed"])
    note: AllWords | None = about("A doubt or limit.", {"en": "Rounded."}, None)
    approximate: bool = about("true if the source rounds or says 'about'.", "true", False)


class Counted(Strict):
    """The unit where it is a word, in the forms that some numbers ask for; after all others stands the unit itself."""

    one: AllWords = about("After 1, in Russian also after 21, 31 and so on.", {"en": "crime", "ru": "преступление"})
    few: AllWords = about("After 2, 3 and 4 in Russian; elsewhere as the unit.", {"en": "crimes", "ru": "преступления"})


class Figure(Strict):
    """A series of figures over time. Reports that disagree are two points of one year."""

    title: AllWords = about("The name of the series.", {"en": "Drugs seized in Tajikistan"})
    finding: AllWords = about("What it shows, in one sentence.", {"en": "Seizures fell by a third."})
    unit: AllWords = about("The unit, as it stands above a column; a word in the plural.", {"en": "kg"})
    counted: Counted | None = about(
        "Other forms of the unit, if it is a word.",
        {"one": {"en": "crime", "ru": "преступление"}, "few": {"en": "crimes", "ru": "преступления"}}, None,
    )  # fmt: skip
    definition: AllWords = about("What is counted, by whom, what is not.", {"en": "All drugs seized by all bodies."})
    producer: AllWords = about("Who produces the figures.", {"en": "Drug Control Agency"})
    chart: Literal["bars", "none"] = about("How it is drawn.", "bars", "bars")
    group: Literal["seizures", "people", "crimes", "context", "programme"] = about("Where it belongs.", "seizures")
    areas: tuple[AreaName, ...] = several("Areas of work that it shows.", ["illicit-trafficking"])
    points: tuple[Point, ...] = about(
        "The values, oldest first.", [{"year": "2018", "value": "4190.3", "source": "mfa-seed"}]
    )
    missing: AllWords | None = about("Which years are missing, and why.", {"en": "No total for 2016."}, None)
    order: Number = about("Its place among the figures.", "10", 100)


KINDS: Mapping[str, type[Kind]] = {
    "programme": Programme, "partner": Partner, "area": Area, "event": Event, "law": Law, "page": Page, "section": Section,
}  # fmt: skip
ENTRIES: Mapping[str, type[Strict]] = {
    "source": Source, "place": Place, "milestone": Milestone, "term": Term, "office": Office, "official": Official,
    "figure": Figure,
}  # fmt: skip


class Config(Strict):
    """The site as a whole."""

    name: AllWords = about("The name of the site.", {"en": "Tajikistan and the United Nations against illicit drugs"})
    address: Address = about("Where the site will be read; with a folder, if it has one.", "https://example.org/")
    languages: Annotated[tuple[Language, ...], AfterValidator(_once_each)] = about(
        "Codes of the languages, the original first.", ["en", "ru", "tg"]
    )
    drift: dict[Language, Literal["allow", "warn", "error"]] = about(
        "What a translation that fell behind is: allow, warn or error.", {"ru": "error"}, {}
    )
    fallback: tuple[Language, ...] = several("Languages in which a missing page shows the original's text.", ["tg"])
    repository: Address = about("Where the files are edited.", "https://github.com/example/site")
    branch: Plain = about("The branch that is published.", "main", "main")
    editors: AllWords = about("Who is named as publisher in citations.", {"en": "The editors of this site"})
    output: Plain = about("The folder that the site is written to.", "public", "public")
    seconds: Limit = about("How long one page may take, in seconds.", "5", 5)
    megabytes: Limit = about("How much memory one page may take.", "500", 500)

    @model_validator(mode="after")
    def _known_languages(self) -> Config:
        for name, codes in (("drift", self.drift), ("fallback", self.fallback)):
            if strange := [code for code in codes if code not in self.languages]:
                raise ValueError(f"{name} names '{strange[0]}', which is none of languages")
        for name, words in (("name", self.name), ("editors", self.editors)):
            if lacking := [code for code in self.languages if code not in words]:
                raise ValueError(f"{name} lacks the words in '{lacking[0]}'")
        return self
