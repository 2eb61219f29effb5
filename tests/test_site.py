"""The published site in a real browser: what only a browser can tell."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
import yaml
from conftest import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
LANGUAGES = ("en", "ru", "tg")
# One address of each type of page, below the language.
TYPES = (
    "", "programmes/", "programmes/border-tajik-afghan/", "programmes/by-area/prisons/", "partners/", "partners/dca/", "partners/by-area/border-protection/", "areas/",
    "areas/illicit-trafficking/", "events/", "events/2018-05-14-review-2017/", "events/by-decade/2010/", "law/",
    "law/convention-1988/", "timeline/", "figures/", "figures/seizures-total/", "map/", "contacts/", "contacts/officials/by-partner/dca/", "sources/",
    "sources/mfa-seed/", "sources/by-type/un/", "glossary/", "glossary/2/", "add/", "search/", "sitemap/", "data/", "about/", "accessibility/", "who-works-with-whom/",
    "404.html",
)  # fmt: skip
WIDTHS = (320, 1280)

pytestmark = pytest.mark.browser


def missing(what: str) -> None:
    """Skips where a tool is not there; where CI is set that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def server(real: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(real))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_address[1]}"
        one.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        missing("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        one = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield one
        one.close()


def opened(browser: Any, server: str, address: str, width: int = 1280, **settings: Any) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
    page = context.new_page()
    page.goto(server + address)
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_type_scrolls_sideways_at_320_pixels(browser: Any, server: str, lang: str) -> None:
    page = opened(browser, server, f"/{lang}/", 320)
    for address in TYPES:
        page.goto(f"{server}/{lang}/{address}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
    page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_can_be_spaced_and_doubled_without_loss(browser: Any, server: str, lang: str) -> None:
    """WCAG 2.2, 1.4.12 and 1.4.4."""
    page = opened(browser, server, f"/{lang}/", 640)
    spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }"
    for address in TYPES:
        page.goto(f"{server}/{lang}/{address}")
        page.evaluate(
            """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet];
            document.documentElement.style.fontSize = '200%'; }""",
            spacing,
        )
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
    page.context.close()


AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing(browser: Any, server: str, lang: str) -> None:
    """WCAG 2.2 A and AA and axe's best practices, on every type of page, narrow and wide; in the dark, the colours."""
    script = os.environ.get("AXE", "")
    if not script or not Path(script).exists():
        missing("AXE does not name a copy of axe.min.js")
    for width in WIDTHS:
        page = opened(browser, server, f"/{lang}/", width, color_scheme="light", bypass_csp=True)
        for address in TYPES:
            page.emulate_media(color_scheme="light")
            page.goto(f"{server}/{lang}/{address}")
            page.add_script_tag(path=script)
            seen = findings(page, {"type": "tag", "values": AXE_TAGS})
            page.emulate_media(color_scheme="dark")
            seen += findings(page, {"type": "rule", "values": ["color-contrast"]})
            assert not seen, (address, width, seen)
        page.context.close()


def findings(page: Any, only: dict[str, Any]) -> list[tuple[str, str]]:
    """The rules of axe that the page breaks, each with the first place."""
    found = page.evaluate("only => axe.run({runOnly: only, resultTypes: ['violations']})", only)
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_in_drawings_is_at_least_eleven_and_a_half_pixels_on_a_phone(browser: Any, server: str, lang: str) -> None:
    page = opened(browser, server, f"/{lang}/", 320)
    seen = 0
    for address in ("", "timeline/", "figures/seizures-total/", "map/", "areas/illicit-trafficking/", "figures/"):
        page.goto(f"{server}/{lang}/{address}")
        sizes = page.evaluate(
            """() => [...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length).map(
            t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"""
        )
        seen += len(sizes)
        assert all(size >= 11.5 for size in sizes), (address, min(sizes))
    assert seen > 20
    page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_there_without_scripts(browser: Any, server: str, real: Path, lang: str) -> None:
    page = opened(browser, server, f"/{lang}/", java_script_enabled=False)
    for address in TYPES:
        page.goto(f"{server}/{lang}/{address}")
        assert len(page.inner_text("main")) > 100, address
    page.goto(f"{server}/{lang}/search/")
    listed = set()
    while True:
        listed |= {one.get_attribute("href") for one in page.locator("ul.index a").all()}
        if not page.locator("main a[rel=next]").count():
            break
        page.click("main a[rel=next]")
    pages = json.loads((real / lang / "pages.json").read_text(encoding="utf-8"))
    assert {urlsplit(one["URL"]).path for one in pages} == listed
    page.context.close()


def test_no_request_leaves_the_site_and_nothing_is_stored(browser: Any, server: str) -> None:
    page = opened(browser, server, "/en/")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    faults: list[str] = []
    page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    for address in TYPES:
        page.goto(f"{server}/en/{address}")
    assert asked and all(one.startswith((server, "data:")) for one in asked)
    assert not faults
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.close()


def test_the_skip_link_is_first_and_focus_can_be_seen(browser: Any, server: str) -> None:
    page = opened(browser, server, "/en/programmes/ccp/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for _ in range(12):
        page.keyboard.press("Tab")
        look = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.backgroundColor, s.boxShadow] }"
        )
        assert look[0] != "none" or look[1] != "rgba(0, 0, 0, 0)" or look[2] != "none", look
    page.context.close()


def test_targets_are_large_enough(browser: Any, server: str) -> None:
    """WCAG 2.2, 2.5.8, and 44 px in the menu."""
    page = opened(browser, server, "/en/", 320)
    for address in ("", "programmes/ccp/", "search/"):
        page.goto(f"{server}/en/{address}")
        heights = page.evaluate(
            "() => [...document.querySelectorAll('.menu a')].map(a => a.getBoundingClientRect().height)"
        )
        assert heights and min(heights) >= 44, (address, heights)
    page.context.close()


def test_forced_colours_keep_the_facts_readable(browser: Any, server: str) -> None:
    page = opened(browser, server, "/en/programmes/ccp/", forced_colors="active")
    colours = page.evaluate(
        "() => [...document.querySelectorAll('main p, main dd, main a')].slice(0, 60).map(e => [getComputedStyle(e).color, getComputedStyle(document.body).backgroundColor])"
    )
    assert colours and all(front != back for front, back in colours)
    page.context.close()


@pytest.mark.parametrize(
    ("lang", "typed", "expected"),
    [("en", "afgan bordr", "Tajik"), ("tg", "хамкори", "ҳамкор"), ("ru", "обзор наркоситуации", "наркоситуаци")],
)
def test_search_finds_what_was_typed_roughly(browser: Any, server: str, lang: str, typed: str, expected: str) -> None:
    page = opened(browser, server, f"/{lang}/search/?q={typed}")
    page.locator("#search-count:not(:empty)").wait_for()
    assert page.locator("#search-results a").count() > 0
    assert expected.casefold() in page.inner_text("#search-results").casefold()
    assert re.search(r"\d", page.inner_text("#search-count"))
    page.context.close()


def test_search_loads_its_index_when_somebody_begins_to_type(browser: Any, server: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/en/search/", wait_until="networkidle")
    assert not [one for one in asked if "minisearch" in one or "index.json" in one]
    page.locator("#q").press_sequentially("border")
    page.locator("#search-results a").first.wait_for()
    assert [one for one in asked if "minisearch" in one] and [one for one in asked if "index.json" in one]
    page.close()


def test_search_says_when_it_finds_nothing(browser: Any, server: str) -> None:
    page = opened(browser, server, "/en/search/?q=zzzzqqqq")
    page.locator("#search-count:not(:empty)").wait_for()
    assert page.locator("#search-results a").count() == 0
    assert "Nothing found" in page.inner_text("#search-count")
    page.context.close()


def test_print_shows_closed_details_and_hides_the_menu(browser: Any, server: str) -> None:
    page = opened(browser, server, "/en/programmes/ccp/")
    page.emulate_media(media="print")
    assert not page.locator(".menu").is_visible()
    assert page.locator("main h1").is_visible()
    page.context.close()


# Below: what needs no browser, but the real site.


SHEET = re.compile(r'<link rel="stylesheet" href="/([^"]+)"( media="print")?>')
SCRIPT = re.compile(r'<script [^>]*src="/([^"]+)"')


@functools.cache
def weight(path: Path, quality: int = 9) -> int:
    """Bytes of a file as servers send it, compressed."""
    return len(brotli.compress(path.read_bytes(), quality=quality))


def test_every_page_with_its_style_is_at_most_14_000_bytes(real: Path) -> None:
    """So much arrives before a reader far away has to answer once. The sheet for paper is fetched after all else."""
    for path in real.rglob("*.html"):
        sheets = SHEET.findall(path.read_text(encoding="utf-8"))
        assert sheets, path
        style = sum(weight(real / name) for name, paper in sheets if not paper)
        total = weight(path, 5) + style  # quick, and never less
        total = weight(path) + style if total > 14000 else total
        hint = "let its lists show fewer entries, or tell a part of its text on a page of its own"
        assert total <= 14000, f"{path.relative_to(real)} with its style is {total} bytes: {hint}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_type_is_at_most_50_kilobytes_with_all_that_it_loads(real: Path, lang: str) -> None:
    for address in TYPES:
        path = real / lang / address if address.endswith(".html") else real / lang / address / "index.html"
        text = path.read_text(encoding="utf-8")
        loaded = [name for name, _ in SHEET.findall(text)] + SCRIPT.findall(text)
        loaded += re.findall(r'<link rel="icon" href="/([^"]+)"', text)
        loaded += re.findall(r' data-(?:library|index)="/([^"]+)"', text)  # when somebody begins to search
        assert weight(path) + sum(weight(real / name) for name in loaded) <= 50_000, address


def test_scripts_stand_only_on_pages_that_search_ask_or_moved(real: Path) -> None:
    for path in real.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for name in SCRIPT.findall(text):
            kind = re.sub(r"\.\w+\.js$", "", name.rsplit("/", 1)[1])
            where = {"form": "/add/", "search": "/search/"}.get(kind, "")
            assert f"/{path.relative_to(real)}".endswith(f"{where}index.html"), (path, name)
            assert where or (kind == "moved" and "noindex" in text), (path, name)
        assert "<script>" not in text and not re.search(r"<[^>]+ on[a-z]+=", text), path


def test_every_language_is_strict(real: Path) -> None:
    """That the site was built at all says that no translation is behind, lacks, or differs from its original."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert config["drift"] == dict.fromkeys(config["languages"][1:], "error") and config["fallback"] == []
    assert [one for one in real.rglob("*.html") if 'class="notice"' in one.read_text(encoding="utf-8")] == []


def test_every_language_has_the_same_pages(real: Path) -> None:
    trees = {lang: {str(one.relative_to(real / lang)) for one in (real / lang).rglob("*.html")} for lang in LANGUAGES}
    assert trees["en"] == trees["ru"] == trees["tg"]
    assert len(trees["en"]) > 500


def test_a_heading_has_the_abbreviation_that_the_glossary_gives_for_its_language(real: Path) -> None:
    terms = yaml.safe_load((ROOT / "content" / "glossary.yaml").read_text(encoding="utf-8"))
    seen = 0
    for term in terms.values():
        if not (term.get("page", "").startswith(("partners/", "programmes/")) and "abbreviation" in term):
            continue
        headings = {
            lang: re.findall("<h1>(.*?)</h1>", (real / lang / term["page"] / "index.html").read_text(encoding="utf-8"))[
                0
            ].replace("\u00a0", " ")
            for lang in LANGUAGES
        }
        if f"({term['abbreviation']['en']})" in headings["en"]:
            seen += 1
            assert all(term["abbreviation"][lang] in headings[lang] for lang in LANGUAGES), headings
    assert seen > 12


def test_no_page_is_an_orphan(real: Path) -> None:
    linked = set()
    for path in real.rglob("*.html"):
        linked |= set(re.findall(r' href="(/[^"#?]*)', path.read_text(encoding="utf-8")))
    for path in real.rglob("index.html"):
        address = "/" + str(path.relative_to(real)).removesuffix("index.html")
        if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8") and address != "/":
            assert address in linked, address


@pytest.mark.parametrize(
    ("scheme", "pairs"),
    [
        ("light", {"text": 7, "muted": 4.5, "link": 4.5, "visited": 4.5, "brand": 4.5}),
        ("dark", {"text": 7, "muted": 4.5, "link": 4.5, "visited": 4.5, "brand": 4.5}),
    ],
)
def test_colours_have_contrast(scheme: str, pairs: dict[str, float]) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.6, by the formula of relative luminance, over the tokens of the style sheet."""
    text = (ROOT / "static" / "css" / "1-tokens.css").read_text(encoding="utf-8")
    light, _, dark = text.partition("prefers-color-scheme: dark")
    tokens: dict[str, str] = {}
    for part in (light,) if scheme == "light" else (light, dark):
        tokens |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", part))

    def colour(name: str) -> str:
        value = tokens[name].strip()
        while match := re.fullmatch(r"var\(--([\w-]+)\)", value):
            value = tokens[match[1]].strip()
        return value

    def luminance(value: str) -> float:
        value = "#" + "".join(one * 2 for one in value[1:]) if len(value) == 4 else value
        parts = [int(value[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    drawn = {f"series-{n}": 3 for n in range(1, 5)} | dict.fromkeys(("warn", "error"), 4.5)
    fields = [(name, "page", least) for name, least in (pairs | drawn).items()]
    fields += [(f"on-tag-{name}", f"tag-{name}", 4.5) for name in ("green", "blue", "amber", "grey")]
    for name, behind, least in fields:
        front, back = luminance(colour(name)), luminance(colour(behind))
        ratio = (max(front, back) + 0.05) / (min(front, back) + 0.05)
        assert ratio >= least, (name, colour(name), ratio)


HREFLANG = re.compile(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">')
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)">')
SITE = "https://example.org"


@pytest.fixture(scope="module")
def indexed(real: Path) -> dict[str, str]:
    """Every page that may stand in an index: its address, and its HTML."""
    found = {}
    for path in real.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if 'name="robots" content="noindex"' not in text:
            found[f"{SITE}/{path.relative_to(real)}".removesuffix("index.html")] = text
    return found


def test_every_page_names_itself_and_the_same_page_in_each_language(indexed: dict[str, str]) -> None:
    for address, text in indexed.items():
        assert CANONICAL.findall(text) == [address]
        named = HREFLANG.findall(text)
        assert sorted(code for code, _ in named) == sorted([*LANGUAGES, "x-default"]), address
        for code, other in named:
            if address == f"{SITE}/" or other == f"{SITE}/":
                continue  # where the reader chooses a language
            assert other.startswith(f"{SITE}/{'en' if code == 'x-default' else code}/")
            assert (other == address) or (HREFLANG.findall(indexed[other]) == named), (address, other)


def test_the_sitemap_holds_every_page_that_may_stand_in_an_index(real: Path, indexed: dict[str, str]) -> None:
    listed = re.findall(r"<loc>([^<]+)</loc>", (real / "sitemap.xml").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed))
    assert set(listed) == set(indexed)


def graph_of(text: str) -> list[dict[str, Any]]:
    """What a page says for programs."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    rows: list[dict[str, Any]] = json.loads(found[0])["@graph"]
    assert len(found) == 1
    return rows


def identifiers(value: Any) -> Iterator[tuple[str, bool]]:
    """Every @id in a graph, and whether something is said of it there."""
    if isinstance(value, list):
        for one in value:
            yield from identifiers(one)
    elif isinstance(value, dict):
        if "@id" in value:
            yield value["@id"], len(value) > 1
        for one in value.values():
            yield from identifiers(one)


def test_what_programs_are_told_of_is_described_somewhere(indexed: dict[str, str]) -> None:
    named, described = {}, set()
    for address, text in indexed.items():
        if address != f"{SITE}/":
            for one, said in identifiers(graph_of(text)):
                named[one] = address
                described |= {one} if said else set()
    assert not {one: where for one, where in named.items() if one not in described}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_record_and_graph_of_a_programme_agree(real: Path, indexed: dict[str, str], lang: str) -> None:
    """Status, period and money as readers see them, as the record has them, and as search engines are told."""
    records = sorted((real / lang / "programmes").glob("*/index.json"))
    assert len(records) > 20
    for path in records:
        record = json.loads(path.read_text(encoding="utf-8"))
        text = indexed[f"{SITE}/{lang}/programmes/{path.parent.name}/"]
        facts = text[text.index('<dl class="facts">') : text.index("</dl>")]
        assert f'class="tag tag-{record["status"]["value"]}"' in facts, path
        graph = graph_of(text)
        project = next(one for one in graph if one["@type"] == "Project")
        page = next(one for one in graph if one["@type"] == "WebPage")
        assert project["name"] == record["title"] and page["dateModified"] == record.get("updated", record["published"])
        if record.get("period"):
            first = record["period"][0]["value"]
            assert page["temporalCoverage"] == first, path
            for year in re.findall(r"\d{4}", first):
                assert year in facts, (path, year)
        plain = re.sub(r"<[^>]+>|\D", "", facts)
        for budget in record.get("budget", ()):
            figures = re.sub(r"\D|0+$", "", f"{budget['amount']:.0f}")
            assert figures in plain, (path, budget)
