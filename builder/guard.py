"""What may stand in static/ and templates/: ordinary files of known types, and drawings that cannot act.

Pictures come with changes of content, from people whom nobody knows; they are published as they are, and a browser that
is sent straight to a drawing runs what stands in it. So a drawing is read here, and refused unless it only draws.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from builder.model import Problem
from builder.site import FOLDER_OF

FOLDERS = frozenset(["each-page", "each-language", "once", "parts", "shows"])  # of templates/
PAGES = frozenset([*FOLDER_OF, "page", "section"])

# What each folder of static/ may hold. Scripts and style sheets have folders of their own, which few people may change.
PICTURES = frozenset([".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".ico", ".pdf", ".txt"])
TYPES = {"css": frozenset([".css"]), "js": frozenset([".js", ".txt"])}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TEMPLATE = re.compile(r"[A-Za-z0-9_{][A-Za-z0-9._{}-]{0,99}")
DRAWING_LIMIT = 512 * 1024  # bytes
SVG = "{http://www.w3.org/2000/svg}"
DRAWS = frozenset(
    [
        "svg",
        "g",
        "title",
        "desc",
        "defs",
        "symbol",
        "use",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "clipPath",
        "mask",
        "pattern",
        "marker",
        "linearGradient",
        "radialGradient",
        "stop",
    ]
)
LINKS = frozenset(["href", "{http://www.w3.org/1999/xlink}href"])


def problems(root: str) -> list[Problem]:
    """Everything in static/ and templates/ that is not what it must be, and folders that are links."""
    found = [
        Problem(name, 0, 0, "link", "is a symbolic link", "Put the folder itself there.")
        for name in ("content", "static", "templates")
        if os.path.islink(os.path.join(root, name))
    ]
    if found:
        return found
    found = [
        Problem(name, 0, 0, "no-folder", "is not there", "A site has the folders content, static and templates.")
        for name in ("content", "static", "templates")
        if not os.path.isdir(os.path.join(root, name))
    ]
    seen: dict[str, str] = {}
    for path, entry in [*_entries(root, "static"), *_entries(root, "templates")]:
        if entry.is_symlink():
            found.append(Problem(path, 0, 0, "link", "is a symbolic link", "Put the file itself there."))
        elif not entry.is_file(follow_symlinks=False):
            found.append(Problem(path, 0, 0, "not-a-file", "is not an ordinary file", "Remove it."))
        elif path.startswith("templates/"):
            if not TEMPLATE.fullmatch(entry.name):
                hint = "Use letters, digits, dots, hyphens and braces; remove what an editor left."
                found.append(Problem(path, 0, 0, "bad-name", "cannot be the name of a template", hint))
            elif reason := _unused(path):
                hint = "See the table under “Change the look” in the README."
                found.append(Problem(path, 0, 0, "unused-template", reason, hint))
        else:
            found += _published(root, path, entry.name)
            twin = seen.setdefault(path.casefold(), path)
            if twin != path:
                found.append(Problem(path, 0, 0, "twin", f"differs from {twin} only in letter case", "Rename one."))
    return found


def _unused(path: str) -> str:
    """Why nothing can use a template that stands there, or nothing."""
    _, folder, *rest = path.split("/")
    if not rest:
        return "" if folder.endswith(".html") else "stands in no folder that says how often it is rendered"
    if folder not in FOLDERS:
        return f"stands in '{folder}', which says nothing about how often it is rendered"
    if folder == "each-page" and rest[-1].partition(".")[0] not in PAGES:
        return f"is for pages of a kind that there is not: '{rest[-1].partition('.')[0]}'"
    return ""


def _entries(root: str, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All files below a folder, but for those whose name, or whose folder's, begins with a dot; no link is followed."""
    try:
        entries = sorted(os.scandir(os.path.join(root, folder)), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.name.startswith(".") and entry.name != ".well-known":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(root, path)
        else:
            yield path, entry


def _published(root: str, path: str, name: str) -> list[Problem]:
    suffix, steps = os.path.splitext(name)[1], path.split("/")
    allowed = TYPES.get(steps[1], PICTURES) if len(steps) > 2 else PICTURES
    if not NAME.fullmatch(name):
        hint = "Use Latin letters, digits, dots and hyphens, at most 100."
        return [Problem(path, 0, 0, "bad-name", "cannot be the name of a published file", hint)]
    if suffix not in allowed:
        hint = f"The types here are {', '.join(sorted(allowed))}; others are added in builder/guard.py."
        return [Problem(path, 0, 0, "unknown-type", f"files of the type '{suffix}' are not published from here", hint)]
    if suffix == ".svg" and (reason := drawing(os.path.join(root, path))):
        hint = "Save it as a plain SVG: shapes, text and gradients, without scripts, styles or links."
        return [Problem(path, 0, 0, "unsafe-drawing", reason, hint)]
    return []


def drawing(path: str) -> str:
    """Why a drawing could do something else than draw, or nothing."""
    with open(path, "rb") as file:
        data = file.read(DRAWING_LIMIT + 1)
    if len(data) > DRAWING_LIMIT:
        return f"is longer than {DRAWING_LIMIT:,} bytes"
    body = re.sub(rb"\A(?:\xef\xbb\xbf)?<\?xml [^<>?]*\?>", b"", data)
    if b"<!" in re.sub(rb"<!--.*?-->", b"", body, flags=re.S) or b"<?" in body or b"\x00" in body:
        return "holds a declaration or an instruction"
    try:
        top = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        return f"is not well-formed: {error}"
    if top.tag != SVG + "svg":
        return "is no SVG drawing"
    return next((reason for one in top.iter() if (reason := _acts(one))), "")


def _acts(element: ElementTree.Element) -> str:
    tag = str(element.tag)
    if tag.removeprefix(SVG) not in DRAWS or not tag.startswith(SVG):
        return f"holds the element '{tag.rpartition('}')[2]}', which does more than draw"
    for name, value in element.attrib.items():
        plain = name.rpartition("}")[2].lower()
        if plain.startswith("on") or plain == "style":
            return f"holds the attribute '{plain}', which does more than draw"
        if (name in LINKS or plain in ("href", "src")) and not value.startswith("#"):
            return f"leads to '{value[:60]}'"
        if "url(" in re.sub(r"url\(#[\w-]+\)", "", value.lower().replace(" ", "")) or "\\" in value:
            return f"holds an address in '{plain}'"
    return ""
