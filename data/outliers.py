"""Bars that cannot be, or that somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from data.store.rows import SAME_PRICE

#: Moves and spikes are measured against the median absolute log return of this many bars around them.
NEIGHBOURHOOD: Final = 61
#: For a normal distribution, median absolute value times this is the standard deviation.
_TO_SIGMA: Final = 1.4826
#: A price that jumps by this many standard deviations and comes back by the next bar is a bad print.
SPIKE_SIGMAS: Final = 8.0
#: How much of a spike the next bar takes back, at the least.
SPIKE_RETURN: Final = 0.8
#: A move of this many standard deviations that stays is a split, another coin, or news: to be looked at.
JUMP_SIGMAS: Final = 20.0
#: Calm markets: no move below this is an outlier, whatever the others are (log return).
SMALLEST_OUTLIER: Final = 0.02
#: A rate beyond this in one charge is more than exchanges take.
LARGEST_USUAL_RATE: Final = 0.04


@dataclass(frozen=True)
class Outlier:
    """A bar to be looked at.

    Attributes
    ----------
    at : pandas.Timestamp
    kind : {"spike", "jump", "rate", "range"}
        A price that was back at the next bar; a move that stayed; a rate beyond what exchanges charge;
        a close outside the bar's own low and high.
    value : float
        The close or the rate.
    sigmas : float
        Size of the move in robust standard deviations; NaN for rates and ranges.
    """

    at: pd.Timestamp
    kind: Literal["spike", "jump", "rate", "range"]
    value: float
    sigmas: float


def price_outliers(rows: pd.DataFrame) -> tuple[Outlier, ...]:
    """Spikes, jumps and closes outside their own bar, in order of time.

    With r the log return of a close and s = 1.4826 times the median size of the 61 returns around it, a
    bar is a spike where r is larger than 8 s and the next return takes back 80 % of it or more, a jump
    where r is larger than 20 s; neither below 2 %. Both rules look ahead, which is right for judging data
    and wrong for trading.
    """
    close = rows["close"]
    if len(close) < 3:
        return ()
    returns = np.diff(np.log(close.to_numpy()))
    scale = _TO_SIGMA * np.asarray(
        pd.Series(np.abs(returns)).rolling(NEIGHBOURHOOD, center=True, min_periods=1).median()
    )
    size = np.abs(returns)
    sigmas = np.divide(size, scale, out=np.full(len(size), np.inf), where=scale > 0)
    following = np.append(returns[1:], 0.0)
    taken_back = -following * np.sign(returns) >= SPIKE_RETURN * size
    taken_back &= np.abs(following) <= size / SPIKE_RETURN
    large = size > SMALLEST_OUTLIER
    spike = large & (sigmas > SPIKE_SIGMAS) & taken_back
    # The way back from a spike is no jump of its own.
    back = np.append([False], spike[:-1])
    jump = large & (sigmas > JUMP_SIGMAS) & ~spike & ~back
    prices, stamps = close.to_numpy(), pd.DatetimeIndex(close.index)
    found = [
        Outlier(stamps[at + 1], "spike" if spike[at] else "jump", float(prices[at + 1]), float(sigmas[at]))
        for at in map(int, np.flatnonzero(spike | jump))
    ]
    outside = (close > rows["high"] * (1 + SAME_PRICE)) | (close < rows["low"] * (1 - SAME_PRICE))
    found += [
        Outlier(stamps[at], "range", float(prices[at]), float("nan"))
        for at in map(int, np.flatnonzero(outside))
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def rate_outliers(rates: pd.Series) -> tuple[Outlier, ...]:
    """Rates beyond what exchanges charge."""
    wrong = np.flatnonzero(rates.abs() > LARGEST_USUAL_RATE)
    stamps, values = pd.DatetimeIndex(rates.index), rates.to_numpy()
    return tuple(Outlier(stamps[at], "rate", float(values[at]), float("nan")) for at in map(int, wrong))
