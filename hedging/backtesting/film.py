"""Every lookback at once: all that a lookback scrubber paints, worked out before it is dragged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import FloatArray, require_window
from hedging.alignment import AlignedReturns
from hedging.backtesting.walk_forward import FEWEST_PERIODS, require_simple
from hedging.errors import InputError
from hedging.estimators._fit import Request, checked_request
from hedging.estimators._windows import KINDS, decided, shrunk, still
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.regression import newey_west_lags
from hedging.estimators.results import (
    DEFAULT_OPTIONS,
    SMALLEST_WINDOW,
    BetaEstimate,
    Covariance,
    Method,
    student_t_quantile,
)
from hedging.instruments.sizing import require_position

IntArray = npt.NDArray[np.int64]

#: Methods whose beta is known for all lookbacks in well under a second.
FILM_METHODS: tuple[Method, ...] = ("ols", "blume")
MOST_BETA_POINTS, MOST_PNL_POINTS = 600, 800  # of one frame: one for every two or three pixels


@dataclass(frozen=True, eq=False)
class PnlFrame:
    """The walk forward with one lookback, at the rows to draw.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (m,)
        Positions in the returns; every peak and trough of every line is among them.
    cumulative_usd, drawdown_usd : numpy.ndarray, shape (3, m)
        Unhedged, dollar hedge, beta hedge, as :func:`hedging.backtest_hedge` gives them.
    effectiveness : float
        Share of the unhedged variance that the beta hedge removed.
    """

    rows: IntArray
    cumulative_usd: FloatArray
    drawdown_usd: FloatArray
    effectiveness: float


@dataclass(frozen=True, eq=False)
class LookbackFrame:
    """What is painted at one lookback.

    Attributes
    ----------
    window : int
        The lookback in observations.
    estimate : BetaEstimate
        Of the last window, as :func:`hedging.estimate_beta` gives it.
    rows : numpy.ndarray of int, shape (m,)
        Positions in the returns at which rolling beta is drawn.
    beta, low, high : numpy.ndarray, shape (m,)
        As :func:`hedging.rolling_beta` gives them at these rows.
    beta_lowest, beta_highest : float
        Over ALL windows.
    pnl : PnlFrame or None
        None without a position, where the lookback leaves fewer than 10 periods, or an asset that stands
        still in them.
    """

    window: int
    estimate: BetaEstimate
    rows: IntArray
    beta: FloatArray
    low: FloatArray
    high: FloatArray
    beta_lowest: float
    beta_highest: float
    pnl: PnlFrame | None


@dataclass(frozen=True, eq=False)
class LookbackFilm:
    """One frame for each lookback, over the same returns.

    Attributes
    ----------
    frames : tuple of LookbackFrame
        By increasing window.
    index : pandas.DatetimeIndex, shape (n,)
        Of the returns; rows of the frames are positions in it.
    position_usd : float
        0 where there is none.
    method, confidence
        As asked for.
    """

    frames: tuple[LookbackFrame, ...]
    index: pd.DatetimeIndex
    position_usd: float
    method: Method
    confidence: float


def lookback_film(
    returns: AlignedReturns,
    *,
    windows: Sequence[int],
    position_usd: float = 0.0,
    method: Method = "ols",
    covariance: Covariance | None = None,
    confidence: float = 0.95,
    most_points: tuple[int, int] = (MOST_BETA_POINTS, MOST_PNL_POINTS),
) -> LookbackFilm:
    """Estimate, rolling beta and walk-forward P&L of every lookback, thinned to what a screen can show.

    Nothing is thinned before it is computed: each number is that of the full history, only the rows at
    which lines are drawn are chosen, by buckets that keep their ends and each line's extremes (for the
    band those of its classical width). Standard errors are worked out at these rows alone.

    Parameters
    ----------
    returns : AlignedReturns
        Simple returns from :func:`hedging.align`.
    windows : sequence of int
        Different lookbacks, each 5 to n.
    position_usd : float
        Signed value of the position; 0 leaves the P&L out.
    method : {"ols", "blume"}
    covariance, confidence
        As in :func:`hedging.estimate_beta`.
    most_points : tuple of two int
        Rows of rolling beta and of P&L, roughly.

    Returns
    -------
    LookbackFilm

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        As :func:`hedging.rolling_beta`, for any of the windows; another method; logarithmic returns.
    """
    request = checked_request(method, covariance, confidence, DEFAULT_OPTIONS, methods=FILM_METHODS)
    require_simple(returns)
    value = require_position(position_usd) if position_usd else 0.0
    y = np.ascontiguousarray(returns.asset.to_numpy(dtype=np.float64))
    x = np.ascontiguousarray(returns.benchmark.to_numpy(dtype=np.float64))
    lookbacks = _lookbacks(windows, y.size)
    strip = _Strip(y, x, request, pd.DatetimeIndex(returns.asset.index))
    frames = []
    for window in lookbacks:
        estimate = estimate_beta(
            returns.asset.iloc[-window:],
            returns.benchmark.iloc[-window:],
            method=method,
            covariance=covariance,
            confidence=confidence,
        )
        frames.append(strip.frame(window, estimate, value, most_points))
    return LookbackFilm(
        frames=tuple(frames),
        index=strip.index,
        position_usd=value,
        method=method,
        confidence=float(confidence),
    )


class _Strip:
    """The returns with room for one lookback's betas, used again for the next."""

    def __init__(self, y: FloatArray, x: FloatArray, request: Request, index: pd.DatetimeIndex) -> None:
        self.y, self.x, self.request, self.index = y, x, request, index
        self.beta, self.error = np.empty_like(y), np.empty_like(y)

    def frame(
        self, window: int, estimate: BetaEstimate, value: float, most_points: tuple[int, int]
    ) -> LookbackFrame:
        """Everything at one lookback."""
        from hedging.estimators import _compiled

        stopped, last = _compiled.rolling_slopes(
            self.y, self.x, window, _compiled.NONROBUST, 0, self.beta, self.error
        )
        if stopped == _compiled.STILL:
            raise still(self.index[last])
        beta, classical = shrunk(self.beta[window - 1 :], self.error[window - 1 :], self.request)
        critical = student_t_quantile(self.request.confidence, window - 2)
        rows = _rows_to_draw(
            np.stack([beta, beta - critical * classical, beta + critical * classical]), most_points[0]
        )
        reach = critical * self._errors(window, rows + window - 1)
        drawn = beta[rows]
        return LookbackFrame(
            window=window,
            estimate=estimate,
            rows=rows + window - 1,
            beta=drawn,
            low=drawn - reach,
            high=drawn + reach,
            beta_lowest=float(beta.min()),
            beta_highest=float(beta.max()),
            pnl=self._pnl(window, beta[:-1], value, most_points[1]),
        )

    def _errors(self, window: int, ends: IntArray) -> FloatArray:
        from hedging.estimators import _compiled

        errors = np.empty(ends.size)
        kind = KINDS[self.request.covariance]
        stopped = _compiled.errors_at(self.y, self.x, window, kind, newey_west_lags(window), ends, errors)
        if stopped >= 0:
            raise decided(self.index[int(ends[stopped])])
        return shrunk(self.beta[ends], errors, self.request)[1]

    def _pnl(self, window: int, hedge_ratio: FloatArray, value: float, most_points: int) -> PnlFrame | None:
        """As the walk forward: the beta that ends at t - 1 is the hedge of period t."""
        from hedging.estimators import _compiled

        if not value or self.y.size - window < FEWEST_PERIODS:
            return None
        lines, moments = np.empty((6, self.y.size - window)), np.empty(3)
        _compiled.walked_lines(self.y[window:], self.x[window:], hedge_ratio, value, lines, moments)
        if moments[0] == 0.0:  # nothing moved: no share of it can be removed
            return None
        rows = _rows_to_draw(lines, most_points)
        return PnlFrame(
            rows=rows + window,
            cumulative_usd=lines[:3, rows],
            drawdown_usd=lines[3:, rows],
            effectiveness=float(1.0 - moments[2] / moments[0]),
        )


def _rows_to_draw(lines: FloatArray, most_points: int) -> IntArray:
    from hedging.estimators import _compiled

    n_lines, n = lines.shape
    if n <= most_points:
        return np.arange(n, dtype=np.int64)
    kept = np.zeros(n, dtype=np.bool_)
    _compiled.extreme_rows(lines, max(1, most_points // (2 + 2 * n_lines)), kept)
    return np.flatnonzero(kept)


def _lookbacks(windows: Sequence[int], n: int) -> list[int]:
    if not isinstance(windows, Iterable):
        raise InputError(
            f"windows is {windows!r}",
            parameter="windows",
            value=windows,
            allowed="several lookbacks, such as range(10, 366)",
            remedy="For one lookback use hedging.rolling_beta and hedging.backtest_hedge.",
        )
    given = list(windows)
    for window in given:
        require_window(window, smallest=SMALLEST_WINDOW, available=n, parameter="windows")
    different = sorted({int(window) for window in given})
    if not given or len(different) != len(given):
        raise InputError(
            f"windows holds {len(given)} lookbacks, {len(different)} of them different",
            parameter="windows",
            value=len(given),
            allowed="at least one lookback, each once",
            remedy="Remove the repeated ones.",
        )
    return different
