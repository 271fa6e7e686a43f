"""Contract terms as an exchange states them today."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, Final

import pandas as pd

from data.contract_terms import LARGEST_FEE, ContractTerms
from data.errors import ChangeInputError
from data.exchanges.client import Client
from data.exchanges.exchange import Budget, Exchange
from data.exchanges.failures import not_understood
from data.exchanges.markets import DOLLARS, Market, find_market
from hedging.errors import InputError
from hedging.instruments.contracts import Expiry

# Binance lists only the contracts that differ from it.
_BINANCE_INTERVAL_HOURS: Final = Decimal(8)
_MINUTES: Final = Decimal(60)
_EXPIRY_WORDS: Final[tuple[tuple[str, Expiry], ...]] = (
    ("quarter", "quarterly"),
    ("month", "monthly"),
    ("week", "weekly"),
)


def contract_terms(exchange: Exchange, symbol: str, *, now: pd.Timestamp) -> ContractTerms:
    """Terms of one contract, with its funding interval.

    Parameters
    ----------
    exchange : Exchange
    symbol : str
        As :func:`data.exchanges.markets.find_market` reads it.
    now : pandas.Timestamp
        The present; its day dates the terms.

    Returns
    -------
    ContractTerms
        Verified in its order terms. Fees are those of ccxt's own list, which may be old; they and a funding
        interval that the exchange does not state are among the unverified fields.

    Raises
    ------
    DataError
        The exchange cannot be asked, or does not have the contract.
    """
    budget = exchange.budget()
    market, _ = find_market(symbol, exchange.markets(budget), exchange=exchange.label)
    if market.kind == "spot":
        raise ChangeInputError(
            f"{market.symbol} is {market.words}, not a contract",
            parameter="symbol",
            value=symbol,
            allowed="a perpetual or a dated future",
            remedy=f"Choose {market.coin}/USDT:USDT.",
        )
    hours = _funding_hours(market)
    if hours is None and market.perpetual:
        hours = _asked_funding_hours(exchange, market, budget)
    return _terms(exchange, market, hours, now)


def all_contract_terms(exchange: Exchange, *, now: pd.Timestamp) -> tuple[ContractTerms, ...]:
    """Terms of every contract in dollars that is traded, in one look at the list.

    Funding intervals are there where the list states them: at Bybit, not at Binance and OKX.

    Raises
    ------
    DataError
        The exchange cannot be asked, or a contract on its list cannot be understood.
    """
    markets = exchange.markets(exchange.budget())
    return tuple(
        _terms(exchange, market, _funding_hours(market), now)
        for market in markets
        if market.kind != "spot" and market.trading and market.quote in DOLLARS
    )


def contract_size(exchange: Exchange, market: Market) -> Decimal:
    """Units of the symbol in one contract; USD in one contract when inverse.

    As ccxt gives it, but for two: at OKX it leaves out the multiplier of the size, and at Bybit it takes the
    smallest order for the size of an inverse contract, which is 1 USD.
    """
    stated = _positive(exchange, market, "contract size", market.terms.get("contractSize"))
    if exchange.exchange_id == "bybit" and market.kind == "inverse":
        return Decimal(1)
    multiplier = _decimal(_info(market).get("ctMult")) if exchange.exchange_id == "okx" else None
    return stated * multiplier if multiplier else stated


def _terms(
    exchange: Exchange, market: Market, funding_hours: Decimal | None, now: pd.Timestamp
) -> ContractTerms:
    precision, limits = _mapping(market.terms.get("precision")), _mapping(market.terms.get("limits"))
    step = _positive(exchange, market, "quantity step", precision.get("amount"))
    least = _decimal(_mapping(limits.get("amount")).get("min")) or step
    unverified = ["taker_fee", "maker_fee"]
    if market.perpetual and not _states_funding(exchange, market):
        unverified.insert(0, "funding_interval_hours")
    terms = ContractTerms(
        exchange=exchange.label,
        symbol=market.native,
        coin=market.coin,
        kind="inverse" if market.kind == "inverse" else "linear",
        settlement=market.settlement or market.quote,
        expiry=_expiry(market),
        multiplier=Decimal(market.units),
        contract_size=contract_size(exchange, market),
        quantity_step=step,
        # Some minima are no whole number of steps; no smaller order is possible than the next one.
        minimum_quantity=(least / step).to_integral_value(ROUND_CEILING) * step,
        minimum_notional_usd=_least_notional(market, limits),
        price_step=_positive(exchange, market, "price step", precision.get("price")),
        funding_interval_hours=funding_hours if market.perpetual else None,
        taker_fee=_fee(market.terms.get("taker")),
        maker_fee=_fee(market.terms.get("maker")),
        as_of=now.tz_convert("UTC").date(),
        provenance=f"{exchange.label} through ccxt; fees: ccxt's list",
        status="verified",
        unverified_fields=tuple(unverified),
    )
    try:
        terms.contract()
    except InputError as error:
        raise not_understood(
            f"states impossible terms ({error.problem})", exchange=exchange.label, about=market.symbol
        ) from error
    return terms


def _least_notional(market: Market, limits: Mapping[str, Any]) -> Decimal:
    if market.kind == "inverse":
        return Decimal(0)
    return _decimal(_mapping(limits.get("cost")).get("min")) or Decimal(0)


def _funding_hours(market: Market) -> Decimal | None:
    """Hours between charges as the list of markets states them: Bybit, in minutes."""
    minutes = _decimal(_info(market).get("fundingInterval"))
    return minutes / _MINUTES if minutes and minutes >= _MINUTES else None


def _states_funding(exchange: Exchange, market: Market) -> bool:
    return exchange.exchange_id == "okx" or _funding_hours(market) is not None


def _asked_funding_hours(exchange: Exchange, market: Market, budget: Budget) -> Decimal | None:
    def asked(client: Client) -> Any:
        if exchange.exchange_id == "binance":
            return client.fetch_funding_intervals([market.symbol])
        if client.has.get("fetchFundingInterval") is True:
            return client.fetch_funding_interval(market.symbol)
        return {}

    answer = _mapping(exchange.ask(asked, about=market.symbol, budget=budget))
    if exchange.exchange_id == "binance":
        answer = _mapping(answer.get(market.symbol))
        return _hours(answer.get("interval")) or _BINANCE_INTERVAL_HOURS
    return _hours(answer.get("interval"))


def _hours(interval: object) -> Decimal | None:
    text = str(interval or "")
    return _decimal(text[:-1]) if text.endswith("h") else None


def _expiry(market: Market) -> Expiry:
    if market.perpetual:
        return "perpetual"
    info = _info(market)
    words = f"{info.get('contractType', '')} {info.get('alias', '')}".lower()
    return next((expiry for word, expiry in _EXPIRY_WORDS if word in words), "other")


def _positive(exchange: Exchange, market: Market, what: str, value: object) -> Decimal:
    number = _decimal(value)
    if number is None or number <= 0:
        raise not_understood(f"states no {what}", exchange=exchange.label, about=market.symbol)
    return number


def _decimal(value: object) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _fee(value: object) -> Decimal | None:
    fee = _decimal(value)
    return fee if fee is not None and abs(fee) <= LARGEST_FEE else None


def _info(market: Market) -> Mapping[str, Any]:
    return _mapping(market.terms.get("info"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
