"""The command: exit codes, the line it prints, and that a failed build leaves the published site as it was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

from conftest import ROOT, Workshop


def test_a_build_says_pages_files_bytes_seconds_and_where(workshop: Workshop) -> None:
    done = workshop.run()
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\d,]+ pages, [\d,]+ files, [\d,]+ bytes, \d+\.\d\d s, in .*public\n", done.stdout)


def test_a_check_writes_nothing(workshop: Workshop) -> None:
    done = workshop.run("check")
    assert done.returncode == 0, done.stderr
    assert "nothing written" in done.stdout
    assert not workshop.output.exists()
    assert not (workshop.output.parent / ".public-build").exists()


def test_problems_end_with_exit_code_1_and_are_all_shown(workshop: Workshop) -> None:
    workshop.change("content/en/about.md", "summary:", "sumary:")
    workshop.change("content/en/partners/agency.md", "type: state", "type: stat")
    done = workshop.run()
    assert done.returncode == 1
    assert "content/en/about.md:3:1: unknown-field: sumary is not a field of a page" in done.stderr
    assert "Did you mean 'summary'?" in done.stderr
    assert "content/en/partners/agency.md:8:7: wrong-value: type: expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_build_leaves_the_published_site_byte_for_byte(workshop: Workshop) -> None:
    workshop.build()
    before = workshop.tree()
    workshop.change("content/en/about.md", "[@letter, p. 3]", "[@nobody]")
    assert workshop.run().returncode == 1
    assert workshop.tree() == before


def test_a_template_error_leaves_the_published_site_byte_for_byte(workshop: Workshop) -> None:
    workshop.build()
    before = workshop.tree()
    workshop.change(
        "templates/each-page/partner.html", "{% block main %}", "{% block main %}{{ page.title.nothing.more }}"
    )
    done = workshop.run()
    assert done.returncode == 1
    assert "templates/each-page/partner.html" in done.stderr
    assert "undefined-name" in done.stderr
    assert workshop.tree() == before


def test_wrong_use_ends_with_exit_code_2(workshop: Workshop) -> None:
    assert workshop.run("--as-of", "soon").returncode == 2
    assert workshop.run("--nonsense").returncode == 2


def test_a_wrong_configuration_ends_with_exit_code_2(workshop: Workshop) -> None:
    workshop.change("config.yaml", "address: https://sample.example/", "address: sample")
    done = workshop.run()
    assert done.returncode == 2
    assert "config.yaml:2:10: wrong-value: address: expected an address that begins with https://" in done.stderr


def test_a_missing_configuration_ends_with_exit_code_2(workshop: Workshop) -> None:
    workshop.remove("config.yaml")
    done = workshop.run()
    assert done.returncode == 2
    assert "config.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_strict_makes_warnings_errors(workshop: Workshop) -> None:
    extra = '\nunused:\n  title: "Never cited"\n  publisher: "Nobody"\n  language: en\n  accessed: "2026-11-23"\n  type: press\n'
    workshop.write("content/sources.yaml", workshop.read("content/sources.yaml") + extra)
    loose = workshop.run()
    assert loose.returncode == 0
    assert "unused-source: nothing cites 'unused'" in loose.stderr
    strict = workshop.run("--strict")
    assert strict.returncode == 1


def test_a_folder_that_the_program_did_not_make_is_refused(workshop: Workshop) -> None:
    workshop.output.mkdir()
    (workshop.output / "thesis.txt").write_text("years of work")
    done = workshop.run()
    assert done.returncode == 2
    assert "foreign-folder" in done.stderr
    assert (workshop.output / "thesis.txt").read_text() == "years of work"


def test_a_removed_page_vanishes_from_the_published_site(workshop: Workshop) -> None:
    workshop.one_language()
    assert "en/about/index.html" in workshop.build()
    workshop.remove("content/en/about.md")
    assert "en/about/index.html" not in workshop.build()


def test_help_names_every_command(workshop: Workshop) -> None:
    done = workshop.run("--help")
    assert done.returncode == 0
    for name in ("build", "check", "serve", "translated", "status"):
        assert name in done.stdout


def test_a_long_list_goes_on_at_further_pages_and_loses_nothing(workshop: Workshop) -> None:
    workshop.one_language()
    page = "---\ntitle: Paper {n}\nsummary: One of many.\npublished: 2026-11-24\n---\n\nText.\n"
    head = "---\ntitle: Papers\nsummary: Many papers.\nlists: page\npublished: 2026-11-24\n---\n\nThe beginning.\n"
    workshop.write("content/en/papers/index.md", head)
    for n in range(120):
        workshop.write(f"content/en/papers/p{n}.md", page.format(n=n))
    made = workshop.build()
    parts = [made[f"en/papers/{where}index.html"] for where in ("", "2/", "3/")]
    assert "en/papers/4/index.html" not in made
    listed = [set(re.findall(r'<p class="name"><a href="(/en/papers/p\d+/)"', part)) for part in parts]
    assert [len(one) for one in listed] == [40, 40, 40]
    assert len(set.union(*listed)) == 120
    assert "The beginning." in parts[0] and "The beginning." not in parts[1]
    assert 'rel="canonical" href="https://sample.example/en/papers/2/"' in parts[1]
    assert "<title>Papers, page 2 " in parts[1]
    assert 'href="/en/papers/2/" rel="next"' in parts[0] and 'href="/en/papers/2/" rel="prev"' in parts[2]


def test_the_numbers_behind_a_statement_ascend(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.change("content/en/about.md", "Made for tests [@letter, p. 3].", "One [@letter]. Two [@report] [@letter].")
    shown = re.sub(r"<[^>]+>", "", workshop.build()["en/about/index.html"])
    assert "One1. Two12." in shown


def test_of_a_publisher_the_undated_works_come_last_and_a_translated_title_says_so(workshop: Workshop) -> None:
    workshop.one_language()
    work = 'title: "{0}"\n  title_language: en\n  publisher: "Bridge Office"\n  language: ru\n  {1}accessed: "2026-11-23"\n  type: organization\n'
    added = "".join(
        f"{name}:\n  " + work.format(name, day)
        for name, day in (("undated-work", ""), ("dated-work", 'date: "2020-01-02"\n  '))
    )
    workshop.write("content/sources.yaml", workshop.read("content/sources.yaml") + added)
    workshop.change("content/en/about.md", "[@letter, p. 3]", "[@undated-work] [@dated-work]")
    made = workshop.build()
    listed = made["en/sources/by-type/organization/index.html"]
    assert 0 < listed.index("dated-work/") < listed.index("undated-work/")
    assert made["en/about/index.html"].count("(title translated)") == 2


def test_an_event_leads_to_the_next_of_its_programme(workshop: Workshop) -> None:
    workshop.one_language()
    opening = "content/en/events/2018-05-opening.md"
    text = workshop.read(opening).replace("series: annual-review\n", "")
    workshop.write(opening, text)
    workshop.write(
        opening.replace("2018-05", "2019-06"), text.replace("2018-05", "2019-06").replace("Opening", "Reopening")
    )
    made = workshop.build()
    first, second = (made[f"en/events/{year}-opening/index.html"] for year in ("2018-05", "2019-06"))
    assert (
        '<a rel="next" href="/en/events/2019-06-opening/">Next: Reopening of the bridge</a>' in first
        and 'rel="prev"' not in first
    )
    assert '<a rel="prev" href="/en/events/2018-05-opening/">Previous: Opening of the bridge</a>' in second


def test_a_command_that_is_not_one_is_met_with_a_suggestion(workshop: Workshop) -> None:
    done = workshop.run("chekc")
    assert done.returncode == 2
    assert "'chekc' is not a command. Did you mean 'check'?" in done.stderr
    done = workshop.run("build", SOURCE_DATE_EPOCH="yesterday")
    assert "SOURCE_DATE_EPOCH: expected seconds since 1970, found 'yesterday'; today is used" in done.stderr


def test_a_reader_that_stops_early_is_no_error(workshop: Workshop) -> None:
    words = [sys.executable, str(ROOT / "build.py"), "status", "--root", str(workshop.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout and running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""


def test_a_profile_says_where_the_time_went(workshop: Workshop) -> None:
    workshop.one_language()
    words = workshop.run("build", "--profile").stdout
    for one in ("ms  render", "slowest files", "content/en/", "slowest templates", "templates/each-page/"):
        assert one in words
    shutil.rmtree(workshop.output)
    done = workshop.run("build", "--profile=json")
    found = json.loads(done.stdout)
    assert [*found["phases"]][:2] == ["look at files", "read and examine"]
    assert all(workshop.path(one["template"]).is_file() for one in found["outputs"])
    assert all(workshop.path(one["path"]).is_file() for one in found["templates"])
    assert "pages" in done.stderr


def test_a_file_that_cannot_be_used_is_named(workshop: Workshop) -> None:
    """The tests may run as one who may do everything: a folder stands where a file should be, and a file for a folder."""
    workshop.path("content/addresses.txt").mkdir()
    shutil.rmtree(workshop.path("content/en/events"))
    workshop.write("content/en/events", "x")
    for words, path in {
        ("addresses",): "content/addresses.txt",
        ("new", "event", "x"): "content/en/events",
    }.items():
        done = workshop.run(*words)
        assert done.returncode == 1
        assert done.stderr.startswith(f"{path}: no-access: cannot be used: ") and "Traceback" not in done.stderr
