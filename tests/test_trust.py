"""What a stranger's change of content cannot do, each attack as it would come. The numbers are those of the guarantees
in the design of the site: confined (G3), safe names (G4), inert (G6), data only (G7), bounded (G8), private (G11) …"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Workshop

from builder import markup
from builder.model import SiteError

ABOUT = "content/en/about.md"
FRONT = "---\ntitle: Another\nsummary: Another page.\npublished: 2026-11-24\nreviewed: 2026-11-24\nreview_by: 2027-05-24\n---\n\n"


@pytest.fixture
def site(workshop: Workshop) -> Workshop:
    workshop.one_language()
    return workshop


def refused(site: Workshop, *parts: str) -> None:
    """The check ends with problems that an editor can place, one of which says all of this."""
    done = site.run("check", PRIVATE="hunter2")
    assert done.returncode in (1, 2), done.stdout
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert any(all(part in line for part in parts) for line in done.stderr.split("\n")), done.stderr


# G3: confined


@pytest.mark.parametrize(
    "path",
    ["content/en/linked.md", "content/en/linked", "content/linked.yaml", "content/addresses.txt", "static/images/linked.png",
     "static/linked", "templates/parts/linked.html", "templates/once/linked.txt", "config.yaml", ABOUT],
)  # fmt: skip
def test_no_link_is_followed(site: Workshop, path: str) -> None:
    secret = site.root.parent / "secret"
    if path.endswith("linked"):
        secret.mkdir()
        (secret / "x.md").write_text("hunter2")
    else:
        secret.write_text("hunter2: hunter2\n")
    site.path(path).unlink(missing_ok=True)
    site.path(path).symlink_to(secret)
    refused(site, path)


@pytest.mark.parametrize("folder", ["content/en/partners", "content", "static", "templates"])
def test_no_link_is_followed_in_the_place_of_a_folder(site: Workshop, folder: str) -> None:
    site.path(folder).rename(site.root.parent / "elsewhere")
    site.path(folder).symlink_to(site.root.parent / "elsewhere")
    refused(site, folder)


def test_a_pipe_is_not_waited_for(site: Workshop) -> None:
    os.mkfifo(site.path("content/en/pipe.md"))
    os.mkfifo(site.path("static/images/pipe.png"))
    refused(site, "content/en/pipe.md", "not an ordinary file")
    refused(site, "static/images/pipe.png", "not an ordinary file")


@pytest.mark.parametrize("include", ["../../config.yaml", "/etc/passwd", "../content/en/about.md"])
def test_a_template_includes_nothing_but_templates(site: Workshop, include: str) -> None:
    site.write("templates/once/x.txt", f'{{% include "{include}" %}}')
    refused(site, "templates/once/x.txt")


# G4: safe names

NAMES = ["A.md", "con.md", "lpt1.md", "a b.md", "ü.md", "a..md", "-a.md", "a\u202e.md", "a\nb.md", "x" * 81 + ".md", "a%2fb.md", "a.html.md",
         "a\\b.md", "::error.md", "~.md", "$(id).md", "a.md.bak", "a.MD", "about.md~"]  # fmt: skip


def test_names_that_cannot_be_addresses_are_refused(site: Workshop) -> None:
    for name in NAMES:
        site.write(f"content/en/{name}", FRONT)
    done = site.run("check")
    assert done.returncode == 1
    lines = [line for line in done.stderr.split("\n") if re.search(": (bad-name|unknown-file): ", line)]
    assert len(lines) == len(NAMES)
    assert not re.search(r"^::", done.stderr + done.stdout, re.M)
    assert "\u202e" not in done.stderr


def test_twins_in_letter_case_and_accents_are_refused(site: Workshop) -> None:
    site.write("content/en/About.md", FRONT)
    site.write("content/en/" + unicodedata.normalize("NFD", "é") + ".md", FRONT)
    refused(site, "content/en/About.md")
    refused(site, "content/en/e")


OLD = [
    "../../x",
    "/etc/x",
    "a/../b",
    "a//b",
    "x { } location / { return 301 https://evil.example; }",
    "A",
    "a\\b",
    "partners/",
    ".git",
]


def test_an_old_address_is_a_plain_path(site: Workshop) -> None:
    """It becomes a folder of the output and a line of a web server's configuration."""
    site.change(ABOUT, "---\n", "---\nold_addresses:\n" + "".join(f"  - '{old}'\n" for old in OLD))
    said = [one for one in site.problems() if "wrong-value: old_addresses." in one]
    assert [one.split(":")[1] for one in said] == [str(number) for number in range(3, 3 + len(OLD))]


def test_an_old_address_takes_no_place_of_another_page(site: Workshop) -> None:
    site.change(ABOUT, "---\n", "---\nold_addresses: [partners/agency]\n")
    assert site.run("check").returncode == 1


def test_files_of_static_are_of_known_types(site: Workshop) -> None:
    names = [
        "x.html",
        "x.svg.html",
        "x.PNG",
        "x.htm",
        "x.xhtml",
        "x",
        "x.js",
        "x.js.map",
        "a b.png",
        "x.xml",
        "x.swf",
        "x.css",
        "::x.png",
    ]
    for name in names:
        site.write(f"static/images/{name}", "<script>alert(1)</script>")
    said = [one for one in site.problems() if re.match(r"static/images/.*: (unknown-type|bad-name): ", one)]
    assert len(said) == len(names)


# G6: inert

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">{}</svg>'


ACTS = ["<script>alert(1)</script>", "<g onload='x()'/>", "<a href='javascript:x()'><text>a</text></a>", "<foreignObject/>",
        "<image href='https://evil.example/x.png'/>", "<use xlink:href='https://evil.example/#x'/>", "<style>@import url(//evil.example)</style>",
        "<set attributeName='href' to='javascript:x()'/>", "<iframe xmlns='http://www.w3.org/1999/xhtml'/>", "<SCRIPT/>", "<g ONCLICK='x'/>",
        "<g style='a'/>", "<g fill='u&#114;l(//evil.example)'/>", "<g fill='url( //evil.example#x)'/>", "<g>"]  # fmt: skip
NO_DRAWING = ["<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + SVG.format("&x;"), "<?xml-stylesheet href='x'?>" + SVG.format(""), "no drawing",
              "<html/>", "", "<svg/>", "<?xml version='1.0' encoding='nonsense'?>" + SVG.format(""), "x" * 600_000]  # fmt: skip


def test_a_drawing_that_could_act_is_refused(site: Workshop) -> None:
    texts = [*map(SVG.format, ACTS), *NO_DRAWING]
    for number, text in enumerate(texts):
        site.write(f"static/images/{number}.svg", text)
    said = [one for one in site.problems() if re.match(r"static/images/\d+.svg: unsafe-drawing: ", one)]
    assert len(said) == len(texts)


def test_a_harmless_drawing_is_published_as_it_is(site: Workshop) -> None:
    text = SVG.format("<title>x</title><path d='M0 0h1'/>")
    site.write("static/images/x.svg", text)
    assert text in site.build().values()


PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></title></script></style>]]>"


def test_markup_in_every_text_of_the_metadata_is_text_in_every_format(site: Workshop) -> None:
    """Pages, lists, feed, calendars, search index and JSON-LD, in whatever field."""
    for path in sorted(site.path("content").rglob("*")):
        if path.suffix not in (".md", ".yaml") or path.name in ("interface.yaml", "formats.yaml"):
            continue
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            match = re.fullmatch(r"( *(?:- )?(?:title|summary|name|text|publisher|covers|indicator|post|definition|role_text|place_text): )\"?([A-Z][^\"{}\[\]]*)\"?", line)  # fmt: skip
            if match:
                lines[number] = match[1] + '"' + (match[2] + PAYLOAD).replace('"', '\\"') + '"'
        path.write_text("\n".join(lines), encoding="utf-8")
    made = site.build()
    seen = 0
    for path, text in made.items():
        seen += "alert(1)" in text
        if path.endswith((".html", ".xml", ".svg")):
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path
    assert seen > 20


# G7: content is data

TRICKS = ["{n.__class__}", "{n.__class__.__mro__}", "{0}", "{n!r:>9999999}", "{n:>99999999}", "{day.__init__.__globals__}", "{}", "{n[0]}", "{", "}", "{{n}}"]  # fmt: skip


def test_words_of_the_interface_are_no_format_strings(site: Workshop) -> None:
    path = "content/en/interface.yaml"
    lines = [f'  form{number}: "words {trick}"\n' for number, trick in enumerate(TRICKS)]
    site.write(path, site.read(path) + "trick:\n" + "".join(lines) + 'other: "words {day.__class__}"\nlist: [a]\n')
    said = site.problems()
    assert sum(": braces: " in one for one in said) == len(TRICKS) + 1
    assert any("'list' is a word of the interface, which is a text" in one for one in said)


CODE = ["{{ site.config }}", "{% include 'base.html' %}", "{{ x.mro() }}", "{# gone #}", "${PATH}", "%s", "{n.mro}"]


def test_template_code_in_a_text_is_shown_as_text(site: Workshop) -> None:
    site.write(ABOUT, site.read(ABOUT) + "".join(f"\nWords {text} words.\n" for text in CODE))
    site.change(ABOUT, "title: About", f'title: "About {CODE[0]}"')
    page = unescape(site.build()["en/about/index.html"])
    assert all(f"Words {text} words" in page for text in CODE)
    assert f"<h1>About {CODE[0]}</h1>" in page


# G8: bounded


STRANGE = ["- " * 8000, "[" * 15000, "{" * 15000, "a: " * 5000, "? " * 8000, "a: &a [*a, *a]", "a: !!python/object/apply:os.system [id]",
           "<<: {a: b}", "a: b\na: c", "title: " + "x" * 16400, "a: 'b", "\u2028a: b", "a: \x00", "a: |\n" + " x\n" * 5000, "!<!> a: b",
           "%YAML 9.9\n---\na: b", "a: 2026-02-30", "a: " + "9" * 5000, "\t- a", "a: [b, {c: [d, {e: [f, {g: h}]}]}]", "published: 2026-02-30",
           "published: 0000-00-00", "published: 99999-01-01", "order: 1e999", "order: .nan", "order: 0x10", "order: " + "9" * 400, "changes: {date: a}",
           "? [a]\n: b", "a: &x b\nc: *x", "...\n---\n", "a: b\n...\nc: d", "title: [a]", "title: {a: b}", "", "a", "- a", "changes: a", "source: {a: b}",
           "order: " + "9" * 5000, "title: ''", "published: '1998-02/1997'"]  # fmt: skip


def test_strange_metadata_is_a_problem_with_a_line(site: Workshop) -> None:
    for number, front in enumerate(STRANGE):
        site.write(f"content/en/strange-{number}.md", f"---\n{front}\n---\n\nWords.\n")
    done = site.run("check")
    assert done.returncode == 1, done.stdout
    for number, front in enumerate(STRANGE):
        assert re.search(rf"content/en/strange-{number}\.md:\d+:\d+: [a-z-]+: ", done.stderr), front[:50]
    for word in ("Traceback", "made its process fail", "made the program fail", "over-limit"):
        assert word not in done.stderr, done.stderr
    assert max(len(line) for line in done.stderr.split("\n")) < 1000


@pytest.mark.parametrize("sign", ["\r", "\x85", "\u2028", "\u2029"])
def test_no_field_hides_behind_a_sign_that_only_yaml_takes_for_the_end_of_a_line(site: Workshop, sign: str) -> None:
    site.change(ABOUT, "summary:", "sumary:")
    site.change(ABOUT, "title: About", f"title: About{sign}old_addresses: [other]")
    said = site.problems()
    assert any(f"{ABOUT}:2:13: unseen-character: " in one for one in said), said
    assert any(f"{ABOUT}:3:1: unknown-field: sumary" in one for one in said) or any(": yaml: " in one for one in said)


def test_thousands_of_wrong_names_are_told_without_a_search_for_each(site: Workshop) -> None:
    """To compare each with all names there are took ten seconds for this page, beyond the reach of the limits."""
    text = "\n\n".join(" ".join(f"[@letter{n}-{m}]" for m in range(40)) for n in range(100))
    site.write(ABOUT, f"{site.read(ABOUT)}\n{text}\n")
    with pytest.raises(SiteError) as caught:
        site.result(writes=False)
    told = [one.hint for one in caught.value.problems if one.code == "unknown-source"]
    assert len(told) == 4000
    assert 0 < sum("Did you mean" in one for one in told) <= 100


def test_a_page_that_takes_too_long_is_named_and_the_others_are_reported(
    site: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builder import examine

    before = examine.page

    def slow(source: object, **options: object) -> object:
        path = source.path  # type: ignore[attr-defined]
        while path.endswith("about.md"):
            pass
        if path.endswith("agency.md"):
            os.kill(os.getpid(), 11)
        return bytes(900_000_000) if path.endswith("bridge.md") else before(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(examine, "page", slow)
    site.change("config.yaml", "languages:", "seconds: 1\nlanguages:")
    site.write("content/en/strange.md", "---\na: b\n---\n")
    with pytest.raises(SiteError) as caught:
        site.result(writes=False)
    said = [str(one) for one in caught.value.problems]
    assert f"{ABOUT}: over-limit: took longer than 1 seconds" in said
    assert "content/en/partners/agency.md: over-limit: made its process fail (signal 11)" in said
    assert "content/en/programmes/bridge.md: over-limit: needed more than 500 megabytes of memory" in said
    assert any(one.startswith("content/en/strange.md:2:1: unknown-field") for one in said)


# G11 and G12: nothing private, honest messages


def test_dot_files_and_leftovers_of_editors_are_not_published(site: Workshop) -> None:
    for name in (
        "content/en/.secret.md",
        "content/.env",
        "static/.git-credentials",
        "static/.git/config.txt",
        "templates/once/.git/config",
        "static/images/.x.png.swp",
        "templates/once/.env",
        "templates/once/.x.txt.swp",
    ):
        site.write(name, "hunter2")
    made = site.build()
    assert not [path for path, text in made.items() if "hunter2" in text]


def test_the_output_names_no_path_and_nothing_of_the_environment(site: Workshop) -> None:
    done = site.run(PRIVATE="hunter2")
    assert done.returncode == 0
    for path, text in site.published().items():
        assert str(site.root.parent) not in text, path
        assert "hunter2" not in text, path


TRICK_SIGNS = ["::error::x", "\x1b[2J", "\u202e", "\u2066", "\u2028::set-output name=x::y", "\r::error::x", "\x9b2J"]


def test_what_an_editor_wrote_gives_the_log_no_orders(site: Workshop) -> None:
    base = site.root.parent / "base"
    (base / "content").mkdir(parents=True)
    (base / "config.yaml").write_text(site.read("config.yaml"), encoding="utf-8")
    for number, trick in enumerate(TRICK_SIGNS):
        front = f"title: |\n  a\n  {trick}\nsummary: '{trick}'\n{trick}: {trick}"
        text = f"## {trick}\n\n[{trick}]({trick}) [@{trick}] <{trick}>\n"
        site.write(f"content/en/strange-{number}.md", f"---\n{front}\n---\n\n{text}")
        site.write(f"content/en/title-{number}.md", FRONT.replace("Another\n", f"'{trick}'\n") + text)
    for words in (
        ["check"],
        ["check", "--format", "github"],
        ["check", "--format", "json"],
        ["status"],
        ["diff", str(base)],
    ):
        done = site.run(*words)
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        orders = [line for line in re.split(r"[\n\r\x85\u2028\u2029]", said) if line.lstrip().startswith("::")]
        if "github" not in words:
            assert not orders, orders
        assert all(re.match(r"::(error|warning) file=", line) for line in orders), orders
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", said), words


# G3 and G10: what a build touches, seen by the interpreter itself

WATCH = """
import json, os, runpy, sys
log, sys.argv = sys.argv[1], sys.argv[2:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
busy = []
def hook(event, args):
    if busy or not event.startswith(("open", "socket.", "subprocess.", "os.")) or event == "os.fork":
        return
    busy.append(1)
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    os.write(handle, (json.dumps([event, str(args[0]) if args else "", bool(writes)]) + "\\n").encode())
    busy.pop()
sys.addaudithook(hook)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
CHANGES = {
    "os.rename",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.truncate",
    "os.utime",
    "os.chown",
}


def test_a_build_reads_its_sources_writes_its_output_and_asks_nobody(site: Workshop, tmp_path: Path) -> None:
    """Every file that is opened and every process and connection that is begun, in the build and its children."""
    log = tmp_path / "log"
    command = [sys.executable, "-B", "-c", WATCH, str(log), str(ROOT / "build.py"), "--root", str(site.root)]
    done = subprocess.run([*command, "--output", str(site.output)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").split("\n") if line]
    assert len(rows) > 200
    ours = (str(site.output), str(site.output.parent / ".public-build"))
    sources = tuple(str(site.root / name) for name in ("config.yaml", "content", "templates", "static"))
    program = (
        str(ROOT / "builder"),
        str(ROOT / "build.py"),
        sys.base_prefix,
        sys.prefix,
        "/proc/self/",
        "/usr/",
        "/lib",
        "/etc/",
        "/dev/null",
    )
    for event, path, writes in (row for row in rows if not row[1].isdigit()):
        assert not event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system")), (
            event,
            path,
        )
        if event in CHANGES or writes:
            assert path.startswith(ours), (event, path)
        elif event == "open" and path.startswith("/") and Path(path) != site.output.parent:  # it is waited for
            assert path.startswith((*ours, *sources, *program)), path


# G6 and G9 on the real pages


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text.casefold()))


def test_every_word_of_every_real_page_is_on_its_published_page(real: Path) -> None:
    """Read from the sources without the program's help: what a template drops is found too."""
    count = 0
    for path in sorted((ROOT / "content").glob("*/**/*.md")):
        front, _, text = path.read_text(encoding="utf-8")[4:].partition("\n---\n")
        for pattern in (r"\[@[^\]]*\]", r"\]\([^)\s]*", r"(?m)^(```|~~~).*$"):
            text = re.sub(pattern, " ", text)
        data = yaml.load(front, Loader=yaml.BaseLoader)
        address = str(path.relative_to(ROOT / "content"))[:-3].removesuffix("index").strip("/")
        page = (real / address / "index.html").read_text(encoding="utf-8")
        shown = words(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?(?:abbr|em|strong|code)\b[^>]*>", "", page))))
        missing = words(unescape(re.sub(r"[*`\\]", "", text))) - shown
        assert not missing, (path, missing)
        assert not words(data["title"]) - shown, path
        count += 1
    assert count > 200


def test_cleaning_takes_nothing_from_real_pages() -> None:
    class Tags(HTMLParser):
        def __init__(self, page: str) -> None:
            super().__init__()
            self.found: list[object] = []
            self.feed(page)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append((tag, sorted(attrs)))

        def handle_endtag(self, tag: str) -> None:
            self.found.append(tag)

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    count = 0
    for path in sorted((ROOT / "content").glob("*/**/*.md")):
        text = path.read_text(encoding="utf-8").partition("\n---\n")[2]
        made = markup._converter().page(text, markup._Page())
        assert Tags(markup._CLEANER.clean(made)).found == Tags(made).found, path
        count += 1
    assert count > 200


def test_what_is_no_site_or_stands_where_nothing_can_use_it_is_refused(site: Workshop) -> None:
    def whole(path: str) -> None:
        site.remove(path)
        site.path(path).mkdir()

    def spoiled(path: str) -> None:
        site.path(path).parent.mkdir(parents=True, exist_ok=True)
        site.path(path).write_bytes(b"\xff")

    odd: dict[str, tuple[Callable[[], object], str]] = {
        "configuration is a folder": (lambda: whole("config.yaml"), "config.yaml: not-a-file: is not an ordinary file"),
        "ledger is a folder": (
            lambda: site.path("content/addresses.txt").mkdir(),
            "content/addresses.txt: bad-name: 'addresses.txt' cannot be the name of a page",
        ),
        "no templates": (lambda: shutil.rmtree(site.path("templates")), "templates: no-folder: is not there"),
        "static is a file": (
            lambda: (shutil.rmtree(site.path("static")), site.path("static").write_text("x")),
            "static: no-folder: is not there",
        ),
        "page outside a language": (
            lambda: site.write("content/x.md", site.read(ABOUT)),
            "content/x.md: misplaced: is a page, which cannot stand here",
        ),
        "template of no kind": (
            lambda: site.write("templates/each-page/evnt.html", "x"),
            "templates/each-page/evnt.html: unused-template: is for pages of a kind that there is not: 'evnt'",
        ),
        "template in no folder": (
            lambda: site.write("templates/each-pages/event.html", "x"),
            "templates/each-pages/event.html: unused-template: stands in 'each-pages', which says nothing about how "
            "often it is rendered",
        ),
        "style of bytes": (lambda: spoiled("static/css/9-x.css"), "static/css/9-x.css: not-utf-8: is not UTF-8 text"),
        "templates that fail": (
            lambda: (
                spoiled("templates/once/a.txt"),
                site.write("templates/once/b.txt", "{{ 1 / 0 }}"),
                site.write("templates/once/c.txt", '{% include "parts/c.html" %}'),
            ),
            "templates/once/a.txt:1:1: template-syntax: is not UTF-8 text (while making /a.txt)\n"
            "templates/once/b.txt:1:1: template-error: ZeroDivisionError: division by zero (while making /b.txt)\n"
            "templates/once/c.txt:1:1: template-error: there is no templates/parts/c.html (while making /c.txt)",
        ),
    }
    kept = site.root.with_name("kept")
    shutil.copytree(site.root, kept)
    for name, (change, said) in odd.items():
        change()
        assert "\n".join(site.problems()) == said, name
        shutil.rmtree(site.root)
        shutil.copytree(kept, site.root)


def test_an_output_among_the_sources_is_refused(site: Workshop) -> None:
    for name in ("content", "content/public", "static/images"):
        site.output = site.path(name)
        done = site.run()
        assert done.returncode == 2 and f"{name}: output-within: the output lies in " in done.stderr, done.stderr
    assert not site.path("content/public").exists() and not site.path("content/.public-build").exists()


def test_an_entry_whose_name_could_lead_elsewhere_is_refused(site: Workshop) -> None:
    """Names of entries become files: a calendar, an address book, a page of a source."""
    names = ["../../../evil", "a b", "<script>", "x/y", "É", "con", "A", "", "a" * 81, ".git", "a\\u202eb"]
    entry = "  name: {en: Bridge Office}\n  partner: agency\n  source: letter\n"
    for name in names:
        site.write("content/contacts.yaml", f'"{name}":\n{entry}')
        found = site.problems()
        assert found and found[0].startswith("content/contacts.yaml:1:1: "), (name, found)
        assert re.search(r": (bad-name|unseen-character): ", found[0]), found
    site.write("content/contacts.yaml", f"office:\n{entry}")
    assert site.problems() == []
