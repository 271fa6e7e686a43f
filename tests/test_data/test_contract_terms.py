"""Contract terms: the shipped table, its reader, and the coin behind a symbol."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contract_terms import (
    COLUMNS,
    ORDER_TERMS,
    SAMPLE_FILE,
    Coin,
    ContractTerms,
    coin_of,
    load_contract_terms,
    terms_for_coin,
)
from data.errors import FileFormatError, UnknownSymbolError
from hedging.instruments.contracts import InverseContract, LinearContract
from hedging.instruments.sizing import size_hedge
from tests.shared_data import shared_file

# exchange, coin: contract size, step, minimum quantity, minimum notional, price step, taker, maker
STATED = {
    ("Binance", "BTC"): ("1", "0.001", "0.001", "100", "0.1", "0.0005", "0.0002"),
    ("Binance", "ETH"): ("1", "0.001", "0.001", "20", "0.01", "0.0005", "0.0002"),
    ("Binance", "SOL"): ("1", "0.01", "0.01", "5", "0.01", "0.0005", "0.0002"),
    ("Bybit", "BTC"): ("1", "0.001", "0.001", "5", "0.1", "0.00055", "0.0002"),
    ("Bybit", "ETH"): ("1", "0.01", "0.01", "5", "0.01", "0.00055", "0.0002"),
    ("Bybit", "SOL"): ("1", "0.1", "0.1", "5", "0.01", "0.00055", "0.0002"),
}
EXCHANGES = ("Binance", "Bybit", "OKX", "Deribit", "CME", "BingX", "WEEX", "MEXC")
TABLE = load_contract_terms()
VERIFIED = [row for row in TABLE if row.status == "verified"]
UNDATED_OKX = [row for row in TABLE if row.exchange == "OKX" and "undated answer" in row.provenance]


def named(row: ContractTerms) -> str:
    return f"{row.exchange} {row.symbol}"


def answer(name: str) -> Any:
    return json.loads(shared_file("market", "contracts", name).read_text())


def terms(exchange: str, coin: str) -> ContractTerms:
    return terms_for_coin(coin, exchange=exchange)


def test_every_exchange_and_coin_is_there() -> None:
    assert {row.exchange for row in TABLE} == set(EXCHANGES)
    for exchange in EXCHANGES:
        assert {row.coin for row in TABLE if row.exchange == exchange} == {"BTC", "ETH", "SOL"}
    assert {row.kind for row in TABLE} == {"linear", "inverse"}
    assert {row.expiry for row in TABLE} == {"perpetual", "weekly", "monthly", "quarterly"}


@pytest.mark.parametrize(("exchange", "coin"), STATED)
def test_values_as_stated_by_hand(exchange: str, coin: str) -> None:
    row = terms(exchange, coin)
    values = (
        row.contract_size, row.quantity_step, row.minimum_quantity, row.minimum_notional_usd,
        row.price_step, row.taker_fee, row.maker_fee,
    )  # fmt: skip
    assert values == tuple(Decimal(text) for text in STATED[exchange, coin])
    assert all(isinstance(value, Decimal) for value in values)
    assert (row.symbol, row.kind, row.settlement) == (f"{coin}USDT", "linear", "USDT")


def test_what_is_verified_and_when() -> None:
    binance, bybit = date(2025, 8, 7), date(2025, 1, 23)
    assert {(row.symbol, row.exchange): row.as_of for row in VERIFIED} == {
        **{(symbol, "Binance"): binance for symbol in ("BTCUSDT", "ETHUSDT")},
        **{(f"{coin}USD_PERP", "Binance"): binance for coin in ("BTC", "ETH", "SOL")},
        **{(f"{coin}{tail}", "Bybit"): bybit for coin in ("BTC", "ETH") for tail in ("USDT", "PERP")},
        **{(f"{coin}-DDMMMYY", "Bybit"): bybit for coin in ("BTC", "ETH")},
        **{(f"{coin}USDT-DDMMMYY", "Bybit"): bybit for coin in ("BTC", "ETH")},
    }
    fees = ("taker_fee", "maker_fee")
    assert terms("Bybit", "BTC").unverified_fields == fees
    assert terms("Binance", "SOL").unverified_fields == (
        "minimum_quantity", "minimum_notional_usd", "funding_interval_hours", *fees,
    )  # fmt: skip
    with pytest.raises(FrozenInstanceError):
        terms("Bybit", "BTC").coin = "ETH"


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_unverified_rows_name_what_is_not_known(row: ContractTerms) -> None:
    if row.status == "unverified":
        assert set(row.unverified_fields) & {*ORDER_TERMS, "as_of"}
        assert row.as_of is None
    known_fees = row.taker_fee is not None and row.maker_fee is not None
    assert known_fees == (row.exchange != "CME")
    assert ("taker_fee" in row.unverified_fields) == known_fees


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_every_row_is_a_contract_that_can_be_sized(row: ContractTerms) -> None:
    contract = row.contract()
    assert isinstance(contract, LinearContract if row.kind == "linear" else InverseContract)
    assert contract.name == row.symbol
    assert (contract.contract_size, contract.quantity_step) == (row.contract_size, row.quantity_step)
    assert (contract.minimum_quantity, contract.minimum_notional_usd) == (
        row.minimum_quantity, row.minimum_notional_usd,
    )  # fmt: skip
    assert (contract.price_step, contract.coins_per_unit) == (row.price_step, row.multiplier)
    assert (contract.taker_fee_fraction, contract.maker_fee_fraction) == (row.taker_fee, row.maker_fee)
    assert (contract.expiry, contract.funding_interval_hours) == (row.expiry, row.funding_interval_hours)
    price = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}[row.coin]
    # One contract of any of them is worth more than a few dollars and less than half a million.
    assert 1.0 <= contract.value_usd(price) <= 5e5
    assert size_hedge(1e6, 1.0, contract, price).contracts < 0


def stated_by_the_exchange(row: ContractTerms) -> list[dict[str, Any]]:
    """Every entry of the exchange's dated answer that a row is about, as the row's own terms."""
    if row.exchange == "Binance":
        name = "dapi" if row.kind == "inverse" else "fapi"
        found = answer(f"recorded/{name}_v1_exchangeInfo__0_all.json")
        day = datetime.fromtimestamp(found["serverTime"] / 1000, UTC).date()
        return [binance(item, day) for item in found["symbols"] if item["symbol"] == row.symbol]
    found = answer("bybit_instruments_info_linear_2025-01-23.json")
    day = datetime.fromtimestamp(int(found["time"]) / 1000, UTC).date()
    pattern = re.escape(row.symbol).replace("DDMMMYY", r"\d{1,2}[A-Z]{3}\d{2}")
    return [bybit(item, day) for item in found["result"]["list"] if re.fullmatch(pattern, item["symbol"])]


def binance(item: dict[str, Any], day: date) -> dict[str, Any]:
    filters: dict[str, dict[str, Any]] = {entry["filterType"]: entry for entry in item["filters"]}
    assert item["contractType"] == "PERPETUAL"
    assert filters["MARKET_LOT_SIZE"]["stepSize"] == filters["LOT_SIZE"]["stepSize"]
    return {
        "as_of": day,
        "settlement": item["marginAsset"],
        "contract_size": Decimal(item.get("contractSize", 1)),
        "quantity_step": Decimal(filters["LOT_SIZE"]["stepSize"]),
        "minimum_quantity": Decimal(filters["LOT_SIZE"]["minQty"]),
        "minimum_notional_usd": Decimal(filters.get("MIN_NOTIONAL", {"notional": "0"})["notional"]),
        "price_step": Decimal(filters["PRICE_FILTER"]["tickSize"]),
    }


def bybit(item: dict[str, Any], day: date) -> dict[str, Any]:
    perpetual = item["contractType"] == "LinearPerpetual"
    return {
        "as_of": day,
        "settlement": item["settleCoin"],
        "contract_size": Decimal(1),
        "quantity_step": Decimal(item["lotSizeFilter"]["qtyStep"]),
        "minimum_quantity": Decimal(item["lotSizeFilter"]["minOrderQty"]),
        "minimum_notional_usd": Decimal(item["lotSizeFilter"]["minNotionalValue"]),
        "price_step": Decimal(item["priceFilter"]["tickSize"]),
        "funding_interval_hours": Decimal(item["fundingInterval"]) / 60 if perpetual else None,
    }


@pytest.mark.market
@pytest.mark.parametrize("row", VERIFIED, ids=named)
def test_verified_terms_equal_the_exchange_answer(row: ContractTerms) -> None:
    entries = stated_by_the_exchange(row)
    assert entries
    for entry in entries:
        assert set(ORDER_TERMS) <= set(entry)
        for field, value in entry.items():
            assert getattr(row, field) == value, field
    if row.expiry != "perpetual":
        assert len(entries) > 1


@pytest.mark.market
@pytest.mark.parametrize("row", UNDATED_OKX, ids=named)
def test_okx_terms_equal_its_undated_answer(row: ContractTerms) -> None:
    listed = answer("recorded/okx_http_get_instruments_swap.json")["data"]
    (item,) = [entry for entry in listed if entry["instId"] == row.symbol]
    assert (item["ctType"], item["settleCcy"]) == (row.kind, row.settlement)
    assert row.contract_size == Decimal(item["ctVal"]) * Decimal(item["ctMult"])
    assert row.quantity_step == Decimal(item["lotSz"])
    assert row.minimum_quantity == Decimal(item["minSz"])
    assert row.price_step == Decimal(item["tickSz"])
    assert "as_of" in row.unverified_fields


@pytest.mark.market
def test_all_of_bybit_has_one_minimum_notional() -> None:
    listed = answer("bybit_instruments_info_linear_2025-01-23.json")["result"]["list"]
    assert len(listed) == 364
    assert {item["lotSizeFilter"]["minNotionalValue"] for item in listed} == {"5"}


@pytest.mark.market
@pytest.mark.parametrize(
    "row",
    [row for row in TABLE if row.exchange in ("Binance", "Bybit") and row.expiry == "perpetual"],
    ids=named,
)
def test_steps_equal_the_table_of_steps(row: ContractTerms) -> None:
    with shared_file("market", "contracts", "lot_and_tick_sizes.csv").open(newline="") as file:
        found = [
            line
            for line in csv.DictReader(file)
            if (line["market"], line["market_ticker"]) == (row.exchange.lower(), row.symbol)
            and line["type"] == "cryptofuture"
        ]
    if row.settlement == "USDC":
        assert not found
        return
    assert len(found) == 1
    assert row.contract_size == Decimal(found[0]["contract_multiplier"])
    assert row.quantity_step == Decimal(found[0]["lot_size"])
    assert row.price_step == Decimal(found[0]["minimum_price_variation"])
    if found[0]["minimum_order_size"]:
        assert row.minimum_quantity == Decimal(found[0]["minimum_order_size"])


def test_terms_for_coin_chooses_binance() -> None:
    assert terms_for_coin("SOL").exchange == "Binance"
    assert terms_for_coin("btc").symbol == "BTCUSDT"
    assert terms_for_coin("ETH", exchange="Bybit").exchange == "Bybit"
    assert terms_for_coin("BTC", exchange="Bybit").symbol == "BTCUSDT"
    assert terms_for_coin("SOL", kind="inverse").symbol == "SOLUSD_PERP"
    assert (
        terms_for_coin("BTC", exchange="OKX", kind="inverse", expiry="quarterly").symbol == "BTC-USD-YYMMDD"
    )
    assert terms_for_coin("ETH", exchange="CME", expiry="monthly").contract_size == 50


@pytest.mark.parametrize(("coin", "exchange"), [("PEPE", "Binance"), ("", "Binance"), ("BTC", "Nowhere")])
def test_unknown_coins_are_refused(coin: str, exchange: str) -> None:
    with pytest.raises(UnknownSymbolError) as caught:
        terms_for_coin(coin, exchange=exchange)
    assert caught.value.value == coin
    assert "BTC at Binance" in str(caught.value)


def test_a_kind_that_no_exchange_has_is_refused() -> None:
    with pytest.raises(UnknownSymbolError, match="inverse daily"):
        terms_for_coin("BTC", kind="inverse", expiry="daily")


def broken(tmp_path: Path, change: Callable[[list[list[str]]], object]) -> Path:
    with SAMPLE_FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    path = tmp_path / "terms.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("exchange", ""),
        ("exchange", " Binance"),
        ("symbol", "SOLUSDT"),  # not about the coin of the row
        ("coin", "BTC"),
        ("kind", "quanto"),
        ("settlement", ""),
        ("settlement", "ETH"),  # of a linear contract
        ("expiry", "never"),
        ("multiplier", "0"),
        ("multiplier", "1000"),  # the symbol says 1
        ("funding_interval_hours", ""),
        ("funding_interval_hours", "eight"),
        ("contract_size", "0"),
        ("contract_size", "-1"),
        ("contract_size", "0." + 40 * "0" + "1"),
        ("contract_size", "1" + 31 * "0"),
        ("quantity_step", "NaN"),
        ("quantity_step", "1e-3"),
        ("quantity_step", "0,001"),
        ("quantity_step", "1_0"),
        ("minimum_quantity", ""),
        ("minimum_quantity", "0.0015"),
        ("minimum_notional_usd", "-5"),
        ("minimum_notional_usd", "٥"),
        ("price_step", "Infinity"),
        ("taker_fee", "0.05"),  # a percentage where a fraction belongs
        ("maker_fee", "free"),
        ("as_of", "23.01.2025"),
        ("as_of", "20250123"),
        ("as_of", "2025-02-30"),
        ("provenance", ""),
        ("status", "Verified"),
        ("unverified_fields", "leverage"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(tmp_path: Path, column: str, value: str) -> None:
    def change(rows: list[list[str]]) -> None:
        rows[2][COLUMNS.index(column)] = value

    with pytest.raises(FileFormatError) as caught:
        load_contract_terms(broken(tmp_path, change))
    named = "coin" if column == "symbol" else column
    assert caught.value.parameter == named
    assert f"row 3, column {named} of terms.csv" in str(caught.value)


def test_a_dated_contract_has_no_funding_and_an_inverse_one_its_coin(tmp_path: Path) -> None:
    number = next(i for i, row in enumerate(TABLE, start=1) if row.symbol == "BTCUSD_YYMMDD")
    for column, value in (("funding_interval_hours", "8"), ("settlement", "USDT")):

        def change(rows: list[list[str]], column: str = column, value: str = value) -> None:
            rows[number][COLUMNS.index(column)] = value

        with pytest.raises(FileFormatError, match=f"row {number + 1}, column {column}"):
            load_contract_terms(broken(tmp_path, change))


def test_a_thousand_coins_in_a_unit(tmp_path: Path) -> None:
    def change(rows: list[list[str]]) -> None:
        for column, value in (("symbol", "1000PEPEUSDT"), ("coin", "PEPE"), ("multiplier", "1000")):
            rows[1][COLUMNS.index(column)] = value

    (row, *_) = load_contract_terms(broken(tmp_path, change))
    assert (row.coin, row.contract().coins_per_unit) == ("PEPE", 1000)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[2].__setitem__(COLUMNS.index("as_of"), ""),
        lambda rows: rows[2].__setitem__(COLUMNS.index("unverified_fields"), "price_step"),
    ],
    ids=["no date", "unverified term"],
)
def test_verified_means_dated_and_complete(
    tmp_path: Path, change: Callable[[list[list[str]]], object]
) -> None:
    with pytest.raises(FileFormatError, match="row 3, column status"):
        load_contract_terms(broken(tmp_path, change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[2].pop(), "row 3, column number of cells"),
        (lambda rows: rows[2].append("x"), "row 3, column number of cells"),
        (lambda rows: rows[0].reverse(), "row 1, column header"),
        (lambda rows: rows.clear(), "row 1, column header"),
        (lambda rows: rows.append(rows[1]), f"row {len(TABLE) + 2}, column symbol"),
    ],
)
def test_a_broken_table_is_refused(
    tmp_path: Path, change: Callable[[list[list[str]]], object], said: str
) -> None:
    with pytest.raises(FileFormatError, match=said):
        load_contract_terms(broken(tmp_path, change))


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"nothing\.csv cannot be read"):
        load_contract_terms(tmp_path / "nothing.csv")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(FileFormatError, match=r"binary\.csv cannot be read"):
        load_contract_terms(binary)


@pytest.mark.parametrize(
    ("symbol", "name", "units"),
    [
        ("BTC-USD", "BTC", 1),
        ("BTCUSDT", "BTC", 1),
        ("btcusdt", "BTC", 1),
        (" BTCUSDT ", "BTC", 1),
        ("BTC-SIM", "BTC", 1),
        ("BTC_USDT", "BTC", 1),
        ("BTC/USDT", "BTC", 1),
        ("BTC/USDT:USDT", "BTC", 1),
        ("BTC/USDT:USDT-241227", "BTC", 1),
        ("BTC-USDT-SWAP", "BTC", 1),
        ("BTC-PERPETUAL", "BTC", 1),
        ("BTC-26SEP25", "BTC", 1),
        ("BTCUSDT-26SEP25", "BTC", 1),
        ("BTCUSDT_241227", "BTC", 1),
        ("BTCUSDT.P", "BTC", 1),
        ("BTCUSD_PERP", "BTC", 1),
        ("BTCUSD", "BTC", 1),
        ("ETHUSDC", "ETH", 1),
        ("SOLFDUSD", "SOL", 1),
        ("BTCBUSD", "BTC", 1),
        ("ETHTUSD", "ETH", 1),
        ("BNBUSD", "BNB", 1),  # not BN in BUSD
        ("DOTUSD_PERP", "DOT", 1),  # not DO in TUSD
        ("BNBBUSD", "BNB", 1),
        ("SHIB-USD", "SHIB", 1),
        ("1000PEPEUSDT", "PEPE", 1000),
        ("1000PEPE/USDT:USDT", "PEPE", 1000),
        ("1000000MOGUSDT", "MOG", 1_000_000),
        ("10000LADYSUSDT", "LADYS", 10_000),
        ("1MBABYDOGEUSDT", "BABYDOGE", 1_000_000),
        ("SHIB1000USDT", "SHIB", 1000),
        ("1INCHUSDT", "1INCH", 1),
        ("C98USDT", "C98", 1),
        ("USDT-USD", "USDT", 1),
        ("USDTUSD", "USDT", 1),
        ("BUSDUSDT", "BUSD", 1),
        ("USDCUSDT", "USDC", 1),
        ("FDUSDUSDT", "FDUSD", 1),
        ("PYUSDUSDT", "PYUSD", 1),
        ("SUSDT", "S", 1),
        ("SUSD", "SUSD", 1),
        ("USDUSDT", "USD", 1),
        ("USDT", "USDT", 1),
        ("USD", "USD", 1),
        ("BUSD", "BUSD", 1),
        ("AAPL", "AAPL", 1),
        ("aapl", "aapl", 1),
        ("SP500", "SP500", 1),
        ("BRK-B", "BRK-B", 1),
        ("BRK.B", "BRK.B", 1),
        ("600519.SS", "600519.SS", 1),
        ("ETHBTC", "ETHBTC", 1),
        ("BTC", "BTC", 1),
        ("1000PEPE", "1000PEPE", 1),
        ("prices_241227", "prices_241227", 1),
        ("-USD", "-USD", 1),
        ("/", "/", 1),
        ("-SIM", "-SIM", 1),
    ],
)
def test_coin_of(symbol: str, name: str, units: int) -> None:
    assert coin_of(symbol) == Coin(name, units)


@pytest.mark.parametrize("symbol", ["", "   ", "\n"])
def test_a_blank_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(UnknownSymbolError):
        coin_of(symbol)


@given(st.text(alphabet=st.sampled_from("ABUSDTCFP01M-_/:. "), min_size=1, max_size=16))
def test_a_coin_is_never_empty(symbol: str) -> None:
    if not symbol.strip():
        return
    coin = coin_of(symbol)
    assert coin.name.strip()
    assert coin.units >= 1
