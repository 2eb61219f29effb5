"""Problems as text with a code frame, as JSON, and as annotations of a code host."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from builder.model import Problem

Phases = Sequence[tuple[str, float]]  # phase, seconds
Spent = Sequence[
    tuple[str, str, float]
]  # file that was read or output that was rendered, template of an output, seconds

RED, YELLOW, BLUE, DIM, OFF = "\033[31m", "\033[33m", "\033[34m", "\033[2m", "\033[0m"


def shown(text: str) -> str:
    """A text that cannot move the cursor, change colours, turn direction or begin a command of the code host."""
    safe = text if text.isprintable() else "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    return " " + safe if safe.startswith("::") else safe


def text(problems: Sequence[Problem], root: str, *, colour: bool = False, frames: bool = False) -> str:
    """All problems, each with its hint; with a frame of the file around it when `colour` or `frames` is on."""
    lines: list[str] = []
    for one in problems:
        name = "warning" if one.warning else "error"
        paint = (YELLOW if one.warning else RED) if colour else ""
        lines.append(f"{paint}{shown(str(one))}{OFF if colour else ''}" + (f"  [{name}]" if one.warning else ""))
        if (colour or frames) and one.line:
            lines.extend(frame(one, root, colour=colour))
        if one.hint:
            lines.append(f"    {shown(one.hint)}")
    lines.append(count(problems))
    return "\n".join(lines)


def frame(problem: Problem, root: str, *, colour: bool = False) -> list[str]:
    """The line that a problem is about, its neighbours, and a mark under the column."""
    try:
        with open(os.path.join(root, problem.path), encoding="utf-8") as file:
            all_lines = file.read().split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    result = []
    blue, red, off = (BLUE, RED, OFF) if colour else ("", "", "")
    for number in range(max(1, problem.line - 1), min(len(all_lines), problem.line + 1) + 1):
        result.append(f"{blue}{number:>5} |{off} {shown(all_lines[number - 1][:160])}")
        if number == problem.line and problem.column <= 160:
            result.append(f"{blue}      |{off} {' ' * (problem.column - 1)}{red}^{off}")
    return result


def count(problems: Sequence[Problem]) -> str:
    """How many problems and warnings there are, in words."""
    warnings = sum(one.warning for one in problems)
    errors = len(problems) - warnings
    parts = [f"{errors} problem{'s' if errors != 1 else ''}"] if errors or not warnings else []
    if warnings:
        parts.append(f"{warnings} warning{'s' if warnings != 1 else ''}")
    return " and ".join(parts)


def as_json(problems: Sequence[Problem]) -> str:
    """All problems as a JSON array."""
    rows = [
        {"path": p.path, "line": p.line, "column": p.column, "code": p.code, "message": p.message, "hint": p.hint,
         "severity": "warning" if p.warning else "error"}
        for p in problems
    ]  # fmt: skip
    return _json(rows)


def _json(value: object) -> str:
    """JSON in which only what is printed as it is stands as it is."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def ranked(problems: Iterable[Problem], changed: frozenset[str]) -> list[Problem]:
    """Errors before warnings, files of the change before others: the code host shows only ten of a step."""
    return sorted(problems, key=lambda one: (one.warning, one.path not in changed, one))


def github(problems: Sequence[Problem]) -> str:
    """Workflow commands that annotate the lines of a pull request."""

    def safe(value: str, *, value_of_property: bool = False) -> str:
        value = shown(value.replace("\n", " ")).replace("%", "%25")
        return value.replace(":", "%3A").replace(",", "%2C") if value_of_property else value

    return "\n".join(
        f"::{'warning' if p.warning else 'error'} file={safe(p.path, value_of_property=True)},line={p.line or 1},"
        f"col={p.column or 1},title={safe(p.code, value_of_property=True)}::{safe(p.message + ('. ' + p.hint if p.hint else ''))}"
        for p in problems
    )


def markdown(problems: Sequence[Problem]) -> str:
    """All problems as a table, for the summary of a step: the code host shows only ten of them at their lines."""

    def cell(text: str) -> str:
        return (
            shown(text.replace("\n", " "))
            .replace("\\", "\\\\")
            .replace("|", "\\|")
            .replace("<", "&lt;")
            .replace("`", "'")
        )

    lines = [f"## {count(problems)}", "", "| where | what | what to do |", "|---|---|---|"]
    lines += [f"| `{cell(p.path)}:{p.line}` | {cell(p.message)} | {cell(p.hint)} |" for p in problems]
    return "\n".join(lines)


def sarif(problems: Sequence[Problem]) -> str:
    """A SARIF 2.1.0 log (OASIS), one run."""
    codes = sorted({p.code for p in problems})
    results = [
        {
            "ruleId": p.code, "ruleIndex": codes.index(p.code), "level": "warning" if p.warning else "error",
            "message": {"text": p.message + (f". {p.hint}" if p.hint else "")},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": quote(p.path), "uriBaseId": "ROOT"},
                "region": {"startLine": p.line or 1, "startColumn": p.column or 1},
            }}],
        }
        for p in problems
    ]  # fmt: skip
    driver = {"name": "build", "rules": [{"id": one, "shortDescription": {"text": one}} for one in codes]}
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    log = {"$schema": schema, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return _json(log)


def profile(times: Phases, spent: Spent) -> str:
    """Where the time of a build went: phases, and the files, outputs and templates that took most."""
    found = _slowest(times, spent)
    lines = [f"{seconds * 1000:>9.1f} ms  {phase}" for phase, seconds in found["phases"].items()]
    for title, rows in (("files, read", found["files"]), ("outputs, rendered", found["outputs"])):
        lines += [f"slowest {title}:"] if rows else []
        lines += [f"{row['seconds'] * 1000:>9.1f} ms  {shown(row['path'])}" for row in rows]
    lines += ["slowest templates:"] if found["templates"] else []
    for row in found["templates"]:
        each = f"{row['outputs']:,} outputs, {row['seconds'] * 1000 / row['outputs']:.2f} ms each"
        lines.append(f"{row['seconds'] * 1000:>9.1f} ms  {shown(row['path'])}, {each}")
    return "\n".join(lines)


def profile_json(times: Phases, spent: Spent) -> str:
    """The same as JSON; all times in seconds."""
    return json.dumps(_slowest(times, spent), indent=2)


def _slowest(times: Phases, spent: Spent, most: int = 10) -> dict[str, Any]:
    """Phases follow each other; files and outputs are worked on by several processes at a time."""
    ordered = sorted(spent, key=lambda one: -one[2])
    templates: dict[str, list[float]] = defaultdict(list)
    for _, template, seconds in ordered:
        templates[template].append(seconds)
    templates.pop("", None)
    heavy = sorted(templates.items(), key=lambda one: -sum(one[1]))[:most]
    files = [one for one in ordered if not one[1]][:most]
    outputs = [one for one in ordered if one[1]][:most]
    return {
        "phases": dict(times),
        "files": [{"path": path, "seconds": seconds} for path, _, seconds in files],
        "outputs": [{"path": path, "template": f"templates/{by}", "seconds": seconds} for path, by, seconds in outputs],
        "templates": [{"path": f"templates/{by}", "outputs": len(each), "seconds": sum(each)} for by, each in heavy],
    }
