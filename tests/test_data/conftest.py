"""Fakes on loopback, and what talks to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from data.exchanges.wire import BASE_URL_VARIABLE as EXCHANGE_VARIABLE
from data.yahoo_wire import BASE_URL_VARIABLE, session_for
from tests.fakes.exchange_server import ExchangeServer
from tests.fakes.yahoo_server import YahooServer
from tests.test_data.yahoo_examples import OK


@pytest.fixture
def _yahoo_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BASE_URL_VARIABLE, raising=False)


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with YahooServer({"BTC-USD": OK}) as server:
        yield server


@pytest.fixture
def session(yahoo: YahooServer) -> Iterator[requests.Session]:
    with session_for(yahoo.base_url) as opened:
        yield opened


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeServer]:
    """Binance, Bybit and OKX on this machine, and every exchange of the test sent there."""
    with ExchangeServer() as server:
        monkeypatch.setenv(EXCHANGE_VARIABLE, server.base_url)
        yield server
