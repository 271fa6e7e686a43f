"""Lines that a few wild days cannot turn: Huber's M-estimator and the median slope of Theil and Sen."""

from __future__ import annotations

from typing import Any

import numpy as np

from hedging._checks import FloatArray
from hedging.errors import DegenerateDataError, InputError
from hedging.estimators._fit import Fit, Request
from hedging.estimators.regression import decided_by_one
from hedging.estimators.results import student_t_quantile

LEAST_SCALE = 1e-12  # of the asset's own spread: below it residuals are rounding
LEAST_CONFIDENCE = 0.5  # scipy reads a level below as one minus it
LONGEST_THEIL_SEN = 5_000  # pairs of observations: 12.5 million slopes, 100 MB


def fit_huber(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Huber's T with tuning 1.345, fitted by ``statsmodels.RLM``.

    Its own covariance H1 ("nonrobust") takes the noise to be the same on calm and wild days: where
    noise grows with the benchmark's moves its 95 % interval covers 67 %, the sandwich of the
    clipped residuals ("hc3") 93 %.
    """
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    # RLM stops on absolute changes, so returns are brought to the size of 1 first.
    y_scale, x_scale = float(y.std()), float(x.std())
    design = np.column_stack([np.ones_like(x), (x - x.mean()) / x_scale])
    norm = HuberT()
    try:
        with np.errstate(divide="raise", invalid="raise"):
            fitted = RLM(y / y_scale, design, M=norm).fit(maxiter=200, tol=1e-12)
    except (ZeroDivisionError, FloatingPointError) as error:
        raise _on_a_line() from error
    # The scale is a median of absolute residuals: 0 where half of the points lie on one line.
    if not (np.isfinite(fitted.bse).all() and fitted.scale > LEAST_SCALE):
        raise _on_a_line()
    if request.covariance == "hc3":
        covariance = _clipped_sandwich(design, np.asarray(fitted.resid), float(fitted.scale), norm)
    else:
        covariance = np.asarray(fitted.cov_params())
    back = np.array([[y_scale, -y_scale * x.mean() / x_scale], [0.0, y_scale / x_scale]])
    alpha, beta = (back @ fitted.params).tolist()
    return Fit(
        y=y,
        x=x,
        alpha=alpha,
        beta=beta,
        parameter_covariance=back @ covariance @ back.T,
        degrees_of_freedom=y.size - 2,
    )


def _clipped_sandwich(design: FloatArray, residuals: FloatArray, scale: float, norm: Any) -> FloatArray:
    """``B (sum psi^2 x x') B``, ``B = (sum psi' x x')^-1``, with residuals over 1 - leverage as in HC3."""
    inside = np.asarray(norm.psi_deriv(residuals / scale))
    bread = np.linalg.inv((design * inside[:, None]).T @ design)
    leverage = inside * np.einsum("ij,jk,ik->i", design, bread, design)
    decided_by_one(leverage)
    scores = design * (scale * np.asarray(norm.psi(residuals / scale)) / (1.0 - leverage))[:, None]
    return np.asarray(bread @ (scores.T @ scores) @ bread, dtype=np.float64)


def fit_theil_sen(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Median of the slopes of all pairs; the interval from Kendall's rank statistic (Sen 1968).

    The standard error is half the interval's width over its Student quantile, which is what makes
    the two consistent where the interval is symmetric.
    """
    from scipy.stats import theilslopes

    if y.size > LONGEST_THEIL_SEN:
        raise InputError(
            f"{y.size} observations have more pairs than fit into memory",
            parameter="method",
            value="theil_sen",
            allowed=f"at most {LONGEST_THEIL_SEN} observations for Theil-Sen",
            remedy="Choose a shorter lookback, or the Huber estimator.",
        )
    if request.confidence < LEAST_CONFIDENCE:
        raise InputError(
            f"confidence is {request.confidence}",
            parameter="confidence",
            value=request.confidence,
            allowed=f"at least {LEAST_CONFIDENCE:g} for Theil-Sen",
            remedy="Ask for a wider interval, or choose another estimator.",
        )
    slope, intercept, low, high = theilslopes(y, x, alpha=request.confidence)
    reach = student_t_quantile(request.confidence, y.size - 2)
    variance = ((float(high) - float(low)) / (2.0 * reach)) ** 2
    residuals = y - float(intercept) - float(slope) * x
    # The intercept is the line through the medians: at the benchmark's median its error is that of
    # a median, sqrt(pi / 2) times that of a mean.
    x_median = float(np.median(x))
    level = np.pi / 2.0 * float(residuals.var(ddof=2)) / y.size
    return Fit(
        y=y,
        x=x,
        alpha=float(intercept),
        beta=float(slope),
        parameter_covariance=np.array(
            [[level + x_median**2 * variance, -x_median * variance], [-x_median * variance, variance]]
        ),
        degrees_of_freedom=y.size - 2,
        interval=(float(low), float(high)),
    )


def _on_a_line() -> DegenerateDataError:
    return DegenerateDataError(
        "half of the observations lie exactly on one line, so Huber's scale is 0",
        parameter="asset_returns",
        value="no spread around the line",
        allowed="returns that scatter around the line",
        remedy="Use ordinary least squares, which is exact here.",
    )
