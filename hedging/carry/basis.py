"""The gap between a future and its spot, and what it adds to a hedge's risk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from hedging._checks import finite_values, require_movement, require_number, require_observations
from hedging.errors import InputError

FEWEST_PRICES = 10
DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, eq=False)
class BasisRisk:
    """Basis ``future / spot - 1`` at common instants and how it moves.

    Attributes
    ----------
    basis : pandas.Series, shape (n,)
        Fraction of spot, at the instants that both have.
    mean, latest, lowest, highest : float
        Of the basis.
    change_volatility : float
        Sample standard deviation of the basis' change from one instant to the next.
    return_correlation : float
        Of spot and future returns between these instants.
    n_spot_only, n_future_only : int
        Instants that only one of the two has, left out.
    """

    basis: pd.Series
    mean: float
    latest: float
    lowest: float
    highest: float
    change_volatility: float
    return_correlation: float
    n_spot_only: int
    n_future_only: int


def basis_risk(spot_prices: pd.Series, future_prices: pd.Series) -> BasisRisk:
    """Compare a future with its spot at the instants that both have; nothing is filled.

    Parameters
    ----------
    spot_prices, future_prices : pandas.Series
        USD, on timezone-aware increasing times.

    Returns
    -------
    BasisRisk

    Raises
    ------
    InputError
        Times without timezone or order, prices that are not positive.
    InsufficientDataError
        Fewer than 10 common instants.
    DegenerateDataError
        One of the two does not move.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, section 3.3.
    """
    spot, future = _prices(spot_prices, "spot_prices"), _prices(future_prices, "future_prices")
    both = pd.DataFrame({"spot": spot, "future": future}).dropna()
    require_observations(len(both), FEWEST_PRICES, what="a basis at common instants")
    returns = both.pct_change(fill_method=None).iloc[1:]
    for name in ("spot", "future"):
        require_movement(finite_values(returns[name], name), name=f"{name}_prices")
    basis = (both["future"] / both["spot"] - 1.0).rename("basis")
    return BasisRisk(
        basis=basis,
        mean=float(basis.mean()),
        latest=float(basis.iloc[-1]),
        lowest=float(basis.min()),
        highest=float(basis.max()),
        change_volatility=float(basis.diff().std()),
        return_correlation=float(returns["spot"].corr(returns["future"])),
        n_spot_only=len(spot) - len(both),
        n_future_only=len(future) - len(both),
    )


def annual_basis_fraction(basis_fraction: float, *, days_to_expiry: float) -> float:
    """Carry of a dated future per year, ``(1 + basis)^(365 / days) - 1``; positive in contango.

    Parameters
    ----------
    basis_fraction : float
        ``future / spot - 1``, between -0.9 and 0.9.
    days_to_expiry : float
        1 or more: the last hours say nothing about a year.
    """
    basis = require_number(
        basis_fraction, "basis_fraction", allowed="-0.9 to 0.9", valid=lambda value: abs(value) <= 0.9
    )
    days = require_number(
        days_to_expiry, "days_to_expiry", allowed="1 or more", valid=lambda value: value >= 1
    )
    return math.expm1(math.log1p(basis) * DAYS_PER_YEAR / days)


def _prices(prices: pd.Series, parameter: str) -> pd.Series:
    index = prices.index
    if (
        not isinstance(index, pd.DatetimeIndex)
        or index.tz is None
        or not (index.is_monotonic_increasing and index.is_unique)
    ):
        raise InputError(
            f"{parameter} is not on increasing times with a timezone",
            parameter=parameter,
            value=str(index.dtype),
            allowed="an increasing timezone-aware DatetimeIndex",
            remedy="Sort by time, drop repeated rows and localise to UTC.",
        )
    values = finite_values(prices, parameter)
    if (values <= 0.0).any():
        raise InputError(
            f"{parameter} holds {values.min():g}",
            parameter=parameter,
            value=float(values.min()),
            allowed="positive prices",
            remedy="Remove the row or correct the price.",
        )
    return pd.Series(values, index=index.tz_convert("UTC").as_unit("ns"))
