"""Which market a typed symbol means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from data import errors
from data.exchanges import USUAL_EXCHANGES
from data.exchanges.markets import find_market, parsed_markets
from tests.fakes.exchange_server import ExchangeServer
from tests.test_data.exchange_examples import exchange_of


def market(symbol: str, native: str, **more: Any) -> tuple[str, dict[str, Any]]:
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    settle, _, expiry = settle.partition("-")
    return symbol, {
        "id": native,
        "base": base,
        "quote": quote,
        "settle": settle or None,
        "spot": not settle,
        "swap": bool(settle) and not expiry,
        "linear": settle == quote,
        "inverse": settle == base,
        "active": True,
        **more,
    }


MARKETS = parsed_markets(
    dict(
        [
            market("BTC/USDT", "BTCUSDT"),
            market("BTC/USDT:USDT", "BTCUSDT"),
            market("BTC/USDC:USDC", "BTCUSDC"),
            market("BTC/USD:BTC", "BTCUSD_PERP"),
            market("BTC/USDT:USDT-250926", "BTCUSDT_250926"),
            market("BTC/USDT:USDT-250926-100000-C", "BTC-250926-100000-C", option=True),
            market("SOL/USDT", "SOLUSDT"),
            market("SOL/USDT:USDT", "SOLUSDT"),
            market("SOL/USDC", "SOLUSDC"),
            market("ETH/BTC", "ETHBTC"),
            market("ETH/USDC", "ETHUSDC"),
            market("PEPE/USDT", "PEPEUSDT"),
            market("1000PEPE/USDT:USDT", "1000PEPEUSDT"),
            market("SHIB1000/USDT:USDT", "SHIB1000USDT"),
            market("1000000BOB/USDT:USDT", "1000000BOBUSDT"),
            market("OLD/USDT:USDT", "OLDUSDT", active=False),
            market("OLD/USDC", "OLDUSDC"),
            market("XRP/ETH:USDT", "XRPETH"),
            market("USDT/USD", "USDTUSD"),
        ]
    )
)


@pytest.mark.parametrize(
    ("typed", "symbol", "said"),
    [
        ("SOL/USDT:USDT", "SOL/USDT:USDT", None),
        ("sol/usdt:usdt", "SOL/USDT:USDT", None),
        ("SOL/USDT", "SOL/USDT", None),
        (" SOLUSDC ", "SOL/USDC", None),
        ("SOLUSDT", "SOL/USDT:USDT", "SOLUSDT was read as SOL/USDT:USDT, the perpetual in USDT"),
        ("SOL", "SOL/USDT:USDT", "SOL was read as SOL/USDT:USDT, the perpetual in USDT"),
        ("sol-usd", "SOL/USDT:USDT", "sol-usd was read as SOL/USDT:USDT, the perpetual in USDT"),
        ("SOL-USDT-SWAP", "SOL/USDT:USDT", "SOL-USDT-SWAP was read as SOL/USDT:USDT, the perpetual in USDT"),
        ("SOL-USDC", "SOL/USDC", "SOL-USDC was read as SOL/USDC, the spot pair in USDC"),
        ("BTC-PERPETUAL", "BTC/USDT:USDT", "BTC-PERPETUAL was read as BTC/USDT:USDT, the perpetual in USDT"),
        ("BTCUSDT.P", "BTC/USDT:USDT", "BTCUSDT.P was read as BTC/USDT:USDT, the perpetual in USDT"),
        ("BTC-USDC", "BTC/USDC:USDC", "BTC-USDC was read as BTC/USDC:USDC, the perpetual in USDC"),
        ("BTCUSD_PERP", "BTC/USD:BTC", None),
        ("BTCUSDT_250926", "BTC/USDT:USDT-250926", None),
        ("PEPE", "1000PEPE/USDT:USDT", "PEPE was read as 1000PEPE/USDT:USDT, the perpetual in USDT"),
        ("1000PEPEUSDT", "1000PEPE/USDT:USDT", None),
        (
            "1000PEPE-USD",
            "1000PEPE/USDT:USDT",
            "1000PEPE-USD was read as 1000PEPE/USDT:USDT, the perpetual in USDT",
        ),
        ("OLD", "OLD/USDC", "OLD was read as OLD/USDC, the spot pair in USDC"),
        ("OLDUSDT", "OLD/USDT:USDT", None),
    ],
)
def test_what_a_symbol_means(typed: str, symbol: str, said: str | None) -> None:
    found, note = find_market(typed, MARKETS, exchange="Binance")
    assert (found.symbol, note) == (symbol, said)


@pytest.mark.fault(
    "exchange: a coin that counts in thousands, spelled before or behind its name (trap 12)",
    saw="SHIB was read as SHIB1000/USDT:USDT, the perpetual in USDT",
    lost="nothing: a unit is 1,000 coins in prices and sizes",
)
def test_a_coin_per_unit_is_counted(saw: Callable[[object], None]) -> None:
    assert find_market("1000PEPEUSDT", MARKETS, exchange="Binance")[0].units == 1000
    bob, _ = find_market("BOB", MARKETS, exchange="Binance")
    assert (bob.coin, bob.units) == ("BOB", 1_000_000)
    shib, note = find_market("SHIB", MARKETS, exchange="Bybit")
    saw(note)
    assert (shib.symbol, shib.units) == ("SHIB1000/USDT:USDT", 1000)
    before = parsed_markets(dict([market("1000SHIB/USDT:USDT", "1000SHIBUSDT")]))
    same, _ = find_market("SHIB", before, exchange="Binance")
    assert (same.coin, same.units) == (shib.coin, shib.units)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("SOLL", "SOL/USDT"),
        ("SOL/EUR", "SOL/USDT"),
        ("ETH/USDT:USDT", "ETH/BTC, ETH/USDC"),
        ("BTC-FDUSD", "BTC/USDT, BTC/USDT:USDT, BTC/USDC:USDC, BTC/USD:BTC"),
        ("10000PEPEUSDT", "1000PEPE/USDT:USDT"),
        ("SOLUSDC-SWAP", "SOL/USDT, SOL/USDT:USDT"),
    ],
)
def test_an_unknown_symbol_names_the_closest(typed: str, names: str) -> None:
    with pytest.raises(errors.UnknownSymbolError) as caught:
        find_market(typed, MARKETS, exchange="Binance")
    assert caught.value.problem == f"Binance does not list {typed!r}"
    for name in names.split(", "):
        assert name in caught.value.allowed
    assert (caught.value.parameter, caught.value.value) == ("symbol", typed)


def test_a_symbol_that_means_two_markets_names_both() -> None:
    twins = parsed_markets(dict([market("UP/USDT:USDT", "UPUSDT"), market("1000UP/USDT:USDT", "1000UPUSDT")]))
    assert find_market("UP", twins, exchange="X")[0].symbol == "UP/USDT:USDT"
    same = parsed_markets(
        dict([market("100000UP/USDT:USDT", "100000UPUSDT"), market("1000UP/USDT:USDT", "1000UPUSDT")])
    )
    with pytest.raises(errors.UnknownSymbolError) as caught:
        find_market("UP", same, exchange="X")
    assert caught.value.problem == "'UP' can mean 100000UP/USDT:USDT, 1000UP/USDT:USDT at X"


@pytest.mark.parametrize(
    "typed", ["", "   ", "X" * 61, "<script>alert(1)</script>", "../../etc", "BTC\0USDT", "'"]
)
def test_hostile_symbols_are_unknown(typed: str) -> None:
    with pytest.raises(errors.UnknownSymbolError):
        find_market(typed, MARKETS, exchange="Binance")


def test_what_is_no_market_is_left_out() -> None:
    odd = {
        "A": {"id": "A", "base": None, "quote": "USDT"},
        "B": {"id": None, "base": "B", "quote": "USDT", "spot": True},
        "C": {"id": "C", "base": "C", "quote": "", "spot": True},
        "D": {"id": "D", "base": "D", "quote": "USDT"},
    }
    assert parsed_markets(odd) == ()
    assert "XRP/ETH:USDT" not in [each.symbol for each in MARKETS], "settled in a third currency"


@pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)
def test_each_exchange_is_read_in_its_own_spelling(exchanges: ExchangeServer, exchange_id: str) -> None:
    exchange = exchange_of(exchange_id)
    markets = exchange.markets(exchange.budget())
    native = {"okx": ("SOL-USDT-SWAP", "SOL-USDT", "BTC-USD-SWAP")}.get(
        exchange_id, ("SOLUSDT", "SOL/USDT", "BTCUSD_PERP" if exchange_id == "binance" else "BTCUSD")
    )
    symbols = [find_market(name, markets, exchange=exchange.label)[0].symbol for name in native]
    assert symbols == ["SOL/USDT:USDT", "SOL/USDT", "BTC/USD:BTC"]
