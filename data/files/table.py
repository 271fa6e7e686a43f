"""What every kind of file becomes before anything is understood: named columns with row numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from data.files.dates import looks_like_epoch, looks_like_time

ColumnKind = Literal["epoch", "time", "clock", "number", "text", "empty"]
Decimal = Literal["point", "comma"]

#: What exporters write where they have no value (compared without case).
MISSING: Final = frozenset({"", "-", "--", ".", "na", "n/a", "#n/a", "nan", "nat", "null", "none"})

_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?[AaPp][Mm])?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[$]?[+-]?(\d[\d.,' \u00a0\u202f]*|\.\d+)([eE][+-]?\d+)?[%KMB]?", re.ASCII)


@dataclass(frozen=True, eq=False)
class Head:
    """What the beginning of a file tells.

    Attributes
    ----------
    names : tuple of str
        Column names, stripped; hostile.
    kinds : tuple of str
        What each column holds, judged by the first rows or by the column's type.
    """

    names: tuple[str, ...]
    kinds: tuple[ColumnKind, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """A whole file as read, nothing interpreted.

    Attributes
    ----------
    file : str
        Name of the file, ready to be shown.
    head : Head
    frame : pandas.DataFrame
        Columns 0, 1, ...; text for CSV, text or numbers or times for the columnar formats. The
        index is the number of the row in the file, counted as a spreadsheet does (heading 1).
    notes : tuple of str
        What reading already had to do.
    """

    file: str
    head: Head
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def is_missing(text: str) -> bool:
    """Whether a cell holds nothing."""
    return text.strip().lower() in MISSING


def kind_of(values: Sequence[str]) -> ColumnKind:
    """What a column holds, judged by the text of its first rows; blank cells do not count."""
    present = [value.strip() for value in values if not is_missing(value)]
    if not present:
        return "empty"
    if all(looks_like_epoch(value) for value in present):
        return "epoch"
    if all(_CLOCK.fullmatch(value) for value in present):
        return "clock"
    if all(looks_like_time(value) for value in present):
        return "time"
    if all(_NUMBER.fullmatch(value) or value.lower() in {"inf", "-inf"} for value in present):
        return "number"
    return "text"
