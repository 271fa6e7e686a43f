"""The list of what belongs to a stored series: small, checked, replaced as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final, get_args

import pandas as pd

from data.errors import DamagedSeriesError, StoreFormatError
from data.prices import BarInterval
from data.series import SeriesKey, SeriesKind
from data.store.envelope import FORMAT, NotIntactError, OtherFormatError, sealed, unsealed
from data.store.names import PART, key_text

#: Stands for "from the first row that the source has".
FROM_THE_START: Final = pd.Timestamp("1700-01-01", tz="UTC")

MOST_CONTRADICTIONS: Final = 100

_MODULUS: Final = 2**128


@dataclass(frozen=True)
class Part:
    """One immutable file of rows.

    Attributes
    ----------
    file : str
    n_rows : int
    first, last : pandas.Timestamp
        UTC. Ranges of parts may overlap (a gap filled later), their instants never do.
    n_bytes : int
    sha256 : str
        Of the bytes of the file.
    content : int
        Sum of a hash of each row, so that the sum over all parts does not depend on how rows are
        spread over parts.
    n_weekend_rows : int
        Rows on a Saturday or Sunday, which tell a seven-day calendar from a five-day one.
    fetched_first, fetched_last : pandas.Timestamp
        When its rows were fetched; they differ where parts have been merged.
    """

    file: str
    n_rows: int
    first: pd.Timestamp
    last: pd.Timestamp
    n_bytes: int
    sha256: str
    content: int
    n_weekend_rows: int
    fetched_first: pd.Timestamp
    fetched_last: pd.Timestamp


@dataclass(frozen=True)
class LostRows:
    """Rows of a part that turned out damaged and have not been fetched again.

    Attributes
    ----------
    file : str
    first, last : pandas.Timestamp
        :data:`FROM_THE_START` where nobody knows which rows they were.
    """

    file: str
    first: pd.Timestamp
    last: pd.Timestamp

    def __str__(self) -> str:
        """What is missing, for people."""
        if self.first == FROM_THE_START:
            return f"{self.file} was damaged and its rows have not been fetched again"
        span = f"{self.first:%Y-%m-%d %H:%M} to {self.last:%Y-%m-%d %H:%M} UTC"
        return f"{self.file} was damaged and its rows from {span} have not been fetched again"


@dataclass(frozen=True)
class Contradiction:
    """One number that the source gives differently now; the stored one stays.

    Attributes
    ----------
    at : pandas.Timestamp
    column : str
    stored : float
    new : float or None
        None where the source no longer has the row.
    """

    at: pd.Timestamp
    column: str
    stored: float
    new: float | None


@dataclass(frozen=True)
class Manifest:
    """What belongs to one series.

    Attributes
    ----------
    key : SeriesKey
    parts : tuple of Part
    covered_from : pandas.Timestamp or None
        What the source had after this instant and up to the last row has been fetched; None before the
        first download.
    checked_at : pandas.Timestamp or None
        When a download was last complete, with or without new rows.
    lost : tuple of LostRows
    contradictions : tuple of Contradiction
        What the source last said differently, the newest :data:`MOST_CONTRADICTIONS` of it.
    """

    key: SeriesKey
    parts: tuple[Part, ...] = ()
    covered_from: pd.Timestamp | None = None
    checked_at: pd.Timestamp | None = None
    lost: tuple[LostRows, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(part.n_rows for part in self.parts)

    @property
    def first(self) -> pd.Timestamp | None:
        """First instant stored."""
        return min((part.first for part in self.parts), default=None)

    @property
    def last(self) -> pd.Timestamp | None:
        """Last instant stored."""
        return max((part.last for part in self.parts), default=None)

    @property
    def version(self) -> str:
        """Hash of key and rows: equal rows, equal version, however and whenever they were stored."""
        total = sum(part.content for part in self.parts) % _MODULUS
        text = f"{key_text(self.key)}\0{self.n_rows}\0{total:032x}"
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def just_before(stamp: pd.Timestamp) -> pd.Timestamp:
    """The last instant before another one: what is asked for "after" it begins with the other one."""
    return stamp - pd.Timedelta(1, unit="ns")


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as a file: JSON in an envelope of format and checksum."""
    key = manifest.key
    content = {
        "key": {"source": key.source, "symbol": key.symbol, "kind": key.kind, "interval": key.interval},
        "parts": [_plain(part) for part in manifest.parts],
        "covered_from": _text(manifest.covered_from),
        "checked_at": _text(manifest.checked_at),
        "lost": [_plain(lost) for lost in manifest.lost],
        "contradictions": [_plain(each) for each in manifest.contradictions],
    }
    return sealed(content)


def parsed_manifest(raw: bytes, *, folder: str) -> Manifest:
    """The manifest that a file holds.

    Raises
    ------
    DamagedSeriesError
        It is not as it was written.
    StoreFormatError
        It is, by another version of this program.
    """
    try:
        content = unsealed(raw)
    except NotIntactError as error:
        raise damaged(folder, "its list of files has changed on the disk") from error
    except OtherFormatError as error:
        raise _other_format(folder, error) from error
    try:
        return _manifest(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(folder, "its list of files cannot be understood") from error


def damaged(name: str, what: str) -> DamagedSeriesError:
    """The error for a series whose files are not as they were written; ``name`` as people know it."""
    return DamagedSeriesError(
        f"what is stored of {name} is damaged: {what}",
        parameter="store",
        value=name,
        allowed="files exactly as they were written",
        remedy="Fetch it again: the damaged file is set aside, not deleted, and its rows are asked for.",
    )


def _other_format(name: str, found: OtherFormatError) -> StoreFormatError:
    age = "a newer" if found.is_newer else "an older"
    return StoreFormatError(
        f"{name} is stored in format {found.written}, that of {age} version of this program",
        parameter="store",
        value=found.written,
        allowed=f"format {FORMAT}",
        remedy="Update this program, or set HEDGING_STORE to another folder; the files are left as they are."
        if found.is_newer
        else "Fetch it anew (python -m data fetch --anew); the old files are set aside, not deleted.",
    )


def _plain(record: Part | LostRows | Contradiction) -> dict[str, Any]:
    fields = vars(record)
    plain = {name: _text(each) if isinstance(each, pd.Timestamp) else each for name, each in fields.items()}
    if isinstance(record, Part):
        plain["content"] = f"{record.content:032x}"
    return plain


def _text(stamp: pd.Timestamp | None) -> str | None:
    return None if stamp is None else stamp.isoformat()


def _stamp(text: str) -> pd.Timestamp:
    stamp = pd.Timestamp(text).as_unit("ns").tz_convert("UTC")
    if not isinstance(stamp, pd.Timestamp):
        raise ValueError(text)
    return stamp


def _optional(text: str | None) -> pd.Timestamp | None:
    return None if text is None else _stamp(text)


def _manifest(content: dict[str, Any]) -> Manifest:
    key = content["key"]
    if key["kind"] not in get_args(SeriesKind) or key["interval"] not in (*get_args(BarInterval), None):
        raise ValueError("kind or interval")
    return Manifest(
        key=SeriesKey(key["source"], key["symbol"], key["kind"], key["interval"]),
        parts=tuple(_part(each) for each in content["parts"]),
        covered_from=_optional(content["covered_from"]),
        checked_at=_optional(content["checked_at"]),
        lost=tuple(
            LostRows(_file(each["file"]), _stamp(each["first"]), _stamp(each["last"]))
            for each in content["lost"]
        ),
        contradictions=tuple(
            Contradiction(_stamp(each["at"]), each["column"], each["stored"], each["new"])
            for each in content["contradictions"]
        ),
    )


def _part(fields: dict[str, Any]) -> Part:
    stamps = {name: _stamp(fields[name]) for name in ("first", "last", "fetched_first", "fetched_last")}
    return Part(**{**fields, **stamps, "file": _file(fields["file"]), "content": int(fields["content"], 16)})


def _file(name: str) -> str:
    """A manifest that was made by hand must not name files elsewhere."""
    if PART.fullmatch(name) is None:
        raise ValueError(name)
    return name
