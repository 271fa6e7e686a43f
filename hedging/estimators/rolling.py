"""Beta over a moving window, with a standard error in every window, by any method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import (
    FloatArray,
    Returns,
    paired_returns,
    require_movement,
    require_window,
)
from hedging.estimators import bootstrap, kalman
from hedging.estimators._fit import Request, checked_request, finished
from hedging.estimators._windows import KERNELS, LEAST_SQUARES, Windows, estimate_windows
from hedging.estimators.estimate import FITS
from hedging.estimators.kalman import filter_beta, fit_steps
from hedging.estimators.results import (
    DEFAULT_OPTIONS,
    SMALLEST_WINDOW,
    Band,
    Covariance,
    EstimatorOptions,
    Method,
    StandardError,
    student_t_quantile,
)
from hedging.estimators.shrinkage import require_prior

SMALLEST_WINDOWS: dict[Method, int] = {
    "kalman": kalman.FEWEST_OBSERVATIONS,
    "bootstrap": bootstrap.FEWEST_OBSERVATIONS,
}


@dataclass(frozen=True, eq=False)
class RollingBeta:
    """Beta in each window of ``window`` observations, labelled by the window's LAST observation.

    Attributes
    ----------
    beta, standard_error : pandas.Series, shape (n,)
        NaN for the first ``window - 1`` observations and nowhere else.
    low, high : pandas.Series, shape (n,)
        The band: ``beta +- critical_value * standard_error``, or ``bounds`` where the method has its own.
    window : int
        Observations in a window.
    method : str
        How beta is estimated.
    covariance : str
        Of the standard error.
    confidence : float
        Level of the band as a fraction.
    band : {"window average", "weighted average", "today"}
        What the band is about.
    critical_value : float or pandas.Series
        Quantile of Student's t, a Series where the degrees of freedom differ from window to window.
    bounds : tuple of two pandas.Series, or None
    """

    beta: pd.Series
    standard_error: pd.Series
    window: int
    method: Method
    covariance: StandardError
    confidence: float
    band: Band
    critical_value: float | pd.Series
    bounds: tuple[pd.Series, pd.Series] | None

    # Worked out when asked for: a million rows of two bands cost as much as their betas.
    @property
    def low(self) -> pd.Series:
        """Lower end of the band."""
        if self.bounds is not None:
            return self.bounds[0]
        return (self.beta - self.critical_value * self.standard_error).rename("low")

    @property
    def high(self) -> pd.Series:
        """Upper end of the band."""
        if self.bounds is not None:
            return self.bounds[1]
        return (self.beta + self.critical_value * self.standard_error).rename("high")


def rolling_beta(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    window: int,
    method: Method = "ols",
    covariance: Covariance | None = None,
    confidence: float = 0.95,
    options: EstimatorOptions = DEFAULT_OPTIONS,
    progress: Callable[[float], None] | None = None,
) -> RollingBeta:
    """Estimate beta in every window of ``window`` observations.

    The value at observation t uses observations ``t - window + 1 .. t`` and equals
    :func:`hedging.estimate_beta` on them, with one exception: an asset that did not move is refused
    there, while here least squares and what is built on it give such a window the slope 0 that it has.

    Only "kalman" remembers more: its variances are fitted on the last ``window`` observations, anew every
    ``options.refit_every``, and its beta at t is filtered from all observations up to t. Least squares
    and what is built on it are computed for all windows at once; "huber", "theil_sen" and "bootstrap"
    window by window, which takes milliseconds for each.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    window : int
        Observations in a window, 5 to n (10 for "bootstrap", 20 for "kalman").
    method, covariance, confidence, options
        As in :func:`hedging.estimate_beta`.
    progress : callable, optional
        Called with the fraction done where the work goes window by window.

    Returns
    -------
    RollingBeta

    Raises
    ------
    InputError
        As :func:`hedging.estimate_beta`, or a window that is not a whole number of at least 5.
    InsufficientDataError
        Fewer observations than one window, or a window with too few periods of one direction.
    DegenerateDataError
        The benchmark did not move in one of the windows, or (HC3) one observation carries a slope; with
        "huber", "theil_sen", "bootstrap" and where "kalman" fits its variances also an asset that did
        not move.
    """
    request = checked_request(method, covariance, confidence, options)
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_window(window, smallest=_smallest_window(method, options), available=y.size)
    index = asset_returns.index if isinstance(asset_returns, pd.Series) else pd.RangeIndex(y.size)
    if method in LEAST_SQUARES or method in KERNELS:
        if method == "vasicek":
            require_prior(options.prior)
        values = estimate_windows(y, x, window, request, index)
    elif method == "kalman":
        values = _kalman_path(y, x, window, request, progress)
    else:
        values = _one_by_one(y, x, window, request, progress)

    def series(name: str, values: FloatArray) -> pd.Series:
        return pd.Series(values, index=index, name=name, copy=False)

    bounds, critical = values.bounds, values.critical_value
    return RollingBeta(
        beta=series("beta", values.beta),
        standard_error=series("standard_error", values.standard_error),
        window=int(window),
        method=method,
        covariance=request.covariance,
        confidence=confidence,
        band=BANDS.get(method, "window average"),
        critical_value=critical if isinstance(critical, float) else series("critical_value", critical),
        bounds=None if bounds is None else (series("low", bounds[0]), series("high", bounds[1])),
    )


BANDS: dict[Method, Band] = {"ewma": "weighted average", "kalman": "today"}


def _smallest_window(method: Method, options: EstimatorOptions) -> int:
    if method == "dimson":
        return 4 * options.lead_lags + SMALLEST_WINDOW
    return SMALLEST_WINDOWS.get(method, SMALLEST_WINDOW)


def _one_by_one(
    y: FloatArray, x: FloatArray, window: int, request: Request, progress: Callable[[float], None] | None
) -> Windows:
    n_windows = y.size - window + 1
    values = np.empty((4, n_windows))
    for start in range(n_windows):
        rows = slice(start, start + window)
        _require_movement(y, x, rows)
        fit = FITS[request.method](y[rows], x[rows], request)
        estimate = finished(fit, request, (None, None))
        values[:, start] = (
            estimate.beta,
            estimate.beta_standard_error,
            estimate.beta_low,
            estimate.beta_high,
        )
        if progress is not None:
            progress((start + 1) / n_windows)
    return Windows(values[0], values[1], bounds=(values[2], values[3])).on_observations(y.size)


def _require_movement(y: FloatArray, x: FloatArray, rows: slice) -> None:
    require_movement(x[rows], name=f"benchmark_returns[{rows.start}:{rows.stop}]")
    require_movement(y[rows], name=f"asset_returns[{rows.start}:{rows.stop}]")


def _kalman_path(
    y: FloatArray, x: FloatArray, window: int, request: Request, progress: Callable[[float], None] | None
) -> Windows:
    """Variances from the window that ends where a stretch begins, states from everything before."""
    beta = np.empty(y.size - window + 1)
    variance = np.empty_like(beta)
    for first in range(window - 1, y.size, request.options.refit_every):
        last = min(first + request.options.refit_every, y.size)
        known = slice(first - window + 1, first + 1)
        _require_movement(y, x, known)
        steps = fit_steps(y[known], x[known])
        states = filter_beta(y[:last], x[:last], steps, units_from=known)
        beta[first - window + 1 : last - window + 1] = states.beta[first:last]
        variance[first - window + 1 : last - window + 1] = states.covariance[first:last, 1, 1]
        if progress is not None:
            progress((last - window + 1) / beta.size)
    error = np.sqrt(variance.clip(min=0.0))
    critical = student_t_quantile(request.confidence, window - 2)
    return Windows(beta, error, critical).on_observations(y.size)
