"""Exports hold exactly what is stored."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.errors import ChangeInputError
from data.exporting import export_bytes, write_export
from data.store import StoredSeries, open_store
from tests.fakes.paged_source import FakePages, funding_rows, key_of
from tests.test_data.store_examples import KEY, fetched, stored


@pytest.fixture
def jittered(tmp_path: Path) -> StoredSeries:
    """Charges with milliseconds, as an exchange stamps them."""
    rows = funding_rows(9)
    rows.index = pd.DatetimeIndex(rows.index) + pd.to_timedelta(range(9), unit="ms")
    store, key = open_store(str(tmp_path)), key_of("SOL", None)
    assert fetched(store, FakePages({"SOL": rows}), key).complete
    return store.read(key)


def test_milliseconds_and_missing_numbers_survive(jittered: StoredSeries) -> None:
    text = export_bytes(jittered, suffix=".csv").decode()
    lines = text.splitlines()
    assert lines[0].replace('"', "") == "time_utc,rate,mark,source,symbol"
    assert lines[1].replace('"', "").startswith("2020-01-01T00:00:00Z,")
    assert lines[2].replace('"', "").startswith("2020-01-01T08:00:00.001000Z,")
    table = pd.read_csv(io.StringIO(text), float_precision="round_trip")
    times = pd.to_datetime(table["time_utc"], format="ISO8601")
    assert times.tolist() == jittered.rows.index.tolist()
    pd.testing.assert_series_equal(
        table["mark"], jittered.rows["mark"].reset_index(drop=True), check_names=False
    )


def test_parquet_holds_times_numbers_and_names(jittered: StoredSeries) -> None:
    table = pq.read_table(io.BytesIO(export_bytes(jittered, suffix=".parquet")))
    assert str(table.schema.field("time_utc").type) == "timestamp[ns, tz=UTC]"
    assert table.column("rate").to_pylist() == jittered.rows["rate"].tolist()
    assert set(table.column("symbol").to_pylist()) == {"SOL"}
    assert set(table.column("source").to_pylist()) == {"fake"}


def test_the_rows_that_are_handed_in_stay_as_they_are(tmp_path: Path) -> None:
    series = stored(tmp_path, 10).read(KEY)
    before = series.rows.copy()
    for suffix in (".csv", ".parquet"):
        export_bytes(series, suffix=suffix)
    pd.testing.assert_frame_equal(series.rows, before)
    assert series.rows.index.name is None


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    write_export(b"one", target, overwrite=False)
    with pytest.raises(ChangeInputError, match="is there already"):
        write_export(b"two", target, overwrite=False)
    write_export(b"two", target, overwrite=True)
    assert target.read_bytes() == b"two"
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ChangeInputError, match="cannot be written"):
        write_export(b"x", tmp_path / "folder.csv", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "x.csv"]
