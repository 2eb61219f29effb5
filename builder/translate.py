"""How far the translations are, and the pins that tell: what editors and translators ask besides building."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from builder import parity, reading
from builder.model import Problem, SiteError

UP_TO_DATE, BEHIND, MISSING = "up to date", "behind", "missing"
SOON = 30  # days before its day in which a review counts as due


def pin(root: str, paths: Sequence[str]) -> list[str]:
    """Writes into translations the state of the original that they were made from; returns what was done.

    Raises SiteError if a path is not a translation that can be read.
    """
    config, examined, _ = reading.survey(root)
    original = config["languages"][0]
    done, problems = [], []
    for given in paths:
        path = os.path.relpath(os.path.abspath(given), root).replace(os.sep, "/")
        first = examined.get(re.sub(r"^content/[^/]+/", f"content/{original}/", path))
        second = examined.get(path)
        if second is None or first is None or first is second or "sections" not in second or not first.get("data"):
            hint = f"Name files such as content/{config['languages'][-1]}/about.md, whose original can be read."
            problems.append(Problem(path, 0, 0, "not-a-translation", "is not a translation that can be pinned", hint))
            continue
        _write(os.path.join(root, path), parity.state(first))
        done.append(path)
    if problems:
        raise SiteError(problems)
    return done


def _write(path: str, pins: Mapping[str, str]) -> None:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    end = text.index("\n---", 3) + 1
    front = re.sub(r"^sections:.*\n(?:[ \t]+.*\n)*", "", text[:end], flags=re.M)
    block = "sections:\n" + "".join(f'  {key}: "{value}"\n' for key, value in pins.items())
    changed = front + block + text[end:]
    if changed != text:
        with open(path + ".new", "w", encoding="utf-8", newline="") as file:
            file.write(changed)
        os.replace(path + ".new", path)


def status(root: str, as_of: str) -> list[dict[str, Any]]:
    """One row for each page: its state in each language, the sections that fell behind, when it is to be reviewed."""
    config, examined, _ = reading.survey(root)
    original, *others = config["languages"]
    prefix = f"content/{original}/"
    rows = []
    for path, first in examined.items():
        if not path.startswith(prefix) or "sections" not in first or not first.get("data"):
            continue
        languages = {code: _state(examined.get(path.replace(prefix, f"content/{code}/", 1)), first) for code in others}
        due = first["data"].get("review_by", "")
        rows.append(
            {
                "page": path[len(prefix) : -3],
                "languages": languages,
                "review_by": due,
                "overdue": bool(due and due < as_of),
                "due": bool(due and as_of <= due <= _later(as_of)),
            }
        )
    return rows


def _later(day: str) -> str:
    """The day until which a review counts as due."""
    return (date.fromisoformat(day) + timedelta(days=SOON)).isoformat()


def _state(second: Mapping[str, Any] | None, first: Mapping[str, Any]) -> dict[str, Any]:
    if second is None or not second.get("data"):
        return {"state": MISSING, "sections": [], "reviewed": False}
    late = parity.behind(parity.Pair("", "", first, second, "error"))
    names = [parity.named(one) for one in late]
    return {
        "state": BEHIND if late else UP_TO_DATE,
        "sections": names,
        "reviewed": bool(second["data"].get("reviewed_by")),
    }


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The status as a table for people, with a count at the end."""
    rows = list(rows)
    codes = list(rows[0]["languages"]) if rows else []
    width = max([len(row["page"]) for row in rows] + [4])
    lines = ["page".ljust(width) + "  review by   " + "  ".join(code.ljust(12) for code in codes)]
    for row in rows:
        cells = [row["languages"][code]["state"].ljust(12) for code in codes]
        due = (row["review_by"] or "-").ljust(10) + ("!" if row["overdue"] else " ")
        lines.append(f"{row['page'].ljust(width)}  {due} " + "  ".join(cells).rstrip())
        for code in codes:
            late = row["languages"][code]
            if late["state"] == BEHIND:
                lines.append(" " * (width + 2) + f"{code}: behind in {', '.join(late['sections'])}")
    for code in codes:
        states = [row["languages"][code]["state"] for row in rows]
        parts = ", ".join(f"{states.count(one)} {one}" for one in (UP_TO_DATE, BEHIND, MISSING))
        reviewed = sum(row["languages"][code]["reviewed"] for row in rows)
        lines.append(f"{code}: {parts}; {reviewed} reviewed by a native editor")
    for name, words in (("overdue", "overdue for review"), ("due", f"due for review within {SOON} days")):
        pages = [f"{row['page']} ({row['review_by']})" for row in rows if row[name]]
        lines.append(f"{len(pages)} of {len(rows)} pages {words}" + (f": {', '.join(pages)}" if pages else ""))
    return "\n".join(lines)


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """The status as JSON."""
    return json.dumps(list(rows), ensure_ascii=False, indent=1)
