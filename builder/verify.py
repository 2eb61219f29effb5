"""Follows every link and anchor in the finished site."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from html import unescape
from urllib.parse import unquote

from builder.model import Output, Problem

SCHEMES = ("http:", "https:", "mailto:", "tel:", "data:", "//")


def links(outputs: Mapping[str, Output], addresses: set[str], base: str, home: str) -> list[Problem]:
    """A problem for each link of the site to itself that leads nowhere, named once with how often it occurs.

    `addresses` are the paths of all published files; `base` the folder of the site, `home` its scheme and host.
    """
    anchors = {path: frozenset(one.anchors) for path, one in outputs.items()}
    broken: dict[tuple[str, str], list[Output]] = {}
    for output in outputs.values():
        for link in output.links:
            if fault := _fault(link, output, addresses, anchors, base, home):
                broken.setdefault((link, fault), []).append(output)
    return [_problem(link, fault, where) for (link, fault), where in broken.items()]


def _fault(
    link: str, output: Output, addresses: set[str], anchors: Mapping[str, frozenset[str]], base: str, home: str
) -> str:
    if link.startswith(home):
        link = link[len(home) :]
    if link.startswith(SCHEMES):
        return ""
    path, _, anchor = unescape(link).partition("#")
    path = unquote(path.partition("?")[0])
    target = output.path
    if path:
        if not path.startswith("/"):
            path = posixpath.normpath(posixpath.join(base + "/" + posixpath.dirname(output.path), path))
        elif not path.startswith(base + "/") and path != base:
            return "leads out of the site's folder"
        target = path.removeprefix(base).lstrip("/")
        if not target or target.endswith("/"):
            target += "index.html"
    if target not in addresses:
        return "leads nowhere"
    if anchor and target in anchors and anchor not in anchors[target]:
        return f"has no anchor '#{anchor}' there"
    return ""


def _problem(link: str, fault: str, where: Iterable[Output]) -> Problem:
    first, *others = where
    also = f", and in {len(others)} more" if others else ""
    message = f"the link '{link}' {fault} (in /{first.path}{also})"
    return Problem(first.origin, 0, 0, "dead-link", message, "Mend the link, or the template that makes it.")
