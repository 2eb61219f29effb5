"""The same sources make the same bytes: two builds under circumstances that differ in all that must not matter.

Each build is a copy of the program and its sources in a folder of its own and runs in a process of its own, so that
path, time zone, language of the system, hash seed, mask of rights, number of processes, clock, order of folders and
times of files differ. Compared are names, bytes and rights of every file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

from builder import write
from builder.model import Problem, SiteError

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SITE = ("config.yaml", "content", "templates", "static")
PROGRAM = ("build.py", "builder")
# Runs build.py with a clock that is so many seconds ahead, and folders that are read backwards.
STRANGE = """
import os, runpy, sys, time
ahead, sys.argv = float(sys.argv[1]), sys.argv[2:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
if ahead:
    before, listed, scanned, broken = time.time, os.listdir, os.scandir, time.gmtime
    time.time = lambda: before() + ahead
    time.time_ns = lambda: int((before() + ahead) * 1e9)
    time.gmtime = lambda moment=None: broken(time.time() if moment is None else moment)
    os.listdir = lambda *given: sorted(listed(*given), reverse=True)
    class scandir:
        def __init__(self, *given): self.rows = iter(sorted(scanned(*given), key=lambda one: str(one.name), reverse=True))
        def __enter__(self): return self
        def __exit__(self, *_): return None
        def __iter__(self): return self.rows
        def __next__(self): return next(self.rows)
        def close(self): pass
    os.scandir = scandir
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Circumstances:
    """All that must make no difference."""

    folder: str = "site"
    jobs: int = 1
    umask: int = 0o022
    ahead: float = 0  # seconds
    times: int = 0  # of all files, in seconds since 1970; 0 leaves them
    environment: dict[str, str] = field(default_factory=dict)


TWO = (
    Circumstances(environment={"TZ": "UTC", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "0", "HOME": "/"}),
    Circumstances(
        "another place/жойи дигар",
        jobs=3,
        umask=0o077,
        ahead=400 * 86_400,
        times=1_000_000_000,
        environment={
            "TZ": "Pacific/Kiritimati",
            "LC_ALL": "tr_TR.UTF-8",
            "LANG": "tr_TR.UTF-8",
            "LANGUAGE": "tr",
            "PYTHONHASHSEED": "4294967295",
            "PYTHONUTF8": "0",
            "COLUMNS": "40",
            "USER": "nobody",
            "SOURCE_DATE_EPOCH": "86400",
        },
    ),
)


def twice(root: str, as_of: str) -> list[str]:
    """What differs between two builds of the sources under `root`, one line each; nothing if they are the same."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (_built(root, os.path.join(folder, str(n)), as_of, one) for n, one in enumerate(TWO))
        return differences(first, second, ("first", "second"))


def against(root: str, folder: str, as_of: str) -> list[str]:
    """What differs between a published folder and a build of the sources, after the folder was held to its manifest."""
    if not os.path.isdir(folder):
        raise SiteError([Problem(folder, 0, 0, "no-folder", "is not a folder", "Name the folder that was published.")])
    told = write.sums(folder)
    found = [f"{path}: is not what the manifest of {folder} says" for path in damaged(folder)] if told else []
    with tempfile.TemporaryDirectory() as place:
        made = _built(root, os.path.join(place, "0"), as_of, TWO[0])
        return found + differences(folder, made, ("published", "built"), rights=False)


def damaged(folder: str) -> list[str]:
    """The paths at which a published folder and its manifest disagree."""
    told, there = write.sums(folder), _files(folder)
    return sorted(path for path in told.keys() | there - {write.MANIFEST} if _sum(folder, path) != told.get(path))


def _built(root: str, folder: str, as_of: str, one: Circumstances) -> str:
    """Copies program and sources, builds, and returns the output folder."""
    site = os.path.join(folder, one.folder)
    os.makedirs(site)
    for source, names in ((HERE, PROGRAM), (root, SITE)):
        for name in names:
            _copied(os.path.join(source, name), os.path.join(site, name))
    if one.times:
        for path in _files(site):
            os.utime(os.path.join(site, path), (one.times, one.times))
    output = os.path.join(folder, "public")
    command = [sys.executable, "-c", STRANGE, str(one.ahead), os.path.join(site, "build.py"), "--root", site]
    words = ["--output", output, "--as-of", as_of, "--jobs", str(one.jobs)]
    kept = {name: value for name, value in os.environ.items() if name not in ("SOURCE_DATE_EPOCH", "PYTHONPATH")}
    umask = {"umask": one.umask} if os.name == "posix" else {}
    done = subprocess.run(
        [*command, *words], env=kept | one.environment, capture_output=True, cwd=folder, check=False, **umask
    )  # type: ignore[call-overload]
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise SiteError([Problem("the site", 0, 0, "not-built", f"cannot be built: {said[-2000:]}", "Build it first.")])
    return output


def _copied(source: str, target: str) -> None:
    if os.path.isdir(source):
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    elif os.path.exists(source):
        shutil.copy2(source, target, follow_symlinks=False)


def _files(folder: str) -> set[str]:
    return {
        os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/")
        for place, _, names in os.walk(folder)
        for name in names
    }


def _sum(folder: str, path: str) -> str | None:
    import hashlib

    data = _read(folder, path)
    return None if data is None else hashlib.sha256(data).hexdigest()


def _read(folder: str, path: str) -> bytes | None:
    try:
        with open(os.path.join(folder, path), "rb") as file:
            return file.read()
    except OSError:
        return None


def differences(first: str, second: str, names: tuple[str, str], *, rights: bool = True) -> list[str]:
    """Every file in which two folders differ, with the first line that does."""
    found = []
    for path in sorted((_files(first) | _files(second)) - {write.MANIFEST}):
        one, other = _read(first, path), _read(second, path)
        if one is None or other is None:
            found.append(f"{path}: only in the {names[0 if other is None else 1]}")
        elif one != other:
            found.append(f"{path}: {_first_line(one, other, names)}")
        elif rights and _rights(first, path) != _rights(second, path):
            found.append(f"{path}: has the rights {_rights(first, path):o} and {_rights(second, path):o}")
    return found


def _rights(folder: str, path: str) -> int:
    return os.stat(os.path.join(folder, path)).st_mode & 0o777


def _first_line(one: bytes, other: bytes, names: tuple[str, str]) -> str:
    lines, others = one.split(b"\n"), other.split(b"\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(lines, others, strict=False)) if a != b), min(len(lines), len(others))
    )
    said = [ascii(each[number][:100])[1:] if number < len(each) else "nothing" for each in (lines, others)]
    return f"line {number + 1} is {said[0]} in the {names[0]}, {said[1]} in the {names[1]}"
