"""What is known of the benchmark's perpetual beside its spot: funding, and prices of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data.coins import coin_of
from data.embedded import simulated_perpetual
from data.environment import utc_now
from data.errors import ChangeInputError
from data.files import FileSource
from data.files.funding import find_funding, funding_coin, read_funding
from data.kept import kept_source
from data.perpetuals import PerpetualHistory
from data.prices import BAR_LENGTH, BarInterval, PriceHistory
from hedging import (
    AlignedReturns,
    FundingHistory,
    HedgeMarket,
    InsufficientDataError,
    funding_per_period,
    prepare_funding,
)
from hedging.errors import InputError
from pages.shared.catalogue import FileInputs, cache_token, source_for
from pages.shared.messages import EXPECTED_ERRORS
from pages.shared.prices import KEEP_PRICES_SECONDS, bars_of, load_history, wanted_bars
from pages.shared.settings import EXCHANGES, Settings


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
    perpetual_problem : str
        Why the perpetual that was chosen is not used, in words; empty where there is nothing to say. Hostile
        until escaped.
    """

    funding: FundingHistory | None
    perpetual_prices: pd.Series | None
    source: str
    version: str
    perpetual_problem: str = ""


def load_carry(settings: Settings, files: FileInputs) -> Carry:
    """Funding and perpetual of the benchmark: the simulated ones, or from files and symbols of the source.

    What cannot be used is left out with its reason: a hedge can be sized without it.
    """
    bars = wanted_bars(settings)
    if settings.source == "simulated":
        return _simulated(settings.benchmark, bars)
    prices: PriceHistory | None = None
    funding: FundingHistory | None = None
    problem, source, version = "", "no funding is known for this source", ""
    try:
        prices = _perpetual_prices(settings, files, bars)
    except EXPECTED_ERRORS as error:
        problem = f"The perpetual {settings.perpetual} is left out: {error.problem}. {error.remedy}"
    try:
        found = _funding(settings, files)
        if found is not None:
            funding = prepare_funding(found.funding_rates)
            source, version = found.source, found.version
    except EXPECTED_ERRORS as error:
        source = f"funding cannot be used: {error.problem}"
    return Carry(
        funding=funding,
        perpetual_prices=None if prices is None else prices.prices,
        source=source,
        version=f"{version} {prices.version if prices else ''}",
        perpetual_problem=problem,
    )


def _perpetual_prices(settings: Settings, files: FileInputs, bars: BarInterval) -> PriceHistory | None:
    """Prices of the perpetual that was chosen, which must be one on the benchmark's coin."""
    if not settings.perpetual:
        return None
    _require_coin(settings.perpetual, settings.benchmark, "perpetual")
    return load_history(
        settings.perpetual, settings, files, bars_of(settings.perpetual, settings, files, bars)
    )


def _require_coin(symbol: str, benchmark: str, parameter: str) -> None:
    found, wanted = coin_of(symbol).name, coin_of(benchmark).name
    if found != wanted:
        raise InputError(
            f"it is of {found} and the benchmark is {wanted}",
            parameter=parameter,
            value=symbol,
            allowed=f"one of {wanted}",
            remedy="Choose the benchmark's own under Settings.",
        )


def hedge_market(aligned: AlignedReturns, carry: Carry) -> HedgeMarket:
    """The aligned returns with the perpetual's prices and funding where they cover all of them."""
    index = pd.DatetimeIndex(aligned.asset.index)
    rates: pd.Series | None = None
    if carry.funding is not None:
        try:
            rates = funding_per_period(carry.funding, index, stamps="open", step=bar_length(aligned))
        except InsufficientDataError:  # a hole, or charges that begin later than the prices
            rates = None
    prices = None
    if carry.perpetual_prices is not None:
        found = carry.perpetual_prices.reindex(aligned.benchmark_prices.index)
        prices = None if bool(found.isna().any()) else found
    return HedgeMarket(returns=aligned, hedge_prices=prices, funding_rates=rates)


def bar_length(aligned: AlignedReturns) -> pd.Timedelta:
    """Length of the bars that returns are labelled by: a week's label opens its last day."""
    return BAR_LENGTH["hourly" if aligned.report.interval == "hourly" else "daily"]


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=32, show_spinner=False)
def _simulated(symbol: str, interval: BarInterval) -> Carry:
    return _carry(simulated_perpetual(symbol, interval=interval, now=utc_now()))


def _funding(settings: Settings, files: FileInputs) -> PerpetualHistory | None:
    """From the file handed in, else from one in the source that is named after the benchmark's coin."""
    if files.funding is not None:
        name, content = files.funding
        coin = funding_coin(name)
        if coin is not None:
            _require_coin(coin, settings.benchmark, "funding file")
        return _read(files.funding_id, name, settings.benchmark, content)
    if settings.source in EXCHANGES:
        source = kept_source(settings.source)
        try:
            return source.funding(settings.benchmark)
        except ChangeInputError:  # a spot market has none
            return None
    if settings.source not in ("folder", "upload"):
        return None
    folder = source_for(settings, files)
    if not isinstance(folder, FileSource):
        return None
    return _found(cache_token(settings, files), settings.benchmark, folder)


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=32, show_spinner=False)
def _read(identity: str, name: str, symbol: str, _content: bytes) -> PerpetualHistory:
    return read_funding(_content, file_name=name, symbol=symbol)


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=32, show_spinner=False)
def _found(token: tuple[str, ...], symbol: str, _source: FileSource) -> PerpetualHistory | None:
    return find_funding(_source, symbol)


def _carry(history: PerpetualHistory) -> Carry:
    return Carry(prepare_funding(history.funding_rates), history.prices, history.source, history.version)
