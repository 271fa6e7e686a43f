"""Several processes, some of them killed, at one store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data import errors
from data.store import open_store
from tests.fakes.paged_source import FakePages, key_of, price_rows
from tests.test_data.store_examples import KEY, fetched, source_of, stored

ROOT = Path(__file__).parents[2]
Saw = Callable[[object], None]


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def ended(process: subprocess.Popen[str], *, seconds: float = 120.0) -> str:
    with process:
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
    assert process.returncode == 0, err
    return out


@pytest.mark.fault(
    "store: a writer is killed (kill -9) in the middle of a write, 100 times at random moments",
    saw="every page that had been stored; the next fetch goes on from there",
    lost="the page under way, which is fetched again",
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")
def test_killed_writers(tmp_path: Path) -> None:
    done = json.loads(ended(started("-m", "tests.test_data.killed_writers", str(tmp_path), "100")))
    assert done["kills"] == 100
    assert done["as_before"] >= 1
    assert done["half_written"] >= 1


@pytest.mark.fault(
    "exchange: two hours of a team's looking at prices, every third look meeting a fault",
    saw="the prices stored so far at every look, and newer ones as soon as the exchange answered",
    lost="nothing: what is stored equals an undisturbed download; memory, threads and open files stay flat",
)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read as Linux shows it")
def test_two_hours_of_a_team(tmp_path: Path) -> None:
    done = json.loads(ended(started("-m", "tests.test_data.soak", str(tmp_path / "soak")), seconds=400))
    assert done["told"] == []
    assert all(done["same"])
    assert done["files"] < 20 * len(done["same"])
    first, last = done["marks"][:3], done["marks"][-3:]
    assert sum(mark["mb"] for mark in last) < 1.05 * sum(mark["mb"] for mark in first)
    assert last[-1]["threads"] <= first[-1]["threads"]
    assert last[-1]["files"] <= first[-1]["files"]


WRITER = """
import sys
from data.store import open_store
from tests.fakes.paged_source import key_of, price_rows
from tests.test_data.store_examples import NOW
rows, new = price_rows(400), 0
for begin in range(0, 400, 10):
    with open_store(sys.argv[1]).writer(key_of(), wait_seconds=60) as writer:
        new += writer.append(rows.iloc[begin : begin + 10], now=NOW).n_new
print(new)
"""


@pytest.mark.fault(
    "store: two processes write one series, a third one reads it",
    saw="the rows that are there so far, each once",
    lost="nothing",
)
def test_two_processes_write_one_series_while_it_is_read(tmp_path: Path) -> None:
    store, rows, lengths = open_store(str(tmp_path)), price_rows(400), [0]
    with started("-c", WRITER, str(tmp_path)) as one, started("-c", WRITER, str(tmp_path)) as other:
        while one.poll() is None or other.poll() is None:
            try:
                seen = store.read(KEY).rows
            except errors.NotStoredError:
                continue
            assert len(seen) >= lengths[-1]
            pd.testing.assert_frame_equal(seen, rows.iloc[: len(seen)], check_freq=False)
            lengths.append(len(seen))
        assert int(ended(one)) + int(ended(other)) == 400
    pd.testing.assert_frame_equal(store.read(KEY).rows, rows, check_freq=False)
    assert len(set(lengths)) > 3  # it was read while it grew


@pytest.mark.fault(
    "store: another process is fetching the same series",
    saw="another process is fetching this series at the moment; allowed: one writer at a time for each "
    "series. Wait until it is done; what it fetches will be there for everyone.",
    lost="nothing",
)
def test_a_second_writer_is_told_that_there_is_a_first(tmp_path: Path, saw: Saw) -> None:
    store = stored(tmp_path, 100)
    with store.writer(KEY):
        problem = fetched(open_store(str(tmp_path)), source_of(120)).problem
        saw(problem)
        assert isinstance(problem, errors.StoreBusyError)
        with pytest.raises(errors.StoreBusyError):
            store.delete(KEY)
        other = key_of("ETH")
        assert fetched(store, source_of(10, other), other).complete
        assert len(store.read(KEY).rows) == 100
    assert fetched(store, source_of(120)).complete


def test_a_second_writer_waits_when_it_is_asked_to(tmp_path: Path) -> None:
    store = stored(tmp_path, 100)
    entered, release = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writer(KEY):
            entered.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(30)
    threading.Timer(0.2, release.set).start()
    assert fetched(open_store(str(tmp_path)), source_of(120), wait_seconds=30.0).n_new == 20
    holder.join()


LIMITED = """
import resource, sys
from data.store import open_store
from tests.test_data.store_examples import fetched, source_of
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
collected = fetched(open_store(sys.argv[1]), source_of(600, page_rows=int(sys.argv[2])))
print(collected.n_rows, collected.problem)
"""


@pytest.mark.fault(
    "store: the system lets no file grow any further",
    saw="there is no room left for the store; allowed: a disk with free space. Free some space",
    lost="nothing stored; the page that did not fit is fetched again",
)
def test_a_limit_of_the_system_in_the_middle_of_a_write(tmp_path: Path, saw: Saw) -> None:
    """The real call fails here, half way through a file: at once, and after a few pages."""
    pytest.importorskip("resource")
    for page_rows, least in ((500, 0), (20, 20)):
        folder = tmp_path / str(page_rows)
        out = ended(started("-c", LIMITED, str(folder), str(page_rows)))
        rows, _, problem = out.partition(" ")
        saw(problem)
        assert 600 > int(rows) >= least
        store = open_store(str(folder))
        assert sum(info.n_rows for info in store.list()) == int(rows)
        assert not list(folder.glob("series/*/*.tmp"))
        assert fetched(store, FakePages({KEY.symbol: price_rows(600)})).n_new == 600 - int(rows)
