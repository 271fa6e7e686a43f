"""Whatever happens to the disk, rows are kept or said to be missing; never silently changed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data import errors
from data.errors import DamagedSeriesError, StoreError, StoreFormatError
from data.store import Store, open_store
from tests.fakes.paged_source import key_of, price_rows
from tests.test_data.store_examples import (
    KEY,
    NOW,
    FailingFiles,
    fetched,
    flip,
    manifest,
    ordinary_user,
    parts,
    series_folder,
    source_of,
    stored,
)

Saw = Callable[[object], None]
ALL = price_rows(240)


def said_by(call: Callable[..., object], *arguments: object, **options: object) -> errors.DataError:
    """The error that a call must raise."""
    with pytest.raises(errors.DataError) as caught:
        call(*arguments, **options)
    return caught.value


def assert_whole(store: Store, n: int = 240) -> None:
    """Every row is there, with the version of a store that nothing has happened to."""
    series = store.read(KEY)
    pd.testing.assert_frame_equal(series.rows, ALL.iloc[:n], check_freq=False)
    assert series.damage is None


def assert_a_fetch_mends(store: Store, folder: Path, *, n_set_aside: int) -> None:
    """The damaged file is kept, its rows come again, and the content is that of an undisturbed store."""
    collected = fetched(store, source_of(240))
    assert collected.complete
    assert_whole(store)
    undisturbed = stored(folder.parent / f"{folder.name}-undisturbed")
    assert store.version(KEY) == undisturbed.version(KEY)
    assert store.info(KEY).damage is None
    assert store.info(KEY).n_set_aside == n_set_aside


@pytest.mark.fault(
    "store: a part is cut short",
    saw="what is stored of SOL/USDT:USDT is damaged: …: it has … of … bytes; allowed: files exactly as they "
    "were written. Fetch it again: the damaged file is set aside, not deleted, and its rows are asked for.",
    lost="nothing: the rows are fetched again",
)
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
def test_a_truncated_part(tmp_path: Path, saw: Saw, which: int, kept: float) -> None:
    store = stored(tmp_path)
    path = parts(tmp_path)[which]
    os.truncate(path, int(path.stat().st_size * kept))
    saw(said_by(store.read, KEY))
    assert path.name in (store.info(KEY).damage or "")
    assert_a_fetch_mends(store, tmp_path, n_set_aside=1)


@pytest.mark.fault(
    "store: one bit of a part has turned",
    saw="what is stored of SOL/USDT:USDT is damaged: …: its checksum is wrong",
    lost="nothing: the rows are fetched again",
)
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 1.0])
def test_a_flipped_bit_in_a_part(tmp_path: Path, saw: Saw, which: int, where: float) -> None:
    store = stored(tmp_path)
    path = parts(tmp_path)[which]
    flip(path, int((path.stat().st_size - 1) * where))
    saw(said_by(store.read, KEY))
    assert_a_fetch_mends(store, tmp_path, n_set_aside=1)


@pytest.mark.fault(
    "store: a part has vanished",
    saw="what is stored of SOL/USDT:USDT is damaged: …: it is missing",
    lost="nothing: the rows are fetched again",
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_missing_part(tmp_path: Path, saw: Saw, which: int) -> None:
    store = stored(tmp_path)
    parts(tmp_path)[which].unlink()
    saw(said_by(store.read, KEY))
    assert "is missing" in (store.info(KEY).damage or "")
    assert_a_fetch_mends(store, tmp_path, n_set_aside=0)


def test_the_readable_rest_of_a_damaged_series_is_given_only_when_asked_for(tmp_path: Path) -> None:
    store = stored(tmp_path)
    whole = store.version(KEY)
    flip(parts(tmp_path)[1])
    series = store.read(KEY, despite_damage=True)
    expected = pd.concat([ALL.iloc[:100], ALL.iloc[200:]])
    pd.testing.assert_frame_equal(series.rows, expected, check_freq=False)
    assert "checksum is wrong" in (series.damage or "")
    assert series.version != whole
    assert series.damage in series.history(source="Fake", now=NOW).notes
    parts(tmp_path)[0].unlink()
    assert len(store.read(KEY, despite_damage=True).rows) == 40
    parts(tmp_path)[1].unlink()
    assert isinstance(said_by(store.read, KEY, despite_damage=True), DamagedSeriesError)


def test_a_series_stays_damaged_until_its_rows_have_come(tmp_path: Path) -> None:
    """The source fails on the way: no reader is given a series with a hole."""
    store = stored(tmp_path)
    flip(parts(tmp_path)[1])
    source = source_of(240)
    source.failure = (1, errors.NoNetworkError("no", parameter="", value="", allowed="", remedy=""))
    source.page_rows = 30
    assert not fetched(store, source).complete
    error = said_by(store.read, KEY)
    assert "its rows from 2020-04-10 00:00 to 2020-07-18 00:00 UTC have not been fetched" in str(error)
    assert "have not been fetched again" in (store.info(KEY).damage or "")
    source.failure = None
    assert fetched(store, source).complete
    start = source.asked[-1][1]
    assert start is not None
    assert start > ALL.index[115]  # it went on where it had been cut off
    assert_whole(store)


@pytest.mark.fault(
    "store: the list of files is cut short",
    saw="what is stored of SOL/USDT:USDT is damaged: its list of files has changed on the disk",
    lost="nothing: the list is made again out of the parts",
)
@pytest.mark.parametrize("kept", [0.0, 0.2, 0.9, 0.999])
def test_a_truncated_manifest(tmp_path: Path, saw: Saw, kept: float) -> None:
    store = stored(tmp_path)
    os.truncate(manifest(tmp_path), int(manifest(tmp_path).stat().st_size * kept))
    saw(said_by(store.read, KEY))
    (info,) = store.list()
    assert (info.key, info.n_rows) == (KEY, 240)
    assert "has changed on the disk" in (info.damage or "")
    source = source_of(240)
    collected = fetched(store, source)
    assert (collected.n_new, collected.complete) == (0, True)
    assert_whole(store)
    assert store.info(KEY).n_set_aside == 1


@pytest.mark.fault(
    "store: one bit of the list of files has turned",
    saw="what is stored of SOL/USDT:USDT is damaged: its list of files has changed on the disk",
    lost="nothing: the list is made again out of the parts",
)
def test_a_flipped_bit_in_a_manifest(tmp_path: Path, saw: Saw) -> None:
    """Every byte of it: none may be read as something else, as another format say."""
    store = stored(tmp_path, 20)
    content = manifest(tmp_path).read_bytes()
    whole = store.version(KEY)
    for at in range(0, len(content), 3):
        flip(manifest(tmp_path), at)
        try:
            assert store.version(KEY) == whole  # a blank between two fields, or the last line's end
        except DamagedSeriesError as error:
            saw(error)
        manifest(tmp_path).write_bytes(content)
    flip(manifest(tmp_path), 300)
    assert fetched(store, source_of(240)).n_new == 220
    assert_whole(store)


@pytest.mark.fault(
    "store: the list of files has vanished",
    saw="what is stored of SOL/USDT:USDT is damaged: the list of its files is missing",
    lost="nothing: the list is made again out of the parts",
)
def test_a_missing_manifest(tmp_path: Path, saw: Saw) -> None:
    store = stored(tmp_path)
    manifest(tmp_path).unlink()
    saw(said_by(store.read, KEY))
    assert KEY in store
    assert [info.damage for info in store.list()] == ["the list of its files is missing"]
    assert fetched(store, source_of(240)).n_new == 0
    assert_whole(store)


@pytest.mark.fault(
    "store: another thing has taken the place of the list of files",
    saw="the file …manifest.json of the store cannot be read: Is a directory",
    lost="nothing: the series is shown as damaged beside the others, and can be deleted",
)
def test_a_list_that_is_no_file(tmp_path: Path, saw: Saw) -> None:
    store, other = stored(tmp_path), key_of("ETH")
    assert fetched(store, source_of(10, other), other).complete
    manifest(tmp_path).unlink()
    manifest(tmp_path).mkdir()
    saw(said_by(store.read, KEY))
    assert KEY in store
    damaged, sound = sorted(store.list(), key=lambda info: info.damage is None)
    assert (damaged.key, damaged.n_rows, sound.key, sound.damage) == (KEY, 240, other, None)
    saw(damaged.damage)
    store.delete(KEY)
    assert [info.key for info in store.list()] == [other]


def test_a_download_from_scratch_leaves_what_a_lost_list_named(tmp_path: Path) -> None:
    store = stored(tmp_path)
    manifest(tmp_path).unlink()
    with store.writer(KEY, anew=True) as writer:
        writer.begin(None)
        writer.append(ALL.iloc[:100], now=NOW)
    with store.writer(KEY, anew=True):
        pass
    assert "list of its files is missing" in str(said_by(store.read, KEY))
    with store.writer(KEY, anew=True) as writer:
        writer.begin(None)
        writer.append(ALL.iloc[:100], now=NOW)
        other = price_rows(200, symbol="other").iloc[50:]
        assert isinstance(writer.append(other, now=NOW).refused, errors.ContradictionError)
    assert fetched(store, source_of(240)).n_new == 0
    assert_whole(store)


def test_of_a_first_download_from_scratch_nothing_is_stored_until_it_ends(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    with store.writer(KEY, anew=True) as writer:
        writer.begin(None)
        writer.append(ALL.iloc[:100], now=NOW)
        for call in (store.read, store.version, store.info, store.delete):
            assert isinstance(said_by(call, KEY), errors.NotStoredError)
        assert KEY not in store
    assert store.list() == ()


def test_list_and_a_part_damaged_together_are_fetched_from_the_start(tmp_path: Path) -> None:
    store = stored(tmp_path)
    flip(manifest(tmp_path), 200)
    flip(parts(tmp_path)[0])
    source = source_of(240)
    assert fetched(store, source).n_new == 100
    assert source.asked == [(KEY.symbol, None)]
    assert_whole(store)
    assert store.info(KEY).n_set_aside == 2


def test_a_series_of_which_nothing_can_be_read_is_listed_and_can_be_fetched(tmp_path: Path) -> None:
    store = stored(tmp_path)
    for path in (manifest(tmp_path), *parts(tmp_path)):
        flip(path)
    (info,) = store.list()
    assert (info.key, info.n_rows, info.name) == (None, 0, series_folder(tmp_path).name)
    assert "has changed on the disk" in (info.damage or "")
    assert_a_fetch_mends(store, tmp_path, n_set_aside=4)


def test_merged_parts_that_were_not_removed_do_not_come_twice_when_the_list_is_lost(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    with store.writer(KEY) as writer:
        for day in range(0, 240, 10):
            writer.append(ALL.iloc[day : day + 10], now=NOW)
        backup = {path.name: path.read_bytes() for path in parts(tmp_path)}
        writer.finish(now=NOW)
    for name, content in backup.items():
        (series_folder(tmp_path) / name).write_bytes(content)
    manifest(tmp_path).unlink()
    assert fetched(store, source_of(240)).n_new == 0
    assert_whole(store)


def _rewritten(path: Path, written: int) -> None:
    envelope = json.loads(path.read_bytes())
    envelope["format"] = written
    text = json.dumps([written, envelope["content"]], sort_keys=True, separators=(",", ":"))
    envelope["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(envelope))


@pytest.mark.fault(
    "store: written by a newer version of the program",
    saw="SOL/USDT:USDT is stored in format 2, that of a newer version of this program; allowed: format 1. "
    "Update this program, or set HEDGING_STORE to another folder; the files are left as they are.",
    lost="nothing",
)
def test_a_newer_format(tmp_path: Path, saw: Saw) -> None:
    store = stored(tmp_path)
    _rewritten(manifest(tmp_path), 2)
    before = {path: path.read_bytes() for path in series_folder(tmp_path).iterdir()}
    saw(said_by(store.read, KEY))
    assert isinstance(fetched(store, source_of(260)).problem, StoreFormatError)
    assert store.list()[0].damage is not None
    assert {path: path.read_bytes() for path in series_folder(tmp_path).iterdir()} == before


@pytest.mark.fault(
    "store: written by an older version of the program",
    saw="SOL/USDT:USDT is stored in format 0, that of an older version of this program; allowed: format 1. "
    "Fetch it anew (python -m data fetch --anew); the old files are set aside, not deleted.",
    lost="nothing: the old files are kept",
)
def test_an_older_format(tmp_path: Path, saw: Saw) -> None:
    store = stored(tmp_path)
    _rewritten(manifest(tmp_path), 0)
    saw(said_by(store.read, KEY))
    assert isinstance(fetched(store, source_of(240)).problem, StoreFormatError)
    assert fetched(store, source_of(240), anew=True).complete
    assert_whole(store)
    assert store.info(KEY).n_set_aside == 4


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "ticks"},
        {"interval": "weekly"},
        {"symbol": 7},
        {"parts": None},
        {"part": {"file": "../../../etc/passwd"}},
        {"part": {"first": "yesterday"}},
        {"part": {"first": "2020-01-01T00:00:00"}},
        {"part": {"surplus": 1}},
        {"part": {"content": "xyz"}},
        {"lost": [{}]},
        {"contradictions": [1]},
    ],
)
def test_a_list_that_is_valid_but_nonsense_is_damaged(tmp_path: Path, change: dict[str, Any]) -> None:
    """Made by hand, with a right checksum: nothing in it may lead out of the folder or through raw."""
    store = stored(tmp_path)
    envelope = json.loads(manifest(tmp_path).read_bytes())
    content = envelope["content"]
    for name, value in change.items():
        if name in content["key"]:
            content["key"][name] = value
        elif name == "part":
            content["parts"][0].update(value)
        else:
            content[name] = value
    manifest(tmp_path).write_text(json.dumps(envelope))
    _rewritten(manifest(tmp_path), 1)
    assert isinstance(said_by(store.read, KEY), DamagedSeriesError)
    assert fetched(store, source_of(240)).complete
    assert_whole(store)


def test_a_folder_under_another_name_is_not_taken_for_the_series(tmp_path: Path) -> None:
    store = stored(tmp_path)
    other = key_of("ETH")
    shutil.copytree(series_folder(tmp_path), series_folder(tmp_path, other))
    assert "another series" in str(said_by(store.read, other))
    assert fetched(store, source_of(30, other), other).n_new == 30
    assert_whole(store)


FULL = (
    "there is no room left for the store; allowed: a disk with free space. Free some space and fetch "
    "again; everything that was stored before is kept."
)


@pytest.mark.fault(
    "store: disk full", saw=FULL, lost="nothing stored; the page that did not fit is fetched again"
)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk(tmp_path: Path, saw: Saw, number: int) -> None:
    stored(tmp_path, 100)
    files = FailingFiles(tmp_path)
    store = Store(files)
    before = {path: path.read_bytes() for path in series_folder(tmp_path).iterdir()}
    files.failure = OSError(number, os.strerror(number))
    collected = fetched(store, source_of(240))
    saw(collected.problem)
    assert isinstance(collected.problem, errors.FullStoreError)
    assert collected.n_rows == 100
    assert {path: path.read_bytes() for path in series_folder(tmp_path).iterdir()} == before
    files.failure = None
    assert fetched(store, source_of(240)).n_new == 140
    assert_whole(store)


@pytest.mark.fault(
    "store: the disk fails",
    saw="the store could not be written: Input/output error; allowed: a disk that works. Check the disk "
    "and fetch again; everything that was stored before is kept.",
    lost="nothing stored",
)
def test_a_failing_disk(tmp_path: Path, saw: Saw) -> None:
    stored(tmp_path, 100)
    files = FailingFiles(tmp_path)
    files.failure = OSError(errno.EIO, os.strerror(errno.EIO))
    saw(fetched(Store(files), source_of(240)).problem)
    assert_whole(Store(files), 100)


@pytest.mark.fault(
    "store: a folder that may only be read",
    saw="the store cannot be written: Permission denied; allowed: a folder that this program may write. "
    "What is stored can still be read. To fetch, allow writing there, or set HEDGING_STORE to another "
    "folder.",
    lost="nothing; what is stored is read as always",
)
def test_a_read_only_folder(tmp_path: Path, saw: Saw) -> None:
    stored(tmp_path)
    with ordinary_user(tmp_path) as folder:
        store = open_store(str(folder))
        assert_whole(store)
        assert [info.damage for info in store.list()] == [None]
        collected = fetched(store, source_of(260))
        saw(collected.problem)
        assert isinstance(collected.problem, errors.UnwritableStoreError)
        assert collected.n_rows == 240
        assert isinstance(said_by(store.delete, KEY), errors.UnwritableStoreError)
        assert_whole(store)


def test_locks_that_can_be_made_do_not_hide_a_series_that_cannot_be_written(tmp_path: Path) -> None:
    stored(tmp_path)
    with ordinary_user(tmp_path) as folder:
        me = os.geteuid()
        os.seteuid(os.getuid())
        shutil.rmtree(folder / "locks")
        os.chmod(folder, 0o777)  # noqa: S103
        os.seteuid(me)
        store = open_store(str(folder))
        assert isinstance(fetched(store, source_of(260)).problem, errors.UnwritableStoreError)
        assert_whole(store)


def test_a_store_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    stored(tmp_path)
    with ordinary_user(tmp_path) as folder:
        me = os.geteuid()
        os.seteuid(os.getuid())
        os.chmod(parts(folder)[0], 0)
        os.chmod(folder / "locks", 0)
        os.seteuid(me)
        error = said_by(open_store(str(folder)).read, KEY)
        assert isinstance(error, StoreError)
        assert "cannot be read: Permission denied" in str(error)
        os.seteuid(os.getuid())
        os.chmod(folder / "series", 0)
        os.seteuid(me)
        assert "cannot be listed: Permission denied" in str(said_by(open_store(str(folder)).list))


@pytest.mark.fault(
    "store: the folder is removed in the middle of a download",
    saw="the folder of … has gone while it was in use; allowed: a folder that stays. Put it back, or fetch "
    "again.",
    lost="nothing but what was in the folder; the next fetch brings it again",
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_folder_that_is_removed_while_running(tmp_path: Path, saw: Saw, whole: bool) -> None:
    folder = tmp_path / "store"
    store = open_store(str(folder))

    def remove_after_two(rows: int, _: pd.Timestamp) -> None:
        if rows == 200:
            shutil.rmtree(folder if whole else series_folder(folder))

    collected = fetched(store, source_of(240), progress=remove_after_two)
    saw(collected.problem)
    assert isinstance(collected.problem, errors.MissingStoreError)
    assert (collected.n_rows, store.list()) == (0, ())
    assert folder.exists() != whole  # a disk that was taken away is not written to by its name
    assert fetched(store, source_of(240)).complete
    assert_whole(store)


def test_a_store_that_is_a_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("not a folder")
    store = open_store(str(path))
    assert store.list() == ()
    problem = fetched(store, source_of(5)).problem
    assert isinstance(problem, StoreError)
    assert path.read_text() == "not a folder"


def test_half_written_files_of_writers_that_were_killed_are_swept(tmp_path: Path) -> None:
    store = stored(tmp_path)
    left = series_folder(tmp_path) / "0123456789abcdef.tmp"
    left.write_bytes(b"half a part")
    orphan = series_folder(tmp_path) / "000099-0123456789abcdef.parquet"
    orphan.write_bytes(b"never named by a list")
    assert_whole(store)
    assert fetched(store, source_of(240)).complete
    assert not left.exists()
    assert not orphan.exists()
    assert_whole(store)
