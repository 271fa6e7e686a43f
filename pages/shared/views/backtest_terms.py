"""What trading costs in a backtest, how much margin stands behind it, and in what its contract is counted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from data.coins import coin_of
from hedging import LinearContract, TradingTerms
from hedging.errors import InputError
from hedging.instruments.contracts import Contract
from hedging.plots.formats import usd_text
from pages.shared.loading import BetaView
from pages.shared.state import AppState
from pages.shared.terms import BASIS_POINT, ChosenContract
from pages.shared.views.backtest_strategies import triggers_of


def trading_terms(chosen: ChosenContract, state: AppState, pair: BetaView) -> TradingTerms:
    """Fee, slippage, leverage, and the maintenance rate of the tier that the position's size is in.

    Raises
    ------
    InputError
        The margin that was asked for is one that the exchange does not offer.
    """
    choices, hedge = state.backtest, state.hedge
    fee = chosen.contract.taker_fee_fraction if hedge.fee_bp is None else hedge.fee_bp * BASIS_POINT
    terms = TradingTerms(
        fee_fraction=0.0 if fee is None else float(fee),  # the page says so: P&L is before fees
        slippage_fraction=hedge.slippage_bp * BASIS_POINT,
    )
    if choices.walk_leverage is None:
        if choices.margin_used_percent is not None:
            raise _untested_margin(
                "the trigger of the margin used has no margin to watch",
                allowed="a leverage",
                remedy="Set one under Terms",
            )
        return terms
    coins = 1.0 if chosen.tiers.unit == "usd" else pair.quotes.benchmark_price_usd
    tier = chosen.tiers.tier_at(pair.position_usd / coins)
    if choices.walk_leverage > tier.max_leverage:
        raise _untested_margin(
            f"a leverage of {choices.walk_leverage:g} is not offered for {usd_text(abs(pair.position_usd))}",
            allowed=f"1 to {tier.max_leverage:g}, {chosen.tiers_note}",
            remedy="Choose a lower one under Terms",
        )
    fresh = choices.walk_leverage * tier.maintenance_rate_fraction
    called_at = triggers_of(choices).margin_ratio
    if fresh >= (1.0 if called_at is None else called_at):
        raise _untested_margin(
            f"at a leverage of {choices.walk_leverage:g} maintenance takes {fresh:.3g} of fresh margin",
            allowed="less than is used when the margin is called",
            remedy="Choose a lower leverage under Terms, or a higher trigger",
        )
    return replace(terms, leverage=choices.walk_leverage, maintenance_fraction=tier.maintenance_rate_fraction)


def _untested_margin(problem: str, *, allowed: str, remedy: str) -> InputError:
    return InputError(
        problem,
        parameter="walk_leverage",
        value=problem,
        allowed=allowed,
        remedy=f"{remedy}; until then the test is one without margin, in which nothing is liquidated.",
    )


def without_margin(state: AppState) -> AppState:
    """The same test with so much margin that nothing is liquidated."""
    choices = replace(state.backtest, walk_leverage=None, margin_used_percent=None)
    return replace(state, backtest=choices)


def on_prices(contract: Contract, benchmark: str) -> Contract:
    """A contract counted in what the benchmark's price is of: one coin, or 1,000 where its symbol says so."""
    if not isinstance(contract, LinearContract):
        return contract
    coins = Decimal(coin_of(benchmark).units)
    size = contract.contract_size * contract.coins_per_unit / coins
    return replace(contract, contract_size=size, coins_per_unit=coins)
