"""The order that every page means: one way of sizing for all of them."""

from __future__ import annotations

from data.coins import coin_of
from hedging import BetaEstimate, HedgePlan, InverseContract, size_hedge, size_inverse_hedge
from hedging.errors import InputError
from hedging.instruments.contracts import PricePer
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
    if position_usd == 0.0:
        raise InputError(
            "the position is 0, so there is nothing to hedge",
            parameter="position",
            value=0,
            allowed="any other size, negative when short",
            remedy="Enter what you hold.",
        )
    contract = chosen.contract
    if isinstance(contract, InverseContract):
        beta = estimate.beta if beta_by_hand is None else beta_by_hand
        covered_usd = _coin_margin_usd((beta - choices.beta_target) * position_usd, choices)
        return size_inverse_hedge(
            position_usd,
            estimate,
            contract,
            price_usd,
            margin_coins=covered_usd / price_usd,
            beta_target=choices.beta_target,
            beta_override=beta_by_hand,
        )
    return size_hedge(
        position_usd,
        estimate,
        contract,
        price_usd,
        beta_target=choices.beta_target,
        beta_override=beta_by_hand,
        price_per=price_per(benchmark),
    )


def price_per(benchmark: str) -> PricePer:
    """A price is that of one coin unless the benchmark's own symbol counts in thousands."""
    return "coin" if coin_of(benchmark).units == 1 else "unit"


def _coin_margin_usd(exposure_usd: float, choices: HedgeChoices) -> float:
    """Coins to post, in USD, so that they are the order's notional over leverage and what is added.

    The order covers the coins as well: ``Q = H + M`` with ``M = |Q| / L + added`` for an exposure H to be
    shorted gives ``Q = (H + added) L / (L - 1)``.

    Raises
    ------
    InputError
        At a leverage of 1 every coin posted asks for as much again.
    """
    leverage, added = choices.leverage, choices.extra_margin_usd
    wanted = exposure_usd + added
    if wanted <= 0.0:  # the coins are part of the long hedge that is wanted
        return -wanted / (leverage + 1.0) + added
    if leverage <= 1.0:
        raise InputError(
            "at a leverage of 1 the coins posted as margin are as much exposure as the contract takes off",
            parameter="leverage",
            value=leverage,
            allowed="more than 1 for a coin-margined short",
            remedy="Choose a higher leverage, or a contract margined in dollars.",
        )
    return wanted / (leverage - 1.0) + added


def margin_usd(plan: HedgePlan, choices: HedgeChoices) -> float:
    """Isolated margin behind an order: notional over leverage, and what was added.

    Of an inverse order the coins that its sizing counted on, at today's price.
    """
    if isinstance(plan.contract, InverseContract):
        return plan.margin_exposure_usd
    return abs(plan.hedge_notional_usd) / choices.leverage + choices.extra_margin_usd
