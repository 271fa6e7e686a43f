"""Contract terms: the shipped table, its reader, and the coin behind a symbol."""

from __future__ import annotations

import csv
import json
import os
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
    SAMPLE_FILE,
    Coin,
    ContractTerms,
    coin_of,
    load_contract_terms,
    terms_for_coin,
)
from data.errors import FileFormatError, UnknownSymbolError

SHARED = Path(os.environ.get("HEDGING_SHARED_DIR", Path(__file__).parents[2].parent / "shared"))
CONTRACTS = SHARED / "market" / "contracts"

# exchange, coin: contract size, step, minimum quantity, minimum notional, price step, taker, maker
STATED = {
    ("Binance", "BTC"): ("1", "0.001", "0.001", "100", "0.1", "0.0005", "0.0002"),
    ("Binance", "ETH"): ("1", "0.001", "0.001", "20", "0.01", "0.0005", "0.0002"),
    ("Binance", "SOL"): ("1", "0.01", "0.01", "5", "0.01", "0.0005", "0.0002"),
    ("Bybit", "BTC"): ("1", "0.001", "0.001", "5", "0.1", "0.00055", "0.0002"),
    ("Bybit", "ETH"): ("1", "0.01", "0.01", "5", "0.01", "0.00055", "0.0002"),
    ("Bybit", "SOL"): ("1", "0.1", "0.1", "5", "0.01", "0.00055", "0.0002"),
}


def recorded(name: str) -> Path:
    path = CONTRACTS / name
    if not path.exists():
        pytest.skip(f"the recorded exchange answer {name} is not beside the project")
    return path


def terms(exchange: str, coin: str) -> ContractTerms:
    return terms_for_coin(coin, exchange=exchange)


def test_the_table_holds_six_contracts() -> None:
    table = load_contract_terms()
    assert [(row.exchange, row.coin) for row in table] == list(STATED)
    assert all(row.symbol == f"{row.coin}USDT" and row.kind == "linear" for row in table)


@pytest.mark.parametrize(("exchange", "coin"), STATED)
def test_values_as_stated_by_hand(exchange: str, coin: str) -> None:
    row = terms(exchange, coin)
    values = (
        row.contract_size, row.quantity_step, row.minimum_quantity, row.minimum_notional_usd,
        row.price_step, row.taker_fee, row.maker_fee,
    )  # fmt: skip
    assert values == tuple(Decimal(text) for text in STATED[exchange, coin])
    assert all(isinstance(value, Decimal) for value in values)


def test_what_is_verified_and_when() -> None:
    assert {(t.exchange, t.coin): (t.status, t.as_of) for t in load_contract_terms()} == {
        ("Binance", "BTC"): ("verified", date(2025, 8, 7)),
        ("Binance", "ETH"): ("verified", date(2025, 8, 7)),
        ("Binance", "SOL"): ("unverified", None),
        ("Bybit", "BTC"): ("verified", date(2025, 1, 23)),
        ("Bybit", "ETH"): ("verified", date(2025, 1, 23)),
        ("Bybit", "SOL"): ("unverified", None),
    }
    fees = ("taker_fee", "maker_fee")
    assert terms("Bybit", "BTC").unverified_fields == fees
    assert terms("Binance", "SOL").unverified_fields == ("minimum_quantity", "minimum_notional_usd", *fees)
    assert terms("Bybit", "SOL").unverified_fields == ("minimum_notional_usd", *fees)
    with pytest.raises(FrozenInstanceError):
        terms("Bybit", "BTC").coin = "ETH"


@pytest.mark.market
@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_binance_terms_equal_the_exchange_answer(coin: str) -> None:
    answer = json.loads(recorded("recorded/fapi_v1_exchangeInfo__0_all.json").read_text())
    contract = next(item for item in answer["symbols"] if item["symbol"] == f"{coin}USDT")
    filters: dict[str, dict[str, Any]] = {item["filterType"]: item for item in contract["filters"]}
    row = terms("Binance", coin)
    assert contract["contractType"] == "PERPETUAL"
    assert contract["marginAsset"] == "USDT"
    assert row.quantity_step == Decimal(filters["LOT_SIZE"]["stepSize"])
    assert row.quantity_step == Decimal(filters["MARKET_LOT_SIZE"]["stepSize"])
    assert row.minimum_quantity == Decimal(filters["LOT_SIZE"]["minQty"])
    assert row.minimum_notional_usd == Decimal(filters["MIN_NOTIONAL"]["notional"])
    assert row.price_step == Decimal(filters["PRICE_FILTER"]["tickSize"])
    assert row.as_of == datetime.fromtimestamp(answer["serverTime"] / 1000, UTC).date()


@pytest.mark.market
@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_bybit_terms_equal_the_exchange_answer(coin: str) -> None:
    answer = json.loads(recorded("bybit_instruments_info_linear_2025-01-23.json").read_text())
    contract = next(item for item in answer["result"]["list"] if item["symbol"] == f"{coin}USDT")
    row = terms("Bybit", coin)
    assert contract["contractType"] == "LinearPerpetual"
    assert contract["settleCoin"] == "USDT"
    assert row.quantity_step == Decimal(contract["lotSizeFilter"]["qtyStep"])
    assert row.minimum_quantity == Decimal(contract["lotSizeFilter"]["minOrderQty"])
    assert row.minimum_notional_usd == Decimal(contract["lotSizeFilter"]["minNotionalValue"])
    assert row.price_step == Decimal(contract["priceFilter"]["tickSize"])
    notionals = {item["lotSizeFilter"]["minNotionalValue"] for item in answer["result"]["list"]}
    assert notionals == {"5"}
    assert datetime.fromtimestamp(int(answer["time"]) / 1000, UTC).date() == row.as_of


@pytest.mark.market
@pytest.mark.parametrize(("exchange", "coin"), STATED)
def test_steps_equal_the_table_of_steps(exchange: str, coin: str) -> None:
    with recorded("lot_and_tick_sizes.csv").open(newline="") as file:
        found = [
            line
            for line in csv.DictReader(file)
            if line["market"] == exchange.lower()
            and line["symbol"] == f"{coin}USDT"
            and line["type"] == "cryptofuture"
        ]
    assert len(found) == 1
    row = terms(exchange, coin)
    assert row.contract_size == Decimal(found[0]["contract_multiplier"])
    assert row.quantity_step == Decimal(found[0]["lot_size"])
    assert row.price_step == Decimal(found[0]["minimum_price_variation"])
    if found[0]["minimum_order_size"]:
        assert row.minimum_quantity == Decimal(found[0]["minimum_order_size"])


def test_terms_for_coin_chooses_binance() -> None:
    assert terms_for_coin("SOL").exchange == "Binance"
    assert terms_for_coin("btc").symbol == "BTCUSDT"
    assert terms_for_coin("ETH", exchange="Bybit").exchange == "Bybit"


@pytest.mark.parametrize(("coin", "exchange"), [("PEPE", "Binance"), ("", "Binance"), ("BTC", "Nowhere")])
def test_unknown_coins_are_refused(coin: str, exchange: str) -> None:
    with pytest.raises(UnknownSymbolError) as caught:
        terms_for_coin(coin, exchange=exchange)
    assert caught.value.value == coin
    assert "BTC at Binance" in str(caught.value)


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
        ("coin", "ETH"),
        ("kind", "inverse"),
        ("contract_size", "0"),
        ("contract_size", "-1"),
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
        rows[4][COLUMNS.index(column)] = value

    with pytest.raises(FileFormatError) as caught:
        load_contract_terms(broken(tmp_path, change))
    named = "coin" if column == "symbol" else column
    assert caught.value.parameter == named
    assert f"row 5, column {named} of terms.csv" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[4].__setitem__(COLUMNS.index("as_of"), ""),
        lambda rows: rows[4].__setitem__(COLUMNS.index("unverified_fields"), "price_step"),
    ],
    ids=["no date", "unverified term"],
)
def test_verified_means_dated_and_complete(
    tmp_path: Path, change: Callable[[list[list[str]]], object]
) -> None:
    with pytest.raises(FileFormatError, match="row 5, column status"):
        load_contract_terms(broken(tmp_path, change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[2].pop(), "row 3, column number of cells"),
        (lambda rows: rows[2].append("x"), "row 3, column number of cells"),
        (lambda rows: rows[0].reverse(), "row 1, column header"),
        (lambda rows: rows.clear(), "row 1, column header"),
        (lambda rows: rows.append(rows[1]), "row 8, column symbol"),
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
