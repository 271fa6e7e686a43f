"""Terms of the contracts that hedge: perpetuals and dated futures, linear and inverse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import cast, get_args

from data.coins import Coin, coin_of
from data.errors import UnknownSymbolError
from data.terms_table import Status, TableRow, read_rows
from hedging.instruments.contracts import Contract, ContractKind, Expiry, InverseContract, LinearContract

__all__ = [
    "Coin",
    "ContractTerms",
    "coin_of",
    "load_contract_terms",
    "shipped_terms",
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
    "settlement",
    "expiry",
    "multiplier",
    *ORDER_TERMS,
    "funding_interval_hours",
    *FEES,
    "as_of",
    "provenance",
    "status",
    "unverified_fields",
)
VERIFIABLE = (*ORDER_TERMS, "funding_interval_hours", *FEES, "as_of")
# A fee of 1 % of notional exists nowhere: such a number is a percentage written as a fraction.
LARGEST_FEE = Decimal("0.01")


@dataclass(frozen=True)
class ContractTerms:
    """Terms of one contract on a day, as an exchange or a named source stated them.

    Attributes
    ----------
    exchange, symbol : str
        Where it trades and what it is called there. For dated futures one row stands for all of a
        kind, and the symbol is their pattern, such as ``"BTCUSDT_YYMMDD"``.
    coin : str
        The underlying, e.g. ``"BTC"``.
    kind : {"linear", "inverse"}
        Margined and settled in dollars, or in the coin.
    settlement : str
        Currency of margin and P&L, e.g. ``"USDT"``.
    expiry : {"perpetual", "daily", "weekly", "monthly", "quarterly", "other"}
    multiplier : Decimal
        Coins in one unit of the symbol: 1000 for 1000PEPEUSDT.
    contract_size : Decimal
        Units of the symbol in one contract; USD in one contract when inverse.
    quantity_step, minimum_quantity : Decimal
        In contracts.
    minimum_notional_usd : Decimal
        Smallest order in USD, 0 where the exchange states none.
    price_step : Decimal
        In USD.
    funding_interval_hours : Decimal or None
        None for a contract that expires.
    taker_fee, maker_fee : Decimal or None
        Fraction of notional on the standard list; an account's own may differ. None where the
        exchange charges per contract.
    as_of : datetime.date or None
        Day of the statement; None when its source carries no date.
    provenance : str
        Where the terms were read, in words.
    status : {"verified", "unverified"}
        Verified when every order term (not funding and fees) was read in the exchange's own dated answer.
    unverified_fields : tuple of str
        The fields that were not.
    """

    exchange: str
    symbol: str
    coin: str
    kind: ContractKind
    settlement: str
    expiry: Expiry
    multiplier: Decimal
    contract_size: Decimal
    quantity_step: Decimal
    minimum_quantity: Decimal
    minimum_notional_usd: Decimal
    price_step: Decimal
    funding_interval_hours: Decimal | None
    taker_fee: Decimal | None
    maker_fee: Decimal | None
    as_of: date | None
    provenance: str
    status: Status
    unverified_fields: tuple[str, ...]

    def contract(self) -> Contract:
        """The value type that sizes, costs and liquidates a hedge."""
        build = LinearContract if self.kind == "linear" else InverseContract
        return build(
            name=self.symbol,
            contract_size=self.contract_size,
            quantity_step=self.quantity_step,
            minimum_quantity=self.minimum_quantity,
            minimum_notional_usd=self.minimum_notional_usd,
            price_step=self.price_step,
            coins_per_unit=self.multiplier,
            taker_fee_fraction=self.taker_fee,
            maker_fee_fraction=self.maker_fee,
            funding_interval_hours=self.funding_interval_hours,
            expiry=self.expiry,
        )


def load_contract_terms(path: Path = SAMPLE_FILE) -> tuple[ContractTerms, ...]:
    """Read and check a table of contract terms, in the order of the file.

    Raises
    ------
    FileFormatError
        The file cannot be read, its header differs, or a row is wrong; names row and column.
    """
    terms: list[ContractTerms] = []
    known: set[tuple[str, str]] = set()
    for row in read_rows(path, COLUMNS):
        parsed = _terms(row)
        if (parsed.exchange, parsed.symbol) in known:
            row.refuse("symbol", allowed="each contract of an exchange once")
        known.add((parsed.exchange, parsed.symbol))
        terms.append(parsed)
    return tuple(terms)


@cache
def shipped_terms() -> tuple[ContractTerms, ...]:
    """The table that ships with the project, read once."""
    return load_contract_terms()


def terms_for_coin(
    coin: str,
    *,
    exchange: str = DEFAULT_EXCHANGE,
    kind: ContractKind = "linear",
    expiry: Expiry = "perpetual",
) -> ContractTerms:
    """Terms of a coin's contract: the linear perpetual at Binance unless something else is named.

    Where an exchange has several of them, it is the first of the table.

    Raises
    ------
    UnknownSymbolError
        There are no terms for this coin at this exchange.
    """
    offered = [terms for terms in shipped_terms() if (terms.kind, terms.expiry) == (kind, expiry)]
    for terms in offered:
        if terms.coin == coin.upper() and terms.exchange == exchange:
            return terms
    known = ", ".join(dict.fromkeys(f"{terms.coin} at {terms.exchange}" for terms in offered))
    raise UnknownSymbolError(
        f"there are no {kind} {expiry} contract terms for {coin[:40]!r} at {exchange[:40]!r}",
        parameter="coin",
        value=coin,
        allowed=known or "another kind or expiry",
        remedy="Choose one of these, or enter the terms of the contract by hand.",
    )


def _terms(row: TableRow) -> ContractTerms:
    minimum, step = row.number_in("minimum_quantity"), row.number_in("quantity_step")
    if minimum % step != 0:
        row.refuse("minimum_quantity", allowed="a whole multiple of quantity_step")
    expiry = cast(Expiry, row.choice_in("expiry", get_args(Expiry)))
    funding = row.optional_number_in("funding_interval_hours")
    if (funding is None) != (expiry != "perpetual"):
        row.refuse("funding_interval_hours", allowed="hours for a perpetual, nothing for any other")
    unverified = row.names_in("unverified_fields", VERIFIABLE)
    coin, multiplier = _coin(row)
    return ContractTerms(
        exchange=row.text_in("exchange"),
        symbol=row.text_in("symbol"),
        coin=coin,
        kind=cast(ContractKind, row.choice_in("kind", get_args(ContractKind))),
        settlement=_settlement(row, coin),
        expiry=expiry,
        multiplier=multiplier,
        contract_size=row.number_in("contract_size"),
        quantity_step=step,
        minimum_quantity=minimum,
        minimum_notional_usd=row.number_in("minimum_notional_usd", zero_allowed=True),
        price_step=row.number_in("price_step"),
        funding_interval_hours=funding,
        taker_fee=_fee(row, "taker_fee"),
        maker_fee=_fee(row, "maker_fee"),
        as_of=row.day_in("as_of"),
        provenance=row.text_in("provenance"),
        status=row.status(unverified, needed=(*ORDER_TERMS, "as_of")),
        unverified_fields=unverified,
    )


def _coin(row: TableRow) -> tuple[str, Decimal]:
    """Coin and multiplier, which must be those of the symbol wherever it can be read."""
    symbol, coin, multiplier = row.text_in("symbol"), row.text_in("coin"), row.number_in("multiplier")
    found = coin_of(symbol)
    # A symbol that says nothing (MBT, BTCUSDT_YYMMDD) comes back as it is.
    if found.name not in (coin, symbol):
        row.refuse("coin", allowed="the coin that the symbol is about")
    if found.name == coin and multiplier != found.units:
        row.refuse("multiplier", allowed=f"{found.units}, as the symbol says")
    return coin, multiplier


def _settlement(row: TableRow, coin: str) -> str:
    settlement = row.text_in("settlement")
    if (settlement == coin) != (row.cell("kind") == "inverse"):
        row.refuse("settlement", allowed="the coin for an inverse contract, dollars for a linear one")
    return settlement


def _fee(row: TableRow, column: str) -> Decimal | None:
    if not row.cell(column):
        return None
    fee = row.plain_number(column)
    if fee is None or abs(fee) > LARGEST_FEE:
        row.refuse(column, allowed="a fraction of notional between -0.01 and 0.01, or nothing")
    return fee
