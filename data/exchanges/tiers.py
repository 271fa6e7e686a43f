"""Leverage tiers as an exchange publishes them, and the maintenance margin they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from data.errors import ChangeInputError
from data.exchanges.exchange import Exchange
from data.exchanges.failures import not_offered, not_understood
from data.exchanges.markets import Market, find_market
from data.exchanges.terms import contract_size
from data.maintenance_tiers import TierTerms
from hedging.errors import InputError
from hedging.instruments.margin import MaintenanceTier, MaintenanceTiers, MarginUnit

TierUnit = Literal["usd", "coin", "contracts"]


@dataclass(frozen=True)
class LeverageTier:
    """One tier as the exchange states it.

    Attributes
    ----------
    floor, cap : float
        Size of the position, in ``unit``.
    unit : {"usd", "coin", "contracts"}
    maintenance_rate : float
        Fraction of notional.
    max_leverage : float
    """

    floor: float
    cap: float
    unit: TierUnit
    maintenance_rate: float
    max_leverage: float


def leverage_tiers(exchange: Exchange, symbol: str) -> tuple[LeverageTier, ...]:
    """The tiers of one contract, from the smallest position up.

    Raises
    ------
    ChangeInputError
        The exchange shows them to account holders only (Binance), or not at all.
    DataError
        It cannot be asked, or its answer is none.
    """
    market = _contract(exchange, symbol)
    return _asked(exchange, market)


def maintenance_tiers(
    exchange: Exchange, symbol: str, *, now: pd.Timestamp, price_usd: float | None = None
) -> TierTerms:
    """Maintenance margin of one contract.

    Where the rate of a tier is charged on what lies in the tier (Bybit), amount ``k`` is
    ``amount_{k-1} + floor_k (rate_k - rate_{k-1})``. Where it is charged on all of the position (OKX), margin
    jumps at each floor, which :class:`~hedging.instruments.margin.MaintenanceTiers` cannot say: only the
    first tier is given, and a larger position is refused rather than margined too low.

    Parameters
    ----------
    exchange : Exchange
    symbol : str
        As :func:`data.exchanges.markets.find_market` reads it.
    now : pandas.Timestamp
    price_usd : float, optional
        Price of one unit of the symbol; needed where tiers count contracts (OKX).

    Raises
    ------
    ChangeInputError
        The exchange shows no tiers to the public, or a price is needed.
    DataError
        It cannot be asked, or its answer is none.
    """
    market = _contract(exchange, symbol)
    stated = _asked(exchange, market)
    unit: MarginUnit = "coin" if market.kind == "inverse" else "usd"
    scale = _scale(exchange, market, price_usd) if stated[0].unit == "contracts" else 1.0
    if exchange.rules.flat_margin:
        stated = stated[:1]
    tiers: list[MaintenanceTier] = []
    amount, rate = 0.0, stated[0].maintenance_rate
    try:
        for tier in stated:
            floor = tier.floor * scale if tiers else 0.0
            amount += floor * (tier.maintenance_rate - rate)
            rate = tier.maintenance_rate
            tiers.append(MaintenanceTier(floor, tier.cap * scale, rate, amount, tier.max_leverage))
        built = MaintenanceTiers(tuple(tiers), unit)
    except InputError as error:
        raise not_understood(
            f"states impossible tiers ({error.problem})", exchange=exchange.label, about=market.symbol
        ) from error
    only = (
        "; its first tier only, since it charges a rate on all of a position"
        if exchange.rules.flat_margin
        else ""
    )
    return TierTerms(
        exchange=exchange.label,
        symbol=market.native,
        coin=market.coin,
        tiers=built,
        as_of=now.tz_convert("UTC").date(),
        provenance=f"{exchange.label} through ccxt{only}",
        status="verified",
        unverified_fields=(),
    )


def _contract(exchange: Exchange, symbol: str) -> Market:
    market, _ = find_market(symbol, exchange.markets(exchange.budget()), exchange=exchange.label)
    if market.kind == "spot":
        raise not_offered(exchange.label, f"the spot pair {market.symbol}")
    return market


def _asked(exchange: Exchange, market: Market) -> tuple[LeverageTier, ...]:
    def call(client: Any) -> Any:
        if not client.has.get("fetchMarketLeverageTiers"):
            raise not_offered(exchange.label, f"the leverage tiers of {market.symbol}")
        return client.fetch_market_leverage_tiers(market.symbol)

    raw = exchange.ask(call, about=market.symbol, budget=exchange.budget())
    unit: TierUnit = "usd"
    if exchange.rules.flat_margin:
        unit = "contracts"
    elif market.kind == "inverse":
        unit = "coin"
    tiers = sorted(
        (_tier(exchange, market, each, unit) for each in (raw if isinstance(raw, list) else [])),
        key=lambda tier: tier.cap,
    )
    if not tiers:
        raise not_understood("gave no leverage tiers", exchange=exchange.label, about=market.symbol)
    return tuple(tiers)


def _tier(exchange: Exchange, market: Market, raw: Any, unit: TierUnit) -> LeverageTier:
    wanted = ("minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage")
    try:
        floor, cap, rate, leverage = (float(raw[name]) for name in wanted)
    except (TypeError, ValueError, KeyError):
        floor = cap = rate = leverage = math.nan
    # Maintenance margin above initial margin would close a position as it is opened: that is a percentage.
    if not (0 <= floor < cap and 0 < rate < 1 <= leverage and rate * leverage <= 1):
        raise not_understood(
            f"gave a tier that reads {str(_without_info(raw))[:80]}",
            exchange=exchange.label,
            about=market.symbol,
        )
    return LeverageTier(floor, cap, unit, rate, leverage)


def _without_info(raw: Any) -> Any:
    return {k: v for k, v in raw.items() if k != "info"} if isinstance(raw, Mapping) else raw


def _scale(exchange: Exchange, market: Market, price_usd: float | None) -> float:
    """Notional of one contract, in the unit of its margin."""
    if price_usd is None or not price_usd > 0 or math.isinf(price_usd):
        raise ChangeInputError(
            f"{exchange.label} states the tiers of {market.symbol} in contracts",
            parameter="price_usd",
            value=price_usd,
            allowed="the price of one unit of the symbol, above 0",
            remedy="Give the price, so that contracts can be turned into notional.",
        )
    size = float(contract_size(exchange, market))
    return size / price_usd if market.kind == "inverse" else size * price_usd
