"""Validation at the library's boundary: what comes in is checked here once, the inside trusts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

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

# Quantiles of levels nearer to 0 or 1 are infinite in double precision, or rest on no observation.
NEAREST_LEVEL = 1e-9

# Squares of anything larger overflow.
LARGEST_NUMBER = 1e150


def paired_returns(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    names: tuple[str, str] = ("asset_returns", "benchmark_returns"),
    largest: float = LARGEST_RETURN,
) -> tuple[FloatArray, FloatArray]:
    """Both inputs as float arrays of one length, or an error that says what is wrong.

    Raises
    ------
    InputError
        Lengths or indexes differ, time does not run forward, or a value is not a number, NaN,
        infinite or larger than ``largest`` in size.
    """
    first, second = names
    both = isinstance(asset_returns, pd.Series) and isinstance(benchmark_returns, pd.Series)
    if both and not asset_returns.index.equals(benchmark_returns.index):  # type: ignore[union-attr]
        raise InputError(
            f"{first} and {second} have different indexes",
            parameter=second,
            value=f"{len(benchmark_returns)} rows against {len(asset_returns)}",
            allowed="two Series on one index",
            remedy="Pass prices through hedging.align first.",
        )
    for name, returns in ((first, asset_returns), (second, benchmark_returns)):
        if isinstance(returns, pd.Series):
            require_time_forward(returns.index, name)
    asset = finite_values(asset_returns, first, largest=largest)
    benchmark = finite_values(benchmark_returns, second, largest=largest)
    if asset.size != benchmark.size:
        raise InputError(
            f"{first} has {asset.size} values and {second} {benchmark.size}",
            parameter=second,
            value=benchmark.size,
            allowed="arrays of one length",
            remedy="Pass prices through hedging.align first.",
        )
    return asset, benchmark


def finite_values(values: Returns, parameter: str, *, largest: float = LARGEST_NUMBER) -> FloatArray:
    """One-dimensional float array without NaN, infinity or anything larger than ``largest``."""
    array = as_floats(values, parameter)
    if array.ndim != 1:
        raise InputError(
            f"{parameter} has {array.ndim} dimensions",
            parameter=parameter,
            value=array.shape,
            allowed="a Series or a one-dimensional array",
            remedy="Select one column.",
        )
    # Smallest and largest need no copy of a long series; NaN fails both comparisons.
    if array.size and not (array.min() >= -largest and array.max() <= largest):
        position = int(np.flatnonzero(~(np.abs(array) <= largest))[0])
        raise InputError(
            f"{parameter} holds {array[position]} at position {position}",
            parameter=parameter,
            value=float(array[position]),
            allowed=f"finite numbers no larger than {largest:g} in size",
            remedy="Remove the row or correct the price behind it.",
        )
    return array


def as_floats(values: Returns, parameter: str) -> FloatArray:
    """Floats, NaN allowed, or an error where something is no number: truth values and texts are none."""
    try:
        plain = np.asarray(values)
        stranger = _first_stranger(plain)
        if stranger is not None:
            raise TypeError(f"{stranger!r:.40} is of type {type(stranger).__name__}")
        return np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{parameter} holds something that is no number ({error})",
            parameter=parameter,
            value=str(error),
            allowed="numbers",
            remedy="Convert the column to numbers first.",
        ) from error


def require_time_forward(index: pd.Index, parameter: str) -> None:
    """A window is a stretch of time, and Newey-West weighs neighbours: both need ordered rows."""
    if isinstance(index, pd.DatetimeIndex) and not (index.is_monotonic_increasing and index.is_unique):
        raise InputError(
            f"{parameter} is not in order of time, or repeats an instant",
            parameter=parameter,
            value=f"{len(index)} rows",
            allowed="increasing unique times",
            remedy="Sort by time and drop repeated rows, or pass prices through hedging.align.",
        )


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
    """A number between 0 and 1, far enough from both that quantiles of it are numbers."""
    if not (_is_number(value) and NEAREST_LEVEL <= value <= 1.0 - NEAREST_LEVEL):
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


def require_kind(value: object, parameter: str, kind: type | tuple[type, ...]) -> None:
    """An instance of what the parameter is made of, not something that only fails later."""
    if not isinstance(value, kind):
        names = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
        raise InputError(
            f"{parameter} is {value!r:.100}",
            parameter=parameter,
            value=type(value).__name__,
            allowed=f"{'True or False' if kind is bool else names}",
            remedy="Correct the value.",
        )


def require_window(
    window: int, *, smallest: int, available: int | None = None, parameter: str = "window"
) -> None:
    """A whole number of observations, at least ``smallest`` and no more than there are."""
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < smallest:
        raise InputError(
            f"{parameter} is {window}",
            parameter=parameter,
            value=window,
            allowed=f"a whole number of observations, at least {smallest}",
            remedy="Choose a larger number.",
        )
    if available is not None and available < window:
        raise InsufficientDataError(
            f"there are {available} observations and the lookback asks for {window}",
            parameter=parameter,
            value=window,
            allowed=f"at most {available}",
            remedy="Choose a shorter lookback, a finer return interval or a longer history.",
        )


def require_number(
    value: float, parameter: str, *, allowed: str, valid: Callable[[float], bool] = math.isfinite
) -> float:
    """A finite number that also passes the caller's own condition."""
    if not (_is_number(value) and math.isfinite(value) and valid(float(value))):
        raise InputError(
            f"{parameter} is {value}",
            parameter=parameter,
            value=value if _is_number(value) else repr(value),
            allowed=allowed,
            remedy="Correct the value.",
        )
    return float(value)


def _is_number(value: object) -> bool:
    real = isinstance(value, (int, float, np.integer, np.floating))
    if not real or isinstance(value, (bool, np.timedelta64)):
        return False
    try:
        float(value)  # type: ignore[arg-type]
    except OverflowError:  # a whole number of more than 308 digits
        return False
    return True


def _first_stranger(values: npt.NDArray[Any]) -> object | None:
    """The first value that is a truth value, a text, a time or a complex number."""
    if values.dtype.kind in "iuf":
        return None
    flat = values.ravel()
    if values.dtype.kind != "O":
        return flat[0] if flat.size else None
    strange = (bool, np.bool_, str, bytes, complex, np.timedelta64, np.datetime64)
    return next((value for value in flat if isinstance(value, strange)), None)
