"""Begins a new file: a page of a kind with every field, the translation of a page, an entry of a shared file."""

from __future__ import annotations

import os
from typing import Any

from builder import handbook, kinds, load, reading
from builder.load import may_be_address
from builder.model import Problem, SiteError, suggestion
from builder.site import FOLDER_OF, SHARED_OF


def write(root: str, kind: str, name: str, lang: str, as_of: str) -> str:
    """Writes what is new and returns the path of its file. Raises SiteError if it exists, or kind or name will not do."""
    if kind == "translation" or (kind in kinds.KINDS and lang):
        page = name if kind == "translation" else "/".join(one for one in (FOLDER_OF.get(kind, ""), name) if one)
        return _translation(root, page, lang)
    if kind not in kinds.KINDS and kind not in kinds.ENTRIES:
        hint = suggestion(kind, [*kinds.KINDS, *kinds.ENTRIES, "translation"], "The kinds are")
        raise SiteError([Problem(name, 0, 0, "unknown-kind", f"'{kind}' is not a kind of page or entry", hint)])
    if not all(may_be_address(step) for step in name.split("/")):
        hint = "Use small Latin letters, digits and hyphens, at most 80."
        raise SiteError([Problem(name, 0, 0, "wrong-name", f"'{name}' cannot be the name of a page or entry", hint)])
    shared = next((file for file, known in SHARED_OF.items() if known == kind), "")
    if shared:
        return _entry(root, f"content/{shared}", kind, name, as_of)
    if kind == "figure":
        return _file(root, f"content/figures/{name}.yaml", handbook.entry(kind, "", as_of))
    steps = ("content/en", FOLDER_OF.get(kind, ""), name + ("/index" if kind == "section" else ""))
    return _file(root, "/".join(one for one in steps if one) + ".md", handbook.skeleton(kind, as_of))


def _translation(root: str, page: str, lang: str) -> str:
    config, examined, _ = reading.survey(root)
    original, *others = config["languages"]
    places = (f"content/{original}/{page}.md", f"content/{original}/{page}/index.md")
    first: dict[str, Any] | None = next((examined[one] for one in places if one in examined), None)
    path = f"content/{lang or others[0]}/{page}.md"
    if lang not in others:
        said = f"'{lang}' is no language of translations" if lang else "into which language is not said"
        raise SiteError([Problem(path, 0, 0, "no-language", said, f"Add --lang {' or '.join(others)}.")])
    if first is None or not first.get("data"):
        hint = "Name a page such as programmes/ccp, whose original can be read."
        raise SiteError([Problem(path, 0, 0, "nothing-to-translate", f"there is no page '{page}' to translate", hint)])
    source = load.one(root, first["path"], [])
    path = str(first["path"]).replace(f"content/{original}/", f"content/{lang}/", 1)
    return _file(root, path, handbook.translation(first, source.text))


def _file(root: str, path: str, text: str) -> str:
    target = os.path.join(root, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        with open(target, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise SiteError([Problem(path, 0, 0, "exists", "exists already", "Choose another name, or edit it.")]) from None
    return path


def _entry(root: str, path: str, kind: str, name: str, as_of: str) -> str:
    """Puts an entry at the end of a shared file."""
    source = load.one(root, path, [])
    known = {key.value: key for key, _ in source.front.value} if source.front and source.front.kind == "map" else {}
    if name in known:
        message, hint = f"'{name}' exists already", "Choose another name, or edit it."
        raise SiteError([Problem(path, known[name].line, 1, "exists", message, hint)])
    with open(os.path.join(root, path), "a+", encoding="utf-8", newline="\n") as file:
        file.seek(0)
        before = file.read()
        file.write(("" if before.endswith("\n") or not before else "\n") + handbook.entry(kind, name, as_of))
    return path
