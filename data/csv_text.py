"""Tables as CSV that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
from typing import Final

import pandas as pd

#: A spreadsheet runs a cell that starts with one of these as a formula; the last four are wide forms that
#: some take for the first.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """UTF-8 CSV with full precision; text that a spreadsheet would run as a formula is quoted."""
    safe = table.rename(columns=guarded).rename_axis(index=guarded(str(table.index.name or "time_utc")))
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[column] = safe[column].map(_guarded_cell)
    if not isinstance(safe.index, pd.DatetimeIndex):
        safe.index = safe.index.map(_guarded_cell)
    # All text stands between quotation marks: a spreadsheet that separates by semicolons must not find a
    # formula behind one.
    return safe.to_csv(date_format="%Y-%m-%dT%H:%M:%SZ", quoting=csv.QUOTE_NONNUMERIC).encode()


def _guarded_cell(cell: object) -> object:
    return guarded(cell) if isinstance(cell, str) else cell


def guarded(text: object) -> str:
    """Text with an apostrophe in front when a spreadsheet would take it for a formula."""
    words = str(text)
    return f"'{words}" if words.startswith(FORMULA_STARTS) else words
