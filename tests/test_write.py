"""The published site is the old one or the new one, byte for byte, whatever happens to the build, and only our files."""

from __future__ import annotations

import errno
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Workshop

from builder import cache, write
from builder.model import SiteError

KILLS = int(os.environ.get("KILLS", "16"))  # a long sweep: KILLS=300 pytest tests/test_write.py -k random
STEP = int(os.environ.get("STEP", "131"))  # a complete one: STEP=1 pytest tests/test_write.py -k every
Tree = dict[str, bytes]
ABOUT = "content/en/about.md"


def tree(folder: Path) -> Tree:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def change(workshop: Workshop, state: int) -> None:
    """Puts the sources into one of two states, between which a page comes and goes and the style sheet changes."""
    extra = workshop.path("content/en/extra.md")
    if state:
        extra.write_text(workshop.read(ABOUT).replace("title: About", "title: Extra"), encoding="utf-8")
    else:
        extra.unlink(missing_ok=True)
    sheet = workshop.path("static/css/3-layout.css")
    kept = sheet.read_text(encoding="utf-8").partition("\n.state")[0]
    sheet.write_text(f"{kept}\n.state {{ color: {'red' if state else 'blue'}; }}\n", encoding="utf-8")
    moment = time.time_ns() - 10_000_000_000
    for one in (extra, sheet):
        if one.exists():
            os.utime(one, ns=(moment, moment))


class Two:
    """A site with two states, and the tree of each."""

    def __init__(self, folder: Path) -> None:
        self.workshop = Workshop(folder)
        self.workshop.one_language()
        self.trees: list[Tree] = []
        for state in (1, 0):
            change(self.workshop, state)
            self.workshop.result()
            self.trees.insert(0, self.workshop.tree())
        assert self.trees[0].keys() != self.trees[1].keys()

    def whole(self) -> int:
        """Which state is published. Fails if it is neither."""
        now = self.workshop.tree()
        assert now in self.trees, sorted(
            path for path in now.keys() | self.trees[0].keys() if now.get(path) != self.trees[0].get(path)
        )
        return self.trees.index(now)

    def settled(self, state: int) -> None:
        """The next build mends everything and leaves nothing behind."""
        change(self.workshop, state)
        self.workshop.result()
        assert self.whole() == state
        assert not (self.workshop.output.parent / ".public-build" / "twin").exists()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    return Two(tmp_path_factory.mktemp("two"))


class Reader:
    """Reads the published site again and again; what it saw between two equal looks at the manifest must be whole."""

    def __init__(self, two: Two) -> None:
        self.two, self.seen, self.faults, self.stop = two, 0, list[str](), False
        self.thread = threading.Thread(target=self.read)

    def __enter__(self) -> Reader:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop = True
        self.thread.join()

    def read(self) -> None:
        output = self.two.workshop.output
        while not self.stop:
            before = cache.identity(str(output))
            if before is None:
                self.faults.append("no site at all")
            try:
                now: Tree | None = tree(output)
            except OSError:
                now = None  # a file went while the names were read: another publication
            if before == cache.identity(str(output)) and now is not None:
                self.seen += 1
                if now not in self.two.trees:
                    self.faults.append("a mixed tree")
            time.sleep(0.002)


def test_kills_at_random_moments_leave_one_of_two_whole_sites(two: Two) -> None:
    """The process alone or all its children with it, cold or warm, each from the wreckage that the last one left."""
    chance = random.Random(os.environ.get("SEED", "1"))
    begun = time.monotonic()
    assert two.workshop.run("--jobs", "2").returncode == 0
    longest = time.monotonic() - begun + 0.2
    killed = {0: 0, 1: 0}
    with Reader(two) as reader:
        for number in range(KILLS):
            change(two.workshop, number % 2)
            if number % 5 == 4:  # cold: everything is rendered
                (two.workshop.output.parent / ".public-build" / "state").unlink(missing_ok=True)
            command = [sys.executable, str(ROOT / "build.py"), "--jobs", "2", "--root", str(two.workshop.root)]
            settings = {**os.environ, "SOURCE_DATE_EPOCH": "1795478400"}
            process = subprocess.Popen(
                [*command, "--output", str(two.workshop.output)], start_new_session=True, env=settings,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(chance.uniform(0.05, longest * (2 if number % 5 == 4 else 1)))
            if number % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            killed[process.wait() == -signal.SIGKILL] += 1
            two.whole()
    print(f"{killed[True]} killed, {killed[False]} had ended; {reader.seen} whole trees read meanwhile")
    assert not reader.faults
    assert reader.seen > KILLS
    assert killed[True] > KILLS / 3
    two.settled(0)
    two.settled(1)


# Faults at every step

NAMES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}


def counted(folder: str, at: int, fault: Callable[[], None]) -> mmap.mmap:
    """Calls `fault` at a certain change to a folder, in this process or its children; the count is in shared memory."""
    count = mmap.mmap(-1, 8)

    def step() -> None:
        number = int.from_bytes(count[:8], "little") + 1
        count[:8] = number.to_bytes(8, "little")
        if number == at:
            fault()

    def hook(event: str, args: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if ((event in NAMES or writes) and str(args[0]).startswith(folder)) or (
            event == "ctypes.dlsym" and args[1] == "renameat2"
        ):
            step()

    sys.addaudithook(hook)
    for name in ("fsync", "sync"):
        before = getattr(os, name)
        setattr(os, name, lambda *args, before=before: (step(), before(*args)))
    return count


def attempt(two: Two, at: int, fault: Callable[[], None]) -> tuple[int, int]:
    """Builds in a child with a fault at a step; returns how it ended and how many steps there were."""
    read, end = os.pipe()
    pid = os.fork()
    if not pid:
        code = 70
        try:
            with open(os.devnull, "w", encoding="ascii") as nothing:
                os.dup2(nothing.fileno(), 2)
            count = counted(str(two.workshop.output.parent), at, fault)
            try:
                two.workshop.result(jobs=2)
                code = 0
            except SiteError as error:
                code = 1 if all(one.message and one.path for one in error.problems) else 71
            os.write(end, count[:8])
        finally:
            os._exit(code)
    os.close(end)
    said = os.read(read, 8)
    os.close(read)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), int.from_bytes(said, "little")


def fails(code: int) -> Callable[[], None]:
    def fault() -> None:
        raise OSError(code, os.strerror(code))

    return fault


FAULTS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "full disk": fails(errno.ENOSPC),
    "broken disk": fails(errno.EIO),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_every_step_leaves_one_of_two_whole_sites(two: Two, name: str) -> None:
    state = 1 - two.whole()
    change(two.workshop, state)
    ended, steps = attempt(two, 0, FAULTS[name])
    assert (ended, two.whole()) == (0, state)
    assert steps > 20
    ends = []
    for at in [*range(1 + state, steps - 2, STEP), *range(steps - 2, steps + 1)]:
        state = 1 - two.whole()
        change(two.workshop, state)
        ended, _ = attempt(two, at, FAULTS[name])
        now = two.whole()
        assert ended in ((0, 1, -signal.SIGKILL) if name == "kill" else (0, 1)), (at, ended)
        assert ended or now == state, at  # one that says it succeeded has
        ends.append(ended)
    print(f"{len(ends)} of {steps} steps: {ends.count(0)} ended well, {ends.count(1)} with a problem")
    two.settled(0)
    two.settled(1)


def test_without_an_exchange_in_one_step_a_kill_between_the_two_is_mended(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systems without renameat2 have no output for a moment; the next build puts the old one back before it begins."""
    state = two.whole()
    monkeypatch.setattr(write, "_renameat2", lambda first, second: False)
    two.settled(1 - state)
    aside = two.workshop.output.parent / ".public-build" / "aside"
    two.workshop.output.rename(aside)
    change(two.workshop, state)
    two.workshop.change(ABOUT, "title: About", "titel: About")
    with pytest.raises(SiteError):
        two.workshop.result()
    assert two.whole() == 1 - state
    two.workshop.change(ABOUT, "titel: About", "title: About")
    two.settled(state)


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_a_file_that_cannot_grow_leaves_the_old_site(two: Two, size: int) -> None:
    """The limit on the size of files stands in for a disk that fills up in the middle of one."""
    state = two.whole()
    change(two.workshop, 1 - state)
    limit = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", limit, str(ROOT / "build.py"), "--root", str(two.workshop.root)]
    done = subprocess.run([*command, "--output", str(two.workshop.output)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not-written" in done.stderr
    assert "Traceback" not in done.stderr
    assert two.whole() == state
    two.settled(1 - state)


def test_a_second_build_at_the_same_time_is_refused_and_harms_nothing(two: Two) -> None:
    state = two.whole()
    with write.locked(str(two.workshop.output)):
        done = two.workshop.run()
    assert done.returncode == 1
    assert "another build is writing here" in done.stderr
    assert two.whole() == state


# Only our files


def test_unchanged_files_keep_inode_and_time(two: Two) -> None:
    """Tools that copy what changed to a server go by them."""
    state = two.whole()
    two.settled(state)

    def facts() -> dict[str, tuple[int, int]]:
        output = two.workshop.output
        return {one: ((output / one).stat().st_ino, (output / one).stat().st_mtime_ns) for one in two.workshop.tree()}

    text = two.workshop.read(ABOUT)
    before = facts()
    two.workshop.write(ABOUT, text.replace("Made for tests", "Made for all tests"))
    two.workshop.result()
    after = facts()
    changed = {one for one in before if after[one] != before[one]}
    assert "en/about/index.html" in changed
    assert len(changed) < 12
    two.workshop.write(ABOUT, text)
    two.settled(state)


def test_who_still_reads_an_old_page_or_keeps_a_copy_of_it_by_a_link_reads_it_to_the_end(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.one_language()
    workshop.result()
    page = workshop.output / "en/about/index.html"
    linked = workshop.output / "en/index.html"
    os.link(linked, tmp_path / "copy")
    before = page.read_bytes(), linked.read_bytes()
    with page.open("rb", buffering=0) as reading:
        begun = reading.read(100)
        for word in ("Once", "Twice", "Thrice"):
            base = workshop.read("templates/base.html")
            workshop.write("templates/base.html", base.replace("</body>", f"<p>{word}</p></body>"))
            workshop.result()
        assert (begun + reading.read(), (tmp_path / "copy").read_bytes()) == before
    assert page.read_bytes().count(b"<p>Thrice</p>") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot tell whether anybody has a file open")
def test_a_page_that_changes_again_and_again_is_written_over_the_state_before_the_last(workshop: Workshop) -> None:
    workshop.one_language()
    workshop.result()
    page = workshop.output / "en/about/index.html"
    numbers = []
    for number in range(5):
        workshop.write(ABOUT, workshop.read(ABOUT) + f"\nSentence {number}.\n" * (5 - number))
        workshop.result()
        numbers.append(page.stat().st_ino)
    assert numbers[2:4] == numbers[0:2]
    assert len(set(numbers)) == 2


@pytest.mark.parametrize("which", ["public", ".public-build"])
def test_a_link_in_the_place_of_a_folder_is_refused(workshop: Workshop, which: str) -> None:
    other = workshop.output.parent / "precious"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    (workshop.output.parent / which).symlink_to(other)
    with pytest.raises(SiteError) as caught:
        workshop.result()
    assert caught.value.problems[0].code == "output-link"
    assert tree(other) == {"thesis.txt": b"years of work"}


def test_a_file_that_somebody_put_into_the_output_is_not_lost(two: Two) -> None:
    state = two.whole()
    foreign = two.workshop.output / "CNAME"
    foreign.write_text("example.org")
    change(two.workshop, 1 - state)
    with pytest.raises(SiteError) as caught:
        two.workshop.result()
    assert "'CNAME' in the output was not made by this program" in caught.value.problems[0].message
    assert foreign.read_text() == "example.org"
    foreign.unlink()
    two.settled(1 - state)


def test_a_site_without_pages_is_refused(workshop: Workshop) -> None:
    workshop.result()
    before = workshop.tree()
    shutil.rmtree(workshop.root / "content")
    with pytest.raises(SiteError):
        workshop.result()
    assert workshop.tree() == before


@pytest.mark.parametrize("put_back", [False, True], ids=["the output removed", "an older output put back"])
def test_another_output_than_the_last_does_not_mix_with_what_is_kept_beside_it(
    two: Two, tmp_path: Path, put_back: bool
) -> None:
    two.settled(1)
    two.workshop.output.rename(tmp_path / "older")
    two.settled(1)
    two.settled(0)
    shutil.rmtree(two.workshop.output)
    if put_back:
        (tmp_path / "older").rename(two.workshop.output)
    two.settled(0)
    two.settled(1)


def test_a_first_publication_that_is_killed_leaves_none_or_the_whole_site(two: Two) -> None:
    state = two.whole()

    def fresh(at: int) -> int:
        for name in (two.workshop.output, two.workshop.output.parent / ".public-build"):
            shutil.rmtree(name, ignore_errors=True)
        return attempt(two, at, FAULTS["kill"])[1]

    steps = fresh(0)
    for at in (steps - 6, steps - 3, steps - 1):
        fresh(at)
        assert not two.workshop.output.exists() or two.whole() == state
        two.settled(1 - state)
        two.settled(state)
