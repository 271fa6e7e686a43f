"""What is stored of a market, and how any source hands it over: page by page, oldest first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from data.prices import BarInterval

SeriesKind: TypeAlias = Literal["prices", "funding"]

#: Columns of a page of prices, float64; only ``close`` is never NaN. Volume is in units of the symbol.
PRICE_COLUMNS = ("open", "high", "low", "close", "volume")
#: Columns of a page of funding: rate per charge, fraction of notional; mark price in USD where it is known.
FUNDING_COLUMNS = ("rate", "mark")


@dataclass(frozen=True, order=True)
class SeriesKey:
    """Names one series: source, symbol as the source spells it, kind, and the length of its bars.

    Attributes
    ----------
    source : str
        Short name of the source, lower case: ``"yahoo"``, ``"binance"``, ``"bybit"``, ``"okx"``.
    symbol : str
        Hostile until escaped; never used as a path as it stands.
    kind : {"prices", "funding"}
    interval : {"daily", "hourly"} or None
        None for funding, whose intervals are its own.
    """

    source: str
    symbol: str
    kind: SeriesKind
    interval: BarInterval | None


@dataclass(frozen=True)
class Reading:
    """Which market a typed symbol means.

    Attributes
    ----------
    symbol : str
        As the series of this market is named.
    sentence : str or None
        What had to be decided, in words: ``"SOL was read as SOL/USDT:USDT, the perpetual in USDT"``.
    """

    symbol: str
    sentence: str | None = None


class PagedSource(ABC):
    """A source that hands a history over in pages, so that a download can be resumed where it stopped.

    A constructor stores settings and does nothing else.
    """

    #: As in :class:`SeriesKey`.
    name: str
    #: Whether one market has several spellings, so that the source is asked which one is meant.
    reads_symbols: bool = False

    def reading(self, typed: str) -> Reading:
        """Which market a typed symbol means.

        Raises
        ------
        DataError
            The source cannot be asked, or does not have it.
        """
        return Reading(typed)

    @abstractmethod
    def pages(
        self, key: SeriesKey, *, start: pd.Timestamp | None, now: pd.Timestamp
    ) -> Iterator[pd.DataFrame]:
        """Rows after ``start`` (all there are where it is None) up to ``now``, oldest page first.

        Each page has a unique increasing UTC ``DatetimeIndex`` in nanoseconds (start of the bar, or time of
        the charge rounded as the source gives it) and the columns of its kind. Pages do not overlap. Only
        bars that are finished at ``now`` are handed over. A page that has been handed over is good: what
        goes wrong later is raised by the next one.

        Raises
        ------
        DataError
            As :mod:`data.errors` groups them: try again, change the input, give up.
        """
