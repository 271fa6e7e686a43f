"""Short a dated future and roll it, or short the perpetual: what each brings or costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from hedging._checks import finite_values, require_kind, require_number
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import InputError

CarryChoice: TypeAlias = Literal["dated future", "perpetual"]

DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class RolledFuture:
    """Both ways of holding one hedge, USD over the holding time; income positive.

    Attributes
    ----------
    hedge_notional_usd : float
        Signed, as given.
    holding_days, basis_annual_fraction, funding_annual_fraction : float
        As given.
    n_rolls : int
        Times that the dated future is closed and opened anew within the holding time.
    convergence_usd : float
        What the basis pays a short as it runs off: positive in contango.
    dated_trading_usd, perpetual_trading_usd : float
        Fees and slippage, positive: opening and closing, and both legs of each roll.
    funding_usd : float
        Expected funding of the perpetual: positive when the hedge receives it.
    dated_usd, perpetual_usd : float
        Net of trading.
    cheaper : {"dated future", "perpetual"}
    break_even_funding_annual_fraction : float
        Funding rate a year at which both are equal.
    """

    hedge_notional_usd: float
    holding_days: float
    basis_annual_fraction: float
    funding_annual_fraction: float
    n_rolls: int
    convergence_usd: float
    dated_trading_usd: float
    perpetual_trading_usd: float
    funding_usd: float
    dated_usd: float
    perpetual_usd: float
    cheaper: CarryChoice
    break_even_funding_annual_fraction: float


def compare_rolled_future(
    hedge_notional_usd: float,
    *,
    basis_annual_fraction: float,
    expiry_days: float,
    days_to_first_expiry: float,
    holding_days: float,
    funding_annual_fraction: float,
    dated_costs: TradingCosts,
    perpetual_costs: TradingCosts,
) -> RolledFuture:
    """Carry of a hedge in a rolled dated future against the perpetual.

    A short of N USD in a future at basis ``B`` a year earns ``-N B t`` as it converges (positive in
    contango); in the perpetual it receives ``-N u t``. Rolling closes one future and opens the next:
    two trades. The basis is taken to be the same at every roll, and simple, not compounded.

    Parameters
    ----------
    hedge_notional_usd : float
        Signed, short negative, not 0.
    basis_annual_fraction : float
        Annualised ``future / spot - 1``, positive in contango.
    expiry_days : float
        Days between expiries (91.25 for quarterly ones).
    days_to_first_expiry : float
        From now to the expiry of the first future held; at most ``expiry_days``.
    holding_days : float
    funding_annual_fraction : float
        Expected, positive when longs pay shorts; see :func:`hedging.annual_funding_fraction`.
    dated_costs, perpetual_costs : TradingCosts
        Per side.

    Returns
    -------
    RolledFuture

    Raises
    ------
    InputError
        A value is out of range.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, section 3.6 (stack and roll).
    """
    require_kind(dated_costs, "dated_costs", TradingCosts)
    require_kind(perpetual_costs, "perpetual_costs", TradingCosts)
    notional = require_number(
        hedge_notional_usd,
        "hedge_notional_usd",
        allowed="not 0, at most 1e15 in size",
        valid=lambda usd: 0 < abs(usd) <= 1e15,
    )
    for name, value in (
        ("basis_annual_fraction", basis_annual_fraction),
        ("funding_annual_fraction", funding_annual_fraction),
    ):
        require_number(value, name, allowed="-10 to 10 a year", valid=lambda number: abs(number) <= 10)
    spacing = _days(expiry_days, "expiry_days")
    held = _days(holding_days, "holding_days")
    first = require_number(
        days_to_first_expiry,
        "days_to_first_expiry",
        allowed=f"0.001 to {spacing:g}, the days between expiries",
        valid=lambda days: 1e-3 <= days <= spacing,
    )
    # A future that expires on the last day needs no successor.
    n_rolls = max(0, math.ceil((held - first) / spacing - 1e-9))
    years = held / DAYS_PER_YEAR
    one_side = trading_cost_usd(dated_costs, notional)
    dated_trading = 2.0 * one_side * (1 + n_rolls)
    perpetual_trading = 2.0 * trading_cost_usd(perpetual_costs, notional)
    convergence = -notional * basis_annual_fraction * years
    funding = -notional * funding_annual_fraction * years
    dated, perpetual = convergence - dated_trading, funding - perpetual_trading
    return RolledFuture(
        hedge_notional_usd=notional,
        holding_days=held,
        basis_annual_fraction=float(basis_annual_fraction),
        funding_annual_fraction=float(funding_annual_fraction),
        n_rolls=n_rolls,
        convergence_usd=convergence,
        dated_trading_usd=dated_trading,
        perpetual_trading_usd=perpetual_trading,
        funding_usd=funding,
        dated_usd=dated,
        perpetual_usd=perpetual,
        cheaper="dated future" if dated > perpetual else "perpetual",
        break_even_funding_annual_fraction=(dated + perpetual_trading) / (-notional * years),
    )


def rolled_returns(front_prices: pd.Series, back_prices: pd.Series, *, roll_after: pd.Timestamp) -> pd.Series:
    """Returns of holding the front future up to a roll and the back future afterwards.

    Every return is taken WITHIN one contract: up to and including ``roll_after`` from the front, from the
    next instant on from the back. A spliced price series would show the step between the two contracts
    as a return that nobody earned.

    Parameters
    ----------
    front_prices, back_prices : pandas.Series
        USD on increasing times; both have a price at ``roll_after``, and the back one has one at every
        later instant of the front.
    roll_after : pandas.Timestamp
        The instant of the roll, a label of both.

    Returns
    -------
    pandas.Series
        Simple returns, from the front's second instant to the back's last.

    Raises
    ------
    InputError
        One of the two has no price at the roll, or unusable prices.
    """
    floats = {}
    for name, prices in (("front_prices", front_prices), ("back_prices", back_prices)):
        require_kind(prices, name, pd.Series)
        if isinstance(prices.index, pd.DatetimeIndex):
            # A text would be matched as a stretch of time: "2024-01" is all of January.
            require_kind(roll_after, "roll_after", pd.Timestamp)
        values = finite_values(prices, name)
        floats[name] = pd.Series(values, index=prices.index)
        if (values <= 0).any() or not prices.index.is_monotonic_increasing or not prices.index.is_unique:
            raise InputError(
                f"{name} is not a series of positive prices on increasing times",
                parameter=name,
                value=len(prices),
                allowed="positive prices, each instant once, in order",
                remedy="Sort by time and drop repeated rows.",
            )
        if not _is_label(roll_after, prices.index):
            raise InputError(
                f"{name} has no price at the roll, {roll_after}",
                parameter="roll_after",
                value=str(roll_after),
                allowed="an instant at which both have a price",
                remedy="Roll at a close that both contracts have.",
            )
    front, back = floats["front_prices"], floats["back_prices"]
    missing = front.index[front.index > roll_after].difference(back.index)
    if len(missing):
        raise InputError(
            f"back_prices has no price at {missing[0]}, when the front contract has one",
            parameter="back_prices",
            value=str(missing[0]),
            allowed="a price at every later instant of the front contract",
            remedy="Load the missing prices: a return over the hole would pass for one of a single period.",
        )
    front, back = front[front.index <= roll_after], back[back.index >= roll_after]
    parts = [(prices / prices.shift(1) - 1.0).iloc[1:] for prices in (front, back)]
    joined = pd.concat(parts)
    return pd.Series(np.asarray(joined, dtype=np.float64), index=joined.index, name="rolled_return")


def _is_label(label: object, index: pd.Index) -> bool:
    try:
        return bool(label in index)
    except TypeError:  # something that no index can hold
        return False


def _days(value: float, parameter: str) -> float:
    return require_number(value, parameter, allowed="1 to 3650", valid=lambda days: 1 <= days <= 3_650)
