"""Work in child processes: every item is done, whoever does it, and only the one that fails is lost."""

import os
import signal
import time
from pathlib import Path

import pytest

from builder import pool

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
LIMITS = pool.Limits(seconds=1, megabytes=300)


@pytest.mark.parametrize("many", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 500])
def test_every_item_is_done_once_and_answered_in_order(many: int, count: int) -> None:
    done: list[int] = []

    def do(number: int) -> int:
        done.append(number)
        return number * number

    results, failures, ends = pool.run(count, do, LIMITS, many, lambda: list(done))
    assert results == [number * number for number in range(count)]
    assert failures == {}
    assert sorted(number for end in ends for number in end) == list(range(count))
    assert len(ends) == min(many, count)


def test_a_child_that_has_done_its_own_takes_from_those_that_have_not() -> None:
    def do(number: int) -> int:
        time.sleep(0.03 if number < 50 else 0)  # the first half takes long
        return os.getpid()

    results, _, _ = pool.run(100, do, LIMITS, 2)
    assert len(set(results)) == 2
    assert len(set(results[:50])) == 2


def test_items_that_fail_are_named_and_all_others_are_done() -> None:
    def do(number: int) -> int:
        if number in (0, 77):
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 120:
            time.sleep(60)
        if number == 150:
            raise ValueError("no")
        if number == 199:
            bytearray(2**40)
        return number

    results, failures, _ = pool.run(200, do, LIMITS, 2)
    assert {number: said.partition(" (ValueError")[0] for number, said in failures.items()} == {
        0: "made its process fail (signal 9)",
        77: "made its process fail (signal 9)",
        120: "took longer than 1 seconds",
        150: "made the program fail",
        199: "needed more than 300 megabytes of memory",
    }
    assert results == [None if number in failures else number for number in range(200)]


def test_nothing_is_lost_if_a_child_ends_too_early(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def do(number: int) -> int:
        if number == 10 and not mark.exists():
            mark.touch()
            os._exit(0)  # as if somebody had ended it, and nothing had gone wrong
        return number

    results, failures, _ = pool.run(40, do, LIMITS, 2)
    assert (results, failures) == (list(range(40)), {})


TWO = pytest.mark.skipif(pool.workers(64) < 2, reason="there is no processor to spare, so nothing is done ahead")


@TWO
def test_what_is_done_ahead_is_right_and_the_rest_is_left() -> None:
    def do(number: int) -> int:
        if number == 3:
            raise ValueError("no")
        time.sleep(0.2 if number >= 40 else 0)
        return number * number

    results = pool.ahead(64, do, LIMITS, lambda: time.sleep(1))
    assert results[:5] == [0, 1, 4, None, 16]
    assert results[-1] is None


@TWO
def test_what_hangs_ahead_is_given_up() -> None:
    assert pool.ahead(64, lambda number: time.sleep(60), LIMITS, lambda: None) == [None] * 64


def test_what_is_done_ahead_ends_with_what_goes_wrong_meanwhile() -> None:
    def meanwhile() -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        pool.ahead(64, lambda number: number, LIMITS, meanwhile)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # no child is left behind
