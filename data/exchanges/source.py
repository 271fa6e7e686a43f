"""Prices of an exchange for the dashboard."""

from __future__ import annotations

from typing import Final

import pandas as pd

from data.errors import NoDataInRangeError
from data.exchanges.exchange import Exchange
from data.exchanges.pages import ExchangePages
from data.prices import BarInterval, PriceHistory, validated_history
from data.series import SeriesKey
from data.sources import PriceSource

# Offered, not promised: perpetuals that every large exchange has.
_COINS: Final = (
    *("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "AVAX"),
    *("LINK", "LTC", "BCH", "DOT", "ATOM", "NEAR", "XLM", "SUI"),
)
_SUGGESTIONS: Final = tuple(f"{coin}/USDT:USDT" for coin in _COINS)

_HISTORY_DAYS: Final[dict[BarInterval, int]] = {"daily": 1826, "hourly": 730}


class ExchangeSource(PriceSource):
    """Daily closes of five years and hourly closes of two, of any market in dollars.

    Keep one object for each exchange: it keeps the list of markets.

    Parameters
    ----------
    exchange_id : str
        As ccxt spells it: ``"binance"``, ``"bybit"``, ``"okx"`` or any other.
    exchange : Exchange, optional
        To share with others.
    deadline_seconds : float
        Time that one :meth:`fetch` may spend on asking and waiting.
    """

    accepts_any_symbol = True

    def __init__(
        self, exchange_id: str, *, exchange: Exchange | None = None, deadline_seconds: float = 60.0
    ) -> None:
        self._exchange = exchange or Exchange(exchange_id)
        self.name = self._exchange.label
        self._deadline_seconds = deadline_seconds

    def symbols(self) -> tuple[str, ...]:
        """Suggestions; any other market of the exchange is accepted too."""
        return _SUGGESTIONS

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Daily and hourly, for every symbol."""
        return ("daily", "hourly")

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """All validated closes of one market up to ``now``.

        Parameters
        ----------
        symbol : str
            As :func:`data.exchanges.markets.find_market` reads it.
        interval : {"daily", "hourly"}
        now : pandas.Timestamp
            The present; a bar that is not finished then, or by the exchange's clock, is left out.

        Raises
        ------
        DataError
            As :meth:`data.exchanges.ExchangePages.pages`.
        """
        said: list[str] = []
        pages = ExchangePages(
            self._exchange.exchange_id,
            exchange=self._exchange,
            say=said.append,
            total_seconds=self._deadline_seconds,
        )
        key = SeriesKey(self._exchange.exchange_id, symbol, "prices", interval)
        start = now - pd.Timedelta(days=_HISTORY_DAYS[interval])
        closes = [page["close"] for page in pages.pages(key, start=start, now=now)]
        if not closes:
            days = _HISTORY_DAYS[interval]
            raise NoDataInRangeError(
                f"{self.name} has no finished {interval} bar of {symbol} of the last {days:,} days",
                parameter="symbol",
                value=symbol,
                allowed="a market that has been traded lately",
                remedy="Choose another market or another bar length.",
            )
        return validated_history(
            pd.concat(closes), symbol=symbol, source=self.name, interval=interval, now=now, notes=said
        )
