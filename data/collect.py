"""A download into the store, page by page, that goes on where the last one stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import pandas as pd

from data.deadline import DeadlinePassedError, call_within
from data.errors import DataError, DeadlineError
from data.prices import BAR_LENGTH
from data.series import PagedSource, SeriesKey
from data.store import AppendResult, Contradiction, SeriesWriter, Store, StoredSeries

#: Called after each page with the rows received so far and the stamp of the last one.
Progress: TypeAlias = Callable[[int, pd.Timestamp], None]


@dataclass(frozen=True, eq=False)
class Collected:
    """What a download brought.

    Attributes
    ----------
    key : SeriesKey
    n_pages : int
    n_new : int
        Rows that were stored.
    n_already_there : int
        Rows that were stored before and were compared.
    n_unfinished : int
        Bars that had not ended yet; not stored.
    contradictions : tuple of Contradiction
        What the source gives differently from what is stored; the stored numbers stay.
    factor : float or None
        The one factor between new and stored closes where they differ, as after a split.
    n_rows : int
        Rows stored of this series now.
    last : pandas.Timestamp or None
        Stamp of the last row stored.
    version : str or None
        Of what is stored now; None where nothing is.
    problem : DataError or None
        Why the download ended before the source had no more. Everything before it is stored, and the
        next download goes on from there.
    """

    key: SeriesKey
    n_pages: int
    n_new: int
    n_already_there: int
    n_unfinished: int
    contradictions: tuple[Contradiction, ...]
    factor: float | None
    n_rows: int
    last: pd.Timestamp | None
    version: str | None
    problem: DataError | None

    @property
    def complete(self) -> bool:
        """Whether all that the source has is stored."""
        return self.problem is None


def collect(
    source: PagedSource,
    key: SeriesKey,
    store: Store,
    *,
    now: pd.Timestamp,
    since: pd.Timestamp | None = None,
    anew: bool = False,
    progress: Progress | None = None,
    deadline_seconds: float | None = None,
    wait_seconds: float = 0.0,
) -> Collected:
    """Store what a source has of a series and the store has not.

    A few rows before the end of what is stored are asked for again; where they differ it is reported,
    and new rows that would not fit on are not stored. Each page is on the disk before the next one is
    asked for. Damaged files are set aside and their rows asked for again.

    Parameters
    ----------
    source : PagedSource
    key : SeriesKey
    store : Store
    now : pandas.Timestamp
        The present, timezone-aware; what is not finished then is not stored.
    since : pandas.Timestamp, optional
        First instant wanted, also where later ones are stored. By default everything the source has
        where nothing is stored, and otherwise what is stored goes on.
    anew : bool
        Download from scratch, into a history that takes the place of the stored one when it is
        complete, and not before.
    progress : callable, optional
    deadline_seconds : float, optional
        Time after which the download ends, with what it has by then.
    wait_seconds : float
        How long to wait for another writer of this series.

    Returns
    -------
    Collected
        Whatever went wrong in source or store stands in its ``problem``.
    """
    run = _Run(source, key, now=now.tz_convert("UTC"), deadline_seconds=deadline_seconds)
    problem = None
    try:
        with store.writer(key, anew=anew, wait_seconds=wait_seconds) as writer:
            run.download(writer, since, progress)
    except DataError as error:
        problem = error
    return run.collected(store, problem)


def already_complete(key: SeriesKey, store: Store, *, now: pd.Timestamp) -> StoredSeries | None:
    """What is stored, where it is whole and no bar after its last one can have ended; else None.

    Funding never is: nobody knows when the next charge comes.
    """
    if key.interval is None:
        return None
    try:
        stored = store.read(key)
    except DataError:
        return None
    whole = stored.checked_at is not None and not stored.contradictions
    return stored if whole and stored.last + 2 * BAR_LENGTH[key.interval] > now else None


class _Run:
    """One download: what it has brought so far, and when it must end."""

    def __init__(
        self, source: PagedSource, key: SeriesKey, *, now: pd.Timestamp, deadline_seconds: float | None
    ) -> None:
        self._source = source
        self._key = key
        self._now = now
        self._deadline_seconds = deadline_seconds
        self._end = None if deadline_seconds is None else time.monotonic() + deadline_seconds
        self._results: list[AppendResult] = []
        self._n_pages = 0

    def download(self, writer: SeriesWriter, since: pd.Timestamp | None, progress: Progress | None) -> None:
        """Append page after page; raises what ends it early."""
        after = writer.begin(since)
        pages = self._source.pages(self._key, start=after, now=self._now)
        received = 0
        while (page := self._next(pages)) is not None:
            if page.empty:
                continue
            self._n_pages += 1
            result = writer.append(page, now=self._now, after=after)
            # What is kept apart counts when it is held against the store, not when it comes.
            self._take(replace(result, n_new=0, n_already_there=0) if writer.staging else result)
            after = page.index[-1]
            received += len(page)
            if progress is not None:
                progress(received, after)
        staged = writer.finish(now=self._now)
        if staged is not None:
            self._take(staged)

    def _take(self, result: AppendResult) -> None:
        self._results.append(result)
        if result.refused is not None:
            raise result.refused

    def collected(self, store: Store, problem: DataError | None) -> Collected:
        """The whole download, with what is stored after it."""
        try:
            info = store.info(self._key)
        except DataError:
            info = None
        results = self._results
        factors = [result.factor for result in results if result.factor is not None]
        return Collected(
            key=self._key,
            n_pages=self._n_pages,
            n_new=sum(result.n_new for result in results),
            n_already_there=sum(result.n_already_there for result in results),
            n_unfinished=sum(result.n_unfinished for result in results),
            contradictions=tuple(each for result in results for each in result.contradictions),
            factor=factors[0] if factors else None,
            n_rows=info.n_rows if info else 0,
            last=info.last if info else None,
            version=info.version if info else None,
            problem=problem,
        )

    def _next(self, pages: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
        if self._end is None:
            return next(pages, None)
        left = self._end - time.monotonic()
        name = f"{self._key.source} {self._key.symbol}"
        try:
            if left <= 0:
                raise DeadlinePassedError(name)
            return call_within(lambda: next(pages, None), seconds=left, name=name)
        except DeadlinePassedError as error:
            raise DeadlineError(
                f"{self._key.symbol} was not complete after {self._deadline_seconds:g} seconds",
                parameter="deadline_seconds",
                value=self._deadline_seconds,
                allowed="a download that ends in time",
                remedy="What came is stored; fetch again to go on from there.",
            ) from error
