"""Begins a new file: a page of a kind with every field, or the translation of a page."""

from __future__ import annotations

import os

from builder import handbook, kinds, load, pipeline
from builder.load import NAME
from builder.model import Problem, SiteError
from builder.site import FOLDER_OF


def write(root: str, kind: str, name: str, lang: str, as_of: str) -> str:
    """Writes a new file and returns its path. Raises SiteError if it exists, or the kind or name will not do."""
    problems: list[Problem] = []
    if kind == "translation":
        config, examined, _ = pipeline.survey(root)
        original = config["languages"][0]
        first = next(
            (
                one
                for path, one in examined.items()
                if path in (f"content/{original}/{name}.md", f"content/{original}/{name}/index.md")
            ),
            None,
        )
        if first is None or not first.get("data") or lang not in config["languages"][1:]:
            hint = f"Name a page such as programmes/ccp, and --lang {' or '.join(config['languages'][1:])}."
            raise SiteError(
                [Problem(f"content/{lang}/{name}.md", 0, 0, "no-original", "has no original to translate", hint)]
            )
        path = str(first["path"]).replace(f"content/{original}/", f"content/{lang}/", 1)
        source = load.one(root, first["path"], problems)
        text = handbook.translation(first, source.text if source else "")
    else:
        if kind not in kinds.KINDS:
            hint = f"The kinds are {', '.join([*kinds.KINDS, 'translation'])}."
            raise SiteError([Problem(name, 0, 0, "unknown-kind", f"'{kind}' is not a kind of page", hint)])
        if not all(NAME.fullmatch(step) for step in name.split("/")):
            hint = "Use small Latin letters, digits and hyphens."
            raise SiteError([Problem(name, 0, 0, "bad-name", f"'{name}' cannot be the name of a page", hint)])
        folder = FOLDER_OF.get(kind, "")
        path = (
            "/".join(one for one in ("content/en", folder, name + ("/index" if kind == "section" else "")) if one)
            + ".md"
        )
        text = handbook.skeleton(kind, as_of)
    target = os.path.join(root, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        with open(target, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise SiteError([Problem(path, 0, 0, "exists", "exists already", "Choose another name, or edit it.")]) from None
    return str(path)
