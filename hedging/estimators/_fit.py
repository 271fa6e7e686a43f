"""What each method hands over, and the one place where it becomes a :class:`BetaEstimate`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hedging._checks import FloatArray, require_choice, require_fraction, require_kind
from hedging.estimators.results import (
    METHODS,
    STANDARD_ERRORS,
    Band,
    BetaEstimate,
    Covariance,
    EstimatorOptions,
    Method,
    StandardError,
    student_t_quantile,
)

ROUNDING = 1e-12


@dataclass(frozen=True)
class Request:
    """What was asked for, already checked."""

    method: Method
    covariance: StandardError
    confidence: float
    options: EstimatorOptions


def checked_request(
    method: Method,
    covariance: Covariance | None,
    confidence: float,
    options: EstimatorOptions,
    *,
    methods: tuple[Method, ...] = METHODS,
) -> Request:
    """The settings of an estimate, or an error that names the one that cannot be."""
    require_choice(method, "method", methods)
    require_kind(options, "options", EstimatorOptions)
    kinds = STANDARD_ERRORS[method]
    if covariance is not None:
        require_choice(covariance, "covariance", kinds)
    require_fraction(confidence, "confidence")
    return Request(method, covariance or kinds[0], float(confidence), options)


@dataclass(frozen=True, eq=False)
class Fit:
    """A line and its uncertainty.

    ``interval`` is None where it is ``beta +- t * standard error``; ``y`` and ``x`` are the
    observations the line rests on, ``residuals`` None where they are simply ``y - alpha - beta x``.
    """

    y: FloatArray
    x: FloatArray
    alpha: float
    beta: float
    parameter_covariance: FloatArray
    degrees_of_freedom: float
    band: Band = "window average"
    weights: FloatArray | None = None
    residuals: FloatArray | None = None
    interval: tuple[float, float] | None = None
    hac_lags: int | None = None
    n_coefficients: int = 2


def finished(fit: Fit, request: Request, labels: tuple[Any, Any]) -> BetaEstimate:
    """Add what is the same for every method."""
    weights = np.ones_like(fit.y) if fit.weights is None else fit.weights
    share = weights / weights.sum()
    effective = float(1.0 / (share @ share))
    x_mean, y_mean = float(share @ fit.x), float(share @ fit.y)
    xc, yc = fit.x - x_mean, fit.y - y_mean
    x_variance, y_variance = float(share @ (xc * xc)), float(share @ (yc * yc))
    residuals = fit.y - fit.alpha - fit.beta * fit.x if fit.residuals is None else fit.residuals
    # Kalman's first predictions do not exist: its residuals are fewer than its observations by as many
    # as were spent on the line, which a sum of squares from all observations still has to pay for.
    spent = fit.y.size - residuals.size
    error_share = share[-residuals.size :] / share[-residuals.size :].sum()
    error_variance = float(error_share @ (residuals * residuals))
    per_degree = (effective - spent) / (effective - fit.n_coefficients)
    correlation = float(share @ (xc * yc)) / math.sqrt(x_variance * y_variance)
    critical = student_t_quantile(request.confidence, fit.degrees_of_freedom)
    beta_se = math.sqrt(max(fit.parameter_covariance[1, 1], 0.0))
    low, high = fit.interval or (fit.beta - critical * beta_se, fit.beta + critical * beta_se)
    sample = effective / (effective - 1.0)
    return BetaEstimate(
        beta=fit.beta,
        alpha=fit.alpha,
        beta_standard_error=beta_se,
        alpha_standard_error=math.sqrt(max(fit.parameter_covariance[0, 0], 0.0)),
        beta_low=low,
        beta_high=high,
        band=fit.band,
        r_squared=_without_noise(1.0 - error_variance / y_variance),
        correlation=min(1.0, max(-1.0, correlation)),
        residual_volatility=math.sqrt(error_variance * per_degree),
        asset_volatility=math.sqrt(y_variance * sample),
        benchmark_volatility=math.sqrt(x_variance * sample),
        benchmark_mean=x_mean,
        parameter_covariance=fit.parameter_covariance,
        n_observations=fit.y.size,
        effective_observations=effective,
        degrees_of_freedom=fit.degrees_of_freedom,
        method=request.method,
        covariance=request.covariance,
        hac_lags=fit.hac_lags,
        confidence=request.confidence,
        critical_value=critical,
        first=labels[0],
        last=labels[1],
    )


def _without_noise(r_squared: float) -> float:
    """Least squares cannot do worse than a flat line, but rounding can."""
    return 0.0 if -ROUNDING < r_squared < 0.0 else min(1.0, r_squared)
