"""The one writer of a series: where a download begins, what becomes of a page, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from data.errors import ContradictionError
from data.prices import BAR_LENGTH
from data.series import SeriesKey
from data.store.comparison import Comparison, compared_with
from data.store.files import StoreFiles
from data.store.manifest import FROM_THE_START, MOST_CONTRADICTIONS, Contradiction, Manifest, just_before
from data.store.names import ANEW, MANIFEST, SERIES, STAGED, folder_name
from data.store.rows import checked_rows
from data.store.series_folder import SeriesFolder

#: Stored rows that a download asks for again, so that a source that has changed its history is found out: at
#: least one bar over a long weekend, and six charges of funding.
OVERLAP_BARS: Final = 5
OVERLAP_FUNDING: Final = pd.Timedelta(days=2)

_ONE: Final = pd.Timedelta(1, unit="ns")


@dataclass(frozen=True, eq=False)
class AppendResult:
    """What became of one page.

    Attributes
    ----------
    n_new : int
        Rows that were stored.
    n_already_there : int
        Rows whose instant was stored before; the stored numbers stay.
    n_unfinished : int
        Bars that had not ended yet; not stored.
    contradictions : tuple of Contradiction
        Numbers that differ from the stored ones by more than :data:`data.store.rows.SAME_PRICE`
        (:data:`data.store.rows.SAME_RATE` for rates), and stored rows that the page no longer has.
    factor : float or None
        The one factor between new and stored closes where they differ, as after a split.
    refused : ContradictionError or None
        Why no new row of the page was stored.
    """

    n_new: int
    n_already_there: int
    n_unfinished: int
    contradictions: tuple[Contradiction, ...] = ()
    factor: float | None = None
    refused: ContradictionError | None = None


@contextmanager
def opened_writer(
    files: StoreFiles, key: SeriesKey, *, anew: bool, wait_seconds: float
) -> Iterator[SeriesWriter]:
    """The writer of a series, with its lock held; raises what the lock or a look at the files raises."""
    with files.lock(f"{SERIES}/{folder_name(key)}", wait_seconds=wait_seconds):
        yield SeriesWriter(files, key, anew=anew)


class SeriesWriter:
    """Appends to one series; made by :meth:`data.store.Store.writer`, which holds the lock.

    Pages that go on where the stored history ends are stored as they come. A download that must go
    over stored history (an earlier beginning, a damaged file) is kept apart until it is complete; only
    then is it held against all that is stored, and its new rows are stored in one step.

    Attributes
    ----------
    staging : bool
        Whether pages are kept apart until :meth:`finish`.
    """

    def __init__(self, files: StoreFiles, key: SeriesKey, *, anew: bool) -> None:
        self.key = key
        self._files = files
        self._target = SeriesFolder(files, key, list_name=ANEW if anew else MANIFEST)
        self._stage: SeriesFolder | None = None
        self._doubtful = False

    @property
    def staging(self) -> bool:
        """Whether pages are kept apart until :meth:`finish`."""
        return self._stage is not None

    def begin(self, since: pd.Timestamp | None) -> pd.Timestamp | None:
        """Where to ask the source from, so that everything from ``since`` on will be stored.

        Damaged parts are set aside first; their rows are asked for again.

        Parameters
        ----------
        since : pandas.Timestamp or None
            First instant wanted. None: everything where nothing is stored, else what is stored goes on.

        Returns
        -------
        pandas.Timestamp or None
            The instant after which rows are wanted, some of them stored already; None for all.
        """
        wanted = None if since is None else just_before(since.tz_convert("UTC"))
        target = self._target
        target.set_damaged_aside()
        begun = target.manifest.last is not None or bool(target.manifest.lost)
        if begun and target.list_name == ANEW and self._goes_over(target.manifest, wanted or FROM_THE_START):
            target.discard_list()
            begun = False
        if not begun:
            target.manifest = replace(target.manifest, covered_from=wanted or FROM_THE_START)
            return wanted
        over = self._goes_over(target.manifest, wanted)
        if over is None:
            self._drop_needless_stage()
            return self._after(target.manifest, covered=target.manifest.covered_from)
        self._stage = stage = SeriesFolder(self._files, self.key, list_name=STAGED)
        stage.set_damaged_aside()
        if stage.manifest.last is not None and self._goes_over(stage.manifest, over):
            stage.discard_list()
        if stage.manifest.last is None:
            covered = target.manifest.covered_from or over
            begins = max(over - self._overlap(), min(over, covered))
            stage.manifest = replace(stage.manifest, covered_from=begins)
        return self._after(stage.manifest, covered=stage.manifest.covered_from)

    def append(
        self, page: pd.DataFrame, *, now: pd.Timestamp, after: pd.Timestamp | None = None
    ) -> AppendResult:
        """Store the rows of a page that are new and finished; on the disk when it returns.

        Parameters
        ----------
        page : pandas.DataFrame
            As :meth:`data.series.PagedSource.pages` describes it.
        now : pandas.Timestamp
            The present: a bar that ends after it is not final, and the time of fetching.
        after : pandas.Timestamp, optional
            The page holds everything that the source has after this instant, up to its last row: a
            stored row that it lacks has vanished. By default the page speaks from its first row on.

        Raises
        ------
        SourceAnswerError, BadPriceError
            The page cannot be stored; nothing of it was.
        StoreError
            It could not be written; everything before it is still there.
        """
        rows, n_unfinished = checked_rows(page, self.key, now)
        if rows.empty:
            return AppendResult(0, 0, n_unfinished)
        folder = self._stage or self._target
        held = self._held(folder, rows, after=after)
        self._doubtful = held.last_differs
        self._store(folder, held, _noted(folder.manifest, held), now=now)
        return _result(held, n_unfinished)

    def finish(self, *, now: pd.Timestamp) -> AppendResult | None:
        """Say that the source was asked up to ``now`` and has nothing more.

        A download from scratch takes the place of the stored history here, in one step.

        Returns
        -------
        AppendResult or None
            What became of all pages that were kept apart; None where none were.
        """
        result = None
        if self._stage is not None:
            result = self._unstage(self._stage, now)
            if result is not None and result.refused is not None:
                return result
        target = self._target
        manifest = replace(target.manifest, checked_at=now.tz_convert("UTC"), lost=())
        if manifest.parts:
            if target.list_name == ANEW:
                target.take_place_of_manifest(manifest)
            else:
                target.commit(manifest)
            target.merge_tail()
        if self._stage is not None:
            self._stage.discard_list()
        if manifest.parts:
            target.bound_set_aside()
        return result

    def _unstage(self, stage: SeriesFolder, now: pd.Timestamp) -> AppendResult | None:
        """Hold all rows that were kept apart against the stored ones, and store the new ones in one step."""
        rows = stage.all_rows()
        if rows.empty:
            return None
        target, begins = self._target, stage.manifest.covered_from
        self._doubtful = False
        held = self._held(target, rows, after=begins)
        manifest = _noted(target.manifest, held)
        covered = [stamp for stamp in (begins, manifest.covered_from) if stamp is not None]
        whole = replace(manifest, covered_from=min(covered, default=None), lost=())
        self._store(target, held, manifest if held.refused else whole, now=now)
        if held.refused:
            stage.discard_list()
        return _result(held, 0)

    def _held(self, folder: SeriesFolder, rows: pd.DataFrame, *, after: pd.Timestamp | None) -> Comparison:
        first = rows.index[0] if after is None else min(rows.index[0], after + _ONE)
        stored = folder.stored_between(first, rows.index[-1])
        return compared_with(stored, rows, self.key, doubtful_before=self._doubtful)

    def _store(
        self, folder: SeriesFolder, held: Comparison, manifest: Manifest, *, now: pd.Timestamp
    ) -> None:
        if held.refused is not None and folder.list_name != MANIFEST:
            folder.discard_list()  # what the source said before no longer holds: begin again next time
            return
        if held.refused is None and len(held.new):
            part = folder.write_part(held.new, fetched=(now, now))
            manifest = replace(manifest, parts=(*manifest.parts, part))
        if manifest != folder.manifest and manifest.parts:
            folder.commit(manifest)
            folder.merge_many()

    def _goes_over(self, manifest: Manifest, wanted: pd.Timestamp | None) -> pd.Timestamp | None:
        """The instant after which stored history must be gone over; None where it is enough to go on."""
        covered = manifest.covered_from
        reasons = [just_before(lost.first) for lost in manifest.lost]
        if wanted is not None and (covered is None or wanted < covered):
            reasons.append(wanted)
        return max(min(reasons), FROM_THE_START) if reasons else None

    def _drop_needless_stage(self) -> None:
        """Forget rows that were kept apart and stored by a writer that was killed before it forgot them."""
        path = f"{SERIES}/{folder_name(self.key)}/{STAGED}"
        if self._target.list_name == ANEW or self._files.size(path) is None:
            return
        stage = SeriesFolder(self._files, self.key, list_name=STAGED)
        kept, stored = stage.manifest.covered_from, self._target.manifest.covered_from
        if kept is None or stored is None or stored <= kept:
            stage.discard_list()

    def _after(self, manifest: Manifest, *, covered: pd.Timestamp | None) -> pd.Timestamp | None:
        """Where a download goes on: some way before the last row, but not before the first one wanted."""
        known = [] if covered is None else [covered]
        if manifest.last is not None:
            known.append(manifest.last - self._overlap())
        start = max(known, default=FROM_THE_START)
        return None if start <= FROM_THE_START else start

    def _overlap(self) -> pd.Timedelta:
        if self.key.interval is None:
            return OVERLAP_FUNDING
        return OVERLAP_BARS * BAR_LENGTH[self.key.interval]


def _noted(manifest: Manifest, held: Comparison) -> Manifest:
    """The manifest with what a page contradicted, and without what it has taken back."""
    if not len(held.compared):
        return manifest
    kept = [each for each in manifest.contradictions if each.at not in held.compared]
    both = sorted((*kept, *held.contradictions), key=lambda each: (each.at, each.column))
    return replace(manifest, contradictions=tuple(both[-MOST_CONTRADICTIONS:]))


def _result(held: Comparison, n_unfinished: int) -> AppendResult:
    return AppendResult(
        n_new=0 if held.refused else len(held.new),
        n_already_there=held.n_already_there,
        n_unfinished=n_unfinished,
        contradictions=held.contradictions,
        factor=held.factor,
        refused=held.refused,
    )
