"""Writers that are killed: run in a process of its own, which forks them without importing everything again.

``python -m tests.test_data.killed_writers FOLDER TIMES`` prints JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from data.errors import NotStoredError
from data.store import Store, open_store
from tests.fakes.paged_source import key_of, price_rows

NOW = pd.Timestamp("2026-06-15 12:00", tz="UTC")
KEY = key_of()
PAGE = 7
ROWS = price_rows(PAGE * 60)


#: What a writer reports before and after each write.
BEGUN, DONE = b"b", b"d"


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Start a process that does this work; its number, and the pipe that it reports to."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            work(writes)
            os._exit(0)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(3)
    os.close(writes)
    return child, reads


def killed(child: int) -> bool:
    """Kill a process; whether it had not come to its end before."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a writer failed")
    return os.WIFSIGNALED(status)


def rows_in(store: Store) -> int:
    """Rows stored, after checking that they are the first ones of the whole and nothing else."""
    try:
        rows = store.read(KEY).rows
    except NotStoredError:
        return 0
    pd.testing.assert_frame_equal(rows, ROWS.iloc[: len(rows)], check_freq=False)
    return len(rows)


def kill_appends(folder: str, times: int) -> dict[str, int]:
    """Kill writers at random moments, until so many were killed in the middle of a write.

    After each one the store must hold what it held before that write, or what it holds after it.
    """
    store, random_numbers = open_store(folder), random.Random(20260615)  # noqa: S311
    there = tries = in_the_middle = as_before = half_written = 0
    write_seconds = _seconds_of_a_write(store)

    def append(pipe: int) -> None:
        with store.writer(KEY) as writer:
            for number in range(there, len(ROWS), PAGE):
                os.write(pipe, BEGUN)
                writer.append(ROWS.iloc[number : number + PAGE], now=NOW)
                os.write(pipe, DONE)
            writer.finish(now=NOW)

    while in_the_middle < times:
        if (tries := tries + 1) > 4 * times:
            raise SystemExit(
                f"only {in_the_middle} of {tries - 1} writers were killed in the middle of a write"
            )
        if there == len(ROWS):
            store.delete(KEY)
            there = 0
        child, pipe = forked(append)
        reported = os.read(pipe, 1)
        time.sleep(random_numbers.uniform(0.0, 3 * write_seconds))
        was_killed = killed(child)
        with os.fdopen(pipe, "rb") as rest:
            reported += rest.read()
        before, found = there + PAGE * reported.count(DONE), rows_in(store)
        in_a_write = was_killed and reported.endswith(BEGUN)
        allowed = (before, before + PAGE) if in_a_write else (before,)
        if found not in allowed:
            raise SystemExit(f"{found} rows; allowed: {allowed}")
        in_the_middle += in_a_write
        as_before += in_a_write and found == before
        half_written += in_a_write and any(Path(folder).glob("series/*/*.tmp"))
        there = found
    with store.writer(KEY) as writer:
        writer.append(ROWS, now=NOW)
        writer.finish(now=NOW)
    left = [path.name for path in Path(folder).glob("series/*/*.tmp")]
    if rows_in(store) != len(ROWS) or left:
        raise SystemExit(f"not mended: {left}")
    return {"kills": in_the_middle, "as_before": as_before, "half_written": half_written, "tries": tries}


def _seconds_of_a_write(store: Store) -> float:
    """How long one write takes on this machine now, so that kills fall on all of it."""
    n_writes, begun = 10, time.monotonic()
    with store.writer(KEY) as writer:
        for number in range(n_writes):
            writer.append(ROWS.iloc[number * PAGE : (number + 1) * PAGE], now=NOW)
    seconds = (time.monotonic() - begun) / n_writes
    store.delete(KEY)
    return seconds


if __name__ == "__main__":
    where, count = sys.argv[1:]
    sys.stdout.write(json.dumps(kill_appends(where, int(count))))
