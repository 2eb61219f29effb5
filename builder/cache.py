"""What need not be done again, and the proof of it.

The cache stands beside the output, in the folder that `write` keeps. It is an accelerator: deleting it changes nothing,
and one that is damaged, foreign or older than the program is left unread. Files are known by their bytes (their time and
size are looked at first); examined files and converted texts are kept by what they were made from; outputs by the
digests of the answers to the questions that they asked.

Only modules that load in no time are imported here: a build with nothing to do imports nothing else.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
from _blake2 import blake2b
from collections.abc import Iterable, Iterator
from io import BufferedWriter
from zlib import crc32

FORMAT = 6
GRAIN = 2_000_000_000  # nanoseconds: a file changed so shortly before the last look may have changed again unseen
# How a file is opened: no link is followed, no pipe awaited.
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
LONGEST = 4 * 1024 * 1024  # bytes of a file of content; longer ones are refused without being read
FOLDERS = ("content", "templates", "static")
LIBRARIES = ("jinja2", "markdown", "markupsafe", "yaml", "pydantic", "pydantic_core", "nh3")
HERE = os.path.dirname(os.path.abspath(__file__))


class Damaged(Exception):
    """A part of the cache that was to be read when it is asked for is not what was written."""


def program() -> str:
    """What the program is: its own files, its libraries and the interpreter, by size and time."""
    parts = [str(FORMAT), sys.version]
    for entry in sorted(os.scandir(HERE), key=lambda one: one.name):
        if entry.name.endswith((".py", ".txt")):
            facts = entry.stat()
            parts.append(f"{entry.name} {facts.st_mtime_ns} {facts.st_size}")
    for name in LIBRARIES:
        for folder in sys.path:
            try:
                facts = os.stat(f"{folder}/{name}/__init__.py")
            except OSError:
                continue
            parts.append(f"{name} {folder} {facts.st_mtime_ns} {facts.st_size}")
            break
    return digest("\n".join(parts).encode())


def digest(data: bytes) -> str:
    """A short sum of bytes."""
    return blake2b(data, digest_size=16).hexdigest()


def scan(root: str, within: tuple[str, ...] = FOLDERS) -> dict[str, tuple[int, int]]:
    """Every file that a build reads, with the time of its last change (ns) and its size; links are not followed.

    The time is the later of those of its bytes and of its entry: tools can set the first back, none the second.
    """
    found: dict[str, tuple[int, int]] = {}
    folders = list(within)
    try:
        facts = os.lstat(os.path.join(root, "config.yaml"))
        found["config.yaml"] = (max(facts.st_mtime_ns, facts.st_ctime_ns), facts.st_size)
    except OSError:
        pass
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{folder}/{entry.name}")
                    else:
                        facts = entry.stat(follow_symlinks=False)
                        found[f"{folder}/{entry.name}"] = (max(facts.st_mtime_ns, facts.st_ctime_ns), facts.st_size)
        except OSError:
            continue
    return found


def digest_of(root: str, path: str) -> str:
    """The digest of an ordinary file's bytes; nothing readable is a digest too. No link is followed, no pipe awaited."""
    try:
        file = os.open(os.path.join(root, path), READ)
    except OSError:
        return "unreadable"
    try:
        facts = os.fstat(file)
        if facts.st_mode & 0o170000 != 0o100000 or (path.startswith("content/") and facts.st_size > LONGEST):
            return "unreadable"
        data = b""
        while chunk := os.read(file, facts.st_size + 1):
            data = data + chunk if data else chunk
        return digest(data)
    except OSError:
        return "unreadable"
    finally:
        os.close(file)


def plain(words: list[str], root: str) -> str | None:
    """The folder of the site if nothing but a build of it is asked for; `root` is that of this program."""
    words = words[1:] if words[:1] == ["build"] else words
    if len(words) == 2 and words[0] == "--root" and words[1][:1] != "-":
        return os.path.abspath(words[1])
    return None if words else root


class Files:
    """What is known of the files of a site, and which of them changed."""

    def __init__(self, root: str, known: dict[str, list[object]]) -> None:
        self.root = root
        self.begun, self._stats = time.time_ns(), scan(root)
        self.digests: dict[str, str] = {}
        self.looked = 0
        for path, (moment, size) in self._stats.items():
            old = known.get(path)
            if old is not None and old[0] == moment and old[1] == size:
                self.digests[path] = str(old[2])
            else:
                self.digests[path] = digest_of(root, path)
                self.looked += 1
        self.changed = {path for path, one in self.digests.items() if path not in known or known[path][2] != one}
        self.gone = set(known) - set(self.digests)

    def moved(self, *folders: str) -> list[str]:
        """The files below folders, and config.yaml, that are not what they were when the build looked at them."""
        now = scan(self.root, folders)
        before = {path: one for path, one in self._stats.items() if path in now or path.split("/")[0] in folders}
        return sorted(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))

    def rows(self) -> dict[str, list[object]]:
        """What to keep: a file changed too recently is kept without its time, and will be looked at again."""
        late = self.begun - GRAIN
        return {
            path: [moment if moment < late else 0, size, self.digests[path]]
            for path, (moment, size) in self._stats.items()
        }


class Kept:
    """The state of the last build, if it can be used."""

    def __init__(self, work: str, root: str) -> None:
        self.work, self.root, self.program = work, root, program()
        self._which, self._parts = self._of_now(), dict[str, dict[str, object]]()
        state = loaded(os.path.join(work, "state"))
        self.why = ""
        if not isinstance(state, dict):
            self.why = "there is no state of an earlier build" if state is None else "the state is damaged"
        elif state.get("program") != self.program:
            self.why = "the state is of another version of the program"
        elif state.get("root") != root:
            self.why = "the state is of a site at another path"
        self.state: dict[str, object] = state if isinstance(state, dict) and not self.why else {}

    def _of_now(self) -> tuple[int, ...]:
        """Which file holds the state: each build writes a new one."""
        try:
            facts = os.stat(os.path.join(self.work, "state"))
        except OSError:
            return ()
        return facts.st_ino, facts.st_mtime_ns, facts.st_size

    def stands(self) -> bool:
        """Has no other build ended since this was read?"""
        return self._which == self._of_now()

    def files(self) -> dict[str, list[object]]:
        """What was known of the files."""
        return self.state.get("files", {})  # type: ignore[return-value]

    def current(self, as_of: str, identity: str | None) -> bool:
        """Is the published site still that of the last build, on this day?"""
        horizon: tuple[str, str] = self.state.get("horizon", ("9", "0"))  # type: ignore[assignment]
        low, high = horizon
        return bool(low < as_of <= high and identity is not None and identity == self.state.get("identity"))

    def part(self, name: str) -> dict[str, object]:
        """Another file of the cache, as it was before this build; nothing if it does not belong to this state."""
        if name not in self._parts:
            found = loaded(os.path.join(self.work, name)) if self.state else None
            sound = isinstance(found, dict) and found.get("program") == self.program
            self._parts[name] = found if sound else {}  # type: ignore[assignment]
        return self._parts[name]

    def forget(self, name: str, why: str) -> None:
        """Leaves a part unread that turned out to be damaged."""
        self._parts[name], self.why = {}, why

    def save(self, parts: dict[str, dict[str, object]], state: dict[str, object]) -> None:
        """Writes the cache, the state last: until then the old one stands, and a part that is newer does no harm."""
        for name, data in parts.items():
            dumped(os.path.join(self.work, name), data | {"program": self.program})
        dumped(os.path.join(self.work, "state"), state | {"program": self.program, "root": self.root})


# The first look of a process at a site, if it found something to do.
_FIRST: dict[str, tuple[Kept, Files]] = {}


def look(work: str, root: str) -> tuple[Kept, Files]:
    """The state of the last build, and the files: as this process saw them first, if no other build ended since."""
    if work in _FIRST and _FIRST[work][0].stands():
        return _FIRST.pop(work)
    kept = Kept(work, root)
    return kept, Files(root, kept.files())


class Store:
    """Byte strings by name, each with the token of what it was made from; new ones are appended.

    Half of the file dead, and it is written anew.
    """

    def __init__(self, work: str, name: str, usable: bool) -> None:
        self._path = os.path.join(work, name)
        index = loaded(self._path + ".index") if usable else None
        # By name a row, and behind it the token; beside them, how much of the file is alive.
        self._index, self._alive = index if isinstance(index, tuple) else (dict[str, bytes](), 0)
        self._new: dict[str, tuple[str, bytes]] = {}
        self._data: bytes | None = None
        self._file = _Open(self._path)

    def _read(self, row: bytes) -> bytes | None:
        if self._data is None:
            try:
                with open(self._path, "rb") as file:
                    self._data = file.read()
            except OSError:
                self._data = b""
        offset, size = _place(row)
        return _whole(self._data[offset : offset + size], row)

    def names(self, token: str) -> list[str]:
        """The names under which something was kept that was made from the same, the newest last."""
        made = token.encode()
        kept = [name for name, row in self._index.items() if row[ROW:] == made and name not in self._new]
        return kept + [name for name, row in self._new.items() if row[0] == token]

    def get(self, name: str, token: str) -> bytes | None:
        """What was kept under a name, if it was made from the same."""
        if name in self._new:
            return self._new[name][1] if self._new[name][0] == token else None
        return self._read(self._index[name]) if self.has(name, token) else None

    def has(self, name: str, token: str) -> bool:
        """Was something kept under a name that was made from the same? It may be damaged yet."""
        if name in self._new:
            return self._new[name][0] == token
        row = self._index.get(name)
        return row is not None and row[ROW:] == token.encode()

    def any(self, name: str) -> bytes | None:
        """What was kept under a name, whatever it was made from."""
        if name in self._new:
            return self._new[name][1]
        row = self._index.get(name)
        return self.one(name, row[ROW:].decode()) if row else None

    def one(self, name: str, token: str) -> bytes | None:
        """Like `get`, for few names: reads only what is asked for."""
        if self._data is not None or name in self._new:
            return self.get(name, token)
        if not self.has(name, token):
            return None
        return self._file.at(self._index[name])

    def put(self, name: str, token: str, data: bytes) -> None:
        """Keeps something under a name."""
        self._new[name] = (token, data)

    def save(self, names: Iterable[str]) -> None:
        """Writes what is new, and forgets all names but these."""
        if not os.path.dirname(self._path):
            return  # a build that writes nothing keeps nothing
        wanted = set(names)
        gone = [name for name in self._index if name not in wanted]
        if not self._new and not gone:
            return
        index, alive = self._index.copy(), self._alive
        for name in (*gone, *self._new):
            row = index.pop(name, None)
            alive -= _place(row)[1] if row else 0
        size = os.path.getsize(self._path) if os.path.exists(self._path) else 0
        fresh = {name: (token.encode(), data) for name, (token, data) in self._new.items() if name in wanted}
        if alive * 2 < size or not index:
            old = {name: (row[ROW:], self._read(row)) for name, row in index.items()}
            fresh = {name: (token, data) for name, (token, data) in old.items() if data is not None} | fresh
            with open(self._path + ".new", "wb") as file:
                index, alive = dict(zip(fresh, _appended(file, fresh.values()), strict=True)), 0
            os.replace(self._path + ".new", self._path)
        else:
            with open(self._path, "ab") as file:
                index.update(zip(fresh, _appended(file, fresh.values()), strict=True))
        self._index, self._alive = index, alive + sum([len(data) for _, data in fresh.values()])
        dumped(self._path + ".index", (self._index, self._alive))
        self._new, self._data, self._file = {}, None, _Open(self._path)


class Rows:
    """Data in a file of its own that is written as a whole; each is read when it is asked for, by its row."""

    def __init__(self, work: str, name: str) -> None:
        self._path = os.path.join(work, name)
        self._file = _Open(self._path)

    def write(self, values: Iterable[object]) -> Iterator[bytes]:
        """Writes data; gives the row of each, in order."""
        with open(self._path + ".new", "wb") as file:
            rows = _appended(file, ((b"", marshal.dumps(value)) for value in values))  # type: ignore[arg-type]
        os.replace(self._path + ".new", self._path)
        return iter(rows)

    def read(self, row: bytes) -> object:
        """The data of a row. Raises Damaged."""
        data = self._file.at(row)
        if data is None:
            raise Damaged(f"what was kept of {os.path.basename(self._path)} is damaged or gone")
        return marshal.loads(data)


# A row says where in a file data begins, how long it is, and a sum of it: a kill between the file and what tells its rows
# must not mix them.
ROW = 16


def _appended(file: BufferedWriter, data: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Writes data at the end of a file, given as token and bytes; returns the row of each, and behind it its token."""
    rows, offset = [], file.tell()
    for token, one in data:
        file.write(one)
        rows.append(offset.to_bytes(8, "little") + len(one).to_bytes(4, "little") + _sum(one) + token)
        offset += len(one)
    return rows


def _place(row: bytes) -> tuple[int, int]:
    """Where the data of a row begins, and how long it is."""
    return int.from_bytes(row[:8], "little"), int.from_bytes(row[8:12], "little")


class _Open:
    """A file that is opened when something is read of it, and closed when nobody can ask any more."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def at(self, row: bytes) -> bytes | None:
        """The data of a row, if it is what was written. The position of the file is one that child processes share."""
        offset, size = _place(row)
        try:
            if self._file is None:
                self._file = os.open(self._path, READ)
            if hasattr(os, "pread"):
                return _whole(os.pread(self._file, size, offset), row)
            os.lseek(self._file, offset, os.SEEK_SET)
            return _whole(os.read(self._file, size), row)
        except OSError:
            return None

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)


def _whole(data: bytes, row: bytes) -> bytes | None:
    """The data of a row, if it is what was written."""
    return data if len(data) == _place(row)[1] and _sum(data) == row[12:ROW] else None


def _sum(data: bytes | memoryview) -> bytes:
    """Four bytes that tell whether data was damaged; BLAKE2 takes five times as long."""
    return crc32(data).to_bytes(4, "little")


def loaded(path: str) -> object:
    """The data of a file, None if there is none, False if it is damaged. A sum guards what marshal would not notice."""
    try:
        with open(path, "rb") as file:
            data = memoryview(file.read())
    except OSError:
        return None
    if _sum(data[4:]) != data[:4]:
        return False
    try:
        return marshal.loads(data[4:])
    except (ValueError, EOFError, TypeError):
        return False


def dumped(path: str, value: object) -> None:
    """Writes data that `loaded` gives back, whole or not at all."""
    data = marshal.dumps(value)  # type: ignore[arg-type]
    with open(path + ".new", "wb") as file:
        file.write(_sum(data))
        file.write(data)
    os.replace(path + ".new", path)


def today() -> str:
    """The day to build for: that of SOURCE_DATE_EPOCH if it is set, else today's, in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = time.gmtime(int(epoch)) if epoch.isdigit() and len(epoch) < 12 else time.gmtime()
    return time.strftime("%Y-%m-%d", moment)


def identity(tree: str) -> str | None:
    """Which publication a tree is (a sum over all its files), or None if we did not make it."""
    try:
        with open(os.path.join(tree, ".manifest"), "rb") as file:
            first, second = file.readline(200), file.readline(200)
    except OSError:
        return None
    return first[2:].strip().decode("ascii", "replace") if second == b"# made by build.py, format 1\n" else None


def nothing_to_do(words: list[str], root: str, begun: float) -> str | None:
    """The line to print if a plain build has nothing to do; None if there is, or if more was asked for."""
    site = plain(words, root)
    if site is None:
        return None
    root, output = site, os.path.join(site, "public")
    work = os.path.join(root, ".public-build")
    kept = Kept(work, root)
    if not kept.state or kept.state.get("output") != output or kept.state.get("warnings"):
        return None
    if not kept.current(today(), identity(output)):
        return None
    files = Files(root, kept.files())
    if files.changed or files.gone:
        _FIRST[work] = kept, files
        return None
    if files.looked:
        kept.save({}, kept.state | {"files": files.rows()})
    line: tuple[int, int, int] = kept.state["line"]  # type: ignore[assignment]
    return said(*line, time.perf_counter() - begun, "nothing changed")


def said(pages: int, files: int, size: int, seconds: float, where: str) -> str:
    """The one line of a build that succeeded."""
    return f"{pages:,} pages, {files:,} files, {size:,} bytes, {seconds:.2f} s, {where}"
