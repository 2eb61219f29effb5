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
