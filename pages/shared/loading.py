"""Prices to everything the Beta page shows, cached by the version of the prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import streamlit as st

from data.coins import coin_of
from data.prices import BAR_LENGTH, BarInterval, PriceHistory
from hedging import (
    AlignedReturns,
    BetaEstimate,
    HedgeBacktest,
    HedgePlan,
    HedgingError,
    LagScan,
    ReturnInterval,
    RollingBeta,
    align,
    backtest_hedge,
    estimate_beta,
    position_value_usd,
    rolling_beta,
    scan_lags,
)
from hedging.backtesting.film import FILM_METHODS
from hedging.errors import InputError
from pages.shared.book import BookView, load_book_history
from pages.shared.catalogue import FileInputs
from pages.shared.orders import size_order
from pages.shared.prices import bars_of, load_history, wanted_bars
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.strip import Quotes
from pages.shared.terms import chosen_contract

T = TypeVar("T")


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
    floored: bool  # cannot lose more than everything: one asset, or a book on one side

    @property
    def versions(self) -> tuple[str, str]:
        """What names the prices behind this view in every cache."""
        return self.asset.version, self.benchmark.version

    @property
    def simulated(self) -> bool:
        """Whether any price behind this view is simulated."""
        return self.asset.simulated or self.benchmark.simulated


def load_view(state: AppState, files: FileInputs) -> BetaView:
    """Prices, then every result that the Beta page shows."""
    settings = state.settings
    if settings.asset == settings.benchmark:
        raise _same_instrument(settings)
    bars = wanted_bars(settings)
    benchmark = load_history(
        settings.benchmark, settings, files, bars_of(settings.benchmark, settings, files, bars)
    )
    asset, book = _asset(state, files, benchmark, bars)
    if asset.prices.equals(benchmark.prices):  # one market in two spellings
        raise _same_instrument(settings)
    if settings.method in FILM_METHODS:
        return _view(state, asset, benchmark, book)
    with st.spinner("Estimating beta in every window…", show_time=True):
        return _view(state, asset, benchmark, book)


def _asset(
    state: AppState, files: FileInputs, benchmark: PriceHistory, bars: BarInterval
) -> tuple[PriceHistory, BookView | None]:
    """One asset, or the whole book."""
    settings = state.settings
    if settings.asset == BOOK:
        return load_book_history(state, files, benchmark)
    return load_history(settings.asset, settings, files, bars_of(settings.asset, settings, files, bars)), None


def _same_instrument(settings: Settings) -> InputError:
    return InputError(
        f"asset and benchmark are both {settings.asset}, whose beta on itself is 1",
        parameter="benchmark",
        value=settings.benchmark,
        allowed="two different instruments",
        remedy="Choose another asset or benchmark.",
    )


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


def _view(state: AppState, asset: PriceHistory, benchmark: PriceHistory, book: BookView | None) -> BetaView:
    settings, choices = state.settings, state.hedge
    versions = (asset.version, benchmark.version)
    pair = _pair(versions, settings.interval, asset, benchmark)
    shared = replace(settings, position=0.0, unit="usd")
    rolling, estimate = _estimated(versions, shared, pair.aligned)
    walk = _backtest(versions, shared, pair.aligned)
    asset_price = float(pair.latest.asset_prices.iloc[-1])
    benchmark_price = float(pair.latest.benchmark_prices.iloc[-1])
    position_usd = settings.position if book is None else book.net_usd
    if book is None and settings.unit == "coins":
        # 1000PEPEUSDT is quoted by the thousand; what is held is counted in single coins.
        position_usd = position_value_usd(settings.position / coin_of(settings.asset).units, asset_price)
    chosen = chosen_contract(choices, settings.benchmark)

    def plan(found: BetaEstimate) -> HedgePlan | HedgingError:
        return or_reason(
            lambda: size_order(
                position_usd,
                found,
                chosen,
                choices,
                benchmark=settings.benchmark,
                price_usd=benchmark_price,
            )
        )

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
            contract_note=chosen.note,
        ),
        position_usd=position_usd,
        floored=book is None or book.is_one_sided,
    )


def _finest_bars(asset: PriceHistory, benchmark: PriceHistory) -> BarInterval:
    return "hourly" if asset.interval == benchmark.interval == "hourly" else "daily"


def _latest_common(asset: PriceHistory, benchmark: PriceHistory, aligned: AlignedReturns) -> AlignedReturns:
    """Prices to size an order on: the last close both have, not the last of a finished week."""
    finest = _finest_bars(asset, benchmark)
    if aligned.report.interval == finest:
        return aligned
    return align(asset.prices, benchmark.prices, interval=finest)


def or_reason(compute: Callable[[], T]) -> T | HedgingError:
    """One part of a page must not take the others with it."""
    try:
        return compute()
    except HedgingError as error:
        return error


def given(part: T | HedgingError) -> T:
    """A part of the view, or the reason why it is missing, raised."""
    if isinstance(part, HedgingError):
        raise part
    return part
