"""Downloads into the store: one at a time for each series, what came of them remembered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pandas as pd

from data.collect import Collected, collect
from data.errors import DataError, SourceAnswerError, StoreError
from data.series import PagedSource, SeriesKey
from data.store import Store

#: Prices younger than this are not asked for again.
FRESH_SECONDS = 300.0
#: Series of which it is remembered when they were asked for; a link can name any number of symbols.
MOST_REMEMBERED = 500

_log = logging.getLogger(__name__)


class Downloads:
    """The downloads of one source.

    Parameters
    ----------
    pages : PagedSource
    store : Store
    clock : callable
        The present.
    name : str
        Of the source, for people.
    deadline_seconds : float
        For one download.
    """

    def __init__(
        self,
        pages: PagedSource,
        store: Store,
        *,
        clock: Callable[[], pd.Timestamp],
        name: str,
        deadline_seconds: float,
    ) -> None:
        self._pages, self._store, self._clock, self._name = pages, store, clock, name
        self._deadline_seconds = deadline_seconds
        self._lock = threading.Lock()
        self._one_at_a_time: dict[SeriesKey, threading.Lock] = {}
        self._under_way: set[SeriesKey] = set()
        self._tried: dict[SeriesKey, pd.Timestamp] = {}
        self._troubles: dict[SeriesKey, DataError] = {}

    @property
    def n_remembered(self) -> int:
        """Series of which anything is remembered: when, what went wrong, whose turn it is."""
        return max(len(self._tried), len(self._troubles), len(self._one_at_a_time))

    def trouble(self, key: SeriesKey) -> DataError | None:
        """Why the source gave nothing newer when it was last asked."""
        return self._troubles.get(key)

    def is_under_way(self, key: SeriesKey) -> bool:
        """Whether a download goes on beside everything else."""
        with self._lock:
            return key in self._under_way

    def forget_tries(self) -> None:
        """Let every series be asked for again, however recently it was."""
        self._tried.clear()

    def recently_tried(self, key: SeriesKey) -> bool:
        """Whether the source was asked in the last minutes."""
        tried = self._tried.get(key)
        return tried is not None and (self._clock() - tried).total_seconds() < FRESH_SECONDS

    def run(self, key: SeriesKey) -> None:
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
                problem = _not_understood(self._name, key)
            finally:
                self.remember(key, problem)

    def beside(self, key: SeriesKey, bring_up_to_date: Callable[[SeriesKey], None]) -> None:
        """Bring a series up to date beside everything else, once for everybody."""
        if self.recently_tried(key):
            return
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)

        def run() -> None:
            try:
                bring_up_to_date(key)
            finally:
                with self._lock:
                    self._under_way.discard(key)

        threading.Thread(target=run, name=f"refresh {key.symbol[:20]}", daemon=True).start()

    def remember(self, key: SeriesKey, problem: DataError | None) -> None:
        """Note that a series was asked for now, and what went wrong if anything did."""
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
