"""Coins behind an inverse order: margin that is itself long what the order shorts."""

from __future__ import annotations

from dataclasses import dataclass

from hedging._checks import require_number
from hedging.errors import InputError
from hedging.instruments.margin import LARGEST_LEVERAGE
from hedging.instruments.plan import LARGEST_POSITION_USD


@dataclass(frozen=True)
class CoinMargin:
    """How much is posted in coins behind a coin-margined order.

    Attributes
    ----------
    leverage : float
        Notional of the order over what is posted for it, from 1 to 1000.
    extra_usd : float
        Value of coins posted beyond that, 0 or more.
    """

    leverage: float
    extra_usd: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no exchange takes."""
        require_number(
            self.leverage, "leverage", allowed="1 to 1000", valid=lambda v: 1 <= v <= LARGEST_LEVERAGE
        )
        require_number(
            self.extra_usd,
            "extra_usd",
            allowed="an amount up to 1e12 USD, 0 or more",
            valid=lambda v: 0 <= v <= LARGEST_POSITION_USD,
        )

    def value_usd(self, exposure_usd: float) -> float:
        """Value M of the coins behind the order that takes an exposure off and covers the coins as well.

        ``Q = H + M`` with ``M = |Q| / L + added`` for an exposure H to be shorted gives
        ``Q = (H + added) L / (L - 1)``. Where H is to be bought, the coins are part of what is bought:
        ``M = (|H| - added) / (L + 1) + added``.

        Parameters
        ----------
        exposure_usd : float
            Signed ``(beta - beta_target) V``: positive is to be shorted.

        Raises
        ------
        InputError
            At a leverage of 1 every coin posted behind a short asks for as much again.
        """
        exposure = require_number(exposure_usd, "exposure_usd", allowed="a finite amount of USD")
        wanted = exposure + self.extra_usd
        if wanted <= 0.0:
            return -wanted / (self.leverage + 1.0) + self.extra_usd
        if self.leverage <= 1.0:
            raise InputError(
                "at a leverage of 1 the coins posted as margin are as much exposure as the contract "
                "takes off",
                parameter="leverage",
                value=self.leverage,
                allowed="more than 1 for a coin-margined short",
                remedy="Choose a higher leverage, or a contract margined in dollars.",
            )
        return wanted / (self.leverage - 1.0) + self.extra_usd
