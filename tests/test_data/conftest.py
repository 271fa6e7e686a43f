"""A fake Yahoo on loopback and a session that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from data.yahoo_wire import BASE_URL_VARIABLE, session_for
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
