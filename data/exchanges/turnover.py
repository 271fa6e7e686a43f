"""What was traded in a day, for a ranking by liquidity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.exchanges.exchange import Exchange
from data.exchanges.failures import not_understood
from data.exchanges.markets import DOLLARS, Market


@dataclass(frozen=True)
class Turnover:
    """The last 24 hours of one linear perpetual.

    Attributes
    ----------
    exchange, symbol, coin : str
        The symbol as ccxt writes it.
    turnover_usd : float
        USD a day.
    price_usd : float
        Of one unit of the symbol, the last trade.
    """

    exchange: str
    symbol: str
    coin: str
    turnover_usd: float
    price_usd: float


def daily_turnover(exchange: Exchange) -> tuple[Turnover, ...]:
    """Every linear perpetual in dollars that was traded, the most traded first.

    A perpetual whose turnover the exchange does not state in dollars is left out.

    Raises
    ------
    DataError
        The exchange cannot be asked, or its answer is none.
    """
    budget = exchange.budget()
    perpetuals = {
        market.symbol: market
        for market in exchange.markets(budget)
        if market.kind == "linear" and market.perpetual and market.quote in DOLLARS
    }
    about = "what was traded today"
    tickers = exchange.ask(
        lambda client: client.fetch_tickers(None, exchange.rules.ticker_parameters),
        about=about,
        budget=budget,
        seconds=exchange.patience.markets_seconds,
    )
    if not isinstance(tickers, Mapping) or not tickers:
        raise not_understood("gave an empty answer", exchange=exchange.label, about=about)
    found = [
        each
        for symbol, ticker in tickers.items()
        if symbol in perpetuals and (each := _turnover(exchange, perpetuals[symbol], ticker)) is not None
    ]
    return tuple(sorted(found, key=lambda each: -each.turnover_usd))


def _turnover(exchange: Exchange, market: Market, ticker: Mapping[str, Any]) -> Turnover | None:
    price = _number(ticker.get("last"))
    traded = _number(ticker.get("quoteVolume"))
    if math.isnan(traded) and exchange.exchange_id == "okx":
        # ccxt's volumes of OKX's contracts count contracts; the exchange itself gives coins as well.
        info = ticker.get("info")
        traded = _number(info.get("volCcy24h") if isinstance(info, Mapping) else None) * price
    if not (0 < price < math.inf and 0 < traded < math.inf):
        return None
    return Turnover(exchange.label, market.symbol, market.coin, traded, price)


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
