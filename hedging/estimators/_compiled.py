"""Every window of a long series in one compiled pass.

Means and centred products of a window are put together from two stretches that meet at a block's
border: sums to the end of the block before, and sums from its beginning on (van Herk 1992; merged as Chan,
Golub and LeVeque 1979). Nothing is ever subtracted from a running sum, so a bad price leaves no trace in
windows without it, and each window costs the same whatever its length.

Compiled on first use and kept on disk by numba. Serial on purpose: sessions call it from many threads at
once, which numba's own thread pool does not allow; without the interpreter's lock they run side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from hedging._checks import CONSTANT_TOLERANCE, FloatArray
from hedging.estimators.regression import LEVERAGE_LIMIT

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NONROBUST, HC3, HAC = 0, 1, 2
STILL_BOUND = 2.0 * CONSTANT_TOLERANCE**2  # (a + b)^2 is at most 2 (a^2 + b^2)
FINE, STILL, DECIDED = 0, 1, 2  # what stopped a pass

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function, **options: Any) -> Function:
    """``numba.njit`` without the interpreter's lock, kept on disk where there is a place to keep it."""
    settings = {"nogil": True, "error_model": "numpy", **options}
    try:
        return njit(cache=True, **settings)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return njit(**settings)(function)  # type: ignore[no-any-return]


def compiled_in_any_order(function: Function) -> Function:
    """Sums may be added in any order, which lets the processor take several terms at a time."""
    return compiled(function, fastmath={"reassoc", "contract"})


@compiled
def _stands_still(x: FloatArray, first: int, window: int, squares: float) -> bool:
    largest = 0.0
    for i in range(first, first + window):
        largest = max(largest, abs(x[i]))
    limit = CONSTANT_TOLERANCE * (1e-6 + largest)
    return squares <= limit * limit


@compiled
def _squares(
    y: FloatArray, x: FloatArray, first: int, window: int, mean_x: float, mean_y: float, slope: float
) -> float:
    total = 0.0
    for i in range(first, first + window):
        residual = (y[i] - mean_y) - slope * (x[i] - mean_x)
        total += residual * residual
    return total


@compiled_in_any_order
def _leave_one_out(
    y: FloatArray, x: FloatArray, first: int, window: int, line: tuple[float, float, float, float]
) -> float:
    """HC3's sum of squared scores of one window; -1 where one observation decides the slope."""
    mean_x, mean_y, slope, s_xx = line
    total, largest, own, scale = 0.0, 0.0, 1.0 / window, 1.0 / s_xx
    for i in range(first, first + window):
        xc = x[i] - mean_x
        leverage = own + xc * xc * scale
        largest = max(largest, leverage)
        score = xc * ((y[i] - mean_y) - slope * xc) / (1.0 - leverage)
        total += score * score
    return -1.0 if largest >= LEVERAGE_LIMIT else total


@compiled_in_any_order
def _bartlett(
    y: FloatArray,
    x: FloatArray,
    first: int,
    scores: FloatArray,
    lags: int,
    line: tuple[float, float, float, float],
) -> float:
    """HAC's sum of one window: squared scores and their products with weights falling to zero."""
    mean_x, mean_y, slope, _ = line
    window = scores.size
    total = 0.0
    for i in range(window):
        xc = x[first + i] - mean_x
        score = xc * ((y[first + i] - mean_y) - slope * xc)
        scores[i] = score
        total += score * score
    for lag in range(1, lags + 1):
        crossed = 0.0
        for i in range(lag, window):
            crossed += scores[i] * scores[i - lag]
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * crossed
    return max(total, 0.0)


@compiled
def _fill_heads(
    y: FloatArray, x: FloatArray, start: int, size: int, inverse: FloatArray, heads: FloatArray
) -> None:
    """Means and centred products from the start of a block to each of its positions, shape (5, window)."""
    mx = my = xx = xy = yy = 0.0
    for j in range(size):
        dx, dy = x[start + j] - mx, y[start + j] - my
        mx += dx * inverse[j + 1]
        my += dy * inverse[j + 1]
        xx += dx * (x[start + j] - mx)
        xy += dx * (y[start + j] - my)
        yy += dy * (y[start + j] - my)
        heads[0, j], heads[1, j], heads[2, j], heads[3, j], heads[4, j] = mx, my, xx, xy, yy


@compiled
def _fill_tails(y: FloatArray, x: FloatArray, start: int, inverse: FloatArray, tails: FloatArray) -> None:
    """Means and centred products from each position of a block to its end, shape (5, window)."""
    w = tails.shape[1]
    mx = my = xx = xy = yy = 0.0
    for j in range(w - 1, -1, -1):
        dx, dy = x[start + j] - mx, y[start + j] - my
        mx += dx * inverse[w - j]
        my += dy * inverse[w - j]
        xx += dx * (x[start + j] - mx)
        xy += dx * (y[start + j] - my)
        yy += dy * (y[start + j] - my)
        tails[0, j], tails[1, j], tails[2, j], tails[3, j], tails[4, j] = mx, my, xx, xy, yy


@compiled
def _classical(heads: FloatArray, tails: FloatArray, size: int, beta: FloatArray, error: FloatArray) -> bool:
    """Slopes and classical errors of the windows that reach into the next block, several at a time.

    Gives whether all are plain. A benchmark that may stand still and a line that explains nearly everything
    ask for a closer look, which would keep the processor from taking several.
    """
    w = tails.shape[1]
    own, freedom = 1.0 / w, 1.0 / (w - 2.0)
    odd = 0
    for k in range(1, size):
        share = k * own
        weight = share * (w - k)
        gap_x, gap_y = heads[0, k - 1] - tails[0, k], heads[1, k - 1] - tails[1, k]
        xx = tails[2, k] + (heads[2, k - 1] + gap_x * gap_x * weight)
        xy = tails[3, k] + (heads[3, k - 1] + gap_x * gap_y * weight)
        yy = tails[4, k] + (heads[4, k - 1] + gap_y * gap_y * weight)
        mean = tails[0, k] + gap_x * share
        over = 1.0 / xx
        slope = xy * over
        left = yy - slope * xy
        odd |= (xx <= STILL_BOUND * (1e-12 + xx + w * mean * mean)) | (left < 1e-6 * yy)
        beta[k] = slope
        error[k] = np.sqrt(left * over * freedom)
    return odd == 0


@compiled
def rolling_slopes(
    y: FloatArray, x: FloatArray, window: int, kind: int, lags: int, beta: FloatArray, error: FloatArray
) -> tuple[int, int]:
    """Fill ``beta`` and ``error``, shape (n,), from position ``window - 1`` on.

    Returns what stopped the pass (0 nothing, 1 a benchmark that stands still, 2 an observation that alone
    decides a slope) and the position of that window's last observation.
    """
    n, w = x.size, window
    inverse, scores = np.empty(w + 1), np.empty(w)
    heads, tails = np.empty((5, w)), np.empty((5, w))
    for count in range(1, w + 1):
        inverse[count] = 1.0 / count
    freedom = 1.0 / (w - 2.0)
    for start in range(0, n - w + 1, w):
        size, at = min(w, n - w + 1 - start), start + w - 1
        _fill_tails(y, x, start, inverse, tails)
        _fill_heads(y, x, start + w, size - 1, inverse, heads)
        if kind == NONROBUST and _classical(heads, tails, size, beta[at : at + size], error[at : at + size]):
            size = 1
        # The window that is the block, then those that reach k observations into the next one.
        for k in range(size):
            end = at + k
            whole_mx, whole_my = tails[0, k], tails[1, k]
            whole_xx, whole_xy, whole_yy = tails[2, k], tails[3, k], tails[4, k]
            if k > 0:
                gap_x, gap_y = heads[0, k - 1] - whole_mx, heads[1, k - 1] - whole_my
                share = k * inverse[w]
                weight = share * (w - k)
                whole_xx += heads[2, k - 1] + gap_x * gap_x * weight
                whole_xy += heads[3, k - 1] + gap_x * gap_y * weight
                whole_yy += heads[4, k - 1] + gap_y * gap_y * weight
                whole_mx += gap_x * share
                whole_my += gap_y * share
            first = end - w + 1
            # A bound on the largest value first: it costs nothing and is hardly ever too large.
            bound = STILL_BOUND * (1e-12 + whole_xx + w * whole_mx * whole_mx)
            if whole_xx <= bound and _stands_still(x, first, w, whole_xx):
                return STILL, end
            over = 1.0 / whole_xx
            slope = whole_xy * over
            beta[end] = slope
            if kind == NONROBUST:
                left = max(whole_yy - slope * whole_xy, 0.0)
                # Subtraction has lost its digits where the line explains nearly everything.
                if left < 1e-6 * whole_yy:
                    left = _squares(y, x, first, w, whole_mx, whole_my, slope)
                error[end] = np.sqrt(left * over * freedom)
                continue
            line = whole_mx, whole_my, slope, whole_xx
            if kind == HC3:
                total = _leave_one_out(y, x, first, w, line)
                if total < 0.0:
                    return DECIDED, end
            else:
                total = _bartlett(y, x, first, scores, lags, line)
            error[end] = np.sqrt(total) * over
    return FINE, 0


@compiled
def errors_at(
    y: FloatArray,
    x: FloatArray,
    window: int,
    kind: int,
    lags: int,
    ends: IntArray,
    error: FloatArray,
) -> int:
    """Fill ``error``, shape of ``ends``, for the windows that end there: few windows of many.

    Returns the position of the end whose slope one observation alone decides, else -1.
    """
    scores = np.empty(window)
    for i in range(ends.size):
        first = ends[i] - window + 1
        mean_x = mean_y = 0.0
        for j in range(first, first + window):
            mean_x += x[j]
            mean_y += y[j]
        mean_x /= window
        mean_y /= window
        s_xx = s_xy = 0.0
        for j in range(first, first + window):
            xc = x[j] - mean_x
            s_xx += xc * xc
            s_xy += xc * (y[j] - mean_y)
        line = mean_x, mean_y, s_xy / s_xx, s_xx
        if kind == HC3:
            total = _leave_one_out(y, x, first, window, line)
            if total < 0.0:
                return i
        elif kind == HAC:
            total = _bartlett(y, x, first, scores, lags, line)
        else:
            total = _squares(y, x, first, window, mean_x, mean_y, line[2]) * s_xx / (window - 2.0)
        error[i] = np.sqrt(total) / s_xx
    return -1


@compiled
def extreme_rows(lines: FloatArray, buckets: int, kept: BoolArray) -> None:
    """Mark the first and last row of each bucket and the rows of each line's smallest and largest value.

    ``lines`` has shape (n_lines, n), ``kept`` (n,). Buckets are equal up to one row.
    """
    n = lines.shape[1]
    for bucket in range(buckets):
        start, stop = bucket * n // buckets, (bucket + 1) * n // buckets
        if start == stop:
            continue
        kept[start] = True
        kept[stop - 1] = True
        for k in range(lines.shape[0]):
            low = high = start
            for row in range(start, stop):
                value = lines[k, row]
                if value < lines[k, low]:
                    low = row
                if value > lines[k, high]:
                    high = row
            kept[low] = True
            kept[high] = True


@compiled
def walked_lines(
    y: FloatArray, x: FloatArray, ratio: FloatArray, value: float, lines: FloatArray, moments: FloatArray
) -> None:
    """Running sums of unhedged, dollar-hedged and beta-hedged P&L, then drawdowns: ``lines`` (6, n).

    ``moments`` (3,) takes the sums of squared distances from the mean of each P&L (Welford 1962).
    """
    pnl, total, peak, mean = np.empty(3), np.zeros(3), np.zeros(3), np.zeros(3)
    moments[:] = 0.0
    for t in range(y.size):
        pnl[0] = value * y[t]
        pnl[1] = value * (y[t] - x[t])
        pnl[2] = value * (y[t] - ratio[t] * x[t])
        for k in range(3):
            total[k] += pnl[k]
            peak[k] = max(peak[k], total[k])
            lines[k, t] = total[k]
            lines[3 + k, t] = total[k] - peak[k]
            step = pnl[k] - mean[k]
            mean[k] += step / (t + 1)
            moments[k] += step * (pnl[k] - mean[k])
