"""What is held: positions in coins or USD, long and short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hedging._checks import require_number
from hedging.errors import InputError
from hedging.instruments.sizing import position_value_usd, require_position

MOST_POSITIONS = 500


@dataclass(frozen=True)
class Position:
    """One holding, counted in coins or in USD.

    Attributes
    ----------
    name : str
        Column of the returns it earns.
    value_usd : float
        Signed value, long positive.
    quantity : float or None
        Signed coins, where it was counted in them.
    beta_override : float or None
        Beta set by hand instead of the estimate; it carries no statistical error.
    """

    name: str
    value_usd: float
    quantity: float | None = None
    beta_override: float | None = None

    def __post_init__(self) -> None:
        require_position(self.value_usd)
        if self.beta_override is not None:
            require_number(
                self.beta_override,
                "beta_override",
                allowed="a number between -1000 and 1000",
                valid=lambda beta: abs(beta) <= 1_000,
            )

    @classmethod
    def in_coins(
        cls, name: str, quantity: float, *, price_usd: float, beta_override: float | None = None
    ) -> Position:
        """A position of so many coins at a price."""
        value = position_value_usd(quantity, price_usd)
        return cls(name, value, quantity=quantity, beta_override=beta_override)


@dataclass(frozen=True)
class Held:
    """All positions of one asset together; their values may cancel."""

    value_usd: float
    beta_override: float | None


def add_up(positions: Sequence[Position], returns: pd.DataFrame) -> dict[str, Held]:
    """Positions by asset, in the order in which they first appear."""
    if not 1 <= len(positions) <= MOST_POSITIONS:
        raise InputError(
            f"the book has {len(positions)} positions",
            parameter="positions",
            value=len(positions),
            allowed=f"1 to {MOST_POSITIONS}",
            remedy="Enter a position, or add small ones up.",
        )
    held: dict[str, Held] = {}
    for position in positions:
        if position.name not in returns.columns:
            raise InputError(
                f"there are no returns of {position.name!r}",
                parameter="positions",
                value=position.name,
                allowed=", ".join(str(name) for name in returns.columns)[:300],
                remedy="Remove the position or load its prices.",
            )
        known = held.get(position.name)
        if known is not None and known.beta_override != position.beta_override:
            raise InputError(
                f"{position.name!r} is held twice with different betas set by hand",
                parameter="positions",
                value=position.name,
                allowed="one beta for each asset",
                remedy="Set the same beta for both, or none.",
            )
        before = 0.0 if known is None else known.value_usd
        held[position.name] = Held(before + position.value_usd, position.beta_override)
    if not any(each.value_usd for each in held.values()):
        raise InputError(
            "the positions of the book cancel each other, asset by asset",
            parameter="positions",
            value=len(positions),
            allowed="at least one asset with a value other than 0",
            remedy="There is nothing to hedge; enter another position.",
        )
    return held
