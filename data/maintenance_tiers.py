"""Maintenance margin tiers of the contracts that hedge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

from data.errors import UnknownSymbolError
from data.terms_table import Status, TableRow, read_rows
from hedging.errors import InputError
from hedging.instruments.margin import MaintenanceTier, MaintenanceTiers, MarginUnit

SAMPLE_FILE = Path(__file__).parent / "samples" / "maintenance_tiers.csv"

TIER_TERMS = ("floor", "cap", "maintenance_rate", "maintenance_amount", "max_leverage")
COLUMNS = (
    "exchange",
    "symbol",
    "coin",
    "unit",
    "tier",
    *TIER_TERMS,
    "as_of",
    "provenance",
    "status",
    "unverified_fields",
)


@dataclass(frozen=True)
class TierTerms:
    """The tiers of one contract as an exchange stated them.

    Attributes
    ----------
    exchange, symbol, coin : str
        As in :class:`data.contract_terms.ContractTerms`.
    tiers : MaintenanceTiers
    as_of : datetime.date or None
        Day of the statement; None when its source carries no day.
    provenance : str
    status : {"verified", "unverified"}
        Verified when every tier was read in the exchange's own dated answer.
    unverified_fields : tuple of str
    """

    exchange: str
    symbol: str
    coin: str
    tiers: MaintenanceTiers
    as_of: date | None
    provenance: str
    status: Status
    unverified_fields: tuple[str, ...]


def load_maintenance_tiers(path: Path = SAMPLE_FILE) -> tuple[TierTerms, ...]:
    """Read and check a table of tiers, one row each, those of a contract together.

    Raises
    ------
    FileFormatError
        The file cannot be read, its header differs, or a row is wrong; names row and column.
    """
    rows = read_rows(path, COLUMNS)
    found = [
        _terms(list(group))
        for _, group in groupby(rows, key=lambda r: (r.cell("exchange"), r.cell("symbol")))
    ]
    known: set[tuple[str, str]] = set()
    for terms in found:
        if (terms.exchange, terms.symbol) in known:
            again = next(r for r in reversed(rows) if r.cell("symbol") == terms.symbol)
            again.refuse("symbol", allowed="the tiers of a contract in rows that follow each other")
        known.add((terms.exchange, terms.symbol))
    return tuple(found)


@cache
def _shipped() -> tuple[TierTerms, ...]:
    return load_maintenance_tiers()


def tiers_for(exchange: str, symbol: str) -> TierTerms:
    """Tiers of one contract.

    Raises
    ------
    UnknownSymbolError
        There are no tiers for this contract.
    """
    table = _shipped()
    for terms in table:
        if (terms.exchange, terms.symbol) == (exchange, symbol):
            return terms
    raise UnknownSymbolError(
        f"there are no maintenance tiers for {symbol[:40]!r} at {exchange[:40]!r}",
        parameter="symbol",
        value=symbol,
        allowed=", ".join(f"{terms.symbol} at {terms.exchange}" for terms in table),
        remedy="Choose one of these, or enter the maintenance rate by hand.",
    )


def _terms(rows: list[TableRow]) -> TierTerms:
    first = rows[0]
    unit: MarginUnit = "usd" if first.choice_in("unit", ("usd", "coin")) == "usd" else "coin"
    tiers: tuple[MaintenanceTier, ...] = ()
    for number, row in enumerate(rows, start=1):
        if row.cell("tier") != str(number):
            row.refuse("tier", allowed=f"{number}, the next tier of this contract")
        for column in ("coin", "unit", "as_of", "provenance", "status", "unverified_fields"):
            if row.cell(column) != first.cell(column):
                row.refuse(column, allowed=f"what the contract's first row says: {first.cell(column)}")
        try:
            # Checked with every row, so that the error is that of the row that breaks the rule.
            tiers = (*tiers, _tier(row))
            built = MaintenanceTiers(tiers, unit)
        except InputError as error:
            row.refuse(error.parameter.replace("_fraction", ""), allowed=error.allowed)
    unverified = first.names_in("unverified_fields", (*TIER_TERMS, "as_of"))
    return TierTerms(
        exchange=first.text_in("exchange"),
        symbol=first.text_in("symbol"),
        coin=first.text_in("coin"),
        tiers=built,
        as_of=first.day_in("as_of"),
        provenance=first.text_in("provenance"),
        status=first.status(unverified, needed=(*TIER_TERMS, "as_of")),
        unverified_fields=unverified,
    )


def _tier(row: TableRow) -> MaintenanceTier:
    return MaintenanceTier(
        floor=float(row.number_in("floor", zero_allowed=True)),
        cap=float(row.number_in("cap")),
        maintenance_rate_fraction=float(row.number_in("maintenance_rate")),
        maintenance_amount=float(row.number_in("maintenance_amount", zero_allowed=True)),
        max_leverage=float(row.number_in("max_leverage")),
    )
