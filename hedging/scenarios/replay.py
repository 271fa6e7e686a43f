"""History as it would look with today's beta."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hedging._checks import paired_returns, require_number
from hedging.errors import InputError

SMALLEST_RETURN = -0.999_999  # an asset cannot lose more than everything


def replay_at_beta(
    asset_returns: pd.Series,
    benchmark_returns: pd.Series,
    hedge_ratios: pd.Series,
    *,
    beta: float,
    floored: bool = True,
) -> pd.Series:
    """Give past periods today's beta and keep what a hedge of that time would have left.

    ``r*_t = r_t + (beta - b_t) f_t`` with ``b_t`` the beta that was in force in period t, known before it.
    A hedge of ``beta`` then leaves ``r_t - b_t f_t``, the error a walk-forward hedge really made, errors
    of estimation included. Past returns as they are would judge a hedge of today by the betas of other years.

    Parameters
    ----------
    asset_returns, benchmark_returns : pandas.Series
        Simple returns on one index.
    hedge_ratios : pandas.Series, shape (n,)
        Beta in force in each period, such as ``HedgeBacktest.hedge_ratio``; its index picks the periods.
    beta : float
        Today's.
    floored : bool
        Whether the asset loses everything at most: true of one asset, and of a book whose lines are all on
        one side; a net value that holds both sides can lose more than it is.

    Returns
    -------
    pandas.Series, shape (n,)
        At least -0.999999 where floored.

    Raises
    ------
    InputError
        A period of ``hedge_ratios`` has no return, or a value is not finite.

    References
    ----------
    Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without correlations", for historical simulation that
    keeps past innovations and today's parameters.
    """
    today = require_number(beta, "beta", allowed="a finite beta")
    missing = hedge_ratios.index.difference(asset_returns.index)
    if len(missing) or not np.isfinite(hedge_ratios.to_numpy()).all():
        raise InputError(
            "hedge_ratios does not fit the returns",
            parameter="hedge_ratios",
            value=f"{len(missing)} periods without a return",
            allowed="finite numbers on periods of the returns",
            remedy="Pass the hedge ratios of a backtest of the same returns.",
        )
    asset, benchmark = paired_returns(
        asset_returns.loc[hedge_ratios.index], benchmark_returns.loc[hedge_ratios.index]
    )
    replayed = asset + (today - hedge_ratios.to_numpy()) * benchmark
    if floored:
        replayed = np.maximum(replayed, SMALLEST_RETURN)
    return pd.Series(replayed, index=hedge_ratios.index, name=asset_returns.name)
