"""Files as people hand them in, and as enemies do: one sentence for each, and the files beside it are read.

Each file is made here in the form of the real one; the real ones are read in test_files_market.py.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from data import errors
from data.coins import coin_of
from data.errors import DataError
from data.files import FolderSource, ReadOptions, UploadedFiles, limits
from data.files.funding import find_funding, read_funding
from data.positions import read_positions_file
from hedging import align, annual_funding_fraction, estimate_beta, prepare_funding
from hedging.errors import HedgingError

Saw = Callable[[object], None]
NOW = pd.Timestamp("2026-06-15", tz="UTC")
GOOD = b"date,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"
DAYS = pd.date_range("2024-01-01", periods=60, tz="UTC")
HOURS = pd.date_range("2024-01-01", periods=60, freq="h", tz="UTC")
BOTH = pytest.mark.parametrize("kind", ["upload", "folder"])


def source_of(kind: str, files: dict[str, bytes], folder: Path, **options: Any) -> Any:
    chosen = ReadOptions(**options)
    if kind == "upload":
        return UploadedFiles(files, options=chosen)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return FolderSource(folder, options=chosen)


def fetch(content: bytes | str, name: str = "SOL.csv", interval: Any = "daily", **options: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    source = UploadedFiles({name: data}, options=ReadOptions(**options))
    (symbol,) = source.symbols()
    return source.fetch(symbol, interval=interval, now=NOW)


def csv(stamps: Any, closes: Any, heading: str = "date,close") -> str:
    rows = [f"{stamp},{close}" for stamp, close in zip(stamps, closes, strict=True)]
    return "\n".join([heading, *rows, ""])


def packed(table: Any, kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink, compression="zstd", **options)
    else:
        feather.write_feather(table, sink, compression="zstd")
    return sink.getvalue()


# What is refused: the name of the file, its bytes, the words.

WIDE = b"date,close" + b"".join(b",c%d" % n for n in range(9_998)) + b"\n2024-01-01" + b",1" * 9_999 + b"\n"
MANY = pa.array(np.full(5_000_001, 1.0))


def refused(fault: str, name: str, content: bytes | str, said: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    mark = pytest.mark.fault(f"upload: {fault}", saw=said, lost="nothing: the other files are read")
    return pytest.param(name, data, marks=mark, id=fault)


REFUSED = [
    refused("an empty file", "SOL.csv", b"", "the file 'SOL.csv' is empty"),
    refused(
        "a heading without rows (header_only.csv)",
        "SOL.csv",
        b"Date,Open,High,Low,Close,Volume\n",
        "the file 'SOL.csv' has a heading but no rows",
    ),
    refused(
        "bars of one minute (FTTUSDT_1m_dead_contract.csv)",
        "SOL.csv",
        csv(pd.date_range("2022-11-10", periods=99, freq="min"), [1.5] * 99),
        "the rows of 'SOL' are usually 1 minute apart",
    ),
    refused(
        "years of two digits (zeros.csv)",
        "SOL.csv",
        csv(["01/03/17", "01/04/17"], [1, 2]),
        "the dates in column 'date' have years of two digits, e.g. '01/03/17'",
    ),
    refused(
        "prices of nothing but zero (zeros.csv)",
        "SOL.csv",
        csv(["2017-01-03", "2017-01-04"], ["0", "0.0"]),
        "the symbol SOL has the price 0 at 2017-01-03 00:00 UTC and 1 more like it",
    ),
    refused(
        "a negative price (bad.csv)",
        "SOL.csv",
        csv(["2018-06-04", "2018-06-05"], [10, -266.02]),
        "the symbol SOL has the price -266.02 at 2018-06-05 00:00 UTC",
    ),
    refused(
        "a price of 1e300",
        "SOL.csv",
        csv(["2018-06-04", "2018-06-05"], [10, "1e300"]),
        "the symbol SOL has the price 1e+300 at 2018-06-05 00:00 UTC",
    ),
    refused(
        "no price in any row",
        "SOL.csv",
        csv(["2018-06-04", "2018-06-05"], ["", "NaN"]),
        "no row of the file 'SOL.csv' has a price of 'SOL'",
    ),
    refused(
        "two prices for one day",
        "SOL.csv",
        csv(["2024-01-01", "2024-01-01"], [1, 2]),
        "the symbol SOL has two prices for 2024-01-01 00:00 UTC, 1 and 2",
    ),
    refused(
        "dates that can be read in two ways",
        "SOL.csv",
        csv(["01/02/2024", "02/02/2024"], [1, 2]),
        "column 'date' has dates such as '01/02/2024', which can be read day first or month first",
    ),
    refused(
        "NUL bytes",
        "SOL.csv",
        b"date,close\n2024-01-01,\x001\n",
        "the file 'SOL.csv' holds binary data, not text",
    ),
    refused(
        "10,000 columns",
        "SOL.csv",
        WIDE,
        "the file 'SOL.csv' has 10,000 columns; allowed: at most 200 columns",
    ),
    refused(
        "a line of 300,000 characters",
        "SOL.csv",
        b"date,close\n" + b"x" * 300_000,
        "the file 'SOL.csv' cannot be cut into rows and columns",
    ),
    refused(
        "5,000,001 rows packed into 40 kB of Parquet",
        "SOL.parquet",
        packed(pa.table({"time": MANY, "close": MANY}), "parquet"),
        "the file 'SOL.parquet' has 5,000,001 rows; allowed: at most 5,000,000 rows",
    ),
    refused(
        "a formula as a price",
        "SOL.csv",
        csv(["2024-01-01"], ["=1+1"]),
        "row 2 has '=1+1' in the price column 'close', which is no number",
    ),
    refused(
        "a price with another currency's sign",
        "SOL.csv",
        csv(["2024-01-01"], ["€5"]),
        "row 2 has '€5' in the price column 'close', which is no number",
    ),
    refused(
        "HTML as a price",
        "SOL.csv",
        csv(["2024-01-01"], ["<img src=x onerror=alert(1)>"]),
        "row 2 has '<img src=x onerror=alert(1)>' in the price column 'close', which is no number",
    ),
    refused("an Excel file", "SOL.csv", b"PK\x03\x04abc", "the file 'SOL.csv' is an Excel or ZIP file"),
    refused("a packed file", "SOL.csv", gzip.compress(GOOD), "the file 'SOL.csv' is a gzip file"),
    refused(
        "a file cut in the middle",
        "SOL.parquet",
        packed(pa.table({"time": pa.array(DAYS), "close": np.arange(1.0, 61.0)}), "parquet")[:900],
        "the file 'SOL.parquet' cannot be read as a Parquet file",
    ),
    refused(
        "text in Parquet that is not UTF-8",
        "SOL.parquet",
        packed(pa.table({"symbol": ["SOL"], "time": pa.array(DAYS[:1]), "close": [1.0]}), "parquet").replace(
            b"SOL", b"\xffOL"
        ),
        "the file 'SOL.parquet' cannot be read as a Parquet file",
    ),
    refused(
        "a quotation mark that is never closed",
        "SOL.csv",
        b'date,close\n2024-01-01,"1\n2024-01-02,2\n',
        "the file 'SOL.csv' has an opening quotation mark that is never closed",
    ),
    refused(
        "rows with a cell too many (a decimal comma)",
        "SOL.csv",
        b"date,close\n2024-01-01,1,5\n2024-01-02,2,5\n",
        "row 2 of the file 'SOL.csv' has 3 cells where the heading has 2",
    ),
]


@pytest.mark.parametrize(("name", "content"), REFUSED)
@BOTH
def test_a_file_that_cannot_be_used_is_named_and_the_others_are_read(
    name: str, content: bytes, kind: str, tmp_path: Path, saw: Saw
) -> None:
    source = source_of(kind, {name: content, "BTC.csv": GOOD}, tmp_path)
    assert set(source.symbols()) == {"BTC", "SOL"}
    with pytest.raises(DataError) as caught:
        source.fetch("SOL", interval="daily", now=NOW)
    saw(caught.value)
    assert caught.value.remedy
    assert source.fetch("BTC", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.fault(
    "upload: JSON cut in the middle (bybit_instruments_info_truncated.json)",
    saw="the file 'SOL.json' has the ending '.json'",
    lost="nothing: the other files are read",
)
def test_a_file_of_another_kind(saw: Saw) -> None:
    source = UploadedFiles({"SOL.json": b'{"result": {"list": [{"symbol": "SOLUSDT", "pri', "BTC.csv": GOOD})
    with pytest.raises(DataError) as caught:
        source.fetch("SOL", interval="daily", now=NOW)
    saw(caught.value)
    assert len(source.fetch("BTC", interval="daily", now=NOW).prices) == 3


@pytest.mark.fault(
    "upload: 1 GB",
    saw="the file 'SOL.csv' has 1,024.0 MiB; allowed: at most 64 MiB",
    lost="nothing: the other files are read",
)
def test_a_gigabyte_is_refused_unread(tmp_path: Path, saw: Saw, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of("folder", {"BTC.csv": GOOD}, tmp_path)
    with (tmp_path / "SOL.csv").open("wb") as stream:
        stream.write(b"date,close\n")
        stream.truncate(2**30)
    (large,) = (entry for entry in source.entries() if entry.name == "SOL.csv")
    with pytest.raises(errors.TooLargeError) as caught:
        source.content(large)
    saw(caught.value)
    assert set(source.symbols()) == {"BTC", "SOL"}  # only its beginning is looked at
    assert len(source.fetch("BTC", interval="daily", now=NOW).prices) == 3
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 1_000)
    with pytest.raises(errors.TooLargeError):
        fetch(b"date,close\n" + b"x" * 1_000)


@pytest.mark.fault(
    "upload: hostile file names (paths, HTML, formulas, NUL)",
    saw="the file name … cannot be used as a symbol",
    lost="nothing: the other files are read",
)
def test_hostile_file_names(saw: Saw) -> None:
    names = ("../../etc/passwd.csv", "<script>alert(1)</script>.csv", "=cmd().csv", "a\x00b.csv", "-rf.csv")
    source = UploadedFiles({**dict.fromkeys(names, GOOD), "BTC.csv": GOOD})
    assert source.symbols() == ("BTC",)
    assert len(source.problems()) == len(names)
    for problem in source.problems():
        saw(problem)


@pytest.mark.fault(
    "upload: hostile column names and symbols (paths, HTML, formulas)",
    saw="name … cannot be used as a symbol",
    lost="nothing",
)
@pytest.mark.parametrize(
    "word", ["=cmd|' /C calc'!A0", "@SUM(1)", "<img src=x onerror=alert(1)>", "../../etc"]
)
def test_hostile_columns_and_symbols(word: str, saw: Saw) -> None:
    for content in (f'date,BTC,"{word}"\n2024-01-01,1,2\n', f'date,symbol,close\n2024-01-01,"{word}",1\n'):
        with pytest.raises(errors.FileFormatError) as caught:
            UploadedFiles({"all.csv": content.encode()}).fetch("all", interval="daily", now=NOW)
        saw(caught.value)


# What is read all the same, and what is said about it


@pytest.mark.fault(
    "upload: times in seconds to nanoseconds and two kinds of UTC (trap 1)",
    saw="all prices, on one kind of instants",
    lost="nothing",
)
def test_units_and_zones_meet(saw: Saw) -> None:
    closes = np.arange(1.0, 61.0)
    nanoseconds = pa.table({"date": pa.array(DAYS.as_unit("ns")), "close": closes})
    microseconds = pa.table(
        {"date": pa.array(DAYS.as_unit("us"), pa.timestamp("us", tz="Etc/UTC")), "close": closes}
    )
    found = [
        fetch(packed(nanoseconds, "feather"), "SOL.feather"),
        fetch(packed(microseconds, "parquet"), "SOL.parquet"),
        fetch(csv([stamp.isoformat() for stamp in DAYS], closes)),
        fetch(csv([stamp.value // 10**9 for stamp in DAYS], closes, "timestamp,close")),
    ]
    for history in found[1:]:
        pd.testing.assert_series_equal(history.prices, found[0].prices)
        assert (history.prices / found[0].prices == 1.0).all()
    saw("all prices, on one kind of instants")


@pytest.mark.fault(
    "upload: a stock stamped at midnight of its exchange beside a coin (trap 2)",
    saw="times carry the UTC offset '-05:00', '-04:00'; kept as true UTC instants",
    lost="nothing: prices are taken at common instants",
)
def test_five_days_and_offsets_meet_a_coin(saw: Saw) -> None:
    sessions = pd.bdate_range("2024-02-12", periods=40, tz="America/New_York")
    stock = fetch(csv([stamp.isoformat() for stamp in sessions], np.arange(50.0, 90.0)), "AAPL.csv")
    days = pd.date_range("2024-02-01", periods=80, tz="UTC")
    coin = fetch(csv(days.strftime("%Y-%m-%d"), np.arange(1.0, 81.0)))
    for note in stock.notes:
        saw(note)
    aligned = align(stock.prices, coin.prices, interval="daily")
    assert len(aligned.asset) > 30


@pytest.mark.fault(
    "upload: the last bar is still open (trap 3)",
    saw="1 unfinished bar at the end dropped",
    lost="nothing",
)
def test_an_open_bar_is_left_out(saw: Saw) -> None:
    history = fetch(csv(["2026-06-13", "2026-06-14", "2026-06-15"], [1, 2, 3]))
    assert history.prices.tolist() == [1.0, 2.0]
    saw(history.notes)


@pytest.mark.fault(
    "upload: two downloads glued together (trap 4)",
    saw="1 repeated heading in the middle dropped 1 repeated row with the same price dropped",
    lost="nothing",
)
def test_a_day_and_a_heading_twice(saw: Saw) -> None:
    history = fetch("date,close\n2024-01-01,1\n2024-01-02,2\ndate,close\n2024-01-02,2\n2024-01-03,3\n")
    assert history.prices.tolist() == [1.0, 2.0, 3.0]
    saw(" ".join(history.notes))


@pytest.mark.fault(
    "upload: hours that are missing (trap 5)",
    saw="the hours there are; none is filled in",
    lost="nothing",
)
def test_holes_stay_holes(saw: Saw) -> None:
    hours = HOURS.delete(range(10, 43))
    closes = np.arange(1.0, 1.0 + len(hours))
    history = fetch(csv(hours.strftime("%Y-%m-%d %H:%M"), closes), interval="hourly")
    assert history.prices.index.tolist() == hours.tolist()
    assert history.prices.tolist() == closes.tolist()
    saw("the hours there are; none is filled in")


@pytest.mark.fault(
    "upload: a price that collapses or jumps by a quarter (traps 9 and 10)",
    saw="every price as it was; none is taken for an error",
    lost="nothing",
)
def test_a_collapse_is_no_outlier(saw: Saw) -> None:
    closes = [116.4, 87.9, 1.7, 0.0001, 0.000112, 14.08, 10.61]
    assert fetch(csv(DAYS[:7].strftime("%Y-%m-%d"), closes)).prices.tolist() == closes
    saw("every price as it was; none is taken for an error")


@pytest.mark.fault(
    "upload: a benchmark that never moves (trap 10)",
    saw="benchmark_returns did not move: all 59 returns are 0",
    lost="nothing",
)
def test_a_dead_benchmark_has_no_beta(saw: Saw) -> None:
    dead = fetch(csv(DAYS.strftime("%Y-%m-%d"), [1.5] * 60), "FTT.csv")
    coin = fetch(csv(DAYS.strftime("%Y-%m-%d"), np.exp(np.sin(np.arange(60.0)))))
    aligned = align(coin.prices, dead.prices, interval="daily")
    with pytest.raises(HedgingError) as caught:
        estimate_beta(aligned.asset, aligned.benchmark)
    saw(caught.value)


@pytest.mark.fault(
    "upload: the text of a time says +08:00, the number beside it UTC (trap 11)",
    saw="times taken from the UTC numbers in 'timestamp'; 'datetime' is written with offset +08:00",
    lost="nothing",
)
def test_two_columns_of_times(saw: Saw) -> None:
    local = HOURS.tz_convert("Asia/Singapore")
    rows = [
        f"{ahead.isoformat(sep=' ')},{stamp.value // 10**6},{n + 1}"
        for n, (ahead, stamp) in enumerate(zip(local, HOURS, strict=True))
    ]
    history = fetch("\n".join(["datetime,timestamp,close", *rows, ""]), interval="hourly")
    assert history.prices.index.tolist() == HOURS.tolist()
    saw(history.notes)


@pytest.mark.fault(
    "upload: a symbol that counts in thousands (trap 12)",
    saw="1000PEPEUSDT is 1,000 PEPE",
    lost="nothing",
)
def test_a_thousand_coins_are_a_thousand(saw: Saw) -> None:
    assert fetch(GOOD, "1000PEPEUSDT.csv").symbol == "1000PEPEUSDT"
    for symbol in ("1000PEPEUSDT", "PEPE1000USDT"):
        coin = coin_of(symbol)
        assert (coin.name, coin.units) == ("PEPE", 1_000)
    saw("1000PEPEUSDT is 1,000 PEPE")


@pytest.mark.fault(
    "upload: rows out of order, a byte order mark, Windows line ends (mismatch.csv, penny.csv)",
    saw="rows were not in order of time and have been sorted",
    lost="nothing",
)
def test_untidy_text(saw: Saw) -> None:
    content = b"\xef\xbb\xbfDate,Close\r\n01/15/2018,3\r\n01/13/2018,1\r\n01/14/2018,2\r\n"
    history = fetch(content)
    assert history.prices.tolist() == [1.0, 2.0, 3.0]
    saw(history.notes)


# Funding files


def charges(rows: list[str], heading: str = "timestamp,funding_rate") -> pd.Series:
    text = "\n".join([heading, *rows, ""])
    return read_funding(text.encode(), file_name="SOL_funding.csv", symbol="SOL-USD").funding_rates


@pytest.mark.fault(
    "funding file: rates in the column 'open', an '8h' in the name that is not true (trap 6)",
    saw="every rate at its own instant",
    lost="nothing",
)
def test_a_bot_file_keeps_its_own_times(saw: Saw) -> None:
    every_four = pd.date_range("2025-02-01", periods=4, freq="4h", tz="UTC")
    frame = pd.DataFrame({"date": every_four, "open": [1e-4, 2e-4, -1e-4, 3e-4], "high": 0.0, "close": 0.0})
    sink = io.BytesIO()
    frame.to_feather(sink)
    name = "SOL_USDT_USDT-8h-funding_rate.feather"
    found = find_funding(UploadedFiles({name: sink.getvalue()}), "SOL-USD")
    assert found is not None
    assert found.funding_rates.to_dict() == dict(zip(every_four, frame["open"], strict=True))
    saw("every rate at its own instant")


@pytest.mark.fault(
    "funding file: its interval changes, and months are missing (traps 7 and 8)",
    saw="the sum of the charges of a year, whatever their number",
    lost="nothing",
)
def test_intervals_change_and_holes_stay(saw: Saw) -> None:
    stamps = [
        *pd.date_range("2025-01-01", "2025-06-30 16:00", freq="8h", tz="UTC"),
        *pd.date_range("2025-07-01", "2025-07-16 20:00", freq="4h", tz="UTC"),
        *pd.date_range("2025-12-30", "2025-12-31 23:00", freq="h", tz="UTC"),
    ]
    rates = charges([f"{stamp.isoformat()},0.0001" for stamp in stamps])
    assert rates.index.tolist() == stamps
    year = annual_funding_fraction(
        prepare_funding(rates),
        start=pd.Timestamp("2025-01-01", tz="UTC"),
        end=pd.Timestamp("2025-07-17", tz="UTC"),
    )
    n_charges, days = 181 * 3 + 16 * 6, 197
    assert year == pytest.approx(n_charges * 0.0001 * 365 / days, rel=0.01)
    saw("the sum of the charges of a year, whatever their number")


@pytest.mark.fault(
    "funding file: stamps late by milliseconds, in several forms (trap 8)",
    saw="every charge at its full second",
    lost="nothing",
)
def test_jitter_and_mixed_forms(saw: Saw) -> None:
    rates = charges(
        [
            "2025-01-01 00:00:00.004+00:00,0.0001",
            "2025-01-01T08:00:00Z,0.0002",
            "2025-01-01 16:00:00.010000+00:00,0.0003",
            "2025-01-02,0.0004",
        ]
    )
    prepared = prepare_funding(rates).rates
    assert prepared.index.tolist() == pd.date_range("2025-01-01", periods=4, freq="8h", tz="UTC").tolist()
    assert prepared.tolist() == [1e-4, 2e-4, 3e-4, 4e-4]
    saw("every charge at its full second")


FUNDING = [
    ("a price where a rate should be", b"timestamp,funding_rate\n2025-01-01,94000\n",
     "the file 'SOL_funding.csv' has 94000 where a funding rate should be"),
    ("a formula as a rate", b"timestamp,funding_rate\n2025-01-01,=1+1\n",
     "row 2 has '=1+1' in the price column 'funding_rate', which is no number"),
    ("NUL bytes", b"timestamp,funding_rate\n2025-01-01,\x00\n",
     "the file 'SOL_funding.csv' holds binary data, not text"),
    ("10,000 columns", WIDE.replace(b"close", b"rate"), "the file 'SOL_funding.csv' has 10,000 columns"),
    ("two rates for one charge", b"timestamp,funding_rate\n2025-01-01,0.0001\n2025-01-01,0.0002\n",
     "rates has two different values at 2025-01-01 00:00 UTC"),
]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            content, id=fault, marks=pytest.mark.fault(f"funding file: {fault}", saw=said, lost="nothing")
        )
        for fault, content, said in FUNDING
    ],
)
def test_a_funding_file_that_cannot_be_used(content: bytes, saw: Saw) -> None:
    def prepared() -> None:
        found = read_funding(content, file_name="SOL_funding.csv", symbol="SOL-USD")
        prepare_funding(found.funding_rates)

    with pytest.raises((DataError, HedgingError)) as caught:
        prepared()
    saw(caught.value)


@pytest.mark.fault(
    "funding file: a bomb of 5,000,001 rows in Parquet",
    saw="the file 'SOL_funding.parquet' has 5,000,001 rows; allowed: at most 5,000,000 rows",
    lost="nothing",
)
def test_a_bomb_of_rates(saw: Saw) -> None:
    content = packed(pa.table({"time": MANY, "rate": MANY}), "parquet")
    assert len(content) < 100_000
    with pytest.raises(errors.TooLargeError) as caught:
        read_funding(content, file_name="SOL_funding.parquet", symbol="SOL-USD")
    saw(caught.value)


# Positions

LINES = [
    ("a formula as a symbol", "=1+1,5", "'=1+1' is no symbol"),
    ("a formula as a size", "SOL,=2+3", "'=2+3' is neither a number nor a side nor USD nor coins"),
    ("a size that can be read in two ways", 'SOL,"12,340",coins', "'12,340' can be read in two ways"),
    ("a symbol of control characters", "S\u202eOL,5", "is no symbol"),
    ("no size", "SOL,", "it has no size"),
]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            line,
            id=fault,
            marks=pytest.mark.fault(
                f"positions: {fault}", saw=said, lost="nothing: the other lines are read, this one is kept"
            ),
        )
        for fault, line, said in LINES
    ],
)
def test_a_line_that_is_no_position_is_named_and_the_others_are_read(line: str, saw: Saw) -> None:
    content = f"AVAX,7\n{line}\nLINK,-8\n".encode()
    found = read_positions_file(content, file_name="book.csv", default_unit="usd")
    assert [(row.symbol, row.size) for row in found.rows] == [("AVAX", 7.0), ("LINK", -8.0)]
    (unread,) = found.unread
    assert unread.text == line
    saw(unread.reason)


POSITION_FILES = [
    ("NUL bytes", "book.csv", b"symbol,size\nSOL\x00,5\n", "the file 'book.csv' holds binary data, not text"),
    ("an Excel file", "book.xlsx", b"PK\x03\x04", "the file 'book.xlsx' is a spreadsheet"),
    ("5,000,001 rows in Parquet", "book.parquet", packed(pa.table({"a": MANY, "b": MANY}), "parquet"),
     "the file 'book.parquet' has 5,000,001 rows"),
    ("more than a megabyte", "book.csv", b"SOL,5\n" * 200_000, "the file 'book.csv' has 1,200,000 bytes"),
    ("a line of 300,000 characters", "book.csv", b"x" * 300_000, "the text has 300,000 characters"),
    ("2,000 lines", "book.csv", b"SOL,5\n" * 2_000, "there are 2,000 lines; allowed: at most 1,000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            name, content, id=fault, marks=pytest.mark.fault(f"positions: {fault}", saw=said, lost="nothing")
        )
        for fault, name, content, said in POSITION_FILES
    ],
)
def test_a_file_of_positions_that_cannot_be_used(name: str, content: bytes, saw: Saw) -> None:
    with pytest.raises(DataError) as caught:
        read_positions_file(content, file_name=name, default_unit="usd")
    saw(caught.value)


def test_positions_among_thousands_of_columns_are_read() -> None:
    heading = "symbol,size" + "".join(f",c{n}" for n in range(9_998))
    content = f"{heading}\nSOL,5{',1' * 9_998}\n".encode()
    (row,) = read_positions_file(content, file_name="book.csv", default_unit="usd").rows
    assert (row.symbol, row.size) == ("SOL", 5.0)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists open files there")
def test_nothing_is_left_open(tmp_path: Path) -> None:
    """A folder of hostile files costs no file handle."""
    source = source_of("folder", {param.values[0]: param.values[1] for param in REFUSED}, tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        for symbol in source.symbols():
            with pytest.raises(DataError):
                source.fetch(symbol, interval="daily", now=NOW)
    assert len(os.listdir("/proc/self/fd")) <= before
