"""A stored series as a file of one's own: CSV or Parquet."""

from __future__ import annotations

import io
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.csv_text import csv_bytes
from data.errors import ChangeInputError
from data.store import StoredSeries

EXPORT_SUFFIXES: Final = (".csv", ".parquet")


def export_bytes(stored: StoredSeries, *, suffix: str) -> bytes:
    """The rows with time, source and symbol, as the file reader of this program takes them.

    Raises
    ------
    ChangeInputError
        The suffix is neither ``.csv`` nor ``.parquet``.
    """
    table = stored.rows.assign(source=stored.key.source, symbol=stored.key.symbol)
    if suffix == ".csv":
        table.index = pd.Index([_text(stamp) for stamp in table.index], name="time_utc")
        return csv_bytes(table)
    if suffix == ".parquet":
        sink = io.BytesIO()
        table.index.name = "time_utc"
        frame = pa.Table.from_pandas(table.reset_index(), preserve_index=False)
        pq.write_table(frame.replace_schema_metadata(None), sink, compression="zstd")
        return sink.getvalue()
    raise ChangeInputError(
        f"a file that ends in {suffix[:20]!r} cannot be written",
        parameter="to",
        value=suffix,
        allowed=" or ".join(EXPORT_SUFFIXES),
        remedy="Give the file one of these endings.",
    )


def write_export(content: bytes, path: Path, *, overwrite: bool) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    ChangeInputError
        The file is there already, or cannot be written.
    """
    if not overwrite and path.exists():
        raise ChangeInputError(
            f"the file {path} is there already",
            parameter="to",
            value=str(path),
            allowed="a new file",
            remedy="Choose another name, or add --overwrite.",
        )
    temporary = path.with_name(f"{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise ChangeInputError(
            f"the file {path} cannot be written: {error.strerror or type(error).__name__}",
            parameter="to",
            value=str(path),
            allowed="a file in a folder that may be written and has room",
            remedy="Choose another place.",
        ) from error


def _text(stamp: pd.Timestamp) -> str:
    """ISO 8601 with a Z; fractions of a second only where there are some."""
    return stamp.isoformat().replace("+00:00", "Z")
