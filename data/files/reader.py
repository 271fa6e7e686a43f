"""From the bytes of one file to all of its validated price histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.files.columns import Form
from data.files.parsed import DEFAULT_OPTIONS, ParsedFile, ReadOptions
from data.prices import PriceHistory


@dataclass(frozen=True, eq=False)
class ReadFile:
    """What one file holds.

    Attributes
    ----------
    histories : mapping of str to PriceHistory
        One per instrument, in the order of the file.
    form : {"single", "wide", "long"}
        One instrument named by the file; one column per instrument; one row per instrument and time.
    price_column : str or None
        The column that was read; None for several (wide form).
    choices : tuple of str
        Columns that could be chosen as the price. Hostile until escaped.
    """

    histories: Mapping[str, PriceHistory]
    form: Form
    price_column: str | None
    choices: tuple[str, ...]


def read_prices(
    content: bytes,
    *,
    file_name: str,
    options: ReadOptions = DEFAULT_OPTIONS,
    now: pd.Timestamp,
    source: str,
) -> ReadFile:
    """All price histories of one file.

    Parameters
    ----------
    content : bytes
        The file: CSV (``.csv``, ``.tsv``, ``.txt``), Parquet, or Feather/Arrow.
    file_name : str
        Its name; the ending tells the format, the rest the symbol where the file does not.
    options : ReadOptions
    now : pandas.Timestamp
        The present, timezone-aware; bars that are not finished then are left out.
    source : str
        Plain name of where the file came from.

    Raises
    ------
    data.errors.DataError
        The file cannot be read as prices; each reason has its own sentence.
    """
    parsed = ParsedFile.read(content, file_name=file_name, options=options)
    histories = {symbol: parsed.history(symbol, now=now, source=source) for symbol in parsed.symbols}
    roles = parsed.roles
    single = parsed.table.head.names[roles.prices[0]] if roles.form != "wide" else None
    return ReadFile(histories, roles.form, single, roles.choices)
