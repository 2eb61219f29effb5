"""Does work in child processes, each item under a limit of time and memory; a crash names its item.

One pool serves speed and safety: a child that hangs, swells or dies costs the item that it was at, and no other. The
children are forked, so they see everything that their parent has in memory and only results travel, as marshal data.
Where the system cannot fork (Windows), the work is done in this process, without the limits.
"""

from __future__ import annotations

import marshal
import mmap
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

if os.name != "nt":  # nothing forks there
    import resource

PR_SET_PDEATHSIG = 1
NONE = 2**64 - 1  # the number of no item
BATCH = 64  # results that travel together
FEW = 24  # below so many items a second process costs more than it brings


class Limits(NamedTuple):
    """What one item may take."""

    seconds: float = 5.0
    megabytes: int = 500


@dataclass
class _Child:
    """A child process, what it still has to do, and what it is at.

    `slate` is memory that both see: the child writes there which item it is at, and nobody is woken to read it.
    """

    pid: int
    pipe: int
    todo: list[int]
    slate: mmap.mmap
    at: int = NONE
    since: float = field(default_factory=time.monotonic)
    buffer: bytearray = field(default_factory=bytearray)

    def late(self, seconds: float) -> bool:
        """Has it been at one item for longer than that? To be asked now and then."""
        now, at = time.monotonic(), int.from_bytes(self.slate[:8], "little")
        if at != self.at:
            self.at, self.since = at, now
        return at != NONE and now - self.since > seconds


def workers(items: int, wanted: int = 0) -> int:
    """How many processes pay for so many items; `wanted` overrides."""
    if wanted:
        return max(1, min(wanted, items))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if items < FEW else min(cores, items // 8)


def run(
    count: int, do: Callable[[int], Any], limits: Limits, wanted: int = 0, finish: Callable[[], Any] | None = None,
    progress: Callable[[int, int], None] | None = None, meanwhile: Callable[[], object] | None = None,
) -> tuple[list[Any], dict[int, str], list[Any]]:  # fmt: skip
    """The results of `do(0)` … `do(count - 1)` in order, the failures by number, and what each child's `finish` gave.

    A failed item has the result None; its failure is a sentence such as "took longer than 5 seconds". `meanwhile` is
    done in this process while the children are at work.
    """
    results: list[Any] = [None] * count
    failures: dict[int, str] = {}
    ends: list[Any] = []
    if not hasattr(os, "fork"):
        for number in range(count):
            results[number] = do(number)
        return results, failures, [finish()] if finish else []
    many = workers(count, wanted)
    children = [_start(list(range(first, count, many)), do, limits, finish) for first in range(many) if count]
    if meanwhile:
        meanwhile()
    done = 0
    while children:
        ready, _, _ = select.select([child.pipe for child in children], [], [], 0.25)
        for child in list(children):
            closed = _read(child, results, failures, ends) if child.pipe in ready else False
            late = child.late(limits.seconds) and not closed
            if late:
                os.kill(child.pid, signal.SIGKILL)
            if late or closed:
                children.remove(child)
                if left := _ended(child, late, limits, results, failures):
                    children.append(_start(left, do, limits, finish))
        if progress:
            now = count - sum(one is None for one in results)
            if now != done:
                done = now
                progress(done, count)
    return results, failures, ends


def _start(todo: list[int], do: Callable[[int], Any], limits: Limits, finish: Callable[[], Any] | None) -> _Child:
    slate = mmap.mmap(-1, 8)
    slate[:8] = NONE.to_bytes(8, "little")
    read, write = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid:
        os.close(write)
        return _Child(pid, read, todo, slate)
    code = 1
    try:
        os.close(read)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _end_with(parent)
        _limit(limits)
        _work(write, slate, todo, do, finish)
        code = 0
    except BrokenPipeError:
        pass
    finally:
        os._exit(code)


def _end_with(parent: int) -> None:
    """A child does not outlive its parent, which alone would stop it when it hangs, and whose lock it holds."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _limit(limits: Limits) -> None:
    """No more memory than the parent has now and the limit on top."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        most = now + limits.megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return  # a system without /proc has the limit of time only


def _work(
    pipe: int, slate: mmap.mmap, todo: list[int], do: Callable[[int], Any], finish: Callable[[], Any] | None
) -> None:
    batch: list[tuple[int, Any, str]] = []
    for number in todo:
        slate[:8] = number.to_bytes(8, "little")
        try:
            batch.append((number, do(number), ""))
        except MemoryError:
            batch.clear()  # the parent asks for these again
            os._exit(3)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{os.path.basename(place.filename)}:{place.lineno}"
            batch.append((number, None, f"made the program fail ({type(error).__name__}: {error}, {where})"))
        if len(batch) >= BATCH:
            _send(pipe, marshal.dumps((batch, None)))
            batch = []
    slate[:8] = NONE.to_bytes(8, "little")
    _send(pipe, marshal.dumps((batch, [finish()] if finish else None)))


def _send(pipe: int, data: bytes) -> None:
    data = len(data).to_bytes(8, "little") + data
    sent = 0
    while sent < len(data):
        sent += os.write(pipe, data[sent:])


def _read(child: _Child, results: list[Any], failures: dict[int, str], ends: list[Any]) -> bool:
    """Takes what a child has said; True if it has ended."""
    data = os.read(child.pipe, 1 << 20)
    if not data:
        return True
    buffer = child.buffer
    buffer += data
    while len(buffer) >= 8:
        size = 8 + int.from_bytes(buffer[:8], "little")
        if len(buffer) < size:
            break
        batch, end = marshal.loads(bytes(buffer[8:size]))
        del buffer[:size]
        for number, result, failure in batch:
            results[number] = result
            if failure:
                failures[number] = failure
        ends.extend(end or [])
    return False


def _ended(child: _Child, late: bool, limits: Limits, results: list[Any], failures: dict[int, str]) -> list[int]:
    """Notes the item at which a child failed; returns what it leaves to be done."""
    os.close(child.pipe)
    child.late(limits.seconds)  # to see what it was at last
    _, status = os.waitpid(child.pid, 0)
    left = [number for number in child.todo if results[number] is None and number not in failures]
    if status == 0 or not left:
        return [] if status == 0 else left
    at = child.at if child.at in left else left[0]  # one that died before it began did so at its first
    if late:
        failures[at] = f"took longer than {limits.seconds:g} seconds"
    elif os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3:
        failures[at] = f"needed more than {limits.megabytes} megabytes of memory"
    else:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"code {os.WEXITSTATUS(status)}"
        failures[at] = f"made its process fail ({how})"
    return [number for number in left if number != at]
