"""A writer that ends at any step of what it does leaves a store from which the next one goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data.errors import DamagedSeriesError, NotStoredError
from data.store import Store
from data.store.files import LocalFiles
from tests.fakes.paged_source import FakePages, price_rows
from tests.test_data.store_examples import KEY, fetched, flip, manifest, parts, source_of

OLD, NEW = price_rows(90), price_rows(130)
OTHER = price_rows(130, symbol="other")
FIRST = pd.Timestamp("2020-01-01", tz="UTC")


class Cut(BaseException):
    """The process has ended here."""


class CutFiles(LocalFiles):
    """A folder whose process ends just before or just after the n-th change."""

    left: int | None = None
    after = False

    def _step(self, change: Callable[[], None]) -> None:
        if self.left is None:
            change()
            return
        self.left -= 1
        if self.left < 0 and not self.after:
            raise Cut
        change()
        if self.left < 0:
            raise Cut

    def write(self, path: str, content: bytes) -> None:
        self._step(lambda: LocalFiles.write(self, path, content))

    def move(self, path: str, to: str) -> None:
        self._step(lambda: LocalFiles.move(self, path, to))

    def remove(self, path: str) -> None:
        self._step(lambda: LocalFiles.remove(self, path))


def nothing(store: Store, folder: Path) -> None:
    """A store without the series."""


def history(store: Store, folder: Path) -> None:
    assert fetched(store, source_of(90, page_rows=40)).complete


def late_history(store: Store, folder: Path) -> None:
    since = OLD.index[50]
    assert fetched(store, source_of(90, page_rows=40), since=since).complete


def damaged_history(store: Store, folder: Path) -> None:
    fetched(store, source_of(90, page_rows=40))
    flip(parts(folder)[0])


def lost_list(store: Store, folder: Path) -> None:
    fetched(store, source_of(90, page_rows=40))
    flip(manifest(folder), 200)
    flip(parts(folder)[-1])


def small_parts(store: Store, folder: Path) -> None:
    with store.writer(KEY) as writer:
        for day in range(14):
            writer.append(OLD.iloc[day : day + 1], now=NEW.index[-1] + pd.Timedelta(days=1))


CASES = {
    "first": (nothing, NEW, {}),
    "refresh": (history, NEW, {}),
    "merge": (small_parts, NEW, {}),
    "earlier beginning": (late_history, NEW, {"since": FIRST}),
    "repair": (damaged_history, NEW, {}),
    "rebuild": (lost_list, NEW, {}),
    "anew": (history, OTHER, {"anew": True}),
}


DAMAGED = ("repair", "rebuild")


def contents(store: Store, *, damaged: bool) -> pd.DataFrame | None:
    """What is stored; only what was damaged before the writer came may be found damaged."""
    try:
        return store.read(KEY).rows
    except NotStoredError:
        return None
    except DamagedSeriesError:
        assert damaged
        return None


@pytest.mark.fault(
    "store: the process ends at any step of a first fetch, a refresh, a merge, a repair or a replacement",
    saw="the history as it was before, or with whole pages more; the next fetch completes it",
    lost="the page under way, which is fetched again",
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("case", CASES)
def test_a_writer_that_ends_at_any_step(tmp_path: Path, case: str, after: bool) -> None:
    prepare, rows, options = CASES[case]
    prepared, step, ended = tmp_path / "prepared", 0, False
    prepared.mkdir()
    prepare(Store(LocalFiles(prepared)), prepared)
    while not ended:
        folder = tmp_path / str(step)
        shutil.copytree(prepared, folder)
        files = CutFiles(folder)
        store = Store(files)
        before = contents(store, damaged=case in DAMAGED)
        files.left, files.after = step, after
        source = FakePages({KEY.symbol: rows}, page_rows=40)
        try:
            assert fetched(store, source, **options).complete
            ended = True
        except Cut:
            ended = False
        files.left = None
        _check_between(contents(store, damaged=case in DAMAGED), before, rows)
        assert fetched(store, source, **options).complete
        final = store.read(KEY)
        pd.testing.assert_frame_equal(final.rows, rows, check_freq=False)
        assert final.contradictions == ()
        (info,) = store.list()
        assert info.damage is None
        assert not list(folder.glob("series/*/*.tmp"))
        assert {path.name for path in parts(folder)} == {part.file for part in final.parts}
        step += 1
    assert step > 5


def _check_between(seen: pd.DataFrame | None, before: pd.DataFrame | None, rows: pd.DataFrame) -> None:
    """Rows as they were, or the new history as far as it has come; never a mixture, never a row less."""
    if seen is None:
        assert before is None
    elif before is None or not seen.equals(before):
        own = rows.loc[seen.index]
        pd.testing.assert_frame_equal(seen, own, check_freq=False)
        assert before is None or len(seen) >= len(before)
