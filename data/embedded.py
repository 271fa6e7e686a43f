"""Sources that need no network: the simulated market and the index series of a Python package."""

from __future__ import annotations

import functools
import threading
from types import ModuleType

import numpy as np
import pandas as pd

from data.errors import ChangeInputError, NoDataInRangeError, UnknownSymbolError
from data.perpetuals import PerpetualHistory
from data.prices import BAR_LENGTH, BarInterval, PriceHistory, validated_history
from data.simulation import (
    DEFAULT_ASSETS,
    DEFAULT_BENCHMARK,
    DEFAULT_START,
    SimulatedMarket,
    simulate_market,
)
from data.sources import PriceSource

_GENERATING = threading.Lock()


def embedded_market() -> SimulatedMarket:
    """The simulated market of this process, generated on first use and shared by all threads.

    Its frames are shared: copy before changing anything.
    """
    # A cache alone would let two sessions that start together both generate it.
    with _GENERATING:
        return _generated()


@functools.cache
def _generated() -> SimulatedMarket:
    return simulate_market()


class SimulatedSource(PriceSource):
    """Prices of the embedded simulated market, with the true beta of each instrument."""

    name = "Simulated market"

    def symbols(self) -> tuple[str, ...]:
        """All simulated instruments, the benchmark first."""
        return (DEFAULT_BENCHMARK.symbol, *(asset.symbol for asset in DEFAULT_ASSETS))

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Daily and hourly for every symbol."""
        _require_symbol(symbol, self)
        return ("daily", "hourly")

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """Closes up to ``now`` with the true beta on the same index.

        A daily close is the close of the day's last hour.

        Raises
        ------
        UnknownSymbolError
            There is no such simulated instrument.
        ChangeInputError
            The interval is neither daily nor hourly.
        NoDataInRangeError
            No bar had finished at ``now``.
        """
        _require_interval(symbol, interval, self)
        market = embedded_market()
        closes = market.prices[symbol]
        stamps = pd.DatetimeIndex(closes.index)
        if interval == "daily":
            closes, stamps = closes.iloc[23::24], stamps[::24]
        # Beta must stay on the index of the prices, so open bars go before validation would drop them.
        finished = np.asarray(stamps + BAR_LENGTH[interval] <= now)
        stamps = stamps[finished]
        prices = pd.Series(closes.to_numpy()[finished], index=stamps)
        if prices.empty:
            raise NoDataInRangeError(
                f"{symbol} has no finished bar at {now:%Y-%m-%d %H:%M}",
                parameter="now",
                value=now,
                allowed=f"a time after the first bar of {DEFAULT_START:%Y-%m-%d %H:%M} UTC",
                remedy="Choose a later time.",
            )
        betas = market.true_beta[symbol].reindex(stamps.normalize()).to_numpy(copy=True)
        true_beta = pd.Series(betas, index=stamps, name=symbol)
        return validated_history(
            prices,
            symbol=symbol,
            source=self.name,
            interval=interval,
            now=now,
            simulated=True,
            true_beta=true_beta,
            true_beta_benchmark=market.benchmark,
        )


def simulated_perpetual(symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PerpetualHistory:
    """The perpetual of a simulated instrument, up to ``now``.

    Raises
    ------
    UnknownSymbolError
        There is no such simulated instrument.
    NoDataInRangeError
        No bar had finished at ``now``; the first charge is at the beginning of the first one.
    """
    spot = SimulatedSource().fetch(symbol, interval=interval, now=now).prices
    market = embedded_market()
    basis = market.basis[symbol]
    if interval == "daily":
        basis = pd.Series(basis.to_numpy()[23::24], index=pd.DatetimeIndex(basis.index)[::24])
    charges = market.funding[symbol]
    charges = charges[np.asarray(pd.DatetimeIndex(charges.index) <= now)]
    return PerpetualHistory(
        symbol=symbol,
        source=SimulatedSource.name,
        funding_rates=charges.rename("funding_rate"),
        prices=(spot * (1 + basis.reindex(spot.index))).rename("perpetual"),
        simulated=True,
    )


class IndexSource(PriceSource):
    """Real daily closes of two stock indices that ship inside the package ``arch``."""

    name = "US indices (real, 1999 to 2018)"

    def symbols(self) -> tuple[str, ...]:
        """The two indices."""
        return ("SP500", "NASDAQ")

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Daily only."""
        _require_symbol(symbol, self)
        return ("daily",)

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """Adjusted closes up to ``now``, each trading day stamped with its midnight in UTC.

        Raises
        ------
        UnknownSymbolError
            The symbol is neither SP500 nor NASDAQ.
        ChangeInputError
            The interval is not daily.
        NoDataInRangeError
            No day had finished at ``now``.
        """
        _require_interval(symbol, interval, self)
        return validated_history(
            _index_closes(symbol).copy(),
            symbol=symbol,
            source=self.name,
            interval=interval,
            now=now,
            notes=(
                "Real adjusted daily closes as shipped with the Python package arch; "
                "5-day calendar: no bars at weekends and on exchange holidays.",
            ),
        )


@functools.cache
def _index_closes(symbol: str) -> pd.Series:
    module = _index_module(symbol)
    closes: pd.Series = module.load()["Adj Close"].tz_localize("UTC")
    return closes


def _index_module(symbol: str) -> ModuleType:
    # Imported here because arch brings statsmodels with it, a second that nobody else needs to wait.
    if symbol == "SP500":
        from arch.data import sp500

        return sp500
    from arch.data import nasdaq

    return nasdaq


def _require_symbol(symbol: str, source: PriceSource) -> None:
    if symbol not in source.symbols():
        raise UnknownSymbolError(
            f"{source.name} has no symbol {symbol[:40]!r}",
            parameter="symbol",
            value=symbol,
            allowed=", ".join(source.symbols()),
            remedy="Choose one of these.",
        )


def _require_interval(symbol: str, interval: BarInterval, source: PriceSource) -> None:
    allowed = source.intervals(symbol)
    if interval not in allowed:
        raise ChangeInputError(
            f"{source.name} has no {interval[:40]} prices",
            parameter="interval",
            value=interval,
            allowed=" or ".join(allowed),
            remedy="Choose another length of bar or another source.",
        )
