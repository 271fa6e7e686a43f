"""How far the benchmark may move, and how long a hedge must be held, before it has paid for itself."""

from __future__ import annotations

from dataclasses import dataclass

from hedging._checks import require_number
from hedging.carry.costs import TradingCosts


@dataclass(frozen=True)
class BreakEven:
    """When a short perpetual pays for itself.

    Attributes
    ----------
    benchmark_return : float
        The benchmark may rise by this much over the holding time before the short has lost money:
        ``sum of rates - 2 c``. Negative: it has to fall.
    holding_days : float or None
        Days until the funding received has paid for opening and closing; 0 with costs of 0 or less,
        None when it never does.
    reason : str
        One plain sentence.
    """

    benchmark_return: float
    holding_days: float | None
    reason: str


def break_even(costs: TradingCosts, *, funding_annual_fraction: float, holding_days: float) -> BreakEven:
    """Break-even move and holding time of a short that is opened, held and closed.

    Parameters
    ----------
    costs : TradingCosts
        Per side, paid twice.
    funding_annual_fraction : float
        Expected rate per year, positive when longs pay shorts.
    holding_days : float
        Above 0.

    Returns
    -------
    BreakEven

    Raises
    ------
    InputError
        A value is out of range.
    """
    annual = require_number(
        funding_annual_fraction,
        "funding_annual_fraction",
        allowed="-10 to 10, a fraction per year",
        valid=lambda value: abs(value) <= 10,
    )
    days = _holding(holding_days)
    both_sides = 2.0 * costs.per_side_fraction
    move = annual * days / 365.0 - both_sides
    if both_sides <= 0.0:
        return BreakEven(move, 0.0, "Opening and closing cost nothing.")
    if annual <= 0.0:
        reason = "The short pays funding, so funding never earns its costs back."
        return BreakEven(move, None, reason)
    needed = both_sides / annual * 365.0
    reason = f"After {needed:,.1f} days the funding received has paid for opening and closing."
    return BreakEven(move, needed, reason)


def _holding(holding_days: float) -> float:
    return require_number(
        holding_days,
        "holding_days",
        allowed="above 0 and at most 3650",
        valid=lambda days: 0 < days <= 3_650,
    )
