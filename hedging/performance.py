"""What a stream of P&L did: volatility, drawdown, and how much of the risk a hedge took away."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import ndtr, ndtri

from hedging._checks import (
    CONSTANT_TOLERANCE,
    LARGEST_NUMBER,
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_fraction,
    require_movement,
    require_number,
    require_observations,
    require_window,
)
from hedging.errors import DegenerateDataError
from hedging.estimators.regression import newey_west_lags

SMALLEST_ROLLING_WINDOW = 5
WINDOWS_AT_ONCE = 2_000  # keeps the copies of long windows inside some tens of megabytes


@dataclass(frozen=True)
class HedgingEffectiveness:
    """Share of the variance that a hedge removed.

    Attributes
    ----------
    effectiveness : float
        ``1 - Var(hedged) / Var(unhedged)``: 1 is perfect, 0 useless, negative harmful.
    low, high : float
        Interval at ``confidence``.
    p_value : float
        Of the paired test that both variances are equal.
    confidence : float
        Level as a fraction.
    n_observations : int
    """

    effectiveness: float
    low: float
    high: float
    p_value: float
    confidence: float
    n_observations: int


def hedging_effectiveness(
    unhedged: Returns, hedged: Returns, *, confidence: float = 0.95
) -> HedgingEffectiveness:
    """Compare the variances of two P&L or return streams over the same periods.

    ``HE = 1 - Var(hedged) / Var(unhedged)``. Interval and test work on ``log`` of the variance
    ratio with a Newey-West standard error of its influence function, so that fat tails, serial
    correlation and the pairing of the two streams all count. The interval is asymptotic: nominal 95 %
    covers 94 % with 250 periods, 90 % with 60, 88 % with 30 (normal returns; less with fat tails).

    Parameters
    ----------
    unhedged, hedged : Series on one index or 1-d arrays, shape (n,)
        P&L in USD or returns per period, in the same unit.
    confidence : float
        Level of the interval as a fraction.

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        Unusable values, fewer than 10 periods, or an unhedged stream that does not move.

    References
    ----------
    Ederington (1979) for the measure; Ledoit and Wolf (2011), "Robust performance hypothesis
    testing with the variance", for the inference.
    """
    require_fraction(confidence, "confidence")
    before, after = paired_returns(unhedged, hedged, names=("unhedged", "hedged"), largest=LARGEST_NUMBER)
    require_observations(before.size, 10, what="a comparison of two variances")
    require_movement(before, name="unhedged")
    deviations_before = (before - before.mean()) ** 2
    deviations_after = (after - after.mean()) ** 2
    variance_before, variance_after = float(deviations_before.mean()), float(deviations_after.mean())
    ratio = variance_after / variance_before
    n = before.size
    if ratio < 1e-24:  # a perfect hedge has no noise left to test
        return HedgingEffectiveness(1.0, 1.0, 1.0, 0.0, confidence, n)
    influence = deviations_after / variance_after - deviations_before / variance_before
    error = math.sqrt(_long_run_variance(influence) / n)
    reach = float(ndtri(0.5 + confidence / 2.0)) * error
    p_value = 2.0 * float(ndtr(-abs(math.log(ratio)) / error)) if error else float(ratio == 1.0)
    return HedgingEffectiveness(
        effectiveness=1.0 - ratio,
        low=1.0 - ratio * math.exp(reach),
        high=1.0 - ratio * math.exp(-reach),
        p_value=p_value,
        confidence=confidence,
        n_observations=n,
    )


def rolling_effectiveness(unhedged: Returns, hedged: Returns, *, window: int) -> pd.Series:
    """Share of the variance that a hedge removed in every window of ``window`` periods.

    ``HE_t = 1 - Var(hedged) / Var(unhedged)`` over periods ``t - window + 1 .. t``, each window summed
    afresh: 1 is perfect, 0 useless, negative harmful. The value at t is that of
    :func:`hedging_effectiveness` on the same periods.

    Parameters
    ----------
    unhedged, hedged : Series on one index or 1-d arrays, shape (n,)
        P&L in USD or returns per period, in the same unit, no NaN.
    window : int
        Periods in a window, 5 to n.

    Returns
    -------
    pandas.Series, shape (n,)
        Fractions, at most 1, labelled by the window's LAST period; NaN for the first ``window - 1``
        periods and nowhere else.

    Raises
    ------
    InputError, InsufficientDataError
        Unusable values or window, or fewer periods than one window.
    DegenerateDataError
        The unhedged stream does not move in a window.

    References
    ----------
    Ederington (1979), "The hedging performance of the new futures markets".
    """
    before, after = paired_returns(unhedged, hedged, names=("unhedged", "hedged"), largest=LARGEST_NUMBER)
    require_window(window, smallest=SMALLEST_ROLLING_WINDOW, available=before.size)
    index = unhedged.index if isinstance(unhedged, pd.Series) else pd.RangeIndex(before.size)
    values = np.full(before.size, np.nan)
    for first in range(0, before.size - window + 1, WINDOWS_AT_ONCE):
        rows = slice(first, first + WINDOWS_AT_ONCE + window - 1)
        windows = sliding_window_view(before[rows], window)
        _require_moving_windows(windows, index[rows])
        part = 1.0 - sliding_window_view(after[rows], window).var(axis=1) / windows.var(axis=1)
        values[first + window - 1 : first + window - 1 + part.size] = part
    return pd.Series(values, index=index, name="effectiveness")


def annualised_volatility(values: pd.Series | FloatArray, *, periods_per_year: float) -> float:
    """Sample standard deviation per period times ``sqrt(periods_per_year)``, in the unit of ``values``.

    Parameters
    ----------
    values : Series or array, shape (n,)
        Returns or P&L per period, at least 2.
    periods_per_year : float
        365 for daily crypto, 252 for a five-day calendar; see :class:`hedging.AlignmentReport`.
    """
    array = finite_values(values, "values")
    require_observations(array.size, 2, what="a volatility")
    return annualise(float(array.std(ddof=1)), periods_per_year=periods_per_year)


def annualise(volatility: float, *, periods_per_year: float) -> float:
    """Scale a volatility per period to a year: ``volatility * sqrt(periods_per_year)``.

    Parameters
    ----------
    volatility : float
        Standard deviation per period, in any unit.
    periods_per_year : float
        365 for daily crypto, 252 for a five-day calendar; see :class:`hedging.AlignmentReport`.

    Raises
    ------
    InputError
        ``periods_per_year`` is not a positive number.
    """
    require_number(
        periods_per_year, "periods_per_year", allowed="a positive number", valid=lambda number: number > 0
    )
    require_number(volatility, "volatility", allowed="0 or more", valid=lambda number: number >= 0)
    return volatility * math.sqrt(periods_per_year)


def drawdown(cumulative: pd.Series) -> pd.Series:
    """Distance below the highest value so far, counting the start at 0: zero or negative.

    Parameters
    ----------
    cumulative : pandas.Series
        Cumulative P&L, in any unit; the result has the same unit and index.
    """
    values = finite_values(cumulative, "cumulative")
    peak = np.maximum(np.maximum.accumulate(values), 0.0)
    return pd.Series(values - peak, index=cumulative.index, name="drawdown")


def expected_shortfall(pnl: pd.Series | FloatArray, *, confidence: float = 0.95) -> float:
    """Mean loss in the worst ``1 - confidence`` of the periods, as a positive number of the unit of ``pnl``.

    The tail holds ``n (1 - confidence)`` periods, the last of them by its fraction, so that the figure
    moves smoothly with the confidence. Negative where even the worst periods gained.

    Parameters
    ----------
    pnl : Series or array, shape (n,)
        Profit (positive) or loss of each period.
    confidence : float
        0.95 looks at the worst 5 %.

    Raises
    ------
    InputError
        Unusable values.
    InsufficientDataError
        Fewer periods than hold one whole period of the tail.

    References
    ----------
    Acerbi and Tasche (2002), "On the coherence of expected shortfall".
    """
    require_fraction(confidence, "confidence")
    losses = np.sort(-finite_values(pnl, "pnl"))[::-1]
    tail = losses.size * (1.0 - confidence)
    require_observations(
        losses.size,
        math.ceil(1.0 / (1.0 - confidence) - 1e-9),
        what=f"an expected shortfall at {confidence:.0%}",
    )
    whole = min(int(tail + 1e-9), losses.size - 1)
    return float((losses[:whole].sum() + (tail - whole) * losses[whole]) / tail)


def _require_moving_windows(windows: FloatArray, index: pd.Index) -> None:
    spread = windows.max(axis=1) - windows.min(axis=1)
    still = spread <= CONSTANT_TOLERANCE * (1e-6 + np.abs(windows).max(axis=1))
    if still.any():
        last = index[int(still.argmax()) + windows.shape[1] - 1]
        raise DegenerateDataError(
            f"unhedged did not move in the window that ends at {last}",
            parameter="unhedged",
            value=str(last),
            allowed="values that differ within every window",
            remedy="Choose a longer window or another stretch of time.",
        )


def _long_run_variance(values: FloatArray) -> float:
    """Newey-West variance of a zero-mean series (Bartlett kernel)."""
    n = values.size
    lags = newey_west_lags(n)
    total = float(values @ values) / n
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(values[lag:] @ values[:-lag]) / n
    return max(total, 0.0)
