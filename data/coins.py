"""Which coin a trading symbol is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.errors import UnknownSymbolError

_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USD")
# Written without a separator these two cannot be told from USD behind a coin that ends in B or T
# (BNBUSD, DOTUSD), so they are only read as a quote behind a coin of this list.
_AMBIGUOUS_QUOTES = ("BUSD", "TUSD")
_MAJOR_COINS = frozenset(
    (
        *("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "AVAX", "LINK"),
        *("DOT", "LTC", "ATOM", "NEAR", "TRX", "UNI", "AAVE", "BCH", "ETC"),
    )
)
# Coins whose own name ends like a quote.
_DOLLAR_COINS = frozenset(
    (*_QUOTES, "USDE", "USDD", "USDP", "PYUSD", "RLUSD", "GUSD", "SUSD", "LUSD", "CRVUSD")
)
_MARKERS = frozenset(("SIM", "PERP", "PERPETUAL", "SWAP"))
_EXPIRY = re.compile(r"\d{6}|\d{1,2}[A-Z]{3}\d{2}", re.ASCII)
# Behind a bare coin (BTC-26SEP25) six digits are no expiry: they may be the date in a file's name.
_NAMED_EXPIRY = re.compile(r"\d{1,2}[A-Z]{3}\d{2}", re.ASCII)
_MULTIPLIED = re.compile(r"(?:(10{3,8})(?=[A-Z])|(1M)(?=[A-Z]{3}))([A-Z0-9]+)", re.ASCII)
_MULTIPLIED_BEHIND = re.compile(r"([A-Z]{2,})(10{3,8})", re.ASCII)


@dataclass(frozen=True)
class Coin:
    """What one unit of a symbol stands for.

    Attributes
    ----------
    name : str
        The coin, e.g. ``"PEPE"``.
    units : int
        Coins in one unit of the symbol: 1000 for 1000PEPEUSDT, else 1.
    """

    name: str
    units: int = 1


def coin_of(symbol: str) -> Coin:
    """Coin that a trading symbol is about, and how many of it one unit stands for.

    Understands ``BTC-USD``, ``BTCUSDT``, ``BTC_USDT``, ``BTC/USDT:USDT``, ``BTC-USDT-SWAP``,
    ``BTC-PERPETUAL``, ``BTCUSDT.P``, ``BTCUSD_PERP``, ``BTCUSDT-26SEP25``, ``BTC-SIM``, and the
    multipliers ``1000PEPEUSDT``, ``1MBABYDOGEUSDT``, ``SHIB1000USDT``, in either case of letters. A
    symbol without a known quote or marker is returned as it is (``AAPL``), so is a dollar coin by itself
    (``BUSD``); the name is never empty.

    Raises
    ------
    UnknownSymbolError
        The symbol is blank.
    """
    stripped = symbol.strip()
    if not stripped:
        raise UnknownSymbolError(
            "the symbol is empty",
            parameter="symbol",
            value=symbol,
            allowed="a symbol such as BTC-USD or BTCUSDT",
            remedy="Enter or choose a symbol.",
        )
    head, *tail = re.split(r"[-_/:.]", stripped.upper())
    if tail and tail[0] in _QUOTES:
        base = head
    else:
        # "P" alone marks a perpetual only behind a dot and a quote (BTCUSDT.P).
        contract = all(part in _MARKERS or part == "P" or _EXPIRY.fullmatch(part) for part in tail)
        base = _without_quote(head) if contract else ""
        if not base and tail and all(part in _MARKERS or _NAMED_EXPIRY.fullmatch(part) for part in tail):
            base = head
    return _unmultiplied(base) if base else Coin(stripped)


def _without_quote(joined: str) -> str:
    """Base of a joined pair such as BTCUSDT, empty where there is none."""
    if joined in _DOLLAR_COINS:
        return ""
    for quote in _QUOTES:
        base = joined.removesuffix(quote)
        if base and base != joined and (quote not in _AMBIGUOUS_QUOTES or base in _MAJOR_COINS):
            return base
    return ""


def _unmultiplied(base: str) -> Coin:
    if found := _MULTIPLIED.fullmatch(base):
        return Coin(found[3], 1_000_000 if found[2] else int(found[1]))
    if found := _MULTIPLIED_BEHIND.fullmatch(base):
        return Coin(found[1], int(found[2]))
    return Coin(base)
