"""What the store hands out: a series with its rows, or what is known of it without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import pandas as pd

from data.errors import ChangeInputError
from data.prices import BAR_LENGTH, PriceHistory, validated_history
from data.series import SeriesKey
from data.store.manifest import Contradiction, Manifest, Part

#: Which days a series has bars on. None where it cannot be told: fewer than two weeks, or funding.
Calendar: TypeAlias = Literal["7-day", "5-day"]

#: Seven days a week have 2/7 of their days at weekends; a stray session is no calendar.
WEEKEND_SHARE: Final = 1 / 7
_SHORTEST = pd.Timedelta(days=14)


@dataclass(frozen=True, eq=False)
class StoredSeries:
    """One series as it is stored.

    Attributes
    ----------
    key : SeriesKey
    rows : pandas.DataFrame
        float64, columns of the kind, on a unique increasing UTC ``DatetimeIndex`` in nanoseconds.
    parts : tuple of Part
        The files, each with the time at which it was fetched.
    version : str
        Hash of key and rows; the key of this series in every cache.
    checked_at : pandas.Timestamp or None
        When the source was last asked for everything it has; None where that never came to its end.
    unfinished : bool
        No download has come to its end yet: there may be newer rows.
    contradictions : tuple of Contradiction
        What the source gives differently now.
    damage : str or None
        What is missing of it, where it was read in spite of damage.
    """

    key: SeriesKey
    rows: pd.DataFrame
    parts: tuple[Part, ...]
    version: str
    checked_at: pd.Timestamp | None
    unfinished: bool
    contradictions: tuple[Contradiction, ...]
    damage: str | None

    @property
    def first(self) -> pd.Timestamp:
        """Stamp of the first row."""
        first: pd.Timestamp = self.rows.index[0]
        return first

    @property
    def last(self) -> pd.Timestamp:
        """Stamp of the last row."""
        last: pd.Timestamp = self.rows.index[-1]
        return last

    @property
    def fetched_at(self) -> pd.Timestamp:
        """When the newest rows were fetched, or the source last had nothing newer."""
        fetched = max(part.fetched_last for part in self.parts)
        return fetched if self.checked_at is None else max(fetched, self.checked_at)

    def history(self, *, source: str, now: pd.Timestamp) -> PriceHistory:
        """The closes as every other source of prices gives them.

        Parameters
        ----------
        source : str
            Plain name of the source, e.g. ``"Yahoo Finance"``.
        now : pandas.Timestamp

        Raises
        ------
        ChangeInputError
            These are not prices.
        """
        if self.key.interval is None:
            raise ChangeInputError(
                f"{self.key.symbol} is stored as funding rates",
                parameter="kind",
                value=self.key.kind,
                allowed="prices",
                remedy="Choose a series of prices.",
            )
        notes = (f"stored; fetched {self.fetched_at:%Y-%m-%d %H:%M} UTC",)
        return validated_history(
            self.rows["close"],
            symbol=self.key.symbol,
            source=source,
            interval=self.key.interval,
            now=now,
            notes=notes if self.damage is None else (*notes, self.damage),
        )


@dataclass(frozen=True)
class SeriesInfo:
    """What is known of a stored series without reading its rows.

    Attributes
    ----------
    name : str
        Its folder: safe characters only.
    key : SeriesKey or None
        None where the list of its files cannot be read.
    n_rows : int
    first, last : pandas.Timestamp or None
        Stamps of the first and the last row.
    calendar : {"7-day", "5-day"} or None
    n_missing : int or None
        Bars that a seven-day calendar would have between first and last and that are not there; None
        on every other one, where only a look at the rows tells a hole from a holiday
        (:func:`data.quality.series_quality`).
    checked_at : pandas.Timestamp or None
        When the source was last asked for everything it has.
    fetched_at : pandas.Timestamp or None
        When the newest rows were fetched, or the source last had nothing newer.
    n_bytes : int
    n_files : int
    n_set_aside : int
        Files that were found damaged or replaced, and kept.
    n_contradictions : int
        Numbers that the source gives differently now; 100 stands for 100 or more.
    unfinished : bool
    damage : str or None
        What is wrong with the files, as far as can be seen from their sizes.
    version : str
    """

    name: str
    key: SeriesKey | None
    n_rows: int
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    calendar: Calendar | None
    n_missing: int | None
    checked_at: pd.Timestamp | None
    fetched_at: pd.Timestamp | None
    n_bytes: int
    n_files: int
    n_set_aside: int
    n_contradictions: int
    unfinished: bool
    damage: str | None
    version: str


def described(name: str, manifest: Manifest, *, n_set_aside: int, damage: str | None) -> SeriesInfo:
    """What a manifest says about a series."""
    calendar = _calendar(manifest)
    fetched = [part.fetched_last for part in manifest.parts]
    if manifest.checked_at is not None:
        fetched.append(manifest.checked_at)
    return SeriesInfo(
        name=name,
        key=manifest.key,
        n_rows=manifest.n_rows,
        first=manifest.first,
        last=manifest.last,
        calendar=calendar,
        n_missing=_missing(manifest, calendar),
        checked_at=manifest.checked_at,
        fetched_at=max(fetched, default=None),
        n_bytes=sum(part.n_bytes for part in manifest.parts),
        n_files=len(manifest.parts),
        n_set_aside=n_set_aside,
        n_contradictions=len(manifest.contradictions),
        unfinished=manifest.checked_at is None,
        damage=damage,
        version=manifest.version,
    )


def unreadable(name: str, damage: str, *, n_set_aside: int) -> SeriesInfo:
    """A series of which only the folder is known."""
    return SeriesInfo(
        name=name,
        key=None,
        n_rows=0,
        first=None,
        last=None,
        calendar=None,
        n_missing=None,
        checked_at=None,
        fetched_at=None,
        n_bytes=0,
        n_files=0,
        n_set_aside=n_set_aside,
        n_contradictions=0,
        unfinished=False,
        damage=damage,
        version="",
    )


def _calendar(manifest: Manifest) -> Calendar | None:
    first, last = manifest.first, manifest.last
    if manifest.key.interval is None or first is None or last is None or last - first < _SHORTEST:
        return None
    weekend = sum(part.n_weekend_rows for part in manifest.parts) / manifest.n_rows
    return "7-day" if weekend > WEEKEND_SHARE else "5-day"


def _missing(manifest: Manifest, calendar: Calendar | None) -> int | None:
    """As :attr:`data.quality.SeriesQuality.n_missing` counts them, where that needs no look at the rows.

    A weekday without a bar may be a holiday of the exchange; which it is only the days around it show.
    """
    first, last, interval = manifest.first, manifest.last, manifest.key.interval
    if calendar != "7-day" or interval is None or first is None or last is None:
        return None
    expected = round((last - first) / BAR_LENGTH[interval]) + 1
    return max(expected - manifest.n_rows, 0)
