"""Whether a translation says what the original says: words, sections, numbers, links, citations."""

from __future__ import annotations

from typing import Any

from builder.model import Node, Problem, Source


def translated(problem: Any, whole: dict[str, Any], data: dict[str, Any], source: Source) -> dict[str, Any]:
    """The facts of the original with the words of a translation."""
    return {**whole, **{k: v for k, v in data.items() if k in ("title", "short", "summary", "reviewed_by")}}


def compare(problems: list[Problem], config: Any, first: Source, second: Source, a: Any, b: Any, data: Any) -> dict[str, Any]:
    """What a reader must know of the translation."""
    return {}


def all_words(problems: list[Problem], config: Any, words: dict[str, str], path: str, node: Node) -> None:
    """Problems of words that stand side by side."""
