"""A paged source that hands over made-up rows, and fails where a test wants it to."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from data.errors import UnknownSymbolError
from data.prices import BAR_LENGTH, BarInterval
from data.series import FUNDING_COLUMNS, PRICE_COLUMNS, PagedSource, SeriesKey


def key_of(symbol: str = "SOL/USDT:USDT", interval: BarInterval | None = "daily") -> SeriesKey:
    """The key of a series of the fake source; funding where there is no interval."""
    return SeriesKey("fake", symbol, "prices" if interval else "funding", interval)


def price_rows(
    n: int, *, first: str = "2020-01-01", symbol: str = "SOL", interval: BarInterval = "daily"
) -> pd.DataFrame:
    """Bars of a random walk that depends on nothing but the symbol; fewer rows are the first of more."""
    seed = zlib.crc32(symbol.encode())
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.03, n)))
    volume = np.random.default_rng(seed + 1).uniform(1e3, 1e6, n)
    columns = [close * 0.99, close * 1.02, close * 0.97, close, volume]
    index = pd.date_range(first, periods=n, freq=BAR_LENGTH[interval], tz="UTC", unit="ns")
    return pd.DataFrame(np.column_stack(columns), index=index, columns=list(PRICE_COLUMNS))


def funding_rows(n: int, *, first: str = "2020-01-01") -> pd.DataFrame:
    """Charges every eight hours, every third without a mark price."""
    random = np.random.default_rng(7)
    index = pd.date_range(first, periods=n, freq="8h", tz="UTC", unit="ns")
    rate = np.round(random.normal(1e-4, 5e-5, n), 8)
    mark = np.where(np.arange(n) % 3 == 0, np.nan, 100.0 + np.arange(n))
    return pd.DataFrame(np.column_stack([rate, mark]), index=index, columns=list(FUNDING_COLUMNS))


class FakePages(PagedSource):
    """Pages out of a mapping of symbol to all its rows.

    Parameters
    ----------
    rows : mapping of str to pandas.DataFrame
        May be changed by a test between two downloads: a source that changes its mind.
    page_rows : int
    name : str

    Attributes
    ----------
    failure : tuple of int and Exception, or None
        The number of pages handed over before this error is raised.
    asked : list of (str, pandas.Timestamp or None)
        Every symbol that was asked for, and from where.
    """

    def __init__(self, rows: Mapping[str, pd.DataFrame], *, page_rows: int = 100, name: str = "fake") -> None:
        self.name = name
        self.rows = dict(rows)
        self.page_rows = page_rows
        self.failure: tuple[int, Exception] | None = None
        self.asked: list[tuple[str, pd.Timestamp | None]] = []

    def pages(
        self, key: SeriesKey, *, start: pd.Timestamp | None, now: pd.Timestamp
    ) -> Iterator[pd.DataFrame]:
        self.asked.append((key.symbol, start))
        if key.symbol not in self.rows:
            raise UnknownSymbolError(
                f"{self.name} does not know {key.symbol}",
                parameter="symbol",
                value=key.symbol,
                allowed=", ".join(self.rows),
                remedy="Choose one of these.",
            )
        rows = self.rows[key.symbol]
        length = pd.Timedelta(0) if key.interval is None else BAR_LENGTH[key.interval]
        rows = rows[rows.index + length <= now]
        if start is not None:
            rows = rows[rows.index > start]
        return self._cut(rows)

    def _cut(self, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
        for number, begin in enumerate(range(0, len(rows), self.page_rows)):
            self._fail_at(number)
            yield rows.iloc[begin : begin + self.page_rows]
        self._fail_at(-(-len(rows) // self.page_rows))

    def _fail_at(self, number: int) -> None:
        if self.failure is not None and self.failure[0] == number:
            raise self.failure[1]
