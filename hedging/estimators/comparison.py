"""The same asset through several estimators or windows, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from hedging._checks import Returns, finite_values, require_choice, require_observations
from hedging.errors import HedgingError, InputError
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.results import (
    DEFAULT_OPTIONS,
    STANDARD_ERRORS,
    Band,
    BetaEstimate,
    Covariance,
    EstimatorOptions,
    Method,
)
from hedging.estimators.weighted import decay_weights

K = TypeVar("K")
BANDS: tuple[Band, ...] = ("window average", "weighted average", "today")


@dataclass(frozen=True, eq=False)
class BetaComparison(Generic[K]):
    """Estimates of one beta by what made them.

    Attributes
    ----------
    estimates : mapping to BetaEstimate
        In the order asked for, at least one.
    refused : mapping to HedgingError
        What could not estimate, with the reason.
    """

    estimates: Mapping[K, BetaEstimate]
    refused: Mapping[K, HedgingError]

    @property
    def lowest(self) -> K:
        """What says the smallest beta."""
        return min(self.estimates, key=lambda name: self.estimates[name].beta)

    @property
    def highest(self) -> K:
        """What says the largest beta."""
        return max(self.estimates, key=lambda name: self.estimates[name].beta)

    @property
    def spread(self) -> float:
        """Largest beta less smallest."""
        return self.estimates[self.highest].beta - self.estimates[self.lowest].beta

    @property
    def reach(self) -> tuple[float, float]:
        """Lowest and highest end of all intervals."""
        found = self.estimates.values()
        return min(each.beta_low for each in found), max(each.beta_high for each in found)

    def spread_in_errors(self, name: K) -> float | None:
        """Spread over the standard error of one estimate; None where that error is 0."""
        error = self.estimates[name].beta_standard_error
        return self.spread / error if error > 0.0 else None


def compare_methods(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    methods: Sequence[Method],
    covariance: Covariance | None = None,
    confidence: float = 0.95,
    options: EstimatorOptions = DEFAULT_OPTIONS,
    progress: Callable[[float], None] | None = None,
) -> BetaComparison[Method]:
    """Estimate beta of one window by several methods.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Fractions per period, no NaN.
    methods : sequence of str
        As :func:`hedging.estimate_beta`, at least one.
    covariance : {"nonrobust", "hc3", "hac"} or None
        Where a method has it, else the method's own.
    confidence, options
        As :func:`hedging.estimate_beta`.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    HedgingError
        No method can estimate: the reason of the first.
    """
    return _compared(
        methods,
        lambda method: estimate_beta(
            asset_returns,
            benchmark_returns,
            method=method,
            covariance=covariance if covariance in STANDARD_ERRORS[method] else None,
            confidence=confidence,
            options=options,
        ),
        progress,
    )


def compare_windows(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    windows: Sequence[int],
    method: Method = "ols",
    covariance: Covariance | None = None,
    confidence: float = 0.95,
    options: EstimatorOptions = DEFAULT_OPTIONS,
) -> BetaComparison[int]:
    """Estimate beta of the last ``window`` observations, for several windows that end together.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Fractions per period, no NaN.
    windows : sequence of int
        Observations, at least one window; one longer than the history is refused, not shortened.
    method, covariance, confidence, options
        As :func:`hedging.estimate_beta`.

    Raises
    ------
    HedgingError
        No window can be estimated: the reason of the first.
    """

    def last(window: int) -> BetaEstimate:
        require_observations(len(asset_returns), window, what=f"a window of {window}")
        return estimate_beta(
            asset_returns[-window:],
            benchmark_returns[-window:],
            method=method,
            covariance=covariance,
            confidence=confidence,
            options=options,
        )

    return _compared(windows, last, None)


def band_target(beta_path: pd.Series, band: Band, *, half_life: float = DEFAULT_OPTIONS.half_life) -> float:
    """What a band is about, where the true beta of every period is known, as in a simulation.

    "window average": the mean of the path; "weighted average": ``sum w beta / sum w`` with
    ``w = 0.5^(age / half_life)``; "today": its last value. Least squares weighs each period by the square
    of the benchmark's move as well, so that with a wandering beta its own target differs a little from
    the plain mean.

    Parameters
    ----------
    beta_path : pandas.Series, shape (n,)
        True beta of each period of the window, no NaN.
    band : {"window average", "weighted average", "today"}
        :attr:`hedging.BetaEstimate.band`.
    half_life : float
        Observations, for the weighted average.

    Raises
    ------
    InputError, InsufficientDataError
        An unknown band, NaN, or an empty path.
    """
    require_choice(band, "band", BANDS)
    path = finite_values(beta_path, "beta_path")
    require_observations(path.size, 1, what="a true beta")
    if band == "today":
        return float(path[-1])
    weights = decay_weights(path.size, half_life) if band == "weighted average" else np.ones(path.size)
    return float(weights @ path) / float(weights.sum())


def _compared(
    names: Sequence[K], estimate: Callable[[K], BetaEstimate], progress: Callable[[float], None] | None
) -> BetaComparison[K]:
    if not names:
        raise InputError(
            "nothing was given to compare",
            parameter="methods",
            value=0,
            allowed="one method or window or more",
            remedy="Name what to compare.",
        )
    estimates: dict[K, BetaEstimate] = {}
    refused: dict[K, HedgingError] = {}
    for done, name in enumerate(names, start=1):
        try:
            estimates[name] = estimate(name)
        except HedgingError as error:
            refused[name] = error
        if progress is not None:
            progress(done / len(names))
    if not estimates:
        raise next(iter(refused.values()))
    return BetaComparison(estimates, refused)
