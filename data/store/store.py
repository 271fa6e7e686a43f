"""The store of series: readable by everyone at any time, one writer at a time for each series."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import replace

import pandas as pd

from data.errors import DataError, NotStoredError, StoreError
from data.series import SeriesKey
from data.store.answers import Answers
from data.store.files import StoreFiles
from data.store.manifest import Manifest, damaged, manifest_bytes, parsed_manifest
from data.store.names import MANIFEST, SERIES, SET_ASIDE, folder_name
from data.store.parts import NotAPartError, checked_part
from data.store.rebuilding import key_of_parts, part_files, parts_of_other_lists, rebuilt_manifest
from data.store.stored import SeriesInfo, StoredSeries, described, unreadable
from data.store.writer import SeriesWriter, opened_writer

# A reader that finds a file gone looks again: the writer has merged it or put others in its place.
_ATTEMPTS = 5
_NO_LIST = "the list of its files is missing"


class Store:
    """Series under one place for files.

    ::

        series/<readable name>-<hash of the key>/
            manifest.json              which parts belong to the series; replaced as a whole
            000001-<checksum>.parquet  rows; never changed once it is there
            set-aside/                 what was found damaged or has been replaced, for a while
        answers/                       what sources said besides: see :mod:`data.store.answers`
        locks/                         one file lock for each series that there is

    Reading writes nothing and takes no lock, so a store that cannot be written works as well.

    Parameters
    ----------
    files : StoreFiles
        Where it lies; see :func:`data.store.open_store`.
    """

    def __init__(self, files: StoreFiles) -> None:
        self._files = files

    @property
    def answers(self) -> Answers:
        """What sources have said besides series: terms of contracts, readings of symbols."""
        return Answers(self._files)

    @property
    def shown(self) -> str:
        """Where the store lies, for people; holds no password."""
        return self._files.shown

    def __contains__(self, key: SeriesKey) -> bool:
        """Whether something is stored of a series, damaged or not."""
        try:
            self._manifest(key)
        except NotStoredError:
            return False
        except DataError:
            # There, and damaged or not to be read; a place that cannot be reached says so here too.
            folder = _folder(key)
            return self._files.size(f"{folder}/{MANIFEST}") is not None or bool(self._unlisted_parts(folder))
        return True

    def version(self, key: SeriesKey) -> str:
        """Hash of key and rows, from the list of files alone; raises as :meth:`read`."""
        return self._manifest(key)[0].version

    def read(self, key: SeriesKey, *, despite_damage: bool = False) -> StoredSeries:
        """All rows of a series, every file checked against its checksum.

        Parameters
        ----------
        key : SeriesKey
        despite_damage : bool
            Give the rows that can be read although others cannot; ``damage`` then says what is
            missing. By default a damaged series is refused, never silently shortened.

        Raises
        ------
        NotStoredError
            Nothing is stored of it.
        DamagedSeriesError
            A file is not as it was written.
        StoreFormatError
            It was written by another version of this program.
        """
        manifest, raw = self._manifest(key)
        for _ in range(_ATTEMPTS):
            try:
                return self._read(manifest, despite_damage=despite_damage)
            except _GoneError as error:
                gone = str(error)
            before = raw
            manifest, raw = self._manifest(key)
            if raw == before:
                break
        if despite_damage:
            return self._read(manifest, despite_damage=True, despite_gone=True)
        raise damaged(key.symbol, gone)

    def info(self, key: SeriesKey) -> SeriesInfo:
        """What is known of a series without reading its rows; raises NotStoredError."""
        info = self._info(folder_name(key))
        if info is None:
            raise _not_stored(key)
        return info

    def list(self) -> tuple[SeriesInfo, ...]:
        """What is stored, ordered by name; a series that cannot be read says so in ``damage``."""
        infos = (self._info(name) for name in self._files.names(SERIES))
        return tuple(info for info in infos if info is not None)

    def writer(
        self, key: SeriesKey, *, anew: bool = False, wait_seconds: float = 0.0
    ) -> AbstractContextManager[SeriesWriter]:
        """The one writer of a series, for a ``with`` statement.

        Parameters
        ----------
        key : SeriesKey
        anew : bool
            Write a history from scratch; it takes the place of the stored one when it is finished.
        wait_seconds : float
            How long to wait for another writer to come to its end.

        Raises
        ------
        StoreBusyError
            Another process or thread is writing this series.
        StoreError
            The store cannot be written, or what is stored is of another format.
        """
        return opened_writer(self._files, key, anew=anew, wait_seconds=wait_seconds)

    def delete(self, key: SeriesKey, *, wait_seconds: float = 0.0) -> None:
        """Remove all that is stored of a series, what was set aside too; raises as :meth:`writer`.

        Raises
        ------
        NotStoredError
            Nothing is stored of it.
        """
        if key not in self:
            raise _not_stored(key)
        self._remove(folder_name(key), wait_seconds)

    def delete_listed(self, name: str, *, wait_seconds: float = 0.0) -> None:
        """As :meth:`delete`, by the name that :meth:`list` gives; of a damaged series it may be all there is.

        Raises
        ------
        NotStoredError
            No series is listed by that name.
        """
        if name not in {info.name for info in self.list()}:
            raise NotStoredError(
                f"nothing is stored as {name[:120]!r}",
                parameter="name",
                value=name,
                allowed="the name of a series in the list",
                remedy="Look at the list again.",
            )
        self._remove(name, wait_seconds)

    def _remove(self, name: str, wait_seconds: float) -> None:
        folder = f"{SERIES}/{name}"
        with self._files.lock(folder, wait_seconds=wait_seconds):
            if not self._files.exclusive:
                self._put_empty_list(folder)
            self._files.remove_folder(folder)

    def _put_empty_list(self, folder: str) -> None:
        """Where files go one by one, readers see that nothing is stored before the first one goes."""
        raw = self._list_of(folder)
        with suppress(DataError):
            if raw is not None:
                empty = Manifest(parsed_manifest(raw, folder=folder).key)
                self._files.write(f"{folder}/{MANIFEST}", manifest_bytes(empty))

    def _manifest(self, key: SeriesKey) -> tuple[Manifest, bytes]:
        raw = self._list_of(_folder(key))
        if raw is None and self._unlisted_parts(_folder(key)):
            raw = self._list_of(_folder(key))
            if raw is None:
                raise damaged(key.symbol, _NO_LIST)
        if raw is None:
            raise _not_stored(key)
        manifest = parsed_manifest(raw, folder=key.symbol)
        if manifest.key != key:
            raise damaged(key.symbol, "its folder holds another series")
        if not (manifest.parts or manifest.lost):
            raise _not_stored(key)
        return manifest, raw

    def _read(self, manifest: Manifest, *, despite_damage: bool, despite_gone: bool = False) -> StoredSeries:
        key, folder = manifest.key, _folder(manifest.key)
        troubles = [str(lost) for lost in manifest.lost]
        pieces, parts = [], []
        for part in manifest.parts:
            try:
                pieces.append(checked_part(self._files.read(f"{folder}/{part.file}"), part, key))
                parts.append(part)
            except NotAPartError as error:
                troubles.append(f"{part.file}: {error}")
            except FileNotFoundError:
                if not despite_gone:
                    raise _GoneError(f"{part.file}: it is missing") from None
                troubles.append(f"{part.file}: it is missing")
        if troubles and not (despite_damage and pieces):
            raise damaged(key.symbol, "; ".join(troubles))
        if not pieces:
            raise _not_stored(key)
        rows = pd.concat(pieces).sort_index() if len(pieces) > 1 else pieces[0]
        if not rows.index.is_unique:
            raise damaged(key.symbol, "its files have rows in common")
        return StoredSeries(
            key=key,
            rows=rows,
            parts=tuple(parts),
            version=replace(manifest, parts=tuple(parts)).version,
            checked_at=manifest.checked_at,
            unfinished=manifest.checked_at is None,
            contradictions=manifest.contradictions,
            damage="; ".join(troubles) or None,
        )

    def _list_of(self, folder: str) -> bytes | None:
        """The list of a series as it is on the disk.

        A writer puts it there before the first part, and never takes it away again: where there are parts
        and a second look finds no list either, it was lost.
        """
        try:
            return self._files.read(f"{folder}/{MANIFEST}")
        except FileNotFoundError:
            return None

    def _info(self, name: str) -> SeriesInfo | None:
        """What is known of a series; None where nothing is stored of it."""
        try:
            return self._settled_info(name)
        except StoreError as error:
            what = error.problem
        # The series beside it are shown all the same.
        try:
            return self._info_from_parts(name, what, len(self._files.names(f"{SERIES}/{name}/{SET_ASIDE}")))
        except StoreError:
            return unreadable(name, what, n_set_aside=0)

    def _settled_info(self, name: str) -> SeriesInfo | None:
        folder = f"{SERIES}/{name}"
        raw = self._list_of(folder)
        for _ in range(_ATTEMPTS):
            info = self._info_by(raw, name)
            if info is None or info.damage is None:
                break
            before, raw = raw, self._list_of(folder)
            if raw == before:
                break
        return info

    def _info_by(self, raw: bytes | None, name: str) -> SeriesInfo | None:
        folder = f"{SERIES}/{name}"
        if raw is None and not self._unlisted_parts(folder):
            return None
        n_set_aside = len(self._files.names(f"{folder}/{SET_ASIDE}"))
        if raw is None:
            return self._info_from_parts(name, _NO_LIST, n_set_aside)
        try:
            manifest = parsed_manifest(raw, folder=name)
        except DataError as error:
            return self._info_from_parts(name, error.problem, n_set_aside)
        if not (manifest.parts or manifest.lost):
            return None
        damage = [str(lost) for lost in manifest.lost]
        for part in manifest.parts:
            size = self._files.size(f"{folder}/{part.file}")
            if size != part.n_bytes:
                state = "is missing" if size is None else f"has {size:,} of {part.n_bytes:,} bytes"
                damage.append(f"{part.file} {state}")
        return described(name, manifest, n_set_aside=n_set_aside, damage="; ".join(damage) or None)

    def _info_from_parts(self, name: str, what: str, n_set_aside: int) -> SeriesInfo:
        """With its list unreadable, a series is known by what its parts say of themselves."""
        key = key_of_parts(self._files, f"{SERIES}/{name}")
        if key is None:
            return unreadable(name, what, n_set_aside=n_set_aside)
        found = rebuilt_manifest(self._files, f"{SERIES}/{name}", key, leave=frozenset())
        return described(name, found.manifest, n_set_aside=n_set_aside, damage=what)

    def _unlisted_parts(self, folder: str) -> frozenset[str]:
        """Parts in a folder without a manifest, but for those of a download that is not complete."""
        there = frozenset(part_files(self._files, folder))
        return there - (parts_of_other_lists(self._files, folder, MANIFEST) or frozenset())


class _GoneError(Exception):
    """A file that the list names is not there."""


def _folder(key: SeriesKey) -> str:
    return f"{SERIES}/{folder_name(key)}"


def _not_stored(key: SeriesKey) -> NotStoredError:
    what = "funding rates" if key.kind == "funding" else f"{key.interval} prices"
    return NotStoredError(
        f"no {what} of {key.symbol[:40]} from {key.source[:40]} are stored",
        parameter="symbol",
        value=key.symbol,
        allowed="a series that was fetched before",
        remedy="Fetch it first: python -m data fetch.",
    )
