"""A source whose prices are kept: shown at once from the store, brought up to date behind the scenes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from data.downloads import FRESH_SECONDS, Downloads
from data.environment import configured_store, utc_now
from data.errors import (
    DamagedSeriesError,
    DataError,
    DeadlineError,
    NotStoredError,
    StoreError,
    StoreFormatError,
)
from data.perpetuals import PerpetualHistory
from data.prices import BarInterval, PriceHistory
from data.readings import Readings, key_as_read
from data.registry import paged_source, shared_exchange, stored_symbol
from data.series import PagedSource, SeriesKey
from data.sources import PriceSource
from data.store import Store, StoredSeries, open_store

DOWNLOAD_SECONDS = 90.0
MOST_SENTENCES = 100


@dataclass(frozen=True)
class KeptState:
    """How up to date a stored series is.

    Attributes
    ----------
    fetched_at : pandas.Timestamp or None
        When its newest rows came; None where nothing is stored.
    trouble : DataError or None
        Why the source gave nothing newer when it was last asked.
    is_refreshing : bool
        Whether it is being asked now.
    """

    fetched_at: pd.Timestamp | None
    trouble: DataError | None
    is_refreshing: bool


class KeptSource(PriceSource):
    """Prices of a live source through the store.

    What is stored is answered at once, however old; when it is not fresh, one thread for each series asks
    the source for what is missing, for all sessions together. Only a series that was never fetched is
    waited for, and one of which the first download broke off: its rows end long before today. A source that
    fails changes nothing: what is stored stays, and says why it is not newer. It is not asked again for some
    minutes, whatever it failed for.

    Parameters
    ----------
    live : PriceSource
        Names, symbols and bar lengths; asked for prices only where the store cannot be written.
    pages : PagedSource
        The same source page by page.
    store : Store
    clock : callable
        The present.
    deadline_seconds : float
        For the first download of a series.
    said : deque of str, optional
        Sentences of the source, such as how a symbol was read; those that name a symbol stand in its notes.
    """

    def __init__(
        self,
        live: PriceSource,
        pages: PagedSource,
        store: Store,
        *,
        clock: Callable[[], pd.Timestamp] = utc_now,
        deadline_seconds: float = DOWNLOAD_SECONDS,
        said: deque[str] | None = None,
    ) -> None:
        self.name = live.name
        self.accepts_any_symbol = live.accepts_any_symbol
        self._live, self._pages, self._store, self._clock = live, pages, store, clock
        self._deadline_seconds = deadline_seconds
        self._said = deque(maxlen=MOST_SENTENCES) if said is None else said
        self._readings = Readings(pages, store)
        self._wanted_newer_than: pd.Timestamp | None = None
        self._downloads = Downloads(
            pages, store, clock=clock, name=live.name, deadline_seconds=deadline_seconds
        )

    def symbols(self) -> tuple[str, ...]:
        """As the live source."""
        return self._live.symbols()

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """As the live source."""
        return self._live.intervals(symbol)

    def has(self, symbol: str, interval: BarInterval) -> bool:
        """Whether prices of a symbol are stored to their end, so that nobody has to wait for them.

        Raises
        ------
        StoreError
            The store itself cannot be read.
        """
        try:
            return not self._store.info(self._key(symbol, interval)).unfinished
        except (NotStoredError, DamagedSeriesError, StoreFormatError):
            return False

    def version(self, symbol: str, interval: BarInterval) -> str:
        """Changes when what is stored changes; empty where nothing is stored."""
        try:
            return self._store.version(self._key(symbol, interval))
        except DataError:
            return ""

    def state(self, symbol: str, interval: BarInterval) -> KeptState:
        """How up to date a series is; cheap enough for every run of a page."""
        try:
            key = self._key(symbol, interval)
            fetched = self._store.info(key).fetched_at
        except DataError:
            return KeptState(None, None, is_refreshing=False)
        return KeptState(
            fetched, self._downloads.trouble(key), is_refreshing=self._downloads.is_under_way(key)
        )

    def ask_again(self) -> None:
        """Let the next look at each series ask the source, however recently it was asked."""
        self._wanted_newer_than = self._clock()
        self._downloads.forget_tries()

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """Closes from the store, fetched first where there are none.

        Raises
        ------
        DataError
            There are none, and the source did not give them either.
        """
        key = self._key_to_fetch(symbol, interval)
        try:
            return self._history(symbol, self._series(key) or self._first(key), now)
        except StoreError as error:  # without a store the prices are only not kept
            try:
                live = self._live.fetch(symbol, interval=interval, now=now)
            except DataError:
                raise error from None
            return replace(live, notes=(*live.notes, f"Not kept: {error.problem}."))

    def funding(self, symbol: str) -> PerpetualHistory:
        """Funding rates of a perpetual, through the store like its prices.

        Raises
        ------
        DataError
            There are none, and the source did not give them either.
        """
        key = self._key_to_fetch(symbol, None)
        try:
            stored = self._series(key) or self._first(key)
            rows, fetched_at = stored.rows, stored.fetched_at
        except StoreError as error:
            rows, fetched_at = self._unkept(key, error), self._clock()
        return PerpetualHistory(
            symbol=symbol,
            source=f"{self.name}, fetched {fetched_at:%Y-%m-%d %H:%M} UTC",
            funding_rates=rows["rate"].dropna().rename("funding_rate"),
            prices=None,
            simulated=False,
        )

    def _key(self, symbol: str, interval: BarInterval | None) -> SeriesKey:
        """The series of a symbol, as far as that is known without asking; funding without an interval."""
        spelled = stored_symbol(self._pages.name, symbol)
        typed = SeriesKey(self._pages.name, spelled, "funding" if interval is None else "prices", interval)
        read = key_as_read(typed, self._readings.known(symbol))
        # An earlier version stored under the symbol as it was typed: shown until the other one is there.
        is_old = read != typed and not self._is_stored(read) and self._is_stored(typed)
        return typed if is_old else read

    def _key_to_fetch(self, symbol: str, interval: BarInterval | None) -> SeriesKey:
        """As :meth:`_key`; where nothing is stored yet, the source is asked what the symbol means."""
        key = self._key(symbol, interval)
        if self._readings.known(symbol) or self._downloads.recently_tried(key) or self._is_stored(key):
            return key
        try:
            self._readings.asked(symbol, now=self._clock())
        except DataError as error:
            self._downloads.remember(key, error)
        return self._key(symbol, interval)

    def _is_stored(self, key: SeriesKey) -> bool:
        try:
            return key in self._store
        except StoreError:
            return False

    def _series(self, key: SeriesKey) -> StoredSeries | None:
        """What is stored, on its way to being fresh; None where a download has to be waited for."""
        try:
            stored = self._store.read(key)
        except NotStoredError:
            return None
        except DataError as error:
            # A damaged file is fetched again; if that fails, its own message says the most.
            if not self._downloads.recently_tried(key):
                self._downloads.run(key)
            try:
                return self._store.read(key)
            except DataError:
                raise error from None
        if stored.checked_at is None:  # broken off in the middle
            return None
        asked_for = self._wanted_newer_than
        if (self._clock() - stored.fetched_at).total_seconds() >= FRESH_SECONDS or (
            asked_for is not None and stored.fetched_at < asked_for
        ):
            self._downloads.beside(key, self._bring_up_to_date)
        return stored

    def _first(self, key: SeriesKey) -> StoredSeries:
        """The whole series, downloaded now or from where the last download broke off."""
        known = self._downloads.trouble(key) if self._downloads.recently_tried(key) else None
        if known is None or isinstance(known, DeadlineError):  # a long download goes on at each look
            self._downloads.run(key)
        try:
            stored = self._store.read(key)
        except NotStoredError as error:
            raise self._downloads.trouble(key) or error from None
        trouble = self._downloads.trouble(key)
        if stored.checked_at is None and trouble is not None:
            # Oldest rows come first: what is there may end years ago, and is no price of today.
            came = f"{len(stored.rows):,} rows up to {stored.rows.index[-1]:%Y-%m-%d} have come"
            raise type(trouble)(
                f"{trouble.problem}; {came}",
                parameter=trouble.parameter,
                value=trouble.value,
                allowed=trouble.allowed,
                remedy=f"{trouble.remedy} The download goes on from there.",
            )
        return stored

    def _unkept(self, key: SeriesKey, problem: StoreError) -> pd.DataFrame:
        """All rows straight from the source, where they cannot be kept."""
        pages, end = [], time.monotonic() + self._deadline_seconds
        try:
            for page in self._pages.pages(key, start=None, now=self._clock()):
                pages.append(page)
                if time.monotonic() > end:
                    raise problem
        except StoreError:
            raise
        except DataError:
            raise problem from None
        if not pages:
            raise problem
        return pd.concat(pages)

    def _history(self, symbol: str, stored: StoredSeries, now: pd.Timestamp) -> PriceHistory:
        history = stored.history(source=self.name, now=now)
        reading = self._readings.known(symbol)
        read = () if reading is None or reading.sentence is None else (reading.sentence,)
        said = (*read, *(each for each in tuple(self._said) if history.symbol in each))
        spelled = stored_symbol(self._pages.name, symbol)
        return replace(history, symbol=spelled, notes=(*history.notes, *dict.fromkeys(said)))

    def _bring_up_to_date(self, key: SeriesKey) -> None:
        """Download what is missing, under the market's own symbol where another one was stored."""
        read = key
        with suppress(DataError):
            known = self._readings.known(key.symbol)
            read = key_as_read(key, known or self._readings.asked(key.symbol, now=self._clock()))
        self._downloads.run(read)
        if read != key:
            self._downloads.remember(key, self._downloads.trouble(read))


def kept_source(name: str) -> KeptSource:
    """The one kept source of this name for all sessions, on the store that the environment names now."""
    return _kept_source(name, configured_store())


@cache
def _kept_source(name: str, address: str | None) -> KeptSource:
    if name == "yahoo":
        from data.yahoo import YahooSource

        live: PriceSource = YahooSource()
    else:
        from data.exchanges.source import ExchangeSource

        live = ExchangeSource(name, exchange=shared_exchange(name))
    said: deque[str] = deque(maxlen=MOST_SENTENCES)
    return KeptSource(live, paged_source(name, say=said.append), open_store(address), said=said)
