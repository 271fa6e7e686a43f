"""Rows to the bytes of a part, and back with every check."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.series import SeriesKey
from data.store.envelope import FORMAT
from data.store.manifest import Part
from data.store.names import PART, key_text, part_name
from data.store.rows import columns_of, content_sum, on_weekend

_ABOUT: Final = b"hedging.part"


@dataclass(frozen=True)
class PartFile:
    """A part as it lies on the disk, with what it says about itself: enough to make the manifest anew.

    Attributes
    ----------
    part : Part
    key : str
        As :func:`data.store.names.key_text` writes it.
    replaces : tuple of str
        Files that were merged into this one.
    rows : pandas.DataFrame
    """

    part: Part
    key: SeriesKey
    replaces: tuple[str, ...]
    rows: pd.DataFrame


class NotAPartError(Exception):
    """The bytes are not those of a part."""


def written_part(
    rows: pd.DataFrame,
    key: SeriesKey,
    *,
    number: int,
    fetched: tuple[pd.Timestamp, pd.Timestamp],
    replaces: Sequence[str] = (),
) -> tuple[Part, bytes]:
    """A part and the bytes of its file: Parquet with times in UTC nanoseconds and float64 columns."""
    about = {
        "format": FORMAT,
        "key": json.loads(key_text(key)),
        "fetched": [stamp.isoformat() for stamp in fetched],
        "replaces": list(replaces),
    }
    index = pd.DatetimeIndex(rows.index)
    times = pa.array(index.as_unit("ns").asi8).cast(pa.timestamp("ns", tz="UTC"))
    columns = [pa.array(rows[name].to_numpy()) for name in columns_of(key)]
    schema = pa.schema(
        [("time", times.type), *((name, pa.float64()) for name in columns_of(key))],
        metadata={_ABOUT: json.dumps(about).encode()},
    )
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([times, *columns], schema=schema), sink, compression="zstd")
    content = sink.getvalue()
    return _described(rows, content, key, number=number, fetched=fetched), content


def read_part(content: bytes, *, file: str) -> PartFile:
    """A part out of its bytes.

    Raises
    ------
    NotAPartError
        The bytes are not those that were written under this name.
    """
    named = PART.fullmatch(file)
    if named is None or not hashlib.sha256(content).hexdigest().startswith(named["digest"]):
        raise NotAPartError("its checksum is wrong")
    try:
        table = _table(content)
        about = json.loads(table.schema.metadata[_ABOUT])
        key = SeriesKey(*about["key"])
        rows = _frame(table, columns_of(key))
        first, last = (pd.Timestamp(stamp) for stamp in about["fetched"])
        part = _described(rows, content, key, number=int(named["number"]), fetched=(first, last))
        return PartFile(part, key, tuple(about["replaces"]), rows)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise NotAPartError("it cannot be read as a part of this store") from error


def checked_part(content: bytes, part: Part, key: SeriesKey) -> pd.DataFrame:
    """The rows of a part that the manifest names.

    Raises
    ------
    NotAPartError
        The bytes are not those that were written.
    """
    if len(content) != part.n_bytes:
        raise NotAPartError(f"it has {len(content):,} of {part.n_bytes:,} bytes")
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise NotAPartError("its checksum is wrong")
    try:
        return _frame(_table(content), columns_of(key))
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise NotAPartError("it cannot be read as a part of this store") from error


def _table(content: bytes) -> pa.Table:
    # Read in this thread alone: threads of Arrow's own that still held the bytes when the program ended have
    # aborted it ("terminate called without an active exception"), which made a finished download look failed.
    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as parquet:
        return parquet.read(use_threads=False)


def _frame(table: Any, columns: tuple[str, ...]) -> pd.DataFrame:
    times = table.column("time").cast(pa.int64()).to_numpy()
    index = pd.DatetimeIndex(times.view("datetime64[ns]")).tz_localize("UTC")
    values = np.column_stack([table.column(name).to_numpy() for name in columns])
    return pd.DataFrame(values, index=index, columns=list(columns))


def _described(
    rows: pd.DataFrame,
    content: bytes,
    key: SeriesKey,
    *,
    number: int,
    fetched: tuple[pd.Timestamp, pd.Timestamp],
) -> Part:
    index = pd.DatetimeIndex(rows.index)
    sha256 = hashlib.sha256(content).hexdigest()
    return Part(
        file=part_name(number, sha256),
        n_rows=len(rows),
        first=index[0],
        last=index[-1],
        n_bytes=len(content),
        sha256=sha256,
        content=content_sum(rows),
        n_weekend_rows=int(on_weekend(index, key).sum()),
        fetched_first=fetched[0],
        fetched_last=fetched[1],
    )
