"""CSV and its relatives: from bytes to columns of text, whatever program wrote them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from data.errors import FileFormatError
from data.files.limits import MAX_LINE_CHARACTERS, check_bytes, check_shape
from data.files.table import Head, Table, kind_of

#: Bytes that hold the heading and the first rows of any file that is accepted.
HEAD_BYTES: Final = 2 * MAX_LINE_CHARACTERS
_SAMPLE_ROWS: Final = 20
_MOST_PREAMBLE_LINES: Final = 10
# In order of preference when two separators explain the file equally well.
_SEPARATORS: Final = ("\t", ";", "|", ",")

_BINANCE_KLINE: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
    "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip

_BINARY_FORMATS: Final = (
    (b"PK\x03\x04", "an Excel or ZIP file", "Open it and save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "Open it and save the sheet as CSV."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"PAR1", "a Parquet file", "Give it the ending .parquet."),
    (b"ARROW1", "an Arrow (Feather) file", "Give it the ending .feather."),
    (b"%PDF", "a PDF file", "Export the prices as CSV."),
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class _Layout:
    """How the text is cut into cells: separator, lines above the heading, rows of the heading."""

    separator: str
    preamble: int
    heading: int
    head: Head


def read_text(content: bytes, *, file: str) -> Table:
    """Read a whole CSV file as text cells.

    Parameters
    ----------
    content : bytes
        The file.
    file : str
        Its name as shown in messages.

    Raises
    ------
    data.errors.FileFormatError
        It is no table of text.
    data.errors.TooLargeError
        It is larger than :mod:`data.files.limits` allows.
    """
    check_bytes(len(content), file)
    text, notes = decoded(content, file)
    layout = _layout(text, file)
    rows = max(text.count("\n"), text.count("\r"))
    check_shape(rows, len(layout.head.names), file)
    frame = _cells(text, layout, file)
    if layout.preamble:
        notes.append(f"{layout.preamble} line(s) above the heading left out")
    if not layout.heading:
        notes.append("the file has no heading; read as a Binance kline file")
    return Table(file, layout.head, frame, tuple(notes))


def read_text_head(beginning: bytes, *, file: str) -> Head:
    """Names and kinds of the columns from the first :data:`HEAD_BYTES` bytes of a CSV file."""
    text, _ = decoded(beginning, file, cut=len(beginning) >= HEAD_BYTES)
    return _layout(text, file).head


def decoded(content: bytes, file: str, *, cut: bool = False) -> tuple[str, list[str]]:
    """The text of a file and what reading it had to assume; refuses what is binary, by its name.

    Parameters
    ----------
    content : bytes
    file : str
        Its name as shown in messages.
    cut : bool
        Whether ``content`` is only the beginning, which may end inside a character.

    Raises
    ------
    data.errors.FileFormatError
        It is empty, binary, or in an unknown encoding.
    """
    for magic, what, remedy in _BINARY_FORMATS:
        if content.startswith(magic):
            raise _unreadable(f"the file {file} is {what}, not CSV text", file, remedy)
    text, notes = _text(content, file, cut)
    if not text.strip():
        raise _unreadable(f"the file {file} is empty", file, "Choose a file with prices.")
    if _CONTROL.search(text):
        raise _unreadable(
            f"the file {file} holds binary data, not text", file, "Export the prices as CSV in UTF-8."
        )
    return text, notes


def _text(content: bytes, file: str, cut: bool) -> tuple[str, list[str]]:
    encoding, skipped = next(
        ((name, len(mark)) for mark, name in _BOMS if content.startswith(mark)), ("utf-8", 0)
    )
    body = content[skipped:]
    try:
        # An incremental decoder leaves a character that the end of the piece cuts in two.
        return codecs.getincrementaldecoder(encoding)().decode(body, final=not cut), []
    except UnicodeDecodeError as error:
        if skipped:
            raise _unreadable(
                f"the file {file} says that it is {encoding.upper()} text but is not",
                file,
                "Export the prices as CSV in UTF-8.",
            ) from error
    try:
        return body.decode("cp1252"), ["read as Windows-1252 text, since it is not UTF-8"]
    except UnicodeDecodeError as error:
        raise _unreadable(
            f"the file {file} is not text in UTF-8, UTF-16 or Windows-1252",
            file,
            "Export the prices as CSV in UTF-8.",
        ) from error


def _layout(text: str, file: str) -> _Layout:
    lines = _first_lines(text, file)
    declared = 0
    separators: tuple[str, ...] = _SEPARATORS
    if (said := re.fullmatch(r"sep=(.)", lines[0].strip())) and said[1] in _SEPARATORS:
        declared, separators = 1, (said[1],)
    found = [_split(lines[declared:], separator) for separator in separators]
    # Lines left out above the heading speak against a separator, the more cells for it.
    best = max(found, key=lambda each: (each.even, -each.preamble, len(each.rows[0]) if each.rows else 0))
    if not best.rows or len(best.rows[0]) < 2:
        raise _unreadable(
            f"the file {file} has only one column",
            file,
            "Save it as CSV with a column of times and a column of prices.",
        )
    separator = separators[found.index(best)]
    names = tuple(cell.strip() for cell in best.rows[0])
    check_shape(0, len(names), file)
    told = {kind_of([name]) for name in names}
    heading = int("text" in told and not told & {"epoch", "time"})
    if not heading:
        if len(names) != len(_BINANCE_KLINE) or kind_of([names[0]]) != "epoch":
            raise _unreadable(
                f"the first row of the file {file} holds values, not column names",
                file,
                "Add a first row that names the columns, e.g. time,close.",
            )
        names = _BINANCE_KLINE
    elif downloaded := _yfinance_names(best.rows):
        heading, names = 3, downloaded
    sample = best.rows[heading:]
    kinds = tuple(kind_of([row[i] for row in sample if i < len(row)]) for i in range(len(names)))
    return _Layout(separator, declared + best.preamble, heading, Head(names, kinds))


def _yfinance_names(rows: list[list[str]]) -> tuple[str, ...]:
    """Column names of a file that yfinance's ``download`` saved, with its three rows of heading.

    The rows are field, ticker and the name of the times. With several tickers the closes are named
    after them and the other columns have no name, so that they are left out.
    """
    if len(rows) < 3 or [row[0].strip() for row in rows[:2]] != ["Price", "Ticker"]:
        return ()
    fields, tickers = ([cell.strip() for cell in row[1:]] for row in rows[:2])
    time = rows[2][0].strip()
    if len(set(tickers)) == 1:
        return (time, *fields)
    close = "Adj Close" if "Adj Close" in fields else "Close"
    return (time, *(t if f == close else "" for f, t in zip(fields, tickers, strict=False)))


@dataclass(frozen=True)
class _Split:
    rows: list[list[str]]
    preamble: int
    even: bool


def _split(lines: list[str], separator: str) -> _Split:
    """The first rows as one separator cuts them, from the first line of two cells on."""
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return _Split([], 0, even=False)
    start = next((i for i, row in enumerate(rows) if len(row) > 1), len(rows))
    if start > _MOST_PREAMBLE_LINES:
        return _Split([], 0, even=False)
    kept = [row for row in rows[start:] if row]
    return _Split(kept, start, even=len({len(row) for row in kept}) == 1)


def _first_lines(text: str, file: str) -> list[str]:
    piece = text[:HEAD_BYTES]
    lines = list(io.StringIO(piece, newline=None))
    if len(piece) < len(text) and len(lines) > 1:
        lines.pop()  # the piece cuts it
    if max(len(line) for line in lines[:_SAMPLE_ROWS]) > MAX_LINE_CHARACTERS:
        raise _unreadable(
            f"the file {file} has a line of more than {MAX_LINE_CHARACTERS:,} characters",
            file,
            "Save it as CSV with one row for each time.",
        )
    return lines[: _SAMPLE_ROWS + _MOST_PREAMBLE_LINES]


def _cells(text: str, layout: _Layout, file: str) -> pd.DataFrame:
    try:
        # Every cell stays the text it is: nothing is guessed, converted or evaluated here.
        frame = pd.read_csv(
            io.StringIO(text),
            sep=layout.separator,
            header=None,
            skiprows=layout.preamble,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            engine="c",
        )
    except (ValueError, OverflowError) as error:  # ParserError and EmptyDataError are ValueErrors
        raise _not_even(str(error), layout, file) from error
    if frame.shape[1] != len(layout.head.names):
        raise _unreadable(f"the file {file} cannot be cut into rows and columns", file, "Export it again.")
    frame.index = pd.RangeIndex(layout.preamble + 1, layout.preamble + 1 + len(frame))
    frame = frame.iloc[layout.heading :]
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise _unreadable(
            f"the file {file} has a heading but no rows",
            file,
            "Choose a file with at least one row of prices.",
        )
    _check_short_rows(text, frame, layout, file)
    return frame


def _not_even(message: str, layout: _Layout, file: str) -> FileFormatError:
    """Say which row does not fit, in the words of the file instead of the parser's."""
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if found:
        # The parser counts lines from the first line of the file, as a spreadsheet does.
        problem = (
            f"row {int(found[2]):,} of the file {file} has {found[3]} cells where the heading has {found[1]}"
        )
    elif "EOF inside string" in message:
        problem = f"the file {file} has an opening quotation mark that is never closed"
    else:
        problem = f"the file {file} cannot be cut into rows and columns"
    return _unreadable(problem, file, "Correct that row, or export the file again.")


def _check_short_rows(text: str, frame: pd.DataFrame, layout: _Layout, file: str) -> None:
    """Refuse rows with too few cells: a download that broke off may end inside a price."""
    if not (frame.iloc[:, -1] == "").any():
        return
    width = frame.shape[1]
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=layout.separator, skipinitialspace=True)
    try:
        for number, row in enumerate(rows, start=1):
            if number > layout.preamble and 0 < len(row) < width and any(row):
                raise _unreadable(
                    f"row {number:,} of the file {file} has {len(row)} cells where the heading has {width}",
                    file,
                    "The file may have been cut off: delete that row, or export the file again.",
                )
    except csv.Error as error:
        raise _unreadable(
            f"the file {file} cannot be cut into rows and columns", file, "Export it again."
        ) from error


def _unreadable(problem: str, file: str, remedy: str) -> FileFormatError:
    return FileFormatError(
        problem,
        parameter="file",
        value=file,
        allowed="CSV text with a heading, a column of times and a column of prices",
        remedy=remedy,
    )
