"""The order that every page means: one way of sizing for all of them."""

from __future__ import annotations

from data.coins import coin_of
from hedging import BetaEstimate, CoinMargin, HedgePlan, InverseContract, size_hedge, size_inverse_hedge
from hedging.errors import InputError
from hedging.instruments.contracts import Contract
from pages.shared.choices import HedgeChoices
from pages.shared.terms import ChosenContract


def size_order(
    position_usd: float,
    estimate: BetaEstimate,
    chosen: ChosenContract,
    choices: HedgeChoices,
    *,
    benchmark: str,
    price_usd: float,
    beta_by_hand: float | None = None,
) -> HedgePlan:
    """The order for a position in the chosen contract, at the chosen target.

    Coins that are the margin of an inverse contract are themselves long the benchmark, and are hedged too.

    Raises
    ------
    InputError
        There is no position, or a choice cannot be used.
    NoHedgeError
        The exchange takes no order this small.
    """
    require_position(position_usd)
    contract = chosen.contract
    price = unit_price_usd(contract, benchmark=benchmark, price_usd=price_usd)
    if isinstance(contract, InverseContract):
        beta = estimate.beta if beta_by_hand is None else beta_by_hand
        posted_usd = coin_margin(choices).value_usd((beta - choices.beta_target) * position_usd)
        return size_inverse_hedge(
            position_usd,
            estimate,
            contract,
            price,
            margin_coins=posted_usd / price,
            beta_target=choices.beta_target,
            beta_override=beta_by_hand,
        )
    return size_hedge(
        position_usd,
        estimate,
        contract,
        price,
        beta_target=choices.beta_target,
        beta_override=beta_by_hand,
    )


def require_position(position_usd: float) -> None:
    """Refuse a position of nothing, which nothing hedges."""
    if position_usd == 0.0:
        raise InputError(
            "the position is 0, so there is nothing to hedge",
            parameter="position",
            value=0,
            allowed="any other size, negative when short",
            remedy="Enter what you hold.",
        )


def unit_price_usd(contract: Contract, *, benchmark: str, price_usd: float) -> float:
    """Price of one unit of the contract's symbol, from that of one unit of the benchmark's.

    Either may count in thousands: 1000PEPEUSDT quotes 1,000 coins, PEPE-USD one.
    """
    return price_usd * float(contract.coins_per_unit / coin_of(benchmark).units)


def coin_margin(choices: HedgeChoices) -> CoinMargin:
    """What is posted behind an order in an inverse contract."""
    return CoinMargin(choices.leverage, choices.extra_margin_usd)


def margin_usd(plan: HedgePlan, choices: HedgeChoices) -> float:
    """Isolated margin behind an order: notional over leverage, and what was added.

    Of an inverse order the coins that its sizing counted on, at today's price.
    """
    if isinstance(plan.contract, InverseContract):
        return plan.margin_exposure_usd
    return abs(plan.hedge_notional_usd) / choices.leverage + choices.extra_margin_usd
