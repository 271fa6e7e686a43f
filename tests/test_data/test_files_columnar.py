"""Parquet and Arrow files, honest and hostile."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from data.errors import BadPriceError, FileFormatError, TooLargeError
from data.files import ReadFile, ReadOptions, limits, read_prices
from data.files.arrow_sizes import unpacked_size
from data.prices import PriceHistory

NOW = pd.Timestamp("2026-06-15", tz="UTC")
STAMPS = pd.date_range("2024-01-01", periods=3, freq="D", tz="UTC")
FORMATS = ["parquet", "feather"]


def written(table: Any, kind: str, compression: str | None = "zstd") -> bytes:
    sink = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink, compression=compression or "none")
    else:
        feather.write_feather(table, sink, compression=compression or "uncompressed")
    return sink.getvalue()


def read(content: bytes, name: str, price_column: str | None = None) -> ReadFile:
    options = ReadOptions(price_column=price_column)
    return read_prices(content, file_name=name, options=options, now=NOW, source="Test")


def only(table: Any, kind: str) -> PriceHistory:
    (history,) = read(written(table, kind), f"BTC.{kind}").histories.values()
    return history


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "times",
    [
        pa.array(STAMPS.as_unit("ns"), pa.timestamp("ns", tz="UTC")),
        pa.array(STAMPS.as_unit("ms"), pa.timestamp("ms", tz="Asia/Singapore")),
        pa.array(STAMPS.tz_localize(None).as_unit("us"), pa.timestamp("us")),
        pa.array(STAMPS.date, pa.date32()),
        pa.array((STAMPS.as_unit("ns").asi8 // 10**6).tolist(), pa.int64()),
        pa.array((STAMPS.as_unit("ns").asi8 // 10**9).astype(float).tolist(), pa.float64()),
        pa.array(STAMPS.strftime("%Y-%m-%d").tolist(), pa.string()),
        pa.array(STAMPS.strftime("%d/%m/2024 0:00 Z").tolist()).dictionary_encode(),
    ],
)
@pytest.mark.parametrize(
    "prices",
    [
        pa.array([1.5, 2.5, 3.5], pa.float64()),
        pa.array([1.5, 2.5, 3.5], pa.float32()),
        pa.array(["1.5", "2.5", "3.5"], pa.large_string()),
        pa.array([1.5, 2.5, 3.5]).cast(pa.decimal128(10, 2)),
    ],
)
def test_types_of_times_and_prices(kind: str, times: Any, prices: Any) -> None:
    text = pa.types.is_dictionary(times.type)
    if text:
        times = pa.array(["13/01/2024", "14/01/2024", "15/01/2024"]).dictionary_encode()
    history = only(pa.table({"time": times, "close": prices}), kind)
    assert history.prices.tolist() == [1.5, 2.5, 3.5]
    assert history.prices.index.tolist() == (STAMPS + pd.Timedelta(days=12 if text else 0)).tolist()
    assert str(history.prices.index.dtype) == "datetime64[ns, UTC]"


def test_times_without_zone_are_said() -> None:
    table = pa.table({"time": pa.array(STAMPS.tz_localize(None)), "close": [1.0, 2.0, 3.0]})
    assert only(table, "parquet").notes == ("times without an offset were read as UTC",)


@pytest.mark.parametrize("kind", FORMATS)
def test_missing_values_and_integers(kind: str) -> None:
    table = pa.table(
        {"date": pa.array([*STAMPS[:2], None, STAMPS[2]]), "close": pa.array([1, None, 7, 3], pa.int64())}
    )
    history = only(table, kind)
    assert history.prices.tolist() == [1.0, 3.0]
    assert history.notes == ("1 row without a time dropped", "1 row without a price dropped")


def test_pandas_frame_with_its_index() -> None:
    sink = io.BytesIO()
    pd.DataFrame({"BTC": [1.0, 2.0, 3.0], "ETH": [4.0, 5.0, 6.0]}, index=STAMPS).to_parquet(sink)
    result = read(sink.getvalue(), "wide.parquet")
    assert (result.form, list(result.histories)) == ("wide", ["BTC", "ETH"])
    assert result.histories["ETH"].prices.tolist() == [4.0, 5.0, 6.0]
    assert result.histories["ETH"].prices.index.tolist() == STAMPS.tolist()


@pytest.mark.parametrize("kind", FORMATS)
def test_long_form_and_odd_columns(kind: str) -> None:
    table = pa.table(
        {
            "ticker": pa.array(["A", "B"] * 3).dictionary_encode(),
            "date": pa.array(STAMPS.repeat(2)),
            "close": [1.0, 4.0, 2.0, 5.0, 3.0, 6.0],
            "nested": [[1]] * 6,
            "raw": [b"x"] * 6,
            "essay": ["x" * 5_000] * 6,
        }
    )
    result = read(written(table, kind), f"any.{kind}")
    assert {name: h.prices.tolist() for name, h in result.histories.items()} == {
        "A": [1, 2, 3],
        "B": [4, 5, 6],
    }
    assert result.choices == ("close",)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("value", [float("inf"), 0.0, -1.0, 1e300])
def test_impossible_prices(kind: str, value: float) -> None:
    with pytest.raises(BadPriceError, match=r"BTC has the price .* at 2024-01-02 00:00 UTC"):
        only(pa.table({"time": pa.array(STAMPS), "close": [1.0, value, 2.0]}), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_empty_and_unsuitable_tables(kind: str) -> None:
    with pytest.raises(FileFormatError, match="has columns but no rows"):
        only(pa.table({"time": pa.array([], pa.timestamp("ns")), "close": pa.array([], pa.float64())}), kind)
    with pytest.raises(FileFormatError, match="has no column of times"):
        only(pa.table({"a": [1.0], "b": [2.0]}), kind)
    with pytest.raises(FileFormatError, match="has no column of times"):
        only(pa.table({"raw": [b"x"]}), kind)
    with pytest.raises(FileFormatError, match=r"row 2 has '45292' in the time column 'time'"):
        only(pa.table({"time": [1704067200, 45292], "close": [1.0, 2.0]}), kind)
    with pytest.raises(FileFormatError, match=r"column of symbols .* holds numbers"):
        only(pa.table({"symbol": [1, 2], "time": pa.array(STAMPS[:2]), "close": [1.0, 2.0]}), kind)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"ARROW1\0\0", b"date,close\n2024-01-01,1\n", b"FEA1" * 9, b"PAR1" * 3]
)
def test_not_really_columnar(kind: str, content: bytes) -> None:
    with pytest.raises(FileFormatError, match="cannot be read as a"):
        read(content, f"BTC.{kind}")


@pytest.mark.fault(
    "upload: a Parquet or Feather file cut anywhere, or with a bit turned anywhere",
    saw="one sentence that names the file, or prices",
    lost="nothing",
)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_cut_and_many_flipped_bits_end_in_a_plain_error_or_prices(kind: str) -> None:
    good = written(pa.table({"time": pa.array(STAMPS), "close": [1.0, 2.0, 3.0]}), kind)
    random = np.random.default_rng(7)
    broken = [good[:n] for n in range(0, len(good), 13)]
    for _ in range(300):
        copy = bytearray(good)
        copy[int(random.integers(8, len(good)))] ^= 1 << int(random.integers(8))
        broken.append(bytes(copy))
    outcomes = set()
    for content in broken:
        try:
            read(content, f"BTC.{kind}")
            outcomes.add("prices")
        except (FileFormatError, TooLargeError, BadPriceError) as error:
            outcomes.add(type(error).__name__)
        except Exception as error:
            if type(error).__module__ != "data.errors":
                raise
    assert "FileFormatError" in outcomes


@pytest.mark.parametrize("kind", FORMATS)
def test_two_columns_of_one_name(kind: str) -> None:
    twice = pa.Table.from_arrays(
        [pa.array(STAMPS), *[pa.array([1.0, 2.0, 3.0])] * 2], names=["time", "close", "close"]
    )
    with pytest.raises(FileFormatError, match=f"the file 'BTC.{kind}' has 2 columns named 'close'"):
        only(twice, kind)


def test_sizes_of_an_arrow_stream_are_those_before_compression() -> None:
    table = pa.table({"time": pa.array(range(100_000), pa.int64()), "close": pa.array(np.ones(100_000))})
    for compression in (None, "lz4", "zstd"):
        content = written(table, "feather", compression)
        rows, size = unpacked_size(content[8:])
        assert rows == 100_000
        assert 1_600_000 <= size < 1_610_000


def test_dictionaries_count_towards_the_size() -> None:
    table = pa.table({"word": pa.array(["x" * 1_000_000, "y"]).dictionary_encode()})
    rows, size = unpacked_size(written(table, "feather", "zstd")[8:])
    assert rows == 2
    assert 1_000_000 <= size < 1_010_000


@pytest.mark.fault(
    "upload: a bomb of one value packed a thousandfold in Parquet and Feather",
    saw="would unpack to … MiB; allowed: at most … MiB unpacked",
    lost="nothing",
)
def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 1_000_000)
    # Raw numbers of one value, 16 MB, pack to a few kilobytes.
    table = pa.table({"time": pa.array(np.zeros(1_000_000, "int64")), "close": pa.array(np.ones(1_000_000))})
    packed = written(table, "feather")
    assert len(packed) < 20_000
    before = pa.total_allocated_bytes()
    with pytest.raises(TooLargeError, match="would unpack to 15 MiB; allowed: at most 0 MiB"):
        read(packed, "BTC.feather")
    assert pa.total_allocated_bytes() - before < 1_000_000
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False)
    with pytest.raises(TooLargeError, match="would unpack to"):
        read(sink.getvalue(), "BTC.parquet")


@pytest.mark.fault(
    "upload: a buffer that claims a terabyte in Feather",
    saw="would unpack to 1,048,576 MiB",
    lost="nothing",
)
def test_size_claimed_by_a_buffer_is_believed_and_refused() -> None:
    content = written(
        pa.table({"time": pa.array(np.zeros(1_000, "int64")), "close": pa.array(np.ones(1_000))}), "feather"
    )
    place = content.index((8_000).to_bytes(8, "little"), 8 + 200)
    lie = content[:place] + (2**40).to_bytes(8, "little") + content[place + 8 :]
    with pytest.raises(TooLargeError, match="would unpack to 1,048,576 MiB"):
        read(lie, "BTC.feather")


@pytest.mark.fault(
    "upload: a word of a megabyte in 100,000 rows (100 GB if it were written out)",
    saw="all prices",
    lost="nothing",
)
@pytest.mark.parametrize("kind", FORMATS)
def test_one_long_word_repeated_is_not_written_out(kind: str) -> None:
    word = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, "int32")), pa.array(["x" * 1_000_000]))
    days = pd.date_range("1990-01-01", periods=100_000, freq="h", tz="UTC")
    table = pa.table({"word": word, "time": pa.array(days), "close": np.ones(100_000)})
    (history,) = read(written(table, kind), f"BTC.{kind}").histories.values()
    assert len(history.prices) == 100_000  # 100 GB if it were


@pytest.mark.parametrize("kind", FORMATS)
def test_too_many_rows_and_columns(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pa.table({"time": pa.array(STAMPS), **{f"A{i}": [1.0, 2.0, 3.0] for i in range(200)}})
    with pytest.raises(TooLargeError, match="has 201 columns; allowed: at most 200 columns"):
        only(many, kind)
    monkeypatch.setattr(limits, "MAX_ROWS", 2)
    with pytest.raises(TooLargeError, match="has 3 rows; allowed: at most 2 rows"):
        only(many.select(["time", "A1"]), kind)
