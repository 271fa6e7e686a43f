"""What the user chose, as one frozen value, and the link that carries all of it."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias

from hedging import Covariance, Method, ReturnInterval
from hedging.estimators.results import METHODS, STANDARD_ERRORS

SourceKey: TypeAlias = Literal["yahoo", "simulated", "indices", "folder", "upload"]
PositionUnit: TypeAlias = Literal["usd", "coins"]
DateOrder: TypeAlias = Literal["decide", "day_first", "month_first"]

SHORTEST_LOOKBACK, LONGEST_LOOKBACK = 10, 365
LOOKBACK_CHIPS = (30, 60, 90)
CONFIDENCE_LEVELS = (0.80, 0.90, 0.95, 0.99)
LARGEST_POSITION = 1e12
LONGEST_SYMBOL = 40
# Vasicek's needs a cross-section of other assets, which a pair does not have.
PAGE_METHODS = tuple(method for method in METHODS if method != "vasicek")


@dataclass(frozen=True)
class Settings:
    """Every control of the dashboard. Field names are the names in the URL."""

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
    column: str = ""
    dates: DateOrder = "decide"

    @property
    def applicable_covariance(self) -> Covariance | None:
        """The standard error chosen where the method has it; None for the method's own."""
        return self.covariance if self.covariance in STANDARD_ERRORS[self.method] else None


def read_link(parameters: Mapping[str, str], defaults: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Settings from the query of a URL, and one sentence for each thing in it that is unusable.

    A link may come from anyone: every value is parsed and bounded here, and what is not usable is
    named and replaced by the default.
    """
    settings, complaints = defaults, []
    known = {field.name for field in fields(Settings)}
    for name, text in parameters.items():
        shown = text if len(text) <= LONGEST_SYMBOL else f"{text[:LONGEST_SYMBOL]}…"
        if name not in known:
            complaints.append(
                f"The link has an unknown setting {name[:LONGEST_SYMBOL]}={shown}; it is ignored."
            )
            continue
        parse, allowed = _READERS[name]
        try:
            settings = replace(settings, **{name: parse(text)})
        except ValueError:
            kept = getattr(defaults, name)
            complaints.append(
                f"The link says {name}={shown}, which must be {allowed}; {kept} is used instead."
            )
    return settings, tuple(complaints)


def to_link(settings: Settings) -> dict[str, str]:
    """Every setting as text, so that a copied link shows the same view elsewhere."""
    link = {field.name: _as_text(getattr(settings, field.name)) for field in fields(Settings)}
    # Only files have these two; an empty choice says nothing.
    return {
        name: text
        for name, text in link.items()
        if not (name in ("column", "dates") and text in ("", "decide"))
    }


def _as_text(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


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


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
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
    "column": (_name, f"a column name of at most {LONGEST_SYMBOL} characters"),
    "dates": _choice(DateOrder),
}
