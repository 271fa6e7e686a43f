"""Prices as spreadsheets of any country write them, read exactly or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import chain
from typing import Final

import pandas as pd

from data.errors import FileFormatError
from data.files.names import shown
from data.files.table import MISSING, Decimal

_PLAIN: Final = r"(?:[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_INFINITE: Final = r"(?:[+-]?(?:inf|infinity))"
_SPACES: Final = " \u00a0\u2009\u202f"
# [0-9] and not \d throughout: the latter also takes the digits of other scripts.
# Prices are in USD: its sign may stand before the number, the sign of another currency may not.
_DOLLAR: Final = rf"(?:US)?\$[{_SPACES}]?|USD[{_SPACES}]"
_EXPONENT: Final = "(?:[eE][+-]?[0-9]+)?"


def _grouped(group: str, mark: str) -> str:
    """Whole numbers and fractions, with or without marks between all thousands."""
    whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:[{group}'’{_SPACES}][0-9]{{3}})+)"
    return rf"(?:[+-]?{whole}(?:{mark}[0-9]*)?{_EXPONENT})"


def _proof(group: str, mark: str) -> str:
    """What can be read with this mark of the decimals only: 1,234 and 1.234 prove nothing."""
    groups = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}}){{2,}}|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+{mark}[0-9]+"
    fractions = rf"[0-9]{{4,}}{mark}[0-9]+|0?{mark}[0-9]+|[0-9]+{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
    return f"(?:(?:{groups}|{fractions}){_EXPONENT})"


_GROUPED: Final[dict[Decimal, str]] = {"point": _grouped(",", r"\."), "comma": _grouped(r"\.", ",")}
_PROOF: Final[dict[Decimal, str]] = {"point": _proof(",", r"\."), "comma": _proof(r"\.", ",")}
_UNCLEAR: Final = r"[1-9][0-9]{0,2},[0-9]{3}"
_AROUND: Final = rf"^[+-]?(?:{_DOLLAR})?[+-]?|[{_SPACES}]?[%KMB]$"
_COMMA_OR_DOTS: Final = r",|[0-9]\.[0-9]{3}\.[0-9]{3}"


def has_marks(columns: Iterable[pd.Series]) -> bool:
    """Whether any cell makes it necessary to ask :func:`decimal_of`; else a point is the decimal point."""
    texts = (column for column in columns if isinstance(column.dtype, pd.StringDtype))
    return any(bool(text.str.contains(_COMMA_OR_DOTS).any()) for text in texts)


def decimal_of(column: pd.Series, others: Iterable[pd.Series], *, file: str, name: str) -> Decimal:
    """Which mark separates the decimals, shown by the column itself or else by the other columns.

    Parameters
    ----------
    column : pandas.Series
        Text of the prices, indexed by row number.
    others : iterable of pandas.Series
        Text of the other columns that are neither times nor symbols.
    file, name : str
        Names of the file and the column as shown in messages.

    Raises
    ------
    data.errors.FileFormatError
        Both conventions occur, or nothing tells 1,234 from 1.234.
    """
    proof = _proofs(column)
    if len(proof) == 2:
        raise FileFormatError(
            f"column {name} of the file {file} mixes decimal commas ({shown(proof['comma'])}) and decimal"
            f" points ({shown(proof['point'])})",
            parameter="price_column",
            value=name,
            allowed="one way of writing numbers in the whole file",
            remedy="Export the prices again with a decimal point.",
        )
    for found in chain([proof], map(_proofs, others)):
        if len(found) == 1:
            return next(iter(found))
    unclear = _first(_with_marks(column), _UNCLEAR)
    if unclear is not None:
        raise FileFormatError(
            f"the number {shown(unclear)} in column {name} of the file {file} can be read with a decimal"
            " comma or with a comma between thousands, and no other number decides",
            parameter="price_column",
            value=unclear,
            allowed="numbers that can be read in one way",
            remedy="Export the prices again with a decimal point and nothing between thousands.",
        )
    return "point"


def parse_numbers(column: pd.Series, *, name: str, decimal: Decimal) -> pd.Series:
    """Exact float64 of a column of text; NaN where the file has nothing.

    Raises
    ------
    data.errors.FileFormatError
        A cell is no number; the message names its row.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    text = column.str.strip()
    text = text.where(~text.str.lower().isin(MISSING), "")
    blank = text == ""
    if decimal == "comma" or not (blank | text.str.fullmatch(_PLAIN)).all():
        text = _plain(text, blank, name, decimal)
    numbers = pd.Series(float("nan"), index=column.index, dtype="float64")
    numbers[~blank] = text[~blank].astype("float64")
    return numbers


def proof_of(text: str) -> Decimal | None:
    """Which mark of the decimals a single number proves; None where it proves neither."""
    bare = re.sub(rf"['’{_SPACES}]", "", re.sub(_AROUND, "", text.strip()))
    found: list[Decimal] = [decimal for decimal, proof in _PROOF.items() if re.fullmatch(proof, bare)]
    return found[0] if len(found) == 1 else None


def number_of(text: str, *, decimal: Decimal) -> float | None:
    """A single number without a dollar sign, finite; None where the text is none."""
    bare = text.strip()
    plain = decimal == "point" and re.fullmatch(_PLAIN, bare)
    if not plain and not re.fullmatch(_GROUPED[decimal], bare):
        return None
    groups = "," if decimal == "point" else "."
    found = float(re.sub(rf"[{re.escape(groups)}'’{_SPACES}]", "", bare).replace(",", "."))
    return found if math.isfinite(found) else None


def _plain(text: pd.Series, blank: pd.Series, name: str, decimal: Decimal) -> pd.Series:
    """Every cell as Python writes a number; dollar signs and marks between thousands go."""
    bare = text.str.replace(rf"^([+-]?)(?:{_DOLLAR})", r"\1", regex=True)
    good = bare.str.fullmatch(_GROUPED[decimal]) | bare.str.lower().str.fullmatch(_INFINITE)
    if decimal == "point":
        good |= bare.str.fullmatch(_PLAIN)
    wrong = ~(blank | good)
    if wrong.any():
        raise _no_number(text, wrong, name)
    groups = "," if decimal == "point" else "."
    bare = bare.str.replace(rf"[{re.escape(groups)}'’{_SPACES}]", "", regex=True)
    return bare.str.replace(",", ".", regex=False)


def _proofs(column: pd.Series) -> dict[Decimal, str]:
    cells = _with_marks(column)
    found = {decimal: _first(cells, pattern) for decimal, pattern in _PROOF.items()}
    return {decimal: cell for decimal, cell in found.items() if cell is not None}


def _with_marks(column: pd.Series) -> pd.Series:
    """The cells that have a comma or a point, without what stands around the number."""
    if not isinstance(column.dtype, pd.StringDtype):
        return pd.Series(dtype="str")
    cells = column[column.str.contains("[.,]")].str.strip()
    return cells.str.replace(_AROUND, "", regex=True).str.replace(rf"['’{_SPACES}]", "", regex=True)


def _first(cells: pd.Series, pattern: str) -> str | None:
    fits = cells.str.fullmatch(pattern)
    return str(cells[fits].iloc[0]) if fits.any() else None


def _no_number(text: pd.Series, wrong: pd.Series, name: str) -> FileFormatError:
    row = int(wrong.to_numpy().argmax())
    value = shown(text.iloc[row])
    return FileFormatError(
        f"row {text.index[row]:,} has {value} in the price column {name}, which is no number",
        parameter="price_column",
        value=value,
        allowed="numbers, in US dollars where a currency is written",
        remedy="Correct or delete that row, or choose another column.",
    )
