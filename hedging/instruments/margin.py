"""What an exchange asks for a position: initial margin, and maintenance margin in tiers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from hedging._checks import require_choice, require_number
from hedging.errors import InputError

MarginUnit: TypeAlias = Literal["usd", "coin"]

# Exchanges print amounts to the cent, coins to 8 digits; a wrong tier is off by far more.
AMOUNT_TOLERANCE = 1e-9
LARGEST_LEVERAGE = 1000.0


@dataclass(frozen=True)
class MaintenanceTier:
    """Terms of positions whose notional lies from ``floor`` to ``cap``.

    Attributes
    ----------
    floor, cap : float
        Notional in the unit of the margin; the last cap may be infinite.
    maintenance_rate_fraction : float
        Fraction of the notional.
    maintenance_amount : float
        Taken off ("cum"), so that margin does not jump at the floor.
    max_leverage : float
    """

    floor: float
    cap: float
    maintenance_rate_fraction: float
    maintenance_amount: float
    max_leverage: float

    def __post_init__(self) -> None:
        """Refuse numbers that no exchange could state."""
        require_number(self.floor, "floor", allowed="0 or more", valid=lambda v: v >= 0)
        if self.cap != math.inf:
            require_number(self.cap, "cap", allowed="above the floor", valid=lambda v: v > self.floor)
        require_number(
            self.maintenance_rate_fraction,
            "maintenance_rate_fraction",
            allowed="a fraction above 0 and below 1",
            valid=lambda v: 0 < v < 1,
        )
        require_number(
            self.maintenance_amount, "maintenance_amount", allowed="0 or more", valid=lambda v: v >= 0
        )
        require_number(
            self.max_leverage, "max_leverage", allowed="1 to 1000", valid=lambda v: 1 <= v <= LARGEST_LEVERAGE
        )


@dataclass(frozen=True)
class MaintenanceTiers:
    """Maintenance margin ``rate_k * notional - amount_k``, continuous and convex in the notional.

    The amounts must satisfy ``amount_k = amount_{k-1} + floor_k (rate_k - rate_{k-1})``. Then the margin
    is the largest of all tiers' lines, whichever tier the notional is in.

    Attributes
    ----------
    tiers : tuple of MaintenanceTier
        From a floor of 0 upwards, each beginning where the one before ends.
    unit : {"usd", "coin"}
        Of notional and amounts: dollars for linear contracts, coins for inverse ones.
    """

    tiers: tuple[MaintenanceTier, ...]
    unit: MarginUnit = "usd"

    def __post_init__(self) -> None:
        """Refuse tiers with gaps, jumps or falling rates."""
        require_choice(self.unit, "unit", get_args(MarginUnit))
        if not self.tiers or self.tiers[0].floor != 0.0 or self.tiers[0].maintenance_amount != 0.0:
            _refuse("floor", self.tiers[:1], "a first tier with floor 0 and maintenance amount 0")
        for below, tier in zip(self.tiers, self.tiers[1:], strict=False):
            if tier.floor != below.cap:
                _refuse("floor", tier.floor, f"{below.cap}, the cap of the tier below")
            step = tier.maintenance_rate_fraction - below.maintenance_rate_fraction
            if step <= 0:
                _refuse("maintenance_rate_fraction", tier.maintenance_rate_fraction, "a rising rate")
            if tier.max_leverage > below.max_leverage:
                _refuse("max_leverage", tier.max_leverage, "a leverage that does not rise")
            amount = below.maintenance_amount + tier.floor * step
            if abs(tier.maintenance_amount - amount) > AMOUNT_TOLERANCE * max(1.0, tier.floor):
                _refuse("maintenance_amount", tier.maintenance_amount, f"{amount:.10g}, without a jump")

    @classmethod
    def flat(cls, maintenance_rate_fraction: float, *, unit: MarginUnit = "usd") -> MaintenanceTiers:
        """One rate for every size, and no limit on leverage below 1 / rate."""
        rate = require_number(
            maintenance_rate_fraction,
            "maintenance_rate_fraction",
            allowed="a fraction from 0.001 to below 1",
            valid=lambda v: 1 / LARGEST_LEVERAGE <= v < 1,
        )
        return cls((MaintenanceTier(0.0, math.inf, rate, 0.0, 1.0 / rate),), unit)

    def tier_at(self, notional: float) -> MaintenanceTier:
        """Tier of a notional (its size counts); a cap belongs to the tier below it.

        Raises
        ------
        InputError
            The notional is above the last cap: the exchange does not allow the position.
        """
        size = abs(require_number(notional, "notional", allowed="a finite amount"))
        for tier in self.tiers:
            if size <= tier.cap:
                return tier
        raise InputError(
            f"a notional of {size:,.6g} is above the exchange's largest tier",
            parameter="notional",
            value=size,
            allowed=f"at most {self.tiers[-1].cap:,.6g}",
            remedy="Split the position over contracts or exchanges.",
        )

    def maintenance_margin(self, notional: float) -> float:
        """Margin below which the position is closed, in ``unit``: ``rate * |notional| - amount``."""
        tier = self.tier_at(notional)
        return tier.maintenance_rate_fraction * abs(notional) - tier.maintenance_amount


def maintenance_margin_usd(notional_usd: float, tiers: MaintenanceTiers) -> float:
    """Maintenance margin of a linear position, ``rate_k |notional| - amount_k`` of its tier.

    Parameters
    ----------
    notional_usd : float
        Signed value at the mark price; its size counts.
    tiers : MaintenanceTiers
        In USD.

    Raises
    ------
    InputError
        The tiers are in coins, or the notional is above the last cap.

    References
    ----------
    Binance, "Leverage and margin of USD-M futures".
    """
    require_unit(tiers, "usd")
    return tiers.maintenance_margin(notional_usd)


def initial_margin_usd(notional_usd: float, *, leverage: float, tiers: MaintenanceTiers) -> float:
    """Margin to open a position, ``|notional| / leverage``.

    Parameters
    ----------
    notional_usd : float
        Signed value at entry; its size counts.
    leverage : float
        From 1 to what the tier of this notional allows.
    tiers : MaintenanceTiers
        In USD.

    Raises
    ------
    InputError
        The leverage is below 1 or above the tier's, or the notional above the last cap.
    """
    require_unit(tiers, "usd")
    most = tiers.tier_at(notional_usd).max_leverage
    chosen = require_number(
        leverage,
        "leverage",
        allowed=f"1 to {most:g} for a notional of {abs(notional_usd):,.6g} USD",
        valid=lambda v: 1 <= v <= most,
    )
    return abs(notional_usd) / chosen


def require_unit(tiers: MaintenanceTiers, unit: MarginUnit) -> None:
    """Tiers counted in what the margin is counted in."""
    if tiers.unit != unit:
        raise InputError(
            f"the maintenance tiers are in {tiers.unit}",
            parameter="tiers",
            value=tiers.unit,
            allowed=f"tiers in {unit}",
            remedy="Linear contracts have tiers in dollars, inverse ones in coins.",
        )


def _refuse(parameter: str, value: object, allowed: str) -> None:
    raise InputError(
        f"{parameter} of a maintenance tier is {value}",
        parameter=parameter,
        value=value,
        allowed=allowed,
        remedy="Copy the tiers from the exchange's table, amounts included.",
    )
