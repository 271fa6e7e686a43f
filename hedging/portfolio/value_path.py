"""A whole book as one asset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging.errors import InputError
from hedging.portfolio.positions import Position, add_up

LEAST_NET_SHARE = 0.05  # of gross value: below it returns on net value are leverage, not the book


def book_value_path(
    positions: Sequence[Position],
    asset_prices: pd.DataFrame,
    *,
    reset_at: pd.DatetimeIndex | None = None,
) -> pd.Series:
    """What the net value would have been had the book been reset to today's weights again and again.

    From one reset at s to the next it is held: ``P_t = P_s (1 + sum_i V_i / V (p_it / p_is - 1))``, with V
    the net value, and the last value is the book's, ``|V|``. Regressed on a benchmark over the spans from
    reset to reset it has the book's beta, ``sum V_i beta_i / V``. Holding today's COINS through the past
    instead would weigh old returns by old prices, and the beta would be that of another book.

    A book with short positions can lose everything within one span. The path then begins with the first
    reset after the last time that it did: before, there was no such book.

    Parameters
    ----------
    positions : sequence of Position
        Values now, long positive.
    asset_prices : pandas.DataFrame, shape (n, k)
        A column for each name, all at the same instants.
    reset_at : pandas.DatetimeIndex or None
        Instants of ``asset_prices`` at which the weights are today's again, increasing; the ends of the
        spans over which returns are to be taken. None for every instant. The first instant is one always.

    Returns
    -------
    pandas.Series, shape (m,), m <= n
        USD, positive also for a book that is short on balance.

    Raises
    ------
    InputError
        Long and short nearly cancel, ``reset_at`` is not in the index, or the book would have lost
        everything too lately to leave a return.
    """
    held = add_up(positions, asset_prices)
    values = np.array([each.value_usd for each in held.values()])
    net, gross = float(values.sum()), float(np.abs(values).sum())
    if abs(net) < LEAST_NET_SHARE * gross:
        raise InputError(
            f"long and short positions nearly cancel: net {net:,.0f} of gross {gross:,.0f} USD",
            parameter="positions",
            value=net,
            allowed=f"a net value of at least {LEAST_NET_SHARE:.0%} of the gross value",
            remedy="Hedge its exposure on the Portfolio page, or look at single positions.",
        )
    prices = asset_prices[list(held)]
    resets = _resets(pd.DatetimeIndex(prices.index), reset_at)
    grown = _grown(prices.to_numpy(), values / net, resets)
    resets = _since_last_loss(grown, resets, pd.DatetimeIndex(prices.index))
    begin = int(resets[0])
    at_reset = np.cumprod(np.r_[1.0, grown[resets[1:]]])
    later = np.arange(begin + 1, len(grown))
    path = np.r_[1.0, at_reset[np.searchsorted(resets, later) - 1] * grown[later]]
    return pd.Series(abs(net) * path / path[-1], index=prices.index[begin:], name="book")


def _resets(index: pd.DatetimeIndex, reset_at: pd.DatetimeIndex | None) -> npt.NDArray[np.intp]:
    """Places of the resets; the first instant is one."""
    if reset_at is None:
        return np.arange(len(index))
    places = index.get_indexer(reset_at)
    if (places < 0).any() or not reset_at.is_monotonic_increasing:
        raise InputError(
            f"{int((places < 0).sum())} of {len(places)} resets are at instants without prices",
            parameter="reset_at",
            value=len(places),
            allowed="increasing instants of asset_prices",
            remedy="Sample all prices with hedging.align_book, at both intervals.",
        )
    found: npt.NDArray[np.intp] = np.unique(np.r_[0, places])
    return found


def _grown(
    prices: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], resets: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Value over that of the reset before; 1 at the first instant."""
    before = resets[np.searchsorted(resets, np.arange(1, len(prices))) - 1]
    grown: npt.NDArray[np.float64] = np.r_[1.0, 1.0 + (prices[1:] / prices[before] - 1.0) @ weights]
    return grown


def _since_last_loss(
    grown: npt.NDArray[np.float64], resets: npt.NDArray[np.intp], index: pd.DatetimeIndex
) -> npt.NDArray[np.intp]:
    """The resets from the first one on that comes after everything was lost for the last time."""
    lost = np.flatnonzero(grown <= 0.0)
    if not len(lost):
        return resets
    left: npt.NDArray[np.intp] = resets[resets >= lost[-1]]
    if not len(left) or left[0] == len(grown) - 1:
        raise InputError(
            f"with today's weights the book would have lost everything on {index[lost[-1]]:%Y-%m-%d}",
            parameter="positions",
            value=float(grown[lost[-1]] - 1.0),
            allowed="a book that does not lose its net value within the last periods",
            remedy="Hedge its exposure on the Portfolio page, or look at single positions.",
        )
    return left
