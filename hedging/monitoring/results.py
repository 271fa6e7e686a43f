"""A hedge as it was entered, and what a look at it finds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from hedging._checks import require_kind, require_number
from hedging.backtesting.settings import Trigger
from hedging.errors import InputError
from hedging.instruments.contracts import Contract, InverseContract, LinearContract, require_price
from hedging.instruments.plan import HedgePlan, require_beta, require_position


@dataclass(frozen=True)
class EnteredHedge:
    """A hedge as it was entered or last renewed.

    Attributes
    ----------
    entered_at : pandas.Timestamp
        With a time zone.
    contract : LinearContract or InverseContract
    contracts : float
        Signed, short negative, not 0.
    price_usd : float
        At which it was entered, of one unit of the contract's symbol.
    beta : float or None
        With which it was sized; None when unknown.
    beta_low, beta_high : float or None
        Interval of beta then; both or neither.
    position_usd : float or None
        Signed value of the position then; None when unknown.
    beta_by_hand : bool
        Whether ``beta`` was set by hand. It has no interval then; the one given is that of the estimate.
    """

    entered_at: pd.Timestamp
    contract: Contract
    contracts: float
    price_usd: float
    beta: float | None = None
    beta_low: float | None = None
    beta_high: float | None = None
    position_usd: float | None = None
    beta_by_hand: bool = False

    def __post_init__(self) -> None:
        require_instant(self.entered_at, "entered_at")
        require_kind(self.contract, "contract", (LinearContract, InverseContract))
        require_number(
            self.contracts,
            "contracts",
            allowed="a number of contracts, not 0, negative when short",
            valid=lambda number: number != 0,
        )
        require_price(self.price_usd, "price_usd")
        for name in ("beta", "beta_low", "beta_high"):
            if getattr(self, name) is not None:
                require_beta(getattr(self, name), name)
        if self.position_usd is not None:
            require_position(self.position_usd)
        low, high = self.beta_low, self.beta_high
        if (low is None) != (high is None) or (low is not None and high is not None and low > high):
            raise InputError(
                f"the interval of beta runs from {low} to {high}",
                parameter="beta_low",
                value=f"{low} to {high}",
                allowed="a lower and a higher end, or neither",
                remedy="Give both ends of the interval that beta had, the lower one first.",
            )


@dataclass(frozen=True)
class TriggerCheck:
    """One trigger against today's data.

    Attributes
    ----------
    trigger : str
        A name from :class:`hedging.Triggers`.
    measured : float or None
        Hours since entry for "time", beta for "beta interval", a fraction for all others; infinite for a
        hedge where none is wanted. None when something is unknown.
    low, high : float or None
        It fires beyond them, for "time" once ``high`` is reached.
    fired : bool or None
        None when it cannot be told.
    reason : str
        One plain sentence.
    """

    trigger: Trigger
    measured: float | None
    low: float | None
    high: float | None
    fired: bool | None
    reason: str


@dataclass(frozen=True, eq=False)
class HedgeCheck:
    """An entered hedge today.

    Attributes
    ----------
    entered : EnteredHedge
    now : pandas.Timestamp
    price_usd : float
        Of one unit of the contract's symbol now.
    plan : HedgePlan or None
        What is wanted now.
    wanted_exact : float or None
        Contracts wanted now before rounding, signed; 0 where no hedge is wanted any more, None when not
        known.
    triggers : tuple of TriggerCheck
        Those that are set, in the order of :class:`hedging.Triggers`.
    due_at : pandas.Timestamp or None
        When the time trigger fires or fired; None where it is not set.
    benchmark_move_fraction : float or None
        Price now over the price of entry, less 1; None while there is no price since entry.
    hedge_pnl_usd : float or None
        Of the contracts since entry, without fees and funding; None while there is no price since entry.
    order_exact : float or None
        Contracts, signed, that bring the hedge to what is wanted now; None when that is not known.
    order : Decimal or None
        The same rounded to the exchange's step; 0 where rounding asks for none or the exchange would not
        take it.
    too_small : bool
        Whether ``order`` is 0 because the exchange takes no order that small.
    order_usd : float or None
        Signed value of ``order``.
    """

    entered: EnteredHedge
    now: pd.Timestamp
    price_usd: float
    plan: HedgePlan | None
    wanted_exact: float | None
    triggers: tuple[TriggerCheck, ...]
    due_at: pd.Timestamp | None
    benchmark_move_fraction: float | None
    hedge_pnl_usd: float | None
    order_exact: float | None
    order: Decimal | None
    too_small: bool
    order_usd: float | None

    @property
    def fired(self) -> tuple[TriggerCheck, ...]:
        """The triggers that say: renew."""
        return tuple(check for check in self.triggers if check.fired)

    @property
    def unknown(self) -> tuple[TriggerCheck, ...]:
        """The triggers that cannot be told."""
        return tuple(check for check in self.triggers if check.fired is None)

    @property
    def none_wanted(self) -> bool:
        """Whether no hedge is wanted any more, whatever the triggers say."""
        return self.wanted_exact == 0.0

    @property
    def held_after(self) -> Decimal | None:
        """Contracts held once the order is done."""
        return None if self.order is None else Decimal(repr(self.entered.contracts)) + self.order

    def time_left(self, now: pd.Timestamp) -> pd.Timedelta | None:
        """Until the time trigger fires, negative once it has; None where it is not set."""
        return None if self.due_at is None else self.due_at - now


def require_instant(stamp: pd.Timestamp, parameter: str) -> None:
    """An instant that means the same everywhere."""
    require_kind(stamp, parameter, pd.Timestamp)
    if stamp.tzinfo is None:
        raise InputError(
            f"{parameter} is {stamp}, without a time zone",
            parameter=parameter,
            value=str(stamp),
            allowed="an instant with its time zone",
            remedy="Write pandas.Timestamp('2026-01-31 12:00', tz='UTC').",
        )
