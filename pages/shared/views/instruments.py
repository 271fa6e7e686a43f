"""Every contract on the benchmark's coin, ranked for this hedge, with what is not known said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from data.coins import coin_of
from data.contract_terms import ContractTerms
from hedging import (
    HedgePlan,
    HedgingError,
    InstrumentCandidate,
    RankedInstrument,
    annual_funding_fraction,
    basis_risk,
    rank_instruments,
)
from hedging.plots.formats import order_text, signed, usd_text
from pages.shared.loading import or_reason
from pages.shared.orders import size_order
from pages.shared.state import AppState
from pages.shared.terms import contract_key, offered_terms
from pages.shared.views.hedge import DAYS_PER_YEAR, HedgeView, given

NOT_KNOWN = "not known"


def ranked_instruments(
    view: HedgeView, state: AppState, turnover_usd_daily: Mapping[str, float]
) -> tuple[RankedInstrument, ...]:
    """The contracts of the table for this order, best first; turnover by exchange, of linear perpetuals.

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
            exchange=terms.exchange,
            contract=terms.contract(),
            turnover_usd_daily=turnover_usd_daily.get(terms.exchange) if is_linear_perpetual(terms) else None,
            # What is known is of the perpetual; another contract's carry and basis are its own.
            carry_annual_fraction=annual if terms.expiry == "perpetual" else None,
            basis_volatility_daily_fraction=basis_daily if terms.expiry == "perpetual" else None,
        )
        for terms in offered_terms(state.settings.benchmark)
    ]
    return rank_instruments(
        candidates,
        plan.hedge_notional_usd or -plan.position_usd,
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
    settings = state.settings
    terms_of = {contract_key(terms): terms for terms in offered_terms(settings.benchmark)}
    plan = given(view.plan)
    rows = []
    for ranked in ranked_instruments(view, state, turnover_usd_daily):
        contract = ranked.candidate.contract
        key = f"{ranked.candidate.exchange} {contract.name}"
        terms = terms_of[key]
        order = or_reason(
            lambda contract=contract: size_order(  # type: ignore[misc]
                plan.position_usd,
                view.beta.estimate,
                replace(view.chosen, contract=contract),
                state.hedge,
                benchmark=settings.benchmark,
                price_usd=view.beta.quotes.benchmark_price_usd,
                beta_by_hand=view.beta_by_hand,
            )
        )
        fits = isinstance(order, HedgePlan)
        rows.append(
            {
                "contract": key,
                "kind": f"{contract.kind}, {contract.expiry}",
                "size": f"{contract.contract_size} {'USD' if contract.kind == 'inverse' else terms.coin}",
                "step": f"{contract.quantity_step}",
                "order": order_text(order, coin_of(settings.benchmark).name) if fits else "too small for it",  # type: ignore[arg-type]
                "left by rounding": usd_text(order.residual_beta_usd) if fits else "",  # type: ignore[union-attr]
                "taker fee": _bp(contract.taker_fee_fraction),
                "fees, in and out": _usd(ranked.fees_usd),
                "carry": _usd(ranked.carry_usd),
                "basis risk": _usd(ranked.basis_risk_usd),
                "a day's turnover": _usd(ranked.candidate.turnover_usd_daily),
                "terms": f"{terms.as_of or 'undated'}, {terms.status}",
            }
        )
    return pd.DataFrame(rows).set_index("contract")


def _usd(amount: float | None) -> str:
    return NOT_KNOWN if amount is None else usd_text(amount)


def _bp(fraction: object) -> str:
    return NOT_KNOWN if fraction is None else signed(f"{float(str(fraction)) * 1e4:,.1f} bp")
