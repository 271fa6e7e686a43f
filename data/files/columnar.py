"""Parquet and Arrow (Feather) files: sizes are checked before anything is unpacked."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import FileFormatError, TooLargeError
from data.files.arrow_sizes import unpacked_size
from data.files.columns import check_unique
from data.files.limits import MAX_ROWS, check_bytes, check_shape, check_unpacked
from data.files.names import shown
from data.files.table import ColumnKind, Head, Table, kind_of

_PARQUET: Final = "Parquet file"
_ARROW: Final = "Feather or Arrow file"
#: No time, number or symbol is longer; longer text would be unpacked for nothing.
_LONGEST_CELL: Final = 200
_SAMPLE_ROWS: Final = 20
_NOT_READABLE: Final = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError)


def read_parquet(content: bytes, *, file: str) -> Table:
    """Read the flat columns of a Parquet file.

    Raises
    ------
    data.errors.FileFormatError
        It is no Parquet file.
    data.errors.TooLargeError
        By its own account it would unpack to more than is accepted.
    """
    check_bytes(len(content), file)
    if content[:4] != b"PAR1":
        raise _unreadable(_PARQUET, file)
    try:
        schema, rows, size = _parquet_account(content)
        columns = _flat(schema, file)
        check_shape(rows, len(columns), file)
        check_unpacked(size, file)
        names = [schema.names[i] for i in columns]
        for i in range(len(names)):
            check_unique(names, i, file)  # Parquet columns are read by name
        # Text stays a dictionary: one long word repeated a million times is not written out.
        texts = [schema.names[i] for i in columns if _is_text(schema.field(i).type)]
        with pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts) as parquet:
            table = parquet.read(columns=names, use_threads=False)
        table.validate(full=True)  # text that is not UTF-8 among others
    except _NOT_READABLE as error:
        raise _unreadable(_PARQUET, file) from error
    return _as_table(table, file)


def read_arrow(content: bytes, *, file: str) -> Table:
    """Read the flat columns of an Arrow IPC (Feather version 2) file; raises as :func:`read_parquet`."""
    check_bytes(len(content), file)
    if content[:6] != b"ARROW1":
        raise _unreadable(_ARROW, file)
    body = content[8:]  # after the magic word, the file is the Arrow stream and an index of it
    try:
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            columns = _flat(stream.schema, file)
        rows, size = unpacked_size(body)
        check_shape(rows, len(columns), file)
        check_unpacked(size, file)
        options = pa.ipc.IpcReadOptions(included_fields=columns, use_threads=False)
        with pa.ipc.open_stream(pa.BufferReader(body), options=options) as stream:
            table = stream.read_all()
        table.validate(full=True)
    except _NOT_READABLE as error:
        raise _unreadable(_ARROW, file) from error
    return _as_table(table, file)


def read_columnar_head(content: bytes, *, file: str) -> Head:
    """Names and kinds of the columns, from the schema alone."""
    what = _PARQUET if content[:4] == b"PAR1" else _ARROW
    try:
        if what == _PARQUET:
            schema, _, _ = _parquet_account(content)
        elif content[:6] == b"ARROW1":
            with pa.ipc.open_stream(pa.BufferReader(content[8:])) as stream:
                schema = stream.schema
        else:
            raise _unreadable(what, file)
        columns = _flat(schema, file)
    except _NOT_READABLE as error:
        raise _unreadable(what, file) from error
    check_shape(0, len(columns), file)
    kinds = tuple(_kind(schema.field(i).type) for i in columns)
    return Head(tuple(str(schema.names[i]).strip() for i in columns), kinds)


def _parquet_account(content: bytes) -> tuple[Any, int, int]:
    with pq.ParquetFile(pa.BufferReader(content)) as parquet:
        about = parquet.metadata
        size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        return parquet.schema_arrow, about.num_rows, size


def _flat(schema: Any, file: str) -> list[int]:
    """Positions of the columns that can be times, numbers or symbols."""
    found = [i for i in range(len(schema.names)) if _is_usable(schema.field(i).type)]
    if found:
        return found
    raise FileFormatError(
        f"the file {file} has no column of times, and none of numbers or text",
        parameter="file",
        value=file,
        allowed="a column of times and a column of prices",
        remedy="Choose a file of prices.",
    )


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_usable(kind: Any) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(number or types.is_timestamp(kind) or types.is_date(kind) or _is_text(kind))


def _kind(kind: Any) -> ColumnKind:
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "time"
    return "text" if _is_text(kind) or pa.types.is_dictionary(kind) else "number"


def _as_table(table: Any, file: str) -> Table:
    if table.num_rows > MAX_ROWS:
        raise TooLargeError(
            f"the file {file} has more rows than it says",
            parameter="file",
            value=table.num_rows,
            allowed=f"at most {MAX_ROWS:,} rows",
            remedy="Export it again.",
        )
    if not table.num_rows:
        raise FileFormatError(
            f"the file {file} has columns but no rows",
            parameter="file",
            value=file,
            allowed="at least one row of prices",
            remedy="Choose a file with at least one row of prices.",
        )
    names, kinds, columns = [], [], []
    naive = False
    for i, name in enumerate(table.schema.names):
        column = table.column(i)
        naive |= bool(pa.types.is_timestamp(column.type) and column.type.tz is None)
        try:
            series = _series(column)
        except _NOT_READABLE as error:
            raise _unreadable(f"table, because of its column {shown(name)}", file) from error
        if series is not None:
            names.append(str(name).strip())
            columns.append(series)
            kinds.append(_kind_of_series(series))
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(table.num_rows))
    frame.columns = pd.RangeIndex(len(columns))
    frame.index = pd.RangeIndex(1, table.num_rows + 1)
    notes = ("times without an offset were read as UTC",) if naive else ()
    return Table(file, Head(tuple(names), tuple(kinds)), frame, notes)


def _series(column: Any) -> pd.Series | None:
    """One column in the few types that the reader knows; None for text too long to be a cell."""
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms"))
    if pa.types.is_timestamp(column.type):
        instants = column.cast(pa.timestamp(column.type.unit, tz="UTC")).cast(pa.timestamp("ns", tz="UTC"))
        return pd.Series(instants.to_pandas())
    if pa.types.is_dictionary(kind):
        words = [chunk.dictionary for chunk in column.chunks]
        if any((pc.max(pc.binary_length(each)).as_py() or 0) > _LONGEST_CELL for each in words):
            return None
        column = column.cast(pa.large_string())
    if _is_text(column.type):
        if (pc.max(pc.binary_length(column)).as_py() or 0) > _LONGEST_CELL:
            return None
        return pd.Series(column.to_pandas()).astype("str").fillna("")
    if pa.types.is_integer(kind) and not column.null_count:
        return pd.Series(column.cast(pa.int64()).to_pandas())
    return pd.Series(column.cast(pa.float64(), safe=False).to_pandas())


def _kind_of_series(series: pd.Series) -> ColumnKind:
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return "time"
    if pd.api.types.is_numeric_dtype(series.dtype):
        whole = [str(int(value)) for value in series.dropna().head(_SAMPLE_ROWS) if abs(value) < 1e19]
        return "epoch" if kind_of(whole) == "epoch" else "number"
    return kind_of(series.head(_SAMPLE_ROWS).tolist())


def _unreadable(what: str, file: str) -> FileFormatError:
    return FileFormatError(
        f"the file {file} cannot be read as a {what}",
        parameter="file",
        value=file,
        allowed="CSV, Parquet, or Feather version 2 (Arrow IPC)",
        remedy="Export the prices again, or save them as CSV.",
    )
