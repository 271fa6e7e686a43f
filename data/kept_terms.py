"""Terms that an exchange stated, asked for and kept: the last good answer outlives the connection."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final, get_args

import pandas as pd

from data.contract_terms import VERIFIABLE, ContractTerms
from data.errors import (
    ChangeInputError,
    DamagedSeriesError,
    DataError,
    StoreBusyError,
    StoreError,
    TooLargeError,
)
from data.exchanges import Exchange, contract_terms, maintenance_tiers
from data.maintenance_tiers import TierTerms
from data.store import AnswerKey, Store
from data.store.answers import damaged_answer
from data.terms_table import Status
from hedging.errors import InputError
from hedging.instruments.contracts import ContractKind, Expiry
from hedging.instruments.margin import MaintenanceTier, MaintenanceTiers

MOST_TIERS: Final = 500
LONGEST_TEXT: Final = 600

_DECIMALS: Final = (
    "multiplier",
    "contract_size",
    "quantity_step",
    "minimum_quantity",
    "minimum_notional_usd",
    "price_step",
)
_OPTIONAL_DECIMALS: Final = ("funding_interval_hours", "taker_fee", "maker_fee")
_WORDS: Final = {"kind": get_args(ContractKind), "expiry": get_args(Expiry), "status": get_args(Status)}


@dataclass(frozen=True)
class ExchangeTerms:
    """Terms of one contract as its exchange stated them.

    Attributes
    ----------
    terms : ContractTerms
    tiers : TierTerms or DataError
        Of its maintenance margin, with the day of their own, or why they cannot be had: Binance shows them
        to account holders only.
    fetched_at : pandas.Timestamp
        When the exchange was asked for the terms, UTC.
    not_kept : DataError or None
        Why this answer is not in the store.
    """

    terms: ContractTerms
    tiers: TierTerms | DataError
    fetched_at: pd.Timestamp
    not_kept: DataError | None = None


def ask_terms(
    exchange: Exchange, symbol: str, *, price_usd: float, store: Store, now: pd.Timestamp
) -> ExchangeTerms:
    """Ask an exchange for terms and tiers, and keep what it says.

    Tiers that cannot be had just now stay those of the answer before.

    Parameters
    ----------
    exchange : Exchange
    symbol : str
        As :func:`data.exchanges.markets.find_market` reads it.
    price_usd : float
        Price of one unit of the symbol, for tiers that count contracts.
    store : Store
    now : pandas.Timestamp

    Raises
    ------
    DataError
        The exchange cannot be asked, or does not have the contract; what was kept stays.
    """
    found = contract_terms(exchange, symbol, now=now)
    tiers: TierTerms | DataError
    try:
        tiers = maintenance_tiers(exchange, symbol, now=now, price_usd=price_usd)
    except DataError as error:
        tiers = error
        if not isinstance(error, ChangeInputError) or error.parameter == "price_usd":
            with suppress(DataError):
                before = kept_terms(store, exchange.exchange_id, symbol)
                tiers = error if before is None else before.tiers
    said = ExchangeTerms(found, tiers, now.tz_convert("UTC"))
    try:
        store.answers.write(_key(exchange.exchange_id, symbol), _plain(said), now=now)
    except (StoreError, StoreBusyError, TooLargeError) as error:
        return ExchangeTerms(found, tiers, said.fetched_at, not_kept=error)
    return said


def kept_terms(store: Store, exchange_id: str, symbol: str) -> ExchangeTerms | None:
    """The last terms that an exchange stated, None where none are kept.

    Raises
    ------
    DamagedSeriesError
        They are not as they were written. The file is set aside where the store can be written.
    StoreError
        They cannot be read.
    """
    key = _key(exchange_id, symbol)
    try:
        answer = store.answers.read(key)
        return None if answer is None else _understood(key, answer.content, answer.fetched_at)
    except DamagedSeriesError:
        with suppress(DataError):
            store.answers.set_aside(key)
        raise


def _key(exchange_id: str, symbol: str) -> AnswerKey:
    return AnswerKey("terms", exchange_id, symbol)


def _plain(said: ExchangeTerms) -> dict[str, Any]:
    """As JSON; numbers of terms are text, so that 0.1 stays 0.1."""
    terms = {each.name: _plain_value(getattr(said.terms, each.name)) for each in fields(ContractTerms)}
    if isinstance(said.tiers, DataError):
        error = said.tiers
        why = {name: str(getattr(error, name))[:LONGEST_TEXT] for name in ("problem", "allowed", "remedy")}
        return {"terms": terms, "tiers": None, "no_tiers": why}
    tiers = {each.name: _plain_value(getattr(said.tiers, each.name)) for each in fields(TierTerms)}
    rows = [[getattr(tier, each.name) for each in fields(MaintenanceTier)] for tier in said.tiers.tiers.tiers]
    # The last cap may be without end, which JSON has no number for.
    rows = [[None if number == math.inf else number for number in row] for row in rows]
    tiers["tiers"] = {"unit": said.tiers.tiers.unit, "rows": rows}
    return {"terms": terms, "tiers": tiers, "no_tiers": None}


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _understood(key: AnswerKey, content: Any, fetched_at: pd.Timestamp) -> ExchangeTerms:
    """Terms out of a file that anybody may have written: every number passes the checks of a contract."""
    try:
        terms = _terms(content["terms"])
        terms.contract()
        tiers = _no_tiers(content["no_tiers"]) if content["tiers"] is None else _tiers(content["tiers"])
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, InputError) as error:
        what = (
            error.problem if isinstance(error, InputError) else "it is not what an exchange could have said"
        )
        raise damaged_answer(key, what) from error
    return ExchangeTerms(terms, tiers, fetched_at)


def _terms(plain: Mapping[str, Any]) -> ContractTerms:
    read: dict[str, Callable[[Any], object]] = dict.fromkeys(_DECIMALS, _decimal)
    read |= {name: _optional(_decimal) for name in _OPTIONAL_DECIMALS}
    read |= {name: _one_of(words) for name, words in _WORDS.items()}
    read |= {"as_of": _optional(date.fromisoformat), "unverified_fields": _names}
    values: dict[str, Any] = {
        each.name: read.get(each.name, _text)(plain[each.name]) for each in fields(ContractTerms)
    }
    return ContractTerms(**values)


def _tiers(plain: Mapping[str, Any]) -> TierTerms:
    rows = plain["tiers"]["rows"]
    if not 0 < len(rows) <= MOST_TIERS:
        raise ValueError(len(rows))
    built = tuple(MaintenanceTier(*(_number(row, n) for n in range(len(row)))) for row in rows)
    read: dict[str, Callable[[Any], object]] = {
        "tiers": lambda value: MaintenanceTiers(built, value["unit"]),
        "as_of": _optional(date.fromisoformat),
        "status": _one_of(_WORDS["status"]),
        "unverified_fields": lambda names: tuple(_text(name) for name in names[:MOST_TIERS]),
    }
    values: dict[str, Any] = {
        each.name: read.get(each.name, _text)(plain[each.name]) for each in fields(TierTerms)
    }
    return TierTerms(**values)


def _no_tiers(plain: Mapping[str, Any]) -> DataError:
    return ChangeInputError(
        _text(plain["problem"]),
        parameter="symbol",
        value="",
        allowed=_text(plain["allowed"]),
        remedy=_text(plain["remedy"]),
    )


def _number(row: list[Any], n: int) -> float:
    """A number of a tier; the end of the last one may be open."""
    value = math.inf if row[n] is None and n == 1 else row[n]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise ValueError("text")
    return value


def _decimal(value: Any) -> Decimal:
    return Decimal(_text(value))


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(name in VERIFIABLE for name in value):
        raise ValueError("names")
    return tuple(value)


def _optional(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else read(value)


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError("word")
        return str(value)

    return read
