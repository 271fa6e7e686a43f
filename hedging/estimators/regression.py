"""Least squares with an intercept and three kinds of standard error, for any number of regressors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedging._checks import CONSTANT_TOLERANCE, FloatArray
from hedging.errors import DegenerateDataError, InputError
from hedging.estimators._fit import Fit, Request
from hedging.estimators.results import StandardError

LEVERAGE_LIMIT = 1 - 1e-12  # a point with leverage 1 is fitted exactly, HC3 divides by zero there
# Relative size below which a direction of the regressors is rounding, as in numpy.linalg.matrix_rank.
RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """Coefficients ``(alpha, beta_1, .. beta_k)`` with their covariance, and the residuals."""

    coefficients: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    hac_lags: int | None


def newey_west_lags(n_observations: int) -> int:
    """Lags of the Bartlett kernel, ``floor(4 (n / 100)^(2/9))`` (Newey and West 1994)."""
    return int(4.0 * (n_observations / 100.0) ** (2.0 / 9.0))


def least_squares(
    y: FloatArray, regressors: FloatArray, covariance: StandardError, *, hac_lags: int | None = None
) -> LeastSquares:
    """Regress y, shape (n,), on an intercept and the columns of ``regressors``, shape (n, k).

    The regressors are centred first: in that basis ``(1, x - mean)`` the normal matrix is
    ``diag(n, Xc'Xc)`` and returns of 1e-4 lose no digits against the intercept; ``shift`` takes the
    result back. No small-sample correction in HAC.

    Raises
    ------
    DegenerateDataError
        The regressors are collinear, or (HC3) one observation alone carries a slope.
    """
    n, k = regressors.shape
    means = regressors.mean(axis=0)
    centred = regressors - means
    cross = centred.T @ centred
    if not independent(cross, np.abs(regressors).max(axis=0)):
        raise in_lockstep(k)
    inverse = np.linalg.inv(cross)
    y_mean = float(y.mean())
    slopes = inverse @ (centred.T @ (y - y_mean))
    residuals = (y - y_mean) - centred @ slopes
    design = np.column_stack([np.ones(n), centred])
    bread = np.zeros((k + 1, k + 1))
    bread[0, 0], bread[1:, 1:] = 1.0 / n, inverse
    lags = None
    if covariance == "nonrobust":
        meat_and_bread = bread * (float(residuals @ residuals) / (n - k - 1))
    else:
        if covariance == "hac":
            lags = newey_west_lags(n) if hac_lags is None else _known_lags(hac_lags, n)
            weighted = residuals
        else:
            weighted = residuals / (1.0 - _leverage(centred, inverse))
        meat_and_bread = bread @ bartlett_sum(design * weighted[:, None], lags or 0) @ bread
    shift = np.eye(k + 1)
    shift[0, 1:] = -means
    return LeastSquares(
        coefficients=np.concatenate([[y_mean - means @ slopes], slopes]),
        covariance=shift @ meat_and_bread @ shift.T,
        residuals=residuals,
        hac_lags=lags,
    )


def independent(cross: FloatArray, largest: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether regressors move and differ: centred products (.., k, k), largest sizes (.., k)."""
    squares = np.diagonal(cross, axis1=-2, axis2=-1)
    rounding = np.square(CONSTANT_TOLERANCE * (1e-6 + largest))
    moving = squares > rounding
    scale = np.sqrt(np.where(moving, squares, 1.0))
    correlation = cross / (scale[..., :, None] * scale[..., None, :])
    rank = np.linalg.matrix_rank(correlation, tol=RANK_TOLERANCE, hermitian=True)
    return np.asarray(moving.all(axis=-1) & (rank == cross.shape[-1]))


def in_lockstep(k: int, where: str = "") -> DegenerateDataError:
    """What to raise where they do not."""
    return DegenerateDataError(
        f"the {k} regressors stand still or move in lockstep{where}, so their betas cannot be told apart",
        parameter="benchmark_returns",
        value=k,
        allowed="benchmarks, or leads and lags of one, that move and differ from each other",
        remedy="Leave a benchmark out, take fewer leads and lags, or choose a longer lookback.",
    )


def fit_ols(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """The line of least squares."""
    solution = least_squares(y, x[:, None], request.covariance)
    return Fit(
        y=y,
        x=x,
        alpha=float(solution.coefficients[0]),
        beta=float(solution.coefficients[1]),
        parameter_covariance=solution.covariance,
        degrees_of_freedom=y.size - 2,
        hac_lags=solution.hac_lags,
    )


def bartlett_sum(scores: FloatArray, lags: int) -> FloatArray:
    """Sum of autocovariances of the scores (n, k) with weights falling to zero at lag + 1."""
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        crossed = scores[lag:].T @ scores[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (crossed + crossed.T)
    return np.asarray(total, dtype=np.float64)


def _known_lags(hac_lags: int, n: int) -> int:
    if isinstance(hac_lags, bool) or not isinstance(hac_lags, (int, np.integer)) or not 0 <= hac_lags < n:
        raise InputError(
            f"hac_lags is {hac_lags}",
            parameter="hac_lags",
            value=hac_lags,
            allowed=f"a whole number from 0 to {n - 1}",
            remedy="Leave it out to let the number of observations choose.",
        )
    return int(hac_lags)


def _leverage(centred: FloatArray, inverse: FloatArray) -> FloatArray:
    leverage: FloatArray = 1.0 / len(centred) + np.einsum("ij,jk,ik->i", centred, inverse, centred)
    decided_by_one(leverage)
    return leverage


def decided_by_one(leverage: FloatArray) -> None:
    """Raise where one observation alone carries a slope: its own error cannot be known."""
    if leverage.max() >= LEVERAGE_LIMIT:
        raise DegenerateDataError(
            f"the observation at position {leverage.argmax()} alone decides the slope",
            parameter="benchmark_returns",
            value=int(leverage.argmax()),
            allowed="benchmark returns with more than one value different from the rest",
            remedy="Choose a longer lookback, or another covariance than HC3.",
        )
