"""What a hedge of any size would have removed."""

from __future__ import annotations

import numpy as np

from hedging._checks import FloatArray
from hedging.errors import InputError
from hedging.estimators.results import BetaEstimate


def effectiveness_of_ratio(estimate: BetaEstimate, hedge_ratios: FloatArray) -> FloatArray:
    """Share of the variance that a hedge of each size removes, within the estimate's own window.

    ``HE(h) = 1 - Var(s - h f) / Var(s) = 2 h rho s_f / s_s - h^2 s_f^2 / s_s^2``: largest, ``rho^2``, at
    the minimum variance ratio ``h* = rho s_s / s_f``, and 0 again at ``2 h*``; beyond that the hedge adds
    risk. Within the window it flatters: see :func:`hedging.backtest_hedge` for what was removed out of it.

    Parameters
    ----------
    estimate : BetaEstimate
        Its correlation and volatilities count, whatever estimator its beta is from.
    hedge_ratios : array, shape (k,)
        Hedge over position, positive when the hedge is on the other side of the position.

    Returns
    -------
    numpy.ndarray, shape (k,)
        At most 1; negative where the hedge adds variance.

    Raises
    ------
    InputError
        A ratio is not finite.

    References
    ----------
    Ederington (1979), "The hedging performance of the new futures markets".
    """
    ratios = np.asarray(hedge_ratios, dtype=float)
    if not np.isfinite(ratios).all():
        raise InputError(
            "a hedge ratio is not finite",
            parameter="hedge_ratios",
            value=hedge_ratios,
            allowed="finite numbers",
            remedy="Leave out what is missing.",
        )
    scaled = ratios * estimate.benchmark_volatility / estimate.asset_volatility
    found: FloatArray = 2.0 * scaled * estimate.correlation - scaled**2
    return found
