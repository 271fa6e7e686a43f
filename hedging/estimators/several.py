"""Several benchmarks at once: how much of an asset is BTC and how much is ETH beyond it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import (
    Returns,
    paired_returns,
    require_choice,
    require_fraction,
    require_kind,
    require_movement,
    require_observations,
)
from hedging.errors import InputError
from hedging.estimators.regression import least_squares
from hedging.estimators.results import COVARIANCES, Covariance, student_t_quantile

MOST_BENCHMARKS = 10


@dataclass(frozen=True, eq=False)
class SeveralBetas:
    """A regression on several benchmarks, all attributes by benchmark name.

    Attributes
    ----------
    betas, standard_errors, low, high : pandas.Series, shape (k,)
        Each beta with the others held fixed, and its interval.
    alpha, alpha_standard_error : float
        Return per period.
    covariance_matrix : pandas.DataFrame, shape (k, k)
        Of the betas' errors.
    benchmark_covariance : pandas.DataFrame, shape (k, k)
        Sample covariance of the benchmarks' returns (n - 1).
    condition_number : float
        Of the benchmarks' correlation matrix: 1 when they are uncorrelated; above about 30 the
        single betas mean little, only their combination does.
    r_squared, residual_volatility : float
        Share explained by all together; ``sqrt(SSE / (n - k - 1))``, fraction per period.
    n_observations : int
    covariance : {"nonrobust", "hc3", "hac"}
    hac_lags : int or None
    confidence : float
    """

    betas: pd.Series
    standard_errors: pd.Series
    low: pd.Series
    high: pd.Series
    alpha: float
    alpha_standard_error: float
    covariance_matrix: pd.DataFrame
    benchmark_covariance: pd.DataFrame
    condition_number: float
    r_squared: float
    residual_volatility: float
    n_observations: int
    covariance: Covariance
    hac_lags: int | None
    confidence: float


def estimate_betas(
    asset_returns: Returns,
    benchmark_returns: pd.DataFrame,
    *,
    covariance: Covariance = "hac",
    hac_lags: int | None = None,
    confidence: float = 0.95,
) -> SeveralBetas:
    """Regress an asset on several benchmarks with an intercept: ``b = S_ff^-1 S_fs``.

    Parameters
    ----------
    asset_returns : Series on the index of the benchmarks, or array, shape (n,)
        Fractions per period, no NaN.
    benchmark_returns : pandas.DataFrame, shape (n, k)
        One column for each benchmark.
    covariance : {"nonrobust", "hc3", "hac"}
    hac_lags : int, optional
        Lags of the Bartlett kernel; ``floor(4 (n / 100)^(2/9))`` when left out.
    confidence : float
        Level of the intervals as a fraction.

    Returns
    -------
    SeveralBetas

    Raises
    ------
    InputError
        Unusable values, repeated names, no column or more than 10.
    InsufficientDataError
        Fewer than ``k + 4`` observations.
    DegenerateDataError
        A column does not move, or the benchmarks move in lockstep.

    References
    ----------
    Anderson and Danthine (1980) for hedging with several contracts; Newey and West (1987) for HAC.
    """
    require_choice(covariance, "covariance", COVARIANCES)
    require_fraction(confidence, "confidence")
    require_kind(benchmark_returns, "benchmark_returns", pd.DataFrame)
    if hac_lags is not None and covariance != "hac":
        raise InputError(
            f"hac_lags is {hac_lags} and the covariance is {covariance!r}",
            parameter="hac_lags",
            value=hac_lags,
            allowed="None unless covariance is 'hac'",
            remedy="Leave it out, or set covariance='hac'.",
        )
    names = list(benchmark_returns.columns)
    _require_names(names)
    pairs = [paired_returns(asset_returns, benchmark_returns[name]) for name in names]
    y, x = pairs[0][0], np.column_stack([pair[1] for pair in pairs])
    n, k = x.shape
    require_observations(n, k + 4, what=f"betas on {k} benchmarks")
    for position, name in enumerate(names):
        require_movement(x[:, position], name=f"benchmark_returns[{name!r}]")
    require_movement(y, name="asset_returns")
    solution = least_squares(y, x, covariance, hac_lags=hac_lags)
    betas = pd.Series(solution.coefficients[1:], index=names, name="beta")
    errors = pd.Series(np.sqrt(np.diagonal(solution.covariance)[1:].clip(min=0.0)), index=names)
    reach = student_t_quantile(confidence, n - k - 1) * errors
    sse = float(solution.residuals @ solution.residuals)
    total = float(((y - y.mean()) ** 2).sum())
    return SeveralBetas(
        betas=betas,
        standard_errors=errors.rename("standard_error"),
        low=(betas - reach).rename("low"),
        high=(betas + reach).rename("high"),
        alpha=float(solution.coefficients[0]),
        alpha_standard_error=float(np.sqrt(solution.covariance[0, 0])),
        covariance_matrix=pd.DataFrame(solution.covariance[1:, 1:], index=names, columns=names),
        benchmark_covariance=pd.DataFrame(np.atleast_2d(np.cov(x.T)), index=names, columns=names),
        condition_number=float(np.linalg.cond(np.atleast_2d(np.corrcoef(x.T)))),
        r_squared=max(0.0, 1.0 - sse / total),
        residual_volatility=float(np.sqrt(sse / (n - k - 1))),
        n_observations=n,
        covariance=covariance,
        hac_lags=solution.hac_lags,
        confidence=float(confidence),
    )


def _require_names(names: list[str]) -> None:
    if not 1 <= len(names) <= MOST_BENCHMARKS or len(set(names)) != len(names):
        raise InputError(
            f"benchmark_returns has {len(names)} columns, {len(set(names))} of them with different names",
            parameter="benchmark_returns",
            value=len(names),
            allowed=f"1 to {MOST_BENCHMARKS} columns, each with a name of its own",
            remedy="Leave out repeated benchmarks.",
        )
