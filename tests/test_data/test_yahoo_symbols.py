"""What may be typed as a ticker."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from data import errors
from data.yahoo import YahooSource, checked_symbol
from tests.fakes.yahoo_server import YahooServer
from tests.test_data.yahoo_examples import NOW

pytestmark = pytest.mark.usefixtures("_yahoo_itself")


@pytest.mark.parametrize(
    ("typed", "ticker"),
    [
        ("btc-usd", "BTC-USD"),
        ("  ETH-USD\n", "ETH-USD"),
        ("^GSPC", "^GSPC"),
        ("ES=F", "ES=F"),
        ("BRK-B", "BRK-B"),
        ("000001.SS", "000001.SS"),
        ("DX-Y.NYB", "DX-Y.NYB"),
        ("A" * 20, "A" * 20),
    ],
)
def test_tickers_are_accepted_as_typed(typed: str, ticker: str) -> None:
    assert checked_symbol(typed) == ticker


HOSTILE = [
    "",
    "   ",
    "A" * 21,
    "..",
    "../../v7/finance",
    "^..",
    "-USD",
    "BTC/USD",
    "BTC USD",
    "BTC-USD\nHost: elsewhere",
    "BTC-USD?period1=0",
    "BTC-USD#",
    "BTC%2FUSD",
    "<script>alert(1)</script>",
    "BTC-USD\x00",
    "https://127.0.0.1/",
    "'; DROP TABLE prices; --",
    "ſol-usd",
    "ß-USD",
    "БТС-USD",
    "BTC–USD",
    "US0378331005",
    "us0378331005",
]


@pytest.mark.parametrize("symbol", HOSTILE)
def test_what_cannot_be_a_ticker_is_refused_before_anything_is_sent(
    yahoo: YahooServer, session: requests.Session, symbol: str
) -> None:
    with pytest.raises(errors.UnknownSymbolError, match="cannot be a ticker of Yahoo Finance") as caught:
        YahooSource(session).fetch(symbol, interval="daily", now=NOW)
    assert caught.value.value == symbol
    assert yahoo.requests == []


@given(st.text())
def test_any_text_is_a_harmless_path_or_refused(text: str) -> None:
    try:
        ticker = checked_symbol(text)
    except errors.UnknownSymbolError:
        return
    assert ticker == text.strip().upper()
    assert checked_symbol(ticker) == ticker
    prepared = requests.Request(
        "GET", f"https://query2.finance.yahoo.com/v8/finance/chart/{ticker}"
    ).prepare()
    parts = urlsplit(str(prepared.url))
    assert parts.hostname == "query2.finance.yahoo.com"
    assert parts.path == "/v8/finance/chart/" + quote(ticker, safe="=")
    assert (parts.query, parts.fragment) == ("", "")


@given(st.from_regex(r"\A\^?[A-Z0-9][A-Z0-9.=-]{0,9}\Z"), st.sampled_from(["", " ", "\t", "\n"]))
def test_plain_tickers_pass_whatever_surrounds_them(ticker: str, blank: str) -> None:
    assert checked_symbol(f"{blank}{ticker.lower()}{blank}") == ticker


def test_suggestions() -> None:
    source = YahooSource()
    assert source.symbols()[:3] == ("BTC-USD", "ETH-USD", "SOL-USD")
    assert len(set(source.symbols())) == len(source.symbols()) >= 12
    assert all(checked_symbol(symbol) == symbol for symbol in source.symbols())
    assert source.intervals("BTC-USD") == ("daily", "hourly")
    assert source.accepts_any_symbol is True
