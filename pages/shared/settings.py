"""The settings that all pages share, as one frozen value, and how each is read from a link."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hedging import Covariance, Method, ReturnInterval
from hedging.estimators.results import METHODS, STANDARD_ERRORS

SourceKey: TypeAlias = Literal["yahoo", "binance", "bybit", "okx", "simulated", "indices", "folder", "upload"]
#: Sources whose prices are kept in the store.
EXCHANGES: tuple[SourceKey, ...] = ("binance", "bybit", "okx")
KEPT_SOURCES: tuple[SourceKey, ...] = ("yahoo", *EXCHANGES)
PositionUnit: TypeAlias = Literal["usd", "coins"]
DateOrder: TypeAlias = Literal["decide", "day_first", "month_first"]

SHORTEST_LOOKBACK, LONGEST_LOOKBACK = 10, 365
LOOKBACK_CHIPS = (30, 60, 90)
CONFIDENCE_LEVELS = (0.80, 0.90, 0.95, 0.99)
LARGEST_POSITION = 1e12
LONGEST_SYMBOL = 40
#: Chosen as the asset, it stands for the whole portfolio; no source spells a symbol so.
BOOK = "Book"
# Vasicek's needs a cross-section of other assets, which a pair does not have.
PAGE_METHODS = tuple(method for method in METHODS if method != "vasicek")


@dataclass(frozen=True)
class Settings:
    """What all pages share. Field names are the names in the URL."""

    source: SourceKey = "yahoo"
    asset: str = "SOL-USD"
    benchmark: str = "BTC-USD"
    interval: ReturnInterval = "daily"
    lookback: int = 60
    position: float = 10_000.0
    unit: PositionUnit = "usd"
    confidence: float = 0.95
    covariance: Covariance = "hc3"
    method: Method = "ols"
    perpetual: str = ""  # symbol of the benchmark's perpetual where it has prices of its own
    column: str = ""
    dates: DateOrder = "decide"

    @property
    def applicable_covariance(self) -> Covariance | None:
        """The standard error chosen where the method has it; None for the method's own."""
        return self.covariance if self.covariance in STANDARD_ERRORS[self.method] else None


def _choice(kind: Any) -> tuple[Callable[[str], str], str]:
    choices = typing.get_args(kind)

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return parse, f"one of {', '.join(choices)}"


def _lookback(text: str) -> int:
    value = int(text)
    if not SHORTEST_LOOKBACK <= value <= LONGEST_LOOKBACK:
        raise ValueError(text)
    return value


def _position(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and abs(value) <= LARGEST_POSITION):
        raise ValueError(text)
    return value


def _confidence(text: str) -> float:
    value = float(text)
    if value not in CONFIDENCE_LEVELS:
        raise ValueError(text)
    return value


def _method(text: str) -> str:
    if text not in PAGE_METHODS:
        raise ValueError(text)
    return text


def _name(text: str) -> str:
    if not (0 < len(text) <= LONGEST_SYMBOL and text.isprintable()):
        raise ValueError(text)
    return text


READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "source": _choice(SourceKey),
    "asset": (_name, f"a symbol of at most {LONGEST_SYMBOL} characters"),
    "benchmark": (_name, f"a symbol of at most {LONGEST_SYMBOL} characters"),
    "interval": _choice(ReturnInterval),
    "lookback": (_lookback, f"a whole number from {SHORTEST_LOOKBACK} to {LONGEST_LOOKBACK}"),
    "position": (_position, "a number, negative when short, no larger than 1e12"),
    "unit": _choice(PositionUnit),
    "confidence": (_confidence, f"one of {', '.join(map(str, CONFIDENCE_LEVELS))}"),
    "covariance": _choice(Covariance),
    "method": (_method, f"one of {', '.join(PAGE_METHODS)}"),
    "perpetual": (_name, f"a symbol of at most {LONGEST_SYMBOL} characters"),
    "column": (_name, f"a column name of at most {LONGEST_SYMBOL} characters"),
    "dates": _choice(DateOrder),
}
