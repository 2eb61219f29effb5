"""Every mistake an editor can make, as the sentence that the editor reads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Workshop

from builder import markup
from builder.model import SiteError

ABOUT = "content/en/about.md"
BRIDGE = "content/en/programmes/bridge.md"


def only(workshop: Workshop) -> str:
    found = workshop.problems()
    assert len(found) == 1, found
    return found[0]


def fails() -> None:
    raise IndexError("lost")


@pytest.mark.parametrize(
    ("does", "code", "said"),
    [
        (fails, "not-converted", "the text cannot be converted (IndexError: lost)"),
        (lambda: time.sleep(60), "over-limit", "took longer than 1 seconds"),
    ],
)
def test_a_text_that_cannot_be_converted_is_told_once_and_others_may_name_its_page(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, does: Callable[[], None], code: str, said: str
) -> None:
    real = markup.convert

    def convert(text: str, **words: Any) -> markup.Converted:
        if "The BO built" in text:
            does()
        return real(text, **words)

    monkeypatch.setattr(markup, "convert", convert)
    workshop.write("config.yaml", workshop.read("config.yaml") + "seconds: 1\n")
    with pytest.raises(SiteError) as raised:
        workshop.result()
    assert [(one.path, one.code, one.message) for one in raised.value.problems] == [(BRIDGE, code, said)]


def test_the_sample_site_has_no_problem(workshop: Workshop) -> None:
    assert workshop.problems() == []


def test_a_misspelt_field_is_named_with_its_line_and_a_suggestion(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "reviewed:", "reviewd:")
    assert only(workshop) == f"{ABOUT}:5:1: unknown-field: reviewd is not a field of a page"
    assert workshop.hints() == ["Did you mean 'reviewed'?"]


def test_a_misspelt_field_that_is_required_is_one_mistake(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "summary:", "sumary:")
    assert only(workshop) == f"{ABOUT}:3:1: unknown-field: sumary is not a field of a page"


def test_a_field_without_a_value_is_named_with_help_or_choices(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change("content/en/events/2018-05-opening.md", "type: opening", "type:")
    workshop.change("content/en/events/2018-05-opening.md", "date: 2018-05-02/2018-05-04", "date:")
    assert [one.partition(": ")[2] for one in workshop.problems()] == [
        "no-value: date has no value", "no-value: type has no value",
    ]  # fmt: skip
    assert "For example: date: 2018-05-02/2018-05-04" in workshop.hints()[0]
    assert workshop.hints()[1].startswith("Choose one of: meeting, training")


@pytest.mark.parametrize("mark", ['"', "'"])
def test_a_quotation_mark_that_is_not_closed_is_found_where_it_opens(workshop: Workshop, mark: str) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "summary: ", f"summary: {mark}")
    assert only(workshop) == f"{BRIDGE}:3:10: yaml: the quotation mark that opens here is not closed"


def test_what_a_broken_file_cites_is_not_called_unused(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.write("content/sources.yaml", workshop.read("content/sources.yaml").replace("letter:", "other:", 1))
    assert all("unused-source" not in one for one in workshop.problems())


def test_a_missing_field_is_named_with_help_and_example(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "summary: About the sample.\n", "")
    assert only(workshop) == f"{ABOUT}:2:1: missing-field: summary is missing"
    assert workshop.hints() == [
        "One or two sentences that say the main thing. For example: summary: Builds and equips border posts."
    ]


def test_a_wrong_date_says_what_is_expected(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "published: 2026-11-24", "published: soon")
    assert only(workshop) == (
        f"{ABOUT}:4:12: wrong-value: published: expected a day such as 2015, 2015-03 or 2015-03-12, found 'soon'"
    )


def test_a_day_that_does_not_exist_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "published: 2026-11-24", "published: 2026-02-30")
    assert "2026-02-30" in only(workshop)


def test_a_period_that_ends_before_it_begins_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "{value: 1998/.., source: letter}", "{value: 2005/1998, source: letter}")
    found = only(workshop)
    assert found.startswith(f"{BRIDGE}:10:")
    assert "wrong-value" in found
    assert "2005/1998" in found or "2005" in found


def test_a_reference_to_nothing_says_did_you_mean(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "areas: [crossing]", "areas: [crosing]")
    assert only(workshop) == f"{BRIDGE}:17:9: dangling-reference: there is no area named 'crosing'"
    assert workshop.hints() == ["Did you mean 'crossing'?"]


def test_a_citation_of_nothing_is_a_problem_at_its_place(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "[@letter, p. 3]", "[@leter, p. 3]")
    assert only(workshop) == f"{ABOUT}:9:16: unknown-source: there is no source 'leter'"
    assert workshop.hints() == ["Did you mean 'letter'?"]


def test_a_link_to_nothing_is_a_problem_at_its_place(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change("content/en/index.md", "partners/agency.md", "partners/agenci.md")
    found = only(workshop)
    assert found.startswith("content/en/index.md:14:5:")
    assert found.endswith("dead-link: the link 'partners/agenci.md' leads nowhere")


def test_a_link_to_a_heading_that_is_not_there_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "agency.md#its-part", "agency.md#its-art")
    found = only(workshop)
    assert found.endswith("dead-anchor: the page of the link '../partners/agency.md#its-art' has no heading '#its-art'")
    assert workshop.hints() == ["Did you mean 'its-part'?"]


def test_a_fact_that_needs_a_source_and_has_none_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "codes: [{value: BRG/A1, source: letter}]", "codes: [BRG/A1]")
    assert only(workshop) == f"{BRIDGE}:9:9: no-source: codes.1 has no source"


def test_a_bare_fact_takes_the_source_of_its_page(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(BRIDGE, "codes: [{value: BRG/A1, source: letter}]", "codes: [BRG/A1]\nsource: letter")
    assert workshop.problems() == []


def test_two_files_with_one_address_are_both_named(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.write("content/en/about/index.md", workshop.read(ABOUT))
    assert any(
        "same-address" in one and "content/en/about.md" in one and "content/en/about/index.md" in one
        for one in workshop.problems()
    )


def test_two_outputs_with_one_address_are_both_named(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.write("templates/once/en/about/index.html", "twice")
    found = only(workshop)
    assert "same-address" in found
    assert "templates/once/en/about/index.html" in found and "content/en/about.md" in found


def test_broken_yaml_is_shown_with_line_and_hint(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "summary: About the sample.", "summary: About: the sample.")
    found = only(workshop)
    assert found.startswith(f"{ABOUT}:3:") and ": yaml: cannot be read as YAML" in found
    assert workshop.hints() == ['A text that holds ": " must stand in quotation marks.']


def test_a_field_that_stands_twice_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "summary:", "title: Again\nsummary:")
    assert only(workshop) == f"{ABOUT}:3:1: duplicate: 'title' stands here a second time (first on line 2)".replace(
        "duplicate:", "duplicate-key:"
    )


def test_yaml_words_and_numbers_stay_text(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "title: About", "title: NO")
    assert "<h1>NO</h1>" in workshop.build()["en/about/index.html"].replace("\n", "")


def test_an_unwritten_interface_word_in_a_template_names_template_and_line(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change("templates/each-page/partner.html", "{% block main %}", '{% block main %}{{ t("no.such.word") }}')
    found = only(workshop)
    assert found.startswith("templates/each-page/partner.html:")
    assert "undefined-name: the word 'no.such.word' is missing in content/en/interface.yaml" in found


def test_an_image_without_alt_text_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.write(ABOUT, workshop.read(ABOUT) + "\n![](bridge.png)\n")
    assert any("alt" in one and one.startswith(f"{ABOUT}:11:") for one in workshop.problems())


def test_a_skipped_heading_level_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.write(ABOUT, workshop.read(ABOUT) + "\n#### Too deep\n")
    assert any(one.startswith(f"{ABOUT}:11:") for one in workshop.problems())


def test_all_problems_of_all_files_come_in_one_run(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change(ABOUT, "title:", "titel:")
    workshop.change(BRIDGE, "scope: national", "scope: galactic")
    workshop.change("content/places.yaml", "type: town", "type: village")
    paths = {one.split(":")[0] for one in workshop.problems()}
    assert paths == {ABOUT, BRIDGE, "content/places.yaml"}


PARTNER = "content/en/partners/agency.md"  # other pages link to it, to a heading of it too, and name it in metadata
UNREAD = {
    "an empty page": (PARTNER, lambda data: b"", "no-metadata"),
    "no metadata": (PARTNER, lambda data: data[3:], "no-metadata"),
    "metadata without end": (PARTNER, lambda data: data.replace(b"\n---\n", b"\n--\n"), "open-metadata"),
    "empty metadata": (PARTNER, lambda data: b"---\n---\n" + data.partition(b"\n---\n")[2], "no-fields"),
    "another encoding": (PARTNER, lambda data: data + "Душанбе\n".encode("cp1251"), "not-utf-8"),
    "broken metadata": (PARTNER, lambda data: data.replace(b"title:", b"title: :", 1), "yaml"),
    "broken sources": ("content/sources.yaml", lambda data: b"\t" + data, "yaml"),
    "no sources": ("content/sources.yaml", lambda data: b"", "no-fields"),
    "a note that is no words": (
        "content/sources.yaml",
        lambda data: data.replace(b"  type: official\n", b"  type: official\n  note: Undated.\n", 1),
        "wrong-value",
    ),
    "broken places": ("content/places.yaml", lambda data: data + b"\tx: y\n", "yaml"),
    "a list of terms": ("content/glossary.yaml", lambda data: b"- a\n- b\n", "no-fields"),
    "broken figures": ("content/figures/bridges.yaml", lambda data: b"\t" + data, "yaml"),
    "broken words": ("content/en/interface.yaml", lambda data: b"\t" + data, "yaml"),
    "no words": ("content/ru/interface.yaml", lambda data: b"", "no-fields"),
    "broken formats": ("content/ru/formats.yaml", lambda data: b"\t" + data, "yaml"),
    "broken configuration": ("config.yaml", lambda data: b"\t" + data, "yaml"),
    "no configuration": ("config.yaml", lambda data: b"", "no-fields"),
    "no language": ("config.yaml", lambda data: data.replace(b"[en, ru, tg]", b"[]"), "wrong-value"),
    "a language without name": (
        "config.yaml",
        lambda data: data.replace(b", ru: \xd0\x9e", b", xx: \xd0\x9e", 1),
        "wrong-value",
    ),
    "a strange language": ("config.yaml", lambda data: data.replace(b"{ru: error", b"{xx: error"), "wrong-value"),
    "no time": ("config.yaml", lambda data: data + b"seconds: 0\n", "wrong-value"),
    "a language twice": ("config.yaml", lambda data: data.replace(b"[en, ru, tg]", b"[en, ru, ru]"), "wrong-value"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_file_that_cannot_be_read_is_one_problem_not_one_for_each_that_names_it(
    workshop: Workshop, name: str
) -> None:
    path, spoiled, code = UNREAD[name]
    workshop.path(path).write_bytes(spoiled(workshop.path(path).read_bytes()))
    found = only(workshop)
    assert found.startswith(f"{path}:") and f" {code}: " in found


def test_a_file_may_begin_with_the_mark_that_editors_on_windows_put_there(workshop: Workshop) -> None:
    before = workshop.build()
    workshop.path(ABOUT).write_bytes(b"\xef\xbb\xbf" + workshop.path(ABOUT).read_bytes().replace(b"\n", b"\r\n"))
    assert workshop.build()["en/about/index.html"] == before["en/about/index.html"]


def test_a_folder_that_holds_no_site_is_said_to_be_none(workshop: Workshop) -> None:
    workshop.remove("config.yaml")
    done = workshop.run("check")
    assert done.returncode == 2
    assert done.stderr.split("\n")[0] == f"config.yaml: no-site: is not in {workshop.root}, which is no site then"
    assert "--root" in done.stderr and done.stderr.endswith("\n1 problem\n")
    assert workshop.run("build").returncode == 2 and not workshop.output.with_name(".public-build").exists()


def test_what_readers_would_not_see_is_a_problem(workshop: Workshop) -> None:
    workshop.one_language()
    about = workshop.read(ABOUT)
    lost = {
        "title: Case #5": "2:12: comment: what follows 'Case' is a comment, which nobody reads",
        "title: [a, b] # c": "2:8: wrong-value: title: expected a text, found a list",
        'title: "   "': "2:8: no-value: title has no value",
        'title: "A\\u202eB"': "2:8: unseen-character: holds an invisible or forbidden character (U+202E)",
        'title: "A\\0B"': "2:8: unseen-character: holds an invisible or forbidden character (U+0000)",
        **{f"title: A{one}B": f"2:9: unseen-character: holds an invisible or forbidden character (U+{ord(one):04X})"
           for one in "\u202e\ue000\xad\u3164\u2800\ufe0f\U0001d173\U000e0041\U0010fffd"},
    }  # fmt: skip
    accent = "not-nfc: a letter is written as a letter and a separate accent (the text is not in Unicode form NFC)"
    lost["title: Ти\u0304м"] = f"2:9: {accent}"
    for number, line in enumerate(lost):
        workshop.write(f"content/en/lost-{number}.md", about.replace("title: About", line))
    workshop.write("content/en/kept.md", about.replace("title: About", 'title: "Case #5" # told\n# untold'))
    workshop.write("content/en/bell.md", about + "A\x07\n")
    bell = "content/en/bell.md:10:2: unseen-character: holds an invisible or forbidden character (U+0007)"
    assert sorted(workshop.problems()) == sorted(
        [bell, *(f"content/en/lost-{number}.md:{said}" for number, said in enumerate(lost.values()))]
    )


def test_a_text_shows_pictures_and_leads_to_downloads_of_static(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.path("static/images/bridge.jpg").write_bytes(b"picture")
    workshop.path("static/images/plan.pdf").write_bytes(b"plan")
    up = "../../../static/images"
    text = workshop.read(BRIDGE)
    workshop.write(BRIDGE, text + f"\n![a bridge]({up}/bridge.jpg)\n\n[The plan]({up}/plan.pdf) is there.\n")
    site = workshop.build()
    shown = re.findall(r'(?:src|href)="/(static/images/(?:bridge|plan)[^"]+)"', site["en/programmes/bridge/index.html"])
    assert len(shown) == 2 and all(one in site for one in shown), shown
    workshop.path("static/images/bridge.jpg").write_bytes(b"another picture")
    assert shown[0] not in workshop.build()["en/programmes/bridge/index.html"]
    workshop.change(BRIDGE, "/bridge.jpg", "/bridges.jpg")
    assert only(workshop).endswith(f" dead-picture: there is no picture '{up}/bridges.jpg'")
    assert workshop.hints() == [f"Put the file into static/images and write {up}/, then its name."]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("content/glossary.yaml", "  source: letter", "  source: letter\n  page: partners/agenci",
         "dangling-reference: there is no page 'partners/agenci', which the term 'bo' names"),
        ("content/sources.yaml", '  url: "https://bridges.example/letter"', "  url: https://www.unodc.org@evil.example/",
         "wrong-value: url: expected an address that begins with https:// or http://, found 'https://www.unodc.org@evil.example/'"),
        ("content/sources.yaml", '  url: "https://bridges.example/letter"', "  url: 'https://[x'",
         "wrong-value: url: expected an address that begins with https:// or http://, found 'https://[x'"),
        ("content/places.yaml", "coordinates:", 'coordinates: "91.5, 20.5" #',
         "wrong-value: coordinates: expected a latitude up to 90 and a longitude up to 180, found '91.5, 20.5'"),
        ("content/figures/bridges.yaml", 'value: "6"', 'value: "٦"',
         "wrong-value: points.3.value: expected a number with a point for decimals, such as 4190.3, found '٦'"),
    ],
)  # fmt: skip
def test_a_value_that_only_looks_right_is_a_problem(
    workshop: Workshop, path: str, old: str, new: str, said: str
) -> None:
    workshop.one_language()
    workshop.change(path, old, new)
    found = only(workshop)
    assert found.startswith(f"{path}:") and found.endswith(said), found
