"""Every window of a series at once: slopes and standard errors as arrays.

Each function takes windows of asset and benchmark returns, shape (n_windows, window), and sums each one
afresh from its own centred observations, so that a bad price leaves no trace in windows without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import stdtrit

from hedging._checks import CONSTANT_TOLERANCE, FloatArray
from hedging.errors import DegenerateDataError, InsufficientDataError
from hedging.estimators._fit import Request
from hedging.estimators.regression import LEVERAGE_LIMIT, newey_west_lags
from hedging.estimators.results import SMALLEST_WINDOW, Method
from hedging.estimators.shrinkage import BLUME_WEIGHT
from hedging.estimators.weighted import decay_weights, require_weight


@dataclass(frozen=True, eq=False)
class Windows:
    """One value for each window, all of shape (n_windows,)."""

    beta: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray


def ols_windows(y: FloatArray, x: FloatArray, request: Request, ends: pd.Index) -> Windows:
    """Least squares, as :func:`hedging.estimate_beta` with method "ols"."""
    xc, s_xx = _centred(x, ends)
    beta = np.einsum("ij,ij->i", xc, y - y.mean(axis=1, keepdims=True)) / s_xx
    residuals = (y - y.mean(axis=1, keepdims=True)) - beta[:, None] * xc
    window = x.shape[1]
    if request.covariance == "nonrobust":
        variance = np.einsum("ij,ij->i", residuals, residuals) / (window - 2) / s_xx
    else:
        if request.covariance == "hc3":
            residuals = residuals / (1.0 - _leverage(1.0 / window + xc * xc / s_xx[:, None], ends))
        variance = _bartlett(xc * residuals, request) / (s_xx * s_xx)
    return _with_band(beta, variance, np.full(len(beta), window - 2.0), request)


def shrunk_windows(y: FloatArray, x: FloatArray, request: Request, ends: pd.Index) -> Windows:
    """Blume's and Vasicek's shrinkage of the least-squares windows."""
    plain = ols_windows(y, x, request, ends)
    variance = plain.standard_error**2
    prior = request.options.prior
    if request.method == "blume" or prior is None:
        weight, towards = np.full(len(variance), BLUME_WEIGHT), 1.0
        posterior = weight * weight * variance
    else:
        weight, towards = prior.variance / (prior.variance + variance), prior.mean
        posterior = weight * variance
    beta = weight * plain.beta + (1.0 - weight) * towards
    return _with_band(beta, posterior, np.full(len(beta), x.shape[1] - 2.0), request)


def ewma_windows(y: FloatArray, x: FloatArray, request: Request, ends: pd.Index) -> Windows:
    """Exponentially weighted least squares inside each window."""
    weights = decay_weights(x.shape[1], request.options.half_life)
    effective = require_weight(weights, request.options.half_life)
    share = weights / weights.sum()
    _centred(x, ends)
    xc, yc = x - (x @ share)[:, None], y - (y @ share)[:, None]
    s_xx = (xc * xc) @ share
    beta = (xc * yc) @ share / s_xx
    leverage = _leverage(share * (1.0 + xc * xc / s_xx[:, None]), ends)
    scores = share * xc * (yc - beta[:, None] * xc) / (1.0 - leverage)
    variance = np.einsum("ij,ij->i", scores, scores) / (s_xx * s_xx)
    return _with_band(beta, variance, np.full(len(beta), effective - 2.0), request)


def conditional_windows(y: FloatArray, x: FloatArray, request: Request, ends: pd.Index) -> Windows:
    """Least squares on the rows of each window in which the benchmark fell, or rose."""
    chosen = (x < 0.0 if request.method == "downside" else x > 0.0).astype(np.float64)
    counts = chosen.sum(axis=1)
    _require_rows(counts, ends)
    xc = chosen * (x - (np.einsum("ij,ij->i", chosen, x) / counts)[:, None])
    yc = chosen * (y - (np.einsum("ij,ij->i", chosen, y) / counts)[:, None])
    s_xx = np.einsum("ij,ij->i", xc, xc)
    _require_moving(np.abs(chosen * x).max(axis=1), s_xx, ends)
    beta = np.einsum("ij,ij->i", xc, yc) / s_xx
    residuals = yc - beta[:, None] * xc
    if request.covariance == "nonrobust":
        variance = np.einsum("ij,ij->i", residuals, residuals) / (counts - 2.0) / s_xx
    else:
        leverage = _leverage(chosen / counts[:, None] + xc * xc / s_xx[:, None], ends)
        scores = xc * residuals / (1.0 - leverage)
        variance = np.einsum("ij,ij->i", scores, scores) / (s_xx * s_xx)
    return _with_band(beta, variance, counts - 2.0, request)


def dimson_windows(y: FloatArray, x: FloatArray, request: Request, ends: pd.Index) -> Windows:
    """Sum of the betas of leads and lags in each window."""
    reach = request.options.lead_lags
    k, rows = 2 * reach + 1, x.shape[1] - 2 * reach
    inner = y[:, reach : y.shape[1] - reach]
    # Shape (n_windows, k, rows): the benchmark from L periods before to L periods after.
    regressors = np.stack([x[:, lag : lag + rows] for lag in range(k)], axis=1)
    _centred(x, ends)
    centred = regressors - regressors.mean(axis=2, keepdims=True)
    yc = inner - inner.mean(axis=1, keepdims=True)
    inverse = np.linalg.inv(np.einsum("bki,bli->bkl", centred, centred))
    slopes = np.einsum("bkl,bli,bi->bk", inverse, centred, yc, optimize=True)
    residuals = yc - np.einsum("bk,bki->bi", slopes, centred)
    if request.covariance == "nonrobust":
        scale = np.einsum("ij,ij->i", residuals, residuals) / (rows - k - 1)
        variance = scale * inverse.sum(axis=(1, 2))
    else:
        if request.covariance == "hc3":
            hat = np.einsum("bki,bkl,bli->bi", centred, inverse, centred, optimize=True)
            residuals = residuals / (1.0 - _leverage(1.0 / rows + hat, ends))
        # What one observation adds to the SUM of the slopes: one number instead of k.
        weights = np.einsum("bk,bki->bi", inverse.sum(axis=1), centred)
        variance = _bartlett(weights * residuals, request)
    return _with_band(slopes.sum(axis=1), variance, np.full(len(slopes), rows - k - 1.0), request)


KERNELS: dict[Method, Callable[[FloatArray, FloatArray, Request, pd.Index], Windows]] = {
    "ols": ols_windows,
    "blume": shrunk_windows,
    "vasicek": shrunk_windows,
    "ewma": ewma_windows,
    "downside": conditional_windows,
    "upside": conditional_windows,
    "dimson": dimson_windows,
}

# Windows are worked on in blocks of about this many elements: large enough to amortise a call,
# small enough to stay in the processor's cache (2 MB an array).
BLOCK_ELEMENTS = 1 << 18


def estimate_windows(y: FloatArray, x: FloatArray, window: int, request: Request, index: pd.Index) -> Windows:
    """All windows of two series of one length, in blocks, by the kernel of the method."""
    kernel = KERNELS[request.method]
    y_windows, x_windows = sliding_window_view(y, window), sliding_window_view(x, window)
    ends = index[window - 1 :]
    step = max(1, BLOCK_ELEMENTS // window)
    parts = [
        kernel(y_windows[rows], x_windows[rows], request, ends[rows])
        for rows in (slice(start, start + step) for start in range(0, len(y_windows), step))
    ]
    return Windows(
        beta=np.concatenate([part.beta for part in parts]),
        standard_error=np.concatenate([part.standard_error for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        high=np.concatenate([part.high for part in parts]),
    )


def _centred(x: FloatArray, ends: pd.Index) -> tuple[FloatArray, FloatArray]:
    xc = x - x.mean(axis=1, keepdims=True)
    s_xx = np.einsum("ij,ij->i", xc, xc)
    _require_moving(np.abs(x).max(axis=1), s_xx, ends)
    return xc, s_xx


def _bartlett(scores: FloatArray, request: Request) -> FloatArray:
    """Sum of squares of the scores and, for HAC, of their products with weights falling to zero."""
    total = np.einsum("ij,ij->i", scores, scores)
    if request.covariance == "hac":
        lags = newey_west_lags(scores.shape[1])
        for lag in range(1, lags + 1):
            weight = 2.0 * (1.0 - lag / (lags + 1.0))
            total += weight * np.einsum("ij,ij->i", scores[:, lag:], scores[:, :-lag])
    clipped: FloatArray = total.clip(min=0.0)
    return clipped


def _with_band(beta: FloatArray, variance: FloatArray, freedom: FloatArray, request: Request) -> Windows:
    error = np.sqrt(variance)
    reach = stdtrit(freedom, 0.5 + request.confidence / 2.0) * error
    return Windows(beta=beta, standard_error=error, low=beta - reach, high=beta + reach)


def _leverage(leverage: FloatArray, ends: pd.Index) -> FloatArray:
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
    return leverage


def _require_moving(largest: FloatArray, s_xx: FloatArray, ends: pd.Index) -> None:
    scale = CONSTANT_TOLERANCE * (1e-6 + largest)
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


def _require_rows(counts: FloatArray, ends: pd.Index) -> None:
    if (counts < SMALLEST_WINDOW).any():
        first = int(np.flatnonzero(counts < SMALLEST_WINDOW)[0])
        raise InsufficientDataError(
            f"the window that ends at {ends[first]} holds {counts[first]:.0f} periods of that direction",
            parameter="window",
            value=int(counts[first]),
            allowed=f"at least {SMALLEST_WINDOW} in every window",
            remedy="Choose a longer lookback.",
        )
