"""Prices from Yahoo Finance."""

from __future__ import annotations

import os
import re
from typing import Literal

import pandas as pd
import requests

from data.deadline import DeadlinePassedError, call_within
from data.errors import ChangeInputError, UnknownSymbolError
from data.prices import BarInterval, PriceHistory, validated_history
from data.sources import PriceSource
from data.yahoo_errors import no_prices, no_single_price, not_understood, translated
from data.yahoo_vendor import vendor_history
from data.yahoo_wire import (
    BASE_URL_VARIABLE,
    GuardedSession,
    YahooAnswer,
    default_session,
    session_for,
)

# Offered, not promised: liquid pairs whose tickers on Yahoo are certain.
_SUGGESTIONS = (
    "BTC-USD",
    "ETH-USD",
    "SOL-USD",
    "BNB-USD",
    "XRP-USD",
    "ADA-USD",
    "DOGE-USD",
    "AVAX-USD",
    "LINK-USD",
    "LTC-USD",
    "BCH-USD",
    "DOT-USD",
    "ATOM-USD",
    "NEAR-USD",
    "XLM-USD",
    "SUI20947-USD",
)

# The first character keeps path steps such as ".." out of the address.
_SYMBOL = re.compile(r"\^?[A-Z0-9][A-Z0-9.^=-]*")
_LONGEST_SYMBOL = 20
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")

#: Yahoo refuses hours older than 730 days, counted to the second at its own clock.
HOURLY_DAYS = 729
_YAHOO_INTERVAL: dict[BarInterval, Literal["1d", "1h"]] = {"daily": "1d", "hourly": "1h"}


class YahooSource(PriceSource):
    """Daily closes of five years and hourly closes of two, for any ticker quoted in USD.

    Parameters
    ----------
    session : requests.Session, optional
        Sends the requests. By default one per fetch that Yahoo takes for a browser, or one to the
        server that the environment variable ``HEDGING_YAHOO_BASE_URL`` names.
    deadline_seconds : float
        Time after which :meth:`fetch` has come back, with prices or an error.
    history_days : int
        How far back to ask; hourly closes go back 729 days at most.
    """

    name = "Yahoo Finance"
    accepts_any_symbol = True

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        deadline_seconds: float = 15.0,
        history_days: int = 1826,
    ) -> None:
        self._session = session
        self._deadline_seconds = deadline_seconds
        self._history_days = history_days

    def symbols(self) -> tuple[str, ...]:
        """Suggestions; any other ticker of Yahoo is accepted too."""
        return _SUGGESTIONS

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Daily and hourly, for every symbol."""
        return ("daily", "hourly")

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """All validated closes of one ticker up to ``now``, adjusted for splits and dividends.

        Parameters
        ----------
        symbol : str
            A ticker as Yahoo spells it, in any case.
        interval : {"daily", "hourly"}
            Length of a bar. Daily bars of a stock are stamped at midnight of its exchange.
        now : pandas.Timestamp
            The present, timezone-aware; a bar that is not finished then is left out.

        Raises
        ------
        NoNetworkError, RateLimitedError, DeadlineError
            Nothing is wrong with the request.
        UnknownSymbolError
            The symbol cannot be a ticker, or Yahoo does not have it.
        NoDataInRangeError
            Yahoo has the symbol, without prices in the range.
        ChangeInputError
            The symbol is not quoted in USD, or the environment names an unusable server.
        SourceAnswerError
            The answer is not a price history.
        """
        ticker = checked_symbol(symbol)
        end = now.tz_convert("UTC")
        days = self._history_days if interval == "daily" else min(self._history_days, HOURLY_DAYS)
        bars, _ = ask_bars(
            ticker,
            interval=interval,
            start=end - pd.Timedelta(days=days),
            end=end,
            session=self._session,
            deadline_seconds=self._deadline_seconds,
        )
        closes = bars["Close"]
        if closes.isna().all():
            raise no_single_price(ticker)
        return validated_history(closes, symbol=ticker, source=self.name, interval=interval, now=now)


def ask_bars(
    ticker: str,
    *,
    interval: BarInterval,
    start: pd.Timestamp,
    end: pd.Timestamp,
    session: requests.Session | None,
    deadline_seconds: float,
) -> tuple[pd.DataFrame, YahooAnswer]:
    """Bars of one ticker in USD as the vendor gives them, and what Yahoo said about it.

    Parameters
    ----------
    ticker : str
        Checked by :func:`checked_symbol`.
    interval : {"daily", "hourly"}
    start, end : pandas.Timestamp
        UTC; ``end`` itself is left out.
    session, deadline_seconds
        As in :class:`YahooSource`.

    Returns
    -------
    pandas.DataFrame
        As :func:`data.yahoo_vendor.vendor_history`, on UTC instants; unchecked but for being there.
    YahooAnswer

    Raises
    ------
    DataError
        As :meth:`YahooSource.fetch`.
    """
    try:
        bars, answer = call_within(
            lambda: _ask(
                ticker, interval=interval, start=start, end=end, session=session, seconds=deadline_seconds
            ),
            seconds=deadline_seconds,
            name=f"Yahoo {ticker}",
        )
    except DeadlinePassedError as error:
        raise translated(error, symbol=ticker, answer=YahooAnswer()) from error
    if bars.empty:
        raise no_prices(ticker) if answer.meta else not_understood("gave no prices", symbol=ticker)
    _check_currency(ticker, answer)
    return bars, answer


def _ask(
    ticker: str,
    *,
    interval: BarInterval,
    start: pd.Timestamp,
    end: pd.Timestamp,
    session: requests.Session | None,
    seconds: float,
) -> tuple[pd.DataFrame, YahooAnswer]:
    """May hang."""
    inner = session or _session_of_environment()
    guard = GuardedSession(inner, seconds=seconds)
    try:
        frame = vendor_history(
            ticker, session=guard, start=start, end=end, interval=_YAHOO_INTERVAL[interval]
        )
        bars = frame.set_axis(_on_utc(frame.index)).astype({"Close": "float64"})
    except Exception as error:
        # Whatever the vendor raises, now or in its next version, must not reach a page raw.
        raise translated(error, symbol=ticker, answer=guard.last_answer()) from error
    finally:
        if inner is not session:
            inner.close()
    return bars, guard.last_answer()


def checked_symbol(symbol: str) -> str:
    """Return a typed ticker as Yahoo spells it, or refuse what cannot be one.

    Parameters
    ----------
    symbol : str
        What was typed. Surrounding blanks and the case do not matter.

    Raises
    ------
    UnknownSymbolError
        It is empty, too long, an ISIN, or has characters that no ticker has.
    """
    ticker = symbol.strip()
    # Before upper(): it turns some letters of other scripts into plain ones.
    ticker = ticker.upper() if ticker.isascii() else ""
    fits = len(ticker) <= _LONGEST_SYMBOL and _SYMBOL.fullmatch(ticker) is not None
    # An ISIN would make the client search for its ticker and price whatever comes first.
    if fits and _ISIN.fullmatch(ticker) is None:
        return ticker
    raise UnknownSymbolError(
        f"{symbol[:40]!r} cannot be a ticker of Yahoo Finance",
        parameter="symbol",
        value=symbol,
        allowed=f"letters, digits and . - ^ =, {_LONGEST_SYMBOL} characters at most, and no ISIN",
        remedy="Type a ticker such as BTC-USD, SUI20947-USD or ^GSPC.",
    )


def _session_of_environment() -> requests.Session:
    base_url = os.environ.get(BASE_URL_VARIABLE)
    return session_for(base_url) if base_url else default_session()


def _on_utc(stamps: pd.Index) -> pd.DatetimeIndex:
    index = pd.DatetimeIndex(stamps)
    if index.tz is None:
        index = index.tz_localize("UTC")
    return index.tz_convert("UTC").as_unit("ns")


def _check_currency(ticker: str, answer: YahooAnswer) -> None:
    currency = (answer.meta or {}).get("currency")
    if currency == "USD":
        return
    quoted = f"is quoted in {currency}, not in USD" if currency else "is quoted in an unknown currency"
    raise ChangeInputError(
        f"{ticker} {quoted}",
        parameter="symbol",
        value=ticker,
        allowed="instruments quoted in USD",
        remedy="Choose a ticker that is quoted in USD, such as BTC-USD.",
    )
