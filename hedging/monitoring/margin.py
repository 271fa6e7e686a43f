"""At which price the exchange closes a hedge that was entered, and whether a trigger comes before it."""

from __future__ import annotations

from hedging._checks import require_kind, require_number
from hedging.instruments.contracts import InverseContract
from hedging.instruments.liquidation import (
    Convention,
    Liquidation,
    MarginedPosition,
    inverse_liquidation_price,
    liquidation_price,
)
from hedging.instruments.margin import MaintenanceTiers
from hedging.monitoring.results import EnteredHedge


def entered_liquidation(
    entered: EnteredHedge,
    *,
    price_usd: float,
    leverage: float,
    extra_margin_usd: float,
    tiers: MaintenanceTiers,
    convention: Convention,
    daily_volatility_fraction: float | None = None,
) -> Liquidation:
    """Price at which the exchange closes an entered hedge, isolated.

    Its margin is the notional of the entry over the leverage and what was added,
    ``|N| (value of one contract at P0) / L + extra``; of an inverse contract the coins that were worth as
    much at entry. Withdrawals, funding and fees since are not in it.

    Parameters
    ----------
    entered : EnteredHedge
    price_usd : float
        Mark price now, from which the distance is measured.
    leverage : float
        1 or more.
    extra_margin_usd : float
        0 or more.
    tiers : MaintenanceTiers
        In the unit of the contract's margin.
    convention : {"binance", "bybit"}
    daily_volatility_fraction : float or None
        To express the distance in daily standard deviations.

    Returns
    -------
    Liquidation

    Raises
    ------
    InputError
        A value is out of range, or the hedge is larger than the tiers allow.

    References
    ----------
    See :func:`hedging.liquidation_price` and :func:`hedging.inverse_liquidation_price`.
    """
    require_kind(entered, "entered", EnteredHedge)
    times = require_number(leverage, "leverage", allowed="1 or more", valid=lambda number: number >= 1)
    extra = require_number(
        extra_margin_usd, "extra_margin_usd", allowed="0 or more", valid=lambda amount: amount >= 0
    )
    position = MarginedPosition(
        contract=entered.contract,
        contracts=entered.contracts,
        entry_price_usd=entered.price_usd,
        mark_price_usd=price_usd,
        tiers=tiers,
    )
    notional = abs(entered.contracts) * entered.contract.value_usd(entered.price_usd)
    margin = notional / times + extra
    if isinstance(entered.contract, InverseContract):
        return inverse_liquidation_price(
            position,
            margin_coins=margin / entered.price_usd,
            convention=convention,
            daily_volatility_fraction=daily_volatility_fraction,
        )
    return liquidation_price(
        position,
        margin_usd=margin,
        convention=convention,
        daily_volatility_fraction=daily_volatility_fraction,
    )


def is_closed_before_move(
    entered: EnteredHedge, liquidation: Liquidation, *, benchmark_move_fraction: float
) -> bool:
    """Whether the exchange closes the hedge before a trigger on the benchmark's move can fire.

    ``|P_liquidation / P0 - 1| <= limit``, because the trigger fires beyond its limit from the price of entry
    P0. True as well for a hedge whose margin is used up already.
    """
    limit = require_number(
        benchmark_move_fraction, "benchmark_move_fraction", allowed="above 0", valid=lambda x: x > 0
    )
    if liquidation.outcome == "already":
        return True
    if liquidation.price_usd is None:
        return False
    return abs(liquidation.price_usd / entered.price_usd - 1.0) <= limit
