"""Whatever the bytes: prices exactly as written, or a plain refusal; and every dialect round-trips."""

from __future__ import annotations

import io
import math
from decimal import Decimal

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather

from data.errors import DataError
from data.files import ReadOptions, UploadedFiles, read_prices
from data.prices import LARGEST_PRICE, SMALLEST_PRICE, PriceHistory

NOW = pd.Timestamp("2150-01-01", tz="UTC")
NAMES = st.sampled_from(["BTC.csv", "BTC_1h.txt", "x.tsv", "a.parquet", "a.feather", "b.xlsx", "c"])

CELLS = st.sampled_from(
    ["date", "time", "close", "Close", "symbol", "BTC", "", " ", "nan", "1", "1.5", "1,5", "1.234", '"1,234"',
     "1.234,56", "-3", "0", "inf", "1e300", "1e-320", "2024-01-01", "2024-01-02", "2024-01-03T05:00Z",
     "01/02/2024", "13/02/2024", "02/13/24", "1704067200", "1704153600000", "=1+1", "$5", "€5",
     '"', "'", "\ufeff", "\u202e", "٣",
     "12:30", "Jan 5, 2024", "2024-01-02 10:00 PM", "1_0", "0x1", "9" * 30, "1704067200.5", "1.7e9", "sep=;"]
)  # fmt: skip


def read(
    content: bytes, name: str = "BTC.csv", options: ReadOptions | None = None
) -> dict[str, PriceHistory]:
    chosen = options or ReadOptions()
    return dict(read_prices(content, file_name=name, options=chosen, now=NOW, source="Test").histories)


def refusal(content: bytes, name: str = "BTC.csv", options: ReadOptions | None = None) -> DataError | None:
    """Check what was read, or give back the plain refusal; any other error is the test's failure."""
    try:
        histories = read(content, name, options)
    except DataError as error:
        return error
    check_sound(histories)
    return None


def check_sound(histories: dict[str, PriceHistory]) -> None:
    assert histories
    for history in histories.values():
        prices = history.prices
        assert len(prices) > 0
        assert prices.between(SMALLEST_PRICE, LARGEST_PRICE).all()
        assert prices.index.is_monotonic_increasing
        assert prices.index.is_unique
        assert str(prices.index.dtype) == "datetime64[ns, UTC]"


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300), name=NAMES)
def test_any_bytes_end_in_prices_or_a_plain_refusal(content: bytes, name: str) -> None:
    error = refusal(content, name)
    assert error is None or (0 < len(str(error)) < 1_500 and "\n" not in str(error))


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"PAR1", b"ARROW1\0\0", b"\xff\xfe", b"\xef\xbb\xbf"]),
)
def test_any_bytes_after_a_known_beginning(content: bytes, start: bytes) -> None:
    for name in ("BTC.csv", "BTC.parquet", "BTC.feather"):
        refusal(start + content, name)
        source = UploadedFiles({name: start + content})
        assert source.symbols() in ((), ("BTC",)) or name == "BTC.csv"


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    options=st.builds(
        ReadOptions,
        price_column=st.sampled_from([None, "close", "BTC", ""]),
        date_order=st.sampled_from([None, "day_first", "month_first"]),
    ),
)
def test_any_table_of_odd_cells(rows: list[list[str]], separator: str, options: ReadOptions) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    error = refusal(text.encode(), options=options)
    assert error is None or (error.problem and error.allowed and error.remedy.endswith("."))


@settings(max_examples=200, deadline=None)
@given(
    cells=st.lists(CELLS | st.floats(1e-9, 1e9).map(repr), min_size=1, max_size=6),
    heading=st.sampled_from(["date,close", "time,close", "timestamp,BTC", "date,Close,Volume"]),
)
def test_prices_are_never_other_than_written(cells: list[str], heading: str) -> None:
    plain = [cell for cell in cells if '"' not in cell and "," not in cell and "\ufeff" not in cell]
    extra = ",1" * heading.count(",Volume")
    rows = [f"2024-01-{day:02d},{cell}{extra}" for day, cell in enumerate(plain, 1)]
    try:
        (history,) = read("\n".join([heading, *rows]).encode()).values()
    except DataError:
        return
    written = {}
    for day, cell in enumerate(plain, 1):
        if cell.strip().lower() not in ("", "nan"):
            written[day] = float(cell.replace("$", ""))
    assert {stamp.day: price for stamp, price in history.prices.items()} == written


PRICES = st.lists(
    st.decimals(min_value=Decimal("1e-8"), max_value=Decimal("1e8"), places=8, allow_nan=False),
    min_size=2,
    max_size=40,
)


def grouped(number: Decimal, thousands: str, mark: str) -> str:
    return f"{number:,.8f}".replace(",", "\0").replace(".", mark).replace("\0", thousands)


def clock(stamp: pd.Timestamp, form: str) -> str:
    if form in ("s", "ms", "us", "ns"):
        return str(stamp.value // {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[form])
    if form == "offset":
        return stamp.tz_convert("Asia/Kolkata").isoformat()
    return stamp.strftime(form)


@settings(max_examples=150, deadline=None)
@given(
    values=PRICES,
    start=st.datetimes(pd.Timestamp("1975-01-01"), pd.Timestamp("2100-01-01")).map(pd.Timestamp),
    freq=st.sampled_from(["D", "h"]),
    form=st.sampled_from(
        ["s", "ms", "us", "ns", "offset", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S+0000",
         "%d %b %Y %H:%M:%S", "%b %d, %Y %I:%M %p"]),
    separator=st.sampled_from([";", "\t", "|", ","]),
    thousands=st.sampled_from(["", ",", ".", " ", "'", "\u00a0"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip
def test_every_dialect_round_trips(
    *,
    values: list[Decimal],
    start: pd.Timestamp,
    freq: str,
    form: str,
    separator: str,
    thousands: str,
    encoding: str,
    end: str,
) -> None:
    mark = "," if thousands == "." else "."
    stamps = pd.date_range(start.floor("D"), periods=len(values), freq=freq, tz="UTC").as_unit("ns")
    quote = '"' if separator == "," else ""
    rows = [
        f"{quote}{clock(stamp, form)}{quote}{separator}{quote}{grouped(value, thousands, mark)}{quote}"
        for stamp, value in zip(stamps, values, strict=True)
    ]
    content = end.join([f"time{separator}close", *rows, ""]).encode(encoding)
    (history,) = read(content).values()
    assert history.prices.tolist() == [float(value) for value in values]
    assert history.prices.index.tolist() == stamps.tolist()
    assert history.interval == ("daily" if freq == "D" else "hourly")


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.floats(SMALLEST_PRICE, LARGEST_PRICE), min_size=2, max_size=30),
    order=st.sampled_from(["day_first", "month_first"]),
    chosen=st.booleans(),
)
def test_dates_in_both_orders_round_trip_when_they_decide(
    values: list[float], order: str, chosen: bool
) -> None:
    stamps = pd.date_range("2024-01-12", periods=len(values), freq="D", tz="UTC")  # contains a 13th
    form = "%d/%m/%Y" if order == "day_first" else "%m/%d/%Y"
    rows = [f"{stamp.strftime(form)},{value!r}" for stamp, value in zip(stamps, values, strict=True)]
    options = ReadOptions(date_order=order if chosen else None)
    (history,) = read("\n".join(["Date,Close", *rows]).encode(), options=options).values()
    assert history.prices.tolist() == values
    assert history.prices.index.tolist() == stamps.tolist()


@pytest.mark.parametrize("kind", ["parquet", "feather"])
@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.floats(SMALLEST_PRICE, LARGEST_PRICE) | st.just(math.nan), min_size=2, max_size=30),
    freq=st.sampled_from(["D", "h"]),
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_columnar_files_round_trip(kind: str, values: list[float], freq: str, unit: str) -> None:
    stamps = pd.date_range("2024-01-01", periods=len(values), freq=freq, tz="UTC").as_unit(unit)
    frame = pd.DataFrame({"date": stamps, "close": values})
    sink = io.BytesIO()
    writer = {"parquet": frame.to_parquet, "feather": frame.to_feather}[kind]
    writer(sink)
    if frame["close"].isna().all():
        with pytest.raises(DataError):
            read(sink.getvalue(), f"BTC.{kind}")
        return
    (history,) = read(sink.getvalue(), f"BTC.{kind}").values()
    kept = frame.dropna()
    assert history.prices.tolist() == kept["close"].tolist()
    assert history.prices.index.tolist() == kept["date"].tolist()


@settings(max_examples=60, deadline=None)
@given(
    place=st.integers(0, 10_000),
    noise=st.binary(min_size=1, max_size=8),
    kind=st.sampled_from(["pq", "arrow"]),
)
def test_damaged_columnar_files(place: int, noise: bytes, kind: str) -> None:
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=50, tz="UTC"), "close": range(1, 51)})
    sink = io.BytesIO()
    frame.to_parquet(sink) if kind == "pq" else frame.to_feather(sink)
    content = bytearray(sink.getvalue())
    at = place % len(content)
    content[at : at + len(noise)] = noise
    refusal(bytes(content), f"BTC.{'parquet' if kind == 'pq' else 'feather'}")


def test_the_writers_used_here_are_the_readers_of_others() -> None:
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=2, tz="UTC"), "close": [1.0, 2.0]})
    parquet, arrow = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_feather(arrow)
    assert pq.read_table(parquet).num_rows == feather.read_table(arrow).num_rows == 2
