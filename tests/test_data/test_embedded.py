"""The embedded sources: validated, honest about what they are, and blind to the future."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from data import embedded
from data.embedded import IndexSource, SimulatedSource, embedded_market, simulated_perpetual
from data.errors import ChangeInputError, NoDataInRangeError, UnknownSymbolError
from data.prices import BarInterval
from data.sources import PriceSource

LATER = pd.Timestamp("2026-06-01", tz="UTC")


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_simulated_source_lists_the_benchmark_first() -> None:
    source = SimulatedSource()
    assert isinstance(source, PriceSource)
    assert source.name == "Simulated market"
    assert source.symbols()[0] == "BTC-SIM"
    assert len(source.symbols()) == 13
    assert source.symbols() == embedded_market().symbols
    assert source.intervals("SOL-SIM") == ("daily", "hourly")
    assert not source.accepts_any_symbol


def test_simulated_history_says_so_and_carries_the_truth() -> None:
    history = SimulatedSource().fetch("SOL-SIM", interval="daily", now=LATER)
    assert history.simulated
    assert history.source == "Simulated market"
    assert history.symbol == "SOL-SIM"
    assert history.notes == ()
    assert history.true_beta_benchmark == "BTC-SIM"
    assert len(history.prices) == 1826
    assert history.prices.index[0] == at("2021-01-01")
    assert history.as_of == at("2026-01-01")
    assert history.prices.index.unit == "ns"
    assert history.true_beta is not None
    np.testing.assert_array_equal(history.true_beta, embedded_market().true_beta["SOL-SIM"])
    assert history.true_beta.index.equals(history.prices.index)


def test_daily_closes_are_the_closes_of_the_last_hour() -> None:
    source = SimulatedSource()
    for symbol in source.symbols():
        daily = source.fetch(symbol, interval="daily", now=LATER).prices
        hourly = source.fetch(symbol, interval="hourly", now=LATER).prices
        assert len(hourly) == 43_824
        last_hours = hourly[hourly.index.hour == 23]
        np.testing.assert_array_equal(last_hours.index.normalize(), daily.index)
        np.testing.assert_array_equal(last_hours, daily)


def test_hourly_truth_is_constant_within_a_day() -> None:
    history = SimulatedSource().fetch("AVAX-SIM", interval="hourly", now=LATER)
    assert history.true_beta is not None
    assert history.true_beta.index.equals(history.prices.index)
    by_day = history.true_beta.groupby(history.true_beta.index.normalize())
    assert (by_day.nunique() == 1).all()
    np.testing.assert_array_equal(by_day.first(), embedded_market().true_beta["AVAX-SIM"])


def test_benchmark_has_a_beta_of_one() -> None:
    history = SimulatedSource().fetch("BTC-SIM", interval="daily", now=LATER)
    assert history.true_beta is not None
    assert (history.true_beta == 1.0).all()


@pytest.mark.parametrize(
    ("interval", "now", "last"),
    [
        ("daily", "2023-05-05 12:30", "2023-05-04"),
        ("daily", "2023-05-05 00:00", "2023-05-04"),
        ("daily", "2023-05-04 23:59", "2023-05-03"),
        ("hourly", "2023-05-05 12:30", "2023-05-05 11:00"),
        ("hourly", "2023-05-05 12:00", "2023-05-05 11:00"),
        ("hourly", "2023-05-05 11:59", "2023-05-05 10:00"),
    ],
)
def test_simulated_source_does_not_see_the_future(interval: BarInterval, now: str, last: str) -> None:
    source = SimulatedSource()
    history = source.fetch("NEAR-SIM", interval=interval, now=at(now))
    whole = source.fetch("NEAR-SIM", interval=interval, now=LATER)
    assert history.prices.index[-1] == at(last)
    assert history.as_of <= at(now)
    assert history.true_beta is not None
    assert whole.true_beta is not None
    pd.testing.assert_series_equal(history.prices, whole.prices.loc[: at(last)], check_freq=False)
    pd.testing.assert_series_equal(history.true_beta, whole.true_beta.loc[: at(last)], check_freq=False)
    assert history.notes == ()


def test_now_in_another_zone_is_the_same_instant() -> None:
    source = SimulatedSource()
    here = source.fetch("BTC-SIM", interval="hourly", now=at("2022-03-01 06:00"))
    there = source.fetch("BTC-SIM", interval="hourly", now=at("2022-03-01 06:00").tz_convert("Asia/Tokyo"))
    assert here.version == there.version


def test_before_the_first_bar_there_is_nothing() -> None:
    with pytest.raises(NoDataInRangeError, match="no finished bar at 2021-01-01 23:59"):
        SimulatedSource().fetch("BTC-SIM", interval="daily", now=at("2021-01-01 23:59"))
    assert len(SimulatedSource().fetch("BTC-SIM", interval="daily", now=at("2021-01-02")).prices) == 1
    assert len(SimulatedSource().fetch("BTC-SIM", interval="hourly", now=at("2021-01-01 01:00")).prices) == 1


@pytest.mark.parametrize("interval", ["daily", "hourly"])
def test_changing_what_was_handed_out_changes_nothing(interval: BarInterval) -> None:
    source = SimulatedSource()
    first = source.fetch("ETH-SIM", interval=interval, now=LATER)
    assert first.true_beta is not None
    first.prices.iloc[:] = 1.0
    first.true_beta.iloc[:] = 9.0
    second = source.fetch("ETH-SIM", interval=interval, now=LATER)
    assert second.prices.iloc[0] > 100.0
    assert second.true_beta is not None
    assert second.true_beta.max() < 3.0
    indices = IndexSource()
    closes = indices.fetch("SP500", interval="daily", now=LATER).prices
    closes.iloc[:] = 1.0
    assert indices.fetch("SP500", interval="daily", now=LATER).prices.iloc[-1] > 2000


@pytest.mark.parametrize("interval", ["daily", "hourly"])
def test_a_simulated_perpetual_is_its_spot_with_the_basis_and_its_charges_so_far(
    interval: BarInterval,
) -> None:
    now, market = at("2023-03-05 12:30"), embedded_market()
    spot = SimulatedSource().fetch("SOL-SIM", interval=interval, now=now).prices
    perpetual = simulated_perpetual("SOL-SIM", interval=interval, now=now)
    assert perpetual.simulated
    assert perpetual.source == "Simulated market"
    assert perpetual.prices is not None
    assert perpetual.prices.index.equals(spot.index)
    hours = 24 if interval == "daily" else 1
    ended_with = spot.index[-1] + pd.Timedelta(hours=hours - 1)  # the last hour of the last bar
    assert perpetual.prices.iloc[-1] == spot.iloc[-1] * (1 + market.basis["SOL-SIM"][ended_with])
    charges = market.funding["SOL-SIM"]
    pd.testing.assert_series_equal(
        perpetual.funding_rates, charges[charges.index <= now], check_names=False, check_freq=False
    )
    later = simulated_perpetual("SOL-SIM", interval=interval, now=now + pd.Timedelta(days=1))
    assert later.version != perpetual.version


def test_a_simulated_perpetual_that_there_is_not() -> None:
    with pytest.raises(UnknownSymbolError):
        simulated_perpetual("NONE", interval="daily", now=LATER)
    first = embedded_market().funding["BTC-SIM"].index[0]
    with pytest.raises(NoDataInRangeError):
        simulated_perpetual("BTC-SIM", interval="hourly", now=first - pd.Timedelta(minutes=1))


def test_market_is_generated_once_even_by_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    simulate = embedded.simulate_market

    def counted() -> object:
        calls.append(1)
        return simulate(days=2)

    embedded._generated.cache_clear()
    monkeypatch.setattr(embedded, "simulate_market", counted)
    try:
        with ThreadPoolExecutor(8) as pool:
            markets = list(pool.map(lambda _: embedded_market(), range(16)))
        assert len(calls) == 1
        assert all(market is markets[0] for market in markets)
    finally:
        embedded._generated.cache_clear()


@pytest.mark.parametrize(
    ("symbol", "first", "last"), [("SP500", 1228.099976, 2506.850098), ("NASDAQ", 2208.050049, 6635.279785)]
)
def test_index_series_are_real_and_five_days_a_week(symbol: str, first: float, last: float) -> None:
    history = IndexSource().fetch(symbol, interval="daily", now=LATER)
    assert history.source == "US indices (real, 1999 to 2018)"
    assert not history.simulated
    assert history.true_beta is None
    assert history.true_beta_benchmark is None
    assert len(history.prices) == 5031
    assert history.prices.index[0] == at("1999-01-04")
    assert history.prices.index[-1] == at("2018-12-31")
    assert (history.prices.index == history.prices.index.normalize()).all()
    assert history.prices.index.dayofweek.max() == 4
    assert history.prices.iloc[0] == first
    assert history.prices.iloc[-1] == last
    assert len(history.notes) == 1
    assert "5-day calendar" in history.notes[0]
    assert "arch" in history.notes[0]


def test_index_source_does_not_see_the_future() -> None:
    history = IndexSource().fetch("SP500", interval="daily", now=at("2008-09-15 15:00"))
    assert history.prices.index[-1] == at("2008-09-12")
    with pytest.raises(NoDataInRangeError):
        IndexSource().fetch("SP500", interval="daily", now=at("1999-01-04 12:00"))


@pytest.mark.parametrize("source", [SimulatedSource(), IndexSource()], ids=lambda source: source.name)
def test_unknown_symbols_and_intervals_are_refused(source: PriceSource) -> None:
    for ask in (
        lambda: source.intervals("BTC-USD"),
        lambda: source.fetch("BTC-USD", interval="daily", now=LATER),
    ):
        with pytest.raises(UnknownSymbolError) as caught:
            ask()
        assert caught.value.value == "BTC-USD"
        assert source.symbols()[0] in str(caught.value)
    with pytest.raises(ChangeInputError, match="no weekly prices"):
        source.fetch(source.symbols()[0], interval="weekly", now=LATER)


def test_index_source_has_no_hourly_prices() -> None:
    assert IndexSource().symbols() == ("SP500", "NASDAQ")
    assert IndexSource().intervals("NASDAQ") == ("daily",)
    with pytest.raises(ChangeInputError, match="no hourly prices; allowed: daily"):
        IndexSource().fetch("NASDAQ", interval="hourly", now=LATER)
