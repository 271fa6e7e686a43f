"""Writers that are killed: run in a process of its own, which forks them without importing everything again.

``python -m tests.test_data.killed_writers appends FOLDER TIMES`` and ``... fetches FOLDER`` print JSON.
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

from data.cli import main as command_line
from data.errors import NotStoredError
from data.store import Store, open_store
from tests.fakes.paged_source import FakePages, key_of, price_rows

NOW = pd.Timestamp("2026-06-15 12:00", tz="UTC")
KEY = key_of()
PAGE = 7
ROWS = price_rows(PAGE * 60)
SYMBOLS = tuple(f"COIN{number}/USDT:USDT" for number in range(20))
FIVE_YEARS = 1826


def killed_after(seconds: float, work: Callable[[int], None]) -> tuple[int, bool]:
    """Rows that a killed process had reported as stored, and whether it had come to its end before."""
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
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reads, "rb") as pipe:
        reported = pipe.read().split()
    ended = os.WIFEXITED(status)
    if ended and os.WEXITSTATUS(status):
        raise SystemExit("a writer failed")
    return int(reported[-1]) if reported else 0, ended


def rows_in(store: Store) -> int:
    """Rows stored, after checking that they are the first ones of the whole and nothing else."""
    try:
        rows = store.read(KEY).rows
    except NotStoredError:
        return 0
    pd.testing.assert_frame_equal(rows, ROWS.iloc[: len(rows)], check_freq=False)
    return len(rows)


def kill_appends(folder: str, times: int) -> dict[str, int]:
    """Kill a writer at random moments; after each kill every reported row must be there."""
    store, random_numbers = open_store(folder), random.Random(20260615)  # noqa: S311
    there = ended_by_itself = in_the_middle = 0

    def append(pipe: int) -> None:
        begin = there
        with store.writer(KEY) as writer:
            for number in range(begin, len(ROWS), PAGE):
                writer.append(ROWS.iloc[number : number + PAGE], now=NOW)
                os.write(pipe, f"{number + PAGE} ".encode())
            writer.finish(now=NOW)

    for _ in range(times):
        if there == len(ROWS):
            store.delete(KEY)
            there = 0
        reported, ended = killed_after(random_numbers.uniform(0.0, 0.09), append)
        found = rows_in(store)
        if not max(there, reported) <= found <= max(there, reported) + PAGE:
            raise SystemExit(f"{found} rows after {reported} were reported and {there} were there before")
        in_the_middle += any(Path(folder).glob("series/*/*.tmp"))
        ended_by_itself += ended
        there = found
    with store.writer(KEY) as writer:
        writer.append(ROWS, now=NOW)
        writer.finish(now=NOW)
    left = [path.name for path in Path(folder).glob("series/*/*.tmp")]
    if rows_in(store) != len(ROWS) or left:
        raise SystemExit(f"not mended: {left}")
    return {"kills": times - ended_by_itself, "half_written": in_the_middle}


def fetch(folder: str) -> int:
    """What ``python -m data fetch`` does with 20 symbols of the fake source."""
    source = FakePages({symbol: price_rows(FIVE_YEARS, symbol=symbol) for symbol in SYMBOLS}, page_rows=250)
    arguments = ["fetch", "--source", "fake", "--interval", "daily", *SYMBOLS]
    return command_line(arguments, store=open_store(folder), source=lambda name: source, now=NOW)


def kill_fetches(folder: str) -> dict[str, int]:
    """Kill fetches until one comes to its end."""
    random_numbers, kills = random.Random(7), 0  # noqa: S311
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    while not killed_after(random_numbers.uniform(0.05, 0.5) + kills * 0.05, lambda _: _succeed(folder))[1]:
        kills += 1
    sys.stdout = sys.__stdout__
    return {"kills": kills}


def _succeed(folder: str) -> None:
    if fetch(folder) != 0:
        raise SystemExit("the fetch failed")


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    done = kill_appends(where, int(rest[0])) if what == "appends" else kill_fetches(where)
    sys.stdout.write(json.dumps(done))
