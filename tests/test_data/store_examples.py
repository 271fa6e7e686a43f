"""What the tests of the store share."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from data.collect import Collected, collect
from data.series import SeriesKey
from data.store import Store, open_store
from data.store.files import LocalFiles
from data.store.names import folder_name
from tests.fakes.paged_source import FakePages, key_of, price_rows

NOW = pd.Timestamp("2026-06-15 12:00", tz="UTC")
KEY = key_of()


def source_of(n: int, key: SeriesKey = KEY, **options: int) -> FakePages:
    """A source with n daily bars."""
    return FakePages({key.symbol: price_rows(n)}, **options)


def stored(folder: Path, n: int = 240, *, page_rows: int = 100) -> Store:
    """A store with n bars of KEY, in parts as one download leaves them."""
    store = open_store(str(folder))
    assert fetched(store, source_of(n, page_rows=page_rows)).complete
    return store


def fetched(store: Store, source: FakePages, key: SeriesKey = KEY, **options: object) -> Collected:
    return collect(source, key, store, now=NOW, **options)  # type: ignore[arg-type]


def series_folder(folder: Path, key: SeriesKey = KEY) -> Path:
    return folder / "series" / folder_name(key)


def parts(folder: Path, key: SeriesKey = KEY) -> list[Path]:
    """Part files, the oldest first."""
    return sorted(series_folder(folder, key).glob("*.parquet"))


def manifest(folder: Path, key: SeriesKey = KEY) -> Path:
    return series_folder(folder, key) / "manifest.json"


def flip(path: Path, at: int | None = None) -> None:
    """Turn one bit of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 4
    path.write_bytes(content)


class FailingFiles(LocalFiles):
    """A folder whose disk fails: every write raises this error after half of the bytes."""

    failure: OSError | None = None

    def _fill(self, descriptor: int, content: bytes) -> None:
        if self.failure is not None:
            os.write(descriptor, content[: len(content) // 2])
            raise self.failure
        super()._fill(descriptor, content)


@contextlib.contextmanager
def ordinary_user(folder: Path) -> Iterator[Path]:
    """A copy of a folder, and nobody's rights while it is used: permissions mean nothing to root."""
    with tempfile.TemporaryDirectory(dir=tempfile.gettempdir(), ignore_cleanup_errors=True) as place:
        copy = Path(place) / "store"
        shutil.copytree(folder, copy)
        os.chmod(place, 0o755)  # noqa: S103 - the other user must be able to walk through
        for path in [copy, *copy.rglob("*")]:
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        try:
            yield copy
        finally:
            os.seteuid(before)
            for path in [copy, *copy.rglob("*")]:
                os.chmod(path, 0o755 if path.is_dir() else 0o644)
