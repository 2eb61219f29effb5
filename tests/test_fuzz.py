"""Random content: never a traceback, never active output, never over a limit, every problem at a place that exists.

About a thousand inputs; FUZZ=20 multiplies them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import html5lib
import pytest
from conftest import Workshop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder import examine, kinds, load, metadata, report
from builder.model import Problem, SiteError

TIMES = int(os.environ.get("FUZZ", "1"))
QUIET = [
    HealthCheck.too_slow,
    HealthCheck.function_scoped_fixture,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
]
FIELDS = sorted({name for model in [*kinds.KINDS.values(), *kinds.ENTRIES.values(), kinds.Config, kinds.Translation] for name in model.model_fields} | {"value", "en", "ru", "tg"})  # fmt: skip
TOKENS = [
    "", " ", "a", "2026-11-24", "2026-02-30", "2026", "1998/..", "2003-04/2017-12", "0000", "..", "/", "en", "USD", "true", "null", "~", "1e999", "-0",
    "9" * 400, "https://e.org", "javascript:alert(1)", "https://", "http://[", "https://e.org:99999999/", "//e.org", "a@b.org", "+992 37 221 12 34", "37.19, 68.60",
    "999.9, 999.9", "mfa-seed", "letter, p. 3", "letter, [x](y)", "agency", "../../x", "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{n.__class__}",
    "{{ x }}", "{% x %}", "]]>", "-->", "&#60;b&#62;", "%s", "${x}", "::error::x", "\u202e", "\u2028", "\x00", "\x1b[2J", "\ud7ff", "\ue000a\ue001b\ue002", "\U0010ffff",
    "Ҷумҳурӣ", "e\u0301", "\\", "\\N", "'", '"', "|", ">", "#", "- ", ": ", "\t", "\r", "\n", "\n---\n", "[", "{", "*", "&a", "*a", "!!x", "<<", "x" * 5000,
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(TOKENS), st.text(max_size=30), st.lists(st.sampled_from(TOKENS), max_size=4).map("".join)
)
KEYS = st.one_of(st.sampled_from(FIELDS), TEXTS)
TREES = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
FRONTS = st.one_of(
    st.dictionaries(KEYS, TREES, max_size=10).map(
        lambda tree: "".join(f"{json.dumps(key) if re.search('[^a-z_]', key) or not key else key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in tree.items())
    ),
    st.lists(st.sampled_from([*TOKENS, *FIELDS, "\n", "\n  ", ": "]), max_size=30).map("".join),
    st.text(max_size=200),
)  # fmt: skip
SETTING: dict[str, Any] = {"months": None, "avoid": {}}
LANGUAGES = {"en": SETTING, "ru": SETTING, "tg": SETTING}


def placed(problems: list[Problem], text: str) -> None:
    """Every problem is at a line of the file, has words, and gives a terminal no orders."""
    lines = text.count("\n") + 1
    for one in problems:
        assert one.path and one.code and one.message
        assert 0 <= one.line <= lines + 1, (one, lines)
        assert one.column >= (1 if one.line else 0), one
    said = report.text(problems, "/")
    assert all(line.isprintable() for line in said.split("\n"))
    assert all(
        line.startswith(("::error file=", "::warning file=")) for line in report.github(problems).split("\n") if line
    )
    json.loads(report.as_json(problems))
    json.loads(report.sarif(problems))


def written(folder: Path, path: str, text: str) -> tuple[Any, list[Problem]]:
    """A file read as the program reads it."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: list[Problem] = []
    return load.one(str(folder), path, problems), problems


@settings(max_examples=450 * TIMES, deadline=None, suppress_health_check=QUIET)
@given(
    st.sampled_from(sorted(kinds.KINDS)),
    FRONTS,
    st.lists(st.sampled_from([*TOKENS, "## A\n", "[a](b)", "\n\n"]), max_size=8).map("".join),
    st.booleans(),
)
def test_any_page_is_examined(tmp_path: Path, kind: str, front: str, body: str, original: bool) -> None:
    text = f"---\n{front}\n---\n{body}"
    folder = {"page": "", "section": ""}.get(kind, examine.FOLDER_OF.get(kind, "") + "/")
    path = f"content/en/{folder}{'index' if kind == 'section' else 'x'}.md"
    source, problems = written(tmp_path, path, text)
    if source is not None:
        made = examine.page(source, original=original, lang="en", setting=SETTING)
        problems += [Problem(*row) for row in made["problems"]]
        assert made["data"] is not None or problems
    else:
        assert problems
    placed(problems, text)


@settings(max_examples=250 * TIMES, deadline=None, suppress_health_check=QUIET)
@given(
    st.sampled_from(["sources", "places", "timeline", "officials", "contacts", "glossary", "figures/x", "nothing"]),
    FRONTS,
)
def test_any_shared_file_is_examined(tmp_path: Path, name: str, text: str) -> None:
    source, problems = written(tmp_path, f"content/{name}.yaml", text)
    if source is not None:
        problems += [Problem(*row) for row in metadata.shared(source, LANGUAGES)["problems"]]
        examine.settings(list(LANGUAGES), {}, source.front.plain() if source.front else {})
    placed(problems, text)


@settings(max_examples=150 * TIMES, deadline=None, suppress_health_check=QUIET)
@given(FRONTS)
def test_any_configuration_and_any_words_are_examined(tmp_path: Path, text: str) -> None:
    source, problems = written(tmp_path, "config.yaml", text)
    made = metadata.config(source)
    problems += [Problem(*row) for row in made["problems"]]
    assert made["config"] is not None or problems
    words, more = written(tmp_path, "content/en/interface.yaml", text)
    if words is not None:
        more += [Problem(*row) for row in examine.plain(words)["problems"]]
    placed([*problems, *more], text)


@settings(max_examples=100 * TIMES, deadline=None, suppress_health_check=QUIET)
@given(st.lists(st.one_of(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=20), st.sampled_from(["A", "con", "a b", "x" * 200, "é", "e\u0301", "a\n::b"])), max_size=6), st.sampled_from([".md", ".yaml", "", ".html"]))  # fmt: skip
def test_any_names_are_taken_or_refused(tmp_path: Path, names: list[str], suffix: str) -> None:
    folder = tmp_path / "content"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "en").mkdir(parents=True)
    made = {name + suffix for name in names if len((name + suffix).encode()) <= 255} - {".", ".."}
    for name in made:
        (folder / "en" / name).write_text("x")
    problems: list[Problem] = []
    taken = load.content_paths(str(tmp_path), problems)
    for path in taken:
        assert re.fullmatch(r"content/en/[a-z0-9][a-z0-9-]*\.(md|yaml)", path)
    there = {f"content/en/{name}" for name in made if not name.startswith(".")}
    assert there == set(taken) | {one.path for one in problems}
    placed(problems, "")


FILES = ["content/en/about.md", "content/en/programmes/bridge.md", "content/en/events/2018-05-opening.md", "content/en/index.md", "content/sources.yaml",
         "content/glossary.yaml", "content/timeline.yaml", "content/contacts.yaml", "content/figures/bridges.yaml", "content/en/formats.yaml",
         "content/en/interface.yaml", "content/places.yaml"]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    workshop = Workshop(tmp_path_factory.mktemp("fuzz"))
    workshop.one_language()
    workshop.result()
    return workshop


@settings(max_examples=50 * TIMES, deadline=None, suppress_health_check=QUIET)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(TOKENS)), min_size=1, max_size=3),
)
def test_any_change_of_a_file_is_refused_with_a_reason_or_makes_an_inert_site(
    site: Workshop, path: str, changes: list[tuple[float, int, str]]
) -> None:
    before = text = site.read(path)
    for where, length, token in changes:
        at = int(where * len(text))
        text = text[:at] + token + text[at + length :]
    site.path(path).write_bytes(text.encode("utf-8", "surrogatepass"))
    begun = time.process_time()
    try:
        site.result()
        for name, page in site.published().items():
            if name.endswith(".html"):
                inert(name, page)
    except SiteError as error:
        assert all(one.path for one in error.problems)
        said = report.text(error.problems, str(site.root))
        assert "made the program fail" not in said and "made its process fail" not in said, said
        assert all(line.isprintable() for line in said.split("\n"))
    finally:
        site.write(path, before)
    assert time.process_time() - begun < 60


def inert(name: str, page: str) -> None:
    """A quick look for what must not be there, and a browser's reading of pages that the attack has reached."""
    if "alert(1)" not in page and "javascript:" not in page:
        return
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        tag = str(element.tag)
        assert tag not in ("iframe", "object", "embed", "base", "style"), name
        assert (
            tag != "script"
            or element.get("src", "").startswith("/static/")
            or element.get("type") == "application/ld+json"
        )
        assert not [one for one in element.attrib if str(one).startswith("on") or one == "style"], name
        for one in ("href", "src", "action"):
            assert not re.match(r"\s*(javascript|data|vbscript):", element.get(one, "")), name
