"""A manifest made anew out of the parts, and the handling of files that are damaged or left over."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from data.errors import DamagedSeriesError, StoreError, StoreFormatError
from data.series import SeriesKey
from data.store.files import StoreFiles
from data.store.manifest import FROM_THE_START, LostRows, Manifest, just_before, parsed_manifest
from data.store.names import LISTS, PART, SET_ASIDE
from data.store.parts import NotAPartError, PartFile, read_part

#: Files that were set aside and replaced are kept this long, and this many of a series.
SET_ASIDE_DAYS: Final = 90.0
MOST_SET_ASIDE: Final = 20


@dataclass(frozen=True)
class Rebuilt:
    """A manifest made out of parts, and the part files that could not be used."""

    manifest: Manifest
    unusable: tuple[str, ...]


def part_files(files: StoreFiles, folder: str) -> tuple[str, ...]:
    """Names of the parts in a folder, in order of their numbers."""
    return tuple(name for name in files.names(folder) if PART.fullmatch(name))


def key_of_parts(files: StoreFiles, folder: str) -> SeriesKey | None:
    """The series that the parts in a folder say they belong to; None where none can be read."""
    for name in part_files(files, folder):
        with suppress(NotAPartError, FileNotFoundError):
            return read_part(files.read(f"{folder}/{name}"), file=name).key
    return None


def rebuilt_manifest(files: StoreFiles, folder: str, key: SeriesKey, *, leave: frozenset[str]) -> Rebuilt:
    """The manifest of a series out of what its parts say about themselves.

    A part that has been merged into another one that is intact, or whose rows another one has, is
    not used. Where a part is damaged, nobody knows which rows it held, and everything is to be fetched
    again.

    Parameters
    ----------
    files, folder, key
        Where to look, for which series.
    leave : frozenset of str
        Parts that belong to another list.
    """
    intact: list[PartFile] = []
    unusable: list[str] = []
    damaged: list[str] = []
    for name in part_files(files, folder):
        if name in leave:
            continue
        try:
            read = read_part(files.read(f"{folder}/{name}"), file=name)
        except (NotAPartError, FileNotFoundError):
            damaged.append(name)
            unusable.append(name)
            continue
        if read.key == key:
            intact.append(read)
        else:
            unusable.append(name)
    merged = {name for each in intact for name in each.replaces}
    taken: list[PartFile] = []
    known: set[int] = set()
    for each in intact:
        stamps = set(pd.DatetimeIndex(each.rows.index).asi8.tolist())
        if each.part.file in merged or known & stamps:
            unusable.append(each.part.file)
            continue
        taken.append(each)
        known |= stamps
    manifest = Manifest(key, tuple(each.part for each in taken))
    if manifest.first is not None:
        lost = tuple(LostRows(name, FROM_THE_START, FROM_THE_START) for name in damaged)
        manifest = replace(manifest, covered_from=just_before(manifest.first), lost=lost)
    return Rebuilt(manifest, tuple(unusable))


def parts_named_by(files: StoreFiles, folder: str, name: str) -> frozenset[str] | None:
    """Parts that a list names; None where it cannot be read, and nobody knows."""
    try:
        raw = files.read(f"{folder}/{name}")
    except FileNotFoundError:
        return frozenset()
    try:
        return frozenset(part.file for part in parsed_manifest(raw, folder=folder).parts)
    except (DamagedSeriesError, StoreFormatError):
        return None


def parts_of_other_lists(files: StoreFiles, folder: str, name: str) -> frozenset[str] | None:
    """Parts that the lists besides ``name`` name; None where one of them cannot be read."""
    named = [parts_named_by(files, folder, other) for other in LISTS if other != name]
    known = [parts for parts in named if parts is not None]
    return frozenset[str]().union(*known) if len(known) == len(named) else None


def set_aside(files: StoreFiles, folder: str, name: str) -> None:
    """Take a file out of use without deleting it."""
    taken = files.names(f"{folder}/{SET_ASIDE}")
    free = next(f"{name}.{n}" for n in range(1, len(taken) + 2) if f"{name}.{n}" not in taken)
    files.move(f"{folder}/{name}", f"{folder}/{SET_ASIDE}/{free}")


def old_set_aside(files: StoreFiles, folder: str) -> tuple[str, ...]:
    """Files that were set aside :data:`SET_ASIDE_DAYS` ago or before the last :data:`MOST_SET_ASIDE`."""
    names = files.names(f"{folder}/{SET_ASIDE}")
    ages = [(files.age_days(f"{folder}/{SET_ASIDE}/{name}"), name) for name in names]
    known = sorted((age, name) for age, name in ages if age is not None)
    return tuple(
        name for rank, (age, name) in enumerate(known) if rank >= MOST_SET_ASIDE or age > SET_ASIDE_DAYS
    )


def has_rows_besides(files: StoreFiles, folder: str, name: str, stored: frozenset[int]) -> bool:
    """Whether a file that was set aside can be read and has instants that are not stored any more.

    Such a file is the only copy of what a source once said and says no longer.
    """
    path, part = f"{folder}/{SET_ASIDE}/{name}", name.rpartition(".")[0]
    try:
        rows = read_part(files.read(path), file=part).rows
    except NotAPartError:
        return False
    except (FileNotFoundError, StoreError):
        return True
    return not stored.issuperset(pd.DatetimeIndex(rows.index).asi8.tolist())
