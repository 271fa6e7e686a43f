"""A price source that answers what a test gave it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.errors import NoDataInRangeError, UnknownSymbolError
from data.prices import BarInterval, PriceHistory
from data.sources import PriceSource


class FakeSource(PriceSource):
    """Answers from a mapping of symbol to the history to return or the exception to raise.

    ``calls`` lists every ``(symbol, interval)`` that was fetched.
    """

    def __init__(
        self,
        answers: Mapping[str, PriceHistory | Exception],
        *,
        name: str = "Fake source",
        accepts_any_symbol: bool = False,
    ) -> None:
        self.name = name
        self.accepts_any_symbol = accepts_any_symbol
        self.answers = dict(answers)
        self.calls: list[tuple[str, BarInterval]] = []

    def symbols(self) -> tuple[str, ...]:
        return tuple(self.answers)

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        answer = self.answers.get(symbol)
        return (answer.interval,) if isinstance(answer, PriceHistory) else ("daily", "hourly")

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        self.calls.append((symbol, interval))
        answer = self.answers.get(symbol)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            raise UnknownSymbolError(
                f"{self.name} does not know {symbol}",
                parameter="symbol",
                value=symbol,
                allowed=", ".join(self.answers),
                remedy="Choose one of these.",
            )
        if answer.interval != interval:
            raise NoDataInRangeError(
                f"{self.name} has no {interval} prices of {symbol}",
                parameter="interval",
                value=interval,
                allowed=answer.interval,
                remedy="Choose another bar length.",
            )
        return answer
