"""What texts made to be slow cost, as a multiple of an ordinary long list, the worst first.

Nothing here is part of the tests: those ask only that each of these texts comes to an end.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent.parent)]

from test_markup import UNITS  # noqa: E402

from builder import markup, scanner  # noqa: E402

SIZE = 256 * 1024  # characters: as long as a page may be


def spent(text: str) -> float:
    """Seconds of the processor that reading and converting a text takes."""
    begun = time.process_time()
    scanner.scan(text)
    markup.convert(text, glossary={"a": "b"})
    return time.process_time() - begun


def main() -> None:
    """Prints the ten slowest as a Markdown table."""
    ordinary = spent("".join(f"- A [link](x.md) and *words* number {n}\n" for n in range(1500)))
    rows = []
    for unit in UNITS:
        for length in (250, 9_000, SIZE):
            paragraph = unit * (length // len(unit))
            rows.append((spent((paragraph + "\n\n") * (SIZE // (len(paragraph) + 2) or 1)), unit, length))
    print(
        f"An ordinary list of 57 KiB: {ordinary:.2f} s\n\n| text | paragraphs of | seconds | times |\n|---|---|---|---|"
    )
    for seconds, unit, length in sorted(rows, reverse=True)[:10]:
        print(f"| `{unit!r}` | {length} | {seconds:.2f} | {seconds / ordinary:.1f} |")


if __name__ == "__main__":
    main()
