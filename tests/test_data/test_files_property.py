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
from data.files.funding import find_funding, read_funding
from data.position_lines import LARGEST_SIZE, may_be_symbol
from data.positions import ReadPositions, read_positions_file
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


# Funding files and files of positions, which have readers of their own


def check_plain(error: DataError) -> None:
    assert 0 < len(str(error)) < 1_500
    assert "\n" not in str(error)


def funding(content: bytes, name: str = "BTCUSDT_funding.csv") -> pd.Series | None:
    """Checked rates, or None for a plain refusal; any other error is the test's failure."""
    try:
        rates = read_funding(content, file_name=name, symbol="BTC-USD").funding_rates
    except DataError as error:
        return check_plain(error)
    assert len(rates) > 0
    assert (rates.abs() < 1.0).all()
    assert str(rates.index.dtype) == "datetime64[ns, UTC]"
    return rates


def positions(content: bytes, name: str = "book.csv") -> ReadPositions | None:
    """Checked positions, or None for a plain refusal; any other error is the test's failure."""
    try:
        found = read_positions_file(content, file_name=name, default_unit="usd")
    except DataError as error:
        return check_plain(error)
    for row in found.rows:
        assert may_be_symbol(row.symbol)
        assert 0 < abs(row.size) <= LARGEST_SIZE
    assert all(line.reason for line in found.unread)
    return found


ENDINGS = st.sampled_from(
    [".csv", ".tsv", ".txt", ".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".json", ""]
)
STARTS = st.sampled_from(
    [
        b"",
        b"PAR1",
        b"ARROW1\0\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"time,rate\n",
        b"symbol,size\n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(start=STARTS, content=st.binary(max_size=300), ending=ENDINGS)
def test_any_bytes_as_funding_and_as_positions(start: bytes, content: bytes, ending: str) -> None:
    funding(start + content, f"BTC_funding{ending}")
    positions(start + content, f"book{ending}")
    source = UploadedFiles({f"BTC_funding{ending}": start + content})
    try:
        find_funding(source, "BTC-USD")
    except DataError:
        return


FUNDING_CELLS = CELLS | st.sampled_from(
    ["rate", "fundingRate", "1e-4", "0.0001", "-0.00005", "0,0001", "0.01%", "1e9"]
)
POSITION_CELLS = CELLS | st.sampled_from(
    [
        "SOL",
        "size",
        "unit",
        "beta",
        "side",
        "short",
        "coins",
        "USD",
        "$1,000",
        "(5)",
        "-2",
        "@SUM(1)",
        "A;=1",
        "1e-9",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(FUNDING_CELLS, min_size=1, max_size=4), min_size=1, max_size=8),
    heading=st.sampled_from(["time,rate", "fundingTime,fundingRate,mark", "date,open", ""]),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_any_table_of_odd_cells_as_funding(rows: list[list[str]], heading: str, separator: str) -> None:
    text = "\n".join([heading.replace(",", separator), *(separator.join(row) for row in rows)])
    funding(text.encode())


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(POSITION_CELLS, min_size=1, max_size=5), min_size=1, max_size=8),
    heading=st.sampled_from(["symbol,size", "asset,quantity,value", "coin;notional", ""]),
    separator=st.sampled_from([",", ";", "\t", " "]),
)
def test_any_table_of_odd_cells_as_positions(rows: list[list[str]], heading: str, separator: str) -> None:
    text = "\n".join([heading, *(separator.join(row) for row in rows)])
    positions(text.encode())


@settings(max_examples=200, deadline=None)
@given(
    cells=st.lists(
        st.floats(-0.02, 0.02).map(repr)
        | st.sampled_from(["", "nan", "0", "-0.0", "1e-4", "+.0001", "1.5", "x"]),
        min_size=1,
        max_size=20,
    ),
    times=st.sampled_from(["ms", "iso", "jitter"]),
)
def test_rates_are_never_other_than_written(cells: list[str], times: str) -> None:
    stamps = pd.date_range("2024-01-01", periods=len(cells), freq="8h", tz="UTC")
    if times == "jitter":
        stamps += pd.to_timedelta([7 * n % 13 for n in range(len(cells))], unit="ms")
    written = [str(at.value // 10**6) if times == "ms" else at.isoformat() for at in stamps]
    rows = [f"{at},{cell}" for at, cell in zip(written, cells, strict=True)]
    rates = funding("\n".join(["fundingTime,fundingRate", *rows, ""]).encode())
    known = {at: float(cell) for at, cell in zip(stamps, cells, strict=True) if cell not in ("", "nan", "x")}
    if rates is None:
        assert "x" in cells or not known or any(abs(rate) >= 1 for rate in known.values())
    else:
        assert rates.to_dict() == known


@settings(max_examples=40, deadline=None)
@given(
    place=st.integers(0, 10_000),
    noise=st.binary(min_size=1, max_size=8),
    kind=st.sampled_from(["pq", "arrow"]),
)
def test_damaged_columnar_funding_and_positions(place: int, noise: bytes, kind: str) -> None:
    ending = ".parquet" if kind == "pq" else ".feather"
    days = pd.date_range("2024-01-01", periods=20, tz="UTC")
    for frame, read_it in (
        (pd.DataFrame({"date": days, "rate": [1e-4] * 20}), funding),
        (pd.DataFrame({"symbol": ["SOL"] * 20, "size": [1.0] * 20}), positions),
    ):
        sink = io.BytesIO()
        frame.to_parquet(sink) if kind == "pq" else frame.to_feather(sink)
        content = bytearray(sink.getvalue())
        at = place % len(content)
        content[at : at + len(noise)] = noise
        read_it(bytes(content), f"BTC_funding{ending}")


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
