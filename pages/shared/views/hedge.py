"""From beta to an order: contract, size, margin, carry, and whether it is worth its cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from hedging import (
    AppetiteHedges,
    BreakEven,
    FundingHistory,
    FundingProjection,
    HedgePlan,
    HedgeWorth,
    HedgingError,
    InverseContract,
    Liquidation,
    MarginedPosition,
    NoHedgeError,
    ReturnInterval,
    TouchProbability,
    TradingCosts,
    break_even,
    hedge_worth,
    initial_margin_usd,
    inverse_liquidation_price,
    liquidation_price,
    project_funding,
    replay_at_beta,
    resample_beta,
    size_by_appetite,
    touch_probability,
    trading_cost_usd,
)
from hedging.errors import InputError
from pages.shared.book import assessed, load_book
from pages.shared.carry import Carry, hedge_market, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.choices import HedgeChoices
from pages.shared.loading import BetaView, load_view, or_reason
from pages.shared.orders import coin_margin, margin_usd, size_order, unit_price_usd
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.terms import ChosenContract, chosen_contract, trading_costs

T = TypeVar("T")

DAYS_PER_YEAR = 365.0
TOUCH_PATHS = 4_000


@dataclass(frozen=True)
class FundingOutlook:
    """Funding expected over the holding period, as a sum of rates: positive, longs pay shorts.

    Attributes
    ----------
    rate_sum : float
    annual_fraction : float
        The same per year.
    low, high : float or None
        Of the resampled holding periods; None where the rate was typed.
    origin : str
        Where it comes from, in words.
    """

    rate_sum: float
    annual_fraction: float
    low: float | None
    high: float | None
    origin: str

    def received_usd(self, notional_usd: float) -> float:
        """What a signed notional receives over the holding period, negative where it pays."""
        return -notional_usd * self.rate_sum


@dataclass(frozen=True)
class HedgeCost:
    """What an order costs over the holding period; None where the funding is unknown.

    Attributes
    ----------
    trading_usd : float
        Fees and slippage of opening and closing, positive.
    funding_usd, funding_low_usd, funding_high_usd : float or None
        Expected, positive where the hedge receives it; the interval is None where the rate was typed.
    funding_daily_usd : float or None
    net_usd : float or None
        Trading less funding: negative where holding the hedge earns.
    """

    trading_usd: float
    funding_usd: float | None
    funding_low_usd: float | None
    funding_high_usd: float | None
    funding_daily_usd: float | None
    net_usd: float | None


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
    funding = or_reason(lambda: _funding(carry, choices))
    margin, dollar_margin = (or_reason(partial(_margin, order, choices)) for order in (plan, dollar_plan))
    liquidation, dollar_liquidation = (
        or_reason(partial(_liquidation, order, behind, chosen=chosen, choices=choices, view=view))
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
            lambda: _worth(
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
            lambda: _touch(
                versions=view.versions,
                interval=settings.interval,
                prices=(given(plan).price_usd, _price_of(given(liquidation))),
                periods=_whole(periods, choices, period_days),
                _returns=view.aligned.benchmark,
            )
        ),
        funding=funding,
        cost=or_reason(lambda: _cost(given(plan), given(costs), funding, choices)),
        dollar_cost=or_reason(lambda: _cost(given(dollar_plan), given(costs), funding, choices)),
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


def given(part: T | HedgingError) -> T:
    """A part of the view, or the reason why it is missing, raised."""
    if isinstance(part, HedgingError):
        raise part
    return part


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


def _funding(carry: Carry, choices: HedgeChoices) -> FundingOutlook:
    days = choices.holding_days
    if choices.funding_annual_percent is not None:
        annual = choices.funding_annual_percent / 100
        return FundingOutlook(annual * days / DAYS_PER_YEAR, annual, None, None, "typed by hand")
    if carry.funding is None:
        raise InputError(
            carry.source,
            parameter="funding_annual_percent",
            value=None,
            allowed="a rate in percent a year, positive when longs pay shorts",
            remedy="Type one under Terms, or load a file of funding rates.",
        )
    found = _projected(version=carry.version, holding_days=days, _history=carry.funding)
    return FundingOutlook(
        rate_sum=found.rate_sum,
        annual_fraction=found.rate_sum * DAYS_PER_YEAR / days,
        low=found.low,
        high=found.high,
        origin=f"{carry.source}, {found.n_days:,} days resampled",
    )


def _cost(
    plan: HedgePlan, costs: TradingCosts, funding: FundingOutlook | HedgingError, choices: HedgeChoices
) -> HedgeCost:
    notional = plan.hedge_notional_usd
    trading = 2.0 * trading_cost_usd(costs, notional)
    if isinstance(funding, HedgingError):
        return HedgeCost(trading, None, None, None, None, None)
    received = funding.received_usd(notional)
    ends: list[float | None] = [None, None]
    if funding.low is not None and funding.high is not None:
        ends = [*sorted((-notional * funding.low, -notional * funding.high))]
    return HedgeCost(
        trading_usd=trading,
        funding_usd=received,
        funding_low_usd=ends[0],
        funding_high_usd=ends[1],
        funding_daily_usd=received / choices.holding_days,
        net_usd=trading - received,
    )


def _margin(order: HedgePlan | HedgingError, choices: HedgeChoices) -> float:
    return margin_usd(given(order), choices)


def _liquidation(
    order: HedgePlan | HedgingError,
    behind: float | HedgingError,
    *,
    chosen: ChosenContract,
    choices: HedgeChoices,
    view: BetaView,
) -> Liquidation:
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


def _price_of(liquidation: Liquidation) -> float:
    if liquidation.price_usd is None:
        raise NoHedgeError(
            liquidation.reason,
            parameter="liquidation",
            value=liquidation.outcome,
            allowed="a price that closes the hedge",
            remedy="Nothing is to be done.",
        )
    return liquidation.price_usd


def _appetite(
    view: BetaView, chosen: ChosenContract, choices: HedgeChoices, settings: Settings
) -> AppetiteHedges:
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
def _projected(*, version: str, holding_days: float, _history: FundingHistory) -> FundingProjection:
    return project_funding(_history, holding_days=holding_days)


@st.cache_resource(max_entries=64, show_spinner="Weighing the risk it removes against its cost…")
def _worth(
    *,
    versions: tuple[str, ...],
    settings: Settings,
    beta: float,
    notionals: tuple[float, float, float],
    costs: TradingCosts,
    rate_sum: float,
    periods: int,
    block_length: int | None,
    _view: BetaView,
    _hedge_returns: pd.Series,
) -> HedgeWorth:
    """Past periods with today's estimate of beta, and the errors that the hedges of the time really made."""
    ratios = given(_view.backtest).hedge_ratio
    replayed = replay_at_beta(
        _view.aligned.asset, _view.aligned.benchmark, ratios, beta=beta, floored=_view.floored
    )
    position_usd, hedge_usd, traded_usd = notionals
    return hedge_worth(
        replayed,
        _hedge_returns.loc[replayed.index],
        position_usd=position_usd,
        hedge_notional_usd=hedge_usd,
        costs=costs,
        holding_periods=periods,
        funding_rate_sum=rate_sum,
        traded_notional_usd=traded_usd,
        block_length=block_length,
        floored=_view.floored,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _touch(
    *,
    versions: tuple[str, ...],
    interval: ReturnInterval,
    prices: tuple[float, float],
    periods: int,
    _returns: pd.Series,
) -> TouchProbability:
    price, barrier = prices
    return touch_probability(
        _returns, price_usd=price, barrier_usd=barrier, horizon=periods, n_replications=TOUCH_PATHS
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _resampled(
    *, versions: tuple[str, str], interval: ReturnInterval, lookback: int, _view: BetaView
) -> npt.NDArray[np.float64]:
    window = slice(-lookback, None)
    return resample_beta(_view.aligned.asset.iloc[window], _view.aligned.benchmark.iloc[window]).betas
