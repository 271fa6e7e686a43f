"""What goes wrong with exchanges, through the real client, and what is left of it: nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email.utils import format_datetime

import pandas as pd
import pytest

from data import errors
from data.exchanges import USUAL_EXCHANGES, ExchangePages, Patience
from data.exchanges.wire import BASE_URL_VARIABLE
from tests.fakes.exchange_formats import DAY, HOUR, stamp
from tests.fakes.exchange_server import ExchangeServer, Fault
from tests.test_data.exchange_examples import (
    CANDLES,
    CHARGES,
    LABELS,
    NOW,
    SOL,
    SteppedClock,
    exchange_of,
    expected_closes,
    fetched,
    key_of,
    listing_of,
    wait_for_workers,
    with_listing,
)
from tests.test_data.yahoo_examples import OWN_TIME_OUT_SECONDS, closed_port

Saw = Callable[[object], None]

each_exchange = pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)

START = pd.Timestamp("2024-06-01", tz="UTC")


def is_whole(page: pd.DataFrame, server: ExchangeServer, start: pd.Timestamp | None = START) -> bool:
    expected = expected_closes(listing_of(server), "daily", start=start)
    pd.testing.assert_series_equal(page["close"], expected, check_freq=False)
    return True


def failed(exchange_id: str, *, patience: Patience | None = None) -> errors.DataError:
    """What a fetch ends with."""
    with pytest.raises(errors.DataError) as caught:
        fetched(exchange_of(exchange_id, patience=patience), start=START)
    wait_for_workers()
    return caught.value


# Too many requests


@pytest.mark.fault(
    "exchange: 429 with Retry-After",
    saw="all prices, after the wait that the exchange asked for",
    lost="nothing",
)
@each_exchange
def test_a_limit_that_names_its_wait(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("rate limit", on=CANDLES[exchange_id], times=2, retry_after="7"))
    stepped = SteppedClock()
    assert is_whole(fetched(exchange_of(exchange_id, stepped), start=START), exchanges)
    assert stepped.waits == [7.0, 7.0]
    saw("all prices, after the wait that the exchange asked for")


@each_exchange
def test_a_wait_may_be_named_as_a_date(exchanges: ExchangeServer, exchange_id: str) -> None:
    until = format_datetime((pd.Timestamp.now("UTC") + pd.Timedelta(seconds=40)).to_pydatetime(), usegmt=True)
    exchanges.faults.append(Fault("rate limit", on=CANDLES[exchange_id], times=1, retry_after=until))
    stepped = SteppedClock()
    assert is_whole(fetched(exchange_of(exchange_id, stepped), start=START), exchanges)
    assert len(stepped.waits) == 1
    assert 30 <= stepped.waits[0] <= 41


@pytest.mark.fault(
    "exchange: 429 without Retry-After", saw="all prices, after waits that double", lost="nothing"
)
@each_exchange
def test_a_limit_that_names_no_wait(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("rate limit", on=CANDLES[exchange_id], times=4))
    stepped = SteppedClock()
    assert is_whole(fetched(exchange_of(exchange_id, stepped), start=START), exchanges)
    assert stepped.waits == [0.5, 1.0, 2.0, 4.0]
    saw("all prices, after waits that double")


def test_waits_are_spread_by_chance(exchanges: ExchangeServer) -> None:
    from data.exchanges import Exchange

    exchanges.faults.append(Fault("rate limit", on="/klines", times=2))
    stepped = SteppedClock()
    fetched(Exchange("binance", clock=stepped.clock(jitter=0.0)), start=START)
    assert stepped.waits == [0.25, 0.5]


@pytest.mark.fault(
    "exchange: 429 that does not end",
    saw="… has had too many requests from here and refuses to answer for a while; … "
    "Wait some minutes and try again; what was fetched so far is kept.",
    lost="nothing: the pages before it are kept, and the next download goes on behind them",
)
@each_exchange
def test_a_limit_that_does_not_end(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    with_listing(exchanges, first=stamp("2025-02-01"))
    # Days first, to find where the hours begin, then two pages of hours, then no more.
    exchange = exchange_of(exchange_id)
    pages = ExchangePages(exchange_id, exchange=exchange)
    history = pages.pages(key_of(exchange_id, interval="hourly"), start=None, now=NOW)
    kept = [next(history), next(history)]
    exchanges.faults.append(Fault("rate limit", on=CANDLES[exchange_id]))
    with pytest.raises(errors.RateLimitedError) as caught:
        next(history)
    saw(caught.value)
    exchanges.faults.clear()
    rest = fetched(exchange, interval="hourly", start=kept[-1].index[-1])
    expected = expected_closes(listing_of(exchanges), "hourly")
    pd.testing.assert_series_equal(pd.concat([*kept, rest])["close"], expected, check_freq=False)


@pytest.mark.fault(
    "exchange: banned for an hour",
    saw="… refuses to answer for a while; … Wait 3600 seconds and try again",
    lost="nothing",
)
@each_exchange
def test_a_wait_beyond_the_deadline_is_not_waited_for(
    exchanges: ExchangeServer, exchange_id: str, saw: Saw
) -> None:
    how = "banned" if exchange_id == "binance" else "rate limit"
    exchanges.faults.append(Fault(how, on=CANDLES[exchange_id], retry_after="3600"))
    stepped = SteppedClock()
    with pytest.raises(errors.RateLimitedError) as caught:
        fetched(exchange_of(exchange_id, stepped), start=START)
    assert stepped.waits == []
    saw(caught.value)


# Failures of the exchange, and answers that are none


@pytest.mark.fault("exchange: 5xx, then well again", saw="all prices", lost="nothing")
@pytest.mark.parametrize("how", ["server error", "maintenance"])
@each_exchange
def test_a_failure_that_passes(exchanges: ExchangeServer, exchange_id: str, how: str, saw: Saw) -> None:
    exchanges.faults.append(Fault(how, on=CANDLES[exchange_id], times=3, skip=1))  # type: ignore[arg-type]
    stepped = SteppedClock()
    start = pd.Timestamp("2023-01-01", tz="UTC") - pd.Timedelta(days=1)
    page = fetched(exchange_of(exchange_id, stepped), start=start if exchange_id == "okx" else None)
    assert is_whole(page, exchanges, None)
    assert stepped.waits == [0.5, 1.0, 2.0]
    saw("all prices")


@pytest.mark.fault(
    "exchange: 5xx that does not end",
    saw="… reports a failure of its own (status 503) for SOL/USDT:USDT",
    lost="nothing",
)
@each_exchange
def test_a_failure_that_does_not_pass(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("server error", on=CANDLES[exchange_id]))
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    assert exchanges.asked(CANDLES[exchange_id]) == 5
    saw(error)


@pytest.mark.fault(
    "exchange: access refused (403)", saw="… refuses to answer from here (status 403)", lost="nothing"
)
@each_exchange
def test_a_refusal_is_not_asked_again(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("forbidden", on="/"))
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    assert len(exchanges.requests) == 1
    saw(error)


@pytest.mark.fault(
    "exchange: truncated JSON, once and for good",
    saw="all prices; … gave an answer that breaks off or is no JSON for SOL/USDT:USDT",
    lost="nothing",
)
@each_exchange
def test_truncated_json(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("truncated", on=CANDLES[exchange_id], times=2))
    assert is_whole(fetched(exchange_of(exchange_id), start=START), exchanges)
    exchanges.faults = [Fault("truncated", on=CANDLES[exchange_id])]
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    saw(f"all prices; {error}")


@pytest.mark.fault(
    "exchange: cut in the middle, once and for good",
    saw="all prices; … gave an answer that breaks off in the middle for SOL/USDT:USDT",
    lost="nothing",
)
@each_exchange
def test_cut_in_the_middle(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("short body", on=CANDLES[exchange_id], times=2))
    assert is_whole(fetched(exchange_of(exchange_id), start=START), exchanges)
    exchanges.faults = [Fault("short body", on=CANDLES[exchange_id])]
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    saw(f"all prices; {error}")


@pytest.mark.fault(
    "exchange: HTML instead of JSON", saw="… gave a web page for SOL/USDT:USDT", lost="nothing"
)
@each_exchange
def test_html_instead_of_json(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    """Without the check of our own all three clients would call it a history without rows."""
    exchanges.faults.append(Fault("html", on=CANDLES[exchange_id]))
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    saw(error)


@pytest.mark.fault(
    "exchange: HTML in place of the list of markets",
    saw="… gave a web page for its list of markets",
    lost="nothing",
)
@each_exchange
def test_html_in_place_of_the_markets(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("html", on="/"))
    error = failed(exchange_id)
    assert type(error) is errors.SourceAnswerError
    saw(error)


@each_exchange
@pytest.mark.parametrize("on", ["", "candles"])
def test_json_that_is_no_answer_gives_no_prices(exchanges: ExchangeServer, exchange_id: str, on: str) -> None:
    exchanges.faults.append(Fault("nonsense", on=CANDLES[exchange_id] if on else "/"))
    with pytest.raises(errors.SourceAnswerError, match=r"gave an? .*answer"):
        fetched(exchange_of(exchange_id))


# No network


@pytest.mark.fault(
    "exchange: connection refused", saw="… cannot be reached from this machine", lost="nothing"
)
@each_exchange
def test_connection_refused(exchange_id: str, monkeypatch: pytest.MonkeyPatch, saw: Saw) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, f"http://127.0.0.1:{closed_port()}")
    stepped = SteppedClock()
    with pytest.raises(errors.NoNetworkError) as caught:
        fetched(exchange_of(exchange_id, stepped), start=START)
    assert stepped.waits == [], "whoever is offline hears it at once"
    saw(caught.value)


@pytest.mark.fault("exchange: DNS failure", saw="… cannot be reached from this machine", lost="nothing")
@each_exchange
def test_dns_failure(exchange_id: str, monkeypatch: pytest.MonkeyPatch, saw: Saw) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.delenv(BASE_URL_VARIABLE)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(errors.NoNetworkError) as caught:
        fetched(exchange_of(exchange_id), start=START)
    saw(caught.value)


@pytest.mark.fault("exchange: connection lost in the middle of a download", saw="all prices", lost="nothing")
@each_exchange
def test_a_connection_lost_for_a_moment(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("hang up", on=CANDLES[exchange_id], times=3))
    assert is_whole(fetched(exchange_of(exchange_id), start=START), exchanges)
    saw("all prices")


@pytest.mark.fault(
    "exchange: accepts and never answers",
    saw="… did not answer in time for SOL/USDT:USDT",
    lost="nothing",
)
@each_exchange
def test_accept_and_never_answer(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("silent", on=CANDLES[exchange_id]))
    began = time.monotonic()
    error = failed(exchange_id, patience=Patience(request_seconds=0.3, attempts=2))
    assert type(error) is errors.DeadlineError
    assert time.monotonic() - began < OWN_TIME_OUT_SECONDS
    saw(error)


@pytest.mark.fault(
    "exchange: answers one byte at a time",
    saw="… did not answer in time for SOL/USDT:USDT",
    lost="nothing",
)
def test_drip(exchanges: ExchangeServer, saw: Saw) -> None:
    """No time-out of a socket ends this one: a byte always comes in time."""
    exchanges.faults.append(Fault("drip", on="/klines"))
    began = time.monotonic()
    with pytest.raises(errors.DeadlineError) as caught:
        fetched(exchange_of("binance", patience=Patience(request_seconds=0.3, attempts=2)), start=START)
    assert time.monotonic() - began < OWN_TIME_OUT_SECONDS
    saw(caught.value)
    # The same exchange answers others while the worker is still being fed.
    exchanges.faults.clear()
    assert is_whole(fetched(exchange_of("binance"), start=START), exchanges)


def test_a_call_ends_with_its_total_whatever_each_request_takes(exchanges: ExchangeServer) -> None:
    exchanges.faults.append(Fault("server error", on="/klines"))
    stepped = SteppedClock()
    exchange = exchange_of("binance", stepped, patience=Patience(attempts=1000, longest_wait_seconds=8))
    pages = ExchangePages("binance", exchange=exchange, total_seconds=60.0)
    with pytest.raises(errors.SourceAnswerError):
        list(pages.pages(key_of("binance"), start=START, now=NOW))
    assert 50 < sum(stepped.waits) < 60


# Rows


@pytest.mark.fault("exchange: candles out of order", saw="all prices, in order", lost="nothing")
@each_exchange
def test_candles_out_of_order(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("shuffled", on=CANDLES[exchange_id]))
    assert is_whole(fetched(exchange_of(exchange_id), start=START), exchanges)
    saw("all prices, in order")


@pytest.mark.fault("exchange: overlapping pages", saw="all prices, each once", lost="nothing")
@pytest.mark.parametrize("how", ["early rows too", "repeated"])
@each_exchange
def test_overlapping_pages(exchanges: ExchangeServer, exchange_id: str, how: str, saw: Saw) -> None:
    with_listing(exchanges, first=stamp("2025-02-01"))
    exchanges.faults.append(Fault(how, on=CANDLES[exchange_id]))  # type: ignore[arg-type]
    page = fetched(exchange_of(exchange_id), interval="hourly")
    expected = expected_closes(listing_of(exchanges), "hourly")
    pd.testing.assert_series_equal(page["close"], expected, check_freq=False)
    saw("all prices, each once")


@pytest.mark.fault(
    "exchange: two prices for one candle",
    saw="… gave SOL/USDT:USDT two values of close for …",
    lost="nothing",
)
@each_exchange
def test_contradicting_rows(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("contradicting", on=CANDLES[exchange_id]))
    error = failed(exchange_id)
    assert type(error) is errors.ConflictingRowsError
    assert "777.77" in str(error)
    saw(error)


@pytest.mark.fault(
    "exchange: a candle that changes between two pages",
    saw="… gave SOL/USDT:USDT two values of close for …",
    lost="nothing: the pages before it are kept",
)
@each_exchange
def test_a_price_that_changes_between_pages(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    with_listing(exchanges, first=stamp("2025-02-01"))
    pages = ExchangePages(exchange_id, exchange=exchange_of(exchange_id))
    history = pages.pages(key_of(exchange_id, interval="hourly"), start=None, now=NOW)
    last = next(history).index[-1]
    with_listing(exchanges, changed={int(last.value // 1_000_000): "123.45"})
    with pytest.raises(errors.ConflictingRowsError) as caught:
        next(history)
    saw(caught.value)


@pytest.mark.fault(
    "exchange: the same page again and again",
    saw="… gave rows of another time than asked for, … and later, for SOL/USDT:USDT",
    lost="nothing: the pages before it are kept",
)
@each_exchange
def test_the_same_page_again(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    """A cache in front of the exchange that forgets what was asked: no endless loop, and no hole."""
    with_listing(exchanges, first=stamp("2025-02-01"))
    exchanges.faults.append(Fault("same page", on=CANDLES[exchange_id]))
    exchange = exchange_of(exchange_id)
    start = pd.Timestamp("2025-02-01", tz="UTC")
    pages = ExchangePages(exchange_id, exchange=exchange)
    history = pages.pages(key_of(exchange_id, interval="hourly"), start=start, now=NOW)
    assert len(next(history)) >= 299
    asked = len(exchanges.requests)
    with pytest.raises(errors.SourceAnswerError) as caught:
        next(history)
    assert len(exchanges.requests) - asked <= 4
    saw(caught.value)


@each_exchange
def test_a_stale_copy_is_not_taken_for_the_present(exchanges: ExchangeServer, exchange_id: str) -> None:
    """Going on behind what is stored, only earlier rows come: that is no "nothing new"."""
    with_listing(exchanges, first=stamp("2024-02-01"))
    exchange = exchange_of(exchange_id)
    exchanges.faults.append(Fault("same page", on=CANDLES[exchange_id]))
    first = fetched(exchange, start=NOW - pd.Timedelta(days=200), now=NOW - pd.Timedelta(days=100))
    with pytest.raises(errors.SourceAnswerError, match="gave rows of another time than asked for"):
        fetched(exchange, start=first.index[-1])


@pytest.mark.fault(
    "exchange: empty answers without end",
    saw="… lists SOL/USDT:USDT and has no prices of it yet",
    lost="nothing",
)
@each_exchange
def test_empty_answers_end(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("empty", on=CANDLES[exchange_id]))
    with pytest.raises(errors.NoDataInRangeError) as caught:
        fetched(exchange_of(exchange_id))
    assert exchanges.asked(CANDLES[exchange_id]) <= 12
    saw(caught.value)


@pytest.mark.fault(
    "exchange: a candle still open", saw="all prices up to the last finished bar", lost="nothing"
)
@pytest.mark.parametrize("interval", ["daily", "hourly"])
@each_exchange
def test_a_candle_still_open(exchanges: ExchangeServer, exchange_id: str, interval: str, saw: Saw) -> None:
    start = NOW - pd.Timedelta(days=3)
    page = fetched(exchange_of(exchange_id), interval=interval, start=start)  # type: ignore[arg-type]
    length = DAY if interval == "daily" else HOUR
    assert page.index[-1] + pd.Timedelta(length, "ms") <= NOW
    assert page.index[-1] + 2 * pd.Timedelta(length, "ms") > NOW
    assert page["close"].max() < 9999.0, "the open bar would be 9999.99"
    saw("all prices up to the last finished bar")


# Clocks


@pytest.mark.fault(
    "exchange: its clock is behind ours by minutes",
    saw="the clock of this machine is 9 minutes ahead of …; bars count as finished by the earlier one",
    lost="nothing",
)
@each_exchange
def test_our_clock_is_ahead(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    """Here it is 13:05 and the bar of 12:00 looks finished; there it is 12:56 and it is open."""
    ours = pd.Timestamp("2025-07-10 13:05", tz="UTC")
    exchanges.world.now = int((ours - pd.Timedelta(minutes=9)).value // 1_000_000)
    said: list[str] = []
    start = ours - pd.Timedelta(days=2)
    page = fetched(exchange_of(exchange_id), interval="hourly", start=start, now=ours, said=said)
    assert page.index[-1] == pd.Timestamp("2025-07-10 11:00", tz="UTC")
    assert page["close"].max() < 9999.0
    saw(" ".join(said))


@pytest.mark.fault(
    "exchange: its clock is ahead of ours by minutes",
    saw="the clock of this machine is 9 minutes behind …; bars count as finished by the earlier one",
    lost="nothing",
)
@each_exchange
def test_our_clock_is_behind(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    ours = pd.Timestamp("2025-07-10 12:55", tz="UTC")
    exchanges.world.now = int((ours + pd.Timedelta(minutes=9)).value // 1_000_000)
    said: list[str] = []
    start = ours - pd.Timedelta(days=2)
    page = fetched(exchange_of(exchange_id), interval="hourly", start=start, now=ours, said=said)
    assert page.index[-1] == pd.Timestamp("2025-07-10 11:00", tz="UTC")
    saw(" ".join(said))


@pytest.mark.fault(
    "exchange: our clock is hours ahead",
    saw="the clock of this machine is 5.0 hours ahead of …; … Set the clock of this machine.",
    lost="nothing: unfinished bars are not taken for finished ones",
)
@each_exchange
def test_our_clock_is_wrong(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    with pytest.raises(errors.ChangeInputError) as caught:
        fetched(exchange_of(exchange_id), now=NOW + pd.Timedelta(hours=5))
    saw(caught.value)


# Symbols that are gone


@pytest.mark.fault(
    "exchange: delisted symbol, still listed",
    saw="… no longer trades SOL/USDT:USDT; it ends on 2025-03-01",
    lost="nothing: its history is there to its last day",
)
@each_exchange
def test_a_delisted_symbol_that_is_still_listed(
    exchanges: ExchangeServer, exchange_id: str, saw: Saw
) -> None:
    listing = with_listing(exchanges, delisted=stamp("2025-03-01"), trading=False)
    said: list[str] = []
    page = fetched(exchange_of(exchange_id), start=START, said=said)
    expected = expected_closes(listing, "daily", start=START)
    pd.testing.assert_series_equal(page["close"], expected, check_freq=False)
    saw(" ".join(said))


@pytest.mark.fault(
    "exchange: halted symbol",
    saw="SOL/USDT:USDT ends on 2025-03-01 00:00 UTC at …: it may be halted or delisted",
    lost="nothing",
)
@each_exchange
def test_a_halted_symbol(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    with_listing(exchanges, delisted=stamp("2025-03-01"))
    said: list[str] = []
    fetched(exchange_of(exchange_id), start=START, said=said)
    saw(" ".join(said))


@pytest.mark.fault(
    "exchange: delisted symbol, off the list",
    saw="… does not list 'LUNA/USDT:USDT'; … what the exchange has taken off its list cannot be fetched",
    lost="nothing: what is stored of it stays",
)
@each_exchange
def test_a_delisted_symbol_off_the_list(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    with pytest.raises(errors.UnknownSymbolError) as caught:
        fetched(exchange_of(exchange_id), "LUNA/USDT:USDT")
    saw(caught.value)


@pytest.mark.fault(
    "exchange: symbol taken off between list and request",
    saw="… does not know SOL/USDT:USDT, or no longer",
    lost="nothing",
)
@each_exchange
def test_a_symbol_taken_off_meanwhile(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchange = exchange_of(exchange_id)
    fetched(exchange, start=START)
    exchanges.world.listings = tuple(each for each in exchanges.world.listings if each.coin != "SOL")
    with pytest.raises(errors.UnknownSymbolError) as caught:
        fetched(exchange, start=START)
    saw(caught.value)


# Funding


@pytest.mark.fault(
    "exchange: funding stamps with jitter", saw="every charge once, on its full second", lost="nothing"
)
@each_exchange
def test_funding_stamps_with_jitter(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    """As recorded: 1577923200002 for 1577923200000; and a few that come early."""
    times = range(stamp("2025-04-10"), stamp("2025-07-10"), 8 * HOUR)
    jitter = (0, 2, 13, -4, 0, 301, -1)
    charges = tuple((at + jitter[i % 7], f"{i % 11 * 1e-5:.8f}") for i, at in enumerate(times))
    with_listing(exchanges, charges=charges, first=stamp("2025-04-10"))
    exchange = exchange_of(exchange_id)
    page = fetched(exchange, interval=None)
    assert list(page.index.as_unit("ms").asi8) == list(times)
    assert list(page["rate"]) == [float(rate) for _, rate in charges]
    for row in (1, 3, 8, 10, 100):
        rest = fetched(exchange, interval=None, start=page.index[row])
        pd.testing.assert_frame_equal(rest, page.iloc[row + 1 :])
    saw("every charge once, on its full second")


@pytest.mark.fault(
    "exchange: two rates for one charge",
    saw="… gave SOL/USDT:USDT two values of funding rate for …",
    lost="nothing",
)
@each_exchange
def test_contradicting_charges(exchanges: ExchangeServer, exchange_id: str, saw: Saw) -> None:
    exchanges.faults.append(Fault("contradicting", on=CHARGES[exchange_id]))
    with pytest.raises(errors.ConflictingRowsError) as caught:
        fetched(exchange_of(exchange_id), interval=None, start=NOW - pd.Timedelta(days=30))
    saw(caught.value)


@each_exchange
def test_charges_out_of_order_and_twice(exchanges: ExchangeServer, exchange_id: str) -> None:
    whole = fetched(exchange_of(exchange_id), interval=None)
    for how in ("shuffled", "repeated", "early rows too"):
        exchanges.faults = [Fault(how, on=CHARGES[exchange_id])]  # type: ignore[list-item]
        again = fetched(exchange_of(exchange_id), interval=None)
        pd.testing.assert_frame_equal(again, whole)


@each_exchange
def test_a_failure_names_the_exchange(exchanges: ExchangeServer, exchange_id: str) -> None:
    exchanges.faults.append(Fault("server error", on=CANDLES[exchange_id]))
    error = failed(exchange_id)
    assert str(error).startswith(LABELS[exchange_id])
    assert (error.parameter, error.value) == ("source", LABELS[exchange_id])
    assert SOL in error.problem
