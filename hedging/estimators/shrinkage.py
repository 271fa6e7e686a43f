"""Betas drawn towards where betas usually lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hedging._checks import FloatArray, Returns, finite_values, require_observations
from hedging.errors import DegenerateDataError, InputError
from hedging.estimators._fit import Fit, Request
from hedging.estimators.regression import fit_ols
from hedging.estimators.results import BetaPrior

BLUME_WEIGHT = 2.0 / 3.0


def fit_blume(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """``2/3 beta + 1/3``: fixed weights, whatever the error (Blume 1971)."""
    return _drawn(fit_ols(y, x, request), weight=BLUME_WEIGHT, towards=1.0)


def fit_vasicek(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Posterior of a normal prior and the regression: weight ``s2 / (s2 + SE^2)`` on beta (Vasicek 1973)."""
    prior = require_prior(request.options.prior)
    fit = fit_ols(y, x, request)
    weight = prior.variance / (prior.variance + float(fit.parameter_covariance[1, 1]))
    drawn = _drawn(fit, weight=weight, towards=prior.mean)
    # The posterior variance is w SE^2, not the w^2 SE^2 of a weight known beforehand: the prior
    # brings uncertainty of its own.
    return replace(
        drawn, parameter_covariance=_slope_variance_scaled(fit, variance_factor=weight, weight=weight)
    )


def require_prior(prior: BetaPrior | None) -> BetaPrior:
    """The prior, or an error that says where to get one."""
    if prior is None:
        raise InputError(
            "no prior was given for Vasicek's shrinkage",
            parameter="prior",
            value="none",
            allowed="a BetaPrior",
            remedy="Take one from the betas of other assets with hedging.prior_from_betas.",
        )
    return prior


def prior_from_betas(betas: Returns, standard_errors: Returns) -> BetaPrior:
    """Mean and variance of the TRUE betas behind a cross-section of estimates.

    A random-effects mean: each estimate weighs ``1 / (variance + SE^2)``, and ``variance`` is where
    the weighted squares sum to their degrees of freedom (Paule and Mandel), so that one asset with a
    wild error does not drown the rest.

    Parameters
    ----------
    betas, standard_errors : Series or arrays, shape (n_assets,)
        Estimates of comparable assets, without the one that will be shrunk.

    Raises
    ------
    InputError
        Lengths differ, NaN, or a standard error that is not positive.
    InsufficientDataError
        Fewer than 3 assets.
    DegenerateDataError
        The estimates scatter no more than their errors explain.

    References
    ----------
    Vasicek (1973), "A note on using cross-sectional information in Bayesian estimation of security
    betas"; Paule and Mandel (1982), as statsmodels computes it.
    """
    from statsmodels.stats.meta_analysis import combine_effects

    estimates = finite_values(betas, "betas")
    errors = finite_values(standard_errors, "standard_errors")
    if estimates.size != errors.size or (errors <= 0).any():
        raise InputError(
            f"there are {estimates.size} betas and {errors.size} standard errors, or one is not above 0",
            parameter="standard_errors",
            value=errors.size,
            allowed="one standard error above 0 for each beta",
            remedy="Give both from the same estimates.",
        )
    require_observations(estimates.size, 3, what="a prior from a cross-section")
    combined = combine_effects(estimates, errors * errors, method_re="iterated")
    variance = float(combined.tau2)
    if variance <= 0.0:
        raise DegenerateDataError(
            "the betas scatter no more than their own errors explain",
            parameter="betas",
            value=float(estimates.std(ddof=1)),
            allowed=f"a standard deviation clearly above the errors, about {np.median(errors):.3g}",
            remedy="Use more assets or longer windows, or give a BetaPrior by hand.",
        )
    return BetaPrior(mean=float(combined.mean_effect_re), variance=variance)


def _drawn(fit: Fit, *, weight: float, towards: float) -> Fit:
    beta = weight * fit.beta + (1.0 - weight) * towards
    return replace(
        fit,
        beta=beta,
        alpha=float(fit.y.mean()) - beta * float(fit.x.mean()),
        parameter_covariance=_slope_variance_scaled(fit, variance_factor=weight * weight, weight=weight),
    )


def _slope_variance_scaled(fit: Fit, *, variance_factor: float, weight: float) -> FloatArray:
    """Covariance of (alpha, beta) when only the slope is drawn, not the level at the mean return."""
    mean = float(fit.x.mean())
    to_centre = np.array([[1.0, mean], [0.0, 1.0]])
    centred = to_centre @ fit.parameter_covariance @ to_centre.T
    centred[0, 1] *= weight
    centred[1, 0] *= weight
    centred[1, 1] *= variance_factor
    back = np.array([[1.0, -mean], [0.0, 1.0]])
    return np.asarray(back @ centred @ back.T, dtype=np.float64)
