"""The live preview."""

from __future__ import annotations


def run(root: str, output: str, as_of: str) -> int:
    """Serves the site."""
    raise NotImplementedError
