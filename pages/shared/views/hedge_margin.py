"""The margin behind a hedge, the price that closes it by force, and how likely that is met."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from hedging import (
    HedgePlan,
    HedgingError,
    InverseContract,
    Liquidation,
    MarginedPosition,
    NoHedgeError,
    ReturnInterval,
    TouchProbability,
    initial_margin_usd,
    inverse_liquidation_price,
    liquidation_price,
    touch_probability,
)
from pages.shared.choices import HedgeChoices
from pages.shared.loading import BetaView, given
from pages.shared.orders import margin_usd
from pages.shared.terms import ChosenContract
from pages.shared.views.hedge_costs import DAYS_PER_YEAR

TOUCH_PATHS = 4_000


def margin_behind(order: HedgePlan | HedgingError, choices: HedgeChoices) -> float:
    """Isolated margin at the chosen leverage, or the reason why there is no order, raised."""
    return margin_usd(given(order), choices)


def liquidation_of(
    order: HedgePlan | HedgingError,
    behind: float | HedgingError,
    *,
    chosen: ChosenContract,
    choices: HedgeChoices,
    view: BetaView,
) -> Liquidation:
    """Where the exchange closes the order by force."""
    plan, margin = given(order), given(behind)
    if plan.contracts == 0:
        raise NoHedgeError(
            "no order is needed, so nothing can be liquidated",
            parameter="contracts",
            value=0,
            allowed="an order",
            remedy="Nothing is to be done.",
        )
    position = MarginedPosition(
        contract=plan.contract,
        contracts=float(plan.contracts),
        entry_price_usd=plan.price_usd,
        mark_price_usd=plan.price_usd,
        tiers=chosen.tiers,
    )
    per_day = math.sqrt(view.aligned.periods_per_year / DAYS_PER_YEAR)
    daily = view.estimate.benchmark_volatility * per_day
    if isinstance(plan.contract, InverseContract):
        return inverse_liquidation_price(
            position,
            margin_coins=margin / plan.price_usd,
            convention=chosen.convention,
            daily_volatility_fraction=daily,
        )
    # The tiers' own limit on leverage speaks here.
    initial_margin_usd(plan.hedge_notional_usd, leverage=choices.leverage, tiers=chosen.tiers)
    return liquidation_price(
        position, margin_usd=margin, convention=chosen.convention, daily_volatility_fraction=daily
    )


def price_of(liquidation: Liquidation) -> float:
    """The price that liquidates, or the reason why none does, raised."""
    if liquidation.price_usd is None:
        raise NoHedgeError(
            liquidation.reason,
            parameter="liquidation",
            value=liquidation.outcome,
            allowed="a price that closes the hedge",
            remedy="Nothing is to be done.",
        )
    return liquidation.price_usd


@st.cache_resource(max_entries=64, show_spinner=False)
def touch_of(
    *,
    versions: tuple[str, ...],
    interval: ReturnInterval,
    prices: tuple[float, float],
    periods: int,
    _returns: pd.Series,
) -> TouchProbability:
    """How likely the second of two prices is met from the first, over whole periods."""
    price, barrier = prices
    return touch_probability(
        _returns, price_usd=price, barrier_usd=barrier, horizon=periods, n_replications=TOUCH_PATHS
    )
