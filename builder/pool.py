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
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

if os.name != "nt":  # nothing forks there
    import resource

PR_SET_PDEATHSIG = 1
NONE = 2**64 - 1  # the number of no item
MOST = 64  # items that a child is given at once, and whose results travel together
FEW = 24  # below so many items a second process costs more than it brings


class Limits(NamedTuple):
    """What one item may take."""

    seconds: float = 5.0
    megabytes: int = 500


@dataclass
class _Child:
    """A child process, what it was given and has not answered, and what it is at.

    `slate` is memory that both see: the child writes there which item it is at, and nobody is woken to read it; behind it
    stands whether the child shall do no more.
    """

    pid: int
    run: int  # the number of the run of items that is its own
    orders: int  # the pipe on which it is told what to do
    answers: int  # the pipe on which it says what came of it
    slate: mmap.mmap
    given: list[int] = field(default_factory=list)
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
    if not hasattr(os, "fork"):
        return [do(number) for number in range(count)], {}, [finish()] if finish else []
    many = workers(count, wanted)
    runs = [deque(range(count * one // many, count * (one + 1) // many)) for one in range(many)]
    results: list[Any] = [None] * count
    failures: dict[int, str] = {}
    ends: list[Any] = []
    children: list[_Child] = []

    def start(run: int) -> None:
        child = _start(run, do, limits, finish, children)
        children.append(child)
        _give(child, runs)
        _give(child, runs)  # one more: it need not wait while its answer is read

    for one in range(many if count else 0):
        start(one)
    if meanwhile:
        meanwhile()
    done = 0
    while children:
        ready, _, _ = select.select([child.answers for child in children], [], [], 0.25)
        for child in list(children):
            closed = child.answers in ready and _read(child, runs, results, failures, ends)
            late = not closed and child.late(limits.seconds)
            if late:
                os.kill(child.pid, signal.SIGKILL)
            if late or closed:
                children.remove(child)
                left = _ended(child, late, limits, results, failures)
                runs[child.run].extendleft(reversed(left))
                if left or (any(runs) and not children):
                    start(child.run)
        if progress:
            now = count - sum(one is None for one in results)
            if now != done:
                done = now
                progress(done, count)
    return results, failures, ends


def ahead(count: int, do: Callable[[int], Any], limits: Limits, meanwhile: Callable[[], object]) -> list[Any]:
    """What another process gets done of `do(0)` … while `meanwhile` is done here; None for the rest.

    Of what fails nothing is said: it is still to be done. Where there is no second processor, nothing is done ahead.
    """
    results: list[Any] = [None] * count
    if not hasattr(os, "fork") or workers(count) < 2:
        meanwhile()
        return results
    child = _start(0, do, limits, None, [])
    try:
        with suppress(BrokenPipeError):
            _send(child.orders, marshal.dumps(list(range(count))))
            _give(child, [deque()])
        meanwhile()
    finally:
        child.slate[8] = 1
        while not child.late(limits.seconds):
            ready, _, _ = select.select([child.answers], [], [], 0.25)
            if ready and _read(child, [deque()], results, {}, []):
                break
        else:
            os.kill(child.pid, signal.SIGKILL)
        _ended(child, False, limits, results, {})
    return results


def _give(child: _Child, runs: list[deque[int]]) -> None:
    """Gives a child its next items, of its own run or else from the end of the longest; none at all lets it end.

    The fewer are left, the fewer it is given: all children end at about the same time.
    """
    run = runs[child.run] or max(runs, key=len)
    size = min(MOST, len(run), sum(map(len, runs)) // (4 * len(runs)) + 1)
    take = run.popleft if run is runs[child.run] else run.pop
    items = [take() for _ in range(size)]
    child.given += items
    with suppress(BrokenPipeError):  # if it died, what it was given is given to another
        _send(child.orders, marshal.dumps(items))


def _start(
    run: int, do: Callable[[int], Any], limits: Limits, finish: Callable[[], Any] | None, others: list[_Child]
) -> _Child:
    slate = mmap.mmap(-1, 9)
    slate[:8] = NONE.to_bytes(8, "little")
    orders, order = os.pipe()
    answers, answer = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid:
        os.close(orders)
        os.close(answer)
        return _Child(pid, run, order, answers, slate)
    code = 1
    try:
        for one in (order, answers, *(pipe for other in others for pipe in (other.orders, other.answers))):
            os.close(one)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _end_with(parent)
        _limit(limits)
        _work(orders, answer, slate, do, finish)
        code = 0
    except (BrokenPipeError, EOFError):
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
    orders: int, answer: int, slate: mmap.mmap, do: Callable[[int], Any], finish: Callable[[], Any] | None
) -> None:
    with open(orders, "rb") as source:
        while items := _taken(source):
            batch: list[tuple[int, Any, str]] = []
            for number in items:
                if slate[8]:
                    break
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
            slate[:8] = NONE.to_bytes(8, "little")
            _send(answer, marshal.dumps((batch, None)))
        _send(answer, marshal.dumps(([], [finish()] if finish else None)))


def _taken(orders: IO[bytes]) -> list[int]:
    """What a child is told to do next; nothing at the end. Raises EOFError if nobody tells any more."""
    size = int.from_bytes(orders.read(8), "little")
    items: list[int] = marshal.loads(orders.read(size))
    return items


def _send(pipe: int, data: bytes) -> None:
    data = len(data).to_bytes(8, "little") + data
    sent = 0
    while sent < len(data):
        sent += os.write(pipe, data[sent:])


def _read(child: _Child, runs: list[deque[int]], results: list[Any], failures: dict[int, str], ends: list[Any]) -> bool:
    """Takes what a child has said, and gives it more to do; True if it has ended."""
    data = os.read(child.answers, 1 << 20)
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
        if batch:
            _give(child, runs)
    return False


def _ended(child: _Child, late: bool, limits: Limits, results: list[Any], failures: dict[int, str]) -> list[int]:
    """Notes the item at which a child failed; returns what it was given and leaves to be done."""
    os.close(child.orders)
    os.close(child.answers)
    child.late(limits.seconds)  # to see what it was at last
    _, status = os.waitpid(child.pid, 0)
    left = [number for number in child.given if results[number] is None and number not in failures]
    if status == 0 or not left:
        return left
    at = child.at if child.at in left else left[0]  # one that died before it began did so at its first
    if late:
        failures[at] = f"took longer than {limits.seconds:g} seconds"
    elif os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3:
        failures[at] = f"needed more than {limits.megabytes} megabytes of memory"
    else:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"code {os.WEXITSTATUS(status)}"
        failures[at] = f"made its process fail ({how})"
    return [number for number in left if number != at]
