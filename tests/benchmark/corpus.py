"""Writes the corpus: seeded pages of about 535 words in 20 sections, as each generator wants them."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECTIONS = 20
WORDS = [
    "border",
    "control",
    "training",
    "officers",
    "seizure",
    "report",
    "meeting",
    "agency",
    "programme",
    "region",
    "trade",
    "transit",
    "cargo",
    "container",
    "customs",
    "police",
    "health",
    "treatment",
    "prison",
    "court",
    "law",
    "protocol",
    "agreement",
    "review",
    "office",
    "partner",
    "donor",
    "project",
    "phase",
    "result",
    "support",
    "equipment",
    "laboratory",
    "analysis",
    "information",
    "exchange",
    "centre",
    "network",
    "operation",
    "seminar",
    "expert",
    "unit",
]


class Page:
    """One page: where it is, its title, date and text."""

    def __init__(self, number: int, many: int) -> None:
        draw = random.Random(number)
        self.section, self.name = number % SECTIONS, f"page-{number:05}"
        self.title = f"{draw.choice(WORDS).capitalize()} {draw.choice(WORDS)} {number}"
        self.date = f"20{10 + number % 15:02}-{1 + number % 12:02}-{1 + number % 28:02}"
        self.summary = sentence(draw, 14)
        self.targets = [draw.randrange(many) for _ in range(3)]
        self.draw = draw

    def text(self, link) -> str:  # type: ignore[no-untyped-def]
        """The text in Markdown; `link` writes a link to another page by its number."""
        draw, parts = self.draw, []
        for part in range(4):
            parts.append(f"## {sentence(draw, 4)[:-1]} {part}\n")
            parts.extend(" ".join(sentence(draw, 14) for _ in range(3)) + "\n" for _ in range(2))
            if part == 0:
                parts.append("\n".join(f"- {sentence(draw, 7)}" for _ in range(5)) + "\n")
            if part == 1:
                parts.append("\n".join(f"{n}. {sentence(draw, 7)}" for n in range(1, 5)) + "\n")
            if part == 2:
                rows = "\n".join(
                    f"| {draw.choice(WORDS)} | {draw.randrange(9999)} | {draw.choice(WORDS)} |" for _ in range(5)
                )
                parts.append(f"| kind | count | place |\n|---|---|---|\n{rows}\n")
            if part == 3:
                parts.append(f"> {sentence(draw, 18)}\n")
                parts.append("See " + ", ".join(link(one) for one in self.targets) + ".\n")
        return "\n".join(parts)


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(words)).capitalize() + "."


def pages(many: int) -> list[Page]:
    """The pages of a corpus."""
    return [Page(number, many) for number in range(many)]


def ours(folder: Path, many: int) -> Path:
    """The corpus in our layout, with the templates that all generators have; returns a page to edit."""
    nav = (
        '{% call fragment("nav") %}{% for one in site.children(site.page("index")) %}<li><a href="{{ one.url }}">'
        "{{ one.title }}</a></li>{% endfor %}{% endcall %}"
    )
    base = BASE.format(
        title="{{ page.title }}", summary="{{ page.summary }}", nav=nav,
        body="<h1>{{ page.title }}</h1>{{ body() }}{% block more %}{% endblock %}"
        '{% for one in cited() %}<p id="ref-{{ one.number }}">{{ one.source.title }}</p>{% endfor %}',
    )  # fmt: skip
    rows = (
        '{% extends "base.html" %}{% block more %}<ul>{% for one in site.listed(page.id ~ "/", number).found %}'
        '<li><a href="{{ one.url }}">{{ one.title }}</a> {{ one.published }} {{ one.summary }}</li>{% endfor %}</ul>{% endblock %}'
    )
    entry = "<url><loc>{{ absolute(page.url) }}</loc></url>"
    texts = {
        "templates/base.html": base.replace("/site.css", '{{ asset("css/site.css") }}').replace('"/"', '"/en/"'),
        "templates/each-page/page.html": '{% extends "base.html" %}',
        "templates/each-page/section.html": rows,
        "templates/once/sitemap.xml": f'<urlset>{{% for page in site.pages("") %}}{entry}{{% endfor %}}</urlset>',
        "templates/each-language/feed.xml": "<feed>{% for page in site.latest(20) %}<entry><title>{{ page.title }}</title><id>"
        "{{ absolute(page.url) }}</id><summary>{{ page.summary }}</summary></entry>{% endfor %}</feed>",
        "static/css/1-all.css": "body { margin: 1em }\n",
    }
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return _content(folder, many)


def with_templates_of_the_site(folder: Path, many: int) -> Path:
    """The same content under the templates of the real site: facts, JSON-LD, citations, further pages, data files."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copytree(ROOT / "static", folder / "static")
    return _content(folder, many)


def _content(folder: Path, many: int) -> Path:
    (folder / "config.yaml").write_text(
        "name: {en: Benchmark}\naddress: https://bench.example/\nlanguages: [en]\n"
        "repository: https://code.example/bench\neditors: {en: Nobody}\n"
    )
    content = folder / "content" / "en"
    content.mkdir(parents=True)
    for name in ("interface.yaml", "formats.yaml"):
        shutil.copy(ROOT / "content" / "en" / name, content / name)
    (folder / "content" / "sources.yaml").write_text(
        'one:\n  title: "One"\n  publisher: "Nobody"\n  language: en\n  accessed: "2026-11-23"\n  type: press\n'
    )
    head = "published: 2026-11-24\n---\n\n"
    (content / "index.md").write_text(f"---\ntitle: Home\nsummary: All of it.\nlists: page\n{head}Welcome [@one].\n")
    for number in range(SECTIONS):
        (content / f"section-{number:02}").mkdir()
        text = f"---\ntitle: Section {number}\nsummary: A section.\nlists: page\n{head}Pages.\n"
        (content / f"section-{number:02}" / "index.md").write_text(text)
    for page in pages(many):
        text = page.text(lambda n: f"[page {n}](../section-{n % SECTIONS:02}/page-{n:05}.md)")
        front = f"---\ntitle: {page.title}\nsummary: {page.summary}\npublished: {page.date}\n---\n\n"
        (content / f"section-{page.section:02}" / f"{page.name}.md").write_text(front + text)
    return content / "section-07" / "page-00007.md"


BASE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="{summary}"><link rel="stylesheet" href="/site.css"></head><body><header><a href="/">Home</a>
<nav><ul>{nav}</ul></nav></header><main>{body}</main><footer>Footer</footer></body></html>"""


def hugo(folder: Path, many: int) -> Path:
    """The corpus for Hugo: page, section, home, sitemap and feed."""
    (folder / "layouts" / "_default").mkdir(parents=True)
    (folder / "hugo.toml").write_text(
        'baseURL = "https://bench.example/"\ntitle = "Benchmark"\ndisableKinds = ["taxonomy", "term"]\n'
    )
    nav = '{{ partialCached "nav.html" . }}'
    (folder / "layouts" / "partials").mkdir()
    (folder / "layouts" / "partials" / "nav.html").write_text(
        '{{ range site.Sections }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}'
    )
    single = BASE.format(
        title="{{ .Title }}", summary="{{ .Params.summary }}", nav=nav, body="<h1>{{ .Title }}</h1>{{ .Content }}"
    )
    rows = '<h1>{{ .Title }}</h1>{{ .Content }}<ul>{{ range .Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Date }} {{ .Params.summary }}</li>{{ end }}</ul>'
    listing = BASE.format(title="{{ .Title }}", summary="", nav=nav, body=rows)
    (folder / "layouts" / "_default" / "single.html").write_text(single)
    (folder / "layouts" / "_default" / "list.html").write_text(listing)
    (folder / "layouts" / "index.html").write_text(listing)
    return _plain(
        folder / "content", many, "_index.md", lambda n: f"[page {n}](/section-{n % SECTIONS:02}/page-{n:05}/)"
    )


def eleventy(folder: Path, many: int) -> Path:
    """The corpus for Eleventy: page, section, home, sitemap."""
    (folder / "_includes").mkdir(parents=True)
    (folder / "eleventy.config.js").write_text(
        "module.exports = c => { for (let i = 0; i < 20; i++) { const s = 'section-' + String(i).padStart(2, '0');"
        " c.addCollection(s, a => a.getFilteredByGlob('content/' + s + '/page-*.md').reverse()); }"
        " return { dir: { input: 'content', includes: '../_includes', output: 'public' }, markdownTemplateEngine: false } };\n"
    )
    nav = "{% for i in range(0, 20) %}<li><a href=\"/section-{{ '0' + i if i < 10 else i }}/\">Section {{ i }}</a></li>{% endfor %}"
    single = BASE.format(
        title="{{ title }}", summary="{{ summary }}", nav=nav, body="<h1>{{ title }}</h1>{{ content | safe }}"
    )
    (folder / "_includes" / "page.njk").write_text(single)
    rows = '<h1>{{ title }}</h1>{{ content | safe }}<ul>{% for one in collections[list] %}<li><a href="{{ one.url }}">{{ one.data.title }}</a> {{ one.data.summary }}</li>{% endfor %}</ul>'
    (folder / "_includes" / "list.njk").write_text(BASE.format(title="{{ title }}", summary="", nav=nav, body=rows))
    page = _plain(
        folder / "content", many, "index.md", lambda n: f"[page {n}](/section-{n % SECTIONS:02}/page-{n:05}/)",
        extra="layout: page.njk\n", listing="layout: list.njk\nlist: {section}\n",
    )  # fmt: skip
    (folder / "content" / "sitemap.njk").write_text(
        "---\npermalink: /sitemap.xml\n---\n<urlset>{% for one in collections.all %}<url><loc>{{ one.url }}</loc></url>{% endfor %}</urlset>"
    )
    return page


def mkdocs(folder: Path, many: int) -> Path:
    """The corpus for MkDocs, without plugins, with a theme of one template."""
    (folder / "theme").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(
        "site_name: Benchmark\nsite_url: https://bench.example/\ndocs_dir: content\nsite_dir: public\nplugins: []\n"
        "theme: {name: null, custom_dir: theme}\nmarkdown_extensions: [tables, toc]\n"
    )
    (folder / "theme" / "main.html").write_text(
        BASE.format(title="{{ page.title }}", summary="{{ page.meta.summary }}", nav="", body="{{ page.content }}")
    )
    return _plain(
        folder / "content", many, "index.md", lambda n: f"[page {n}](../section-{n % SECTIONS:02}/page-{n:05}.md)"
    )


def pelican(folder: Path, many: int) -> Path:
    """The corpus for Pelican."""
    (folder / "theme" / "templates").mkdir(parents=True)
    (folder / "pelicanconf.py").write_text(
        "SITENAME='Benchmark'\nSITEURL='https://bench.example'\nPATH='content'\nOUTPUT_PATH='public'\nTHEME='theme'\n"
        "FORMATTED_FIELDS=[]\nMARKDOWN={'extensions':['markdown.extensions.meta','markdown.extensions.toc','markdown.extensions.tables']}\n"
        "DEFAULT_PAGINATION=False\nTIMEZONE='UTC'\nDIRECT_TEMPLATES=['index']\nAUTHOR_SAVE_AS=''\nTAG_SAVE_AS=''\n"
        "ARTICLE_URL='{category}/{slug}/'\nARTICLE_SAVE_AS='{category}/{slug}/index.html'\nCATEGORY_SAVE_AS='{slug}/index.html'\n"
    )
    single = BASE.format(
        title="{{ article.title }}",
        summary="{{ article.summary }}",
        nav="",
        body="<h1>{{ article.title }}</h1>{{ article.content }}",
    )
    rows = '<ul>{% for one in articles %}<li><a href="{{ one.url }}">{{ one.title }}</a></li>{% endfor %}</ul>'
    for name, text in (("article", single), ("index", BASE.format(title="Home", summary="", nav="", body=rows))):
        (folder / "theme" / "templates" / f"{name}.html").write_text(text)
    listing = BASE.format(title="{{ category }}", summary="", nav="", body=rows)
    (folder / "theme" / "templates" / "category.html").write_text(listing)
    first = None
    for page in pages(many):
        path = folder / "content" / f"section-{page.section:02}" / f"{page.name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = page.text(lambda n: f"[page {n}](/section-{n % SECTIONS:02}/page-{n:05}/)")
        path.write_text(f"title: {page.title}\ndate: {page.date}\nslug: {page.name}\nsummary: {page.summary}\n\n{text}")
        first = first or path
    assert first
    return first


def _plain(content: Path, many: int, index: str, link, extra: str = "", listing: str = "") -> Path:  # type: ignore[no-untyped-def]
    content.mkdir(parents=True, exist_ok=True)
    (content / index).write_text(f"---\ntitle: Home\n{listing.format(section='all')}---\n\nWelcome.\n")
    first = None
    for number in range(SECTIONS):
        section = content / f"section-{number:02}"
        section.mkdir()
        (section / index).write_text(
            f"---\ntitle: Section {number}\n{listing.format(section=section.name)}---\n\nPages.\n"
        )
    for page in pages(many):
        path = content / f"section-{page.section:02}" / f"{page.name}.md"
        text = page.text(link)
        path.write_text(f"---\ntitle: {page.title}\ndate: {page.date}\nsummary: {page.summary}\n{extra}---\n\n{text}")
        first = first or path
    assert first
    return first
