"""Reader of the small tables of contract facts that users may edit: every error names row and column."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, NoReturn, cast

from data.errors import FileFormatError

Status = Literal["verified", "unverified"]

# The range that contracts themselves accept.
SMALLEST_NUMBER = Decimal("1e-30")
LARGEST_NUMBER = Decimal("1e30")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class TableRow:
    """One row as text, with what it takes to say where something is wrong."""

    path: Path
    number: int
    columns: tuple[str, ...]
    cells: tuple[str, ...]

    def cell(self, column: str) -> str:
        """The text of a column, empty where nothing stands."""
        return self.cells[self.columns.index(column)]

    def text_in(self, column: str) -> str:
        """A text that is not empty."""
        text = self.cell(column)
        if not text or text != text.strip():
            self.refuse(column, allowed="a text without spaces around it")
        return text

    def choice_in(self, column: str, choices: tuple[str, ...]) -> str:
        """One of the listed words."""
        text = self.cell(column)
        if text not in choices:
            self.refuse(column, allowed=" or ".join(choices))
        return text

    def number_in(self, column: str, *, zero_allowed: bool = False) -> Decimal:
        """A plain number above 0, or 0 as well."""
        number = self.plain_number(column)
        low_enough = number is not None and number <= LARGEST_NUMBER
        if (
            number is None
            or not low_enough
            or not (number >= SMALLEST_NUMBER or (zero_allowed and number == 0))
        ):
            self.refuse(
                column, allowed="a plain number of 0 or more" if zero_allowed else "a plain number above 0"
            )
        return number

    def optional_number_in(self, column: str) -> Decimal | None:
        """A plain number above 0, or None for an empty cell."""
        return self.number_in(column) if self.cell(column) else None

    def plain_number(self, column: str) -> Decimal | None:
        """The number of a cell; None where it is not plain digits."""
        # Decimal itself would also take "NaN", "1_000" and "1e9".
        text = self.cell(column)
        return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None

    def day_in(self, column: str) -> date | None:
        """A day written YYYY-MM-DD, or None for an empty cell."""
        text = self.cell(column)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            self.refuse(column, allowed="a day written YYYY-MM-DD, or nothing")
        return day

    def names_in(self, column: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Listed words with spaces between them, or none."""
        names = tuple(self.cell(column).split())
        if any(name not in choices for name in names):
            self.refuse(column, allowed=" ".join(choices))
        return names

    def status(self, unverified: tuple[str, ...], *, needed: tuple[str, ...]) -> Status:
        """Verified only with a day and every needed field."""
        text = self.choice_in("status", ("verified", "unverified"))
        if text == "verified" and (not self.cell("as_of") or any(name in needed for name in unverified)):
            self.refuse("status", allowed="unverified, where a term is unverified or the day is missing")
        return cast(Status, text)

    def refuse(self, column: str, *, allowed: str) -> NoReturn:
        """Say which cell is wrong."""
        _refuse(self.path, row=self.number, column=column, value=self.cell(column), allowed=allowed)


def read_rows(path: Path, columns: tuple[str, ...]) -> tuple[TableRow, ...]:
    """Rows of a comma-separated table with exactly these columns.

    Raises
    ------
    FileFormatError
        The file cannot be read, its header differs, or a row has another number of cells.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(
            f"the table in {path.name} cannot be read",
            parameter="path",
            value=path.name,
            allowed="a table of comma-separated values in UTF-8",
            remedy="Restore the file as it was delivered.",
        ) from error
    if not lines or tuple(lines[0]) != columns:
        _refuse(path, row=1, column="header", value=lines[0] if lines else "", allowed=", ".join(columns))
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(columns):
            _refuse(
                path,
                row=number,
                column="number of cells",
                value=len(cells),
                allowed=f"{len(columns)} cells",
            )
    return tuple(
        TableRow(path, number, columns, tuple(cells)) for number, cells in enumerate(lines[1:], start=2)
    )


def _refuse(path: Path, *, row: int, column: str, value: object, allowed: str) -> NoReturn:
    raise FileFormatError(
        f"row {row}, column {column} of {path.name} is {str(value)[:60]!r}",
        parameter=column,
        value=value,
        allowed=allowed,
        remedy="Correct this cell of the table.",
    )
