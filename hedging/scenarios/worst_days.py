"""The worst periods in the data, with and without the hedge."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from hedging._checks import Returns, paired_returns, require_kind, require_number, require_window
from hedging.errors import InputError
from hedging.instruments.plan import require_position
from hedging.scenarios.hedged_position import LARGEST_NOTIONAL, HedgedPosition
from hedging.scenarios.shock import Shock
from hedging.scenarios.what_if import hedge_pnl


def worst_days(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    position_usd: float,
    hedge_notional_usd: float,
    n: int = 10,
    order: HedgedPosition | None = None,
) -> pd.DataFrame:
    """The worst periods of the unhedged position in the data, and what the hedge would have made of them.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (m,)
        Simple returns; those of the hedging instrument where they are known.
    position_usd, hedge_notional_usd : float
        Signed, the same at the start of every period.
    n : int
        Rows, at most m. The index is that of whichever input is a Series.
    order : HedgedPosition, optional
        The hedge with its margin: a period whose move is beyond the price that liquidates it costs the
        margin, as in :func:`hedging.what_if`. Its notional and the coins that are its margin make up
        ``hedge_notional_usd``. Left out, the hedge is never liquidated.

    Returns
    -------
    pandas.DataFrame, shape (n, 6)
        Worst first, labelled by the period: ``asset_return``, ``benchmark_return``, ``unhedged_usd``,
        ``hedge_usd``, ``hedged_usd``, ``liquidated``. Prices within a period are not seen.

    Raises
    ------
    InputError
        Returns that do not belong together or lie at or below -1, an unusable amount, more rows than periods.
    """
    asset, benchmark = paired_returns(asset_returns, benchmark_returns)
    for name, returns in (("asset_returns", asset), ("benchmark_returns", benchmark)):
        if (returns <= -1.0).any():
            raise InputError(
                f"{name} holds {returns.min():g}",
                parameter=name,
                value=float(returns.min()),
                allowed="simple returns above -1",
                remedy="A price cannot fall by more than everything: correct the price behind it.",
            )
    value = require_position(position_usd)
    notional = require_number(
        hedge_notional_usd,
        "hedge_notional_usd",
        allowed=f"at most {LARGEST_NOTIONAL:g} in size",
        valid=lambda usd: abs(usd) <= LARGEST_NOTIONAL,
    )
    require_window(n, smallest=1, parameter="n")
    if n > asset.size:
        raise InputError(
            f"{n} periods are asked for and there are {asset.size}",
            parameter="n",
            value=n,
            allowed=f"at most {asset.size}",
            remedy="Ask for fewer.",
        )
    hedge, gone = notional * benchmark, np.zeros(asset.size, dtype=bool)
    if order is not None:
        require_kind(order, "order", HedgedPosition)
        _require_same_order(order, value, notional)
        hedge, gone = hedge_pnl(order, benchmark, Shock())
    labels = [each.index for each in (asset_returns, benchmark_returns) if isinstance(each, pd.Series)]
    index = labels[0] if labels else pd.RangeIndex(asset.size)
    table = pd.DataFrame(
        {
            "asset_return": asset,
            "benchmark_return": benchmark,
            "unhedged_usd": value * asset,
            "hedge_usd": hedge,
            "hedged_usd": value * asset + hedge,
            "liquidated": gone,
        },
        index=index,
    )
    return table.sort_values("unhedged_usd", kind="stable").head(n)


def _require_same_order(order: HedgedPosition, position_usd: float, notional: float) -> None:
    found = order.hedge_notional_usd + order.margin_exposure_usd
    same = math.isclose(order.position_usd, position_usd) and math.isclose(found, notional, rel_tol=1e-6)
    if not same:
        raise InputError(
            f"order hedges {order.position_usd:g} with {found:g}, and {position_usd:g} with {notional:g} "
            "is looked at",
            parameter="order",
            value=found,
            allowed="the position and the hedge that are looked at",
            remedy="Pass the order's own position and notional.",
        )
