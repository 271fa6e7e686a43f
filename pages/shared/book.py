"""The portfolio: its lines to prices, values and one assessment, cached by the version of the prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from data.environment import utc_now
from data.errors import DataError
from data.prices import BAR_LENGTH, LARGEST_PRICE, SMALLEST_PRICE, PriceHistory, validated_history
from hedging import (
    AlignedBook,
    BookAssessment,
    Covariance,
    InsufficientDataError,
    Position,
    ReturnInterval,
    align_book,
    assess_book,
    book_value_path,
)
from hedging.errors import InputError
from pages.shared.catalogue import FileInputs
from pages.shared.priced_lines import PricedLine, price_lines
from pages.shared.prices import bars_of, load_history, wanted_bars
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState


@dataclass(frozen=True, eq=False)
class BookView:
    """A portfolio with prices.

    Attributes
    ----------
    lines : tuple of PricedLine
        Those that count.
    positions : tuple of Position
        Their values at the last instant that all have.
    histories : dict of str to PriceHistory
    benchmark : PriceHistory
    aligned : AlignedBook
        Hour by hour or day by day, whole history.
    """

    lines: tuple[PricedLine, ...]
    positions: tuple[Position, ...]
    histories: dict[str, PriceHistory]
    benchmark: PriceHistory
    aligned: AlignedBook

    @property
    def versions(self) -> tuple[str, ...]:
        """What names the prices behind this view in every cache."""
        return (*(history.version for history in self.histories.values()), self.benchmark.version)

    @property
    def simulated(self) -> bool:
        """Whether any price behind this view is simulated."""
        return self.benchmark.simulated or any(h.simulated for h in self.histories.values())

    @property
    def as_of(self) -> pd.Timestamp:
        """Close of the last bar that all have: what the values are taken at."""
        is_hourly = all(h.interval == "hourly" for h in (*self.histories.values(), self.benchmark))
        last: pd.Timestamp = self.aligned.asset_prices.index[-1]
        return last + BAR_LENGTH["hourly" if is_hourly else "daily"]

    @property
    def benchmark_price_usd(self) -> float:
        """Price of the benchmark at that instant."""
        return float(self.aligned.benchmark_prices.iloc[-1])

    @property
    def net_usd(self) -> float:
        """Long less short."""
        return float(sum(position.value_usd for position in self.positions))

    @property
    def is_one_sided(self) -> bool:
        """Whether all lines are long, or all short: then they lose or gain their value at most."""
        return len({position.value_usd > 0 for position in self.positions}) == 1


def load_benchmark(settings: Settings, files: FileInputs) -> PriceHistory:
    """Prices of the benchmark in the bars that the book is made of."""
    symbol = settings.benchmark
    return load_history(symbol, settings, files, bars_of(symbol, settings, files, wanted_bars(settings)))


def load_book(state: AppState, files: FileInputs) -> BookView:
    """Prices of every line and of the benchmark, and what the lines are worth.

    Raises
    ------
    DataError
        A symbol has no prices; the message names it.
    HedgingError
        The book is empty, or its assets share no instants.
    """
    benchmark = load_benchmark(state.settings, files)
    return book_of(price_lines(state, files), state.settings, benchmark)


def assessed(view: BookView, settings: Settings) -> BookAssessment:
    """The book's exposure over the lookback."""
    aligned = returns_of(view, settings)
    if len(aligned.asset_returns) < settings.lookback:
        raise _too_young(view, settings, len(aligned.asset_returns))
    return _assessed(
        versions=view.versions,
        positions=view.positions,
        interval=settings.interval,
        lookback=settings.lookback,
        confidence=settings.confidence,
        covariance=settings.covariance,
        _view=view,
        _aligned=aligned,
    )


def _too_young(view: BookView, settings: Settings, found: int) -> InsufficientDataError:
    youngest = max(view.histories.values(), key=lambda history: history.prices.index[0])
    return InsufficientDataError(
        f"the positions share {found} {settings.interval} returns and the lookback asks for "
        f"{settings.lookback}; {youngest.symbol} begins last, on {youngest.prices.index[0]:%Y-%m-%d}",
        parameter="lookback",
        value=settings.lookback,
        allowed=f"at most {found} for this book",
        remedy=f"Choose a shorter lookback, or leave {youngest.symbol} out.",
    )


def load_book_history(
    state: AppState, files: FileInputs, benchmark: PriceHistory
) -> tuple[PriceHistory, BookView]:
    """The book as one asset, whose last price is its net value, and the book behind it."""
    view = book_of(price_lines(state, files), state.settings, benchmark)
    prices = view.aligned.asset_prices
    ends = returns_of(view, state.settings).asset_prices.index
    path = _within_prices(book_value_path(view.positions, prices, reset_at=pd.DatetimeIndex(ends)))
    histories = view.histories.values()
    true_beta = _true_beta(view, path)
    first = next(iter(histories))
    history = validated_history(
        path,
        symbol=BOOK,
        source=f"{len(view.lines)} positions, {first.source}",
        interval=first.interval,
        now=utc_now(),
        notes=_cut_notes(path, prices),
        simulated=view.simulated,
        true_beta=true_beta,
        true_beta_benchmark=None if true_beta is None else benchmark.symbol,
    )
    return history, view


def _within_prices(path: pd.Series) -> pd.Series:
    """Without a beginning from which a nearly neutral book would have lost all but a trace."""
    outside = np.flatnonzero(~((path >= SMALLEST_PRICE) & (path <= LARGEST_PRICE)).to_numpy())
    return path.iloc[outside[-1] + 1 :] if len(outside) else path


def _cut_notes(path: pd.Series, prices: pd.DataFrame) -> tuple[str, ...]:
    if len(path) == len(prices):
        return ()
    return (
        f"with today's weights the book would have lost everything by {path.index[0]:%Y-%m-%d}, so its "
        "history begins there",
    )


def _true_beta(view: BookView, path: pd.Series) -> pd.Series | None:
    """Of a simulated book: the sum of the true betas by today's weights."""
    total = pd.Series(0.0, index=path.index)
    for position in view.positions:
        history = view.histories[position.name]
        if history.true_beta is None or history.true_beta_benchmark != view.benchmark.symbol:
            return None
        total += position.value_usd / view.net_usd * history.true_beta.reindex(path.index)
    return total


def book_of(lines: tuple[PricedLine, ...], settings: Settings, benchmark: PriceHistory) -> BookView:
    """The lines that count, at the last instant that all of them have.

    Raises
    ------
    DataError, HedgingError
        As :func:`load_book`.
    """
    counted = tuple(each for each in lines if each.line.included)
    if not counted:
        raise InputError(
            "every position is left out" if lines else "the portfolio is empty",
            parameter="book",
            value=0,
            allowed="one position or more",
            remedy="Enter positions on the Portfolio page, or choose another asset.",
        )
    histories: dict[str, PriceHistory] = {}
    for each in counted:
        if isinstance(each.history, DataError):
            raise each.history
        histories[each.symbol] = each.history
    aligned = aligned_book(histories, benchmark, interval=wanted_bars(settings))
    latest = aligned.asset_prices.iloc[-1]
    positions = tuple(each.position(float(latest[each.symbol])) for each in counted)
    return BookView(counted, positions, histories, benchmark, aligned)


def returns_of(view: BookView, settings: Settings) -> AlignedBook:
    """Prices and returns over the spans that the settings ask for, whole history."""
    if settings.interval == wanted_bars(settings):
        return view.aligned
    return aligned_book(view.histories, view.benchmark, interval=settings.interval)


def aligned_book(
    histories: Mapping[str, PriceHistory], benchmark: PriceHistory, *, interval: ReturnInterval
) -> AlignedBook:
    """All prices at their common instants."""
    versions = (*(history.version for history in histories.values()), benchmark.version)
    return _aligned(versions, tuple(histories), interval, histories, benchmark)


@st.cache_resource(max_entries=16, show_spinner=False)
def _aligned(
    versions: tuple[str, ...],
    symbols: tuple[str, ...],
    interval: ReturnInterval,
    _histories: Mapping[str, PriceHistory],
    _benchmark: PriceHistory,
) -> AlignedBook:
    prices = {symbol: _histories[symbol].prices for symbol in symbols}
    return align_book(prices, _benchmark.prices, interval=interval)


@st.cache_resource(max_entries=32, show_spinner=False)
def _assessed(
    *,
    versions: tuple[str, ...],
    positions: tuple[Position, ...],
    interval: ReturnInterval,
    lookback: int,
    confidence: float,
    covariance: Covariance,
    _view: BookView,
    _aligned: AlignedBook,
) -> BookAssessment:
    return assess_book(
        positions,
        _aligned.asset_returns.iloc[-lookback:],
        _aligned.benchmark_returns.iloc[-lookback:].rename(_view.benchmark.symbol),
        covariance=covariance,
        confidence=confidence,
        benchmark_price_usd=_view.benchmark_price_usd,
    )
