"""Validation at the library's boundary: what comes in is checked here once, the inside trusts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError

FloatArray: TypeAlias = npt.NDArray[np.float64]
Returns: TypeAlias = "pd.Series | FloatArray"

# Rounding of prices near 1 leaves jitter of about 1e-16 in the returns of a constant series;
# a spread below this share of the largest value is noise of that kind, not movement.
CONSTANT_TOLERANCE = 1e-10

# No return of any market is larger; above it squares lose their meaning in double precision.
LARGEST_RETURN = 1e6


def paired_returns(asset_returns: Returns, benchmark_returns: Returns) -> tuple[FloatArray, FloatArray]:
    """Both inputs as float arrays of one length, or an error that says what is wrong.

    Raises
    ------
    InputError
        Lengths or indexes differ, or a value is NaN, infinite or larger than 1e6 in size.
    """
    if (
        isinstance(asset_returns, pd.Series)
        and isinstance(benchmark_returns, pd.Series)
        and not asset_returns.index.equals(benchmark_returns.index)
    ):
        raise InputError(
            "asset_returns and benchmark_returns have different indexes",
            parameter="benchmark_returns",
            value=f"{len(benchmark_returns)} rows against {len(asset_returns)}",
            allowed="two Series on one index",
            remedy="Pass prices through hedging.align first.",
        )
    asset = _one_dimensional(asset_returns, "asset_returns")
    benchmark = _one_dimensional(benchmark_returns, "benchmark_returns")
    if asset.size != benchmark.size:
        raise InputError(
            f"asset_returns has {asset.size} values and benchmark_returns {benchmark.size}",
            parameter="benchmark_returns",
            value=benchmark.size,
            allowed="arrays of one length",
            remedy="Pass prices through hedging.align first.",
        )
    return asset, benchmark


def _one_dimensional(values: Returns, parameter: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(
            f"{parameter} has {array.ndim} dimensions",
            parameter=parameter,
            value=array.shape,
            allowed="a Series or a one-dimensional array",
            remedy="Select one column.",
        )
    wrong = ~(np.abs(array) <= LARGEST_RETURN)
    if wrong.any():
        position = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{parameter} holds {array[position]} at position {position}",
            parameter=parameter,
            value=float(array[position]),
            allowed="finite returns as fractions, no larger than 1e6 in size",
            remedy="Remove the row or correct the price behind it.",
        )
    return array


def require_observations(found: int, needed: int, *, what: str) -> None:
    """Raise :class:`InsufficientDataError` when fewer than ``needed`` observations are there."""
    if found < needed:
        raise InsufficientDataError(
            f"{found} observations are too few for {what}",
            parameter="observations",
            value=found,
            allowed=f"at least {needed}",
            remedy="Choose a shorter lookback, a finer return interval or a longer history.",
        )


def require_movement(values: FloatArray, *, name: str) -> None:
    """Raise :class:`DegenerateDataError` when the values are constant up to rounding."""
    if is_constant(values):
        raise DegenerateDataError(
            f"{name} did not move: all {values.size} returns are {values[0]:.6g}",
            parameter=name,
            value=float(values[0]),
            allowed="returns that differ from each other",
            remedy="Choose another instrument, lookback or price column.",
        )


def is_constant(values: FloatArray) -> bool:
    """Whether the values are equal up to rounding."""
    spread = float(values.max() - values.min())
    # Returns of equal prices are exact zeros; 1 + return is what carries the rounding.
    return spread <= CONSTANT_TOLERANCE * (1e-6 + float(np.abs(values).max()))


def require_fraction(value: float, parameter: str) -> float:
    """A number strictly between 0 and 1."""
    if not (isinstance(value, (int, float)) and 0.0 < value < 1.0):
        raise InputError(
            f"{parameter} is {value}",
            parameter=parameter,
            value=value,
            allowed="a fraction above 0 and below 1, such as 0.95",
            remedy="Give a percentage divided by 100.",
        )
    return float(value)


def require_choice(value: str, parameter: str, choices: Sequence[str]) -> None:
    """One of the named choices."""
    if value not in choices:
        raise InputError(
            f"{parameter} is {value!r}",
            parameter=parameter,
            value=value,
            allowed=", ".join(choices),
            remedy="Choose one of these.",
        )


def require_window(window: int, *, smallest: int, available: int | None = None) -> None:
    """A whole number of observations, at least ``smallest`` and no more than there are."""
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < smallest:
        raise InputError(
            f"window is {window}",
            parameter="window",
            value=window,
            allowed=f"a whole number of observations, at least {smallest}",
            remedy="Choose a longer lookback.",
        )
    if available is not None and available < window:
        raise InsufficientDataError(
            f"there are {available} observations and the lookback asks for {window}",
            parameter="window",
            value=window,
            allowed=f"at most {available}",
            remedy="Choose a shorter lookback, a finer return interval or a longer history.",
        )


def require_number(value: float, parameter: str, *, allowed: str, valid: bool = True) -> float:
    """A finite number that also passes the caller's own condition ``valid``."""
    if not (isinstance(value, (int, float, np.number)) and math.isfinite(value) and valid):
        raise InputError(
            f"{parameter} is {value}",
            parameter=parameter,
            value=value,
            allowed=allowed,
            remedy="Correct the value.",
        )
    return float(value)
