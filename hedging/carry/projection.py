"""What funding may bring over a holding period, from how it was charged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_fraction, require_number, require_window
from hedging._resampling import block_length_of, stationary_rows
from hedging.carry.funding import FundingHistory
from hedging.carry.periods import funding_per_period
from hedging.errors import InsufficientDataError

FEWEST_DAYS = 30
LONGEST_DAYS = 3_650.0


@dataclass(frozen=True)
class FundingProjection:
    """Sum of the rates over a coming holding period, fraction of notional.

    Attributes
    ----------
    rate_sum, low, high : float
        Mean and interval; positive: longs pay shorts, so a short receives it.
    holding_days : float
    confidence : float
        Of the interval, a fraction.
    n_days : int
        Days of history behind it.
    block_length : int
        Mean length of a bootstrap block in days.
    """

    rate_sum: float
    low: float
    high: float
    holding_days: float
    confidence: float
    n_days: int
    block_length: int

    def payment_usd(self, position_notional_usd: float) -> tuple[float, float, float]:
        """What a signed notional receives: mean, least and most, in USD."""
        ends = sorted((-position_notional_usd * self.low, -position_notional_usd * self.high))
        return -position_notional_usd * self.rate_sum, ends[0], ends[1]


def project_funding(
    history: FundingHistory,
    *,
    holding_days: float,
    confidence: float = 0.9,
    replications: int = 999,
    seed: int = 0,
) -> FundingProjection:
    """Resample whole days of past funding into coming holding periods.

    Days keep what a day holds whatever its intervals are; blocks of days (stationary bootstrap, length by
    Politis and White) keep the stretches in which funding stays high. It is no forecast: it says what
    holding periods of this length were like when the future resembles this history.

    Parameters
    ----------
    history : FundingHistory
    holding_days : float
        Above 0; a part of a day counts by its part.
    confidence : float
    replications, seed : int

    Returns
    -------
    FundingProjection

    Raises
    ------
    InsufficientDataError
        Fewer than 30 days that the history covers in full.

    References
    ----------
    Politis and Romano (1994).
    """
    require_fraction(confidence, "confidence")
    require_window(replications, smallest=99, parameter="replications")
    require_window(seed, smallest=0, parameter="seed")
    days_held = require_number(
        holding_days,
        "holding_days",
        allowed="above 0 and at most 3650",
        valid=lambda days: 0 < days <= LONGEST_DAYS,
    )
    daily = daily_funding(history)
    length = block_length_of(daily)
    shape = replications, math.ceil(days_held)
    rows = stationary_rows(daily.size, shape, length, np.random.default_rng(seed))
    weights = np.ones(math.ceil(days_held))
    weights[-1] -= math.ceil(days_held) - days_held
    sums = daily[rows] @ weights
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(sums, [tail, 1.0 - tail])
    return FundingProjection(
        rate_sum=float(sums.mean()),
        low=float(low),
        high=float(high),
        holding_days=days_held,
        confidence=confidence,
        n_days=daily.size,
        block_length=length,
    )


def daily_funding(history: FundingHistory) -> FloatArray:
    """Sum of the rates of each UTC day that the history covers in full, shape (n_days,)."""
    stamps = pd.DatetimeIndex(history.rates.index)
    days = pd.date_range(stamps[0].ceil("D"), stamps[-1].floor("D"), freq="D", inclusive="left")
    whole: FloatArray = np.empty(0)
    if len(days) >= 2:
        sums = funding_per_period(history, days, stamps="open", holes="nan").to_numpy(dtype=np.float64)
        whole = sums[~np.isnan(sums)]
    if whole.size < FEWEST_DAYS:
        raise InsufficientDataError(
            f"the funding history covers {whole.size} whole days",
            parameter="history",
            value=whole.size,
            allowed=f"at least {FEWEST_DAYS} days without holes",
            remedy="Fetch a longer history.",
        )
    return whole
