"""Histories through the real client, from servers with the habits of each exchange."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from data import errors
from data.exchanges import USUAL_EXCHANGES, ExchangePages
from data.prices import BarInterval
from data.series import FUNDING_COLUMNS, PRICE_COLUMNS, SeriesKey
from tests.fakes.exchange_formats import HOUR, stamp
from tests.fakes.exchange_server import ExchangeServer
from tests.test_data.exchange_examples import (
    CANDLES,
    NOW,
    SOL,
    exchange_of,
    expected_closes,
    fetched,
    key_of,
    listing_of,
    with_listing,
)

each_exchange = pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)
each_interval = pytest.mark.parametrize("interval", ["daily", "hourly"])


@each_exchange
@each_interval
def test_a_whole_history_is_every_finished_bar_once(
    exchanges: ExchangeServer, exchange_id: str, interval: BarInterval
) -> None:
    page = fetched(exchange_of(exchange_id), interval=interval)
    pd.testing.assert_series_equal(page["close"], expected_closes(listing_of(exchanges), interval))
    assert tuple(page.columns) == PRICE_COLUMNS
    assert list(page.dtypes) == [np.dtype("float64")] * 5
    assert page["volume"].eq(12.5).all()
    assert (page["high"] - page["low"]).eq(2.0).all()


@each_exchange
@pytest.mark.parametrize("symbol", ["SOL/USDT", "BTC/USD:BTC"])
def test_spot_and_inverse_are_asked_at_their_own_addresses(
    exchanges: ExchangeServer, exchange_id: str, symbol: str
) -> None:
    coin, kind = ("SOL", "spot") if symbol == "SOL/USDT" else ("BTC", "inverse")
    page = fetched(exchange_of(exchange_id), symbol)
    pd.testing.assert_series_equal(page["close"], expected_closes(listing_of(exchanges, coin, kind), "daily"))
    # Of an inverse contract the exchanges count dollars as volume; in coins it is the turnover.
    assert page["volume"].iloc[0] == {"spot": 12.5, "inverse": 12.5 if exchange_id == "okx" else 1250.0}[kind]


@each_exchange
@each_interval
def test_a_download_goes_on_behind_the_last_row(
    exchanges: ExchangeServer, exchange_id: str, interval: BarInterval
) -> None:
    exchange = exchange_of(exchange_id)
    with_listing(exchanges, first=stamp("2025-04-01" if interval == "hourly" else "2023-01-01"))
    whole = fetched(exchange, interval=interval)
    for row in (0, len(whole) // 2, len(whole) - 2):
        rest = fetched(exchange, interval=interval, start=whole.index[row])
        pd.testing.assert_frame_equal(rest, whole.iloc[row + 1 :])
    assert fetched(exchange, interval=interval, start=whole.index[-1]).empty


@each_exchange
def test_pages_come_one_by_one_and_do_not_overlap(exchanges: ExchangeServer, exchange_id: str) -> None:
    with_listing(exchanges, first=stamp("2025-02-01"))
    pages = ExchangePages(exchange_id, exchange=exchange_of(exchange_id))
    history = pages.pages(key_of(exchange_id, interval="hourly"), start=None, now=NOW)
    first = next(history)
    asked = exchanges.asked(CANDLES[exchange_id])
    rest = list(history)
    assert exchanges.asked(CANDLES[exchange_id]) > asked
    assert len(rest) >= 3
    ends = [first.index[-1], *(page.index[-1] for page in rest)]
    begins = [page.index[0] for page in rest]
    assert all(begin == end + pd.Timedelta(hours=1) for begin, end in zip(begins, ends[:-1], strict=True))
    assert str(first.index.dtype) == "datetime64[ns, UTC]"


def test_an_answer_with_fewer_rows_than_asked_for_loses_none(exchanges: ExchangeServer) -> None:
    """The newest of a span, and not all of it: the older ones are asked for."""
    exchanges.most_old_candles = 70
    page = fetched(exchange_of("okx"), start=pd.Timestamp("2023-06-01", tz="UTC"))
    listing = listing_of(exchanges)
    expected = expected_closes(listing, "daily", start=pd.Timestamp("2023-06-01", tz="UTC"))
    pd.testing.assert_series_equal(page["close"], expected)


@each_exchange
def test_holes_stay_holes_and_do_not_end_a_history(exchanges: ExchangeServer, exchange_id: str) -> None:
    hole = range(stamp("2023-03-01"), stamp("2024-11-01"), 24 * HOUR)
    short = {stamp("2025-02-03"), stamp("2025-02-04")}
    listing = with_listing(exchanges, missing=frozenset({*hole, *short}))
    page = fetched(exchange_of(exchange_id))
    pd.testing.assert_series_equal(page["close"], expected_closes(listing, "daily"))
    assert page.index.to_series().diff().max() == pd.Timedelta(days=612)


@each_exchange
def test_a_market_that_opened_today_has_hours_and_no_day(exchanges: ExchangeServer, exchange_id: str) -> None:
    listing = with_listing(exchanges, first=stamp("2025-07-10 03:00"))
    exchange = exchange_of(exchange_id)
    hours = fetched(exchange, interval="hourly")
    pd.testing.assert_series_equal(hours["close"], expected_closes(listing, "hourly"))
    assert len(hours) == 9
    with pytest.raises(errors.NoDataInRangeError, match="has no prices of it yet"):
        fetched(exchange)


@each_exchange
def test_the_bar_that_is_open_now_is_never_handed_over(exchanges: ExchangeServer, exchange_id: str) -> None:
    for now in (
        pd.Timestamp("2025-07-10 12:59:59.999", tz="UTC"),
        pd.Timestamp("2025-07-10 13:00", tz="UTC"),
    ):
        exchanges.world.now = int(now.value // 1_000_000)
        page = fetched(exchange_of(exchange_id), interval="hourly", start=NOW - pd.Timedelta(days=2), now=now)
        assert page.index[-1] == now.floor("h") - pd.Timedelta(hours=1)
        assert page["close"].max() < 9999


@each_exchange
def test_funding_is_what_was_charged(exchanges: ExchangeServer, exchange_id: str) -> None:
    charges = tuple(
        (at, f"{(at // HOUR % 19 - 9) * 1e-5:.8f}")
        for at in range(stamp("2025-01-01"), stamp("2025-07-10"), 4 * HOUR)
    )
    with_listing(exchanges, charges=charges, first=stamp("2025-01-01"))
    page = fetched(exchange_of(exchange_id), interval=None)
    reaches = NOW - pd.Timedelta(days=100) if exchange_id == "okx" else pd.Timestamp(0, tz="UTC")
    index = pd.to_datetime([at for at, _ in charges], unit="ms", utc=True).as_unit("ns")
    rates = pd.Series([float(rate) for _, rate in charges], index=index, name="rate")
    pd.testing.assert_series_equal(page["rate"], rates[rates.index >= reaches])
    assert tuple(page.columns) == FUNDING_COLUMNS
    assert page["mark"].eq(100.5).all() if exchange_id == "binance" else page["mark"].isna().all()


@each_exchange
def test_inverse_contracts_are_charged_too(exchanges: ExchangeServer, exchange_id: str) -> None:
    start = NOW - pd.Timedelta(days=40)
    page = fetched(exchange_of(exchange_id), "BTC/USD:BTC", None, start=start)
    assert list(page.index) == list(pd.date_range(start.ceil("8h"), NOW, freq="8h"))


@each_exchange
def test_hourly_charges_fill_more_answers_than_a_span_expects(
    exchanges: ExchangeServer, exchange_id: str
) -> None:
    charges = tuple((at, "0.0001") for at in range(stamp("2025-05-01"), stamp("2025-07-10"), HOUR))
    with_listing(exchanges, charges=charges, first=stamp("2025-05-01"))
    exchange = exchange_of(exchange_id)
    page = fetched(exchange, interval=None)
    assert len(page) == len(charges)
    rest = fetched(exchange, interval=None, start=page.index[700])
    pd.testing.assert_frame_equal(rest, page.iloc[701:])


def test_marks_are_there_where_binance_has_them(exchanges: ExchangeServer) -> None:
    page = fetched(exchange_of("binance"), interval=None)
    known = page["mark"].notna()
    assert page.index[known][0] == pd.Timestamp("2023-10-31", tz="UTC")
    assert known[known.idxmax() :].all()


@pytest.mark.fault(
    "exchange: volume counted in contracts of 0.01 coins (trap 12)",
    saw="the volume in coins",
    lost="nothing",
)
def test_volume_is_in_coins_where_the_exchange_counts_contracts(exchanges: ExchangeServer) -> None:
    assert listing_of(exchanges, "BTC").size == "0.01"
    page = fetched(exchange_of("okx"), "BTC/USDT:USDT")  # 1,250 contracts, 12.5 coins
    assert page["volume"].eq(12.5).all()


def test_volume_of_unknown_units_is_not_told(exchanges: ExchangeServer) -> None:
    """A contract of 0.1 coins at an exchange whose count is not known."""
    from data.exchanges.rows import Subject, candle_frame

    frame = candle_frame([[0, "1", "2", "1", "1.5", "7"]], Subject("X", "Y"), with_volume=False)
    assert math.isnan(frame["volume"].iloc[0])
    assert frame["close"].iloc[0] == 1.5


# What a request may not be


@pytest.mark.parametrize(
    "key",
    [
        SeriesKey("okx", SOL, "prices", "daily"),
        SeriesKey("binance", SOL, "prices", None),
        SeriesKey("binance", SOL, "funding", "daily"),
    ],
)
def test_a_series_of_another_kind_is_refused(key: SeriesKey) -> None:
    with pytest.raises(errors.ChangeInputError, match="was asked for the series"):
        next(ExchangePages("binance").pages(key, start=None, now=NOW))


@each_exchange
def test_only_perpetuals_have_funding(exchanges: ExchangeServer, exchange_id: str) -> None:
    with pytest.raises(errors.ChangeInputError, match="SOL/USDT has no funding: it is the spot pair in USDT"):
        fetched(exchange_of(exchange_id), "SOL/USDT", None)


@each_exchange
def test_prices_in_another_currency_are_refused(exchanges: ExchangeServer, exchange_id: str) -> None:
    with pytest.raises(errors.ChangeInputError, match="ETH/BTC is quoted in BTC, not in USD"):
        fetched(exchange_of(exchange_id), "ETH/BTC")


def test_an_unknown_exchange_is_told_from_its_neighbours() -> None:
    with pytest.raises(errors.ChangeInputError, match="there is no exchange 'binanse'") as caught:
        fetched(exchange_of("binanse"))
    assert "binance" in caught.value.allowed


def test_a_market_without_a_single_charge_says_so(exchanges: ExchangeServer) -> None:
    with_listing(exchanges, charges=())
    with pytest.raises(errors.NoDataInRangeError, match="has no funding of it yet"):
        fetched(exchange_of("bybit"), interval=None)
