"""Terms of the perpetual contracts that hedge."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, NoReturn, cast

from data.coins import Coin, coin_of
from data.errors import FileFormatError, UnknownSymbolError

__all__ = [
    "Coin",
    "ContractTerms",
    "coin_of",
    "load_contract_terms",
    "terms_for_coin",
]

SAMPLE_FILE = Path(__file__).parent / "samples" / "contract_terms.csv"
DEFAULT_EXCHANGE = "Binance"

ORDER_TERMS = (
    "contract_size",
    "quantity_step",
    "minimum_quantity",
    "minimum_notional_usd",
    "price_step",
)
FEES = ("taker_fee", "maker_fee")
COLUMNS = (
    "exchange",
    "symbol",
    "coin",
    "kind",
    *ORDER_TERMS,
    *FEES,
    "as_of",
    "provenance",
    "status",
    "unverified_fields",
)
# A fee of 1 % of notional exists nowhere: such a number is a percentage written as a fraction.
LARGEST_FEE = Decimal("0.01")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class ContractTerms:
    """Terms of one contract on a day, as an exchange or a named source stated them.

    Attributes
    ----------
    exchange, symbol : str
        Where it trades and what it is called there.
    coin : str
        The underlying, e.g. ``"BTC"``.
    kind : {"linear"}
        Margined and settled in dollars.
    contract_size : Decimal
        Coins in one contract.
    quantity_step, minimum_quantity : Decimal
        In contracts.
    minimum_notional_usd : Decimal
        Smallest order in USD.
    price_step : Decimal
        In USD.
    taker_fee, maker_fee : Decimal
        Fraction of notional on the standard list; an account's own may differ.
    as_of : datetime.date or None
        Day of the statement; None when its source carries no date.
    provenance : str
        Where the terms were read, in words.
    status : {"verified", "unverified"}
        Verified when every order term (not the fees) was read in the exchange's own answer.
    unverified_fields : tuple of str
        The fields that were not.
    """

    exchange: str
    symbol: str
    coin: str
    kind: Literal["linear"]
    contract_size: Decimal
    quantity_step: Decimal
    minimum_quantity: Decimal
    minimum_notional_usd: Decimal
    price_step: Decimal
    taker_fee: Decimal
    maker_fee: Decimal
    as_of: date | None
    provenance: str
    status: Literal["verified", "unverified"]
    unverified_fields: tuple[str, ...]


def load_contract_terms(path: Path = SAMPLE_FILE) -> tuple[ContractTerms, ...]:
    """Read and check a table of contract terms, in the order of the file.

    Raises
    ------
    FileFormatError
        The file cannot be read, its header differs, or a row is wrong; names row and column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(
            f"the contract terms in {path.name} cannot be read",
            parameter="path",
            value=path.name,
            allowed="a table of comma-separated values in UTF-8",
            remedy="Restore the file as it was delivered.",
        ) from error
    if not rows or tuple(rows[0]) != COLUMNS:
        _refuse(path, row=1, column="header", value=rows[0] if rows else "", allowed=", ".join(COLUMNS))
    terms: list[ContractTerms] = []
    known: set[tuple[str, str]] = set()
    for number, cells in enumerate(rows[1:], start=2):
        row = _Row(path, number, cells)
        parsed = row.terms()
        if (parsed.exchange, parsed.symbol) in known:
            row.refuse("symbol", allowed="each contract of an exchange once")
        known.add((parsed.exchange, parsed.symbol))
        terms.append(parsed)
    return tuple(terms)


def terms_for_coin(coin: str, *, exchange: str = DEFAULT_EXCHANGE) -> ContractTerms:
    """Terms of the linear perpetual of a coin, at Binance unless another exchange is named.

    Raises
    ------
    UnknownSymbolError
        There are no terms for this coin at this exchange.
    """
    table = load_contract_terms()
    for terms in table:
        if terms.coin == coin.upper() and terms.exchange == exchange:
            return terms
    known = ", ".join(f"{terms.coin} at {terms.exchange}" for terms in table)
    raise UnknownSymbolError(
        f"there are no contract terms for {coin[:40]!r} at {exchange[:40]!r}",
        parameter="coin",
        value=coin,
        allowed=known,
        remedy="Choose one of these, or enter the terms of the contract by hand.",
    )


@dataclass(frozen=True)
class _Row:
    path: Path
    number: int
    cells: list[str]

    def terms(self) -> ContractTerms:
        if len(self.cells) != len(COLUMNS):
            _refuse(
                self.path,
                row=self.number,
                column="number of cells",
                value=len(self.cells),
                allowed=f"{len(COLUMNS)} cells",
            )
        minimum, step = self.number_in("minimum_quantity"), self.number_in("quantity_step")
        if minimum % step != 0:
            self.refuse("minimum_quantity", allowed="a whole multiple of quantity_step")
        unverified = self.unverified_fields()
        coin = self.text_in("coin")
        if coin_of(self.text_in("symbol")).name != coin:
            self.refuse("coin", allowed="the coin that the symbol is about")
        return ContractTerms(
            exchange=self.text_in("exchange"),
            symbol=self.text_in("symbol"),
            coin=coin,
            kind=cast(Literal["linear"], self.choice_in("kind", ("linear",))),
            contract_size=self.number_in("contract_size"),
            quantity_step=step,
            minimum_quantity=minimum,
            minimum_notional_usd=self.number_in("minimum_notional_usd"),
            price_step=self.number_in("price_step"),
            taker_fee=self.fee_in("taker_fee"),
            maker_fee=self.fee_in("maker_fee"),
            as_of=self.day_in("as_of"),
            provenance=self.text_in("provenance"),
            status=self.status(unverified),
            unverified_fields=unverified,
        )

    def cell(self, column: str) -> str:
        return self.cells[COLUMNS.index(column)]

    def text_in(self, column: str) -> str:
        text = self.cell(column)
        if not text or text != text.strip():
            self.refuse(column, allowed="a text without spaces around it")
        return text

    def choice_in(self, column: str, choices: tuple[str, ...]) -> str:
        text = self.cell(column)
        if text not in choices:
            self.refuse(column, allowed=" or ".join(choices))
        return text

    def number_in(self, column: str) -> Decimal:
        # Decimal itself would also take "NaN", "1_000" and "1e9".
        zero_allowed = column == "minimum_notional_usd"
        number = Decimal(self.cell(column)) if _PLAIN_NUMBER.fullmatch(self.cell(column)) else Decimal(-1)
        if number < 0 or (number == 0 and not zero_allowed):
            self.refuse(
                column, allowed="a plain number of 0 or more" if zero_allowed else "a plain number above 0"
            )
        return number

    def fee_in(self, column: str) -> Decimal:
        text = self.cell(column)
        if not _PLAIN_NUMBER.fullmatch(text) or abs(Decimal(text)) > LARGEST_FEE:
            self.refuse(column, allowed="a fraction of notional between -0.01 and 0.01")
        return Decimal(text)

    def day_in(self, column: str) -> date | None:
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

    def unverified_fields(self) -> tuple[str, ...]:
        names = tuple(self.cell("unverified_fields").split())
        if any(name not in (*ORDER_TERMS, *FEES) for name in names):
            self.refuse("unverified_fields", allowed=" ".join((*ORDER_TERMS, *FEES)))
        return names

    def status(self, unverified: tuple[str, ...]) -> Literal["verified", "unverified"]:
        text = self.choice_in("status", ("verified", "unverified"))
        if text == "verified" and (not self.cell("as_of") or any(name in ORDER_TERMS for name in unverified)):
            self.refuse("status", allowed="unverified, where a term is unverified or the day is missing")
        return cast(Literal["verified", "unverified"], text)

    def refuse(self, column: str, *, allowed: str) -> NoReturn:
        _refuse(self.path, row=self.number, column=column, value=self.cell(column), allowed=allowed)


def _refuse(path: Path, *, row: int, column: str, value: object, allowed: str) -> NoReturn:
    raise FileFormatError(
        f"row {row}, column {column} of {path.name} is {str(value)[:60]!r}",
        parameter=column,
        value=value,
        allowed=allowed,
        remedy="Correct this cell of the contract terms.",
    )
