"""What downloads leave lying about is bounded: locks of nothing, and files that were set aside."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from data.errors import StoreBusyError, UnknownSymbolError
from data.store import open_store, rebuilding
from data.store.files import LocalFiles
from data.store.locks import local_lock
from data.store.names import folder_name
from tests.fakes.paged_source import FakePages, key_of, price_rows
from tests.test_data.store_examples import KEY, fetched, flip, parts, series_folder, source_of, stored

DAY = 86_400


def locks(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "locks").iterdir())


@pytest.mark.fault(
    "store: a thousand symbols that do not exist are asked for",
    saw="… does not know …, for each of them; no file is left of any",
    lost="nothing",
)
def test_symbols_that_do_not_exist_leave_no_lock(tmp_path: Path) -> None:
    store = stored(tmp_path)
    for number in range(1_000):
        collected = fetched(store, FakePages({}), key_of(f"NONSENSE{number}"))
        assert isinstance(collected.problem, UnknownSymbolError)
    assert locks(tmp_path) == [f"{folder_name(KEY)}.lock"]
    assert [path.name for path in (tmp_path / "series").iterdir()] == [folder_name(KEY)]


def test_a_series_that_is_deleted_takes_its_lock_along(tmp_path: Path) -> None:
    store = stored(tmp_path)
    store.delete(KEY)
    assert locks(tmp_path) == []
    assert fetched(store, source_of(10)).complete


def test_locks_left_by_writers_that_were_killed_are_swept(tmp_path: Path) -> None:
    store = stored(tmp_path)
    for name in ("yahoo-NOPE-0123456789abcdef", "yahoo-HELD-0123456789abcdef", "answers"):
        (tmp_path / "locks" / f"{name}.lock").touch()
    with FileLock(tmp_path / "locks" / "yahoo-HELD-0123456789abcdef.lock"):
        fetched(store, FakePages({}), key_of("NONSENSE"))
        assert locks(tmp_path) == [
            "answers.lock",
            f"{folder_name(KEY)}.lock",
            "yahoo-HELD-0123456789abcdef.lock",
        ]


class Watch:
    """Counts who is inside at a time."""

    def __init__(self) -> None:
        self.inside = self.most = self.entered = 0
        self._lock = threading.Lock()

    @contextmanager
    def watched(self) -> Iterator[None]:
        with self._lock:
            self.inside += 1
            self.entered += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.0005)
        yield
        with self._lock:
            self.inside -= 1


def test_one_at_a_time_although_the_lock_is_removed_by_each(tmp_path: Path) -> None:
    """Those that wait for a lock that its holder removes must not all believe that they hold it."""
    files, watch = LocalFiles(tmp_path), Watch()

    def enter() -> None:
        for _ in range(40):
            with files.lock("series/nothing", wait_seconds=60), watch.watched():
                pass

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (watch.entered, watch.most) == (320, 1)
    assert locks(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
def test_a_lock_on_a_file_that_was_removed_is_none(tmp_path: Path) -> None:
    """It is opened, then removed by its holder, then locked: the one case that must not count."""
    place, files = tmp_path / "locks", LocalFiles(tmp_path)
    place.mkdir()
    opened = os.open(place / "nothing.lock", os.O_RDWR | os.O_CREAT)
    real, calls = os.open, []

    def late(path: object, *options: object, **named: object) -> int:
        """The first time, the file as it was before it was removed."""
        calls.append(path)
        if len(calls) == 1:
            return opened
        return real(path, *options, **named)  # type: ignore[arg-type]

    (place / "nothing.lock").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", late)
        with local_lock(place, "series/nothing", wait_seconds=5, files=files):
            assert len(calls) == 2
            with (
                pytest.raises(StoreBusyError),
                local_lock(place, "series/nothing", wait_seconds=0, files=files),
            ):
                pass
    assert locks(tmp_path) == []


def aside(folder: Path) -> list[Path]:
    return sorted((series_folder(folder) / "set-aside").iterdir())


def aged(path: Path, days: float) -> None:
    stamp = time.time() - days * DAY
    os.utime(path, (stamp, stamp))


def damage_and_mend(folder: Path) -> None:
    flip(parts(folder)[0])
    assert fetched(open_store(str(folder)), source_of(240)).complete


def test_damaged_files_whose_rows_came_again_are_kept_for_a_while(tmp_path: Path) -> None:
    store = stored(tmp_path)
    damage_and_mend(tmp_path)
    assert len(aside(tmp_path)) == 1
    aged(aside(tmp_path)[0], rebuilding.SET_ASIDE_DAYS - 1)
    assert fetched(store, source_of(240)).complete
    assert len(aside(tmp_path)) == 1
    aged(aside(tmp_path)[0], rebuilding.SET_ASIDE_DAYS + 1)
    assert fetched(store, source_of(240)).complete
    assert aside(tmp_path) == []


def test_the_time_counts_from_when_a_file_was_set_aside(tmp_path: Path) -> None:
    store = stored(tmp_path)
    path = parts(tmp_path)[0]
    flip(path)
    aged(path, 10 * rebuilding.SET_ASIDE_DAYS)
    assert fetched(store, source_of(240)).complete
    assert len(aside(tmp_path)) == 1


def test_only_so_many_are_kept_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "MOST_SET_ASIDE", 3)
    stored(tmp_path)
    for _ in range(6):
        damage_and_mend(tmp_path)
        for path in aside(tmp_path):
            aged(path, (time.time() - path.stat().st_mtime) / DAY + 1)
    assert len(aside(tmp_path)) == 3
    assert max(time.time() - path.stat().st_mtime for path in aside(tmp_path)) < 4 * DAY


@pytest.mark.fault(
    "store: fetched anew from a source that has less than before",
    saw="the shorter history; the older rows stay set aside for good, and the list says that files are",
    lost="nothing",
)
def test_rows_that_are_nowhere_else_are_never_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_SET_ASIDE", 0)
    store = stored(tmp_path)
    rows = price_rows(240)
    assert fetched(store, FakePages({KEY.symbol: rows.iloc[100:]}), anew=True).complete
    for _ in range(3):
        assert fetched(store, FakePages({KEY.symbol: rows.iloc[100:]}), anew=True).complete
    assert store.info(KEY).n_rows == 140
    found = set()
    for path in aside(tmp_path):
        part = rebuilding.read_part(path.read_bytes(), file=path.name.rpartition(".")[0])
        found |= set(part.rows.index)
    assert set(rows.index[:100]) <= found
    assert store.info(KEY).n_set_aside == len(aside(tmp_path)) <= 3


def test_while_rows_are_lost_the_damaged_file_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_SET_ASIDE", 0)
    store = stored(tmp_path)
    flip(parts(tmp_path)[0])
    assert not fetched(store, FakePages({})).complete
    assert len(aside(tmp_path)) == 1
    assert fetched(store, source_of(240)).complete
    assert aside(tmp_path) == []
