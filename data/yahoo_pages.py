"""Yahoo Finance page by page: what is missing since the last stored bar, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd
import requests

from data.errors import ChangeInputError, NoDataInRangeError
from data.prices import BAR_LENGTH, LARGEST_PRICE, SMALLEST_PRICE, BarInterval, validated_history
from data.series import PRICE_COLUMNS, PagedSource, SeriesKey
from data.yahoo import HOURLY_DAYS, ask_bars, checked_symbol
from data.yahoo_errors import no_prices, no_single_price, not_understood
from data.yahoo_wire import YahooAnswer

# Requests are what Yahoo limits, bytes are not: five years of days are 150 kB.
_PAGE: Final[dict[BarInterval, pd.Timedelta]] = {
    "daily": pd.Timedelta(days=1826),
    "hourly": pd.Timedelta(days=365),
}
# Yahoo's quotes are late by up to this: a bar that has just ended still changes.
SETTLING: Final = pd.Timedelta(minutes=30)
# Yahoo brings the close of a bar that has just ended hours late at times; so many are no fault yet.
_LATE_BARS: Final = 3
# No weekend with holidays lasts as long as this.
_LONGEST_PAUSE: Final = pd.Timedelta(days=5)
# What Yahoo counts in units of the instrument; it counts the volume of a coin in USD.
_VOLUME_IN_UNITS: Final = frozenset({"EQUITY", "ETF", "FUTURE"})


class YahooPages(PagedSource):
    """Bars of any ticker quoted in USD, adjusted for splits and dividends, one request a page.

    Parameters
    ----------
    session : requests.Session, optional
        As in :class:`data.yahoo.YahooSource`.
    deadline_seconds : float
        Time after which each page has come or an error was raised.
    first_days : int
        How far back the first download of daily bars goes; hourly bars go back 729 days.
    """

    name = "yahoo"

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        deadline_seconds: float = 15.0,
        first_days: int = 5478,
    ) -> None:
        self._session = session
        self._deadline_seconds = deadline_seconds
        self._first_days = first_days

    def pages(
        self, key: SeriesKey, *, start: pd.Timestamp | None, now: pd.Timestamp
    ) -> Iterator[pd.DataFrame]:
        """Finished bars after ``start``, oldest page first.

        ``volume`` is NaN where Yahoo has none or counts it in USD, as it does for coins; ``open``,
        ``high`` and ``low`` are NaN where they are no prices. A bar is finished half an hour after its
        end, and for a coin only once Yahoo itself has seen its end, whatever the clock here says. After a
        split or dividend Yahoo changes all earlier bars: whoever appends must compare some of them.

        Raises
        ------
        ChangeInputError
            The series is none of prices, or one of the errors of :meth:`data.yahoo.YahooSource.fetch`.
        TryAgainError, SourceAnswerError
            As :meth:`data.yahoo.YahooSource.fetch`; also when the answer for one page is empty between
            others that are not.
        """
        ticker, interval = _checked(key)
        end = now.tz_convert("UTC").floor("s")  # Yahoo counts whole seconds
        days = self._first_days if interval == "daily" else HOURLY_DAYS
        first, last = end - pd.Timedelta(days=days), None
        if start is not None:
            last = start.tz_convert("UTC")
            since = last.floor("s") + pd.Timedelta(seconds=1)
            first = max(first, since) if interval == "hourly" else since
            if last + BAR_LENGTH[interval] + SETTLING > end:
                return  # no bar after it can have ended
        answered = handed_over = False
        gap = ""
        for low, high in _windows(first, end, _PAGE[interval]):
            page = self._page(ticker, interval, low, high, after=last, now=end)
            if page is None:
                gap = gap or f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
                continue
            answered = True
            if page.empty:
                continue
            if handed_over and gap:
                raise not_understood(f"left out {gap}, between years with prices,", symbol=ticker)
            handed_over, gap, last = True, "", page.index[-1]
            yield page
        if not handed_over and (start is None or not (answered or end - first < _LONGEST_PAUSE)):
            raise no_prices(ticker)

    def _page(
        self,
        ticker: str,
        interval: BarInterval,
        low: pd.Timestamp,
        high: pd.Timestamp,
        *,
        after: pd.Timestamp | None,
        now: pd.Timestamp,
    ) -> pd.DataFrame | None:
        """Finished bars of one window that come after the last one; None where Yahoo has no bars at all."""
        try:
            bars, answer = ask_bars(
                ticker,
                interval=interval,
                start=low,
                end=high,
                session=self._session,
                deadline_seconds=self._deadline_seconds,
            )
        except NoDataInRangeError:
            return None
        if after is not None:
            # Yahoo picks rows by the opening of the exchange; their stamps are its midnight before.
            bars = bars[bars.index > after]
        bars = _columns(bars, answer)
        bars = bars[bars.index <= _known_until(answer, now) - BAR_LENGTH[interval]]
        if bars["close"].isna().all():
            if len(bars) > _LATE_BARS:
                raise no_single_price(ticker)
            return bars.iloc[:0]
        history = validated_history(
            bars["close"], symbol=ticker, source="Yahoo Finance", interval=interval, now=now
        )
        return bars[~bars.index.duplicated()].loc[history.prices.index]


def _checked(key: SeriesKey) -> tuple[str, BarInterval]:
    if key.kind == "prices" and key.interval is not None:
        return checked_symbol(key.symbol), key.interval
    raise ChangeInputError(
        f"Yahoo Finance has no {key.kind} of {key.symbol}",
        parameter="kind",
        value=key.kind,
        allowed="daily or hourly prices",
        remedy="Take funding from an exchange.",
    )


def _windows(
    first: pd.Timestamp, end: pd.Timestamp, length: pd.Timedelta
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    low = first
    while low < end:
        high = min(low + length, end)
        yield low, high
        low = high


def _known_until(answer: YahooAnswer, now: pd.Timestamp) -> pd.Timestamp:
    """The instant at which a bar must have ended to be final."""
    meta = answer.meta or {}
    latest = meta.get("regularMarketTime")
    settled = now - SETTLING
    # Coins trade round the clock: what Yahoo has not seen the end of is open, however fast the clock
    # of this machine goes.
    if meta.get("instrumentType") == "CRYPTOCURRENCY" and isinstance(latest, int):
        return min(settled, pd.Timestamp(latest, unit="s", tz="UTC"))
    return settled


def _columns(bars: pd.DataFrame, answer: YahooAnswer) -> pd.DataFrame:
    named = bars.rename(columns=str.lower)[list(PRICE_COLUMNS)].astype("float64")
    for name in ("open", "high", "low"):
        named[name] = named[name].where(named[name].between(SMALLEST_PRICE, LARGEST_PRICE))
    in_units = (answer.meta or {}).get("instrumentType") in _VOLUME_IN_UNITS
    # The vendor writes 0 where Yahoo gave none.
    named["volume"] = named["volume"].where(in_units & (named["volume"] > 0))
    named.index.name = None
    return named
