"""A source whose prices are kept: shown at once from the store, brought up to date behind the scenes."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from data.collect import Collected, collect
from data.environment import configured_store, utc_now
from data.errors import (
    DamagedSeriesError,
    DataError,
    DeadlineError,
    NotStoredError,
    SourceAnswerError,
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

#: Prices younger than this are not asked for again.
FRESH_SECONDS = 300.0
DOWNLOAD_SECONDS = 90.0
#: Series of which it is remembered when they were asked for; a link can name any number of symbols.
MOST_REMEMBERED = 500
MOST_SENTENCES = 100

_log = logging.getLogger(__name__)


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
        with self._lock:
            is_refreshing = key in self._under_way
        return KeptState(fetched, self._troubles.get(key), is_refreshing=is_refreshing)

    def ask_again(self) -> None:
        """Let the next look at each series ask the source, however recently it was asked."""
        self._wanted_newer_than = self._clock()
        self._tried.clear()

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
        if self._readings.known(symbol) or self._recently_tried(key) or self._is_stored(key):
            return key
        try:
            self._readings.asked(symbol, now=self._clock())
        except DataError as error:
            self._remember(key, error)
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
            if not self._recently_tried(key):
                self._download(key)
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
            self._refresh(key)
        return stored

    def _first(self, key: SeriesKey) -> StoredSeries:
        """The whole series, downloaded now or from where the last download broke off."""
        known = self._troubles.get(key) if self._recently_tried(key) else None
        if known is None or isinstance(known, DeadlineError):  # a long download goes on at each look
            self._download(key)
        try:
            stored = self._store.read(key)
        except NotStoredError as error:
            raise self._troubles.get(key, error) from None
        trouble = self._troubles.get(key)
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
                self._bring_up_to_date(key)
            finally:
                with self._lock:
                    self._under_way.discard(key)

        threading.Thread(target=run, name=f"refresh {key.symbol[:20]}", daemon=True).start()

    def _bring_up_to_date(self, key: SeriesKey) -> None:
        """Download what is missing, under the market's own symbol where another one was stored."""
        read = key
        with suppress(DataError):
            known = self._readings.known(key.symbol)
            read = key_as_read(key, known or self._readings.asked(key.symbol, now=self._clock()))
        self._download(read)
        if read != key:
            self._remember(key, self._troubles.get(read))

    def _download(self, key: SeriesKey) -> None:
        """Fetch what is missing; sessions that want the same series wait for the one that fetches it."""
        with self._lock:
            turn = self._one_at_a_time.setdefault(key, threading.Lock())
        asked = self._clock()
        with turn:
            tried = self._tried.get(key)
            if tried is not None and tried >= asked:  # while this one waited its turn
                return
            problem: DataError | None = None
            try:
                found = self._collected(key)
                if _is_on_another_basis(found):
                    # Every earlier price differs by one factor, as after a split: the whole history again.
                    found = self._collected(key, anew=True)
                problem = found.problem
            except Exception as error:  # a fault of ours must not ask the source in an endless loop
                _log.error("a download from %s ended with %s", self._pages.name, type(error).__name__)
                problem = _not_understood(self.name, key)
            finally:
                self._remember(key, problem)

    def _remember(self, key: SeriesKey, problem: DataError | None) -> None:
        with self._lock:
            self._tried.pop(key, None)
            self._tried[key] = self._clock()
            self._troubles.pop(key, None)
            if problem is not None:
                self._troubles[key] = problem
            while len(self._tried) > MOST_REMEMBERED:
                oldest = next(iter(self._tried))
                del self._tried[oldest]
                self._troubles.pop(oldest, None)
                turn = self._one_at_a_time.get(oldest)
                if turn is not None and not turn.locked():
                    del self._one_at_a_time[oldest]

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


def _is_on_another_basis(found: Collected) -> bool:
    """Whether every close that was compared differs, all by one factor; a single corrected bar is none."""
    closes = {each.at for each in found.contradictions if each.column == "close"}
    return (
        isinstance(found.problem, StoreError)
        and found.factor is not None
        and len(closes) == found.n_already_there > 1
    )


def _not_understood(name: str, key: SeriesKey) -> SourceAnswerError:
    return SourceAnswerError(
        f"{name} answered something for {key.symbol} that this program cannot read",
        parameter="source",
        value=name,
        allowed="an answer in its usual format",
        remedy="Try again in a few minutes, or use another source.",
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
    said: deque[str] = deque(maxlen=MOST_SENTENCES)
    return KeptSource(live, paged_source(name, say=said.append), open_store(address), said=said)
