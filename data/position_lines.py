"""One line of a pasted or uploaded portfolio: cells of text to a typed position, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal as Exact
from typing import Final, Literal, TypeAlias

from data.coins import coin_of
from data.csv_text import FORMULA_STARTS
from data.files.names import shown
from data.files.numbers import number_of, proof_of
from data.files.table import Decimal, is_missing

SizeUnit: TypeAlias = Literal["usd", "coins"]
Role: TypeAlias = Literal["symbol", "size", "coins", "usd", "unit", "side", "beta"]

LONGEST_SYMBOL: Final = 40
#: Separators of links and tables.
NO_SYMBOL_HAS: Final = '@,;"'
LARGEST_SIZE: Final = 1e12
LARGEST_BETA: Final = 1_000.0
#: A second number without a heading is a beta only where it can be one: a price must not become it.
LARGEST_UNNAMED_BETA: Final = 10.0

_USD: Final = frozenset({"usd", "$", "us$", "usdt", "usdc", "dollar", "dollars"})
_COINS: Final = frozenset({"coin", "coins", "token", "tokens", "unit", "units"})
_SIDES: Final[Mapping[str, int]] = {"long": 1, "buy": 1, "short": -1, "sell": -1}

_HEADINGS: Final[Mapping[Role, frozenset[str]]] = {
    "symbol": frozenset(
        {"symbol", "asset", "coin", "ticker", "instrument", "market", "pair", "token", "name"}
    ),
    "size": frozenset({"size", "amount", "position", "balance", "holding", "holdings", "total"}),
    "coins": frozenset({"quantity", "qty", "units", "coins", "tokens"}),
    "usd": frozenset({"usd", "value", "notional", "dollars"}),
    "unit": frozenset({"unit", "currency", "denomination"}),
    "side": frozenset({"side", "direction", "long", "short"}),
    "beta": frozenset({"beta"}),
}
# Words that qualify a heading without deciding what it is: "position size (USD)", "beta by hand".
_FILLERS: Final = frozenset(
    {"position", "market", "by", "hand", "override", "in", "of", "the", "size", "total"}
)

_BULLETS: Final = "\u2022\u25e6\u2023\u00b7*"

# 12k, 1.5m, 2bn: thousands, millions, billions, right behind the number.
_TIMES: Final[Mapping[str, int]] = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_SUFFIX: Final = "(?:[kK]|[mMbB][nN]?)"
_SCALED: Final = re.compile(f"(?P<number>.*[0-9.])(?P<times>{_SUFFIX})")
_SIDE_AND_SYMBOL: Final = re.compile("(?P<side>long|short|buy|sell) +(?P<symbol>[^ ]+)", re.IGNORECASE)

_NUMBER: Final = re.compile(
    "[-+]?(?:(?:US)?\\$|USD)?[ \u00a0]?[-+]?[0-9.][0-9.,'’ \u00a0\u2009\u202f]*(?:[eE][-+]?[0-9]+)?"
    f"{_SUFFIX}?",
    re.ASCII,
)
_IN_BRACKETS: Final = re.compile(r"\((.+)\)")
# Letters right behind a number are a symbol (1INCH) unless they are a currency.
_BEHIND: Final = re.compile(
    f"(?P<number>.*[0-9.]{_SUFFIX}?)(?:[ \u00a0]+(?P<word>[A-Za-z$%€£]{{1,12}})|(?P<glued>[$%€£]|USD[TC]?))",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    "(?P<sign>[-+]?)(?P<unit>(?:US)?\\$|USD)[ \u00a0]?(?P<number>[-+]?.+)", re.IGNORECASE
)


class UnreadableLineError(ValueError):
    """A line is no position; the message is the reason."""


@dataclass(frozen=True)
class PositionRow:
    """One position as it was written.

    Attributes
    ----------
    symbol : str
        As :func:`may_be_symbol`; hostile until escaped.
    size : float
        Signed, long positive, never 0.
    unit : {"usd", "coins"}
    beta_by_hand : float or None
    """

    symbol: str
    size: float
    unit: SizeUnit
    beta_by_hand: float | None = None


@dataclass(frozen=True)
class Columns:
    """Where a heading says that things are."""

    width: int
    at: Mapping[Role, int]


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, with a currency, in brackets or with a sign, or without."""
    bracketed = _IN_BRACKETS.fullmatch(cell.strip())
    return _NUMBER.fullmatch(_without_unit(bracketed[1] if bracketed else cell.strip())[0]) is not None


def columns_of(cells: Sequence[str]) -> Columns | None:
    """The columns that a first line names; None where it is no heading."""
    if any(is_number(cell) for cell in cells):
        return None
    at: dict[Role, int] = {}
    for number, cell in enumerate(cells):
        role = _role(cell)
        if role is not None:
            at.setdefault(role, number)
    return Columns(len(cells), at) if "symbol" in at and at.keys() & {"size", "coins", "usd"} else None


def row_from_columns(
    cells: Sequence[str], columns: Columns, *, default_unit: SizeUnit, decimal: Decimal | None
) -> PositionRow:
    """A position from a line under a heading.

    Raises
    ------
    UnreadableLineError
        It is none; the message says why.
    """
    if len(cells) > columns.width and any(cell.strip() for cell in cells[columns.width :]):
        raise UnreadableLineError(f"it has {len(cells)} cells where the heading has {columns.width}")
    found = {role: cells[at].strip() if at < len(cells) else "" for role, at in columns.at.items()}
    # A size whose unit stands beside it, else the number of coins, else their value.
    order: tuple[Role, ...] = ("size", "coins", "usd") if "unit" in found else ("coins", "usd", "size")
    column = next(role for role in order if role in found)
    unit: SizeUnit | None = None if column == "size" else "usd" if column == "usd" else "coins"
    if found.get("unit"):
        unit = _unit_named(found["unit"], found["symbol"], before=unit)
    return _row(
        found["symbol"],
        found[column],
        unit,
        side=found.get("side", ""),
        beta="" if is_missing(found.get("beta", "")) else found["beta"],
        default_unit=default_unit,
        decimal=decimal,
    )


def row_from_cells(cells: Sequence[str], *, default_unit: SizeUnit, decimal: Decimal | None) -> PositionRow:
    """A position from a line without a heading: the symbol first or behind the size, the rest in any order.

    Raises
    ------
    UnreadableLineError
        It is none; the message says why.
    """
    symbol, side, unit = "", "", None
    numbers: list[str] = []
    given = _without_leading_side(_without_list_marks(cells))
    for cell in given:
        if is_number(cell):
            numbers.append(cell)
        elif not symbol:
            symbol = cell
        elif cell.lower() in _SIDES and not side:
            side = cell
        else:
            unit = _unit_named(cell, symbol, before=unit, others="neither a number nor a side nor ")
    if len(numbers) > 2:
        raise UnreadableLineError("it has more than two numbers; name the columns in a first line")
    row = _row(
        symbol,
        numbers[0] if numbers else "",
        unit,
        side=side,
        beta=numbers[1] if len(numbers) > 1 else "",
        default_unit=default_unit,
        decimal=decimal,
    )
    if row.beta_by_hand is not None and abs(row.beta_by_hand) > LARGEST_UNNAMED_BETA:
        raise UnreadableLineError(
            f"its second number {shown(numbers[1])} is no plausible beta; name the columns in a first line"
        )
    return row


def _without_list_marks(cells: Sequence[str]) -> list[str]:
    """The cells that say something, of a line such as ``• SOL: 100``."""
    given = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in _BULLETS]
    if given:
        first = given[0].lstrip(_BULLETS).lstrip()
        given[0] = first.removesuffix(":").rstrip() or first
    return [*given[:1], *(cell for cell in given[1:] if cell != ":")]


def _without_leading_side(cells: list[str]) -> list[str]:
    """``short LINK 2000`` as ``LINK short 2000``; alone with a number, a side is the name of a coin."""
    if not cells:
        return cells
    both = _SIDE_AND_SYMBOL.fullmatch(cells[0].strip())
    if both is not None and not is_number(both["symbol"]):
        return [both["symbol"], both["side"], *cells[1:]]
    if cells[0].lower() not in _SIDES:
        return cells
    for at, cell in enumerate(cells[1:], 1):
        if not is_number(cell) and cell.lower() not in _USD | _COINS | _SIDES.keys():
            return [cell, cells[0], *cells[1:at], *cells[at + 1 :]]
    return cells


def _row(
    symbol: str,
    size: str,
    unit: SizeUnit | None,
    *,
    side: str,
    beta: str,
    default_unit: SizeUnit,
    decimal: Decimal | None,
) -> PositionRow:
    _check_symbol(symbol)
    if is_missing(size):
        raise UnreadableLineError("it has no size")
    amount, written = _amount(size, symbol)
    if written is not None and unit is not None and written != unit:
        raise UnreadableLineError(f"{shown(size)} names another unit than its column or line")
    known = written or unit
    number = _scaled(amount, symbol, decimal, unit=known or default_unit)
    if number == 0.0:
        raise UnreadableLineError("its size is 0")
    if abs(number) > LARGEST_SIZE:
        raise UnreadableLineError(f"its size {shown(size)} is larger than {LARGEST_SIZE:g}")
    by_hand = _number(beta, decimal, unit="coins") if beta else None
    if by_hand is not None and abs(by_hand) > LARGEST_BETA:
        raise UnreadableLineError(f"its beta {shown(beta)} is larger than {LARGEST_BETA:g}")
    return PositionRow(symbol.strip(), _with_side(number, side), known or default_unit, by_hand)


def _check_symbol(symbol: str) -> None:
    if not symbol.strip():
        raise UnreadableLineError("it has no symbol")
    bare = symbol.strip()
    if not may_be_symbol(bare):
        raise UnreadableLineError(
            f"{shown(bare)} is no symbol: at most {LONGEST_SYMBOL} printable characters, none of"
            f" {NO_SYMBOL_HAS} and no sign first"
        )


def may_be_symbol(text: str) -> bool:
    """Whether a text, without blanks around it, may name a position.

    Tables of positions are saved by browsers and opened in spreadsheets, so no symbol may become a formula.
    """
    fits = 0 < len(text) <= LONGEST_SYMBOL and text == text.strip() and text.isprintable()
    return fits and not set(text) & set(NO_SYMBOL_HAS) and not text.startswith(FORMULA_STARTS)


def _with_side(number: float, side: str) -> float:
    if not side:
        return number
    sign = _SIDES.get(side.lower())
    if sign is None:
        raise UnreadableLineError(f"the side {shown(side)} is neither long nor short, buy nor sell")
    if number < 0 < sign:
        raise UnreadableLineError("it is long, with a negative size")
    return sign * abs(number)


def _amount(cell: str, symbol: str) -> tuple[str, SizeUnit | None]:
    """The number of a cell without brackets and unit, and the unit where one stands beside it."""
    bare = cell.strip()
    bracketed = _IN_BRACKETS.fullmatch(bare)
    number, unit = _without_unit(bracketed[1] if bracketed else bare)
    if bracketed:
        if number[:1] in "+-":
            raise UnreadableLineError(f"{shown(cell)} has a sign inside brackets")
        number = f"-{number}"
    return number, _unit_named(unit, symbol, before=None) if unit else None


def _without_unit(bare: str) -> tuple[str, str]:
    """Number and unit of ``$12,340``, ``-US$ 5``, ``12.5 SOL`` or ``10,000 USD``."""
    before = _BEFORE.fullmatch(bare)
    if before is not None:
        return before["sign"] + before["number"], before["unit"]
    behind = _BEHIND.fullmatch(bare)
    return (behind["number"], behind["word"] or behind["glued"]) if behind is not None else (bare, "")


def _unit_named(word: str, symbol: str, *, before: SizeUnit | None, others: str = "neither ") -> SizeUnit:
    bare = word.strip().lower()
    own = symbol.strip().lower()
    is_own = bool(own) and bare in (own, coin_of(own).name.lower())
    unit: SizeUnit | None = "usd" if bare in _USD else "coins" if bare in _COINS or is_own else None
    if unit is None:
        raise UnreadableLineError(f"{shown(word)} is {others}USD nor coins")
    if before is not None and before != unit:
        raise UnreadableLineError(f"{shown(word)} names another unit than the rest of the line")
    return unit


def _scaled(text: str, symbol: str, decimal: Decimal | None, *, unit: SizeUnit) -> float:
    """A size with or without thousands, millions or billions behind it, exactly as written."""
    found = _SCALED.fullmatch(text.strip())
    if found is None:
        return _number(text, decimal, unit=unit)
    times = found["times"].lower()
    if symbol.strip().lower() == times:
        raise UnreadableLineError(f"{shown(text)} can be read in two ways; write the number out")
    number = _number(found["number"], decimal, unit=unit)
    return float(Exact(repr(number)) * _TIMES[times])


def _number(text: str, decimal: Decimal | None, *, unit: SizeUnit) -> float:
    proof = proof_of(text)
    unclear = "" if proof else _unclear_mark(unit, decimal)
    if unclear and re.fullmatch(rf"[-+]?[1-9][0-9]{{0,2}}{re.escape(unclear)}[0-9]{{3}}", text.strip()):
        raise UnreadableLineError(
            f"{shown(text)} can be read in two ways; leave out what is between the thousands"
        )
    number = number_of(text, decimal=proof or decimal or "point")
    if number is None:
        raise UnreadableLineError(f"{shown(text)} is no number")
    return number


def _unclear_mark(unit: SizeUnit, decimal: Decimal | None) -> str:
    """The mark before three digits that may be that of thousands or of decimals; empty where none is.

    Dollars have cents: three digits behind a comma are thousands, behind a point they are neither. Where
    other lines write decimals with a comma, $25,000 contradicts them and is nobody's $25.
    """
    if unit == "usd":
        return {None: ".", "comma": ",", "point": ""}[decimal]
    return "," if decimal is None else ""


def _role(cell: str) -> Role | None:
    words = re.findall(r"[a-z]+", cell.lower().replace("$", " usd ").replace("_", " "))
    if not words:
        return None
    roles: tuple[Role, ...] = ("beta", "side", "unit", "usd", "coins", "symbol", "size")
    for role in roles:
        names = _HEADINGS[role]
        if set(words) & names and set(words) <= names | _FILLERS:
            return role
    return None
