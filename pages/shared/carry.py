"""What is known of the benchmark's perpetual beside its spot: funding, and prices of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data.environment import utc_now
from data.perpetuals import PerpetualHistory, simulated_perpetual
from data.prices import BarInterval
from hedging import (
    AlignedReturns,
    FundingHistory,
    HedgeMarket,
    InsufficientDataError,
    funding_per_period,
    prepare_funding,
)
from pages.shared.catalogue import FileInputs
from pages.shared.prices import KEEP_PRICES_SECONDS
from pages.shared.settings import Settings


@dataclass(frozen=True, eq=False)
class Carry:
    """Funding and prices of the benchmark's perpetual; None stands for unknown, never for 0.

    Attributes
    ----------
    funding : FundingHistory or None
    perpetual_prices : pandas.Series or None
        USD, on the bar stamps of the benchmark's prices.
    source : str
        Where both come from, in words; why there is nothing where there is nothing. Hostile until escaped.
    version : str
        Names the content in every cache.
    """

    funding: FundingHistory | None
    perpetual_prices: pd.Series | None
    source: str
    version: str


def load_carry(settings: Settings, files: FileInputs) -> Carry:
    """Funding and perpetual of the benchmark in the chosen source.

    Raises
    ------
    DataError, HedgingError
        A file of funding rates cannot be used.
    """
    bars: BarInterval = "hourly" if settings.interval == "hourly" else "daily"
    if settings.source == "simulated":
        return _simulated(settings.benchmark, bars)
    return Carry(None, None, "no funding is known for this source", "none")


def hedge_market(aligned: AlignedReturns, carry: Carry) -> HedgeMarket:
    """The aligned returns with the perpetual's prices and funding where they cover all of them."""
    index = pd.DatetimeIndex(aligned.asset.index)
    rates: pd.Series | None = None
    if carry.funding is not None:
        try:
            rates = funding_per_period(carry.funding, index, stamps="open")
        except InsufficientDataError:  # a hole, or charges that begin later than the prices
            rates = None
    prices = None
    if carry.perpetual_prices is not None:
        found = carry.perpetual_prices.reindex(aligned.benchmark_prices.index)
        prices = None if bool(found.isna().any()) else found
    return HedgeMarket(returns=aligned, hedge_prices=prices, funding_rates=rates)


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=32, show_spinner=False)
def _simulated(symbol: str, interval: BarInterval) -> Carry:
    return _carry(simulated_perpetual(symbol, interval=interval, now=utc_now()))


def _carry(history: PerpetualHistory) -> Carry:
    return Carry(prepare_funding(history.funding_rates), history.prices, history.source, history.version)
