"""The form that turns answers into a file, in a real browser: what it makes must be what the check accepts."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ROOT, Workshop
from test_site import CHROMIUM, FLAGS, missing

LANGUAGES = ("en", "ru", "tg")
# What the sample site has, for the answers that must name something.
NAMED = {"partner": "agency", "source": "letter", "area": "crossing"}

browsers = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        missing("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        one = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield one
        one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample site, served."""
    made = Workshop(tmp_path_factory.mktemp("form"))
    made.change("content/en/about.md", "title: About", 'title: About\nold_addresses: ["who-we-are"]')
    made.result()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(made.output))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_address[1]}"
        one.shutdown()


class Form:
    """The form in a browser, and the code host that it opens."""

    def __init__(self, browser: Any, server: str, kind: str, lang: str = "en", **settings: Any) -> None:
        self.context = browser.new_context(**settings)
        self.opened: list[str] = []
        self.context.route("https://code.example/**", self._host)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda one: self.faults.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.faults.append(str(one)))
        self.page.goto(f"{server}/{lang}/add/#{kind}")
        if kind:
            self.page.locator("#f-name").wait_for()

    def _host(self, route: Any) -> None:
        self.opened.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<title>The code host</title>")

    def fill(self, **answers: str) -> None:
        for name, value in answers.items():
            one = self.page.locator(f"#f-{name.replace('__', '-')}")
            if one.evaluate("e => e.tagName") == "SELECT":
                one.select_option(value)
            else:
                one.fill(value)
                one.blur()

    def submit(self) -> None:
        self.page.locator("#form-rest button:not([type])").click()

    def text(self) -> str:
        return str(self.page.locator("#form-text").input_value())

    def path(self) -> str:
        return str(self.page.inner_text("#form-path"))

    def close(self) -> None:
        assert not self.faults
        self.context.close()


def put(workshop: Workshop, path: str, text: str) -> None:
    """Puts what the form made where it belongs: into a file of its own, or at the end of a shared one."""
    if path.endswith(".yaml"):
        text = workshop.read(path).rstrip("\n") + "\n" + text
    workshop.write(path, text)


@browsers
def test_an_event_is_answered_corrected_opened_and_accepted(browser: Any, server: str, workshop: Workshop) -> None:
    form = Form(browser, server, "event")
    form.fill(title="Second opening: “the bridge”", summary="It was opened again.", date="2018-02-30")
    error = form.page.locator("#f-date-error")
    assert error.inner_text() == "There is no such day in the calendar."
    assert "f-date-error" in form.page.locator("#f-date").get_attribute("aria-describedby").split()
    assert form.page.locator("#f-date").get_attribute("aria-invalid") == "true"
    assert form.page.inner_text("#form-status") == "Date: There is no such day in the calendar."
    form.fill(date="14 May 2018")
    assert error.inner_text().startswith("Write a date as 2018-05-14")
    form.fill(date="2018-05-14/2018-05-02")
    assert error.inner_text() == "The second date must come after the first."
    form.fill(date="2018-05-14")
    assert not error.is_visible() and form.page.inner_text("#form-status") == ""
    form.fill(
        type="opening",
        place="town",
        **{"areas-1": "crossing", "source-1": "letter, p. 2", "body": "It was.\n\nAnd it is [@letter]."},
    )
    form.page.get_by_role("button", name=re.compile("Add.*Participants")).click()
    form.fill(**{"parts-1-partner": "agency", "parts-1-role": "organizer"})
    with form.context.expect_page() as tab:
        form.submit()
    tab.value.wait_for_load_state()
    address = urlsplit(form.opened[-1])
    asked = parse_qs(address.query)
    assert address.path == "/sample/new/main"
    assert asked["filename"] == ["content/en/events/2018-05-14-second-opening-the-bridge.md"]
    assert asked["value"] == [form.text()]
    assert "parts:\n  - partner: agency\n    role: organizer\n" in form.text()
    workshop.one_language()
    put(workshop, asked["filename"][0], asked["value"][0])
    assert workshop.problems() == []
    form.close()


@browsers
def test_what_the_form_demands_is_enough_for_the_check(browser: Any, server: str, workshop: Workshop) -> None:
    """Every kind, only the answers that are required, each with the example that the form shows."""
    workshop.one_language()
    for kind in ("programme", "partner", "law", "area", "page", "source", "place", "milestone", "term"):
        form = Form(browser, server, kind)
        for _ in range(3):  # a second look: what is demanded may depend on what was answered
            form.submit()
            if not form.page.locator("#form-faults").is_visible():
                break
            for link in form.page.locator("#form-faults a").all():
                answer(form.page.locator(link.get_attribute("href")))
        assert not form.page.locator("#form-faults").is_visible(), form.page.inner_text("#form-faults")
        put(workshop, form.path(), form.text())
        form.close()
    problems = workshop.problems()
    assert not [one for one in problems if "unused-source" not in one], problems


def answer(one: Any) -> None:
    """Answers a question of the form with its example, or with what the sample site has."""
    if one.evaluate("e => e.tagName") == "SELECT":
        one.select_option(index=1)
        return
    named = NAMED.get((one.get_attribute("list") or "").removeprefix("names-"))
    example = one.evaluate(
        """e => { const help = document.getElementById(e.getAttribute('aria-describedby').split(' ')[0]);
        return (help.querySelector('code') || {}).textContent || '' }"""
    )
    one.fill(named or example.split(": ")[-1] or "something-new")


@browsers
def test_an_entry_is_copied_for_the_shared_file(browser: Any, server: str, workshop: Workshop) -> None:
    form = Form(browser, server, "source", permissions=["clipboard-read", "clipboard-write"])
    form.fill(title="A: new report", publisher="Bridge Office", language="en", url="www.example.org", type="un")
    assert form.page.locator("#f-url-error").inner_text().startswith("Write an address that begins with https://")
    form.fill(url="https://www.example.org/report")
    form.submit()
    form.page.wait_for_function("() => document.getElementById('form-status').textContent")
    assert form.opened == []
    assert (
        form.page.locator("#form-link").get_attribute("href")
        == "https://code.example/sample/edit/main/content/sources.yaml"
    )
    copied = form.page.evaluate("navigator.clipboard.readText()")
    assert copied == form.text() and copied.startswith('a-new-report:\n  title: "A: new report"\n')
    form.close()


@browsers
def test_a_text_too_long_for_an_address_is_copied(browser: Any, server: str) -> None:
    form = Form(browser, server, "page", permissions=["clipboard-read", "clipboard-write"])
    form.fill(title="Long", summary="Long.", **{"body": "Many words. " * 800})
    form.submit()
    form.page.wait_for_function("() => document.getElementById('form-status').textContent")
    link = form.page.locator("#form-link").get_attribute("href")
    assert link == "https://code.example/sample/new/main?filename=content%2Fen%2Flong.md"
    assert "too long" in form.page.inner_text("#form-next")
    assert form.page.evaluate("navigator.clipboard.readText()") == form.text()
    form.close()


@browsers
def test_the_form_works_by_keyboard_and_leads_to_what_is_wrong(browser: Any, server: str) -> None:
    form = Form(browser, server, "")
    page = form.page
    page.locator("#form-kind").focus()
    page.keyboard.type("Ev")  # as a select is used by keyboard
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("#f-name").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "f-title"
    page.keyboard.press("Enter")
    faults = page.locator("#form-faults")
    assert page.evaluate("document.activeElement.id") == "form-faults"
    assert faults.get_attribute("role") == "alert" and "To be corrected:" in faults.inner_text()
    assert "Date: Please fill this in." in faults.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "f-title"
    form.close()


@browsers
def test_a_name_that_is_not_published_is_doubted_but_may_stay(browser: Any, server: str) -> None:
    form = Form(browser, server, "event")
    form.fill(title="T", summary="S.", date="2018", type="other", **{"source-1": "new-letter"})
    assert "“new-letter” is not on the published list" in form.page.inner_text("#f-source-1-error")
    assert form.page.locator("#names-partner option").first.get_attribute("value") == "agency"
    with form.context.expect_page():
        form.submit()
    form.close()


@browsers
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_in_the_form(browser: Any, server: str, lang: str) -> None:
    script = os.environ.get("AXE", "")
    if not script or not Path(script).exists():
        missing("AXE does not name a copy of axe.min.js")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for kind, width, scheme in (("", 320, "light"), ("programme", 320, "dark"), ("event", 1280, "light")):
        form = Form(
            browser, server, kind, lang, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        if kind:
            for button in form.page.locator("fieldset.list > button").all():
                button.click()
            form.submit()
        form.page.add_script_tag(path=script)
        found = form.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", tags)
        seen = [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
        assert not seen, (kind, seen)
        assert form.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        form.close()


@browsers
@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_and_errors_are_in_the_language_of_the_page(browser: Any, server: str, lang: str) -> None:
    form = Form(browser, server, "event", lang)
    form.page.locator("#f-date").press_sequentially("tomorrow")
    form.page.locator("#f-date-error").wait_for()  # shown as one types, without leaving the field
    said = {"en": "Date", "ru": "Дата", "tg": "Сана"}[lang]
    assert form.page.locator("label[for=f-date]").inner_text().startswith(said)
    wrong = {"en": "Write a date", "ru": "Введите дату", "tg": "Санаро чунин нависед"}[lang]
    assert form.page.inner_text("#f-date-error").startswith(wrong)
    form.close()


@browsers
def test_without_scripts_the_form_is_not_shown_and_links_begin_the_files(browser: Any, server: str) -> None:
    form = Form(browser, server, "", java_script_enabled=False)
    assert not form.page.locator("#form").is_visible()
    links = form.page.locator("#by-hand a")
    assert links.count() == 10 and all(one.is_visible() for one in links.all())
    form.close()


@browsers
def test_an_old_address_leads_on_and_keeps_the_fragment(browser: Any, server: str) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{server}/ru/who-we-are/?from=x#about-page")
    page.wait_for_url("**/ru/about/?from=x#about-page")
    page.context.close()


# Below: what needs no browser.


def test_the_script_is_small_and_loads_only_where_the_form_is(sample: dict[str, str]) -> None:
    assert len(gzip.compress((ROOT / "static" / "js" / "form.js").read_bytes(), 9)) <= 6 * 1024
    pages = {path for path, text in sample.items() if path.endswith(".html") and "js/form." in text}
    assert pages == {f"{one}/add/index.html" for one in LANGUAGES}
