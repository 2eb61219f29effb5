"""Follows every link and anchor in the finished site."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Set
from html import unescape
from urllib.parse import unquote

from builder.model import Output, Problem

SCHEMES = ("http:", "https:", "mailto:", "tel:", "data:", "//")


def links(
    outputs: Iterable[Output], addresses: Set[str], anchors: Callable[[str], frozenset[str]], base: str, home: str
) -> list[Problem]:
    """A problem for each link of the site to itself that leads nowhere, named once with how often it occurs.

    `addresses` are the paths of all published files, `anchors` gives the anchors of one; `base` is the folder of the
    site, `home` its scheme and host.
    """
    known: dict[str, frozenset[str]] = {}
    broken: dict[tuple[str, str], list[Output]] = {}

    def of(path: str) -> frozenset[str]:
        if path not in known:
            known[path] = anchors(path)
        return known[path]

    found: dict[str, str] = {}  # faults of links that lead to the same place from everywhere
    for output in outputs:
        for link in output.links:
            if link in found:
                fault = found[link]
            else:
                fault = _fault(link, output, addresses, of, base, home)
                if link.startswith("/"):
                    found[link] = fault
            if fault:
                broken.setdefault((link, fault), []).append(output)
    return [_problem(link, fault, where) for (link, fault), where in broken.items()]


def _fault(
    link: str, output: Output, addresses: Set[str], anchors: Callable[[str], frozenset[str]], base: str, home: str
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
    there = output.anchors if target == output.path else anchors(target) if anchor else ()
    if anchor and target.endswith(".html") and anchor not in there:
        return f"has no anchor '#{anchor}' there"
    return ""


def _problem(link: str, fault: str, where: Iterable[Output]) -> Problem:
    first, *others = where
    also = f", and in {len(others)} more" if others else ""
    message = f"the link '{link}' {fault} (in /{first.path}{also})"
    return Problem(first.origin, 0, 0, "dead-link", message, "Mend the link, or the template that makes it.")
