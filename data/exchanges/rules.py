"""What differs from one exchange to the next and ccxt does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Rules:
    """How to ask one exchange.

    Attributes
    ----------
    label : str
        What people call it.
    candles_per_request : int or None
        Most candles it gives in one answer; None for what ccxt knows of it.
    candle_parameters : mapping
        More that a request for a contract's candles must say.
    charges_per_request : int
        Most funding charges in one answer.
    funding_days : int or None
        How far back its funding history reaches; None for all of it.
    market_types : tuple of str
        Kinds of markets to load, in ccxt's words for this exchange; empty for ccxt's own choice.
    ticker_parameters : mapping
        Ask for the tickers of its linear perpetuals.
    ends_funding_with : str
        Parameter that ends a span of funding, and whose own instant ``until`` belongs to it.
    volume_in_coins : bool
        Whether ccxt's volume of a derivative is known to be in coins and not in contracts.
    flat_margin : bool
        Whether the rate of a position's tier is charged on all of the position.
    """

    label: str
    candles_per_request: int | None = None
    candle_parameters: Mapping[str, object] = field(default_factory=dict)
    charges_per_request: int = 100
    funding_days: int | None = None
    market_types: tuple[str, ...] = ()
    ticker_parameters: Mapping[str, str] = field(default_factory=lambda: {"type": "swap"})
    ends_funding_with: str = "until"
    volume_in_coins: bool = False
    flat_margin: bool = False


RULES: Final[Mapping[str, Rules]] = {
    "binance": Rules(
        "Binance",
        candles_per_request=1000,
        charges_per_request=1000,
        market_types=("spot", "linear", "inverse"),
        ticker_parameters={"type": "swap", "subType": "linear"},
        volume_in_coins=True,
    ),
    "bybit": Rules(
        "Bybit",
        candles_per_request=1000,
        charges_per_request=200,
        market_types=("spot", "linear", "inverse"),
        ticker_parameters={"category": "linear"},
        volume_in_coins=True,
    ),
    "okx": Rules(
        "OKX",
        candles_per_request=300,
        funding_days=100,
        market_types=("spot", "swap", "future"),
        # ccxt does not pass "until" on here.
        ends_funding_with="after",
        volume_in_coins=True,
        flat_margin=True,
    ),
    "bingx": Rules("BingX"),
    # Funding comes by pages from the newest on, whatever span is asked for: one page, the longest there is.
    "mexc": Rules("MEXC", charges_per_request=1000, funding_days=330),
    # Without "historical" it gives the latest candles, whatever span is asked for.
    "weex": Rules("WEEX", candles_per_request=100, candle_parameters={"historical": True}),
}

#: Those whose answers have been checked one by one; any other that ccxt reaches works by name.
USUAL_EXCHANGES: Final = ("binance", "bybit", "okx")


def rules_of(exchange_id: str) -> Rules:
    """Rules of one exchange; careful ones for an exchange that is not listed here."""
    return RULES.get(exchange_id, Rules(exchange_id))
