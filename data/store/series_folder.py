"""The files of one series in the hands of its writer: its list, its parts, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from data.errors import DamagedSeriesError, MissingStoreError
from data.series import SeriesKey
from data.store.files import StoreFiles
from data.store.manifest import (
    LostRows,
    Manifest,
    Part,
    damaged,
    manifest_bytes,
    parsed_manifest,
)
from data.store.names import ANEW, MANIFEST, PART, SERIES, SET_ASIDE, folder_name
from data.store.parts import NotAPartError, checked_part, written_part
from data.store.rebuilding import (
    has_rows_besides,
    old_set_aside,
    part_files,
    parts_named_by,
    parts_of_other_lists,
    rebuilt_manifest,
    set_aside,
)
from data.store.rows import columns_of

#: This many parts of fewer rows than LARGE_PART are merged into one.
MOST_SMALL_PARTS: Final = 16
LARGE_PART: Final = 50_000

_NO_STAMPS: Final = pd.DatetimeIndex([], dtype="datetime64[ns, UTC]")


class SeriesFolder:
    """Files of one series; whoever makes one holds the lock.

    A list that is damaged or missing is made anew out of the parts, which say themselves what they
    are; what writers that were killed left behind is removed.

    Attributes
    ----------
    manifest : Manifest
        As it is on the disk, but for a series of which nothing is stored yet.
    list_name : str
        ``manifest.json``, or the list of a download that is not complete.
    """

    def __init__(self, files: StoreFiles, key: SeriesKey, *, list_name: str) -> None:
        self.key = key
        self.list_name = list_name
        self._files = files
        self._folder = f"{SERIES}/{folder_name(key)}"
        self._rows_of: dict[str, pd.DataFrame] = {}
        self._on_disk = False
        self.manifest = Manifest(key)
        self._open()

    def commit(self, manifest: Manifest) -> None:
        """Put a list in the place of the one before it, in one step."""
        self._check_still_there()
        self._files.write(f"{self._folder}/{self.list_name}", manifest_bytes(manifest))
        self.manifest, self._on_disk = manifest, True

    def write_part(
        self,
        rows: pd.DataFrame,
        *,
        fetched: tuple[pd.Timestamp, pd.Timestamp],
        replaces: tuple[str, ...] = (),
    ) -> Part:
        """Write rows to a new file, which belongs to the series once a list names it."""
        self._check_still_there()
        if not self._on_disk:
            self._announce()
        part, content = written_part(
            rows, self.key, number=self._next_number(), fetched=fetched, replaces=replaces
        )
        self._files.write(f"{self._folder}/{part.file}", content)
        self._rows_of[part.file] = rows
        return part

    def _announce(self) -> None:
        """Put the lists there before the first part: parts without them would be those of a lost list."""
        if not part_files(self._files, self._folder):
            manifest = f"{self._folder}/{MANIFEST}"
            if self.list_name != MANIFEST and self._files.size(manifest) is None:
                self._files.write(manifest, manifest_bytes(Manifest(self.key)))
        self.commit(self.manifest)

    def stored_between(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Stored rows of a range, both ends included; raises DamagedSeriesError."""
        found = []
        for part in self.manifest.parts:
            if part.first <= last and part.last >= first:
                try:
                    found.append(self._rows(part).loc[first:last])
                except (NotAPartError, FileNotFoundError) as error:
                    why = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
                    raise damaged(self.key.symbol, f"{part.file}: {why}") from error
        if found:
            return pd.concat(found).sort_index()
        return pd.DataFrame(columns=list(columns_of(self.key)), index=_NO_STAMPS, dtype="float64")

    def all_rows(self) -> pd.DataFrame:
        """Every row; raises DamagedSeriesError."""
        return self.stored_between(pd.Timestamp.min.tz_localize("UTC"), pd.Timestamp.max.tz_localize("UTC"))

    def set_damaged_aside(self) -> None:
        """Check every part; take the damaged ones out of the list, which remembers what is to be fetched."""
        for part in self.manifest.parts:
            try:
                self._rows(part)
                continue
            except FileNotFoundError:
                pass
            except NotAPartError:
                set_aside(self._files, self._folder, part.file)
            kept = tuple(each for each in self.manifest.parts if each != part)
            lost = (*self.manifest.lost, LostRows(part.file, part.first, part.last))
            self.commit(replace(self.manifest, parts=kept, lost=lost))

    def merge_many(self) -> None:
        """Merge small parts when there are many."""
        small = [part for part in self.manifest.parts if part.n_rows < LARGE_PART]
        if len(small) >= MOST_SMALL_PARTS:
            self._merge(small)

    def merge_tail(self) -> None:
        """Merge each new part with those before it that are no larger than twice all that follow.

        Every row is then written about as often as its series has doubled since.
        """
        tail: list[Part] = []
        n_rows = 0
        for part in reversed(self.manifest.parts):
            if part.n_rows >= LARGE_PART or (tail and part.n_rows > 2 * n_rows):
                break
            tail.append(part)
            n_rows += part.n_rows
        if len(tail) > 1:
            self._merge(tail)

    def take_place_of_manifest(self, manifest: Manifest) -> None:
        """Make a download from scratch the stored history; the files of the old one are set aside."""
        if parts_named_by(self._files, self._folder, MANIFEST) is None:
            set_aside(self._files, self._folder, MANIFEST)
        self.list_name, self._on_disk = MANIFEST, False
        self.commit(manifest)
        self._files.remove(f"{self._folder}/{ANEW}")
        named = {part.file for part in manifest.parts}
        staged = parts_of_other_lists(self._files, self._folder, MANIFEST) or frozenset()
        for name in part_files(self._files, self._folder):
            if name not in named | staged:
                set_aside(self._files, self._folder, name)

    def bound_set_aside(self) -> None:
        """Forget what was set aside long ago, or before many others; never rows that are nowhere else."""
        if not self._files.exclusive:
            return
        old = old_set_aside(self._files, self._folder)
        if not old:
            return
        try:
            stored = frozenset(pd.DatetimeIndex(self.all_rows().index).asi8.tolist())
        except DamagedSeriesError:
            return
        for name in old:
            if not has_rows_besides(self._files, self._folder, name, stored):
                self._files.remove(f"{self._folder}/{SET_ASIDE}/{name}")

    def discard_list(self) -> None:
        """Forget this list and remove the parts that only it names.

        The parts go first: without a list they would be taken for those of one that was lost.
        """
        if self._is_stored_list_lost():
            for part in self.manifest.parts:
                set_aside(self._files, self._folder, part.file)
        self._sweep(frozenset(), parts_of_other_lists(self._files, self._folder, self.list_name))
        self._files.remove(f"{self._folder}/{self.list_name}")
        self.manifest, self._on_disk = Manifest(self.key), False

    def _open(self) -> None:
        other = parts_of_other_lists(self._files, self._folder, self.list_name)
        try:
            raw = self._files.read(f"{self._folder}/{self.list_name}")
            manifest = parsed_manifest(raw, folder=self.key.symbol)
            if manifest.key != self.key:
                raise damaged(self.key.symbol, "its folder holds another series")
        except FileNotFoundError:
            self._rebuild(other)
        except DamagedSeriesError:
            set_aside(self._files, self._folder, self.list_name)
            self._rebuild(other)
        else:
            self.manifest, self._on_disk = manifest, True
            self._sweep(frozenset(part.file for part in manifest.parts), other)

    def _rebuild(self, other: frozenset[str] | None) -> None:
        if self.list_name != MANIFEST:
            return
        self._files.sweep(self._folder)
        rebuilt = rebuilt_manifest(self._files, self._folder, self.key, leave=other or frozenset())
        for name in rebuilt.unusable:
            set_aside(self._files, self._folder, name)
        if rebuilt.manifest.parts:
            self.commit(rebuilt.manifest)

    def _sweep(self, named: frozenset[str], other: frozenset[str] | None) -> None:
        """Remove half-written files, and parts that no list names: those never became part of the series."""
        if not self._files.exclusive:
            return
        self._files.sweep(self._folder)
        if other is None or self._is_stored_list_lost():
            return
        for name in part_files(self._files, self._folder):
            if name not in named | other:
                self._files.remove(f"{self._folder}/{name}")

    def _is_stored_list_lost(self) -> bool:
        """Whether nobody knows which parts a download from scratch found there: none of them may go.

        Such a download puts an empty list there where nothing was stored before.
        """
        return self.list_name != MANIFEST and self._files.size(f"{self._folder}/{MANIFEST}") is None

    def _check_still_there(self) -> None:
        """Without its list the folder is not the one that was opened: the parts it named are gone."""
        if self._on_disk and self._files.size(f"{self._folder}/{self.list_name}") is None:
            raise MissingStoreError(
                f"the folder of {self.key.symbol} has gone while it was in use",
                parameter="store",
                value=self._files.shown,
                allowed="a folder that stays",
                remedy="Put it back, or fetch again.",
            )

    def _rows(self, part: Part) -> pd.DataFrame:
        if part.file not in self._rows_of:
            content = self._files.read(f"{self._folder}/{part.file}")
            self._rows_of[part.file] = checked_part(content, part, self.key)
        return self._rows_of[part.file]

    def _next_number(self) -> int:
        there = [*part_files(self._files, self._folder), *(part.file for part in self.manifest.parts)]
        return 1 + max((int(found["number"]) for name in there if (found := PART.fullmatch(name))), default=0)

    def _merge(self, parts: Sequence[Part]) -> None:
        if not self._files.exclusive:
            return
        try:
            rows = pd.concat([self._rows(part) for part in parts]).sort_index()
        except (NotAPartError, FileNotFoundError):
            return  # found and told by whoever reads it; the rows just stored are safe
        fetched = (min(part.fetched_first for part in parts), max(part.fetched_last for part in parts))
        names = tuple(part.file for part in parts)
        merged = self.write_part(rows, fetched=fetched, replaces=names)
        kept = tuple(part for part in self.manifest.parts if part.file not in names)
        self.commit(replace(self.manifest, parts=(*kept, merged)))
        for name in names:
            self._files.remove(f"{self._folder}/{name}")
            self._rows_of.pop(name, None)
