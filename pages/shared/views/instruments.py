"""Every contract on the benchmark's coin, ranked for this hedge, with what is not known said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from data.coins import coin_of
from data.contract_terms import ContractTerms
from hedging import (
    HedgePlan,
    HedgingError,
    InstrumentCandidate,
    NoHedgeError,
    RankedInstrument,
    annual_funding_fraction,
    basis_risk,
    rank_instruments,
)
from hedging.instruments.contracts import Contract
from hedging.plots.formats import contract_size_text, order_text, signed, usd_text
from pages.shared.loading import given, or_reason
from pages.shared.orders import size_order
from pages.shared.state import AppState
from pages.shared.terms import contract_key, offered_terms
from pages.shared.views.hedge import HedgeView
from pages.shared.views.hedge_costs import DAYS_PER_YEAR

NOT_KNOWN = "not known"


@dataclass(frozen=True)
class OfferedContract:
    """A contract that this hedge could be made in.

    Attributes
    ----------
    terms : ContractTerms
    contract : LinearContract or InverseContract
        With the terms in use where it is the chosen one.
    order : HedgePlan or HedgingError
        What this hedge would be in it.
    by_hand : tuple of str
    """

    terms: ContractTerms
    contract: Contract
    order: HedgePlan | HedgingError
    by_hand: tuple[str, ...]


def offered_contracts(view: HedgeView, state: AppState) -> tuple[OfferedContract, ...]:
    """Every contract on the benchmark's coin with the order that this hedge would be in it."""
    return tuple(_offered(terms, view, state) for terms in offered_terms(state.settings.benchmark))


def _offered(terms: ContractTerms, view: HedgeView, state: AppState) -> OfferedContract:
    chosen = view.chosen
    if contract_key(terms) == chosen.key:
        contract, by_hand = chosen.contract, chosen.by_hand
        if state.hedge.fee_bp is not None:
            fee = Decimal(repr(state.hedge.fee_bp)) / 10_000
            contract = replace(contract, taker_fee_fraction=fee)
    else:
        contract, by_hand = terms.contract(), ()
    order = or_reason(
        lambda: size_order(
            given(view.plan).position_usd,
            view.beta.estimate,
            replace(chosen, contract=contract),
            state.hedge,
            benchmark=state.settings.benchmark,
            price_usd=view.beta.quotes.benchmark_price_usd,
            beta_by_hand=view.beta_by_hand,
        )
    )
    return OfferedContract(terms, contract, order, by_hand)


def ranked_instruments(
    offered: Sequence[OfferedContract],
    view: HedgeView,
    state: AppState,
    turnover_usd_daily: Mapping[str, float],
) -> tuple[RankedInstrument, ...]:
    """The contracts, best first, each costed on its own order; turnover by exchange, of linear perpetuals.

    One whose order the exchange would not take is costed on what the position asks for.

    Raises
    ------
    HedgingError
        There is no order to rank them for.
    """
    plan, carry = given(view.plan), view.carry
    per_day = math.sqrt(view.beta.aligned.periods_per_year / DAYS_PER_YEAR)
    annual = None if carry.funding is None else annual_funding_fraction(carry.funding)
    basis_daily = None
    if carry.perpetual_prices is not None and state.settings.interval != "hourly":
        found = or_reason(lambda: basis_risk(view.beta.benchmark.prices, given_prices(view)))
        basis_daily = None if isinstance(found, HedgingError) else found.change_volatility
    candidates = [
        InstrumentCandidate(
            exchange=each.terms.exchange,
            contract=each.contract,
            turnover_usd_daily=turnover_usd_daily.get(each.terms.exchange)
            if is_linear_perpetual(each.terms)
            else None,
            # What is known is of the perpetual; another contract's carry and basis are its own.
            carry_annual_fraction=annual if each.terms.expiry == "perpetual" else None,
            basis_volatility_daily_fraction=basis_daily if each.terms.expiry == "perpetual" else None,
            hedge_notional_usd=(each.order.hedge_notional_usd or None)
            if isinstance(each.order, HedgePlan)
            else None,
        )
        for each in offered
    ]
    return rank_instruments(
        candidates,
        -(plan.beta - plan.beta_target) * plan.position_usd or -plan.position_usd,
        holding_days=state.hedge.holding_days,
        daily_volatility_fraction=view.beta.estimate.benchmark_volatility * per_day,
    )


def is_linear_perpetual(terms: ContractTerms) -> bool:
    """The contract that turnover is asked of."""
    return terms.kind == "linear" and terms.expiry == "perpetual"


def given_prices(view: HedgeView) -> pd.Series:
    """Prices of the perpetual, which the caller has made sure of."""
    prices = view.carry.perpetual_prices
    assert prices is not None  # noqa: S101 - for the type checker; asked before
    return prices


def instruments_table(
    view: HedgeView, state: AppState, turnover_usd_daily: Mapping[str, float]
) -> pd.DataFrame:
    """One row for each contract, with the order that this hedge would be in it."""
    coin = coin_of(state.settings.benchmark).name
    offered = offered_contracts(view, state)
    offer_of = {contract_key(each.terms): each for each in offered}
    rows = []
    for ranked in ranked_instruments(offered, view, state, turnover_usd_daily):
        contract = ranked.candidate.contract
        key = f"{ranked.candidate.exchange} {contract.name}"
        offer = offer_of[key]
        terms, order = offer.terms, offer.order
        rows.append(
            {
                "contract": key,
                "kind": f"{contract.kind}, {contract.expiry}",
                "size": contract_size_text(contract, coin),
                "step": f"{contract.quantity_step}",
                "order": _order_text(order, coin),
                "left by rounding": usd_text(order.residual_beta_usd) if isinstance(order, HedgePlan) else "",
                "taker fee": _bp(contract.taker_fee_fraction),
                "fees, in and out": _usd(ranked.fees_usd),
                "carry": _usd(ranked.carry_usd),
                "basis risk": _usd(ranked.basis_risk_usd),
                "a day's turnover": _usd(ranked.candidate.turnover_usd_daily),
                "terms": f"{terms.as_of or 'undated'}, {terms.status}"
                + (f"; by hand: {', '.join(offer.by_hand)}" if offer.by_hand else ""),
            }
        )
    return pd.DataFrame(rows).set_index("contract")


def _order_text(order: HedgePlan | HedgingError, coin: str) -> str:
    if isinstance(order, HedgePlan):
        return order_text(order, coin)
    return "too small for it" if isinstance(order, NoHedgeError) else "none can be sized"


def _usd(amount: float | None) -> str:
    return NOT_KNOWN if amount is None else usd_text(amount)


def _bp(fraction: object) -> str:
    return NOT_KNOWN if fraction is None else signed(f"{float(str(fraction)) * 1e4:,.1f} bp")
