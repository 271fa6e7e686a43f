"""What is put into the store comes out of it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import errors
from data.errors import BadPriceError, ChangeInputError, NotStoredError, SourceAnswerError
from data.series import FUNDING_COLUMNS, PRICE_COLUMNS, SeriesKey
from data.store import open_store
from data.store.names import folder_name
from data.store.rows import content_sum
from tests.fakes.paged_source import FakePages, funding_rows, key_of, price_rows
from tests.test_data.store_examples import (
    KEY,
    NOW,
    fetched,
    manifest,
    parts,
    series_folder,
    source_of,
    stored,
)


def test_rows_come_back_exactly_with_what_is_known_of_them(tmp_path: Path) -> None:
    store = stored(tmp_path, 250)
    series = store.read(KEY)
    pd.testing.assert_frame_equal(series.rows, price_rows(250), check_freq=False)
    assert (series.first, series.last) == (series.rows.index[0], series.rows.index[-1])
    assert str(series.rows.index.dtype) == "datetime64[ns, UTC]"
    assert series.fetched_at == series.checked_at == NOW
    assert all(part.fetched_first == part.fetched_last == NOW for part in series.parts)
    assert (series.unfinished, series.contradictions, series.damage) == (False, (), None)
    assert series.version == store.version(KEY) == store.info(KEY).version
    assert KEY in store


def test_funding_keeps_what_is_not_known(tmp_path: Path) -> None:
    store, key = open_store(str(tmp_path)), key_of("SOL", None)
    assert fetched(store, FakePages({"SOL": funding_rows(50)}), key).complete
    rows = store.read(key).rows
    pd.testing.assert_frame_equal(rows, funding_rows(50), check_freq=False)
    assert tuple(rows.columns) == FUNDING_COLUMNS
    assert store.info(key).calendar is None
    assert store.info(key).n_missing is None
    with pytest.raises(ChangeInputError, match="stored as funding rates"):
        store.read(key).history(source="Fake", now=NOW)


def test_stored_prices_are_a_history_like_any_other(tmp_path: Path) -> None:
    history = stored(tmp_path, 30).read(KEY).history(source="Fake source", now=NOW)
    assert (history.symbol, history.source, history.interval) == (KEY.symbol, "Fake source", "daily")
    assert history.prices.tolist() == price_rows(30)["close"].tolist()
    assert history.notes == ("stored; fetched 2026-06-15 12:00 UTC",)


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)
def test_equal_rows_have_equal_versions_however_they_were_cut(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    rows = price_rows(sum(sizes))
    store = open_store(str(tmp_path_factory.mktemp("store")))
    with store.writer(KEY) as writer:
        for begin, size in zip(np.cumsum([0, *sizes]), sizes, strict=False):
            assert writer.append(rows.iloc[begin : begin + size], now=NOW).n_new == size
    whole = open_store(str(tmp_path_factory.mktemp("store")))
    with whole.writer(KEY) as writer:
        writer.append(rows, now=NOW)
    assert store.version(KEY) == whole.version(KEY)
    pd.testing.assert_frame_equal(store.read(KEY).rows, whole.read(KEY).rows)


def test_the_version_depends_on_every_number_every_stamp_and_the_key() -> None:
    rows = price_rows(20)
    sums = {content_sum(rows), content_sum(rows.iloc[1:])}
    for column in range(len(PRICE_COLUMNS)):
        changed = rows.copy()
        changed.iloc[7, column] = np.nextafter(changed.iloc[7, column], np.inf)
        sums.add(content_sum(changed))
    sums.add(content_sum(rows.set_axis(rows.index + pd.Timedelta(1, unit="ns"))))
    assert len(sums) == 3 + len(PRICE_COLUMNS)
    assert content_sum(rows) == content_sum(rows.iloc[::-1])


def test_the_version_stands_still_while_nothing_new_comes(tmp_path: Path) -> None:
    store = stored(tmp_path, 250)
    before = store.version(KEY)
    assert fetched(store, source_of(250)).n_new == 0
    assert store.version(KEY) == before
    assert fetched(store, source_of(251)).n_new == 1
    assert store.version(KEY) != before


def test_many_small_parts_become_few_and_say_when_they_were_fetched(tmp_path: Path) -> None:
    store, rows = open_store(str(tmp_path)), price_rows(40)
    with store.writer(KEY) as writer:
        for day in range(40):
            writer.append(rows.iloc[[day]], now=rows.index[day] + pd.Timedelta(days=1))
    assert len(parts(tmp_path)) == len(store.read(KEY).parts) <= 16
    assert min(part.fetched_first for part in store.read(KEY).parts) == rows.index[1]
    with store.writer(KEY) as writer:
        writer.finish(now=NOW)
    assert len(parts(tmp_path)) <= 3
    pd.testing.assert_frame_equal(store.read(KEY).rows, rows, check_freq=False)


def test_a_merged_history_does_not_hide_what_came_before_it(tmp_path: Path) -> None:
    """Rows from before the first one, and into a hole, are stored as well."""
    store, rows = open_store(str(tmp_path)), price_rows(100)
    with store.writer(KEY) as writer:
        for piece in (rows.iloc[60:80], rows.iloc[:30], rows.iloc[90:], rows.iloc[30:60], rows.iloc[80:90]):
            assert writer.append(piece, now=NOW).n_new == len(piece)
        writer.finish(now=NOW)
    pd.testing.assert_frame_equal(store.read(KEY).rows, rows, check_freq=False)


def test_a_bar_that_has_not_ended_is_never_stored(tmp_path: Path) -> None:
    store, rows = open_store(str(tmp_path)), price_rows(10)
    with store.writer(KEY) as writer:
        noon = rows.index[-1] + pd.Timedelta(hours=12)
        assert writer.append(rows, now=noon).n_unfinished == 1
        assert store.read(KEY).last == rows.index[-2]
        end = rows.index[-1] + pd.Timedelta(days=1)
        assert writer.append(rows, now=end).n_new == 1
    only_open = open_store(str(tmp_path / "other"))
    with only_open.writer(KEY) as writer:
        assert writer.append(rows.iloc[:1], now=rows.index[0]).n_unfinished == 1
    assert KEY not in only_open


def _spoiled(change: str) -> pd.DataFrame:
    rows = price_rows(5)
    return {
        "no zone": lambda: rows.tz_localize(None),
        "order": lambda: rows.iloc[::-1],
        "repeated": lambda: rows.iloc[[0, 0, 1]],
        "columns": lambda: rows[["close"]],
        "text": lambda: rows.astype(object).replace({rows["open"].iloc[2]: "much"}),
        "no index of times": lambda: rows.reset_index(drop=True),
    }[change]()


@pytest.mark.parametrize("change", ["no zone", "order", "repeated", "columns", "text", "no index of times"])
def test_a_page_of_another_form_is_refused_whole(tmp_path: Path, change: str) -> None:
    store = stored(tmp_path, 5)
    with store.writer(KEY) as writer, pytest.raises(SourceAnswerError, match="fake gave"):
        writer.append(_spoiled(change), now=NOW)
    assert len(store.read(KEY).rows) == 5


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf, 1e13, 1e-16])
def test_an_absurd_close_is_refused_with_its_page(tmp_path: Path, price: float) -> None:
    store, rows = stored(tmp_path, 5), price_rows(9)
    rows.iloc[7, 3] = price
    with store.writer(KEY) as writer, pytest.raises(BadPriceError, match=r"the close .* at 2020-01-08"):
        writer.append(rows, now=NOW)
    assert len(store.read(KEY).rows) == 5


@pytest.mark.parametrize("rate", [np.nan, 1.5, -np.inf])
def test_an_absurd_rate_is_refused_with_its_page(tmp_path: Path, rate: float) -> None:
    store, rows = open_store(str(tmp_path)), funding_rows(5)
    rows.iloc[2, 0] = rate
    with store.writer(key_of("SOL", None)) as writer, pytest.raises(BadPriceError, match="rates between"):
        writer.append(rows, now=NOW)


HOSTILE = [
    "../../etc/passwd",
    "..",
    "/etc/passwd",
    "C:\\Windows\\CON",
    "a\x00b",
    "a\nb",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "SOL/USDT:USDT",
    "SOL_USDT_USDT",
    "sol/usdt:usdt",
    "x" * 5000,
    "\ud800",
    "Ω" * 50,
    "",
    "con",
]


def test_no_symbol_is_a_path_and_every_symbol_has_its_own_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    for number, symbol in enumerate(HOSTILE):
        key = key_of(symbol)
        assert fetched(store, FakePages({symbol: price_rows(3 + number)}), key).complete, symbol
    assert [len(store.read(key_of(symbol)).rows) for symbol in HOSTILE] == list(range(3, 3 + len(HOSTILE)))
    assert {info.key for info in store.list()} == {key_of(symbol) for symbol in HOSTILE}
    names = [path.name for path in (tmp_path / "store" / "series").iterdir()]
    assert len({name.lower() for name in names}) == len(HOSTILE)
    assert all(name.isascii() and len(name) < 120 and set(name) & set("/\\:<>|") == set() for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_keys_that_read_alike_do_not_share_a_folder() -> None:
    keys = [
        SeriesKey(source, symbol, kind, interval)
        for source in ("a", "A")
        for symbol in ("B-prices", "B", "b")
        for kind, interval in (("prices", "daily"), ("prices", "hourly"), ("funding", None))
    ]  # type: ignore[misc]
    assert len({folder_name(key).lower() for key in keys}) == len(keys)


def test_the_list_tells_range_calendar_holes_and_size(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    daily = price_rows(60).drop(price_rows(60).index[[10, 11, 40]])
    weekdays = price_rows(60)[price_rows(60).index.dayofweek < 5]
    pages = FakePages(
        {"A": daily, "B": weekdays, "C": price_rows(500, interval="hourly"), "D": daily.iloc[:9]}
    )
    keys = [key_of("A"), key_of("B"), key_of("C", "hourly"), key_of("D")]
    for key in keys:
        fetched(store, pages, key)
    infos = {info.key: info for info in store.list()}
    assert [(infos[key].calendar, infos[key].n_missing) for key in keys] == [
        ("7-day", 3),
        ("5-day", None),
        ("7-day", 0),
        (None, None),
    ]
    assert [infos[key].n_rows for key in keys] == [57, len(weekdays), 500, 9]
    assert (infos[keys[0]].first, infos[keys[0]].last) == (daily.index[0], daily.index[-1])
    assert infos[keys[0]].n_bytes == sum(path.stat().st_size for path in parts(tmp_path, keys[0]))
    assert all(
        info.damage is None and info.fetched_at == NOW and not info.unfinished for info in infos.values()
    )


def test_hours_of_an_exchange_with_sessions_have_no_count_of_holes(tmp_path: Path) -> None:
    rows = price_rows(24 * 40, interval="hourly")
    index = pd.DatetimeIndex(rows.index)
    sessions = rows[(index.dayofweek < 5) & (index.hour >= 14) & (index.hour < 21)]
    store, key = open_store(str(tmp_path)), key_of("AAPL", "hourly")
    fetched(store, FakePages({"AAPL": sessions}), key)
    assert (store.info(key).calendar, store.info(key).n_missing) == ("5-day", None)


def test_deleting_takes_all_of_one_series_and_nothing_else(tmp_path: Path) -> None:
    store, other = stored(tmp_path), key_of("ETH")
    fetched(store, source_of(10, other), other)
    store.delete(KEY)
    assert KEY not in store
    assert [info.key for info in store.list()] == [other]
    assert not series_folder(tmp_path).exists()
    assert list((tmp_path / "trash").iterdir()) == []
    for call in (store.read, store.info, store.version, store.delete):
        with pytest.raises(NotStoredError, match=r"no daily prices of SOL/USDT:USDT from fake are stored"):
            call(KEY)
    assert fetched(store, source_of(20)).n_new == 20


def test_deleting_by_name_takes_only_what_is_listed(tmp_path: Path) -> None:
    store = stored(tmp_path)
    for name in ("", "..", "../series", "nothing"):
        with pytest.raises(NotStoredError, match="nothing is stored as"):
            store.delete_listed(name)
    (info,) = store.list()
    store.delete_listed(info.name)
    assert store.list() == ()


def test_an_empty_store_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "none"))
    assert store.list() == ()
    assert KEY not in store
    with pytest.raises(NotStoredError, match=r"python -m data fetch"):
        store.read(KEY)
    assert list(tmp_path.iterdir()) == []


def test_where_the_store_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDGING_STORE", str(tmp_path / "named"))
    assert open_store().shown == str(tmp_path / "named")
    assert open_store(f"file://{tmp_path}/by%20address").shown == f"{tmp_path}/by address"
    monkeypatch.delenv("HEDGING_STORE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert open_store().shown == "~/data/beta-hedge/store"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_own_cache")
def test_an_address_of_fsspec_holds_the_same_rows_under_the_same_version(tmp_path: Path) -> None:
    store = open_store(f"memory://{tmp_path.name}/store")
    local = stored(tmp_path / "local", 250)
    assert store.list() == ()
    assert fetched(store, source_of(250)).complete
    assert fetched(store, source_of(250)).n_already_there == 5
    assert store.version(KEY) == local.version(KEY)
    pd.testing.assert_frame_equal(store.read(KEY).rows, local.read(KEY).rows)
    assert store.info(KEY).n_rows == 250
    assert fetched(store, source_of(260), anew=True).n_new == 260
    assert store.info(KEY).n_set_aside == 3
    with store.writer(KEY), pytest.raises(errors.StoreBusyError):
        store.delete(KEY)
    store.delete(KEY)
    assert store.list() == ()


@pytest.mark.usefixtures("_own_cache")
def test_while_files_go_one_by_one_nothing_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    store, reader = (open_store(f"memory://{tmp_path.name}/deleted") for _ in range(2))
    assert fetched(store, source_of(250)).complete
    remove, seen = MemoryFileSystem.rm, []

    def looked_at(self: MemoryFileSystem, path: str, recursive: bool = False) -> None:
        remove(self, path, recursive=recursive)
        seen.append((reader.list(), KEY in reader))

    monkeypatch.setattr(MemoryFileSystem, "rm", looked_at)
    store.delete(KEY)
    assert len(seen) > 3
    assert set(seen) == {((), False)}
    assert fetched(store, source_of(20)).n_new == 20


@pytest.mark.parametrize("address", ["nosuch://place/x", "s3://name:secret@bucket/folder?token=secret"])
@pytest.mark.usefixtures("_own_cache")
def test_an_address_that_cannot_be_reached_is_said_without_its_password(address: str) -> None:
    store = open_store(address)
    assert "secret" not in store.shown
    with pytest.raises(ChangeInputError, match="cannot be reached") as caught:
        store.list()
    assert "secret" not in str(caught.value)
    assert caught.value.parameter == "HEDGING_STORE"


@pytest.mark.usefixtures("_own_cache")
def test_trouble_at_an_address_is_an_error_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    store = open_store("memory://trouble/store")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError("AccessDenied for key=SECRET")

    for call in ("pipe_file", "ls"):
        monkeypatch.setattr(MemoryFileSystem, call, refused)
    with pytest.raises(errors.StoreError, match="could not be listed: PermissionError") as caught:
        store.list()
    assert "SECRET" not in str(caught.value)
    monkeypatch.undo()
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", refused)
    assert isinstance(fetched(store, source_of(5)).problem, errors.StoreError)


def test_the_manifest_can_be_read_by_people(tmp_path: Path) -> None:
    stored(tmp_path, 10)
    content = json.loads(manifest(tmp_path).read_text(encoding="ascii"))["content"]
    assert content["key"] == {"source": "fake", "symbol": KEY.symbol, "kind": "prices", "interval": "daily"}
    assert [part["n_rows"] for part in content["parts"]] == [10]
    assert content["checked_at"] == "2026-06-15T12:00:00+00:00"
