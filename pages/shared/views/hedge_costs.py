"""What a hedge costs over its holding time: fees, slippage, funding, and whether that is worth it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from hedging import (
    FundingHistory,
    FundingProjection,
    HedgePlan,
    HedgeWorth,
    HedgingError,
    TradingCosts,
    hedge_worth,
    project_funding,
    replay_at_beta,
    trading_cost_usd,
)
from hedging.errors import InputError
from pages.shared.carry import Carry
from pages.shared.choices import HedgeChoices
from pages.shared.loading import BetaView, given
from pages.shared.settings import Settings

DAYS_PER_YEAR = 365.0


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


def funding_outlook(carry: Carry, choices: HedgeChoices) -> FundingOutlook:
    """Funding over the holding time: typed, else as the past pays."""
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


def hedge_cost(
    plan: HedgePlan, costs: TradingCosts, funding: FundingOutlook | HedgingError, choices: HedgeChoices
) -> HedgeCost:
    """Of an order, from opening to closing."""
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


@st.cache_resource(max_entries=64, show_spinner=False)
def _projected(*, version: str, holding_days: float, _history: FundingHistory) -> FundingProjection:
    return project_funding(_history, holding_days=holding_days)


@st.cache_resource(max_entries=64, show_spinner="Weighing the risk it removes against its cost…")
def weighed(
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
