"""The lines of the portfolio with the prices of the chosen source, each on its own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from data.coins import coin_of
from data.errors import DataError
from data.prices import PriceHistory
from hedging import Position
from pages.shared.catalogue import FileInputs
from pages.shared.positions import BookLine
from pages.shared.prices import bars_of, load_history, load_symbols, wanted_bars
from pages.shared.settings import Settings
from pages.shared.state import AppState

EXAMPLE_COINS = ("SOL", "AVAX", "LINK", "DOGE")
EXAMPLE_USD = (40_000.0, 25_000.0, 15_000.0, -20_000.0)


@dataclass(frozen=True, eq=False)
class PricedLine:
    """A line of the portfolio with the prices of its symbol.

    Attributes
    ----------
    line : BookLine
        As entered.
    symbol : str
        What the source calls it; hostile until escaped.
    history : PriceHistory or DataError
        Its prices, or why there are none.
    is_listed : bool
        Whether the source names the symbol among those it offers.
    """

    line: BookLine
    symbol: str
    history: PriceHistory | DataError
    is_listed: bool

    @property
    def as_of(self) -> pd.Timestamp | None:
        """Close of its last bar; None without prices."""
        return None if isinstance(self.history, DataError) else self.history.as_of

    @property
    def price_usd(self) -> float | None:
        """Its own last close, of one unit of the symbol; None without prices."""
        return None if isinstance(self.history, DataError) else float(self.history.prices.iloc[-1])

    @property
    def value_usd(self) -> float | None:
        """At its own last close; None without prices."""
        return None if self.price_usd is None else self.position(self.price_usd).value_usd

    def position(self, price_usd: float) -> Position:
        """The line as a position, at the price of one unit of the symbol."""
        by_hand = self.line.beta_by_hand
        if self.line.unit == "usd":
            return Position(self.symbol, self.line.size, beta_override=by_hand)
        units = self.line.size / coin_of(self.symbol).units  # 1000PEPE is quoted by the thousand
        return Position.in_coins(self.symbol, units, price_usd=price_usd, beta_override=by_hand)


def price_lines(state: AppState, files: FileInputs) -> tuple[PricedLine, ...]:
    """Prices of every line, left out or not; a line without prices holds the reason."""
    settings = state.settings
    try:
        symbols = load_symbols(settings, files)
    except DataError:  # the source names none; it may still know these
        symbols = ()
    return tuple(_priced(line, resolved(line, symbols), symbols, settings, files) for line in state.book.book)


def _priced(
    line: BookLine, symbol: str, symbols: tuple[str, ...], settings: Settings, files: FileInputs
) -> PricedLine:
    history: PriceHistory | DataError
    try:
        history = load_history(
            symbol, settings, files, bars_of(symbol, settings, files, wanted_bars(settings))
        )
    except DataError as error:
        history = error
    return PricedLine(line, symbol, history, is_listed=symbol in symbols)


def resolved(line: BookLine, symbols: tuple[str, ...]) -> str:
    """The source's symbol for a line: itself, else one of the same coin, else as it was entered."""
    if line.symbol in symbols:
        return line.symbol
    coin = coin_of(line.symbol).name
    same = [symbol for symbol in symbols if coin_of(symbol).name == coin]
    return same[0] if same else line.symbol


def example_book(settings: Settings, files: FileInputs) -> tuple[BookLine, ...]:
    """A book of the source's own symbols, long three and short one; empty where it offers none."""
    try:
        symbols = [symbol for symbol in load_symbols(settings, files) if symbol != settings.benchmark]
    except DataError:
        return ()
    liked = [symbol for coin in EXAMPLE_COINS for symbol in symbols if coin_of(symbol).name == coin]
    chosen = dict.fromkeys([*liked, *symbols])
    return tuple(BookLine(symbol, size, "usd") for symbol, size in zip(chosen, EXAMPLE_USD, strict=False))
