"""Every format that is published, read back by a library that had no part in making it."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from typing import Any

import feedparser
import html5lib
import icalendar
import jsonschema
import pytest
import vobject
import yaml
from conftest import ROOT, SAMPLE, Workshop
from lxml import etree
from lxml import html as lxml_html

XHTML = "{http://www.w3.org/1999/xhtml}"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
LANGUAGES = ("en", "ru", "tg")
BRIDGE = "en/programmes/bridge/index.html"


def pages(sample: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in sample.items() if path.endswith(".html")}


def graph(text: str) -> list[dict[str, Any]]:
    document = lxml_html.fromstring(text.encode())
    found = document.xpath('//script[@type="application/ld+json"]/text()')
    assert len(found) == 1
    rows: list[dict[str, Any]] = json.loads(found[0])["@graph"]
    return rows


def test_every_page_is_html_that_a_browser_reads_without_repair(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        faults = [one for one in parser.errors if one[1] != "unexpected-end-tag-before-html"]
        assert not faults, (path, faults[:3])


def test_every_page_has_language_one_h1_a_skip_link_and_a_description(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        document = lxml_html.fromstring(text.encode())
        lang = path.split("/")[0] if "/" in path else None
        if lang:
            assert document.get("lang") == lang, path
            assert len(document.xpath("//h1")) == 1, path
            assert document.xpath('//a[@class="skip"]/@href') == ["#main"], path
            assert document.xpath('//meta[@name="description"]/@content')[0], path


def test_a_title_and_a_description_lead_to_one_page_of_a_language(sample: dict[str, str]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for path, text in pages(sample).items():
        document = lxml_html.fromstring(text.encode())
        if "/" not in path or document.xpath('//meta[@name="robots"]'):
            continue
        for what in (document.findtext(".//title"), document.xpath('//meta[@name="description"]/@content')[0]):
            first = seen.setdefault((path.split("/")[0], what), path)
            assert first == path, (what, first, path)


def test_ids_are_unique_on_every_page(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        ids = lxml_html.fromstring(text.encode()).xpath("//@id")
        assert len(ids) == len(set(ids)), (path, [one for one in ids if ids.count(one) > 1])


def test_heading_levels_never_skip(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        levels = [
            int(one.tag[1]) for one in lxml_html.fromstring(text.encode()).iter("h1", "h2", "h3", "h4", "h5", "h6")
        ]
        for before, after in itertools.pairwise(levels):
            assert after <= before + 1, (path, levels)


def test_alternates_are_complete_reciprocal_and_self_including(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        lang, _, rest = path.partition("/")
        document = lxml_html.fromstring(text.encode())
        if lang not in LANGUAGES or document.xpath('//meta[@name="robots"]'):
            continue
        found = {
            one.get("hreflang"): one.get("href")
            for one in document.xpath('//link[@rel="alternate"][@hreflang][not(@type)]')
        }
        address = rest.removesuffix("index.html")
        expected = {code: f"https://sample.example/{code}/{address}" for code in LANGUAGES}
        assert found.keys() == {*LANGUAGES, "x-default"}, path
        assert {code: found[code] for code in LANGUAGES} == expected, path
        assert document.xpath('//link[@rel="canonical"]/@href') == [expected[lang]], path


def test_no_page_asks_another_host_for_anything(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        document = lxml_html.fromstring(text.encode())
        loaded = document.xpath(
            "//script/@src | //img/@src | //iframe/@src | //link[@rel='stylesheet' or @rel='icon']/@href"
        )
        assert all(one.startswith("/") for one in loaded), (path, loaded)
        assert not document.xpath("//@style | //style | //@onclick | //@onload"), path


def test_the_content_security_policy_comes_first_and_allows_nothing_inline(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        head = lxml_html.fromstring(text.encode()).find("head")
        assert head is not None
        first = head[0]
        assert first.get("http-equiv") == "Content-Security-Policy", path
        assert "default-src 'none'" in first.get("content", "") and "unsafe" not in first.get("content", ""), path


def test_json_ld_is_one_graph_whose_references_resolve(sample: dict[str, str]) -> None:
    for path, text in pages(sample).items():
        if "/" not in path or 'name="robots"' in text:
            continue
        rows = graph(text)
        names = {row["@id"] for row in rows if "@id" in row}
        assert {"WebSite", "BreadcrumbList"} & {str(row["@type"]) for row in rows}, path
        pointed = [
            value["@id"] for row in rows for value in row.values() if isinstance(value, dict) and set(value) == {"@id"}
        ]
        for one in pointed:
            assert one in names or one.startswith("https://sample.example/"), (path, one)


def test_the_main_entity_is_the_same_in_every_language(sample: dict[str, str]) -> None:
    projects = set()
    for lang in LANGUAGES:
        rows = graph(sample[f"{lang}/programmes/bridge/index.html"])
        projects |= {row["@id"] for row in rows if row["@type"] == "Project"}
    assert len(projects) == 1


def test_events_have_what_search_engines_require(sample: dict[str, str]) -> None:
    rows = graph(sample["en/events/2018-05-opening/index.html"])
    event = next(row for row in rows if row["@type"] == "Event")
    assert event["name"] == "Opening of the bridge"
    assert event["startDate"] == "2018-05-02" and event["endDate"] == "2018-05-04"
    assert event["location"]["address"]


def test_feeds_are_well_formed_with_stable_unique_ids(sample: dict[str, str]) -> None:
    ids: list[str] = []
    for lang in LANGUAGES:
        feed = feedparser.parse(sample[f"{lang}/feed.xml"])
        assert not feed.bozo, lang
        assert feed.feed.language == lang
        assert feed.entries
        for entry in feed.entries:
            assert entry.updated >= entry.published
            ids.append(entry.id)
    assert len(ids) == len(set(ids))


def test_calendars_are_complete_and_folded(workshop: Workshop) -> None:
    workshop.build()
    for lang in LANGUAGES:
        data = workshop.tree()[f"{lang}/events/2018-05-opening/index.ics"]
        assert all(len(line) <= 75 for line in data.split(b"\r\n"))
        assert b"\n" not in data.replace(b"\r\n", b"")
        calendar = icalendar.Calendar.from_ical(data)
        event = next(iter(calendar.walk("VEVENT")))
        assert not event.errors
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event)
        assert event["DTEND"].dt.isoformat() == "2018-05-05"  # the day after the last
        assert event["SUMMARY"].params["LANGUAGE"] == lang
        assert str(event["SUMMARY"]) in workshop.read(f"content/{lang}/events/2018-05-opening.md")
        assert vobject.readOne(data.decode()).vevent.uid.value == str(event["UID"])


def words(lang: str, path: str) -> Any:
    """The metadata of a page of the sample, or a shared file of it, or the words of the interface."""
    if path == "interface.yaml":
        return yaml.load((ROOT / "content" / lang / path).read_text(encoding="utf-8"), yaml.BaseLoader)
    text = (SAMPLE / "content" / (path if path.endswith(".yaml") else f"{lang}/{path}")).read_text(encoding="utf-8")
    return yaml.load(text if path.endswith(".yaml") else text.split("---\n")[1], yaml.BaseLoader)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_format_speaks_the_language_of_its_address(sample: dict[str, str], lang: str) -> None:
    event, interface = words(lang, "events/2018-05-opening.md"), words(lang, "interface.yaml")
    office, place = words(lang, "contacts.yaml")["office"], words(lang, "places.yaml")["town"]
    text = sample[f"{lang}/events/2018-05-opening/index.html"]
    rows = {row["@type"]: row for row in graph(text)}
    assert rows["Event"]["name"] == event["title"] and rows["Event"]["description"] == event["summary"]
    assert rows["Event"]["location"]["name"] == place["name"][lang]
    assert rows["WebPage"]["inLanguage"] == lang and rows["WebPage"]["name"] == event["title"]
    assert rows["BreadcrumbList"]["itemListElement"][0]["name"] == words(lang, "index.md")["title"]
    document = lxml_html.fromstring(text.encode())
    assert document.xpath('//meta[@property="og:locale"]/@content') == [interface["language.locale"]]
    for name in (f"{lang}/events/2018-05-opening/index.ics", f"{lang}/events.ics"):
        one = next(iter(icalendar.Calendar.from_ical(sample[name]).walk("VEVENT")))
        for key, value in (
            ("SUMMARY", event["title"]), ("DESCRIPTION", event["summary"]), ("LOCATION", place["name"][lang]),
        ):  # fmt: skip
            assert (str(one[key]), one[key].params["LANGUAGE"]) == (value, lang), name
    for name, key in (("events", "calendar.name"), ("review", "review.calendar")):
        calendar = icalendar.Calendar.from_ical(sample[f"{lang}/{name}.ics"])
        assert calendar["NAME"].params["LANGUAGE"] == lang
        assert str(calendar["NAME"]).replace("\\,", ",") == interface[key]
        assert str(calendar["X-WR-CALNAME"]).replace("\\,", ",") == interface[key]
        assert str(calendar["PRODID"]).endswith(f"//{lang.upper()}")
    card = vobject.readOne(sample[f"{lang}/offices/office.vcf"])
    assert (card.fn.value, card.adr.value.street) == (office["name"][lang], office["address"][lang])
    assert card.org.value == [words(lang, "partners/agency.md")["title"]]
    feed = feedparser.parse(sample[f"{lang}/feed.xml"])
    assert feed.feed.title == interface["feed.title"]
    assert (event["title"], event["summary"]) in [(entry.title, entry.summary) for entry in feed.entries]
    lost = lxml_html.fromstring(sample[f"{lang}/404.html"].encode())
    assert lost.xpath("//h1/text()") == [interface["notfound.title"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_drawings_are_described_in_the_language_of_the_page(sample: dict[str, str], lang: str) -> None:
    script = re.compile("[A-Za-z]" if lang == "en" else "[А-Яа-яЁёӢӣӮӯҲҳҚқҒғҶҷ]")
    drawings = [
        one
        for path, text in pages(sample).items()
        if path.startswith(f"{lang}/") and "<svg" in text
        for one in lxml_html.fromstring(text.encode()).xpath('//svg[@role="img"]')
    ]
    assert len(drawings) >= 4
    for one in drawings:
        for name in ("title", "desc"):
            said = one.xpath(f"string(./{name})")
            letters = re.findall(r"[^\W\d_]", said)
            assert letters and all(script.match(letter) for letter in letters), said


def test_the_glossary_stands_in_the_order_of_each_alphabet(workshop: Workshop) -> None:
    rows = {  # the order of the Tajik alphabet; Russian: а ё ж; English: Latin
        "tg": [
            "Гап",
            "Ғалла",
            "Ид",
            "Ӣди",
            "Йод",
            "Кор",
            "Қонун",
            "Узв",
            "Ӯзбек",
            "Хат",
            "Ҳамкорӣ",
            "Чой",
            "Ҷой",
            "Шаҳр",
        ],
        "ru": ["Ель", "Ёлка", "Жук", "Яблоко"],
        "en": ["Ant", "Élan", "Elm", "Zinc"],
    }
    most = max(len(one) for one in rows.values())
    text = workshop.read("content/glossary.yaml")
    for at in range(most):
        term = ", ".join(f"{lang}: {one[at] if at < len(one) else 'q' * (at + 2)}" for lang, one in rows.items())
        key = f"t{(at * 5) % most}"  # in no alphabet's order
        text += f"{key}:\n  term: {{{term}}}\n  definition: {{en: A., ru: А., tg: А.}}\n  source: letter\n"
    workshop.write("content/glossary.yaml", text)
    site = workshop.build()
    for lang, expected in rows.items():
        document = lxml_html.fromstring(site[f"{lang}/glossary/index.html"].encode())
        found = [one.text_content().strip() for one in document.xpath("//main//dt | //main//h2 | //main//h3")]
        assert [one for one in found if one in expected] == expected, lang


def test_the_calendar_of_all_events_holds_each_once(sample: dict[str, str]) -> None:
    for lang in LANGUAGES:
        events = icalendar.Calendar.from_ical(sample[f"{lang}/events.ics"]).walk("VEVENT")
        assert len({str(one["UID"]) for one in events}) == len(events) == 1


def test_the_review_calendar_names_each_page_that_is_due(sample: dict[str, str]) -> None:
    events = icalendar.Calendar.from_ical(sample["en/review.ics"]).walk("VEVENT")
    assert len(events) > 10
    assert all(one["DTSTART"].dt.isoformat() == "2027-05-24" for one in events)


def test_address_cards_are_valid(sample: dict[str, str]) -> None:
    for lang in LANGUAGES:
        card = vobject.readOne(sample[f"{lang}/offices/office.vcf"])
        assert card.validate()
        assert card.fn.value
        assert card.tel.value.replace(" ", "") == "+992372211234"


def test_published_sets_fit_their_published_schemas(sample: dict[str, str]) -> None:
    for name in ("programmes", "partners", "events", "milestones"):
        schema = json.loads(sample[f"data/{name}.schema.json"])
        jsonschema.Draft202012Validator.check_schema(schema)
        data = json.loads(sample[f"data/{name}.json"])
        assert data[name], name
        jsonschema.validate(data, schema)


def test_a_set_with_a_wrong_record_does_not_fit_its_schema(sample: dict[str, str]) -> None:
    data = json.loads(sample["data/programmes.json"])
    data["programmes"][0]["status"]["value"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(sample["data/programmes.schema.json"]))


def test_tables_say_the_same_as_the_records(sample: dict[str, str]) -> None:
    for name in ("programmes", "partners", "events", "milestones"):
        rows = list(csv.DictReader(io.StringIO(sample[f"data/{name}.csv"])))
        records = json.loads(sample[f"data/{name}.json"])[name]
        assert [row["id"] for row in rows] == [one["id"] for one in records]
        assert all(None not in row for row in rows), name


def test_figure_tables_hold_every_point(sample: dict[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(sample["data/figures/bridges.csv"])))
    assert [(row["year"], row["value"], row["approximate"]) for row in rows] == [
        ("2017", "2", "false"), ("2019", "4.5", "true"), ("2019", "6", "false"),
    ]  # fmt: skip


def test_sources_are_published_as_csl_and_bibtex(sample: dict[str, str]) -> None:
    items = json.loads(sample["data/sources.json"])
    assert {one["id"] for one in items} == {"letter", "report"}
    letter = next(one for one in items if one["id"] == "letter")
    assert letter["issued"]["date-parts"] == [[2019, 3, 12]]
    assert letter["title"] == "A letter on bridges & roads"
    assert r"A letter on bridges \& roads" in sample["data/sources.bib"]
    assert sample["data/sources.bib"].count("@") >= 2


def test_the_sitemap_names_every_page_with_all_its_languages(sample: dict[str, str]) -> None:
    tree = etree.fromstring(sample["sitemap.xml"].encode())
    places = {one.findtext("s:loc", namespaces=SITEMAP): one for one in tree.findall("s:url", SITEMAP)}
    for lang in LANGUAGES:
        one = places[f"https://sample.example/{lang}/programmes/bridge/"]
        codes = {link.get("hreflang") for link in one.findall("x:link", SITEMAP)}
        assert set(LANGUAGES) <= codes


def test_xml_is_well_formed(sample: dict[str, str]) -> None:
    for path, text in sample.items():
        if path.endswith((".xml", ".svg")):
            etree.fromstring(text.encode())


def test_citations_are_numbered_by_first_use_and_listed(sample: dict[str, str]) -> None:
    document = lxml_html.fromstring(sample[BRIDGE].encode())
    numbers = [int(one) for one in document.xpath('//sup[@class="cite"]/a/text()')]
    first = list(dict.fromkeys(numbers))
    assert first == sorted(first) and first[0] == 1
    for target in document.xpath('//sup[@class="cite"]/a/@href'):
        assert document.xpath(f'//*[@id="{target[1:]}"]'), target
    assert "p. 7" in document.text_content()


def test_reference_titles_carry_their_language(sample: dict[str, str]) -> None:
    document = lxml_html.fromstring(sample[BRIDGE].encode())
    found = [one for one in document.xpath('//*[@class="references"]//li') if "Отчёт о мостах" in one.text_content()]
    assert found and found[0].xpath('.//*[@lang="ru"]')[0].text_content().startswith("Отчёт о мостах")
    assert "undated" in found[0].text_content()


def test_abbreviations_are_explained_at_first_use_only(sample: dict[str, str]) -> None:
    document = lxml_html.fromstring(sample[BRIDGE].encode())
    found = [one for one in document.xpath("//main//abbr") if one.text == "BO"]
    assert [one.get("title") for one in found] == ["Bridge Office"]
    assert document.text_content().count("BO ") >= 2


def test_conflicting_facts_stand_side_by_side(sample: dict[str, str]) -> None:
    text = lxml_html.fromstring(sample[BRIDGE].encode()).text_content()
    assert "since 1998" in text and "since 1999" in text
    assert "The report counts from the first stone." in text


def test_a_partner_lists_its_programmes_with_its_role(sample: dict[str, str]) -> None:
    document = lxml_html.fromstring(sample["en/partners/agency/index.html"].encode())
    assert document.xpath('//main//a[@href="/en/programmes/bridge/"]')
    assert "implementing" in document.text_content()


def test_a_source_lists_everything_that_rests_on_it(sample: dict[str, str]) -> None:
    document = lxml_html.fromstring(sample["en/sources/letter/index.html"].encode())
    links = document.xpath("//main//a/@href")
    for one in ("/en/programmes/bridge/", "/en/law/river-law/", "/en/events/2018-05-opening/", "/en/figures/bridges/"):
        assert one in links
