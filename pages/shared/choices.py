"""What single pages ask beside the shared settings, one frozen value for each page.

The name of a field is its name in the URL and the key of its widget; its type says how a link is read.
None stands for what the user left to the contract's table or to the data.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args

import pandas as pd

from hedging import Method
from hedging.backtesting.settings import Holding
from pages.shared.positions import BookLine, book_from_text
from pages.shared.settings import PAGE_METHODS

ReportSection: TypeAlias = Literal[
    "portfolio", "beta", "hedge", "backtest", "what_if", "monitor", "estimators"
]
REPORT_SECTIONS: tuple[ReportSection, ...] = get_args(ReportSection)
LONGEST_NAME = 60
LONGEST_SUBJECT = 200  # three names and a few words


class Reader(NamedTuple):
    """How the text of a link becomes a value; ``parse`` raises ValueError for what is not allowed."""

    parse: Callable[[str], Any]
    allowed: str


def number(low: float, high: float) -> Reader:
    """A number between two limits."""

    def parse(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(text)
        return value

    return Reader(parse, f"a number from {low:g} to {high:g}")


def optional(reader: Reader) -> Reader:
    """What another reader reads, or None for an empty text."""
    return Reader(lambda text: reader.parse(text) if text else None, f"{reader.allowed}, or nothing")


def whole(low: int, high: int) -> Reader:
    """A whole number between two limits."""

    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return Reader(parse, f"a whole number from {low} to {high}")


def one_of(*choices: str) -> Reader:
    """One of several words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return Reader(parse, f"one of {', '.join(choices)}")


def some_of(*choices: str) -> Reader:
    """Some of several words, in order, each once."""

    def parse(text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(",")) if text else ()
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(choices):
            raise ValueError(text)
        return chosen

    return Reader(parse, f"some of {', '.join(choices)}, with commas between them")


def _switch(text: str) -> bool:
    if text not in ("True", "False"):
        raise ValueError(text)
    return text == "True"


def _name(text: str) -> str:
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise ValueError(text)
    return text


def _subject(text: str) -> str:
    if len(text) > LONGEST_SUBJECT or not text.isprintable():
        raise ValueError(text)
    return text


def _instant(text: str) -> str:
    if not text:
        return ""
    stamp = pd.Timestamp(text)
    if stamp.tzinfo is not None or not 1990 < stamp.year < 2200:
        raise ValueError(text)
    return str(stamp.isoformat(timespec="minutes"))


SWITCH = Reader(_switch, "True or False")
NAME = Reader(_name, f"at most {LONGEST_NAME} printable characters")  # what it names is looked up later
SUBJECT = Reader(_subject, f"at most {LONGEST_SUBJECT} printable characters")
INSTANT = Reader(_instant, "a UTC time such as 2026-01-31T12:00")
BOOK = Reader(
    book_from_text,
    "positions such as SOL:10000usd,AVAX:-250@1.4 (USD or coins, @ a beta by hand, ! behind one left out)",
)


@dataclass(frozen=True)
class BookChoices:
    """The portfolio."""

    book: Annotated[tuple[BookLine, ...], BOOK] = ()


@dataclass(frozen=True)
class HedgeChoices:
    """The order: which contract, at which terms, for how long. An empty contract is Binance's perpetual.

    ``beta_for`` and ``terms_for`` name the pair and the contract that the hand beta and the hand terms were
    typed for.
    """

    contract: Annotated[str, NAME] = ""
    beta_by_hand: Annotated[float | None, optional(number(-1_000, 1_000))] = None
    beta_for: Annotated[str, NAME] = ""
    beta_target: Annotated[float, number(-10, 10)] = 0.0
    leverage: Annotated[float, number(1, 150)] = 5.0
    holding_days: Annotated[float, number(0.25, 365)] = 7.0
    fee_bp: Annotated[float | None, optional(number(-10, 100))] = None
    slippage_bp: Annotated[float, number(0, 500)] = 2.0
    funding_annual_percent: Annotated[float | None, optional(number(-1_000, 1_000))] = None
    contract_size: Annotated[float | None, optional(number(1e-9, 1e9))] = None
    quantity_step: Annotated[float | None, optional(number(1e-9, 1e9))] = None
    minimum_quantity: Annotated[float | None, optional(number(1e-9, 1e9))] = None
    maintenance_percent: Annotated[float | None, optional(number(0.1, 50))] = None
    terms_for: Annotated[str, NAME] = ""
    extra_margin_usd: Annotated[float, number(0, 1e12)] = 0.0


@dataclass(frozen=True)
class BacktestChoices:
    """The walk: which estimators beside the one in use, renewed when, with which margin, since when.

    An empty ``tested_from`` takes as much as can be walked quickly; ``split_of`` is the strategy taken
    apart, an estimator's name standing for the beta hedge by it.
    """

    estimators: Annotated[tuple[Method, ...], some_of(*PAGE_METHODS)] = ()
    every_hours: Annotated[float | None, optional(number(1, 8_760))] = 24.0
    move_percent: Annotated[float | None, optional(number(0.1, 100))] = None
    beta_outside: Annotated[bool, SWITCH] = False
    position_drift_percent: Annotated[float | None, optional(number(0.1, 100))] = None
    hedge_drift_percent: Annotated[float | None, optional(number(0.1, 100))] = None
    funding_flip: Annotated[bool, SWITCH] = False
    margin_used_percent: Annotated[float | None, optional(number(0.1, 100))] = None
    risk_aversion: Annotated[float | None, optional(number(0.1, 100))] = None
    walk_leverage: Annotated[float | None, optional(number(1, 150))] = None
    holding: Annotated[Holding, one_of("quantity", "value")] = "value"
    tested_from: Annotated[str, INSTANT] = ""
    split_of: Annotated[str, one_of("beta", "dollar", "min_variance", *PAGE_METHODS)] = "beta"
    effectiveness_window: Annotated[int, whole(10, 1_000)] = 90


@dataclass(frozen=True)
class WhatIfChoices:
    """The shock, and the options beside the hedge."""

    shock_percent: Annotated[float, number(-50, 50)] = -20.0
    shock_tie: Annotated[str, one_of("stays", "beta", "correlation")] = "stays"
    shock_beta: Annotated[float, number(-2, 6)] = 2.0
    shock_correlation: Annotated[float, number(-1, 1)] = 0.3
    shock_funding_bp: Annotated[float, number(-300, 300)] = 0.0
    shock_gap_percent: Annotated[float, number(-20, 20)] = 0.0
    shock_days: Annotated[float, number(0.25, 30)] = 1.0
    strike_away_percent: Annotated[float, number(0, 50)] = 10.0
    option_volatility_percent: Annotated[float | None, optional(number(1, 500))] = None
    dated_basis_percent: Annotated[float, number(-100, 100)] = 0.0
    dated_expiry_days: Annotated[float, number(1, 91.25)] = 60.0


@dataclass(frozen=True)
class EstimatorChoices:
    """How long now lasts in the tests of stability."""

    recent: Annotated[int, whole(20, 1_000)] = 90


@dataclass(frozen=True)
class MonitorChoices:
    """A hedge that was entered, and what renews it; None leaves a trigger out.

    ``entered_for`` is what was shown when it was entered, as ``subject_of`` of the Monitor's view says it.
    """

    entered_at: Annotated[str, INSTANT] = ""
    entered_side: Annotated[str, one_of("short", "long")] = "short"
    entered_contracts: Annotated[float | None, optional(number(0, 1e12))] = None
    entered_price: Annotated[float | None, optional(number(0, 1e12))] = None
    entered_beta: Annotated[float | None, optional(number(-1_000, 1_000))] = None
    entered_beta_low: Annotated[float | None, optional(number(-1_000, 1_000))] = None
    entered_beta_high: Annotated[float | None, optional(number(-1_000, 1_000))] = None
    entered_position_usd: Annotated[float | None, optional(number(-1e12, 1e12))] = None
    entered_beta_by_hand: Annotated[bool, SWITCH] = False
    entered_for: Annotated[str, SUBJECT] = ""
    renew_hours: Annotated[float | None, optional(number(0.25, 8_760))] = 24.0
    renew_move_percent: Annotated[float | None, optional(number(0.1, 100))] = 5.0
    renew_beta_outside: Annotated[bool, SWITCH] = True
    renew_position_percent: Annotated[float | None, optional(number(0.1, 100))] = None
    renew_drift_percent: Annotated[float | None, optional(number(0.1, 100))] = 10.0


@dataclass(frozen=True)
class ReportChoices:
    """What the report holds."""

    sections: Annotated[tuple[ReportSection, ...], some_of(*REPORT_SECTIONS)] = REPORT_SECTIONS
