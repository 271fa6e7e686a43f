"""A whole book as one asset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hedging.errors import InputError
from hedging.portfolio.positions import Position, add_up

LEAST_NET_SHARE = 0.05  # of gross value: below it returns on net value are leverage, not the book


def book_value_path(positions: Sequence[Position], asset_prices: pd.DataFrame) -> pd.Series:
    """What the net value would have been had the book always had today's weights.

    ``P_t = |V| prod_{s <= t} (1 + r_s) / prod_s (1 + r_s)`` with ``r = sum V_i r_i / V`` and V the net
    value, so that the last value is the book's. Regressed on a benchmark it has the book's beta,
    ``sum V_i beta_i / V``. Holding today's COINS through the past instead would weigh old returns by
    old prices, and the beta would be that of another book.

    Parameters
    ----------
    positions : sequence of Position
        Values now, long positive.
    asset_prices : pandas.DataFrame, shape (n, k)
        A column for each name, all at the same instants.

    Returns
    -------
    pandas.Series, shape (n,)
        USD, positive also for a book that is short on balance.

    Raises
    ------
    InputError
        Long and short nearly cancel, or the book would have lost everything within one period.
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
    returns = (prices / prices.shift(1) - 1).to_numpy() @ (values / net)
    returns[0] = 0.0
    if returns.min() <= -1.0:
        worst = asset_prices.index[int(returns.argmin())]
        raise InputError(
            f"with today's weights the book would have lost everything on {worst:%Y-%m-%d}",
            parameter="positions",
            value=float(returns.min()),
            allowed="a book that loses less than its net value within one period",
            remedy="Hedge its exposure on the Portfolio page, or look at single positions.",
        )
    growth = np.cumprod(1.0 + returns)
    return pd.Series(abs(net) * growth / growth[-1], index=asset_prices.index, name="book")
