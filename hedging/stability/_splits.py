"""Chow's statistic at many dates of many samples at once, from running sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hedging._checks import FloatArray

BreakCovariance = Literal["robust", "classical"]
COEFFICIENTS = 2  # alpha and beta


@dataclass(frozen=True, eq=False)
class Halves:
    """Lines on both sides of each split, arrays (n_samples, n_splits)."""

    statistic: FloatArray
    slope_before: FloatArray
    slope_after: FloatArray


@dataclass(frozen=True, eq=False)
class _Side:
    """One side: its line and the covariance of it, arrays (n_samples, n_splits)."""

    intercept: FloatArray
    slope: FloatArray
    inverse: tuple[FloatArray, FloatArray, FloatArray]  # of X'X: 11, 12, 22
    squares: tuple[FloatArray, FloatArray, FloatArray]  # sums of e^2, x e^2, x^2 e^2
    size: FloatArray


def split_statistics(
    y: FloatArray, x: FloatArray, splits: np.ndarray[tuple[int], np.dtype[np.int64]], kind: BreakCovariance
) -> Halves:
    """``F`` of equal lines before and from each split.

    ``F = d' (V_1 + V_2)^-1 d / 2`` with ``d`` the difference of (alpha, beta). Classical: both V from one
    variance, which is Chow's F. Robust: White's V of each side with n_i / (n_i - 2).

    Parameters
    ----------
    y : array, shape (n_samples, n)
        Residuals of the whole sample's line, so that sums of squares cancel little.
    x : array, shape (n,)
        Centred and scaled.
    splits : array of int
        Positions of the first observation after each break.
    """
    powers = np.vander(x, 5, increasing=True).T
    sums_x = powers.cumsum(axis=1)
    sums_y = [(power * y).cumsum(axis=1) for power in powers[:4]]
    sums_yy = [(power * y * y).cumsum(axis=1) for power in powers[:3]]
    last = splits - 1
    before_x, before_y, before_yy = (
        sums_x[:, last],
        [s[:, last] for s in sums_y],
        [s[:, last] for s in sums_yy],
    )
    before = _side(before_x, before_y, before_yy)
    after = _side(
        sums_x[:, -1:] - before_x,
        [s[:, -1:] - part for s, part in zip(sums_y, before_y, strict=True)],
        [s[:, -1:] - part for s, part in zip(sums_yy, before_yy, strict=True)],
    )
    if kind == "classical":
        pooled = (before.squares[0] + after.squares[0]) / (x.size - 2 * COEFFICIENTS)
        v11, v12, v22 = (pooled * (a + b) for a, b in zip(before.inverse, after.inverse, strict=True))
    else:
        v11, v12, v22 = (a + b for a, b in zip(_white(before), _white(after), strict=True))
    d0, d1 = after.intercept - before.intercept, after.slope - before.slope
    wald = (v22 * d0 * d0 - 2.0 * v12 * d0 * d1 + v11 * d1 * d1) / (v11 * v22 - v12 * v12)
    return Halves(wald / COEFFICIENTS, before.slope, after.slope)


def _side(s_x: FloatArray, s_y: list[FloatArray], s_yy: list[FloatArray]) -> _Side:
    n = s_x[0]
    determinant = n * s_x[2] - s_x[1] * s_x[1]
    slope = (n * s_y[1] - s_x[1] * s_y[0]) / determinant
    intercept = (s_y[0] - slope * s_x[1]) / n
    a, b = intercept, slope
    e0, e1, e2 = (
        s_yy[p]
        - 2.0 * a * s_y[p]
        - 2.0 * b * s_y[p + 1]
        + a * a * s_x[p]
        + 2.0 * a * b * s_x[p + 1]
        + b * b * s_x[p + 2]
        for p in range(3)
    )
    inverse = (s_x[2] / determinant, -s_x[1] / determinant, n / determinant)
    return _Side(intercept, slope, inverse, (e0, e1, e2), n)


def _white(side: _Side) -> tuple[FloatArray, FloatArray, FloatArray]:
    """White's covariance of (intercept, slope): 11, 12, 22."""
    q11, q12, q22 = side.inverse
    m0, m1, m2 = side.squares
    scale = side.size / (side.size - COEFFICIENTS)
    return (
        scale * (q11 * q11 * m0 + 2.0 * q11 * q12 * m1 + q12 * q12 * m2),
        scale * (q11 * q12 * m0 + (q11 * q22 + q12 * q12) * m1 + q12 * q22 * m2),
        scale * (q12 * q12 * m0 + 2.0 * q12 * q22 * m1 + q22 * q22 * m2),
    )
