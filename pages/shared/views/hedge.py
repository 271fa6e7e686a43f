"""From beta to an order: contract, size, margin, carry, and whether it is worth its cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from hedging import (
    AppetiteHedges,
    BreakEven,
    HedgePlan,
    HedgeWorth,
    HedgingError,
    Liquidation,
    ReturnInterval,
    TouchProbability,
    TradingCosts,
    break_even,
    resample_beta,
    size_by_appetite,
)
from hedging.errors import InputError
from pages.shared.book import assessed, load_book
from pages.shared.carry import Carry, hedge_market, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.choices import HedgeChoices
from pages.shared.loading import BetaView, given, load_view, or_reason
from pages.shared.orders import coin_margin, require_position, size_order, unit_price_usd
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.terms import ChosenContract, chosen_contract, trading_costs
from pages.shared.views.hedge_costs import (
    DAYS_PER_YEAR,
    FundingOutlook,
    HedgeCost,
    funding_outlook,
    hedge_cost,
    weighed,
)
from pages.shared.views.hedge_margin import liquidation_of, margin_behind, price_of, touch_of


@dataclass(frozen=True, eq=False)
class HedgeView:
    """Everything between beta and the order. A part that cannot be computed holds the reason instead.

    Attributes
    ----------
    beta : BetaView
    beta_by_hand : float or None
        Sizes the order in place of the estimate; typed here, or from the lines of the book.
    chosen : ChosenContract
    carry : Carry
    plan, dollar_plan : HedgePlan or HedgingError
        Of the beta hedge, and of a hedge of the position's own value.
    costs : TradingCosts or HedgingError
    margin_usd, dollar_margin_usd : float or None
        Isolated margin at the chosen leverage, extra margin included; None without an order.
    liquidation, dollar_liquidation : Liquidation or HedgingError
    touch : TouchProbability or HedgingError
        Of the liquidation price within the holding period.
    funding : FundingOutlook or HedgingError
    cost, dollar_cost : HedgeCost or HedgingError
        Of both orders over the holding period.
    break_even : BreakEven or HedgingError
    worth, dollar_worth : HedgeWorth or HedgingError
        Of this order, and of a hedge of the same value as the position.
    appetite : AppetiteHedges or HedgingError
    holding_periods : int
        Of the returns, nearest to the holding time.
    """

    beta: BetaView
    beta_by_hand: float | None
    chosen: ChosenContract
    carry: Carry
    plan: HedgePlan | HedgingError
    dollar_plan: HedgePlan | HedgingError
    costs: TradingCosts | HedgingError
    margin_usd: float | None
    dollar_margin_usd: float | None
    liquidation: Liquidation | HedgingError
    dollar_liquidation: Liquidation | HedgingError
    touch: TouchProbability | HedgingError
    funding: FundingOutlook | HedgingError
    cost: HedgeCost | HedgingError
    dollar_cost: HedgeCost | HedgingError
    break_even: BreakEven | HedgingError
    worth: HedgeWorth | HedgingError
    dollar_worth: HedgeWorth | HedgingError
    appetite: AppetiteHedges | HedgingError
    holding_periods: int


def load_hedge(state: AppState, files: FileInputs) -> HedgeView:
    """Prices to the order and everything around it."""
    settings, choices = state.settings, state.hedge
    view = load_view(state, files)
    chosen = chosen_contract(choices, settings.benchmark)
    carry = load_carry(settings, files)
    by_hand = _beta_by_hand(state, files)

    def sized(beta: float | None, order: HedgeChoices) -> HedgePlan | HedgingError:
        return or_reason(
            lambda: size_order(
                view.position_usd,
                view.estimate,
                chosen,
                order,
                benchmark=settings.benchmark,
                price_usd=view.quotes.benchmark_price_usd,
                beta_by_hand=beta,
            )
        )

    plan, dollar_plan = sized(by_hand, choices), sized(1.0, replace(choices, beta_target=0.0))
    costs = or_reason(lambda: trading_costs(chosen, choices))
    funding = or_reason(lambda: funding_outlook(carry, choices))
    margin, dollar_margin = (
        or_reason(partial(margin_behind, order, choices)) for order in (plan, dollar_plan)
    )
    liquidation, dollar_liquidation = (
        or_reason(partial(liquidation_of, order, behind, chosen=chosen, choices=choices, view=view))
        for order, behind in ((plan, margin), (dollar_plan, dollar_margin))
    )
    period_days = DAYS_PER_YEAR / view.aligned.periods_per_year
    periods = round(choices.holding_days / period_days)
    # Risk is that of whole periods, and funding is then weighed over the same time.
    share = periods * period_days / choices.holding_days

    def worth(
        order: HedgePlan | HedgingError, like: HedgeWorth | HedgingError | None = None
    ) -> HedgeWorth | HedgingError:
        return or_reason(
            lambda: weighed(
                versions=(*view.versions, carry.version),
                settings=replace(settings, position=0.0, unit="usd"),
                beta=view.estimate.beta,
                notionals=(view.position_usd, hedging_usd(given(order)), given(order).hedge_notional_usd),
                costs=given(costs),
                rate_sum=0.0 if isinstance(funding, HedgingError) else share * funding.rate_sum,
                periods=_whole(periods, choices, period_days),
                block_length=like.block_length if isinstance(like, HedgeWorth) else None,
                _view=view,
                _hedge_returns=hedge_returns(view, carry),
            )
        )

    beta_worth = worth(plan)
    return HedgeView(
        beta=view,
        beta_by_hand=by_hand,
        chosen=chosen,
        carry=carry,
        plan=plan,
        dollar_plan=dollar_plan,
        costs=costs,
        margin_usd=None if isinstance(margin, HedgingError) else margin,
        dollar_margin_usd=None if isinstance(dollar_margin, HedgingError) else dollar_margin,
        liquidation=liquidation,
        dollar_liquidation=dollar_liquidation,
        touch=or_reason(
            lambda: touch_of(
                versions=view.versions,
                interval=settings.interval,
                prices=(given(plan).price_usd, price_of(given(liquidation))),
                periods=_whole(periods, choices, period_days),
                _returns=view.aligned.benchmark,
            )
        ),
        funding=funding,
        cost=or_reason(lambda: hedge_cost(given(plan), given(costs), funding, choices)),
        dollar_cost=or_reason(lambda: hedge_cost(given(dollar_plan), given(costs), funding, choices)),
        break_even=or_reason(
            lambda: break_even(
                given(costs),
                funding_annual_fraction=given(funding).annual_fraction,
                holding_days=choices.holding_days,
            )
        ),
        worth=beta_worth,
        dollar_worth=worth(dollar_plan, beta_worth),
        appetite=or_reason(lambda: _appetite(view, chosen, choices, settings)),
        holding_periods=periods,
    )


def _whole(periods: int, choices: HedgeChoices, period_days: float) -> int:
    """Whole periods of the returns that the holding time is, at least one."""
    if periods >= 1:
        return periods
    held = f"{choices.holding_days:g} days"
    raise InputError(
        f"the holding time, {held}, is shorter than one return, of {period_days:g} days",
        parameter="holding_days",
        value=choices.holding_days,
        allowed=f"{period_days:g} days or more, with these returns",
        remedy="Hold it for longer, or choose shorter returns.",
    )


def hedging_usd(plan: HedgePlan) -> float:
    """The part of an order's notional that hedges the position: coins of margin are hedged by the rest."""
    return plan.hedge_notional_usd + plan.margin_exposure_usd


def hedge_returns(view: BetaView, carry: Carry) -> pd.Series:
    """Returns of what hedges: the perpetual's own where its prices are known, else the benchmark's."""
    prices = hedge_market(view.aligned, carry).hedge_prices
    if prices is None:
        return view.aligned.benchmark
    return (prices / prices.shift(1) - 1).iloc[1:]


def by_hand_lines(state: AppState) -> tuple[BookLine, ...]:
    """Lines of the portfolio that count and have a beta of their own."""
    return tuple(line for line in state.book.book if line.included and line.beta_by_hand is not None)


def _beta_by_hand(state: AppState, files: FileInputs) -> float | None:
    """Typed for the order, or of a book in which some lines have theirs."""
    if state.hedge.beta_by_hand is not None or state.settings.asset != BOOK:
        return state.hedge.beta_by_hand
    if not by_hand_lines(state):
        return None
    return assessed(load_book(state, files), state.settings).beta


def _appetite(
    view: BetaView, chosen: ChosenContract, choices: HedgeChoices, settings: Settings
) -> AppetiteHedges:
    require_position(view.position_usd)
    betas = _resampled(
        versions=view.versions, interval=settings.interval, lookback=settings.lookback, _view=view
    )
    return size_by_appetite(
        view.position_usd,
        betas,
        chosen.contract,
        unit_price_usd(
            chosen.contract, benchmark=settings.benchmark, price_usd=view.quotes.benchmark_price_usd
        ),
        beta_target=choices.beta_target,
        coin_margin=coin_margin(choices),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _resampled(
    *, versions: tuple[str, str], interval: ReturnInterval, lookback: int, _view: BetaView
) -> npt.NDArray[np.float64]:
    window = slice(-lookback, None)
    return resample_beta(_view.aligned.asset.iloc[window], _view.aligned.benchmark.iloc[window]).betas
