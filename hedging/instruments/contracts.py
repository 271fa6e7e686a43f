"""Futures and perpetual contracts: what one of them is worth and what an exchange takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hedging.errors import InputError


@dataclass(frozen=True)
class LinearContract:
    """A contract whose P&L in USD is linear in the price: ``contracts * contract_size * (P1 - P0)``.

    Attributes
    ----------
    name : str
        What the exchange calls it.
    contract_size : Decimal
        Units of the underlying in one contract (0.01 BTC at OKX, 1 where quantity is in coins).
    quantity_step : Decimal
        Orders are whole multiples of this many contracts.
    minimum_quantity : Decimal
        Smallest order in contracts.
    minimum_notional_usd : Decimal
        Smallest order in USD, 0 where the exchange has none.
    """

    name: str
    contract_size: Decimal = Decimal(1)
    quantity_step: Decimal = Decimal(1)
    minimum_quantity: Decimal = Decimal(0)
    minimum_notional_usd: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse terms that no exchange could have."""
        for parameter in ("contract_size", "quantity_step"):
            _require_decimal(self, parameter, positive=True)
        for parameter in ("minimum_quantity", "minimum_notional_usd"):
            _require_decimal(self, parameter, positive=False)

    def value_usd(self, price_usd: float) -> float:
        """USD value of one contract at a price."""
        return float(self.contract_size) * price_usd


def _require_decimal(contract: LinearContract, parameter: str, *, positive: bool) -> None:
    value = getattr(contract, parameter)
    valid = isinstance(value, Decimal) and value.is_finite() and (value > 0 if positive else value >= 0)
    if not valid:
        raise InputError(
            f"{parameter} of {contract.name} is {value!r}",
            parameter=parameter,
            value=value,
            allowed="a positive Decimal" if positive else "a Decimal of 0 or more",
            remedy="Write it as Decimal('0.001') from the exchange's contract terms.",
        )
