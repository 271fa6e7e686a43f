"""The exchanges as sources of the dashboard."""

from __future__ import annotations

import pandas as pd
import pytest

from data import errors
from data.exchanges import USUAL_EXCHANGES, ExchangeSource
from data.prices import BarInterval
from tests.fakes.exchange_formats import stamp
from tests.fakes.exchange_server import ExchangeServer, Fault
from tests.test_data.exchange_examples import (
    CANDLES,
    LABELS,
    NOW,
    exchange_of,
    expected_closes,
    listing_of,
    with_listing,
)

each_exchange = pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)


def source_of(exchange_id: str, seconds: float = 60.0) -> ExchangeSource:
    return ExchangeSource(exchange_id, exchange=exchange_of(exchange_id), deadline_seconds=seconds)


@each_exchange
@pytest.mark.parametrize("interval", ["daily", "hourly"])
def test_closes_and_what_was_said(exchanges: ExchangeServer, exchange_id: str, interval: BarInterval) -> None:
    if interval == "hourly":
        with_listing(exchanges, first=stamp("2025-05-01"))
    history = source_of(exchange_id).fetch("SOL", interval=interval, now=NOW)
    expected = expected_closes(listing_of(exchanges), interval)
    pd.testing.assert_series_equal(history.prices, expected, check_freq=False, check_names=False)
    assert (history.symbol, history.source, history.interval) == ("SOL", LABELS[exchange_id], interval)
    assert history.notes == ("SOL was read as SOL/USDT:USDT, the perpetual in USDT",)
    assert not history.simulated


@each_exchange
def test_the_list_of_markets_is_asked_for_once(exchanges: ExchangeServer, exchange_id: str) -> None:
    source = source_of(exchange_id)
    what = {"binance": "/exchangeInfo", "bybit": "/instruments-info", "okx": "/instruments"}[exchange_id]
    for symbol in source.symbols()[:1]:
        source.fetch(symbol, interval="daily", now=NOW)
    asked = exchanges.asked(what)
    source.fetch("SOL/USDT:USDT", interval="daily", now=NOW)
    assert exchanges.asked(what) == asked > 0


@each_exchange
def test_suggestions_need_no_network(exchange_id: str) -> None:
    source = ExchangeSource(exchange_id)
    assert source.symbols()[:3] == ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")
    assert source.intervals("anything") == ("daily", "hourly")
    assert source.accepts_any_symbol
    assert source.name == LABELS[exchange_id]


@each_exchange
def test_out_of_reach(exchange_id: str) -> None:
    with pytest.raises(errors.NoNetworkError, match="cannot be reached from this machine"):
        source_of(exchange_id).fetch("SOL", interval="daily", now=NOW)


@each_exchange
def test_the_deadline_is_kept(exchanges: ExchangeServer, exchange_id: str) -> None:
    exchanges.faults.append(Fault("silent", on=CANDLES[exchange_id]))
    with pytest.raises(errors.DeadlineError):
        source_of(exchange_id, seconds=0.8).fetch("SOL", interval="daily", now=NOW)


@each_exchange
def test_a_symbol_that_is_long_gone_has_nothing_of_late(exchanges: ExchangeServer, exchange_id: str) -> None:
    with_listing(exchanges, first=stamp("2018-01-01"), delisted=stamp("2018-02-01"))
    with pytest.raises(
        errors.NoDataInRangeError, match="no finished daily bar of SOL of the last 1,826 days"
    ):
        source_of(exchange_id).fetch("SOL", interval="daily", now=NOW)


def test_an_exchange_that_is_only_known_to_ccxt_has_its_name() -> None:
    assert ExchangeSource("mexc").name == "MEXC"
    assert ExchangeSource("kraken").name == "kraken"
