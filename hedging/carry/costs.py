"""What a trade costs."""

from __future__ import annotations

from dataclasses import dataclass

from hedging._checks import require_number

LARGEST_FRACTION = 0.05
LARGEST_REBATE = 0.01


@dataclass(frozen=True)
class TradingCosts:
    """Costs of one trade, as fractions of its notional.

    Attributes
    ----------
    fee_fraction : float
        Exchange fee (0.0005 for 0.05 %); negative for a maker's rebate.
    slippage_fraction : float
        What the price gives way between decision and fill, 0 or more.
    """

    fee_fraction: float
    slippage_fraction: float = 0.0

    def __post_init__(self) -> None:
        require_number(
            self.fee_fraction,
            "fee_fraction",
            allowed="-0.01 to 0.05, a fraction of notional",
            valid=lambda value: -LARGEST_REBATE <= value <= LARGEST_FRACTION,
        )
        require_number(
            self.slippage_fraction,
            "slippage_fraction",
            allowed="0 to 0.05, a fraction of notional",
            valid=lambda value: 0.0 <= value <= LARGEST_FRACTION,
        )

    @property
    def per_side_fraction(self) -> float:
        """Fee and slippage together."""
        return self.fee_fraction + self.slippage_fraction


def trading_cost_usd(costs: TradingCosts, traded_notional_usd: float) -> float:
    """Cost in USD of trading a notional once, positive unless a rebate is larger than the slippage.

    Parameters
    ----------
    costs : TradingCosts
    traded_notional_usd : float
        Signed or not: a purchase costs what a sale does.
    """
    size = require_number(traded_notional_usd, "traded_notional_usd", allowed="a finite amount of USD")
    return costs.per_side_fraction * abs(size)
