"""How likely the benchmark's path meets a price within a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_fraction,
    require_movement,
    require_number,
    require_observations,
    require_window,
)
from hedging.errors import InputError
from hedging.instruments.contracts import require_price

FEWEST_RETURNS = 30  # below that a resampled path repeats the same few days
FEWEST_REPLICATIONS = 100
MOST_DRAWS = 1_000_000_000  # minutes of work; a horizon in finer periods than needed


@dataclass(frozen=True)
class TouchProbability:
    """Probability that a price is met within a horizon.

    Attributes
    ----------
    probability : float
        Share of resampled paths that met it.
    standard_error : float
        Of the simulation, ``sqrt(p (1 - p) / n_replications)``.
    low, high : float
        Wilson interval of the simulation at ``confidence``; above 0 even when no path touched. It says
        nothing about how well the given history stands for the future.
    confidence : float
    distance_fraction : float
        Signed move from the price to the barrier.
    horizon : int
        Periods.
    block_length : float
        Mean length of a block in periods.
    n_replications, n_observations : int
    with_extremes : bool
        Whether intraperiod extremes counted; without them only closes can touch, which understates
        the probability.
    """

    probability: float
    standard_error: float
    low: float
    high: float
    confidence: float
    distance_fraction: float
    horizon: int
    block_length: float
    n_replications: int
    n_observations: int
    with_extremes: bool


def touch_probability(
    benchmark_returns: Returns,
    *,
    price_usd: float,
    barrier_usd: float,
    horizon: int,
    extreme_returns: Returns | None = None,
    n_replications: int = 10_000,
    block_length: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> TouchProbability:
    """Probability that the price meets a barrier, such as a liquidation price, within a horizon.

    Paths are drawn by the stationary bootstrap (blocks of geometric length on the circle of the given
    history), which keeps volatility clusters and fat tails. A path touches when its close, or with
    ``extreme_returns`` its intraperiod extreme, is at or beyond the barrier. One seed gives one set of
    paths: a longer horizon extends them, so the probability never falls with the horizon nor rises
    with the distance. The mean of the history, its drift, is part of the paths.

    Parameters
    ----------
    benchmark_returns : Series or array, shape (n,)
        Simple returns per period as fractions, above -1, no NaN; at least 30.
    price_usd, barrier_usd : float
        Price now, and the price to be met: above it for a short, below it for a long position.
    horizon : int
        Periods of ``benchmark_returns``.
    extreme_returns : Series or array, shape (n,), or None
        Intraperiod extreme towards the barrier over the previous close, minus 1: of the HIGH when the
        barrier is above, of the LOW when it is below.
    n_replications : int
        Paths, at least 100.
    block_length : float or None
        Mean block length in periods, 1 or more; None takes the longer of the optimal lengths for the
        returns and for their squares (the squares carry the clusters).
    confidence : float
        Of the simulation's interval.
    seed : int

    Returns
    -------
    TouchProbability
        1 with no error when the barrier is at the price.

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        A return of -1 or less, an extreme inside the period's close, fewer than 30 returns, returns
        that do not move, or more than 1e9 draws.

    References
    ----------
    Politis and Romano (1994), "The stationary bootstrap"; Patton, Politis and White (2009) for the
    block length, as ``arch`` computes it. Wilson (1927) for the interval.
    """
    price, barrier = require_price(price_usd, "price_usd"), require_price(barrier_usd, "barrier_usd")
    upwards = barrier >= price
    closes, extremes = _log_steps(benchmark_returns, extreme_returns, upwards=upwards)
    require_window(horizon, smallest=1, parameter="horizon")
    require_window(n_replications, smallest=FEWEST_REPLICATIONS, parameter="n_replications")
    require_window(seed, smallest=0, parameter="seed")
    require_fraction(confidence, "confidence")
    require_number(
        horizon * n_replications,
        "horizon",
        allowed=f"at most {MOST_DRAWS // n_replications} periods with {n_replications} paths",
        valid=lambda draws: draws <= MOST_DRAWS,
    )
    length = _block_length(closes, block_length)
    touched = _touched(
        closes,
        extremes,
        barrier=abs(math.log(barrier / price)),
        horizon=horizon,
        paths=n_replications,
        block_length=length,
        seed=seed,
    )
    low, high = _wilson(touched, n_replications, confidence)
    share = touched / n_replications
    return TouchProbability(
        probability=share,
        standard_error=math.sqrt(share * (1.0 - share) / n_replications),
        low=low,
        high=high,
        confidence=confidence,
        distance_fraction=barrier / price - 1.0,
        horizon=horizon,
        block_length=length,
        n_replications=n_replications,
        n_observations=closes.size,
        with_extremes=extreme_returns is not None,
    )


def _log_steps(
    returns: Returns, extreme_returns: Returns | None, *, upwards: bool
) -> tuple[FloatArray, FloatArray]:
    """Log returns of closes and of extremes, turned so that the barrier is above."""
    if extreme_returns is None:
        closes = finite_values(returns, "benchmark_returns")
        extremes = closes
    else:
        names = ("benchmark_returns", "extreme_returns")
        closes, extremes = paired_returns(returns, extreme_returns, names=names)
    require_observations(closes.size, FEWEST_RETURNS, what="a probability of touching a price")
    require_movement(closes, name="benchmark_returns")
    for values, name in ((closes, "benchmark_returns"), (extremes, "extreme_returns")):
        lowest = float(values.min())
        require_number(lowest, name, allowed="returns above -1", valid=lambda number: number > -1.0)
    inside = extremes < closes if upwards else extremes > closes
    if inside.any():
        position = int(np.flatnonzero(inside)[0])
        raise InputError(
            f"extreme_returns holds {extremes[position]:.6g} where the close is {closes[position]:.6g}",
            parameter="extreme_returns",
            value=float(extremes[position]),
            allowed="highs at or above the close" if upwards else "lows at or below the close",
            remedy="Take high / previous close - 1 for a barrier above, low / previous close - 1 below.",
        )
    side = 1.0 if upwards else -1.0
    return side * np.log1p(closes), side * np.log1p(extremes)


def _touched(
    closes: FloatArray,
    extremes: FloatArray,
    *,
    barrier: float,
    horizon: int,
    paths: int,
    block_length: float,
    seed: int,
) -> int:
    """Number of paths that touch; period by period, so that a longer horizon extends the same paths."""
    if barrier == 0.0:
        return paths
    generator = np.random.default_rng(seed)
    level = np.zeros(paths)
    touched = np.zeros(paths, dtype=bool)
    row = generator.integers(closes.size, size=paths)
    for _ in range(horizon):
        touched |= level + extremes[row] >= barrier
        level += closes[row]
        fresh = generator.integers(closes.size, size=paths)
        restart = generator.random(paths) * block_length < 1.0
        row = np.where(restart, fresh, (row + 1) % closes.size)
    return int(touched.sum())


def _block_length(steps: FloatArray, given: float | None) -> float:
    if given is not None:
        return require_number(
            given, "block_length", allowed="1 or more periods", valid=lambda length: length >= 1
        )
    from arch.bootstrap import optimal_block_length

    squares = steps**2
    candidates = [steps] if np.ptp(squares) == 0.0 else [steps, squares]
    return max(1.0, *(float(optimal_block_length(values)["stationary"].iloc[0]) for values in candidates))


def _wilson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)
