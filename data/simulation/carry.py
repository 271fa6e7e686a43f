"""Funding rates and spot-perpetual basis of the simulated market."""

from __future__ import annotations

import numpy as np

from data.simulation.paths import Floats, mean_reverting

HOURS_PER_FUNDING = 8
FUNDINGS_PER_YEAR = 3 * 365

TREND_HOURS = 14 * 24
# A 10 % rise of the benchmark over the trend window lifts an 8-hour rate by half a basis point.
FUNDING_PER_TREND = 0.0005
FUNDING_SPREAD = 0.00005
FUNDING_MEMORY = 21.0  # funding intervals, one week
FUNDING_LIMIT = 0.003

BASIS_MEMORY_HOURS = 6.0
BASIS_LIMIT = 0.05


def recent_trend(benchmark_returns: Floats) -> Floats:
    """Log return of the benchmark over the 14 days before each funding stamp, shape (n_stamps,).

    The stamp at hour ``8 j`` sees the bars that closed at or before it, never a later one.
    """
    log_price = np.concatenate([[0.0], np.cumsum(np.log1p(benchmark_returns))])
    stamps = np.arange(0, benchmark_returns.size, HOURS_PER_FUNDING)
    return np.asarray(log_price[stamps] - log_price[np.maximum(stamps - TREND_HOURS, 0)], dtype=np.float64)


def funding_rates(rng: np.random.Generator, *, trend: Floats, per_year: float) -> Floats:
    """Rate of each 8-hour interval as a fraction of notional; positive means that longs pay shorts."""
    wander = mean_reverting(rng, size=trend.size, memory=FUNDING_MEMORY, spread=FUNDING_SPREAD)
    rates = per_year / FUNDINGS_PER_YEAR + FUNDING_PER_TREND * trend + wander
    return np.asarray(np.round(np.clip(rates, -FUNDING_LIMIT, FUNDING_LIMIT), 8), dtype=np.float64)


def basis_series(rng: np.random.Generator, *, weather: Floats, size: float) -> Floats:
    """Perpetual/spot - 1 at each hourly close: mean-reverting, wilder when the market is.

    A Gaussian AR(1) over a chi-squared draw of each hour, which is Student-t with 5 degrees of freedom.
    """
    smooth = mean_reverting(rng, size=weather.size, memory=BASIS_MEMORY_HOURS, spread=1.0)
    tails = np.sqrt(3.0 / rng.chisquare(5.0, weather.size))
    return np.asarray(np.clip(size * smooth * tails * weather, -BASIS_LIMIT, BASIS_LIMIT), dtype=np.float64)
