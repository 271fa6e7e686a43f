"""What an exchange trades, and which of it a typed symbol means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, Literal

from data.coins import coin_of
from data.errors import ChangeInputError, UnknownSymbolError

MarketKind = Literal["spot", "linear", "inverse"]

#: Quotes that count as US dollars, in the order in which they are preferred.
DOLLARS: Final = ("USDT", "USDC", "USD", "FDUSD", "USDE", "BUSD", "TUSD", "DAI")

_PERPETUAL_WORDS: Final = frozenset(("SWAP", "PERP", "PERPETUAL", "P"))
_MOST_NAMED: Final = 5
_LONGEST_SYMBOL: Final = 60


@dataclass(frozen=True)
class Market:
    """One spot pair, perpetual or dated future.

    Attributes
    ----------
    symbol : str
        As ccxt writes it for every exchange: ``"SOL/USDT"`` spot, ``"SOL/USDT:USDT"`` perpetual.
    native : str
        As the exchange writes it: ``"SOLUSDT"``, ``"SOL-USDT-SWAP"``.
    coin : str
    units : int
        Coins in one unit of the symbol: 1000 for 1000PEPE/USDT:USDT.
    quote : str
    settlement : str or None
        None for spot.
    kind : {"spot", "linear", "inverse"}
    perpetual : bool
    trading : bool
        False when the exchange lists it and no longer trades it.
    terms : mapping
        What ccxt says about it; numbers are text as the exchange wrote them.
    """

    symbol: str
    native: str
    coin: str
    units: int
    quote: str
    settlement: str | None
    kind: MarketKind
    perpetual: bool
    trading: bool
    terms: Mapping[str, Any] = field(compare=False, repr=False)

    @property
    def words(self) -> str:
        """What it is, in words."""
        if self.kind == "spot":
            return f"the spot pair in {self.quote}"
        what = "perpetual" if self.perpetual else "dated future"
        return f"the {what} in {self.settlement or self.quote}"


def parsed_markets(listed: Mapping[str, Mapping[str, Any]]) -> tuple[Market, ...]:
    """The markets that ccxt lists, without options and contracts settled in a third currency."""
    found = (_market(symbol, terms) for symbol, terms in listed.items())
    return tuple(market for market in found if market is not None)


def find_market(typed: str, markets: tuple[Market, ...], *, exchange: str) -> tuple[Market, str | None]:
    """The market that a typed symbol means, and a sentence where that had to be decided.

    Understands ccxt's symbol (``SOL/USDT:USDT``), the exchange's own (``SOLUSDT``, ``SOL-USDT-SWAP``), a pair
    in any writing (``SOL-USD``, ``1000PEPEUSDT``) and a bare coin (``SOL``). A perpetual is preferred to the
    spot pair, USDT to other dollars, one coin per unit to a thousand; inverse and dated contracts must be
    named exactly.

    Raises
    ------
    UnknownSymbolError
        There is no such market, or several fit equally well; names the closest.
    """
    wanted = typed.strip()
    if not wanted or len(wanted) > _LONGEST_SYMBOL:
        raise _unknown(typed, (), exchange)
    for name in (wanted, wanted.upper()):
        exact = [market for market in markets if market.symbol == name]
        if exact:
            return exact[0], None
    fitting = [market for market in markets if market.native.upper() == wanted.upper()]
    decided = len(fitting) > 1
    if not fitting:
        fitting, decided = _of_coin(wanted, markets), True
    if not fitting:
        raise _unknown(typed, _closest(wanted, markets), exchange)
    best = min(_rank(market, wanted) for market in fitting)
    chosen = [market for market in fitting if _rank(market, wanted) == best]
    if len(chosen) > 1:
        raise UnknownSymbolError(
            f"{wanted!r} can mean {_listed([market.symbol for market in chosen])} at {exchange}",
            parameter="symbol",
            value=typed,
            allowed="one market",
            remedy="Type one of these.",
        )
    market = chosen[0]
    return market, f"{wanted} was read as {market.symbol}, {market.words}" if decided else None


def require_dollars(market: Market) -> None:
    """Refuse a market that is not quoted in dollars.

    Raises
    ------
    ChangeInputError
        Its prices are in another currency.
    """
    if market.quote in DOLLARS:
        return
    raise ChangeInputError(
        f"{market.symbol} is quoted in {market.quote}, not in USD",
        parameter="symbol",
        value=market.symbol,
        allowed=f"markets quoted in {', '.join(DOLLARS)}",
        remedy=f"Choose a market such as {market.coin}/USDT:USDT.",
    )


def _market(symbol: str, terms: Mapping[str, Any]) -> Market | None:
    base, quote, native = terms.get("base"), terms.get("quote"), terms.get("id")
    if not base or not quote or not native or terms.get("option"):
        return None
    kind: MarketKind
    if terms.get("spot"):
        kind = "spot"
    elif terms.get("linear"):
        kind = "linear"
    elif terms.get("inverse"):
        kind = "inverse"
    else:
        return None
    coin = coin_of(f"{base}-USD")
    return Market(
        symbol=symbol,
        native=str(native),
        coin=coin.name,
        units=coin.units,
        quote=str(quote),
        settlement=terms.get("settle"),
        kind=kind,
        perpetual=bool(terms.get("swap")),
        trading=terms.get("active") is not False,
        terms=terms,
    )


def _of_coin(wanted: str, markets: tuple[Market, ...]) -> list[Market]:
    coin = coin_of(wanted)
    quote, perpetual_only = _quote_and_kind(wanted)
    return [
        market
        for market in markets
        if market.coin == coin.name
        and market.quote in DOLLARS
        and market.kind != "inverse"
        and (market.perpetual or (market.kind == "spot" and not perpetual_only))
        and quote in (None, "USD", market.quote)
        and coin.units in (1, market.units)
    ]


def _quote_and_kind(wanted: str) -> tuple[str | None, bool]:
    head, *tail = re.split(r"[-_/:.]", wanted.upper())
    perpetual_only = any(part in _PERPETUAL_WORDS for part in tail)
    quote = next((part for part in tail if part in DOLLARS), None)
    if quote is None and coin_of(wanted).name != head:
        # Joined, as SOLUSDT: the longest quote it ends with.
        ends = [dollar for dollar in DOLLARS if head.endswith(dollar)]
        quote = max(ends, key=len, default=None)
    return quote, perpetual_only


def _rank(market: Market, wanted: str) -> tuple[int, ...]:
    kinds = {"linear": 0, "spot": 1, "inverse": 2}
    quote = DOLLARS.index(market.quote) if market.quote in DOLLARS else len(DOLLARS)
    return (
        not market.trading,
        not (market.perpetual or market.kind == "spot"),
        kinds[market.kind],
        quote,
        market.units != coin_of(wanted).units,
    )


def _closest(wanted: str, markets: tuple[Market, ...]) -> tuple[str, ...]:
    """Symbols of the same coin, and of names that are spelled almost alike."""
    named: dict[str, list[str]] = {}
    for market in sorted(markets, key=lambda each: _rank(each, wanted)):
        for name in (market.coin, market.symbol, market.native):
            named.setdefault(name.upper(), []).append(market.symbol)
    close = get_close_matches(wanted.upper(), list(named), n=_MOST_NAMED)
    names = [coin_of(wanted).name, *close]
    return tuple(dict.fromkeys(symbol for name in names for symbol in named.get(name, ())))


def _unknown(typed: str, closest: tuple[str, ...], exchange: str) -> UnknownSymbolError:
    return UnknownSymbolError(
        f"{exchange} does not list {typed[:40]!r}",
        parameter="symbol",
        value=typed,
        allowed=_listed(list(closest)) if closest else "a symbol on its list, such as BTC/USDT:USDT",
        remedy="Check the spelling; what the exchange has taken off its list cannot be fetched any more.",
    )


def _listed(symbols: list[str]) -> str:
    more = len(symbols) - _MOST_NAMED
    return ", ".join(symbols[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
