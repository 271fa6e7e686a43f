"""A source whose prices are kept: shown at once from the store, brought up to date behind the scenes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd

from data.collect import Collected, collect
from data.environment import configured_store, utc_now
from data.errors import DataError, NotStoredError, StoreError
from data.perpetuals import PerpetualHistory
from data.prices import BarInterval, PriceHistory
from data.registry import paged_source, shared_exchange, stored_symbol
from data.series import PagedSource, SeriesKey
from data.sources import PriceSource
from data.store import Store, StoredSeries, open_store

#: Prices younger than this are not asked for again.
FRESH_SECONDS = 300.0
DOWNLOAD_SECONDS = 90.0


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
    waited for. A source that fails changes nothing: what is stored stays, and says why it is not newer.

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
    """

    def __init__(
        self,
        live: PriceSource,
        pages: PagedSource,
        store: Store,
        *,
        clock: Callable[[], pd.Timestamp] = utc_now,
        deadline_seconds: float = DOWNLOAD_SECONDS,
    ) -> None:
        self.name = live.name
        self.accepts_any_symbol = live.accepts_any_symbol
        self._live, self._pages, self._store, self._clock = live, pages, store, clock
        self._deadline_seconds = deadline_seconds
        self._lock = threading.Lock()
        self._one_at_a_time: dict[SeriesKey, threading.Lock] = {}
        self._under_way: set[SeriesKey] = set()
        self._tried: dict[SeriesKey, pd.Timestamp] = {}
        self._troubles: dict[SeriesKey, DataError] = {}

    def symbols(self) -> tuple[str, ...]:
        """As the live source."""
        return self._live.symbols()

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """As the live source."""
        return self._live.intervals(symbol)

    def has(self, symbol: str, interval: BarInterval) -> bool:
        """Whether prices of a symbol are stored, so that nobody has to wait for them."""
        return self._key(symbol, interval) in self._store

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
        with self._lock:
            is_refreshing = key in self._under_way
        return KeptState(fetched, self._troubles.get(key), is_refreshing=is_refreshing)

    def ask_again(self) -> None:
        """Let the next look at each series ask the source, however recently it was asked."""
        self._tried.clear()

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """Closes from the store, fetched first where there are none.

        Raises
        ------
        DataError
            There are none, and the source did not give them either.
        """
        key = self._key(symbol, interval)
        stored = self._series(key)
        if stored is None:
            try:
                return self._history(self._first(key), now)
            except StoreError:  # without a store the prices are only not kept
                return self._live.fetch(symbol, interval=interval, now=now)
        return self._history(stored, now)

    def funding(self, symbol: str) -> PerpetualHistory:
        """Funding rates of a perpetual, through the store like its prices.

        Raises
        ------
        DataError
            There are none, and the source did not give them either.
        """
        key = SeriesKey(self._pages.name, stored_symbol(self._pages.name, symbol), "funding", None)
        stored = self._series(key) or self._first(key)
        return PerpetualHistory(
            symbol=symbol,
            source=f"{self.name}, fetched {stored.fetched_at:%Y-%m-%d %H:%M} UTC",
            funding_rates=stored.rows["rate"].dropna().rename("funding_rate"),
            prices=None,
            simulated=False,
        )

    def _key(self, symbol: str, interval: BarInterval) -> SeriesKey:
        return SeriesKey(self._pages.name, stored_symbol(self._pages.name, symbol), "prices", interval)

    def _series(self, key: SeriesKey) -> StoredSeries | None:
        """What is stored, on its way to being fresh; None where a download has to be waited for."""
        try:
            stored = self._store.read(key)
        except NotStoredError:
            return None
        except DataError as error:
            # A damaged file is fetched again; if that fails, its own message says the most.
            self._download(key)
            try:
                return self._store.read(key)
            except DataError:
                raise error from None
        if stored.checked_at is None and not self._recently_tried(key):  # broken off in the middle
            return None
        if (self._clock() - stored.fetched_at).total_seconds() >= FRESH_SECONDS:
            self._refresh(key)
        return stored

    def _first(self, key: SeriesKey) -> StoredSeries:
        self._download(key)
        try:
            return self._store.read(key)
        except NotStoredError as error:
            raise self._troubles.get(key, error) from None

    def _history(self, stored: StoredSeries, now: pd.Timestamp) -> PriceHistory:
        return stored.history(source=self.name, now=now)

    def _recently_tried(self, key: SeriesKey) -> bool:
        tried = self._tried.get(key)
        return tried is not None and (self._clock() - tried).total_seconds() < FRESH_SECONDS

    def _refresh(self, key: SeriesKey) -> None:
        """Bring a series up to date beside everything else, once for everybody."""
        if self._recently_tried(key):
            return
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)

        def run() -> None:
            try:
                self._download(key)
            finally:
                with self._lock:
                    self._under_way.discard(key)

        threading.Thread(target=run, name=f"refresh {key.symbol[:20]}", daemon=True).start()

    def _download(self, key: SeriesKey) -> None:
        """Fetch what is missing; sessions that want the same series wait for the one that fetches it."""
        with self._lock:
            turn = self._one_at_a_time.setdefault(key, threading.Lock())
        asked = self._clock()
        with turn:
            tried = self._tried.get(key)
            if tried is not None and tried >= asked:  # while this one waited its turn
                return
            found = self._collected(key)
            if isinstance(found.problem, StoreError) and found.factor is not None:
                # Every earlier price is on another basis now, as after a split: the whole history again.
                found = self._collected(key, anew=True)
            self._tried[key] = self._clock()
            if found.problem is None:
                self._troubles.pop(key, None)
            else:
                self._troubles[key] = found.problem

    def _collected(self, key: SeriesKey, *, anew: bool = False) -> Collected:
        return collect(
            self._pages,
            key,
            self._store,
            now=self._clock(),
            anew=anew,
            deadline_seconds=self._deadline_seconds,
            wait_seconds=self._deadline_seconds,
        )


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
    return KeptSource(live, paged_source(name), open_store(address))
