"""Correlation in moving windows, with Fisher's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import ndtri

from hedging._checks import (
    CONSTANT_TOLERANCE,
    FloatArray,
    Returns,
    paired_returns,
    require_fraction,
    require_window,
)
from hedging.errors import DegenerateDataError
from hedging.stability._line import index_of

SMALLEST_WINDOW = 5  # the interval divides by the root of window - 3
WINDOWS_AT_ONCE = 2_000  # keeps the centred copies of long windows inside some tens of megabytes


@dataclass(frozen=True, eq=False)
class RollingCorrelation:
    """Correlation in each window of ``window`` observations, labelled by the window's LAST observation.

    Attributes
    ----------
    correlation, low, high : pandas.Series, shape (n,)
        NaN for the first ``window - 1`` observations and nowhere else.
    window : int
        Observations in a window.
    confidence : float
        Level of the interval as a fraction.
    """

    correlation: pd.Series
    low: pd.Series
    high: pd.Series
    window: int
    confidence: float


def rolling_correlation(
    asset_returns: Returns, benchmark_returns: Returns, *, window: int, confidence: float = 0.95
) -> RollingCorrelation:
    """Correlate asset and benchmark in every window of ``window`` observations.

    ``r = S_xy / sqrt(S_xx S_yy)``; interval ``tanh(atanh r +- z / sqrt(window - 3))``. The value at t uses
    observations ``t - window + 1 .. t``, each window summed afresh. The interval is Fisher's for normal
    returns: with fat tails it is too narrow (nominal 95 % covers about 80 % for Student-t with 4
    degrees of freedom and 90 observations); :func:`decoupling_verdict` allows for them.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    window : int
        Observations in a window, 5 to n.
    confidence : float
        Level of the interval as a fraction.

    Raises
    ------
    InputError, InsufficientDataError
        Unusable returns or window, or fewer observations than one window.
    DegenerateDataError
        One of the two stands still in a window.

    References
    ----------
    Fisher (1921), "On the probable error of a coefficient of correlation deduced from a small sample".
    """
    require_fraction(confidence, "confidence")
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_window(window, smallest=SMALLEST_WINDOW, available=y.size)
    index = index_of(asset_returns)
    values = np.full(y.size, np.nan)
    for first in range(0, y.size - window + 1, WINDOWS_AT_ONCE):
        rows = slice(first, first + WINDOWS_AT_ONCE + window - 1)
        part = _windowed(y[rows], x[rows], window, index[rows])
        values[first + window - 1 : first + window - 1 + part.size] = part
    low, high = fisher_interval(values, float(ndtri(0.5 + confidence / 2.0)) / np.sqrt(window - 3.0))
    return RollingCorrelation(
        correlation=pd.Series(values, index=index, name="correlation"),
        low=pd.Series(low, index=index, name="low"),
        high=pd.Series(high, index=index, name="high"),
        window=int(window),
        confidence=float(confidence),
    )


def fisher_interval(correlation: FloatArray, reach: float) -> tuple[FloatArray, FloatArray]:
    """``tanh(atanh r +- reach)``; a perfect correlation is its own interval."""
    with np.errstate(divide="ignore"):
        z = np.arctanh(correlation)
    return np.tanh(z - reach), np.tanh(z + reach)


def _windowed(y: FloatArray, x: FloatArray, window: int, index: pd.Index) -> FloatArray:
    y_windows, x_windows = sliding_window_view(y, window), sliding_window_view(x, window)
    yc, s_yy = _centred(y_windows, "asset_returns", index)
    xc, s_xx = _centred(x_windows, "benchmark_returns", index)
    products = np.einsum("ij,ij->i", xc, yc)
    return np.asarray(np.clip(products / np.sqrt(s_xx) / np.sqrt(s_yy), -1.0, 1.0))


def _centred(windows: FloatArray, name: str, index: pd.Index) -> tuple[FloatArray, FloatArray]:
    spread = windows.max(axis=1) - windows.min(axis=1)
    still = spread <= CONSTANT_TOLERANCE * (1e-6 + np.abs(windows).max(axis=1))
    if still.any():
        last = index[int(still.argmax()) + windows.shape[1] - 1]
        raise DegenerateDataError(
            f"{name} did not move in the window that ends at {last}",
            parameter=name,
            value=str(last),
            allowed="returns that differ from each other in every window",
            remedy="Choose a longer window or another instrument.",
        )
    centred = windows - windows.mean(axis=1, keepdims=True)
    return centred, np.einsum("ij,ij->i", centred, centred)
