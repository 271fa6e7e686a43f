"""The fitted line with the two bands that are drawn around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hedging._checks import FloatArray, finite_values
from hedging.estimators.results import BetaEstimate


@dataclass(frozen=True, eq=False)
class RegressionLine:
    """The fitted line with two bands, all arrays of the shape of ``benchmark_returns``.

    Attributes
    ----------
    benchmark_returns : numpy.ndarray
        Where the line is evaluated, fractions per period.
    fitted : numpy.ndarray
        ``alpha + beta * x``.
    line_low, line_high : numpy.ndarray
        Confidence band of the line (where the mean response lies).
    prediction_low, prediction_high : numpy.ndarray
        Prediction band (where a single new observation lies).
    """

    benchmark_returns: FloatArray
    fitted: FloatArray
    line_low: FloatArray
    line_high: FloatArray
    prediction_low: FloatArray
    prediction_high: FloatArray


def regression_line(estimate: BetaEstimate, benchmark_returns: FloatArray) -> RegressionLine:
    """Evaluate the fitted line and its two bands.

    The confidence band is ``t * sqrt(v' C v)`` with ``v = (1, x)`` and ``C`` the covariance of
    ``(alpha, beta)``; the prediction band adds the residual variance under the root.

    Parameters
    ----------
    estimate : BetaEstimate
    benchmark_returns : array, shape (k,)
        Where to evaluate, fractions per period.

    Returns
    -------
    RegressionLine
    """
    x = finite_values(benchmark_returns, "benchmark_returns")
    design = np.column_stack([np.ones_like(x), x])
    fitted = estimate.alpha + estimate.beta * x
    variance = np.einsum("ij,jk,ik->i", design, estimate.parameter_covariance, design).clip(min=0.0)
    line = estimate.critical_value * np.sqrt(variance)
    prediction = estimate.critical_value * np.sqrt(variance + estimate.residual_volatility**2)
    return RegressionLine(
        benchmark_returns=x,
        fitted=fitted,
        line_low=fitted - line,
        line_high=fitted + line,
        prediction_low=fitted - prediction,
        prediction_high=fitted + prediction,
    )
