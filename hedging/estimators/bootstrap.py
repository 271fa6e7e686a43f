"""Intervals of beta from resampled histories, for when no formula is trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hedging._checks import FloatArray, Returns, paired_returns, require_movement, require_observations
from hedging._resampling import block_length_of
from hedging.errors import DegenerateDataError, InputError
from hedging.estimators._fit import Fit, Request
from hedging.estimators.regression import fit_ols
from hedging.estimators.results import DEFAULT_OPTIONS, EstimatorOptions

FEWEST_OBSERVATIONS = 10  # a block and something to draw it from
SMALLEST_SHARE_OF_USABLE = 0.99
FEWEST_BLOCKS = 3  # a history of fewer blocks is the old one turned round, with no width of its own


@dataclass(frozen=True, eq=False)
class BootstrapBetas:
    """Betas of resampled histories.

    Attributes
    ----------
    betas : numpy.ndarray, shape (replications,)
        Least-squares beta of each resampled history.
    studentised : numpy.ndarray, shape (replications,)
        ``(beta* - beta) / SE*`` of each, from its own standard error.
    block_length : int
        Mean length of a block in observations.
    """

    betas: FloatArray
    studentised: FloatArray
    block_length: int


def resample_beta(
    asset_returns: Returns, benchmark_returns: Returns, *, options: EstimatorOptions = DEFAULT_OPTIONS
) -> BootstrapBetas:
    """Estimate beta on stationary-bootstrap resamples of the paired returns.

    Blocks of random length keep serial dependence and volatility clusters; rows stay paired. The
    mean length is that of Politis and White for the scores ``(x - mean) e``, whose long-run variance
    is what the error of beta is made of.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    options : EstimatorOptions
        ``replications``, ``seed`` and ``block_length`` count.

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        As :func:`hedging.estimate_beta`, with at least 10 observations.

    References
    ----------
    Politis and Romano (1994); Patton, Politis and White (2009) for the length, as ``arch`` computes it.
    """
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_observations(y.size, FEWEST_OBSERVATIONS, what="a bootstrap of beta")
    require_movement(x, name="benchmark_returns")
    require_movement(y, name="asset_returns")
    return _resample(y, x, options)


def fit_bootstrap(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Least squares with a studentised stationary-bootstrap interval.

    Studentised (bootstrap-t) because percentiles of beta itself are too narrow in short windows, and
    symmetric because quantiles of ``|t|`` err by one order less than those of either tail (Hall 1988).
    """
    require_observations(y.size, FEWEST_OBSERVATIONS, what="a bootstrap of beta")
    fit = fit_ols(y, x, replace(request, method="ols", covariance="nonrobust"))
    drawn = _resample(y, x, request.options)
    own_error = float(_white_errors(y[None, :], x[None, :])[1][0])
    reach = own_error * float(np.quantile(np.abs(drawn.studentised), request.confidence))
    variance = float(drawn.betas.var(ddof=1))
    # Only beta's error is resampled; that of the level at the mean return stays the formula's.
    mean = float(x.mean())
    level = float(((y - fit.alpha - fit.beta * x) ** 2).sum()) / (y.size - 2) / y.size
    return replace(
        fit,
        parameter_covariance=np.array(
            [[level + mean * mean * variance, -mean * variance], [-mean * variance, variance]]
        ),
        interval=(fit.beta - reach, fit.beta + reach),
    )


def _resample(y: FloatArray, x: FloatArray, options: EstimatorOptions) -> BootstrapBetas:
    from arch.bootstrap import StationaryBootstrap

    xc = x - x.mean()
    beta = float(xc @ y) / float(xc @ xc)
    # arch takes whole lengths; rounding up keeps more of the dependence, never less.
    chosen = options.block_length
    length = block_length_of(xc * (y - y.mean() - beta * xc)) if chosen is None else math.ceil(chosen)
    if chosen is not None and length * FEWEST_BLOCKS > y.size:
        raise InputError(
            f"blocks of {length} leave nothing to draw from {y.size} observations",
            parameter="block_length",
            value=chosen,
            allowed=f"1 to {y.size // FEWEST_BLOCKS}, a third of the observations",
            remedy="Choose shorter blocks, or None to let the data choose.",
        )
    draws = StationaryBootstrap(length, np.arange(y.size), seed=options.seed)
    rows = np.array([positional[0] for positional, _ in draws.bootstrap(options.replications)])
    betas, errors = _white_errors(y[rows], x[rows])
    moved = np.isfinite(betas)
    if moved.mean() < SMALLEST_SHARE_OF_USABLE:
        raise DegenerateDataError(
            "too many resampled histories hold a benchmark that does not move",
            parameter="benchmark_returns",
            value=int((~moved).sum()),
            allowed="benchmark returns of which most differ from each other",
            remedy="Choose a longer lookback.",
        )
    betas, errors = betas[moved], errors[moved]
    # On a perfect line every resample gives the same beta without error.
    studentised = np.divide(betas - beta, errors, out=np.zeros_like(betas), where=errors > 0.0)
    return BootstrapBetas(betas=betas, studentised=studentised, block_length=length)


def _white_errors(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope of each row and its White (1980) standard error; NaN where x stands still."""
    xc = x - x.mean(axis=1, keepdims=True)
    yc = y - y.mean(axis=1, keepdims=True)
    s_xx = np.einsum("ij,ij->i", xc, xc)
    s_xx[s_xx <= np.finfo(float).tiny] = np.nan
    slopes = np.einsum("ij,ij->i", xc, yc) / s_xx
    scores = xc * (yc - slopes[:, None] * xc)
    return slopes, np.sqrt(np.einsum("ij,ij->i", scores, scores)) / s_xx
