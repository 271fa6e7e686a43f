"""The worst periods in the data, with and without the hedge."""

from __future__ import annotations

import pandas as pd

from hedging._checks import Returns, paired_returns, require_number, require_window
from hedging.errors import InputError
from hedging.instruments.plan import require_position
from hedging.scenarios.hedged_position import LARGEST_NOTIONAL


def worst_days(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    position_usd: float,
    hedge_notional_usd: float,
    n: int = 10,
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

    Returns
    -------
    pandas.DataFrame, shape (n, 5)
        Worst first, labelled by the period: ``asset_return``, ``benchmark_return``, ``unhedged_usd``,
        ``hedge_usd``, ``hedged_usd``.

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
    labels = [each.index for each in (asset_returns, benchmark_returns) if isinstance(each, pd.Series)]
    index = labels[0] if labels else pd.RangeIndex(asset.size)
    table = pd.DataFrame(
        {
            "asset_return": asset,
            "benchmark_return": benchmark,
            "unhedged_usd": value * asset,
            "hedge_usd": notional * benchmark,
            "hedged_usd": value * asset + notional * benchmark,
        },
        index=index,
    )
    return table.sort_values("unhedged_usd", kind="stable").head(n)
