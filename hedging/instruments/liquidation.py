"""At which price an exchange closes a position."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from hedging._checks import require_choice, require_number
from hedging.errors import InputError
from hedging.instruments.contracts import Contract, InverseContract, LinearContract, require_price
from hedging.instruments.margin import MaintenanceTiers, require_unit

Convention: TypeAlias = Literal["binance", "bybit"]
Outcome: TypeAlias = Literal["at price", "never", "already"]


@dataclass(frozen=True)
class MarginedPosition:
    """A position and the tiers its exchange applies to it.

    Attributes
    ----------
    contract : LinearContract or InverseContract
    contracts : float
        Signed, short negative, not 0.
    entry_price_usd, mark_price_usd : float
        Average entry price, and the mark price now, of one unit of the symbol.
    tiers : MaintenanceTiers
        In USD for a linear contract, in coins for an inverse one.
    """

    contract: Contract
    contracts: float
    entry_price_usd: float
    mark_price_usd: float
    tiers: MaintenanceTiers

    def __post_init__(self) -> None:
        """Refuse what is no position, and one larger than the exchange allows."""
        require_number(self.contracts, "contracts", allowed="a signed number, not 0", valid=lambda n: n != 0)
        for parameter in ("entry_price_usd", "mark_price_usd"):
            require_price(getattr(self, parameter), parameter)
        require_unit(self.tiers, "coin" if isinstance(self.contract, InverseContract) else "usd")
        self.tiers.tier_at(self._quantity * self._entry)
        self.tiers.tier_at(self._quantity * self._mark)

    @property
    def unrealised(self) -> float:
        """P&L at the mark price, in USD (linear) or coins (inverse)."""
        return self._quantity * (self._mark - self._entry)

    @property
    def maintenance(self) -> float:
        """Maintenance margin at the mark price, in USD (linear) or coins (inverse)."""
        return self.tiers.maintenance_margin(self._quantity * self._mark)

    # An inverse position is a linear one in the price 1/P with the opposite sign, counted in coins:
    # Q (1/P0 - 1/P1) = -Q (1/P1 - 1/P0). One solver serves both.
    @property
    def _quantity(self) -> float:
        size = self.contracts * float(self.contract.contract_size)
        return -size if isinstance(self.contract, InverseContract) else size

    @property
    def _entry(self) -> float:
        return self._level(self.entry_price_usd)

    @property
    def _mark(self) -> float:
        return self._level(self.mark_price_usd)

    def _level(self, price: float) -> float:
        return 1.0 / price if isinstance(self.contract, InverseContract) else price


@dataclass(frozen=True)
class Liquidation:
    """When a position would be closed by the exchange.

    Attributes
    ----------
    outcome : {"at price", "never", "already"}
        "never": no price closes it. "already": equity is at or below the maintenance margin now.
    reason : str
        One plain sentence.
    price_usd : float or None
        Mark price at which equity falls to the maintenance margin; None when there is none.
    distance_fraction : float or None
        Signed move from the mark price to it, ``price / mark - 1``; None when the outcome is "never".
    distance_daily_sigmas : float or None
        ``|distance_fraction|`` over the daily volatility; None without one.
    """

    outcome: Outcome
    reason: str
    price_usd: float | None
    distance_fraction: float | None
    distance_daily_sigmas: float | None


def liquidation_price(
    position: MarginedPosition,
    *,
    margin_usd: float,
    convention: Convention,
    other_maintenance_usd: float = 0.0,
    other_unrealised_usd: float = 0.0,
    daily_volatility_fraction: float | None = None,
) -> Liquidation:
    """Price at which a linear position is closed, isolated or cross.

    Equity ``W + q (P - E)`` falls to the maintenance margin, with W the margin and q the signed units.

    - "binance": the margin of the notional AT LIQUIDATION, ``rate |q| P - amount``:
      ``P = (W + amount - q E) / (|q| rate - q)``, for a short ``(W + amount + |q| E) / (|q| (1 + rate))``.
      The tier is the one in which the notional at that price lies.
    - "bybit": the margin of the notional AT ENTRY, fixed: ``P = E - (W - MM) / q``. With
      ``W = |q| E / L + extra`` and no amount, a short's is ``E (1 + 1/L - rate) + extra / |q|``.

    Cross: W is the wallet; the other positions take ``other_maintenance_usd`` off and add
    ``other_unrealised_usd``, both at their marks, which stand still. Liquidation fees, bankruptcy
    price and insurance are not part of either formula; beyond the last cap its rate goes on.

    Parameters
    ----------
    position : MarginedPosition
        Of a linear contract.
    margin_usd : float
        Isolated: the margin assigned (initial and added). Cross: the wallet balance. 0 or more.
    convention : {"binance", "bybit"}
    other_maintenance_usd, other_unrealised_usd : float
        Of the other cross positions, see :func:`cross_liquidation_prices`.
    daily_volatility_fraction : float or None
        To express the distance in daily standard deviations.

    Returns
    -------
    Liquidation

    Raises
    ------
    InputError
        The contract is inverse, or a number is out of range.

    References
    ----------
    Binance, "How to calculate liquidation price of USD-M futures contracts"; Bybit, "Liquidation
    price calculation under isolated mode (USDT contract)".
    """
    if not isinstance(position.contract, LinearContract):
        _refuse_kind(position.contract, "a linear contract", "inverse_liquidation_price")
    margin = _amount(margin_usd, "margin_usd")
    others = _amount(other_maintenance_usd, "other_maintenance_usd")
    gains = require_number(other_unrealised_usd, "other_unrealised_usd", allowed="a finite amount")
    return _liquidation(position, margin - others + gains, convention, daily_volatility_fraction)


def inverse_liquidation_price(
    position: MarginedPosition,
    *,
    margin_coins: float,
    convention: Convention,
    daily_volatility_fraction: float | None = None,
) -> Liquidation:
    """Price at which an isolated coin-margined position is closed.

    With ``u = 1/P`` the equity in coins is ``M + Q (u0 - u)`` and the notional ``|Q| u``: the linear
    problem with u for P and -Q for q. "binance": a long of Q USD at ``Q (1 + rate) / (M + amount +
    Q / P0)``, a short at ``Q (1 - rate) / (Q / P0 - M - amount)``. "bybit": the maintenance margin of
    the entry, ``1/P = 1/P0 + (M - MM) / Q`` for a long. A short with at least ``M = Q / P0`` coins
    (leverage 1) is covered at every price.

    Parameters
    ----------
    position : MarginedPosition
        Of an inverse contract, tiers in coins.
    margin_coins : float
        Coins assigned to it, 0 or more.
    convention, daily_volatility_fraction
        As :func:`liquidation_price`.

    Returns
    -------
    Liquidation

    Raises
    ------
    InputError
        The contract is linear, or a number is out of range.

    References
    ----------
    Derived from the P&L of the contract; Binance, "How to calculate liquidation price of COIN-M
    futures contracts", states the same formula.
    """
    if not isinstance(position.contract, InverseContract):
        _refuse_kind(position.contract, "an inverse contract", "liquidation_price")
    margin = _amount(margin_coins, "margin_coins")
    return _liquidation(position, margin, convention, daily_volatility_fraction)


def cross_liquidation_prices(
    positions: Sequence[MarginedPosition],
    *,
    wallet_usd: float,
    convention: Convention,
    daily_volatility_fraction: float | None = None,
) -> tuple[Liquidation, ...]:
    """Liquidation price of each linear position that shares one wallet.

    Each is found with the others at their mark prices: ``W -> wallet - other maintenance + other
    unrealised P&L``. Positions that move together are closed earlier than that.

    Parameters
    ----------
    positions : sequence of MarginedPosition
        All linear, at least one.
    wallet_usd : float
        Balance without unrealised P&L, 0 or more.
    convention, daily_volatility_fraction
        As :func:`liquidation_price`.

    Returns
    -------
    tuple of Liquidation
        In the order of ``positions``.

    Raises
    ------
    InputError
        No position, an inverse one, or a number out of range.
    """
    if not positions:
        raise InputError(
            "positions is empty",
            parameter="positions",
            value=0,
            allowed="at least one position",
            remedy="Give every position that shares the wallet.",
        )
    for position in positions:
        if not isinstance(position.contract, LinearContract):
            _refuse_kind(position.contract, "linear contracts", "inverse_liquidation_price")
    maintenance = [position.maintenance for position in positions]
    unrealised = [position.unrealised for position in positions]
    return tuple(
        liquidation_price(
            position,
            margin_usd=wallet_usd,
            convention=convention,
            other_maintenance_usd=math.fsum(maintenance[:i] + maintenance[i + 1 :]),
            other_unrealised_usd=math.fsum(unrealised[:i] + unrealised[i + 1 :]),
            daily_volatility_fraction=daily_volatility_fraction,
        )
        for i, position in enumerate(positions)
    )


def _liquidation(
    position: MarginedPosition, margin: float, convention: Convention, volatility: float | None
) -> Liquidation:
    require_choice(convention, "convention", get_args(Convention))
    if volatility is not None:
        require_number(
            volatility, "daily_volatility_fraction", allowed="above 0", valid=lambda number: number > 0
        )
    level = _closing_level(position, margin, convention)
    fixed = convention == "bybit"
    entry_margin = position.tiers.maintenance_margin(position._quantity * position._entry)
    owed = entry_margin if fixed else position.maintenance
    price = None if level is None else position._level(level)
    distance = None if price is None else price / position.mark_price_usd - 1.0
    sigmas = None if distance is None or volatility is None else abs(distance) / volatility
    if margin + position.unrealised <= owed:
        said = "The margin is at or below the maintenance margin at the mark price already."
        return Liquidation("already", said, price, distance, sigmas)
    if price is None:
        side = "rise" if position.contracts < 0 else "fall"
        said = f"The margin covers the position however far the price may {side}."
        return Liquidation("never", said, None, None, None)
    return Liquidation(
        "at price", "Equity falls to the maintenance margin at this price.", price, distance, sigmas
    )


def _closing_level(position: MarginedPosition, margin: float, convention: Convention) -> float | None:
    """Level (price, or 1/price when inverse) at which equity meets the margin; None when not above 0."""
    q, entry = position._quantity, position._entry
    if convention == "bybit":
        level = entry - (margin - position.tiers.maintenance_margin(q * entry)) / q
    else:
        levels = [
            (margin + tier.maintenance_amount - q * entry) / (abs(q) * tier.maintenance_rate_fraction - q)
            for tier in position.tiers.tiers
        ]
        # The margin is the largest of the tiers' lines, so the first line that equity meets closes
        # the position, and it is the line of the tier that the notional is in at that level.
        level = max(levels) if q > 0 else min(levels)
    return level if level > 0.0 else None


def _amount(value: float, parameter: str) -> float:
    return require_number(value, parameter, allowed="0 or more", valid=lambda amount: amount >= 0)


def _refuse_kind(contract: Contract, allowed: str, instead: str) -> None:
    raise InputError(
        f"{contract.name} is {contract.kind}",
        parameter="position",
        value=contract.kind,
        allowed=allowed,
        remedy=f"Use hedging.{instead}.",
    )
