"""Prices cached by source, results by the version of their prices; only lookbacks.py caches as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import streamlit as st

from data.contract_terms import coin_of, terms_for_coin
from data.environment import configured_folder, utc_now
from data.errors import DataError, TryAgainError, UnknownSymbolError
from data.files import FileSource
from data.prices import BAR_LENGTH, BarInterval, PriceHistory
from data.sources import PriceSource
from data.yahoo import YahooSource
from hedging import (
    AlignedReturns,
    BetaEstimate,
    HedgeBacktest,
    HedgePlan,
    HedgingError,
    LagScan,
    LinearContract,
    ReturnInterval,
    RollingBeta,
    align,
    backtest_hedge,
    estimate_beta,
    position_value_usd,
    rolling_beta,
    scan_lags,
    size_hedge,
)
from hedging.backtesting.film import FILM_METHODS
from hedging.errors import InputError
from hedging.instruments.contracts import Contract
from pages.shared.catalogue import YAHOO_TOKEN, FileInputs, cache_token, source_for
from pages.shared.settings import Settings, SourceKey
from pages.shared.strip import Quotes

T = TypeVar("T")

#: The app must open within three seconds whatever the network does.
OPENING_DEADLINE_SECONDS = 2.5
KEEP_PRICES_SECONDS = 300
KEEP_FAILURE_SECONDS = 30
KEEP_OPENING_SECONDS = 120


@dataclass(frozen=True, eq=False)
class BetaView:
    """Everything the Beta page shows. A part that cannot be computed holds the reason instead."""

    asset: PriceHistory
    benchmark: PriceHistory
    aligned: AlignedReturns
    estimate: BetaEstimate
    rolling: RollingBeta
    lag_scan: LagScan | HedgingError
    backtest: HedgeBacktest | HedgingError
    plan: HedgePlan | HedgingError
    plan_at: Callable[[BetaEstimate], HedgePlan | HedgingError]
    quotes: Quotes
    position_usd: float

    @property
    def versions(self) -> tuple[str, str]:
        """What names the prices behind this view in every cache."""
        return self.asset.version, self.benchmark.version

    @property
    def simulated(self) -> bool:
        """Whether any price behind this view is simulated."""
        return self.asset.simulated or self.benchmark.simulated


@dataclass(frozen=True)
class Opening:
    """Where the app starts when the link does not say, and the sentence that explains it."""

    source: SourceKey
    notice: str


@st.cache_resource(ttl=KEEP_OPENING_SECONDS, max_entries=1, show_spinner="Asking Yahoo Finance for prices…")
def choose_opening() -> Opening:
    """The user's own folder if one is configured, else Yahoo if it answers, else the embedded market."""
    if configured_folder() is not None:
        return Opening("folder", "")
    source = YahooSource(deadline_seconds=OPENING_DEADLINE_SECONDS)
    try:
        # Through the cache, so that the page does not ask for the benchmark a second time.
        answer = _outcome(YAHOO_TOKEN, Settings().benchmark, "daily", source)
    except DataError as error:
        return _simulated_because(error)
    return _simulated_because(answer) if isinstance(answer, TryAgainError) else Opening("yahoo", "")


def _simulated_because(error: DataError) -> Opening:
    return Opening(
        "simulated",
        f"Yahoo Finance gave no prices ({error.problem}). This is the embedded SIMULATED market: "
        "no price here is real.",
    )


def load_symbols(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """Symbols that the chosen source offers."""
    return _symbols(cache_token(settings, files), source_for(settings, files))


def load_history(symbol: str, settings: Settings, files: FileInputs, interval: BarInterval) -> PriceHistory:
    """Prices of one symbol, from the cache when they are recent."""
    outcome = _outcome(cache_token(settings, files), symbol, interval, source_for(settings, files))
    if isinstance(outcome, TryAgainError):
        raise outcome
    return outcome


def available_intervals(symbol: str, settings: Settings, files: FileInputs) -> tuple[BarInterval, ...]:
    """Bar lengths in which the source has this symbol; daily when it cannot tell."""
    try:
        return _intervals(cache_token(settings, files), symbol, source_for(settings, files))
    except DataError:
        return ("daily",)


def unusable_files(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """One sentence for each file of the chosen source that offers no symbol."""
    return _problems(cache_token(settings, files), source_for(settings, files))


def load_view(settings: Settings, files: FileInputs) -> BetaView:
    """Prices, then every result that the Beta page shows."""
    if settings.asset == settings.benchmark:
        raise _same_instrument(settings)
    bars: BarInterval = "hourly" if settings.interval == "hourly" else "daily"
    asset = load_history(settings.asset, settings, files, _bars(settings.asset, settings, files, bars))
    benchmark = load_history(
        settings.benchmark, settings, files, _bars(settings.benchmark, settings, files, bars)
    )
    if asset.version == benchmark.version:  # one ticker in two spellings
        raise _same_instrument(settings)
    if settings.method in FILM_METHODS:
        return _view(settings, asset, benchmark)
    with st.spinner("Estimating beta in every window…", show_time=True):
        return _view(settings, asset, benchmark)


def forget_prices() -> None:
    """Drop every cached price, so that the next load asks the sources again."""
    for cached in (_symbols, _problems, _columns, _intervals, _outcome, _fetched, choose_opening):
        cached.clear()


def price_columns(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """Columns of the asset's file that could be its price; none when the file cannot tell."""
    try:
        return _columns(cache_token(settings, files), settings.asset, source_for(settings, files))
    except DataError:
        return ()


def _same_instrument(settings: Settings) -> InputError:
    return InputError(
        f"asset and benchmark are both {settings.asset}, whose beta on itself is 1",
        parameter="benchmark",
        value=settings.benchmark,
        allowed="two different instruments",
        remedy="Choose another asset or benchmark.",
    )


def _bars(symbol: str, settings: Settings, files: FileInputs, wanted: BarInterval) -> BarInterval:
    """The wanted bars, or hourly ones where a source has no daily bars to give."""
    offered = available_intervals(symbol, settings, files)
    return wanted if wanted in offered or not offered else offered[0]


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=64, show_spinner=False)
def _symbols(token: tuple[str, ...], _source: PriceSource) -> tuple[str, ...]:
    return _source.symbols()


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=64, show_spinner=False)
def _problems(token: tuple[str, ...], _source: PriceSource) -> tuple[str, ...]:
    return _source.problems() if isinstance(_source, FileSource) else ()


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=64, show_spinner=False)
def _columns(token: tuple[str, ...], symbol: str, _source: PriceSource) -> tuple[str, ...]:
    return _source.columns(symbol) if isinstance(_source, FileSource) else ()


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=512, show_spinner=False)
def _intervals(token: tuple[str, ...], symbol: str, _source: PriceSource) -> tuple[BarInterval, ...]:
    return _source.intervals(symbol)


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=256, show_spinner="Loading prices…", show_time=True)
def _outcome(
    token: tuple[str, ...], symbol: str, interval: BarInterval, _source: PriceSource
) -> PriceHistory | TryAgainError:
    """Remember briefly that a source is down, so that no control waits for it again."""
    try:
        return _fetched(token, symbol, interval, _source)
    except TryAgainError as error:
        return error


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=256, show_spinner=False)
def _fetched(
    token: tuple[str, ...], symbol: str, interval: BarInterval, _source: PriceSource
) -> PriceHistory:
    return _source.fetch(symbol, interval=interval, now=utc_now())


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two histories joined: what no lookback, estimator or position changes."""

    aligned: AlignedReturns
    latest: AlignedReturns
    lag_scan: LagScan | HedgingError


@st.cache_resource(max_entries=32, show_spinner=False)
def _pair(
    versions: tuple[str, str], interval: ReturnInterval, _asset: PriceHistory, _benchmark: PriceHistory
) -> _Pair:
    aligned = align(_asset.prices, _benchmark.prices, interval=interval)
    return _Pair(
        aligned=aligned,
        latest=_latest_common(_asset, _benchmark, aligned),
        lag_scan=or_reason(lambda: scan_lags(aligned.asset, aligned.benchmark)),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _estimated(
    versions: tuple[str, str], settings: Settings, _aligned: AlignedReturns
) -> tuple[RollingBeta, BetaEstimate]:
    """Rolling beta, and the estimate of its last window; ``settings`` without a position."""
    window = settings.lookback
    rolling = rolling_beta(
        _aligned.asset,
        _aligned.benchmark,
        window=window,
        method=settings.method,
        covariance=settings.applicable_covariance,
        confidence=settings.confidence,
    )
    estimate = estimate_beta(
        _aligned.asset.iloc[-window:],
        _aligned.benchmark.iloc[-window:],
        method=settings.method,
        covariance=settings.applicable_covariance,
        confidence=settings.confidence,
    )
    return rolling, estimate


@st.cache_resource(max_entries=32, show_spinner=False)
def _backtest(
    versions: tuple[str, str], settings: Settings, _aligned: AlignedReturns
) -> HedgeBacktest | HedgingError:
    """The walk of a position of one dollar; ``settings`` without a position."""
    return or_reason(
        lambda: backtest_hedge(
            _aligned,
            window=settings.lookback,
            position_usd=1.0,
            method=settings.method,
            confidence=settings.confidence,
        )
    )


def _view(settings: Settings, asset: PriceHistory, benchmark: PriceHistory) -> BetaView:
    versions = (asset.version, benchmark.version)
    pair = _pair(versions, settings.interval, asset, benchmark)
    shared = replace(settings, position=0.0, unit="usd")
    rolling, estimate = _estimated(versions, shared, pair.aligned)
    walk = _backtest(versions, shared, pair.aligned)
    asset_price = float(pair.latest.asset_prices.iloc[-1])
    benchmark_price = float(pair.latest.benchmark_prices.iloc[-1])
    position_usd = (
        settings.position if settings.unit == "usd" else position_value_usd(settings.position, asset_price)
    )
    contract, contract_note = benchmark_contract(settings.benchmark)

    def plan(found: BetaEstimate) -> HedgePlan | HedgingError:
        return or_reason(lambda: _sized(position_usd, found, contract, benchmark_price))

    return BetaView(
        asset=asset,
        benchmark=benchmark,
        aligned=pair.aligned,
        estimate=estimate,
        rolling=rolling,
        lag_scan=pair.lag_scan,
        backtest=walk if isinstance(walk, HedgingError) else or_reason(lambda: walk.scaled(position_usd)),
        plan=plan(estimate),
        plan_at=plan,
        quotes=Quotes(
            asset=asset,
            aligned=pair.aligned,
            asset_price_usd=asset_price,
            benchmark_price_usd=benchmark_price,
            as_of=pair.latest.asset_prices.index[-1] + BAR_LENGTH[_finest_bars(asset, benchmark)],
            contract_note=contract_note,
        ),
        position_usd=position_usd,
    )


def _finest_bars(asset: PriceHistory, benchmark: PriceHistory) -> BarInterval:
    return "hourly" if asset.interval == benchmark.interval == "hourly" else "daily"


def _latest_common(asset: PriceHistory, benchmark: PriceHistory, aligned: AlignedReturns) -> AlignedReturns:
    """Prices to size an order on: the last close both have, not the last of a finished week."""
    finest = _finest_bars(asset, benchmark)
    if aligned.report.interval == finest:
        return aligned
    return align(asset.prices, benchmark.prices, interval=finest)


def _sized(position_usd: float, estimate: BetaEstimate, contract: Contract, price_usd: float) -> HedgePlan:
    if position_usd == 0.0:
        raise InputError(
            "the position is 0, so there is nothing to hedge",
            parameter="position",
            value=0,
            allowed="any other size, negative when short",
            remedy="Enter what you hold.",
        )
    return size_hedge(position_usd, estimate, contract, price_usd)


def or_reason(compute: Callable[[], T]) -> T | HedgingError:
    """One part of a page must not take the others with it."""
    try:
        return compute()
    except HedgingError as error:
        return error


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=64, show_spinner=False)
def benchmark_contract(symbol: str) -> tuple[Contract, str]:
    """The contract to hedge with, and a sentence on where its terms come from."""
    coin = coin_of(symbol)
    try:
        terms = terms_for_coin(coin.name)
    except UnknownSymbolError:
        return (
            LinearContract(name=symbol),
            f"No contract terms are known for {symbol}: whole units of it are assumed.",
        )
    return terms.contract(), f"{terms.exchange} {terms.symbol} terms of {terms.as_of} ({terms.status})."
