"""From content to published site, as a sentence.

    sources = load.everything(root)          files, as text with positions
    site    = check.site(sources, as_of)     typed, cross-referenced, or SiteError with every Problem
    made    = render …                       every file of the site
    verify.links(made)
    write.publish(made)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from builder import check, examine, load, markup, render, verify, write
from builder.model import Output, Problem, SiteError
from builder.site import Site


@dataclass(frozen=True)
class Request:
    """What a build was asked for."""

    root: str
    output: str
    as_of: str  # an ISO day
    strict: bool = False
    writes: bool = True
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class Result:
    """What a build did."""

    pages: int
    files: int
    size: int  # bytes
    warnings: tuple[Problem, ...]
    counts: dict[str, int]
    changed: int = 0


def build(request: Request) -> Result:
    """Builds the site; raises SiteError with every problem, and then the published site is as it was."""
    if not request.writes:
        return _made(request, None)
    with write.locked(request.output) as place:
        return _made(request, place)


def _made(request: Request, place: write.Place | None) -> Result:
    sources = load.must_read(request.root)
    config, examined = examine_all(sources, request.as_of)
    site, problems = check.site(config, examined, list(sources.problems))
    if request.strict and problems:
        raise SiteError([replace(one, warning=False) for one in problems])
    names, files = render.assets(request.root)
    renderer = render.Renderer(request.root, site, names, converter(site, sources))
    outputs: dict[str, Output] = {}
    sums: dict[str, str] = {}
    size = 0

    def keep(path: str, data: bytes) -> None:
        nonlocal size
        sums[path] = hashlib.sha256(data).hexdigest()
        size += len(data)
        if place:
            write.put(place, path, data)

    for path, data in files.items():
        keep(path, data)
    jobs = renderer.jobs()
    faults: list[Problem] = []
    for number, job in enumerate(jobs):
        try:
            output, _ = renderer.render(job)
        except SiteError as error:
            faults.extend(error.problems)
            continue
        keep(output.path, output.data)
        outputs[output.path] = replace(output, data=b"")
        if request.progress:
            request.progress(number + 1, len(jobs))
    faults.extend(renderer.problems)
    if not faults:
        faults = verify.links(outputs, set(sums), renderer.base, home(site))
    if [one for one in faults if not one.warning]:
        raise SiteError([*problems, *faults])
    if place:
        publish(place, sums)
    pages = sum(1 for path in sums if path.endswith(".html"))
    return Result(pages, len(sums), size, tuple([*problems, *faults]), site.counts)


def home(site: Site) -> str:
    """Scheme and host of the site's address."""
    address: str = site.config["address"]
    return "/".join(address.split("/")[:3])


def examine_all(sources: load.Sources, as_of: str) -> tuple[dict[str, Any], dict[str, examine.Examined]]:
    """The configuration, and every file on its own."""
    first = examine.config(sources.files.get("config.yaml"))
    if first["config"] is None:
        raise SiteError([Problem(*row) for row in first["problems"]])
    config = first["config"] | {"as_of": as_of}
    languages = config["languages"]
    found: dict[str, examine.Examined] = {}
    for path in (f"content/{code}/{name}.yaml" for code in languages for name in ("interface", "formats")):
        if path in sources.files:
            found[path] = examine.plain(sources.files[path])
    formats = {code: found.get(f"content/{code}/formats.yaml", {}).get("plain", {}) for code in languages}
    glossary = sources.files.get("content/glossary.yaml")
    settings = examine.settings(languages, formats, glossary.front.plain() if glossary and glossary.front else {})
    for path, source in sources.files.items():
        if path.endswith(".md"):
            lang = path.split("/")[1]
            found[path] = examine.page(source, original=lang == languages[0], lang=lang, setting=settings.get(lang, {}))
        elif path != "config.yaml" and path not in found and not path.endswith(("/interface.yaml", "/formats.yaml")):
            found[path] = examine.shared(source, settings)
    return config, found


def converter(site: Site, sources: load.Sources) -> Callable[[str, str], tuple[str, Any]]:
    """A function that turns the body of a page into HTML and problems."""

    def convert(lang: str, page: str) -> tuple[str, list[Problem]]:
        body = site.bodies[lang, page]
        text = sources.files[body.path].text
        made = markup.convert(text, ids=body.ids, links=body.links, glossary=site.glossary[lang], lang=lang)
        return made.html, [replace(one, path=body.path, line=one.line + body.line - 1) for one in made.problems]

    return convert


def publish(place: write.Place, sums: dict[str, str]) -> None:
    """Publishes what changed."""
    before = write.sums(place.output)
    changed = {path for path, value in sums.items() if before.get(path) != value}
    if not changed and len(before) == len(sums):
        return
    write.publish(place, sums, changed, set(before) - set(sums))


def rooted(path: str) -> str:
    """An absolute path without a trailing separator."""
    return os.path.abspath(path)
