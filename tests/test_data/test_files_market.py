"""Real files of exchanges and data vendors, and real broken ones."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from data.errors import AmbiguousDateError, BadPriceError, FileFormatError
from data.files import FolderSource, ReadOptions, read_prices
from data.prices import PriceHistory

pytestmark = pytest.mark.market

NOW = pd.Timestamp("2026-06-15", tz="UTC")
SHARED = Path(os.environ.get("HEDGING_SHARED_DIR", Path(__file__).parents[2].parent / "shared"))
MARKET = SHARED / "market"


@pytest.fixture(autouse=True)
def _market_is_there() -> None:
    if not MARKET.is_dir():
        pytest.skip("the market files are not beside the project")


def files(*folders: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for folder in folders for path in (MARKET / folder).glob("*.csv"))


def read(path: str, **options: str) -> PriceHistory:
    content = (MARKET / path).read_bytes()
    chosen = ReadOptions(**options)
    (history,) = read_prices(
        content, file_name=Path(path).name, options=chosen, now=NOW, source="Test"
    ).histories.values()
    return history


def rows_of(path: str) -> list[dict[str, str]]:
    with (MARKET / path).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("path", files("perp_daily"))
def test_bybit_perpetuals(path: str) -> None:
    history = read(path)
    written = {
        pd.Timestamp(int(row["timestamp"]), unit="ms", tz="UTC"): float(row["close"]) for row in rows_of(path)
    }
    assert history.symbol == Path(path).stem
    assert history.interval == "daily"
    assert dict(history.prices.items()) == written
    repeated = len(rows_of(path)) - len(written)
    assert history.notes == (("1 repeated row with the same price dropped",) if repeated else ())


@pytest.mark.parametrize("path", files("spot_daily"))
def test_yahoo_histories(path: str) -> None:
    history = read(path)
    written = {pd.Timestamp(row["Date"]).tz_convert("UTC"): float(row["Close"]) for row in rows_of(path)}
    assert (history.symbol, history.interval) == (Path(path).stem, "daily")
    assert dict(history.prices.items()) == written
    offsets = "times carry the UTC offset '-04:00', '-05:00'; kept as true UTC instants"
    assert history.notes == ((offsets,) if history.symbol in ("AAPL", "ACWI") else ())


@pytest.mark.parametrize("path", files("hourly"))
def test_binance_hours_as_text(path: str) -> None:
    history = read(path)
    written = {pd.Timestamp(row["timestamp"]): float(row["close"]) for row in rows_of(path)}
    assert (history.symbol, history.interval) == (Path(path).stem.removesuffix("_1h"), "hourly")
    assert dict(history.prices.items()) == written
    assert history.notes == ()


@pytest.mark.parametrize(
    ("name", "symbol", "rows"),
    [
        ("BTC_USDT-1h.feather", "BTC_USDT", 73_265),
        ("SOL_USDT-1h.feather", "SOL_USDT", 50_489),
        ("SOL_USDT_USDT-1h-futures.feather", "SOL_USDT_USDT-futures", 11_267),
    ],
)
def test_hours_as_feather(name: str, symbol: str, rows: int) -> None:
    history = read(f"hourly/{name}")
    with pa.ipc.open_file(MARKET / "hourly" / name) as reader:
        frame = reader.read_all().to_pandas()
    assert (history.symbol, history.interval, len(history.prices)) == (symbol, "hourly", rows)
    assert history.prices.tolist() == frame["close"].tolist()
    assert history.prices.index.tolist() == frame["date"].tolist()


def test_sanity_of_prices() -> None:
    btc, sol = read("perp_daily/BTCUSDT.csv").prices, read("perp_daily/SOLUSDT.csv").prices
    assert btc[pd.Timestamp("2021-11-09", tz="UTC")] == pytest.approx(66_900, rel=0.01)
    assert sol[pd.Timestamp("2022-11-09", tz="UTC")] < 0.5 * sol[pd.Timestamp("2022-11-05", tz="UTC")]


def test_dead_one_minute_contract_is_refused() -> None:
    with pytest.raises(
        FileFormatError, match=r"rows of 'FTTUSDT_1m_dead_contract' are usually 1 minute apart.*Resample"
    ):
        read("broken/FTTUSDT_1m_dead_contract.csv")


def test_heading_without_rows_is_refused() -> None:
    with pytest.raises(FileFormatError, match=r"the file 'header_only.csv' has a heading but no rows"):
        read("broken/header_only.csv")


def test_years_of_two_digits_and_then_zeros_are_refused() -> None:
    with pytest.raises(AmbiguousDateError, match=r"years of two digits, e.g. '01/03/17'"):
        read("broken/zeros.csv")
    with pytest.raises(BadPriceError, match=r"the price 0 at 2017-01-03 00:00 UTC and 199 more"):
        read("broken/zeros.csv", date_order="month_first")
    with pytest.raises(
        FileFormatError, match=r"day first was chosen, but row 10, '01/13/17' cannot be read so"
    ):
        read("broken/zeros.csv", date_order="day_first")


def test_file_with_holes_and_negative_prices_is_refused_month_first() -> None:
    # Row 359, written 06/05/2018: day first it would be the sixth of May.
    with pytest.raises(BadPriceError, match=r"bad has the price -266.02 at 2018-06-05 00:00 UTC and 51 more"):
        read("broken/bad.csv")


def test_unsorted_month_first_file_is_read() -> None:
    history = read("broken/mismatch.csv")
    written = {pd.to_datetime(row["Timestamp"], format="%m/%d/%Y", utc=True): float(row["Close"])
               for row in rows_of("broken/mismatch.csv")}  # fmt: skip
    assert dict(history.prices.items()) == written
    assert history.prices.index.is_monotonic_increasing
    assert history.notes == ("rows were not in order of time and have been sorted",)


def test_byte_order_mark_is_no_part_of_the_name() -> None:
    history = read("broken/penny.csv")
    assert (len(history.prices), history.prices.iloc[0], history.notes) == (533, 2.63, ())


def test_collapse_is_read_to_its_end() -> None:
    history = read("broken/LUNA1-USD_daily_collapse.csv")
    assert (history.symbol, len(history.prices)) == ("LUNA1-USD_collapse", 1_031)
    assert (history.prices.max(), history.prices.iloc[-1]) == (116.40892, 0.000112)
    assert history.notes[0].startswith("prices taken from 'Adj Close'")


def test_number_in_utc_wins_over_text_eight_hours_ahead() -> None:
    history = read("broken/SOLUSDT_1h_utc_plus8.csv")
    rows = rows_of("broken/SOLUSDT_1h_utc_plus8.csv")
    assert history.interval == "hourly"
    assert history.prices.index[0] == pd.Timestamp("2026-04-01 06:00", tz="UTC")
    assert history.prices.index.tolist() == [pd.Timestamp(row["datetime"]).tz_convert("UTC") for row in rows]
    assert history.prices.tolist() == [float(row["close"]) for row in rows]
    assert history.notes == (
        "times taken from the UTC numbers in 'timestamp'; 'datetime' is written with offset +08:00",
    )


@pytest.mark.parametrize("path", files("funding"))
def test_funding_files_are_not_taken_for_prices(path: str) -> None:
    with pytest.raises(FileFormatError, match="has no column of prices"):
        read(path)


def test_folders_list_what_they_hold() -> None:
    perpetuals = FolderSource(MARKET / "perp_daily")
    assert len(perpetuals.symbols()) == 22
    assert perpetuals.problems() == ()
    assert perpetuals.fetch("1000PEPEUSDT", interval="daily", now=NOW).source == "Files in perp_daily"
    hourly = FolderSource(MARKET / "hourly")
    assert hourly.symbols() == (
        "BTCUSDT", "BTCUSDT_USDM", "BTC_USDT", "ETHUSDT", "SOL_USDT", "SOL_USDT_USDT-futures",
    )  # fmt: skip
    assert hourly.intervals("BTC_USDT") == ("hourly",)
    assert "header_only" in FolderSource(MARKET / "broken").symbols()
