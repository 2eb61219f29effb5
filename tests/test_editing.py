"""What editors, translators and reviewers ask of the program besides building."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
from conftest import ROOT, TODAY, Workshop

from builder import handbook, kinds, load, translate
from builder.model import Problem
from builder.site import DESCRIBED, FOLDER_OF, SHARED_OF

ABOUT = "content/en/about.md"
BRIDGE = "content/en/programmes/bridge.md"
RU_BRIDGE = "content/ru/programmes/bridge.md"


def git(workshop: Workshop, *words: str) -> None:
    command = ["git", "-C", str(workshop.root), "-c", "user.name=T", "-c", "user.email=t@example.org", *words]
    subprocess.run(command, check=True, capture_output=True)


# Beginning a page


def test_every_kind_is_described_once() -> None:
    assert sorted(DESCRIBED) == sorted(one["name"] for one in handbook.described())


@pytest.mark.parametrize("kind", list(kinds.KINDS))
def test_a_new_page_of_every_kind_has_every_field_with_its_help(workshop: Workshop, kind: str) -> None:
    done = workshop.run("new", kind, "something-new")
    assert done.returncode == 0, done.stderr
    text = workshop.read(done.stdout.strip())
    for name, info in kinds.KINDS[kind].model_fields.items():
        assert f"{name}:" in text, name
        assert info.description and f"# {info.description}" in text, name
    assert "reviewed: 2026-11-24" in text


@pytest.mark.parametrize("kind", list(kinds.KINDS))
def test_the_examples_of_every_kind_make_a_page_that_can_be_read(workshop: Workshop, kind: str) -> None:
    """Every field with its example: what remains are only names that the sample does not have."""
    workshop.one_language()
    folder = {"programme": "programmes", "partner": "partners", "area": "areas", "event": "events", "law": "law"}.get(
        kind, ""
    )
    name = "something/index" if kind == "section" else "something"
    path = "/".join(one for one in ("content/en", folder, name) if one) + ".md"
    rows = list(handbook.fields(kinds.KINDS[kind]))
    front = "\n".join(
        one["example"] for one in rows if one["example"] and one["name"] not in ("updated", "old_addresses")
    )
    workshop.write(path, f"---\n{front}\n---\n\nText [@letter].\n")
    codes = {one.split(": ")[1] for one in workshop.problems() if one.startswith(path)}
    assert codes <= {"dangling-reference", "unknown-source"}, workshop.problems()


@pytest.mark.parametrize("kind", list(kinds.ENTRIES))
def test_a_new_entry_of_every_kind_has_every_field_and_no_invented_value(workshop: Workshop, kind: str) -> None:
    workshop.one_language()
    done = workshop.run("new", kind, "something-new")
    assert done.returncode == 0, done.stderr
    text = workshop.read(done.stdout.strip())
    text = text[text.find("something-new:") :] if kind != "figure" else text
    for name, info in kinds.ENTRIES[kind].model_fields.items():
        assert f"{name}:" in text and f"# {info.description}" in text, name
    # what must be filled in is named, line by line
    needed = {name for name, info in kinds.ENTRIES[kind].model_fields.items() if info.is_required()} - {"accessed"}
    found = [one for one in workshop.problems() if one.startswith(done.stdout.strip())]
    assert all(any(f" {name}" in one for one in found) for name in needed), found
    again = workshop.run("new", kind, "something-new")
    assert again.returncode == 2 and "exists already" in again.stderr


def test_a_language_begins_the_translation_of_a_page_of_any_kind(workshop: Workshop) -> None:
    workshop.remove(RU_BRIDGE)
    done = workshop.run("new", "programme", "bridge", "--lang", "ru")
    assert done.stdout.strip() == RU_BRIDGE and "sections:" in workshop.read(RU_BRIDGE)
    for words, said in {
        ("event", "nothing", "--lang", "ru"): "nothing-to-translate: there is no page 'events/nothing' to translate",
        ("translation", "about"): "no-language: into which language is not said\n    Add --lang ru or tg.",
        ("programme", "bridge", "--lang", "en"): "no-language: 'en' is no language of translations",
    }.items():
        done = workshop.run("new", *words)
        assert done.returncode == 2 and said in done.stderr, words


def test_a_new_entry_begins_on_a_line_of_its_own(workshop: Workshop) -> None:
    workshop.write("content/places.yaml", workshop.read("content/places.yaml").rstrip("\n"))
    workshop.run("new", "place", "new-town")
    assert all(one.startswith("content/places.yaml:") and "no-value" in one for one in workshop.problems())


def test_a_new_page_does_not_overwrite_another(workshop: Workshop) -> None:
    done = workshop.run("new", "page", "about")
    assert done.returncode == 2
    assert "content/en/about.md: exists: exists already" in done.stderr


def test_a_new_page_of_an_unknown_kind_names_the_kinds(workshop: Workshop) -> None:
    for kind, hint in {"projekt": "The kinds are: programme, partner, area", "evnt": "Did you mean 'event'?"}.items():
        done = workshop.run("new", kind, "x")
        assert done.returncode == 2
        assert f"'{kind}' is not a kind of page" in done.stderr and hint in done.stderr


def test_a_new_page_with_a_bad_name_is_refused(workshop: Workshop) -> None:
    for name in ("../../escaped", "Über", "a b"):
        done = workshop.run("new", "page", name)
        assert done.returncode == 2 and "wrong-name" in done.stderr, name


def test_a_new_translation_holds_the_words_to_translate_and_the_pins(workshop: Workshop) -> None:
    workshop.remove(RU_BRIDGE)
    done = workshop.run("new", "translation", "programmes/bridge", "--lang", "ru")
    assert done.stdout.strip() == RU_BRIDGE
    text = workshop.read(RU_BRIDGE)
    assert "# Bridge programme" in text and '"The bridge of 2018.": ' in text
    assert "sections:" in text and "what-it-does" in text
    # what is left to do: the text is English still, with its English month
    assert all("parity" in one for one in workshop.problems())


# Translations


def test_a_changed_section_is_behind_until_it_is_pinned_again(workshop: Workshop) -> None:
    workshop.change(BRIDGE, "It goes on", "It still goes on")
    found = workshop.problems()
    assert [one.split(":")[0] for one in found] == [RU_BRIDGE, RU_BRIDGE.replace("/ru/", "/tg/")]
    assert f"behind: is behind {BRIDGE} in 'What became of it'" in found[0]
    assert "python build.py translated" in workshop.hints()[0]
    done = workshop.run(
        "translated", str(workshop.path(RU_BRIDGE)), str(workshop.path(RU_BRIDGE.replace("/ru/", "/tg/")))
    )
    assert done.returncode == 0, done.stderr
    assert workshop.problems() == []


def test_the_pin_can_be_written_by_hand_as_the_hint_says(workshop: Workshop) -> None:
    """For those who edit at the code host and can run nothing."""
    workshop.change(BRIDGE, "It goes on", "It still goes on")
    for path, hint in zip((RU_BRIDGE, RU_BRIDGE.replace("/ru/", "/tg/")), workshop.hints(), strict=True):
        key, pin = re.findall(r'write under sections: ([\w-]+): "(\w+)"', hint)[0]
        workshop.write(path, re.sub(rf'(\n  {key}: )"\w+"', rf'\1"{pin}"', workshop.read(path)))
    assert workshop.problems() == []


def test_pinning_changes_nothing_but_the_pins(workshop: Workshop) -> None:
    before = workshop.read(RU_BRIDGE)
    workshop.run("translated", str(workshop.path(RU_BRIDGE)))
    assert workshop.read(RU_BRIDGE) == before


def test_an_original_cannot_be_pinned(workshop: Workshop) -> None:
    done = workshop.run("translated", str(workshop.path(BRIDGE)))
    assert done.returncode == 2 and "not-a-translation" in done.stderr


LINK = '<a href="/en/programmes/bridge/{}" hreflang="en" lang="en">{}</a>.'


@pytest.mark.parametrize(
    ("old", "new", "named", "told"),
    [
        ("It goes on", "It still goes on", "What became of it", LINK.format("#what-became-of-it", "What became of it")),
        (
            "## What became of it",
            "## What is new\n\nMuch [@letter].\n\n## What became of it",
            "What is new",
            LINK.format("#what-is-new", "What is new").replace("<a", '<a id="what-is-new"'),
        ),
        (
            "## What became of it\n\nIt goes on [@letter].\n",
            "",
            "Что с ней стало (removed)",
            '<a href="#what-became-of-it">Что с ней стало</a> (в оригинале этого раздела больше нет).',
        ),
        ("title: Bridge programme", "title: Programme of bridges", "title", LINK.format("", "Programme of bridges")),
    ],
    ids=["changed", "added", "removed", "title"],
)
def test_where_drift_is_allowed_readers_are_told_which_section_is_behind(
    workshop: Workshop, old: str, new: str, named: str, told: str
) -> None:
    workshop.change("config.yaml", "drift: {ru: error, tg: error}", "drift: {ru: warn, tg: allow}")
    workshop.change(BRIDGE, old, new)
    warnings = workshop.result().warnings
    assert [str(one) for one in warnings] == [f"{RU_BRIDGE}:10:1: behind: is behind {BRIDGE} in '{named}'"]
    site = workshop.published()
    behind = [path for path, text in site.items() if 'class="notice"' in text]
    assert behind == [f"{lang}/programmes/bridge/index.html" for lang in ("ru", "tg")]
    assert told in site["ru/programmes/bridge/index.html"]
    assert '<h2 id="what-became-of-it">Что с ней стало' in site["ru/programmes/bridge/index.html"]
    assert f"ru: behind in {named}\n" in translate.table(translate.status(str(workshop.root), TODAY))


def test_a_section_that_the_original_lost_is_behind_until_it_goes(workshop: Workshop) -> None:
    workshop.change(BRIDGE, "## What became of it\n\nIt goes on [@letter].\n", "")
    assert any(one.endswith("in 'Что с ней стало (removed)'") for one in workshop.problems())
    assert any("Bring it up to date and remove there: what-became-of-it (or" in one for one in workshop.hints())
    for lang, text in (("ru", "## Что с ней стало\n\nОна продолжается"), ("tg", "## Сарнавишти он\n\nОн идома дорад")):
        path = BRIDGE.replace("/en/", f"/{lang}/")
        workshop.change(path, f"{text} [@letter].\n", "")
        translate.pin(str(workshop.root), [str(workshop.path(path))])
    assert workshop.problems() == []
    assert "what-became-of-it" not in workshop.read(RU_BRIDGE)


def test_a_page_that_lacks_is_a_warning_or_nothing_where_drift_is_allowed(workshop: Workshop) -> None:
    workshop.change("config.yaml", "drift: {ru: error, tg: error}", "drift: {ru: warn, tg: allow}")
    workshop.remove("content/ru/about.md", "content/tg/about.md")
    warnings = workshop.result().warnings
    assert [str(one) for one in warnings] == [
        "content/ru/about.md: not-translated: the page 'about' has no text in 'ru'"
    ]
    site = workshop.published()
    assert "en/about/index.html" in site and "ru/about/index.html" not in site and "tg/about/index.html" not in site
    assert 'hreflang="ru"' not in site["en/about/index.html"]


def test_status_names_what_is_behind_missing_and_overdue(workshop: Workshop) -> None:
    workshop.change(BRIDGE, "It goes on", "It still goes on")
    workshop.remove("content/tg/about.md")
    text = workshop.run("status", "--as-of", "2028-01-01").stdout
    assert "ru: behind in What became of it" in text
    assert re.search(r"\nru: \d+ up to date, 1 behind, 0 missing; ", text)
    assert re.search(r"\ntg: \d+ up to date, 1 behind, 1 missing; ", text)
    assert "0 reviewed by a native editor" in text
    assert re.search(r"(\d+) of \1 pages overdue for review: .*about \(2027-05-24\)", text)
    rows = json.loads(workshop.run("status", "--format", "json").stdout)
    bridge = next(row for row in rows if row["page"] == "programmes/bridge")
    assert bridge["languages"]["ru"]["state"] == "behind"
    assert bridge["languages"]["ru"]["sections"] == ["What became of it"]
    about = next(row for row in rows if row["page"] == "about")
    assert about["languages"]["tg"]["state"] == "missing" and about["languages"]["ru"]["state"] == "up to date"


def test_the_clock_can_be_moved_to_see_what_is_due(workshop: Workshop) -> None:
    for day, overdue, due in (("2027-04-01", 0, 0), ("2027-05-01", 0, 1), ("2027-05-24", 0, 1), ("2027-05-25", 1, 0)):
        rows = json.loads(workshop.run("status", "--format", "json", "--as-of", day).stdout)
        about = next(row for row in rows if row["page"] == "about")
        assert (about["overdue"], about["due"]) == (bool(overdue), bool(due)), day
    text = workshop.run("status", "--as-of", "2027-05-01").stdout
    assert "0 of " in text and "pages due for review within 30 days: about (2027-05-24)" in text


@pytest.mark.parametrize(
    "changes",
    [
        [  # a number, a locator, a page
            ("10 мостов", "12 мостов", "23): only here 12; only there 10"),
            ("[@report, p. 7]", "[@report, p. 8]", "23): only here [@report, p. 8]; only there [@report, p. 7]"),
            (
                "../events/2018-05-opening.md", "../law/river-law.md",
                "27): only here ../law/river-law.md; only there ../events/2018-05-opening.md",
            ),
        ],
        [  # a month by its name, a citation, an anchor
            ("5 октября 2018 года", "5 ноября 2018 года", "23): only here month 11; only there month 10"),
            ("[@letter] и МБ", "и МБ", "23): only there [@letter]"),
            ("agency.md#its-part", "agency.md", "27): only here ../partners/agency.md; only there ../partners/agency.md#its-part"),
        ],
        [("5 октября 2018 года", "6 октября 2018 года", "23): only here 6; only there 5")],
    ],
)  # fmt: skip
def test_a_translation_that_says_something_else_is_a_problem_with_both_lines(
    workshop: Workshop, changes: list[tuple[str, str, str]]
) -> None:
    for old, new, _ in changes:
        workshop.change(RU_BRIDGE, old, new)
    found = workshop.problems()
    for (_, _, said), what in zip(changes, ("numbers or dates", "citations", "links"), strict=False):
        line = "22" if what == "links" else "18"
        assert f"{RU_BRIDGE}:{line}:1: parity: {what} differ from the original ({BRIDGE}:{said}" in found
    assert len(found) == len(changes)


def test_another_image_in_a_translation_is_a_problem(workshop: Workshop) -> None:
    workshop.write("static/images/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    workshop.write("static/images/b.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    for path, text in ((BRIDGE, "built 10"), (RU_BRIDGE, "построило 10"), (BRIDGE.replace("/en/", "/tg/"), "10 пул")):
        workshop.change(path, text, f"![1](../../../static/images/{'b' if path == RU_BRIDGE else 'a'}.svg) {text}")
    found = [one for one in workshop.problems() if "parity" in one]
    assert len(found) == 1
    assert found[0].startswith(RU_BRIDGE) and "/images/b.svg" in found[0]


def test_numbers_agree_whatever_their_separators_are(workshop: Workshop) -> None:
    workshop.change(BRIDGE, "built 10 bridges", "built 1,234.5 km of 20,000 bridges")
    for lang, old, new in (
        ("ru", "построило 10", "построило 1234,5 км из 20\u00a0000"),
        ("tg", "10 пул", "1234,5 км аз 20\u00a0000 пул"),
    ):
        workshop.change(BRIDGE.replace("/en/", f"/{lang}/"), old, new)
        workshop.run("translated", str(workshop.path(BRIDGE.replace("/en/", f"/{lang}/"))))
    assert workshop.problems() == []


def test_a_difference_that_is_meant_can_be_excused_with_a_reason(workshop: Workshop) -> None:
    workshop.change(RU_BRIDGE, "10 мостов", "десять мостов")
    assert any("parity" in one for one in workshop.problems())
    workshop.change(RU_BRIDGE, "---\ntitle:", '---\nexcused: {"10": "Словом, как принято."}\ntitle:')
    assert workshop.problems() == []


def test_an_excuse_is_for_what_it_names_and_needs_a_reason(workshop: Workshop) -> None:
    workshop.change(RU_BRIDGE, "../events/2018-05-opening.md", "../law/river-law.md")
    workshop.change(RU_BRIDGE, "10 мостов", "12 мостов")
    workshop.change(RU_BRIDGE, "---\ntitle:", "---\nexcused:\n  ../law/river-law.md: Причина.\n  10:\ntitle:")
    assert [one.partition(": ")[2] for one in workshop.problems()] == ["no-value: excused.10 has no value"]
    workshop.change(RU_BRIDGE, "  10:\n", "  ../events/2018-05-opening.md: Причина.\n")
    assert [one.rpartition(": ")[2] for one in workshop.problems()] == ["only here 12; only there 10"]


def test_words_outside_the_text_agree_too(workshop: Workshop) -> None:
    workshop.change(RU_BRIDGE, "с 1998 года", "с 1999 года")
    workshop.change(RU_BRIDGE, "Мост 2018 года.", "Мост 2019 года.")
    workshop.change("content/contacts.yaml", 'ru: "Речная улица, 1", tg: "кӯчаи Дарё, 1"', 'ru: "Речная улица, 2"')
    assert sorted(workshop.problems()) == [
        "content/contacts.yaml:5:12: missing-word: “1 River Street” has no words in 'tg'",
        "content/contacts.yaml:5:12: parity: numbers in 'ru' differ from 'en': only here 2; only there 1",
        f"{RU_BRIDGE}:3:1: parity: numbers of the summary differ from the original: only here 1999; only there 1998",
        f"{RU_BRIDGE}:4:1: parity: numbers of “The bridge of 2018.” differ: only here 2019; only there 2018",
    ]


def test_another_outline_is_a_problem(workshop: Workshop) -> None:
    tajik, agency = BRIDGE.replace("/en/", "/tg/"), "content/ru/partners/agency.md"
    workshop.change(RU_BRIDGE, "### Где", "## Где")
    workshop.change(tajik, "## Сарнавишти он\n\n", "")
    workshop.write(agency, workshop.read(agency) + "\n## Ещё\n\nСлово.\n")
    line = workshop.read(agency).split("\n").index("## Ещё") + 1
    there = "content/en/partners/agency.md"
    assert sorted(one for one in workshop.problems() if "outline" in one) == [
        f"{agency}:{line}:1: outline: the headings differ from {there}: 'Ещё' (line {line}) stands only in this file",
        f"{RU_BRIDGE}:22:1: outline: heading 'Где' is on another level than 'Where' ({BRIDGE}:27)",
        f"{tajik}:17:1: outline: the headings differ from {BRIDGE}: 'What became of it' (line 31) stands only in {BRIDGE}",
    ]


def test_a_fact_in_a_translation_is_a_problem_with_its_line(workshop: Workshop) -> None:
    workshop.change(RU_BRIDGE, "---\ntitle:", "---\nscope: national\ntitle:")
    assert f"{RU_BRIDGE}:2:1: unknown-field: scope is not a field of a translation (facts come from the original)" in (
        workshop.problems()
    )


def test_untranslated_words_inside_facts_are_named(workshop: Workshop) -> None:
    workshop.change(BRIDGE, "covers: The bridge of 2018.", "covers: The new bridge of 2018.")
    assert any("missing-word: “The new bridge of 2018.” is not translated" in one for one in workshop.problems())
    assert 'Add under words: "The new bridge of 2018.": "…"' in workshop.hints()


def test_a_missing_word_of_the_interface_names_the_english_and_the_file(workshop: Workshop) -> None:
    text = workshop.read("content/tg/interface.yaml")
    line = next(one for one in text.split("\n") if one.startswith("skip:"))
    workshop.change("content/tg/interface.yaml", line + "\n", "")
    found = workshop.problems()
    assert len(found) == 1 and found[0].startswith(
        "content/tg/interface.yaml: missing-word: the word 'skip' is missing; in en: “"
    )
    assert workshop.hints() == ['Add to content/tg/interface.yaml: skip: "…"']


def test_look_alike_letters_are_found(workshop: Workshop) -> None:
    workshop.change("content/tg/about.md", "Барои санҷиш", "Барои санљиш")
    assert any("content/tg/about.md:" in one and "spelling" in one and "санљиш" in one for one in workshop.problems())


def test_a_form_that_the_glossary_avoids_is_found(workshop: Workshop) -> None:
    workshop.change("content/ru/about.md", "Сделано", "Мостконтора сделано")
    assert any("'мостконтора' is not the form that this site uses" in one for one in workshop.problems())
    assert "Write 'Мостовое бюро'." in workshop.hints()


def test_a_missing_page_may_show_the_original_with_a_notice(workshop: Workshop) -> None:
    workshop.remove("content/tg/about.md")
    assert workshop.problems() == ["content/tg/about.md: not-translated: the page 'about' has no text in 'tg'"]
    workshop.change("config.yaml", "drift:", "fallback: [tg]\ndrift:")
    site = workshop.build()
    page = site["tg/about/index.html"]
    assert '<div lang="en">' in page and '<h1 lang="en">About</h1>' in page
    assert '<p class="lead" lang="en">About the sample.</p>' in page
    assert '"description":"About the sample.","inLanguage":"en"' in page
    assert '<div class="notice" role="note">\n<p>Ин саҳифа ҳанӯз тарҷума нашудааст' in page
    assert '<link rel="canonical" href="https://sample.example/en/about/">' in page
    told = ("sitemap.xml", "tg/search/index.json", "tg/feed.xml")
    assert [path for path in told if "/tg/about/" in site[path] or "tg/about" in site[path]] == []
    assert "/tg/events/" in site["sitemap.xml"] and "/tg/events/" in site["tg/feed.xml"]
    assert "/ru/about/" in site["sitemap.xml"] and "/ru/about/" in site["ru/feed.xml"]
    assert '<link rel="alternate" hreflang="tg"' not in site["en/about/index.html"]
    assert '<link rel="alternate" hreflang="ru"' in site["en/about/index.html"]


def test_a_page_in_a_language_that_the_site_has_not_is_a_problem(workshop: Workshop) -> None:
    workshop.write("content/fr/about.md", workshop.read("content/ru/about.md"))
    assert workshop.problems() == ["content/fr/about.md: unknown-language: 'fr' is not a language of the site"]


def test_a_text_that_stands_in_for_a_translation_explains_abbreviations_in_its_own_language(workshop: Workshop) -> None:
    workshop.remove("content/tg/programmes/bridge.md")
    workshop.change("config.yaml", "drift:", "fallback: [tg]\ndrift:")
    page = workshop.build()["tg/programmes/bridge/index.html"]
    assert '<div lang="en">' in page and '<abbr title="Bridge Office">BO</abbr>' in page


# Addresses


def test_a_page_cannot_vanish_once_its_address_is_in_the_ledger(workshop: Workshop) -> None:
    workshop.one_language()
    assert workshop.run("addresses").returncode == 0
    assert workshop.problems() == []
    workshop.remove(ABOUT)
    assert any(
        "lost-address: the address 'about' was published and leads nowhere now" in one for one in workshop.problems()
    )
    assert (
        'Add old_addresses: ["about"] to the page that took its place, or to the list that it stood in.'
        in workshop.hints()
    )


def test_a_renamed_page_is_found_at_its_old_address(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.run("addresses")
    text = workshop.read(ABOUT).replace("title: About", 'title: About\nold_addresses: ["about"]')
    workshop.remove(ABOUT)
    workshop.write("content/en/who-we-are.md", text)
    workshop.run("addresses")
    site = workshop.build()
    moved = site["en/about/index.html"]
    assert 'content="1; url=/en/who-we-are/"' in moved and "moved." in moved
    assert "/en/about/* /en/who-we-are/ 301" in site["_redirects"]
    assert "location = /en/about/ { return 301 /en/who-we-are/; }" in site["redirects.nginx.conf"]


def test_an_address_that_the_ledger_does_not_know_yet_is_a_warning(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.run("addresses")
    workshop.write("content/en/more.md", workshop.read(ABOUT))
    assert workshop.problems() == ["content/en/more.md: new-address: 'more' is not in content/addresses.txt yet"]


# Reviewing


def test_a_reviewer_sees_facts_with_old_new_source_and_date(workshop: Workshop) -> None:
    git(workshop, "init", "-q")
    git(workshop, "add", "-A")
    git(workshop, "commit", "-qm", "before")
    workshop.change(
        BRIDGE,
        'status: {value: current, as_of: "2019-03-12", source: letter}',
        'status: {value: completed, as_of: "2020-01-01", source: report}',
    )
    workshop.change(BRIDGE, "It goes on", "It ended")
    workshop.remove("content/en/law/river-law.md", "content/ru/law/river-law.md", "content/tg/law/river-law.md")
    workshop.write("content/en/new.md", workshop.read(ABOUT).replace("title: About", "title: Something new"))
    done = workshop.run("diff", "HEAD")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "### Facts changed" in text
    assert "**status**: value: current (letter, as of 2019-03-12) → value: completed (report, as of 2020-01-01)" in text
    assert "### Pages added (1)" in text and "Something new (`content/en/new.md`)" in text
    assert "### Pages removed (3)" in text and "### Addresses lost" in text
    assert "`law/river-law`: no page names it in `old_addresses`" in text
    assert "### Translations that fell behind" in text and "What became of it" in text


def test_an_old_address_that_is_no_longer_named_is_told_to_the_reviewer(workshop: Workshop, tmp_path: Path) -> None:
    workshop.change(ABOUT, "title: About", "title: About\nold_addresses: [who-we-are]")
    shutil.copytree(workshop.root, tmp_path / "before")
    workshop.change(ABOUT, "old_addresses: [who-we-are]\n", "")
    text = workshop.run("diff", str(tmp_path / "before")).stdout
    assert "### Addresses lost (1)\n\n- `who-we-are`: no page names it in `old_addresses`" in text


def test_nothing_changed_says_so(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert "Nothing that readers see." in workshop.run("diff", str(workshop.root)).stdout


def test_a_base_that_is_not_there_is_a_problem(workshop: Workshop) -> None:
    git(workshop, "init", "-q")
    done = workshop.run("diff", "no-such-branch")
    assert done.returncode == 2 and "no-base" in done.stderr


def test_markdown_in_a_strangers_title_stays_text_in_the_review(
    workshop: Workshop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = tmp_path_factory.mktemp("before") / "site"
    shutil.copytree(workshop.root, before)
    workshop.change(ABOUT, "title: About", 'title: "<img src=x> [click](https://evil.example)"')
    text = workshop.run("diff", str(before)).stdout
    assert "<img" not in text.replace("\\<img", "") and "[click]" not in text.replace("\\[click\\]", "")


def test_a_reviewer_sees_sources_and_the_base_may_be_a_folder(
    workshop: Workshop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = tmp_path_factory.mktemp("before") / "site"
    shutil.copytree(workshop.root, before)
    workshop.run("new", "source", "new-letter")
    entry = "new-letter:\n  title: T\n  publisher: P\n  language: en\n  accessed: 2026-11-24\n  type: un\n"
    sources = workshop.read("content/sources.yaml")
    workshop.write("content/sources.yaml", sources[: sources.index("new-letter:")] + entry)
    workshop.change("content/places.yaml", "source: letter", "source: new-letter")
    workshop.change("content/figures/bridges.yaml", 'value: "6"', 'value: "7"')
    workshop.change("content/en/events/2018-05-opening.md", "type: opening", "type: visit")
    summary = tmp_path_factory.mktemp("summary") / "step.md"
    done = workshop.run("diff", str(before), GITHUB_STEP_SUMMARY=str(summary))
    assert "### Sources added (1)\n\n- `new-letter`: T. P, undated" in done.stdout
    assert re.search(r"`content/figures/bridges.yaml` .*6.* → .*7", done.stdout), done.stdout
    assert "**type**: opening (letter, for the whole page) → visit (letter, for the whole page)" in done.stdout
    assert "new-letter.title" not in done.stdout  # said once
    assert summary.read_text(encoding="utf-8") == done.stdout


# Problems in every format


def broken(workshop: Workshop) -> None:
    """An error in two files and two warnings: one of the errors in a file that was changed last."""
    workshop.one_language()
    workshop.run("addresses")
    git(workshop, "init", "-q")
    workshop.change(ABOUT, "title: About", "titel: About")
    git(workshop, "add", "-A")
    git(workshop, "commit", "-qm", "before")
    workshop.write("content/en/more.md", "---\ntitle: More\nsummary: More.\npublished: 2026-11-24\n---\n\nMore.\n")
    workshop.change(BRIDGE, "scope:", "scoop:")
    git(workshop, "add", "-A")


def test_the_code_host_is_told_the_worst_and_the_changed_first_and_all_of_it_in_the_summary(workshop: Workshop) -> None:
    broken(workshop)
    summary = workshop.path("../step.md")
    done = workshop.run("check", "--format", "github", "--changed", "HEAD", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    lines = done.stdout.strip().split("\n")
    assert all(re.fullmatch(r"::(error|warning) file=[^,]+,line=\d+,col=\d+,title=[\w-]+::.+", one) for one in lines)
    assert lines[0].startswith(f"::error file={BRIDGE},line=")  # changed, before the others
    assert any(one.startswith(f"::error file={ABOUT},line=2,col=1,title=unknown-field::titel is not") for one in lines)
    levels = [one.split(" ")[0] for one in lines]
    assert levels == sorted(levels) and levels[-1] == "::warning"
    told = summary.read_text(encoding="utf-8")
    assert told.startswith("## ") and told.count("\n| `content/") == len(lines)
    assert f"| `{ABOUT}:2` | titel is not a field of a page |" in told


def test_problems_as_json(workshop: Workshop) -> None:
    broken(workshop)
    done = workshop.run("check", "--format", "json")
    rows = json.loads(done.stdout)
    assert done.returncode == 1
    wrong = next(one for one in rows if one["path"] == ABOUT and one["code"] == "unknown-field")
    assert (wrong["line"], wrong["column"], wrong["severity"]) == (2, 1, "error") and "title" in wrong["hint"]
    assert {one["severity"] for one in rows} == {"error", "warning"}


# What SARIF 2.1.0 demands of the objects that are written here (OASIS, sections 3.13 to 3.30): nothing else in them,
# and the types and limits of what is.
SARIF_TEXT = {
    "type": "object", "additionalProperties": False, "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
}  # fmt: skip
SARIF_LOCATION = {
    "type": "object", "additionalProperties": False, "required": ["physicalLocation"],
    "properties": {"physicalLocation": {
        "type": "object", "additionalProperties": False, "required": ["artifactLocation", "region"],
        "properties": {
            "artifactLocation": {
                "type": "object", "additionalProperties": False, "required": ["uri"],
                "properties": {"uri": {"type": "string", "pattern": r"^[\w.~!$&'()*+,;=:@%/-]+$"}, "uriBaseId": {"type": "string"}},
            },
            "region": {
                "type": "object", "additionalProperties": False, "required": ["startLine"],
                "properties": {"startLine": {"type": "integer", "minimum": 1}, "startColumn": {"type": "integer", "minimum": 1}},
            },
        },
    }},
}  # fmt: skip
SARIF = {
    "type": "object", "additionalProperties": False, "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "pattern": r"/sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "additionalProperties": False, "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "type": "object", "additionalProperties": False, "required": ["driver"],
                    "properties": {"driver": {
                        "type": "object", "additionalProperties": False, "required": ["name"],
                        "properties": {"name": {"type": "string"}, "rules": {
                            "type": "array", "uniqueItems": True, "items": {
                                "type": "object", "additionalProperties": False, "required": ["id"],
                                "properties": {"id": {"type": "string"}, "shortDescription": SARIF_TEXT},
                            },
                        }},
                    }},
                },
                "results": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False, "required": ["message"],
                    "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0},
                        "level": {"enum": ["none", "note", "warning", "error"]}, "message": SARIF_TEXT,
                        "locations": {"type": "array", "items": SARIF_LOCATION},
                    },
                }},
            },
        }},
    },
}  # fmt: skip


def test_a_site_without_problems_is_an_empty_list_and_the_line_goes_elsewhere(workshop: Workshop) -> None:
    done = workshop.run("check", "--format", "json")
    assert json.loads(done.stdout) == [] and "nothing written" in done.stderr


def test_problems_as_sarif(workshop: Workshop) -> None:
    broken(workshop)
    workshop.write("content/en/a file.md", "x")  # a name that must be escaped in an address
    log = json.loads(workshop.run("check", "--format", "sarif").stdout)
    jsonschema.validate(log, SARIF)
    run = log["runs"][0]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert {"unknown-field", "new-address"} <= set(rules)
    for one in run["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"] if one["ruleId"] == "unknown-field"]
    assert (ABOUT, 2) in [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places]
    assert any("content/en/a%20file.md" in json.dumps(one) for one in run["results"])


# Explaining


def test_explain_names_file_template_reason_and_questions(workshop: Workshop) -> None:
    workshop.build()
    text = workshop.run("explain", "/en/programmes/bridge/").stdout
    assert "made from     content/en/programmes/bridge.md" in text
    assert "templates/each-page/programme.html" in text
    assert "page en programmes/bridge" in text and "shared en source letter" in text
    assert workshop.run("explain", "https://sample.example/en/programmes/bridge/?x#y").stdout == text
    assert workshop.run("explain", "/en/nothing/").returncode == 1


def test_explain_says_why_a_page_was_made_again(workshop: Workshop) -> None:
    workshop.build()
    workshop.change("content/en/partners/agency.md", "title: Bridge Agency", "title: Agency of Bridges")
    for lang in ("ru", "tg"):  # a title is pinned by the translations
        workshop.run("translated", str(workshop.path(f"content/{lang}/partners/agency.md")))
    assert workshop.run().returncode == 0
    text = workshop.run("explain", "/en/programmes/bridge/").stdout
    assert "last rendered because these answers changed: page en partners/agency" in text


# Editors


def test_the_schemas_accept_all_of_the_real_content_and_refuse_a_misspelt_field() -> None:
    checks = {
        name: jsonschema.Draft202012Validator(handbook.schema(name))
        for name in (*kinds.KINDS, *kinds.ENTRIES, "translation")
    }
    for name, one in checks.items():
        one.check_schema(handbook.schema(name))
    folders = {folder: kind for kind, folder in FOLDER_OF.items()}
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for path in load.content_paths(str(ROOT), problems):
        lang, *rest = path.split("/")[1:]
        if path.endswith(("/interface.yaml", "/formats.yaml")):
            continue
        if path.endswith(".yaml"):
            kind = "figure" if lang == "figures" else SHARED_OF[lang]
        else:
            kind = "section" if rest[-1] == "index.md" else folders.get(rest[0], "page") if rest[1:] else "page"
        source = load.one(str(ROOT), path, problems)
        assert source and source.front and not problems, path
        data = source.front.plain()
        wrong = jsonschema.exceptions.best_match(
            checks[kind if lang == "en" or path.endswith(".yaml") else "translation"].iter_errors(data)
        )
        assert wrong is None, (path, wrong)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] == 1 and path.endswith(".md"):
            assert not checks[kind].is_valid(data | {"sumary": "x"}), path
    assert seen.keys() == {*kinds.KINDS, *kinds.ENTRIES}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("event", "date", "14 May 2018"),
        ("event", "date", "2018-13"),
        ("event", "areas", ["Container Control"]),
        ("event", "parts", [{"role": "donor"}]),
        ("event", "order", "first"),
        ("source", "url", "www.example.org"),
        ("office", "email", "nobody"),
    ],
)
def test_the_schemas_know_the_rules_that_the_program_has(kind: str, field: str, value: object) -> None:
    schema = handbook.schema(kind)
    entry = schema.get("additionalProperties") or schema
    one = {"$defs": schema.get("$defs", {}), **entry["properties"][field]}
    assert not jsonschema.Draft202012Validator(one).is_valid(value)


def test_the_committed_schemas_are_those_of_the_kinds() -> None:
    for name in (*kinds.KINDS, *kinds.ENTRIES, "translation"):
        text = (ROOT / ".vscode" / "schemas" / f"{name}.json").read_text(encoding="utf-8")
        assert json.loads(text) == json.loads(json.dumps(handbook.schema(name))), (
            f"run: python build.py schema ({name})"
        )


# The pages' own links to editing


def test_every_page_leads_to_its_own_file_and_every_fact_to_its_line(sample: dict[str, str]) -> None:
    page = sample["ru/programmes/bridge/index.html"]
    assert "https://code.example/sample/edit/main/content/ru/programmes/bridge.md" in page
    assert "https://code.example/sample/blob/main/content/en/programmes/bridge.md?plain=1#L8" in page  # status
    report = parse_qs(urlsplit(re.findall(r'href="([^"]*/issues/new[^"]*)"', html.unescape(page))[0]).query)
    assert report["title"] == ["Error on: content/ru/programmes/bridge.md"]
    assert report["body"] == ["What is wrong, and which source says so?"]


def test_lists_lead_to_the_form_for_what_they_list(sample: dict[str, str]) -> None:
    for lang in ("en", "ru", "tg"):
        for path, kind in (
            ("programmes/", "programme"), ("partners/", "partner"), ("events/", "event"), ("areas/", "area"),
            ("law/", "law"), ("sources/", "source"),
        ):  # fmt: skip
            assert f'href="/{lang}/add/#{kind}"' in sample[f"{lang}/{path}index.html"], (lang, path)


def test_without_the_form_a_file_is_begun_with_what_it_must_have(sample: dict[str, str]) -> None:
    page = html.unescape(sample["en/add/index.html"])
    for kind, model in kinds.KINDS.items():
        if kind == "section":
            continue
        address = urlsplit(re.findall(rf'<li id="{kind}"><a href="([^"]*)"', page)[0])
        asked = parse_qs(address.query)
        assert address.path == "/sample/new/main"
        assert asked["filename"][0].startswith("content/en/") and asked["filename"][0].endswith("NAME.md")
        for name, info in model.model_fields.items():
            needed = info.is_required() or name == "source"
            assert (f"\n{name}:\n" in asked["value"][0]) == needed == (f"\n# {info.description}" in asked["value"][0])
        assert len(address.query) < 3000
    assert '<li id="source"><a href="https://code.example/sample/edit/main/content/sources.yaml">' in page


def test_an_overdue_page_says_so(workshop: Workshop) -> None:
    assert 'class="notice"' not in workshop.build()["en/about/index.html"]
    assert 'class="notice"' in workshop.build(as_of="2027-06-01")["en/about/index.html"]
