"""Whoever reads while somebody writes sees the series as it was at some moment, wherever the two meet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pytest

from data.errors import ContradictionError, NotStoredError
from data.store import Store
from data.store.files import LocalFiles
from tests.fakes.paged_source import FakePages, price_rows
from tests.test_data.store_examples import KEY, NOW, fetched, source_of

T = TypeVar("T")

OLD, NEW = price_rows(60), price_rows(90)
OTHER = price_rows(90, symbol="other")


class RecordedFiles(LocalFiles):
    """A folder of which a copy is kept as it was before the first change and after each one."""

    def __init__(self, folder: Path, copies: Path) -> None:
        super().__init__(folder)
        self.moments: list[Path] = []
        self._copies = copies
        self.keep()

    def keep(self) -> None:
        self.moments.append(self._copies / f"{len(self.moments):03d}")
        shutil.copytree(self.folder, self.moments[-1])

    def write(self, path: str, content: bytes) -> None:
        super().write(path, content)
        self.keep()

    def move(self, path: str, to: str) -> None:
        super().move(path, to)
        self.keep()

    def remove(self, path: str) -> None:
        there = self.size(path) is not None
        super().remove(path)
        if there:
            self.keep()

    def remove_folder(self, folder: str) -> None:
        super().remove_folder(folder)
        self.keep()


class ChangingFiles(LocalFiles):
    """A folder that becomes another one after so many looks at it."""

    def __init__(self, folder: Path, then: Path, *, after: int) -> None:
        super().__init__(folder)
        self._then, self.left = then, after

    def _look(self) -> None:
        if self.left == 0:
            self.folder = self._then
        self.left -= 1

    def read(self, path: str) -> bytes:
        self._look()
        return super().read(path)

    def size(self, path: str) -> int | None:
        self._look()
        return super().size(path)

    def names(self, folder: str) -> tuple[str, ...]:
        self._look()
        return super().names(folder)


def nothing(store: Store) -> None:
    """A store without the series."""


def history(store: Store) -> None:
    assert fetched(store, source_of(60, page_rows=40)).complete


def late_history(store: Store) -> None:
    assert fetched(store, source_of(60, page_rows=40), since=OLD.index[30]).complete


def small_parts(store: Store) -> None:
    with store.writer(KEY) as writer:
        writer.append(OLD.iloc[:1], now=NOW)
        writer.append(OLD.iloc[1:2], now=NOW)


def first_pages(store: Store) -> None:
    assert fetched(store, source_of(90, page_rows=40)).complete


def earlier_beginning(store: Store) -> None:
    assert fetched(store, source_of(60, page_rows=40), since=OLD.index[0]).complete


def replaced(store: Store) -> None:
    assert fetched(store, FakePages({KEY.symbol: OTHER}, page_rows=40), anew=True).complete


def changed_its_mind(store: Store) -> None:
    """A download from scratch whose second page contradicts its first one is forgotten."""
    with store.writer(KEY, anew=True) as writer:
        writer.begin(None)
        writer.append(OLD.iloc[:40], now=NOW)
        assert isinstance(writer.append(OTHER.iloc[:60], now=NOW).refused, ContradictionError)


def deleted(store: Store) -> None:
    store.delete(KEY)


MEETINGS = {
    "first pages": (nothing, first_pages),
    "refresh": (history, first_pages),
    "merge": (small_parts, first_pages),
    "earlier beginning": (late_history, earlier_beginning),
    "replacement": (history, replaced),
    "replacement of nothing": (nothing, replaced),
    "replacement given up": (nothing, changed_its_mind),
    "deletion": (history, deleted),
}


@pytest.mark.fault(
    "store: a reader looks at any moment between two steps of a writer",
    saw="the rows as they were before or after one of the steps, each once",
    lost="nothing",
)
@pytest.mark.parametrize("meeting", MEETINGS)
def test_a_reader_between_any_two_steps_of_a_writer(
    tmp_path: Path, meeting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.series_folder.MOST_SMALL_PARTS", 4)
    prepare, work = MEETINGS[meeting]
    folder = tmp_path / "store"
    folder.mkdir()
    prepare(Store(LocalFiles(folder)))
    files = RecordedFiles(folder, tmp_path / "copies")
    work(Store(files))
    states = [_rows(Store(LocalFiles(moment))) for moment in files.moments]
    assert len(states) >= 2
    for begin, end in combinations(range(len(states)), 2):
        possible = {_text(state) for state in states[begin : end + 1]}
        _each_cut(
            files.moments[begin], files.moments[end], lambda store: _text(_rows(store)), possible.__contains__
        )
        _each_cut(
            files.moments[begin],
            files.moments[end],
            lambda store: [info.damage for info in store.list()],
            lambda damages: damages in ([], [None]),
        )


def _each_cut(begin: Path, end: Path, look: Callable[[Store], T], is_right: Callable[[T], bool]) -> None:
    """Look while one folder becomes another one, after the first look at it, the second one and so on."""
    after, seen_end = 1, False
    while not seen_end:
        files = ChangingFiles(begin, end, after=after)
        assert is_right(look(Store(files))), (begin.name, end.name, after)
        seen_end = files.left >= 0
        after += 1


def _rows(store: Store) -> pd.DataFrame | None:
    try:
        return store.read(KEY).rows
    except NotStoredError:
        return None


def _text(rows: pd.DataFrame | None) -> str:
    return "nothing" if rows is None else rows.to_csv()
