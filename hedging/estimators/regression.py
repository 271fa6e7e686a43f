"""Beta of an asset on a benchmark by ordinary least squares, with three kinds of standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_choice,
    require_fraction,
    require_movement,
    require_observations,
)
from hedging.errors import DegenerateDataError

Method: TypeAlias = Literal["ols"]
Covariance: TypeAlias = Literal["nonrobust", "hc3", "hac"]

METHODS: tuple[Method, ...] = ("ols",)
COVARIANCES: tuple[Covariance, ...] = ("nonrobust", "hc3", "hac")

SMALLEST_WINDOW = 5  # two parameters and three degrees of freedom: below that t intervals are useless
LEVERAGE_LIMIT = 1 - 1e-12  # a point with leverage 1 is fitted exactly, HC3 divides by zero there


@dataclass(frozen=True, eq=False)
class BetaEstimate:
    """A regression ``asset = alpha + beta * benchmark + residual`` over one window.

    Attributes
    ----------
    beta, alpha : float
        Slope, and intercept in return per period.
    beta_standard_error, alpha_standard_error : float
        From ``covariance``.
    beta_low, beta_high : float
        Interval of ``confidence`` from Student's t with ``n - 2`` degrees of freedom. It is about
        the AVERAGE beta of the window, not about today's.
    r_squared, correlation : float
        Share of the asset's variance that the benchmark explains; its signed root.
    residual_volatility : float
        ``sqrt(SSE / (n - 2))``, fraction per period.
    asset_volatility, benchmark_volatility : float
        Sample standard deviations (n - 1), fraction per period.
    benchmark_mean : float
        Mean benchmark return, fraction per period.
    parameter_covariance : numpy.ndarray, shape (2, 2)
        Covariance of ``(alpha, beta)``.
    n_observations, degrees_of_freedom : int
    method, covariance : str
        What was asked for.
    hac_lags : int or None
        Lags of the Bartlett kernel when ``covariance`` is "hac".
    confidence, critical_value : float
        Level as a fraction and its quantile of Student's t.
    first, last : Any
        Labels of the first and last observation, None for arrays.
    """

    beta: float
    alpha: float
    beta_standard_error: float
    alpha_standard_error: float
    beta_low: float
    beta_high: float
    r_squared: float
    correlation: float
    residual_volatility: float
    asset_volatility: float
    benchmark_volatility: float
    benchmark_mean: float
    parameter_covariance: FloatArray
    n_observations: int
    degrees_of_freedom: int
    method: Method
    covariance: Covariance
    hac_lags: int | None
    confidence: float
    critical_value: float
    first: Any
    last: Any


@dataclass(frozen=True, eq=False)
class RegressionLine:
    """The fitted line with two bands, all arrays of the shape of ``benchmark_returns``.

    Attributes
    ----------
    benchmark_returns : numpy.ndarray
        Where the line is evaluated, fractions per period.
    fitted : numpy.ndarray
        ``alpha + beta * x``.
    line_low, line_high : numpy.ndarray
        Confidence band of the line (where the mean response lies).
    prediction_low, prediction_high : numpy.ndarray
        Prediction band (where a single new observation lies).
    """

    benchmark_returns: FloatArray
    fitted: FloatArray
    line_low: FloatArray
    line_high: FloatArray
    prediction_low: FloatArray
    prediction_high: FloatArray


def estimate_beta(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    method: Method = "ols",
    covariance: Covariance = "hac",
    confidence: float = 0.95,
) -> BetaEstimate:
    """Regress asset returns on benchmark returns with an intercept.

    ``beta = S_xy / S_xx``; the standard error is ``sqrt(SSE / (n - 2) / S_xx)`` (nonrobust), HC3,
    or HAC with the Bartlett kernel, ``maxlags = floor(4 (n / 100)^(2/9))`` and no small-sample
    correction, each as statsmodels defines it. HAC is narrow in short windows: on independent
    residuals its nominal 95 % interval holds the true beta 88 % of the time with 30 observations and
    92 % with 60, HC3 95 %.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    method : {"ols"}
        How beta is estimated.
    covariance : {"nonrobust", "hc3", "hac"}
        What the residuals may be: equal variance; any variance; any variance and serial correlation.
    confidence : float
        Level of the interval as a fraction.

    Returns
    -------
    BetaEstimate

    Raises
    ------
    InputError
        Indexes or lengths differ, NaN or infinite values, an unknown choice.
    InsufficientDataError
        Fewer than 5 observations.
    DegenerateDataError
        Asset or benchmark did not move, or (HC3) one observation alone carries the slope.

    References
    ----------
    MacKinnon and White (1985) for HC3; Newey and West (1987, 1994) for HAC.
    """
    require_choice(method, "method", METHODS)
    require_choice(covariance, "covariance", COVARIANCES)
    require_fraction(confidence, "confidence")
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_observations(y.size, SMALLEST_WINDOW, what="a beta with an interval")
    require_movement(x, name="benchmark_returns")
    require_movement(y, name="asset_returns")
    labels = asset_returns.index if isinstance(asset_returns, pd.Series) else (None, None)

    n = y.size
    x_mean, y_mean = float(x.mean()), float(y.mean())
    xc, yc = x - x_mean, y - y_mean
    s_xx, s_yy = float(xc @ xc), float(yc @ yc)
    beta = float(xc @ yc) / s_xx
    residuals = yc - beta * xc
    sse = float(residuals @ residuals)
    lags = newey_west_lags(n) if covariance == "hac" else None
    parameters = _parameter_covariance(xc, residuals, x_mean, covariance, lags)
    beta_se = math.sqrt(max(parameters[1, 1], 0.0))
    critical = student_t_quantile(confidence, n - 2)
    correlation = min(1.0, max(-1.0, float(xc @ yc) / math.sqrt(s_xx * s_yy)))
    return BetaEstimate(
        beta=beta,
        alpha=y_mean - beta * x_mean,
        beta_standard_error=beta_se,
        alpha_standard_error=math.sqrt(max(parameters[0, 0], 0.0)),
        beta_low=beta - critical * beta_se,
        beta_high=beta + critical * beta_se,
        r_squared=min(1.0, max(0.0, 1.0 - sse / s_yy)),
        correlation=correlation,
        residual_volatility=math.sqrt(sse / (n - 2)),
        asset_volatility=math.sqrt(s_yy / (n - 1)),
        benchmark_volatility=math.sqrt(s_xx / (n - 1)),
        benchmark_mean=x_mean,
        parameter_covariance=parameters,
        n_observations=n,
        degrees_of_freedom=n - 2,
        method=method,
        covariance=covariance,
        hac_lags=lags,
        confidence=float(confidence),
        critical_value=critical,
        first=labels[0],
        last=labels[-1],
    )


def regression_line(estimate: BetaEstimate, benchmark_returns: FloatArray) -> RegressionLine:
    """Evaluate the fitted line and its two bands.

    The confidence band is ``t * sqrt(v' C v)`` with ``v = (1, x)`` and ``C`` the covariance of
    ``(alpha, beta)``; the prediction band adds the residual variance under the root.

    Parameters
    ----------
    estimate : BetaEstimate
    benchmark_returns : array, shape (k,)
        Where to evaluate, fractions per period.

    Returns
    -------
    RegressionLine
    """
    x = finite_values(benchmark_returns, "benchmark_returns")
    design = np.column_stack([np.ones_like(x), x])
    fitted = estimate.alpha + estimate.beta * x
    variance = np.einsum("ij,jk,ik->i", design, estimate.parameter_covariance, design).clip(min=0.0)
    line = estimate.critical_value * np.sqrt(variance)
    prediction = estimate.critical_value * np.sqrt(variance + estimate.residual_volatility**2)
    return RegressionLine(
        benchmark_returns=x,
        fitted=fitted,
        line_low=fitted - line,
        line_high=fitted + line,
        prediction_low=fitted - prediction,
        prediction_high=fitted + prediction,
    )


def newey_west_lags(n_observations: int) -> int:
    """Lags of the Bartlett kernel, ``floor(4 (n / 100)^(2/9))`` (Newey and West 1994)."""
    return int(4.0 * (n_observations / 100.0) ** (2.0 / 9.0))


def student_t_quantile(confidence: float, degrees_of_freedom: int) -> float:
    """Two-sided critical value of Student's t."""
    return float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2.0))


def _parameter_covariance(
    xc: FloatArray, residuals: FloatArray, x_mean: float, covariance: Covariance, lags: int | None
) -> FloatArray:
    """Covariance of (alpha, beta) from the centred regressor.

    In the centred basis ``(1, x - mean)`` the normal matrix is ``diag(n, S_xx)``; ``shift`` takes
    the result back to ``(1, x)``.
    """
    n = xc.size
    s_xx = float(xc @ xc)
    bread = np.diag([1.0 / n, 1.0 / s_xx])
    design = np.column_stack([np.ones(n), xc])
    if covariance == "nonrobust":
        centred = bread * (float(residuals @ residuals) / (n - 2))
    else:
        scores = design * _weighted(residuals, xc, s_xx, covariance)[:, None]
        centred = bread @ _bartlett(scores, lags or 0) @ bread
    shift = np.array([[1.0, -x_mean], [0.0, 1.0]])
    return np.asarray(shift @ centred @ shift.T, dtype=np.float64)


def _weighted(residuals: FloatArray, xc: FloatArray, s_xx: float, covariance: Covariance) -> FloatArray:
    if covariance == "hac":
        return residuals
    leverage = 1.0 / xc.size + xc * xc / s_xx
    if leverage.max() >= LEVERAGE_LIMIT:
        raise DegenerateDataError(
            f"the observation at position {leverage.argmax()} alone decides the slope",
            parameter="benchmark_returns",
            value=int(leverage.argmax()),
            allowed="benchmark returns with more than one value different from the rest",
            remedy="Choose a longer lookback, or another covariance than HC3.",
        )
    return residuals / (1.0 - leverage)


def _bartlett(scores: FloatArray, lags: int) -> FloatArray:
    """Sum of autocovariances of the scores (n, k) with weights falling to zero at lag + 1."""
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        crossed = scores[lag:].T @ scores[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (crossed + crossed.T)
    return np.asarray(total, dtype=np.float64)
