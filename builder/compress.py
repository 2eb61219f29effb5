"""A published site once more, with a compressed copy beside each text, for web servers that send such files as they are.

Made from the published tree and put in place as the site itself is: whole or not at all, unchanged files untouched.
"""

from __future__ import annotations

import gzip
import hashlib
import os

from builder import cache, write
from builder.model import Problem, SiteError

TEXTS = frozenset(
    [
        ".html",
        ".css",
        ".js",
        ".json",
        ".xml",
        ".svg",
        ".txt",
        ".csv",
        ".ics",
        ".vcf",
        ".bib",
        ".geojson",
        ".webmanifest",
    ]
)
LEAST = 256  # bytes; below, the headers of the answer weigh more than what is saved


def site(output: str, target: str) -> tuple[int, int]:
    """Brings `target` to the state of the published site in `output`; returns how many files it has and how many were made."""
    if cache.identity(output) is None:
        raise SiteError([Problem(os.path.basename(output), 0, 0, "no-site", "is no published site", "Build it first.")])
    if (target + os.sep).startswith(os.path.abspath(output) + os.sep):
        message = "the compressed copy would lie in the published site itself"
        raise SiteError([Problem(target, 0, 0, "output-within", message, "Name a folder of its own for it.")])
    here = write.Place(os.path.abspath(output))
    told = write.sums(output)
    with write.locked(target) as place:
        live, wanted, changed = write.sums(place.output), dict[str, str](), set[str]()
        stale = {path for path, value in told.items() if live.get(path) != value or not _there(place, path)}
        behind = write.begin(place, stale | {path + ".gz" for path in stale})
        for path, value in told.items():
            packed = path + ".gz"
            wanted[path] = value
            if path not in stale:
                if packed in live:
                    wanted[packed] = live[packed]
                continue
            data = write.read(here, path)
            write.put(place, path, data)
            changed.add(path)
            if small := _compressed(path, data):
                write.put(place, packed, small)
                wanted[packed] = hashlib.sha256(small).hexdigest()
                changed.add(packed)
        removed = set(live) - set(wanted)
        if changed or removed or not live:
            write.publish(place, wanted, changed, removed, behind)
        return len(wanted), len(changed)


def _there(place: write.Place, path: str) -> bool:
    return os.path.isfile(os.path.join(place.output, path))


def _compressed(path: str, data: bytes) -> bytes:
    """The data compressed without a date, or nothing if that does not pay."""
    if os.path.splitext(path)[1] not in TEXTS or len(data) < LEAST:
        return b""
    small = gzip.compress(data, 9, mtime=0)
    return small if len(small) < len(data) else b""
