"""Positions as people hand them in: pasted from a spreadsheet, or as a file.

A line that cannot be read is named and kept as it was; the others are read. What could be read in two
ways is never guessed: 12,340 coins may be twelve thousand or twelve and a third.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pandas as pd

from data.errors import FileFormatError, TooLargeError
from data.files.columnar import read_arrow, read_parquet
from data.files.names import (
    ARROW_SUFFIXES,
    EXCEL_SUFFIXES,
    KNOWN_SUFFIXES,
    PARQUET_SUFFIXES,
    shown,
    suffix_of,
)
from data.files.numbers import proof_of
from data.files.table import Decimal, Table
from data.files.text import decoded
from data.position_lines import (
    Columns,
    PositionRow,
    SizeUnit,
    UnreadableLineError,
    columns_of,
    is_number,
    row_from_cells,
    row_from_columns,
)

MAX_BYTES: Final = 2**20
MAX_CHARACTERS: Final = 200_000
MOST_LINES: Final = 1_000
# In a line cut at blanks: a sign or dollar sign apart from its number.
_LOOSE_SIGN: Final = re.compile(r"(?<![^\s])([-+]|[-+]?(?:US)?\$) (?=[-+]?(?:US)?\$? ?[0-9.])")
_THOUSANDS: Final = re.compile(r"[-+(]?(?:US)?\$?[0-9]{1,3}")
_REST: Final = re.compile(r"[0-9]{3}(?:[.,][0-9]*)?\)?")
_MINUS_SIGNS: Final = re.compile("[\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d]")


@dataclass(frozen=True)
class UnreadLine:
    """A line that is no position.

    Attributes
    ----------
    number : int
        In the text or file, from 1.
    text : str
        As it stands there; hostile.
    reason : str
        A plain clause, such as ``"it has no size"``; quotes hostile text.
    """

    number: int
    text: str
    reason: str


@dataclass(frozen=True)
class ReadPositions:
    """What a text or a file holds.

    Attributes
    ----------
    rows : tuple of PositionRow
    unread : tuple of UnreadLine
        Nothing of the text is in neither of the two, save blank lines and the heading.
    heading : str
        The line that names the columns, or empty.
    """

    rows: tuple[PositionRow, ...]
    unread: tuple[UnreadLine, ...]
    heading: str = ""


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    cells: tuple[str, ...]
    separator: str = "\t"


def read_positions(text: str, *, default_unit: SizeUnit) -> ReadPositions:
    """Positions from pasted lines: symbol, size, and perhaps unit, side and a beta set by hand.

    Cells are separated by tabs, semicolons, commas or blanks. Without a heading the first cell is the
    symbol and the rest is told apart by what it looks like.

    Parameters
    ----------
    text : str
        Hostile.
    default_unit : {"usd", "coins"}
        Of sizes that neither the line nor the heading gives one.

    Raises
    ------
    TooLargeError
        There are more than :data:`MAX_CHARACTERS` characters or :data:`MOST_LINES` lines.
    """
    if len(text) > MAX_CHARACTERS:
        raise _too_large(f"the text has {len(text):,} characters", f"at most {MAX_CHARACTERS:,}")
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    numbered = [(number, line) for number, line in enumerate(plain.split("\n"), 1) if line.strip()]
    if len(numbered) > MOST_LINES:
        raise _too_large(f"there are {len(numbered):,} lines", f"at most {MOST_LINES:,}")
    return _read(_cut_lines(numbered), default_unit=default_unit, decimal=None)


def read_positions_file(content: bytes, *, file_name: str, default_unit: SizeUnit) -> ReadPositions:
    """Positions from an uploaded file: CSV and its relatives, Parquet or Feather.

    Parameters
    ----------
    content : bytes
    file_name : str
        Its ending says how the file is read; hostile.
    default_unit : {"usd", "coins"}
        As :func:`read_positions`.

    Raises
    ------
    FileFormatError
        The file cannot be read as a table.
    TooLargeError
        It has more than :data:`MAX_BYTES` bytes or :data:`MOST_LINES` rows.
    """
    file, suffix = shown(file_name), suffix_of(file_name)
    if len(content) > MAX_BYTES:
        raise _too_large(f"the file {file} has {len(content):,} bytes", f"at most {MAX_BYTES:,} bytes")
    if suffix not in KNOWN_SUFFIXES:
        what = "is a spreadsheet" if suffix in EXCEL_SUFFIXES else f"has the ending {shown(suffix)}"
        raise _not_positions(f"the file {file} {what}", file)
    try:
        if suffix in PARQUET_SUFFIXES:
            return _from_table(read_parquet(content, file=file), default_unit)
        if suffix in ARROW_SUFFIXES:
            return _from_table(read_arrow(content, file=file), default_unit)
        text, _ = decoded(content, file=file)
    except FileFormatError as error:  # the readers of prices speak of prices
        raise _not_positions(error.problem, file) from error
    return read_positions(text, default_unit=default_unit)


def _from_table(table: Table, default_unit: SizeUnit) -> ReadPositions:
    if len(table.frame) > MOST_LINES:
        raise _too_large(
            f"the file {table.file} has {len(table.frame):,} rows", f"at most {MOST_LINES:,} rows"
        )
    heading = _Line(0, "\t".join(table.head.names), table.head.names)
    lines = [heading] + [
        _Line(int(number), "\t".join(cells), cells)
        for number, *values in table.frame.itertuples(name=None)
        for cells in [tuple(map(_cell_text, values))]
    ]
    return _read(lines, default_unit=default_unit, decimal="point")


def _cell_text(value: object) -> str:
    if isinstance(value, str):
        return _MINUS_SIGNS.sub("-", value)
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def _read(lines: Sequence[_Line], *, default_unit: SizeUnit, decimal: Decimal | None) -> ReadPositions:
    columns = columns_of(lines[0].cells) if lines else None
    body = lines[1:] if columns else lines
    decimal = decimal or _decimal_of(body)
    rows, unread = [], []
    for line in body:
        try:
            rows.append(_row(line, columns, default_unit, decimal))
        except UnreadableLineError as error:
            unread.append(UnreadLine(line.number, line.text, str(error)))
    return ReadPositions(tuple(rows), tuple(unread), lines[0].text if columns else "")


def _row(
    line: _Line, columns: Columns | None, default_unit: SizeUnit, decimal: Decimal | None
) -> PositionRow:
    if columns is not None:
        return row_from_columns(line.cells, columns, default_unit=default_unit, decimal=decimal)
    if line.separator in ", " and (torn := _torn_number(line.cells, line.separator)):
        raise UnreadableLineError(f"{torn} may be one number or two; write thousands without a mark")
    return row_from_cells(line.cells, default_unit=default_unit, decimal=decimal)


def _torn_number(cells: Sequence[str], separator: str) -> str:
    """A number such as 12,340 or 12 340 that the separator would have cut in two."""
    for left, right in pairwise(cells):
        if _THOUSANDS.fullmatch(left) and _REST.fullmatch(right):
            return shown(f"{left}{separator}{right}")
    return ""


def _decimal_of(lines: Sequence[_Line]) -> Decimal | None:
    """The mark of the decimals that some number shows and none contradicts."""
    proofs = {proof_of(cell) for line in lines for cell in line.cells if is_number(cell)} - {None}
    return proofs.pop() if len(proofs) == 1 else None


def _separator(lines: Sequence[str]) -> str:
    for mark in ("\t", ";"):
        if any(mark in line for line in lines):
            return mark
    with_comma = [line for line in lines if "," in line]
    is_cut = with_comma and all(_is_cut_by_commas(line) for line in with_comma)
    return "," if is_cut or (lines and columns_of(_cut(lines[0], ",")) is not None) else " "


def _cut_lines(numbered: Sequence[tuple[int, str]]) -> list[_Line]:
    """Every line by its cells; one that was typed beneath cells of a spreadsheet is cut as if alone."""
    separator = _separator([line for _, line in numbered])
    lines = [_Line(number, line, _cut(line, separator), separator) for number, line in numbered]
    if separator in ", " or columns_of(lines[0].cells) is not None:
        return lines
    return [line if separator in line.text else _alone(line) for line in lines]


def _alone(line: _Line) -> _Line:
    separator = _separator([line.text])
    return _Line(line.number, line.text, _cut(line.text, separator), separator)


def _is_cut_by_commas(line: str) -> bool:
    """Whether what stands before the first comma is a cell, and not ``SOL 12`` of ``SOL 12,340``."""
    return not any(is_number(word) for word in line.split(",", maxsplit=1)[0].split())


def _cut(line: str, separator: str) -> tuple[str, ...]:
    line = _MINUS_SIGNS.sub("-", line)
    if separator != " ":
        try:
            (cells,) = csv.reader([line], delimiter=separator, skipinitialspace=True)
        except (csv.Error, ValueError):
            return (line,)
        return tuple(cell.strip() for cell in cells)
    return tuple(word for word in _LOOSE_SIGN.sub(r"\1", line).split(" ") if word.strip())


def _too_large(problem: str, allowed: str) -> TooLargeError:
    return TooLargeError(
        problem,
        parameter="positions",
        value=problem,
        allowed=allowed,
        remedy="Leave out what is no position, or add small positions up.",
    )


def _not_positions(problem: str, file: str) -> FileFormatError:
    return FileFormatError(
        problem,
        parameter="file",
        value=file,
        allowed=f"a table of symbols and sizes in a file ending in {', '.join(KNOWN_SUFFIXES)}",
        remedy="Save the sheet as CSV, or copy its cells and paste them.",
    )
