"""Every window of a series at once: slopes and standard errors as arrays.

Least squares runs in one compiled pass; the others take windows of asset and benchmark returns, shape
(n_windows, window), and sum each one afresh from its own centred observations. Either way a bad price
leaves no trace in windows without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import stdtrit

from hedging._checks import CONSTANT_TOLERANCE, FloatArray
from hedging.errors import DegenerateDataError, InsufficientDataError
from hedging.estimators._fit import Request
from hedging.estimators.regression import LEVERAGE_LIMIT, in_lockstep, independent, newey_west_lags
from hedging.estimators.results import SMALLEST_WINDOW, Method, StandardError, student_t_quantile
from hedging.estimators.shrinkage import BLUME_WEIGHT
from hedging.estimators.weighted import decay_weights, require_weight


@dataclass(frozen=True, eq=False)
class Windows:
    """One value for each window, shape (n_windows,), or for each observation, shape (n,).

    ``bounds`` is None where the band is ``beta +- critical_value * standard_error``.
    """

    beta: FloatArray
    standard_error: FloatArray
    critical_value: float | FloatArray = math.nan
    bounds: tuple[FloatArray, FloatArray] | None = None

    def on_observations(self, n: int) -> Windows:
        """The same values with NaN before the first full window."""
        return Windows(
            _after_warm_up(self.beta, n),
            _after_warm_up(self.standard_error, n),
            self.critical_value
            if isinstance(self.critical_value, float)
            else _after_warm_up(self.critical_value, n),
            None
            if self.bounds is None
            else (_after_warm_up(self.bounds[0], n), _after_warm_up(self.bounds[1], n)),
        )


def least_squares_windows(
    y: FloatArray, x: FloatArray, window: int, request: Request, index: pd.Index
) -> Windows:
    """Least squares in every window of a series, shape (n,), and Blume's and Vasicek's shrinkage of it."""
    from hedging.estimators import _compiled

    beta, error = np.empty(y.size), np.empty(y.size)
    beta[: window - 1], error[: window - 1] = np.nan, np.nan
    stopped, last = _compiled.rolling_slopes(
        y, x, window, KINDS[request.covariance], newey_west_lags(window), beta, error
    )
    if stopped == _compiled.STILL:
        raise still(index[last])
    if stopped == _compiled.DECIDED:
        raise decided(index[last])
    return Windows(*shrunk(beta, error, request), student_t_quantile(request.confidence, window - 2))


def shrunk(beta: FloatArray, error: FloatArray, request: Request) -> tuple[FloatArray, FloatArray]:
    """Betas and errors drawn as the method draws them; least squares itself leaves them."""
    if request.method == "ols":
        return beta, error
    prior = request.options.prior
    if request.method == "blume" or prior is None:
        return BLUME_WEIGHT * beta + 1.0 - BLUME_WEIGHT, BLUME_WEIGHT * error
    weight = prior.variance / (prior.variance + error * error)
    return weight * beta + (1.0 - weight) * prior.mean, np.sqrt(weight) * error


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
    return Windows(beta, np.sqrt(variance), student_t_quantile(request.confidence, effective - 2.0))


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
    critical = stdtrit(counts - 2.0, 0.5 + request.confidence / 2.0)
    return Windows(beta, np.sqrt(variance), np.asarray(critical, dtype=np.float64))


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
    cross = np.einsum("bki,bli->bkl", centred, centred)
    told_apart = independent(cross, np.abs(regressors).max(axis=2))
    if not told_apart.all():
        raise in_lockstep(k, f" in the window that ends at {ends[int(np.argmin(told_apart))]}")
    inverse = np.linalg.inv(cross)
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
    critical = student_t_quantile(request.confidence, rows - k - 1)
    return Windows(slopes.sum(axis=1), np.sqrt(variance), critical)


# As hedging.estimators._compiled numbers them; importing it here would load numba with the library.
KINDS: dict[StandardError, int] = {"nonrobust": 0, "hc3": 1, "hac": 2}
LEAST_SQUARES: tuple[Method, ...] = ("ols", "blume", "vasicek")
KERNELS: dict[Method, Callable[[FloatArray, FloatArray, Request, pd.Index], Windows]] = {
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
    if request.method in LEAST_SQUARES:
        return least_squares_windows(y, x, window, request, index)
    kernel, ends = KERNELS[request.method], index[window - 1 :]
    y_windows, x_windows = sliding_window_view(y, window), sliding_window_view(x, window)
    step = max(1, BLOCK_ELEMENTS // window)
    parts = [
        kernel(y_windows[rows], x_windows[rows], request, ends[rows])
        for rows in (slice(start, start + step) for start in range(0, len(y_windows), step))
    ]
    return Windows(
        np.concatenate([part.beta for part in parts]),
        np.concatenate([part.standard_error for part in parts]),
        np.concatenate([np.broadcast_to(part.critical_value, part.beta.shape) for part in parts]),
    ).on_observations(y.size)


def _after_warm_up(values: FloatArray, n: int) -> FloatArray:
    return np.concatenate([np.full(n - values.size, np.nan), values])


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


def _leverage(leverage: FloatArray, ends: pd.Index) -> FloatArray:
    alone = leverage.max(axis=1) >= LEVERAGE_LIMIT
    if alone.any():
        raise decided(ends[int(np.flatnonzero(alone)[0])])
    return leverage


def _require_moving(largest: FloatArray, s_xx: FloatArray, ends: pd.Index) -> None:
    scale = CONSTANT_TOLERANCE * (1e-6 + largest)
    motionless = s_xx <= scale * scale
    if motionless.any():
        raise still(ends[int(np.flatnonzero(motionless)[0])])


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


def decided(end: object) -> DegenerateDataError:
    """What to raise where one observation carries a slope."""
    return DegenerateDataError(
        f"one observation alone decides the slope of the window that ends at {end}",
        parameter="benchmark_returns",
        value=str(end),
        allowed="benchmark returns with more than one value different from the rest",
        remedy="Choose a longer lookback, or another covariance than HC3.",
    )


def still(end: object) -> DegenerateDataError:
    """What to raise where a window of the benchmark stands still."""
    return DegenerateDataError(
        f"benchmark_returns did not move in the window that ends at {end}",
        parameter="benchmark_returns",
        value=str(end),
        allowed="a benchmark that moves in every window",
        remedy="Choose a longer lookback or another benchmark.",
    )
