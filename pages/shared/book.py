"""The portfolio: its lines to prices, values and one assessment, cached by the version of the prices."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data.contract_terms import coin_of
from data.environment import utc_now
from data.errors import DataError
from data.prices import PriceHistory, validated_history
from hedging import (
    AlignedBook,
    BookAssessment,
    Covariance,
    Position,
    ReturnInterval,
    align_book,
    assess_book,
    book_value_path,
)
from hedging.errors import InputError
from pages.shared.catalogue import FileInputs
from pages.shared.positions import BookLine
from pages.shared.prices import bars_of, load_history, load_symbols, wanted_bars
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState


@dataclass(frozen=True, eq=False)
class BookView:
    """A portfolio with prices.

    Attributes
    ----------
    lines : tuple of BookLine
        As entered, by the symbols of the source.
    positions : tuple of Position
        Their values at the last instant that all have.
    histories : dict of str to PriceHistory
    benchmark : PriceHistory
    aligned : AlignedBook
        Hour by hour or day by day, whole history.
    """

    lines: tuple[BookLine, ...]
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
    def net_usd(self) -> float:
        """Long less short."""
        return float(sum(position.value_usd for position in self.positions))


def resolved(line: BookLine, symbols: tuple[str, ...]) -> str:
    """The source's symbol for a line: itself, else one of the same coin, else as it was entered."""
    if line.symbol in symbols:
        return line.symbol
    coin = coin_of(line.symbol).name
    same = [symbol for symbol in symbols if coin_of(symbol).name == coin]
    return same[0] if same else line.symbol


def load_book(state: AppState, files: FileInputs) -> BookView:
    """Prices of every line and of the benchmark, and what the lines are worth.

    Raises
    ------
    DataError
        A symbol has no prices; the message names it.
    HedgingError
        The book is empty, or its assets share no instants.
    """
    settings = state.settings
    benchmark = load_history(
        settings.benchmark,
        settings,
        files,
        bars_of(settings.benchmark, settings, files, wanted_bars(settings)),
    )
    return _book(state, files, benchmark)


def assessed(view: BookView, settings: Settings) -> BookAssessment:
    """The book's exposure over the lookback."""
    return _assessed(
        versions=view.versions,
        positions=view.positions,
        interval=settings.interval,
        lookback=settings.lookback,
        confidence=settings.confidence,
        covariance=settings.covariance,
        _view=view,
    )


def load_book_history(
    state: AppState, files: FileInputs, benchmark: PriceHistory
) -> tuple[PriceHistory, float]:
    """The book as one asset, whose last price is its net value, and that value with its sign."""
    view = _book(state, files, benchmark)
    path = book_value_path(view.positions, view.aligned.asset_prices)
    histories = view.histories.values()
    true_beta = _true_beta(view, path)
    first = next(iter(histories))
    history = validated_history(
        path,
        symbol=BOOK,
        source=f"{len(view.lines)} positions, {first.source}",
        interval=first.interval,
        now=utc_now(),
        simulated=view.simulated,
        true_beta=true_beta,
        true_beta_benchmark=None if true_beta is None else benchmark.symbol,
    )
    return history, view.net_usd


def _true_beta(view: BookView, path: pd.Series) -> pd.Series | None:
    """Of a simulated book: the sum of the true betas by today's weights."""
    total = pd.Series(0.0, index=path.index)
    for position in view.positions:
        history = view.histories[position.name]
        if history.true_beta is None or history.true_beta_benchmark != view.benchmark.symbol:
            return None
        total += position.value_usd / view.net_usd * history.true_beta.reindex(path.index)
    return total


def _book(state: AppState, files: FileInputs, benchmark: PriceHistory) -> BookView:
    settings, lines = state.settings, state.book.book
    if not lines:
        raise InputError(
            "the portfolio is empty",
            parameter="book",
            value=0,
            allowed="one position or more",
            remedy="Enter positions on the Portfolio page, or choose another asset.",
        )
    try:
        symbols = load_symbols(settings, files)
    except DataError:  # the source names none; it may still know these
        symbols = ()
    named = tuple(
        BookLine(resolved(line, symbols), line.size, line.unit, line.beta_by_hand) for line in lines
    )
    bars = wanted_bars(settings)
    histories = {
        line.symbol: load_history(line.symbol, settings, files, bars_of(line.symbol, settings, files, bars))
        for line in named
    }
    aligned = align_book(
        {symbol: history.prices for symbol, history in histories.items()},
        benchmark.prices,
        interval=bars,
    )
    latest = aligned.asset_prices.iloc[-1]
    positions = tuple(
        Position(line.symbol, line.size, beta_override=line.beta_by_hand)
        if line.unit == "usd"
        else Position.in_coins(
            line.symbol, line.size, price_usd=float(latest[line.symbol]), beta_override=line.beta_by_hand
        )
        for line in named
    )
    return BookView(named, positions, histories, benchmark, aligned)


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
) -> BookAssessment:
    aligned = _view.aligned
    if interval == "weekly":
        prices = {name: history.prices for name, history in _view.histories.items()}
        aligned = align_book(prices, _view.benchmark.prices, interval=interval)
    return assess_book(
        positions,
        aligned.asset_returns.iloc[-lookback:],
        aligned.benchmark_returns.iloc[-lookback:].rename(_view.benchmark.symbol),
        covariance=covariance,
        confidence=confidence,
        benchmark_price_usd=float(_view.aligned.benchmark_prices.iloc[-1]),
    )
