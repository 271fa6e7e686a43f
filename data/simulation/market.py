"""Puts the ingredients together: one benchmark, its assets, and what is true about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import ChangeInputError
from data.simulation import carry, paths
from data.simulation.models import (
    DEFAULT_ASSETS,
    DEFAULT_BENCHMARK,
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_START,
    AssetModel,
    BenchmarkModel,
)
from data.simulation.paths import HOURS_PER_DAY, HOURS_PER_YEAR, Floats

# No hour moves further than this, so that no asset can lose everything in one bar.
BENCHMARK_HOUR_LIMIT = 0.20
IDIOSYNCRATIC_HOUR_LIMIT = 0.35
LARGEST_HOURLY_LOSS = 0.90
# This part of the idiosyncratic variance is common to all assets: they move together beyond beta.
COMMON_IDIOSYNCRATIC_PART = 0.25


@dataclass(frozen=True, eq=False)
class SimulatedMarket:
    """A generated market and the truth about it.

    Attributes
    ----------
    seed : int
        Seed it was generated from.
    benchmark : str
        Symbol of the benchmark.
    prices : pandas.DataFrame
        Hourly closes in USD, shape (24 * days, 1 + n_assets), benchmark first, on UTC bar starts.
    true_beta : pandas.DataFrame
        Beta of every return inside a day, shape (days, 1 + n_assets), on UTC midnights; 1 for the
        benchmark.
    funding : pandas.DataFrame
        Funding rate per 8-hour interval, fraction of notional, positive when longs pay, shape
        (3 * days, 1 + n_assets), stamped at 00:00, 08:00 and 16:00 UTC.
    basis : pandas.DataFrame
        Perpetual/spot - 1 at the hourly closes, same shape and index as ``prices``.
    """

    seed: int
    benchmark: str
    prices: pd.DataFrame
    true_beta: pd.DataFrame
    funding: pd.DataFrame
    basis: pd.DataFrame

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, the benchmark first."""
        return tuple(str(symbol) for symbol in self.prices.columns)


def simulate_market(
    *,
    seed: int = DEFAULT_SEED,
    start: pd.Timestamp = DEFAULT_START,
    days: int = DEFAULT_DAYS,
    benchmark: BenchmarkModel = DEFAULT_BENCHMARK,
    assets: Sequence[AssetModel] = DEFAULT_ASSETS,
) -> SimulatedMarket:
    """Generate a market in which ``r_asset = beta_t * r_benchmark + e`` holds in every hour.

    Returns are simple, beta is constant within a UTC day, and ``e`` is independent of the
    benchmark's return. An hour moves the benchmark by at most 20 %, ``e`` by at most 35 %, and loses
    no asset more than 90 %. The same arguments always give the same numbers, and an asset's path does
    not depend on which other assets are asked for.

    Parameters
    ----------
    seed : int
        Any number of 0 or more.
    start : pandas.Timestamp
        A UTC midnight: the start of the first bar.
    days : int
        Length, at least 2.
    benchmark, assets
        What to simulate; symbols must differ.

    Returns
    -------
    SimulatedMarket

    Raises
    ------
    ChangeInputError
        One of the arguments cannot be used; the error names it.
    """
    _check_arguments(
        seed=seed, start=start, days=days, symbols=[benchmark.symbol, *(a.symbol for a in assets)]
    )
    hours = days * HOURS_PER_DAY
    weather = paths.volatility_weather(paths.generator(seed, "weather"), hours=hours)
    market = _benchmark_returns(paths.generator(seed, benchmark.symbol), benchmark, weather)
    common = paths.unit_rms(weather * paths.heavy_tailed(paths.generator(seed, "altcoins"), size=hours))

    prices = {benchmark.symbol: benchmark.start_price * np.cumprod(1.0 + market)}
    betas = {benchmark.symbol: np.ones(days)}
    for asset in assets:
        rng = paths.generator(seed, asset.symbol)
        betas[asset.symbol] = paths.beta_path(rng, asset, days=days)
        explained = np.repeat(betas[asset.symbol], HOURS_PER_DAY) * market
        own = _idiosyncratic_returns(rng, asset, weather=weather, common=common)
        returns = np.maximum(explained + own, -LARGEST_HOURLY_LOSS)
        prices[asset.symbol] = asset.start_price * np.cumprod(
            1.0 + _with_growth(returns, asset.growth_per_year)
        )

    funding, basis = _carry(seed, [benchmark, *assets], weather=weather, market=market)
    hourly = pd.date_range(start, periods=hours, freq="h", unit="ns")
    return SimulatedMarket(
        seed=seed,
        benchmark=benchmark.symbol,
        prices=pd.DataFrame(prices, index=hourly),
        true_beta=pd.DataFrame(betas, index=hourly[::HOURS_PER_DAY]),
        funding=pd.DataFrame(funding, index=hourly[:: carry.HOURS_PER_FUNDING]),
        basis=pd.DataFrame(basis, index=hourly),
    )


def _benchmark_returns(rng: np.random.Generator, model: BenchmarkModel, weather: Floats) -> Floats:
    hourly_volatility = model.volatility / np.sqrt(HOURS_PER_YEAR)
    shocks = hourly_volatility * weather * paths.heavy_tailed(rng, size=weather.size)
    shocks += paths.jumps(rng, hours=weather.size, per_year=model.jumps_per_year, size=model.jump_size)
    returns = hourly_volatility * paths.unit_rms(shocks)
    return _with_growth(np.clip(returns, -BENCHMARK_HOUR_LIMIT, BENCHMARK_HOUR_LIMIT), model.growth_per_year)


def _idiosyncratic_returns(
    rng: np.random.Generator, model: AssetModel, *, weather: Floats, common: Floats
) -> Floats:
    hours = weather.size
    hourly_volatility = model.idiosyncratic_volatility / np.sqrt(HOURS_PER_YEAR)
    own = paths.own_volatility(rng, weather) * paths.heavy_tailed(rng, size=hours)
    mixed = np.sqrt(COMMON_IDIOSYNCRATIC_PART) * common + np.sqrt(1.0 - COMMON_IDIOSYNCRATIC_PART) * own
    # The jumps come on top of the volatility asked for; they carry a few percent of the variance.
    returns = hourly_volatility * paths.unit_rms(mixed)
    if model.decoupling is not None:
        event = slice(
            model.decoupling.day * HOURS_PER_DAY,
            (model.decoupling.day + model.decoupling.days) * HOURS_PER_DAY,
        )
        returns[event] *= model.decoupling.volatility_factor
    returns += paths.jumps(rng, hours=hours, per_year=model.jumps_per_year, size=model.jump_size)
    return np.asarray(np.clip(returns, -IDIOSYNCRATIC_HOUR_LIMIT, IDIOSYNCRATIC_HOUR_LIMIT), dtype=np.float64)


def _with_growth(returns: Floats, growth_per_year: float) -> Floats:
    """The returns plus the one constant that makes the whole path grow as asked.

    Left alone, an asset with a volatility of 100 % ends anywhere between nothing and a thousandfold.
    A constant changes neither beta nor volatility. Newton's steps on sum(log(1 + r + c)) = target.
    """
    target = growth_per_year * returns.size / HOURS_PER_YEAR
    constant = 0.0
    for _ in range(6):
        grown = 1.0 + returns + constant
        constant += (target - np.log(grown).sum()) / (1.0 / grown).sum()
    return np.asarray(returns + constant, dtype=np.float64)


def _carry(
    seed: int, models: Sequence[BenchmarkModel | AssetModel], *, weather: Floats, market: Floats
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    trend = carry.recent_trend(market)
    funding: dict[str, Floats] = {}
    basis: dict[str, Floats] = {}
    for model in models:
        rng = paths.generator(seed, f"{model.symbol} carry")
        funding[model.symbol] = carry.funding_rates(rng, trend=trend, per_year=model.funding_per_year)
        basis[model.symbol] = carry.basis_series(rng, weather=weather, size=model.basis_size)
    return funding, basis


def _check_arguments(*, seed: int, start: pd.Timestamp, days: int, symbols: list[str]) -> None:
    checks: tuple[tuple[bool, str, object, str], ...] = (
        (seed >= 0, "seed", seed, "a whole number of 0 or more"),
        (days >= 2, "days", days, "a whole number of 2 or more"),
        (
            start.tzinfo is not None and start.utcoffset() == pd.Timedelta(0) and start == start.normalize(),
            "start",
            start,
            "a midnight in UTC",
        ),
        (len(set(symbols)) == len(symbols), "assets", symbols, "symbols that all differ"),
    )
    for good, parameter, value, allowed in checks:
        if not good:
            raise ChangeInputError(
                f"{parameter} of the simulated market is {value}",
                parameter=parameter,
                value=value,
                allowed=allowed,
                remedy=f"Choose another {parameter}.",
            )
