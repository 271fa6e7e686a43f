"""One file with its times understood, and its prices read per symbol when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from data.errors import FileFormatError, NoDataInRangeError, UnknownSymbolError
from data.files.columnar import read_arrow, read_columnar_head, read_parquet
from data.files.columns import Roles, find_roles
from data.files.dates import DateOrder, offsets_of, parse_times
from data.files.limits import MAX_COLUMNS
from data.files.names import (
    EXCEL_SUFFIXES,
    KNOWN_SUFFIXES,
    PARQUET_SUFFIXES,
    TEXT_SUFFIXES,
    checked_symbol,
    file_symbol,
    file_tag,
    shown,
    suffix_of,
)
from data.files.numbers import decimal_of, has_marks, parse_numbers
from data.files.spacing import infer_interval
from data.files.table import MISSING, Decimal, Head, Table
from data.files.text import read_text, read_text_head
from data.prices import BarInterval, PriceHistory, validated_history


@dataclass(frozen=True)
class ReadOptions:
    """What the user said about files that cannot be told from the files.

    Attributes
    ----------
    price_column : str or None
        Name of the column of prices; None takes the adjusted close, the close or the price.
    date_order : {"day_first", "month_first"} or None
        How to read 01/02/2024; None lets the column decide and refuses when it does not.
    """

    price_column: str | None = None
    date_order: DateOrder | None = None


DEFAULT_OPTIONS: Final = ReadOptions()


def read_head(beginning: bytes, *, file_name: str) -> Head:
    """Column names of a file from its first :data:`data.files.text.HEAD_BYTES` bytes.

    Parquet and Arrow files have to be given whole.
    """
    file, suffix = shown(file_name), _checked_suffix(file_name)
    if suffix in TEXT_SUFFIXES:
        return read_text_head(beginning, file=file)
    return read_columnar_head(beginning, file=file)


@dataclass(frozen=True, eq=False)
class ParsedFile:
    """One file with its times understood; prices are read per symbol, when asked for.

    Attributes
    ----------
    file_name : str
    table : Table
        Without repeated headings and rows without a time.
    roles : Roles
    stamps : pandas.DatetimeIndex
        UTC instant of each row of ``table``.
    symbols : tuple of str
        In the order of the file.
    notes : tuple of str
        What reading changed.
    """

    file_name: str
    table: Table
    roles: Roles
    stamps: pd.DatetimeIndex
    symbols: tuple[str, ...]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, content: bytes, *, file_name: str, options: ReadOptions) -> ParsedFile:
        """Read the file as far as all of its symbols share."""
        file, suffix = shown(file_name), _checked_suffix(file_name)
        if suffix in TEXT_SUFFIXES:
            table = read_text(content, file=file)
        elif suffix in PARQUET_SUFFIXES:
            table = read_parquet(content, file=file)
        else:
            table = read_arrow(content, file=file)
        roles = find_roles(table.head, price_column=options.price_column, file=file)
        table, notes = _without_idle_rows(table, roles)
        times = table.frame[roles.time]
        if roles.clock is not None:
            times = times.str.strip() + " " + table.frame[roles.clock].str.strip()
        name = shown(table.head.names[roles.time])
        stamps, said = parse_times(times, name=name, order=options.date_order)
        notes = (*table.notes, *roles.notes, *notes, *said, *_text_time_notes(table, roles))
        return cls(file_name, table, roles, stamps, _symbols(table, roles, file_name), notes)

    def interval(self, symbol: str) -> BarInterval:
        """Bar length of one symbol."""
        return self._interval(self.values(symbol), symbol)[0]

    def history(self, symbol: str, *, now: pd.Timestamp, source: str) -> PriceHistory:
        """Validated prices of one symbol."""
        prices = self.values(symbol)
        interval, said = self._interval(prices, symbol)
        return validated_history(
            prices, symbol=symbol, source=source, interval=interval, now=now, notes=(*self.notes, *said)
        )

    @cached_property
    def _values(self) -> tuple[int, ...]:
        """Positions of the columns that are neither times nor symbols."""
        roles, kinds = self.roles, self.table.head.kinds
        told = (roles.time, roles.clock, roles.symbol)
        return tuple(i for i in range(len(kinds)) if i not in told and kinds[i] != "time")

    @cached_property
    def _has_marks(self) -> bool:
        return has_marks(self.table.frame[i] for i in self._values)

    @cached_property
    def _decimals(self) -> dict[int, Decimal]:
        """What was found out about columns, since many symbols may share one."""
        return {}

    def _decimal(self, position: int, name: str) -> Decimal:
        if not self._has_marks:
            return "point"
        if position not in self._decimals:
            frame = self.table.frame
            others = (frame[i] for i in self._values if i != position)
            self._decimals[position] = decimal_of(frame[position], others, file=self.table.file, name=name)
        return self._decimals[position]

    @cached_property
    def _symbol_numbers(self) -> np.ndarray:
        """Position in ``symbols`` of the symbol of each row (long form)."""
        numbers: np.ndarray = pd.factorize(self.table.frame[self.roles.symbol].str.strip())[0]
        return numbers

    def values(self, symbol: str) -> pd.Series:
        """The chosen column of one symbol as it stands in the file, NaN where a cell is empty."""
        if symbol not in self.symbols:
            raise unknown_symbol(symbol, f"the file {shown(self.file_name)}")
        roles, frame, names = self.roles, self.table.frame, self.table.head.names
        position = roles.prices[self.symbols.index(symbol)] if roles.form == "wide" else roles.prices[0]
        mine = np.ones(len(frame), dtype=bool)
        if roles.form == "long":
            mine = self._symbol_numbers == self.symbols.index(symbol)
        name = shown(names[position])
        numbers = parse_numbers(frame.loc[mine, position], name=name, decimal=self._decimal(position, name))
        return pd.Series(numbers.to_numpy(), index=self.stamps[mine])

    def _interval(self, prices: pd.Series, symbol: str) -> tuple[BarInterval, tuple[str, ...]]:
        if prices.isna().all():
            raise NoDataInRangeError(
                f"no row of the file {shown(self.file_name)} has a price of {shown(symbol)}",
                parameter="price_column",
                value=symbol,
                allowed="at least one row with a date and a positive price",
                remedy="Choose another symbol, file or column.",
            )
        # Rows without a price count too: holes say nothing about the length of a bar.
        stamps = pd.DatetimeIndex(prices.index)
        if stamps.nunique() > 1:
            return infer_interval(stamps, symbol=symbol), ()
        tagged = file_tag(self.file_name)
        return tagged or "daily", () if tagged else ("only one row; taken for a daily bar",)


def unknown_symbol(symbol: str, where: str) -> UnknownSymbolError:
    """The error for a symbol that ``where`` (ready to be shown) does not hold."""
    return UnknownSymbolError(
        f"{where} has no symbol {shown(symbol)}",
        parameter="symbol",
        value=shown(symbol),
        allowed="one of the symbols that are listed",
        remedy="Choose another symbol, or add a file for it.",
    )


def _checked_suffix(file_name: str) -> str:
    suffix = suffix_of(file_name)
    if suffix in KNOWN_SUFFIXES:
        return suffix
    excel = suffix in EXCEL_SUFFIXES
    raise FileFormatError(
        f"the file {shown(file_name)} is a spreadsheet, which is not read"
        if excel
        else f"the file {shown(file_name)} has the ending {shown(suffix)}",
        parameter="file",
        value=shown(file_name),
        allowed=f"files ending in {', '.join(KNOWN_SUFFIXES)}",
        remedy="Open it and save the sheet as CSV." if excel else "Save the prices as CSV.",
    )


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype)


def _without_idle_rows(table: Table, roles: Roles) -> tuple[Table, tuple[str, ...]]:
    """Without headings repeated in the middle and rows that have no time; both are counted."""
    times, notes = table.frame[roles.time], []
    keep = times.notna().to_numpy()
    if _is_text(times):
        cells = times.str.strip()
        first_price = table.frame[roles.prices[0]]
        headings = cells == table.head.names[roles.time]
        if _is_text(first_price):
            headings &= first_price.str.strip() == table.head.names[roles.prices[0]]
        if headings.any():
            notes.append(f"{_count(int(headings.sum()), 'repeated heading')} in the middle dropped")
        blank = cells.str.lower().isin(MISSING)
        keep = ~(headings | blank).to_numpy()
        missing = int(blank.sum())
    else:
        missing = int((~keep).sum())
    if missing:
        notes.append(f"{_count(missing, 'row')} without a time dropped")
    if not keep.any():
        raise FileFormatError(
            f"no row of the file {table.file} has a time",
            parameter="time",
            value=table.file,
            allowed="at least one row with a time",
            remedy="Choose a file whose column of times is filled.",
        )
    return Table(table.file, table.head, table.frame[keep], table.notes), tuple(notes)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _text_time_notes(table: Table, roles: Roles) -> tuple[str, ...]:
    """Say it when a number was preferred to a text that is in another zone."""
    if table.head.kinds[roles.time] != "epoch":
        return ()
    notes = []
    for i, kind in enumerate(table.head.kinds):
        if kind != "time" or not _is_text(table.frame[i]):
            continue
        if offsets := offsets_of(table.frame[i]):
            notes.append(
                f"times taken from the UTC numbers in {shown(table.head.names[roles.time])};"
                f" {shown(table.head.names[i])} is written with offset {', '.join(offsets[:8])}"
            )
    return tuple(notes)


def _symbols(table: Table, roles: Roles, file_name: str) -> tuple[str, ...]:
    if roles.form == "single":
        return (file_symbol(file_name),)
    if roles.form == "wide":
        return tuple(table.head.names[i] for i in roles.prices)
    column = table.frame[roles.symbol]
    if not _is_text(column):
        raise FileFormatError(
            f"the column of symbols of the file {table.file} holds numbers",
            parameter="symbol",
            value=table.file,
            allowed="names of instruments in the column of symbols",
            remedy="Correct or delete that column.",
        )
    found = column.str.strip().drop_duplicates()
    if len(found) > MAX_COLUMNS:
        raise FileFormatError(
            f"the file {table.file} has {len(found):,} different symbols",
            parameter="symbol",
            value=len(found),
            allowed=f"at most {MAX_COLUMNS} symbols in one file",
            remedy="Split it, or check that the column of symbols holds symbols.",
        )
    return tuple(checked_symbol(text, origin=f"row {row:,}") for row, text in found.items())
