"""Beta over a moving window, with a standard error in every window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from hedging._checks import (
    CONSTANT_TOLERANCE,
    FloatArray,
    Returns,
    paired_returns,
    require_choice,
    require_fraction,
    require_window,
)
from hedging.errors import DegenerateDataError
from hedging.estimators.regression import (
    COVARIANCES,
    LEVERAGE_LIMIT,
    SMALLEST_WINDOW,
    Covariance,
    newey_west_lags,
    student_t_quantile,
)

# Windows are worked on in blocks of about this many elements: large enough to amortise a call,
# small enough to stay in the processor's cache (2 MB an array).
BLOCK_ELEMENTS = 1 << 18


@dataclass(frozen=True, eq=False)
class RollingBeta:
    """Beta in each window of ``window`` observations, labelled by the window's LAST observation.

    Attributes
    ----------
    beta, standard_error, low, high : pandas.Series, shape (n,)
        NaN for the first ``window - 1`` observations and nowhere else. The band is about the
        average beta of each window.
    window : int
        Observations in a window.
    covariance : {"nonrobust", "hc3", "hac"}
        Of the standard error.
    confidence : float
        Level of the band as a fraction.
    """

    beta: pd.Series
    standard_error: pd.Series
    low: pd.Series
    high: pd.Series
    window: int
    covariance: Covariance
    confidence: float


def rolling_beta(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    window: int,
    covariance: Covariance = "hac",
    confidence: float = 0.95,
) -> RollingBeta:
    """Estimate beta in every window of ``window`` observations.

    The value at observation t uses observations ``t - window + 1 .. t`` and equals
    :func:`hedging.estimate_beta` on them (which refuses an asset that did not move, while here such a
    window has beta 0). Every window is summed afresh from its own centred
    observations, so that a bad price leaves no trace in windows that do not hold it.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    window : int
        Observations in a window, 5 to n.
    covariance, confidence
        As in :func:`hedging.estimate_beta`.

    Returns
    -------
    RollingBeta

    Raises
    ------
    InputError
        As :func:`hedging.estimate_beta`, or a window that is not a whole number of at least 5.
    InsufficientDataError
        Fewer observations than one window.
    DegenerateDataError
        The benchmark did not move in one of the windows, or (HC3) one observation carries a slope.
    """
    require_choice(covariance, "covariance", COVARIANCES)
    require_fraction(confidence, "confidence")
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_window(window, smallest=SMALLEST_WINDOW, available=y.size)
    index = asset_returns.index if isinstance(asset_returns, pd.Series) else pd.RangeIndex(y.size)

    beta = np.full(y.size, np.nan)
    standard_error = np.full(y.size, np.nan)
    for start, y_block, x_block in _blocks(y, x, window):
        xc = x_block - x_block.mean(axis=1, keepdims=True)
        s_xx = np.einsum("ij,ij->i", xc, xc)
        ends = index[start + window - 1 :]
        _require_moving_windows(x_block, s_xx, ends)
        yc = y_block - y_block.mean(axis=1, keepdims=True)
        slope = np.einsum("ij,ij->i", xc, yc) / s_xx
        residuals = yc - slope[:, None] * xc
        rows = slice(start + window - 1, start + window - 1 + len(slope))
        beta[rows] = slope
        standard_error[rows] = np.sqrt(_slope_variance(xc, residuals, s_xx, covariance, ends))
    critical = student_t_quantile(confidence, window - 2)
    return RollingBeta(
        beta=pd.Series(beta, index=index, name="beta"),
        standard_error=pd.Series(standard_error, index=index, name="standard_error"),
        low=pd.Series(beta - critical * standard_error, index=index, name="low"),
        high=pd.Series(beta + critical * standard_error, index=index, name="high"),
        window=int(window),
        covariance=covariance,
        confidence=confidence,
    )


def _blocks(y: FloatArray, x: FloatArray, window: int) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    y_windows, x_windows = sliding_window_view(y, window), sliding_window_view(x, window)
    step = max(1, BLOCK_ELEMENTS // window)
    for start in range(0, len(y_windows), step):
        yield start, y_windows[start : start + step], x_windows[start : start + step]


def _require_moving_windows(x_block: FloatArray, s_xx: FloatArray, ends: pd.Index) -> None:
    scale = CONSTANT_TOLERANCE * (1e-6 + np.abs(x_block).max(axis=1))
    still = s_xx <= scale * scale
    if still.any():
        end = ends[int(np.flatnonzero(still)[0])]
        raise DegenerateDataError(
            f"benchmark_returns did not move in the window that ends at {end}",
            parameter="benchmark_returns",
            value=str(end),
            allowed="a benchmark that moves in every window",
            remedy="Choose a longer lookback or another benchmark.",
        )


def _slope_variance(
    xc: FloatArray, residuals: FloatArray, s_xx: FloatArray, covariance: Covariance, ends: pd.Index
) -> FloatArray:
    """Variance of each window's slope: only the slope's element of the sandwich is needed.

    In the centred basis the slope's scores are ``g = (x - mean) e`` and its bread ``1 / S_xx``.
    """
    window = xc.shape[1]
    if covariance == "nonrobust":
        classical: FloatArray = np.einsum("ij,ij->i", residuals, residuals) / (window - 2) / s_xx
        return classical
    if covariance == "hc3":
        leverage = 1.0 / window + xc * xc / s_xx[:, None]
        decided = leverage.max(axis=1) >= LEVERAGE_LIMIT
        if decided.any():
            end = ends[int(np.flatnonzero(decided)[0])]
            raise DegenerateDataError(
                f"one observation alone decides the slope of the window that ends at {end}",
                parameter="benchmark_returns",
                value=str(end),
                allowed="benchmark returns with more than one value different from the rest",
                remedy="Choose a longer lookback, or another covariance than HC3.",
            )
        residuals = residuals / (1.0 - leverage)
    scores = xc * residuals
    total = np.einsum("ij,ij->i", scores, scores)
    if covariance == "hac":
        lags = newey_west_lags(window)
        for lag in range(1, lags + 1):
            weight = 2.0 * (1.0 - lag / (lags + 1.0))
            total += weight * np.einsum("ij,ij->i", scores[:, lag:], scores[:, :-lag])
    variance: FloatArray = total.clip(min=0.0) / (s_xx * s_xx)
    return variance
