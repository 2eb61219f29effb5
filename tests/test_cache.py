"""A warm build equals a cold one, byte for byte, whatever changed in between; a cache that cannot be used is left unread."""

from __future__ import annotations

import dataclasses
import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import TODAY, Workshop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from builder import cache, check, pipeline, reading, translate
from builder.model import SiteError
from builder.site import Packed, Site

Change = Callable[[Workshop], None]
ABOUT = "content/en/about.md"
BRIDGE = "content/en/programmes/bridge.md"
FRONT = "published: 2026-11-24\nreviewed: 2026-11-24\nreview_by: 2027-05-24\n"
FORDING = (
    f"---\ntitle: Fording rivers\nsummary: How rivers are forded.\n{FRONT}---\n\n## What it is\n\nWading [@letter].\n"
)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def cold(workshop: Workshop, **options: object) -> dict[str, bytes]:
    """The bytes of a build of the same sources that knows nothing but the templates as Jinja2 compiled them."""
    output = workshop.output.parent / "cold" / "public"
    shutil.rmtree(output, ignore_errors=True)
    work = output.parent / ".public-build"
    for one in work.iterdir() if work.exists() else ():
        if one.name not in ("templates", "lock"):
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    output.parent.mkdir(exist_ok=True)
    request = {"as_of": TODAY} | options
    pipeline.build(reading.Request(str(workshop.root), str(output), **request))  # type: ignore[arg-type]
    return tree(output)


def warm_equals_cold(workshop: Workshop, **options: object) -> pipeline.Result:
    result = workshop.result(**options)
    assert differences(workshop.tree(), cold(workshop, **options)) == []
    return result


def replaced(path: str, old: str, new: str) -> Change:
    return lambda workshop: workshop.change(path, old, new)


def added(path: str, text: str) -> Change:
    return lambda workshop: workshop.write(path, text)


def appended(path: str, text: str) -> Change:
    return lambda workshop: workshop.write(path, workshop.read(path) + text)


def removed(path: str) -> Change:
    return lambda workshop: workshop.remove(path)


def both(*changes: Change) -> Change:
    def change(workshop: Workshop) -> None:
        for one in changes:
            one(workshop)

    return change


TERM = "ford:\n  term: {en: Ford}\n  abbreviation: {en: BX}\n  definition: {en: A shallow place.}\n  source: letter\n"
SOURCE = 'note:\n  title: "A note"\n  publisher: "Nobody"\n  language: en\n  accessed: "2026-11-23"\n  type: press\n'
PLACE = 'village:\n  name: {en: Village}\n  type: town\n  coordinates: "38.6000, 68.8000"\n  precision: town\n  source: letter\n'
MILESTONE = (
    'second:\n  date: "2001"\n  type: event\n  title: {en: The second bridge}\n  text: {en: Again.}\n  source: letter\n'
)
OFFICIAL = (
    "deputy:\n  name: {en: B. Mason}\n  posts:\n    - post: {en: Deputy}\n      partner: agency\n"
    "      source: letter\n      period: 2016/..\n"
)
OFFICE = (
    'branch:\n  partner: agency\n  name: {en: Branch}\n  place: town\n  address: {en: "2 River Street"}\n'
    '  phones: ["+992 37 221 12 35"]\n  source: letter\n'
)

# Every kind of change that a warm build must see, on the sample site in one language.
CHANGES: dict[str, Change] = {
    "body": replaced(ABOUT, "Made for tests", "Made for all tests"),
    "body of a page that others link to": replaced(BRIDGE, "It goes on", "It still goes on"),
    "heading": replaced(BRIDGE, "## What became of it", "## What came of it"),
    "title": replaced(ABOUT, "title: About", "title: About us"),
    "title of a page that others show": replaced("content/en/partners/agency.md", "Bridge Agency", "Agency of Bridges"),
    "summary": replaced(BRIDGE, "Builds bridges since 1998.", "Builds bridges."),
    "date of a page": replaced(ABOUT, "published: 2026-11-24", "published: 2026-11-23"),
    "date of an event": replaced("content/en/events/2018-05-opening.md", "2018-05-02/2018-05-04", "2019-05-02"),
    "citation": replaced(ABOUT, "[@letter, p. 3]", "[@report, p. 3]"),
    "reference": replaced(BRIDGE, "areas: [crossing]", "areas: []"),
    "relation": replaced(BRIDGE, "role: implementing", "role: lead"),
    "order": replaced(BRIDGE, "acronym: BP\n", "acronym: BP\norder: 3\n"),
    "page added": added("content/en/areas/fording.md", FORDING),
    "page added with a relation": both(
        added("content/en/areas/fording.md", FORDING),
        replaced(BRIDGE, "areas: [crossing]", "areas: [crossing, fording]"),
    ),
    "page deleted": removed(ABOUT),
    "page renamed": both(
        lambda workshop: workshop.path(ABOUT).rename(workshop.path("content/en/concerning.md")),
        replaced("content/en/concerning.md", FRONT, FRONT + "old_addresses: [about]\n"),
    ),
    "base template": replaced("templates/base.html", "</body>", "<!-- end --></body>"),
    "part": replaced("templates/parts/references.html", "<li", "<li data-x"),
    "page template": replaced("templates/each-page/area.html", "{% block main %}", "{% block main %}<p>new</p>"),
    "macro": replaced("templates/parts/facts.html", "<dt>", '<dt class="x">'),
    "template added": added("templates/once/more.txt", "{{ site.as_of }}\n"),
    "template for each page added": added("templates/each-page/area.txt", "{{ page.title }}\n"),
    "template deleted": removed("templates/once/robots.txt"),
    "glossary entry": appended("content/glossary.yaml", TERM),
    "abbreviation that a text uses": replaced("content/glossary.yaml", "{en: BO, ru", "{en: bridges, ru"),
    "words of the glossary": replaced("content/glossary.yaml", "en: Bridge Office,", "en: The Bridge Office,"),
    "source": replaced("content/sources.yaml", "A letter on bridges", "Letters on bridges"),
    "source added": appended("content/sources.yaml", SOURCE),
    "place": replaced("content/places.yaml", "Bridge Town", "Bridgetown"),
    "place moved": replaced("content/places.yaml", "38.5358", "38.5400"),
    "place added": appended("content/places.yaml", PLACE),
    "milestone": replaced("content/timeline.yaml", "The first bridge opens", "A bridge opens"),
    "milestone added": appended("content/timeline.yaml", MILESTONE),
    "official": replaced("content/officials.yaml", "A. Builder", "C. Builder"),
    "official added": appended("content/officials.yaml", OFFICIAL),
    "office": replaced("content/contacts.yaml", "221 12 34", "221 12 39"),
    "office added": appended("content/contacts.yaml", OFFICE),
    "figure": replaced("content/figures/bridges.yaml", 'value: "4.5"', 'value: "4.7"'),
    "figure deleted": both(
        removed("content/figures/bridges.yaml"), replaced("content/en/areas/crossing.md", "figures: [bridges]\n", "")
    ),
    "words of the interface": replaced("content/en/interface.yaml", "skip: ", "skip: Do "),
    "formats": replaced("content/en/formats.yaml", "October", "Octobre"),
    "configuration": replaced("config.yaml", "The editors of the sample", "Somebody"),
    "address of the site": replaced("config.yaml", "https://sample.example/", "https://sample.example/folder/"),
    "name of the site": replaced("config.yaml", "en: Sample site", "en: Simple site"),
    "static file added": added("static/images/new.txt", "x"),
    "static file changed": appended("static/css/3-layout.css", "\n.x { color: red; }\n"),
    "static file deleted": removed("static/css/3-layout.css"),
    "old address": replaced(ABOUT, FRONT, FRONT + "old_addresses: [concerning]\n"),
    "another way to write the same": replaced("content/places.yaml", "type: town", 'type: "town"'),
    "time of a file only": lambda workshop: os.utime(workshop.path(ABOUT), (1, 1)),
}


def moved(built: Path, folder: Path) -> Workshop:
    """A copy of a built site, with its cache told of the new place."""
    for name in ("site", "public", ".public-build"):
        shutil.copytree(built / name, folder / name, copy_function=shutil.copy2)
    workshop = object.__new__(Workshop)
    workshop.root, workshop.output = folder / "site", folder / "public"
    state = cache.loaded(str(folder / ".public-build" / "state"))
    assert isinstance(state, dict)
    where = {"root": str(workshop.root), "output": str(workshop.output)}
    cache.dumped(str(folder / ".public-build" / "state"), state | where)
    return workshop


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample site in one language, built."""
    workshop = Workshop(tmp_path_factory.mktemp("built"))
    workshop.one_language()
    workshop.result()
    return workshop.root.parent


@pytest.fixture(scope="module")
def built_in_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample site in all languages, built."""
    workshop = Workshop(tmp_path_factory.mktemp("built"))
    workshop.result()
    return workshop.root.parent


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Workshop:
    """A copy of the site in one language, built."""
    return moved(built, tmp_path)


@pytest.mark.parametrize("name", CHANGES)
def test_warm_equals_cold_after_a_change_and_after_it_was_taken_back(site: Workshop, name: str) -> None:
    """The second half would find whatever is kept under a name that the first half made untrue."""
    before, sources = site.tree(), tree(site.root)
    CHANGES[name](site)
    assert warm_equals_cold(site).note == ""
    for path in tree(site.root).keys() - sources.keys():
        site.remove(path)
    for path, data in sources.items():
        if not site.path(path).exists() or site.path(path).read_bytes() != data:
            site.path(path).write_bytes(data)
    site.result()
    assert differences(site.tree(), before) == []


def pin(workshop: Workshop, path: str) -> None:
    """Brings a translation to the state of its original."""
    translate.pin(str(workshop.root), [str(workshop.path(path))])


TRANSLATIONS: dict[str, Change] = {
    "edited": replaced("content/ru/about.md", "Сделано для проверки", "Сделано для всех проверок"),
    "title": replaced("content/ru/programmes/bridge.md", "Программа мостов", "Мостовая программа"),
    "words": replaced("content/ru/programmes/bridge.md", '"Правительство Мостландии"', '"Мостландия"'),
    "dropped": both(
        removed("content/ru/about.md"),
        replaced("config.yaml", "drift: {ru: error", "fallback: [ru]\ndrift: {ru: allow"),
    ),
    "behind": both(
        replaced(ABOUT, "Made for tests", "Made for all tests"),
        replaced("config.yaml", "drift: {ru: error, tg: error}", "drift: {ru: warn, tg: allow}"),
    ),
    "added": both(
        added("content/en/areas/fording.md", FORDING),
        added(
            "content/ru/areas/fording.md",
            "---\ntitle: Вброд\nsummary: Как переходят вброд.\n---\n\n## Что это\n\nВброд [@letter].\n",
        ),
        lambda workshop: pin(workshop, "content/ru/areas/fording.md"),
        replaced("config.yaml", "tg: error", "tg: allow"),
        replaced("config.yaml", "editors:", "fallback: [tg]\neditors:"),
    ),
    "language dropped": both(
        replaced("config.yaml", "[en, ru, tg]", "[en, ru]"),
        lambda workshop: shutil.rmtree(workshop.path("content/tg")),
        replaced("config.yaml", "drift: {ru: error, tg: error}", "drift: {ru: error}"),
    ),
    "words of the interface": lambda workshop: workshop.write(
        "content/ru/interface.yaml", workshop.read("content/ru/interface.yaml").replace("skip: ", "skip: Да ", 1)
    ),
    "formats": replaced("content/tg/formats.yaml", 'list-and: " ва "', 'list-and: " ва боз "'),
    "glossary": replaced("content/glossary.yaml", "abbreviation: {en: BO, ru: МБ", "abbreviation: {en: BO, ru: МоБ"),
    "names of a place": replaced("content/places.yaml", "ru: Мостовой", "ru: Мостовский"),
}


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_warm_equals_cold_after_a_change_of_a_translation(built_in_all: Path, tmp_path: Path, name: str) -> None:
    workshop = moved(built_in_all, tmp_path)
    TRANSLATIONS[name](workshop)
    assert warm_equals_cold(workshop).note == ""


@pytest.mark.parametrize("day", ["2018-05-03", "2018-05-05", "2027-05-25", "2028-01-01"])
def test_warm_equals_cold_on_another_day(site: Workshop, day: str) -> None:
    warm_equals_cold(site, as_of=day)
    site.result()
    warm_equals_cold(site)


def test_each_number_of_processes_makes_the_same(site: Workshop) -> None:
    assert cold(site, jobs=1) == cold(site, jobs=4) == site.tree()


def test_another_program_leaves_the_cache_unread(site: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = site.tree()
    for version in ("newer", "older"):
        monkeypatch.setattr(cache, "program", lambda version=version: version)
        result = site.result()
        assert result.note == "the state is of another version of the program"
        assert differences(site.tree(), before) == []
        assert site.result().rendered == ()


FILES = [
    "state", "outputs", "site", "pages", "examined", "examined.index", "bodies", "bodies.index", "links", "links.index",
]  # fmt: skip
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "foreign": lambda data: b"\x89PNG\r\n" * 100,
    "one bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "turned": lambda data: data[::-1],
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_cache_is_not_believed(site: Workshop, name: str, damage: str) -> None:
    path = site.output.parent / ".public-build" / name
    for change in (CHANGES["title of a page that others show"], more):
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
        change(site)
        warm_equals_cold(site)


def more(site: Workshop) -> None:
    """A change of a text and of nothing else, which can be made again."""
    site.write(ABOUT, site.read(ABOUT) + "\nOne more word.\n")


def test_pages_that_cannot_be_read_are_made_again_and_one_line_says_so(site: Workshop) -> None:
    (site.output.parent / ".public-build" / "pages").unlink()
    more(site)
    assert warm_equals_cold(site).note == "what was kept of pages is damaged or gone"
    more(site)
    assert site.result().note == ""


def test_an_unreadable_cache_costs_one_line_with_verbose_and_none_without(site: Workshop) -> None:
    (site.output.parent / ".public-build" / "state").write_bytes(b"nonsense")
    loud = site.run("--verbose")
    assert loud.stderr.count("cache not used: the state is damaged\n") == 1
    (site.output.parent / ".public-build" / "state").write_bytes(b"nonsense")
    assert site.run().stderr == ""


def test_a_cache_of_another_place_is_not_used(built: Path, tmp_path: Path) -> None:
    workshop = moved(built, tmp_path)
    shutil.copy2(built / ".public-build" / "state", tmp_path / ".public-build" / "state")
    assert warm_equals_cold(workshop).note == "the state is of a site at another path"


def test_parts_of_two_caches_do_not_mix(site: Workshop) -> None:
    """As after a kill between two files of the cache: data of one moment, index of another."""
    work = site.output.parent / ".public-build"
    for old in ("pages", "site"):
        kept = (work / old).read_bytes()
        site.change("content/en/partners/agency.md", "Bridge Agency", "Agency of Bridges")
        site.result()
        (work / old).write_bytes(kept)
        site.result()
        more(site)
        warm_equals_cold(site)
        site.change("content/en/partners/agency.md", "Agency of Bridges", "Bridge Agency")
        site.result()
    for name in ("examined", "bodies", "links"):
        for old in (name, name + ".index"):
            kept = (work / old).read_bytes()
            CHANGES["body"](site)
            CHANGES["title of a page that others show"](site)
            (work / "state").unlink()
            site.result()
            (work / old).write_bytes(kept)
            site.change(ABOUT, "Made for all tests", "Made for tests")
            site.change("content/en/partners/agency.md", "Agency of Bridges", "Bridge Agency")
            warm_equals_cold(site)


def test_other_bytes_of_the_same_length_within_a_tick_of_the_clock_are_seen(site: Workshop) -> None:
    text, facts = site.read(ABOUT), site.path(ABOUT).stat()
    for word in ("texts", "tents", "tests"):
        site.write(ABOUT, text.replace("for tests", f"for {word}"))
        os.utime(site.path(ABOUT), ns=(facts.st_atime_ns, facts.st_mtime_ns))
        warm_equals_cold(site)


def test_other_bytes_with_the_very_same_times_are_seen_within_the_grain_of_the_clock(
    site: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that notes times by the second or two: the second edit looks like the first."""
    real, second = cache.scan, 1_000_000_000

    def coarse(*words: object) -> dict[str, tuple[int, int]]:
        return {path: (moment // second * second, size) for path, (moment, size) in real(*words).items()}  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "scan", coarse)
    text = site.read(ABOUT)
    for word in ("texts", "tents", "tests"):
        site.write(ABOUT, text.replace("for tests", f"for {word}"))
        site.result()
        assert f"Made for {word}" in site.published()["en/about/index.html"]


def test_a_file_that_changes_under_the_build_is_not_kept_as_what_it_was(
    site: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited after the build looked and before it read, then taken back."""
    real, text = reading.load.content_paths, site.read(ABOUT)

    def late(root: str, problems: list[object]) -> list[str]:
        site.write(ABOUT, text.replace("Made for tests", "Made for nobody").replace("title: About", "title: Other"))
        return real(root, problems)  # type: ignore[arg-type]

    site.change(ABOUT, "Made for tests", "Made for texts")
    monkeypatch.setattr(reading.load, "content_paths", late)
    try:
        site.result()
    except SiteError as error:
        assert [one.code for one in error.problems] == ["changed-meanwhile"]
    monkeypatch.setattr(reading.load, "content_paths", real)
    site.write(ABOUT, text.replace("Made for tests", "Made for texts"))
    warm_equals_cold(site)


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_each_text_is_converted_once_when_it_is_read(site: Workshop, jobs: int) -> None:
    """And the terms with which it was converted then are those of the checked site: else it would be converted again."""
    shutil.rmtree(site.output.parent / ".public-build")
    shutil.rmtree(site.output)
    assert site.result(jobs=jobs).converted == len(list((site.root / "content").glob("*/**/*.md")))


def test_a_new_expansion_of_an_abbreviation_converts_the_texts_of_its_language(site: Workshop) -> None:
    site.change("content/glossary.yaml", "ru: Мостовое бюро", "ru: Бюро мостов")
    assert site.result().converted == len(list((site.root / "content" / "ru").glob("**/*.md")))


def test_builds_leave_no_file_open(site: Workshop) -> None:
    def opened() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not tell which files are open")
    found = []
    for _ in range(4):
        more(site)
        site.result()
        found.append(opened())
    assert found == found[:1] * 4


def test_a_store_knows_its_newest_after_it_was_written_anew(tmp_path: Path) -> None:
    store = cache.Store(str(tmp_path), "kept", usable=True)
    for name in "abcde":
        store.put(name, "token", name.encode() * 100)
        store.save("abcde")
    store.put("f", "token", b"f")
    store.save("def")  # most of the file is dead
    assert (tmp_path / "kept").stat().st_size < 300
    assert store.names("token") == cache.Store(str(tmp_path), "kept", usable=True).names("token") == ["d", "e", "f"]


def test_an_edited_text_renders_its_page_and_what_quotes_it(site: Workshop) -> None:
    site.change(ABOUT, "Made for tests", "Made for all tests")
    result = site.result()
    html = [path for path in result.rendered if path.endswith(".html")]
    assert html == ["en/about/index.html"]
    assert result.converted == 1
    assert result.written == len(set(result.rendered))


@pytest.mark.parametrize(
    ("path", "suffixes"),
    [
        ("templates/base.html", {"html"}),  # what others extend
        ("templates/parts/facts.html", {"html"}),  # what others import, and those that import them
        ("templates/each-page/event.ics", {"ics"}),
        ("static/css/3-layout.css", {"html"}),
    ],
)
def test_an_edited_template_or_style_renders_what_is_made_of_it(site: Workshop, path: str, suffixes: set[str]) -> None:
    comment = "/* more */ .x { color: red; }" if path.endswith(".css") else "{# more #}"
    site.path(path).write_text(site.read(path) + comment, encoding="utf-8")
    rendered = warm_equals_cold(site).rendered
    assert {one.rpartition(".")[2] for one in rendered} == suffixes


def test_an_edited_word_of_the_interface_renders_its_language(built_in_all: Path, tmp_path: Path) -> None:
    workshop = moved(built_in_all, tmp_path)
    TRANSLATIONS["words of the interface"](workshop)
    rendered = warm_equals_cold(workshop).rendered
    assert {one.partition("/")[0] for one in rendered if one.endswith("/index.html")} == {"ru"}


def test_what_the_checks_do_not_look_at_does_not_make_them_run(site: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    through = check.site
    monkeypatch.setattr(check, "site", lambda *given: asked.append(1) or through(*given))
    for change, again in (
        (lambda site: None, False),
        (appended(ABOUT, "\nOne more word.\n"), False),
        (appended(ABOUT, "\nOne more word, and its source [@letter].\n"), True),
        (appended(ABOUT, "\nOne more word with a [link](programmes/bridge.md).\n"), True),
        (appended(ABOUT, "\n## One more heading\n\nWords.\n"), True),
        (replaced(BRIDGE, "title: ", "title: The "), True),
        (appended("content/en/interface.yaml", "# A remark.\n"), True),
        (appended("config.yaml", "# A remark.\n"), False),
        (replaced("config.yaml", "code.example/sample", "code.example/other"), True),
        (added("static/images/new.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n"), True),
        (added("content/en/areas/swimming.md", FORDING), True),
        (removed("content/en/areas/swimming.md"), True),
    ):
        asked.clear()
        change(site)
        site.result()
        assert bool(asked) == again


def test_a_site_taken_as_it_was_is_the_site_that_checks_would_make(
    site: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    through = pipeline._rendered
    monkeypatch.setattr(pipeline, "_rendered", lambda work, *given: made.append(given[0]) or through(work, *given))
    site.write(ABOUT, site.read(ABOUT) + "\nOne more word.\n")
    site.result()
    cold(site)
    first, second = made
    for one in (one for one in dataclasses.fields(Site) if one.compare):
        taken, checked = (getattr(made, one.name) for made in (first, second))
        assert repr(dict(taken) if isinstance(taken, Packed) else taken) == repr(checked), one.name


def test_a_warning_is_told_by_every_build(site: Workshop) -> None:
    site.write("content/addresses.txt", "about\n")  # the other pages are new to it
    before = site.result().warnings
    site.write(ABOUT, site.read(ABOUT) + "\nOne more word.\n")
    assert before
    assert site.result().warnings == before


def test_nothing_changed_renders_and_writes_nothing(site: Workshop) -> None:
    result = site.result()
    assert (result.rendered, result.written, result.converted) == ((), 0, 0)


def test_a_failed_build_spoils_nothing_for_the_next(site: Workshop) -> None:
    text = site.read(ABOUT)
    site.write(ABOUT, text.replace("[@letter, p. 3]", "[@nobody]"))
    with pytest.raises(SiteError):
        site.result()
    site.write(ABOUT, text)
    assert site.result().rendered == ()
    site.change("templates/each-page/area.html", "{% block main %}", "{% block main %}{{ nothing.at.all }}")
    with pytest.raises(SiteError):
        site.result()
    site.change("templates/each-page/area.html", "{{ nothing.at.all }}", "")
    warm_equals_cold(site)


class Edits(RuleBasedStateMachine):
    """Any sequence of changes, each perhaps followed by a build: at the end of each build warm equals cold."""

    workshop: Workshop
    source: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.workshop = moved(self.source, self.folder)
        self.day = TODAY

    @rule(name=st.sampled_from(sorted(CHANGES)))
    def change(self, name: str) -> None:
        try:
            CHANGES[name](self.workshop)
        except (AssertionError, OSError):
            return  # what would be changed is no longer there

    @rule(name=st.sampled_from(["title", "title of a page that others show", "citation", "page deleted", "figure"]))
    def undo(self, name: str) -> None:
        for path, data in tree(self.source / "site").items():
            if name in ("page deleted", "title") or path.endswith(("agency.md", "bridges.yaml", "crossing.md")):
                self.workshop.path(path).parent.mkdir(parents=True, exist_ok=True)
                self.workshop.path(path).write_bytes(data)

    @rule(day=st.sampled_from([TODAY, "2018-05-03", "2027-06-01"]))
    def pass_time(self, day: str) -> None:
        self.day = day

    @rule(name=st.sampled_from(FILES))
    def lose_a_part_of_the_cache(self, name: str) -> None:
        (self.folder / ".public-build" / name).unlink(missing_ok=True)

    @rule(jobs=st.sampled_from([0, 1, 3]))
    def build(self, jobs: int) -> None:
        try:
            self.workshop.result(as_of=self.day, jobs=jobs)
        except SiteError:
            return  # both ways of building refuse what has problems
        expected = cold(self.workshop, as_of=self.day)
        assert differences(self.workshop.tree(), expected) == []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.build(0)
            shutil.rmtree(self.folder, ignore_errors=True)


def test_warm_equals_cold_after_any_sequence_of_changes(built: Path) -> None:
    machine = type("Edits", (Edits,), {"source": built})
    case = machine.TestCase  # type: ignore[attr-defined]
    case.settings = settings(
        max_examples=int(os.environ.get("SEQUENCES", "12")), stateful_step_count=10, deadline=None,
        suppress_health_check=list(HealthCheck), derandomize="SEQUENCES" not in os.environ, database=None,
    )  # fmt: skip
    case().runTest()
