"""Yahoo through the real client, against a server on this machine that answers like Yahoo."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
import requests

from data import errors
from data.yahoo import YahooSource
from data.yahoo_wire import session_for
from tests.fakes.source import FakeSource
from tests.fakes.yahoo_server import Quotes, Script, YahooServer, daily_quotes
from tests.test_data.yahoo_examples import DAYS, HOURS, NOW, OK, closed_port

pytestmark = pytest.mark.usefixtures("_yahoo_itself")


# What is answered


def test_daily_closes_have_exact_prices_and_instants(session: requests.Session) -> None:
    history = YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    assert history.symbol == "BTC-USD"
    assert history.source == "Yahoo Finance"
    assert history.interval == "daily"
    assert history.simulated is False
    assert list(history.prices) == [100.5, 101.25, 99.0, 102.0]
    expected = pd.date_range("2024-01-01", periods=4, freq="D", tz="UTC").as_unit("ns")
    pd.testing.assert_index_equal(history.prices.index, expected, check_names=False, exact=True)
    assert history.notes == ("1 unfinished bar at the end dropped",)


def test_hourly_closes_have_exact_prices_and_instants(session: requests.Session) -> None:
    history = YahooSource(session).fetch("BTC-USD", interval="hourly", now=NOW)
    assert list(history.prices) == [10.0, 11.0]
    assert list(history.prices.index) == [
        pd.Timestamp("2024-01-05 09:30", tz="UTC"),
        pd.Timestamp("2024-01-05 10:30", tz="UTC"),
    ]


def test_the_row_of_today_is_dropped_though_yahoo_stamps_it_with_the_present(
    yahoo: YahooServer, session: requests.Session
) -> None:
    live = int(pd.Timestamp("2024-01-05 11:59:07", tz="UTC").timestamp())
    yahoo.scripts["ETH-USD"] = Script(daily=Quotes((*DAYS.stamps[:4], live), (1.0, 2.0, 3.0, 4.0, 9.0)))
    history = YahooSource(session).fetch("ETH-USD", interval="daily", now=NOW)
    assert list(history.prices) == [1.0, 2.0, 3.0, 4.0]
    assert history.as_of == pd.Timestamp("2024-01-05", tz="UTC")


def test_a_stock_keeps_midnight_of_its_exchange_through_summer_time(
    yahoo: YahooServer, session: requests.Session
) -> None:
    zone = "America/New_York"
    quotes = daily_quotes([1.0, 2.0, 3.0, 4.0], first="2024-03-08", zone=zone)
    yahoo.scripts["AAPL"] = Script(daily=quotes, zone=zone, kind="EQUITY")
    history = YahooSource(session).fetch("AAPL", interval="daily", now=pd.Timestamp("2024-03-20", tz="UTC"))
    assert [f"{stamp:%m-%d %H:%M}" for stamp in history.prices.index] == [
        "03-08 05:00",
        "03-09 05:00",
        "03-10 05:00",
        "03-11 04:00",
    ]
    assert str(history.prices.index.tz) == "UTC"


def test_closes_are_adjusted_for_splits_and_dividends(yahoo: YahooServer, session: requests.Session) -> None:
    quotes = daily_quotes([200.0, 100.0], first="2024-01-01")
    yahoo.scripts["AAPL"] = Script(daily=quotes, adjusted=(98.0, 100.0), kind="EQUITY")
    history = YahooSource(session).fetch("AAPL", interval="daily", now=NOW)
    assert list(history.prices) == [98.0, 100.0]


def test_missing_closes_are_dropped_and_counted_never_filled(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["SOL-USD"] = Script(daily=daily_quotes([1.0, None, None, 4.0], first="2024-01-01"))
    history = YahooSource(session).fetch("SOL-USD", interval="daily", now=NOW)
    assert list(history.prices) == [1.0, 4.0]
    assert [stamp.day for stamp in history.prices.index] == [1, 4]
    assert history.notes == ("2 rows without a price dropped",)


@pytest.mark.parametrize(("interval", "days"), [("daily", 1826), ("hourly", 729)])
def test_one_request_asks_for_the_whole_range(
    yahoo: YahooServer, session: requests.Session, interval: Any, days: int
) -> None:
    YahooSource(session).fetch("BTC-USD", interval=interval, now=NOW)
    assert len(yahoo.requests) == 1
    assert f"period1={int((NOW - pd.Timedelta(days=days)).timestamp())}&" in yahoo.requests[0]
    assert f"period2={int(NOW.timestamp())}&" in yahoo.requests[0]


def test_history_days_shortens_both_intervals(yahoo: YahooServer, session: requests.Session) -> None:
    source = YahooSource(session, history_days=2)
    assert list(source.fetch("BTC-USD", interval="daily", now=NOW).prices) == [102.0]
    source.fetch("BTC-USD", interval="hourly", now=NOW)
    start = int((NOW - pd.Timedelta(days=2)).timestamp())
    assert all(f"period1={start}&" in path for path in yahoo.charts)


def test_now_may_be_in_any_zone(session: requests.Session) -> None:
    source = YahooSource(session)
    here = source.fetch("BTC-USD", interval="daily", now=NOW)
    there = source.fetch("BTC-USD", interval="daily", now=NOW.tz_convert("Asia/Tokyo"))
    assert here.version == there.version


def test_cookie_and_crumb_are_fetched_only_when_yahoo_insists(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["ETH-USD"] = Script("wants crumb", daily=DAYS)
    history = YahooSource(session).fetch("ETH-USD", interval="daily", now=NOW)
    assert list(history.prices) == [100.5, 101.25, 99.0, 102.0]
    assert len(yahoo.charts) == 2
    assert sum("getcrumb" in path for path in yahoo.requests) >= 1


def test_the_next_fetch_after_a_wrong_answer_asks_again(
    yahoo: YahooServer, session: requests.Session
) -> None:
    source = YahooSource(session)
    yahoo.scripts["ETH-USD"] = Script("html")
    with pytest.raises(errors.SourceAnswerError):
        source.fetch("ETH-USD", interval="daily", now=NOW)
    yahoo.scripts["ETH-USD"] = OK
    assert len(source.fetch("ETH-USD", interval="daily", now=NOW).prices) == 4


def test_fetches_at_the_same_time_do_not_mix_their_answers(
    yahoo: YahooServer, session: requests.Session
) -> None:
    for number in range(8):
        quotes = daily_quotes([1.0 + number, 2.0 + number], first="2024-01-01")
        yahoo.scripts[f"C{number}-USD"] = Script(daily=quotes)
    got: dict[int, list[float]] = {}

    def fetch(number: int) -> None:
        history = YahooSource(session).fetch(f"C{number}-USD", interval="daily", now=NOW)
        got[number] = list(history.prices)

    threads = [threading.Thread(target=fetch, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: [1.0 + number, 2.0 + number] for number in range(8)}


# What fails


def failing(script: Script, expected: type[errors.DataError], said: str, fault: str = "") -> Any:
    """A case of the test below, and where it is a fault of Yahoo's a row of docs/reliability.md."""
    marks = [pytest.mark.fault(f"Yahoo: {fault}", saw=said, lost="nothing")] if fault else []
    return pytest.param(script, expected, said, marks=marks, id=f"{script.answer} {expected.__name__}")


UNREACHED = "Yahoo Finance cannot be reached from this machine"
NO_PRICES = "Yahoo Finance knows X-USD but has no prices of it in the range asked for"
NO_TABLE = "Yahoo Finance gave an answer that cannot be read as prices for X-USD"
SCRIPTED = [
    failing(Script("empty"), errors.NoDataInRangeError, NO_PRICES, "an answer without rows"),
    failing(Script("not in range"), errors.NoDataInRangeError, NO_PRICES, "no data in the range"),
    failing(Script(hourly=HOURS), errors.NoDataInRangeError, NO_PRICES),
    failing(
        Script(daily=daily_quotes([None, None], first="2024-01-01")),
        errors.SourceAnswerError,
        "Yahoo Finance gave dates without a single price for X-USD",
        "a symbol of nothing but missing prices",
    ),
    failing(
        Script("rate limit"),
        errors.RateLimitedError,
        "Yahoo Finance has had too many requests from here and refuses to answer for a while",
        "rate limit (429)",
    ),
    failing(
        Script("not found"), errors.UnknownSymbolError, "Yahoo Finance does not know X-USD", "no symbol (404)"
    ),
    failing(Script("html"), errors.SourceAnswerError, NO_TABLE, "the page of a guest network, in HTML"),
    failing(Script("down"), errors.SourceAnswerError, NO_TABLE, 'its page "Will be right back"'),
    failing(Script("nonsense"), errors.SourceAnswerError, NO_TABLE, "JSON that is no table"),
    failing(Script("truncated", daily=DAYS), errors.SourceAnswerError, NO_TABLE, "JSON cut in the middle"),
    failing(
        Script("short body", daily=DAYS), errors.SourceAnswerError, NO_TABLE, "connection cut in an answer"
    ),
    failing(
        Script("server error"),
        errors.SourceAnswerError,
        "Yahoo Finance reports a failure of its own (status 503) for X-USD",
        "a failure of its own (503)",
    ),
    failing(
        Script("forbidden"),
        errors.SourceAnswerError,
        "Yahoo Finance refuses access (status 401) for X-USD",
        "access refused (401)",
    ),
    failing(
        Script("hang up"),
        errors.NoNetworkError,
        UNREACHED,
        "connection closed without an answer",
    ),
    failing(
        Script(daily=DAYS, currency="EUR"),
        errors.ChangeInputError,
        "X-USD is quoted in EUR, not in USD",
        "a symbol quoted in another currency",
    ),
    failing(
        Script(daily=DAYS, currency=None), errors.ChangeInputError, "X-USD is quoted in an unknown currency"
    ),
    failing(
        Script(daily=daily_quotes([1.0, -2.0], first="2024-01-01")),
        errors.BadPriceError,
        "the symbol X-USD has the price -2 at 2024-01-02 00:00 UTC",
        "a negative price",
    ),
]


@pytest.mark.parametrize(("script", "expected", "said"), SCRIPTED)
def test_each_failure_has_its_own_error(
    yahoo: YahooServer,
    session: requests.Session,
    script: Script,
    expected: type[errors.DataError],
    said: str,
) -> None:
    yahoo.scripts["X-USD"] = script
    with pytest.raises(errors.DataError) as caught:
        YahooSource(session).fetch("x-usd", interval="daily", now=NOW)
    assert type(caught.value) is expected
    assert caught.value.problem == said
    assert caught.value.remedy
    if script.answer != "ok":
        assert caught.value.__cause__ is not None


def test_a_vendor_that_swallows_the_failure_still_raises_here(
    yahoo: YahooServer, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = pd.DataFrame({"Close": pd.Series(dtype="float64")}, index=pd.DatetimeIndex([], tz="UTC"))
    monkeypatch.setattr("data.yahoo.vendor_history", lambda *_, **__: empty)
    with pytest.raises(errors.SourceAnswerError, match="gave no prices for BTC-USD"):
        YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)


def test_an_exception_nobody_has_heard_of_does_not_come_through_raw(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("data.yahoo.vendor_history", broken)
    with pytest.raises(errors.SourceAnswerError) as caught:
        YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.fault("Yahoo: connection refused", saw=UNREACHED, lost="nothing")
def test_a_refused_connection_is_no_network() -> None:
    with (
        session_for(f"http://127.0.0.1:{closed_port()}") as session,
        pytest.raises(errors.NoNetworkError) as caught,
    ):
        YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


@pytest.mark.fault("Yahoo: a dead proxy", saw=UNREACHED, lost="nothing")
def test_a_dead_proxy_is_no_network() -> None:
    with requests.Session() as session:
        session.proxies = {"https": f"http://127.0.0.1:{closed_port()}"}
        with pytest.raises(errors.NoNetworkError) as caught:
            YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    assert isinstance(caught.value.__cause__, requests.exceptions.ProxyError)


@pytest.mark.fault("Yahoo: no encrypted connection", saw=UNREACHED, lost="nothing")
def test_a_failing_encryption_is_no_network(yahoo: YahooServer) -> None:
    plain = urlsplit(yahoo.base_url).port
    with session_for(f"https://127.0.0.1:{plain}") as session:
        session.trust_env = False
        with pytest.raises(errors.NoNetworkError) as caught:
            YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    assert isinstance(caught.value.__cause__, requests.exceptions.SSLError)


# The fake source


def test_fake_source_answers_what_it_was_given(session: requests.Session) -> None:
    history = YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW)
    refused = errors.RateLimitedError("busy", parameter="symbol", value="B", allowed="less", remedy="Wait.")
    source = FakeSource({"A": history, "B": refused})
    assert source.symbols() == ("A", "B")
    assert source.intervals("A") == ("daily",)
    assert source.fetch("A", interval="daily", now=NOW) is history
    with pytest.raises(errors.RateLimitedError) as caught:
        source.fetch("B", interval="daily", now=NOW)
    assert caught.value is refused
    with pytest.raises(errors.UnknownSymbolError):
        source.fetch("C", interval="daily", now=NOW)
    with pytest.raises(errors.NoDataInRangeError):
        source.fetch("A", interval="hourly", now=NOW)
    assert source.calls == [("A", "daily"), ("B", "daily"), ("C", "daily"), ("A", "hourly")]
