"""Puts the new site in the place of the old one, whole or not at all.

Beside the output folder `public` stands `.public-build`, made by us and marked as ours. It holds the lock, the cache and
`spare`, a complete tree that is one publication behind. A build writes what changed into the spare tree (unchanged files
are hard links to the live ones) and exchanges the two folders in one step, so that readers see the old site or the new
one, and the cost is that of the change. Before the spare tree is touched, `journal` says in which files it may differ
from the live one: whatever becomes of a build, the next one knows what to mend. The first publication makes the next
spare tree along with the live one, as `twin`.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from builder.cache import identity
from builder.model import Problem, SiteError

MANIFEST = ".manifest"  # in the published tree: what it is, and the SHA-256 sum of each file
MARK = "made by build.py, format 1"
RENAME_EXCHANGE = 2
AT_FDCWD = -100


class Changed(Exception):
    """The published tree is not what its manifest or the cache says."""


class Place(NamedTuple):
    """Where a site is published: the output folder and our folder beside it."""

    output: str
    first: bool = False  # nothing is published there yet

    @property
    def work(self) -> str:
        """Our folder beside the output."""
        folder, name = os.path.split(self.output)
        return os.path.join(folder, f".{name}-build")

    def inside(self, name: str) -> str:
        """A path in our folder."""
        return os.path.join(self.work, name)


@contextmanager
def locked(output: str) -> Iterator[Place]:
    """The place, held by this build alone. Raises SiteError if another build holds it or the folder is not ours."""
    place = Place(os.path.abspath(output))
    _ours(place)
    try:
        os.makedirs(place.work, mode=0o755, exist_ok=True)
        handle = os.open(place.inside("lock"), os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise SiteError([unwritten(place, error)]) from error
    try:
        try:
            _lock(handle)
        except OSError as error:
            raise _refused(place, "busy", "another build is writing here", "Wait until it has ended.") from error
        before = os.umask(0o022)  # what is published can be read by a web server, whoever builds
        try:
            clear(place)
            yield place._replace(first=identity(place.output) is None)
        finally:
            clear(place)
            os.umask(before)
    finally:
        os.close(handle)


def clear(place: Place) -> None:
    """Removes what a build left that did not end well."""
    _swept(place.inside("twin"))
    if not os.path.lexists(place.output) and os.path.isdir(place.inside("aside")):
        os.rename(place.inside("aside"), place.output)  # it was killed between the two steps of `_exchange`


def unwritten(place: Place, error: OSError) -> Problem:
    """A problem for something that the system refused to write."""
    shown = os.path.relpath(str(error.filename), os.path.dirname(place.output)) if error.filename else "the output"
    hint = "What is published is whole, the old site or the new one. Make room or mend the folder, and build again."
    return Problem(os.path.basename(place.output), 0, 0, "not-written", f"{shown}: {error.strerror}", hint)


def _lock(handle: int) -> None:
    """Takes the lock or raises OSError; the system frees it when the process ends, however it ends."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _ours(place: Place) -> None:
    if os.path.islink(place.output) or os.path.islink(place.work):
        raise _refused(place, "output-link", "the output folder is a symbolic link", "Name an ordinary folder.")
    if os.path.isdir(place.work) and os.listdir(place.work) and not os.path.isfile(place.inside("lock")):
        hint = f"Rename or remove {os.path.basename(place.work)}, or name another output with --output."
        raise _refused(place, "foreign-folder", "the folder beside the output holds files of somebody else", hint)
    if not os.path.exists(place.output):
        return
    if not os.path.isdir(place.output):
        raise _refused(place, "output-file", "the output is not a folder", "Name another one with --output.")
    if os.listdir(place.output) and identity(place.output) is None:
        hint = "Remove it by hand if it is not needed, or name another one with --output."
        raise _refused(place, "foreign-folder", "the output folder holds files that this program did not make", hint)


def _refused(place: Place, code: str, message: str, hint: str) -> SiteError:
    return SiteError([Problem(os.path.basename(place.output), 0, 0, code, message, hint)])


def manifest(sums: Mapping[str, str]) -> tuple[str, str]:
    """The text of a manifest, and the identity of the publication that it describes."""
    import hashlib

    lines = "".join(f"{sums[path]}  {path}\n" for path in sorted(sums))
    name = hashlib.sha256(lines.encode()).hexdigest()
    return f"# {name}\n# {MARK}\n{lines}", name


def begin(place: Place, paths: set[str]) -> set[str]:
    """Readies the spare tree for files to be put into it; returns the paths in which it differs from the live one."""
    behind = _behind(place)
    if behind is None:
        for name in ("journal", "spare"):
            _forget(place.inside(name))
        os.makedirs(place.inside("spare"))
        behind = set(sums(place.output))
        _journal(place, behind | paths)
    elif not paths <= behind:
        _journal(place, behind | paths)
    return behind


def put(place: Place, path: str, data: bytes) -> None:
    """Writes one file of the build under way. The path was made from checked names, and `begin` was told of it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)  # never through a link to a live file
    target = os.path.join(place.inside("spare"), path)
    if not place.first and _overwritten(target, data):
        return
    with os.fdopen(_new(lambda _, name: os.open(name, flags, 0o644), "", target), "wb") as file:
        file.write(data)
    if place.first:
        _new(os.link, target, os.path.join(place.inside("twin"), path))


def _overwritten(target: str, data: bytes) -> bool:
    """Writes a file in the place of the last state but one: a twentieth of the time that a new file takes.

    False if anybody could notice: a file with another name may be a live one, and a reader who has it open still reads
    what was live before. A lease for writing is given only where nobody has the file open (fcntl(2), F_SETLEASE); whoever
    opens it meanwhile waits, and we are told by a signal that is ignored by default.
    """
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        handle = os.open(target, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        facts = os.fstat(handle)
        if facts.st_nlink != 1 or facts.st_mode != 0o100644:
            return False
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
        if len(data) < facts.st_size:
            os.ftruncate(handle, len(data))
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _new(make: Callable[[str, str], Any], source: str, target: str) -> Any:
    """Makes a file, and its folder if need be, in the place of one that may stand there."""
    for _ in range(2):
        try:
            return make(source, target)
        except FileNotFoundError:
            _folder(os.path.dirname(target))
        except FileExistsError:
            os.unlink(target)  # what a child process had made that came to grief, or the last state but one
    return make(source, target)


def _folder(path: str) -> None:
    """Makes a folder, which nearly always only lacks itself; another process may have made it meanwhile."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    except FileNotFoundError:
        os.makedirs(path, exist_ok=True)


def publish(
    place: Place, sums: Mapping[str, str], changed: Iterable[str], removed: Iterable[str], behind: set[str]
) -> str:
    """Makes the tree of `sums` (path to SHA-256) the live one; returns its identity.

    The files of `changed` were put; `removed` are those of the live tree that are no more; `behind` is what `begin` gave.
    """
    changed, removed = set(changed), set(removed)
    if not place.first:
        _only_ours(place)
    if not removed <= behind:
        _journal(place, behind | changed | removed)
    spare = place.inside("spare")
    for path in sorted((behind | removed) - sums.keys()):
        _drop(spare, path)
    try:
        for path in sorted((behind - changed) & sums.keys()):
            _new(os.link, os.path.join(place.output, path), os.path.join(spare, path))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Changed("the published site was changed by others") from error
    text, name = manifest(sums)
    put(place, MANIFEST, text.encode())
    _durable([os.path.join(spare, path) for path in sorted(changed | {MANIFEST})])
    os.chmod(spare, 0o755)
    _exchange(place)
    if place.first:
        _forget(spare)  # an empty folder, if one stood in the place of the output
        os.rename(place.inside("twin"), spare)
    _journal(place, set() if place.first else changed | removed)
    return name


def _only_ours(place: Place) -> None:
    """Nobody may lose what they put into the output by hand: at its top, where that happens, we look."""
    known = {path.split("/")[0] for path in sums(place.output)} | {MANIFEST}
    if foreign := sorted(set(os.listdir(place.output)) - known):
        hint = "Move it away. What shall be published belongs into static/ or templates/once/."
        raise _refused(place, "foreign-file", f"'{foreign[0]}' in the output was not made by this program", hint)


def read(place: Place, path: str) -> bytes:
    """The bytes of a published file."""
    try:
        with open(os.path.join(place.output, path), "rb") as file:
            return file.read()
    except OSError as error:
        raise Changed("the published site was changed by others") from error


def _drop(tree: str, path: str) -> None:
    """Removes a file and the folders that it leaves empty."""
    try:
        os.unlink(os.path.join(tree, path))
        folder = os.path.dirname(path)
        while folder:
            os.rmdir(os.path.join(tree, folder))
            folder = os.path.dirname(folder)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EPERM):
            raise


def _behind(place: Place) -> set[str] | None:
    """The paths in which the spare tree differs from the live one; None if it is no tree that goes with that."""
    try:
        with open(place.inside("journal"), encoding="utf-8") as file:
            live, paths = json.load(file)
    except (OSError, ValueError, TypeError):
        return None
    same = live is not None and live == identity(place.output) and os.path.isdir(place.inside("spare"))
    return set(paths) if same else None


def _journal(place: Place, paths: set[str]) -> None:
    with open(place.inside("journal.new"), "w", encoding="utf-8") as file:
        json.dump([identity(place.output), sorted(paths)], file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(place.inside("journal.new"), place.inside("journal"))


def _swept(path: str, *, whole: bool = False) -> None:
    """Removes a folder, if there is one, as far as that can be done; if it must be the `whole`, raises OSError."""
    if os.path.lexists(path):
        import shutil  # takes as long to load as a small site to look at

        shutil.rmtree(path, ignore_errors=not whole)


def _forget(path: str) -> None:
    """Removes a file or a folder, if there is one."""
    if os.path.isdir(path) and not os.path.islink(path):
        _swept(path, whole=True)
    elif os.path.lexists(path):
        os.unlink(path)


def _durable(paths: list[str]) -> None:
    """Waits until files are on the disk; many by one call, as thousands of single ones take seconds."""
    if os.name == "nt":
        return  # a folder cannot be waited for there, and the system keeps its own order
    if len(paths) > 64:
        os.sync()
        return
    for path in paths:
        for one in (path, os.path.dirname(path)):
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _exchange(place: Place) -> None:
    """Swaps the spare tree and the live one, in one step where the system can."""
    spare = place.inside("spare")
    if not os.path.isdir(place.output):
        os.rename(spare, place.output)
    elif not _renameat2(spare, place.output):
        # Two steps: for a moment there is no output folder. Only systems without renameat2 come here.
        aside = place.inside("aside")
        _swept(aside)
        os.rename(place.output, aside)
        os.rename(spare, place.output)
        os.rename(aside, spare)
    _durable([os.path.join(os.path.dirname(place.output), "."), os.path.join(place.work, ".")])


def _renameat2(first: str, second: str) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; False where it does not exist."""
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0:
        return True
    if ctypes.get_errno() in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), second)


def sums(tree: str) -> dict[str, str]:
    """The SHA-256 sum of each file of a published tree, from its manifest."""
    if identity(tree) is None:
        return {}
    with open(os.path.join(tree, MANIFEST), encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    return {line[66:]: line[:64] for line in lines[2:] if line}
