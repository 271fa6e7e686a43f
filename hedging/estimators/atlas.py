"""Beta of every lookback on every day, in one pass: what a lookback slider picks from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import (
    FloatArray,
    Returns,
    paired_returns,
    require_window,
)
from hedging.errors import InputError
from hedging.estimators._fit import checked_request
from hedging.estimators._windows import LEAST_SQUARES, least_squares_windows
from hedging.estimators.results import (
    DEFAULT_OPTIONS,
    SMALLEST_WINDOW,
    Covariance,
    EstimatorOptions,
    Method,
    StandardError,
)
from hedging.estimators.rolling import RollingBeta

MOST_CELLS = 40_000_000  # 320 MB an array


@dataclass(frozen=True, eq=False)
class BetaAtlas:
    """Rolling betas of many lookbacks over the same returns.

    Attributes
    ----------
    windows : numpy.ndarray of int, shape (n_windows,)
        Increasing lookbacks in observations.
    beta, standard_error : numpy.ndarray, shape (n_windows, n_observations)
        As :func:`hedging.rolling_beta` of each window; NaN in each window's own warm-up.
    critical_value : numpy.ndarray, shape (n_windows,)
        Quantiles of Student's t: the band is ``beta +- critical_value * standard_error``.
    index : pandas.Index, shape (n_observations,)
        Last observation of each window.
    method, covariance : str
    confidence : float
    """

    windows: npt.NDArray[np.int64]
    beta: FloatArray
    standard_error: FloatArray
    critical_value: FloatArray
    index: pd.Index
    method: Method
    covariance: StandardError
    confidence: float

    def rolling(self, window: int) -> RollingBeta:
        """One lookback, as :func:`hedging.rolling_beta` gives it."""
        row = self.row_of(window)
        return RollingBeta(
            beta=pd.Series(self.beta[row], index=self.index, name="beta"),
            standard_error=pd.Series(self.standard_error[row], index=self.index, name="standard_error"),
            window=int(window),
            method=self.method,
            covariance=self.covariance,
            confidence=self.confidence,
            band="window average",
            critical_value=float(self.critical_value[row]),
            bounds=None,
        )

    def row_of(self, window: int) -> int:
        """Row of a lookback."""
        found = np.flatnonzero(self.windows == window)
        if found.size == 0:
            raise InputError(
                f"the atlas has no lookback of {window}",
                parameter="window",
                value=window,
                allowed=f"{len(self.windows)} lookbacks from {self.windows[0]} to {self.windows[-1]}",
                remedy="Choose one of its lookbacks.",
            )
        return int(found[0])


def beta_atlas(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    windows: Sequence[int],
    method: Method = "ols",
    covariance: Covariance | None = None,
    confidence: float = 0.95,
    options: EstimatorOptions = DEFAULT_OPTIONS,
) -> BetaAtlas:
    """Estimate beta in every window of every given length.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    windows : sequence of int
        Different lookbacks in observations, each 5 to n.
    method : {"ols", "blume", "vasicek"}
        What can be computed for all lookbacks at once.
    covariance, confidence, options
        As in :func:`hedging.rolling_beta`.

    Returns
    -------
    BetaAtlas

    Raises
    ------
    InputError
        As :func:`hedging.rolling_beta`; no or repeated windows; another method; more than 40 million
        cells.
    InsufficientDataError, DegenerateDataError
        As :func:`hedging.rolling_beta`, for any of the windows.
    """
    request = checked_request(method, covariance, confidence, options, methods=LEAST_SQUARES)
    y, x = paired_returns(asset_returns, benchmark_returns)
    if not isinstance(windows, Iterable):
        raise InputError(
            f"windows is {windows!r}",
            parameter="windows",
            value=windows,
            allowed="several lookbacks, such as range(10, 366)",
            remedy="For one lookback use hedging.rolling_beta.",
        )
    for window in windows:
        require_window(window, smallest=SMALLEST_WINDOW, available=y.size, parameter="windows")
    lookbacks = np.unique(np.asarray(windows, dtype=np.int64))
    _require_shape(len(windows), lookbacks.size, y.size)
    if method == "vasicek" and options.prior is None:
        raise InputError(
            "no prior was given for Vasicek's shrinkage",
            parameter="prior",
            value="none",
            allowed="a BetaPrior",
            remedy="Take one from the betas of other assets with hedging.prior_from_betas.",
        )
    index = asset_returns.index if isinstance(asset_returns, pd.Series) else pd.RangeIndex(y.size)
    beta, error = np.empty((lookbacks.size, y.size)), np.empty((lookbacks.size, y.size))
    critical = np.empty(lookbacks.size)
    for row, window in enumerate(lookbacks.tolist()):
        found = least_squares_windows(y, x, window, request, index)
        beta[row], error[row], critical[row] = found.beta, found.standard_error, found.critical_value
    return BetaAtlas(
        windows=lookbacks,
        beta=beta,
        standard_error=error,
        critical_value=critical,
        index=index,
        method=method,
        covariance=request.covariance,
        confidence=float(confidence),
    )


def _require_shape(n_given: int, n_different: int, n_observations: int) -> None:
    if n_given == 0 or n_given != n_different:
        raise InputError(
            f"windows holds {n_given} lookbacks, {n_different} of them different",
            parameter="windows",
            value=n_given,
            allowed="at least one lookback, each once",
            remedy="Remove the repeated ones.",
        )
    if n_given * n_observations > MOST_CELLS:
        raise InputError(
            f"{n_given} lookbacks of {n_observations} observations do not fit into memory",
            parameter="windows",
            value=n_given,
            allowed=f"at most {MOST_CELLS // n_observations} lookbacks for this history",
            remedy="Take fewer lookbacks or a shorter history.",
        )
