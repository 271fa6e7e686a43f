"""What a perpetual has beside the price of its underlying: funding, and a price of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data.embedded import SimulatedSource, embedded_market
from data.errors import NoDataInRangeError
from data.prices import BAR_LENGTH, BarInterval


@dataclass(frozen=True, eq=False)
class PerpetualHistory:
    """Funding charged on a perpetual, and its own prices where they are known.

    Attributes
    ----------
    symbol, source : str
        Of the underlying, and a plain name of where this comes from. Hostile until escaped.
    funding_rates : pandas.Series, shape (n_charges,)
        Fraction of notional per charge on UTC instants, positive when longs pay shorts.
    prices : pandas.Series or None
        Closes of the perpetual in USD on the bar stamps of the underlying's prices.
    simulated : bool
    version : str
        Names the content in every cache.
    """

    symbol: str
    source: str
    funding_rates: pd.Series
    prices: pd.Series | None
    simulated: bool
    version: str = field(init=False)

    def __post_init__(self) -> None:
        content = hashlib.sha256(f"{self.symbol} {self.source}".encode())
        for series in (self.funding_rates, self.prices):
            if series is not None:
                content.update(series.to_numpy(dtype=float).tobytes())
                content.update(pd.DatetimeIndex(series.index).as_unit("ns").asi8.tobytes())
        object.__setattr__(self, "version", content.hexdigest()[:16])


def simulated_perpetual(symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PerpetualHistory:
    """The perpetual of a simulated instrument, up to ``now``.

    Raises
    ------
    UnknownSymbolError
        There is no such simulated instrument.
    NoDataInRangeError
        No bar or no charge had happened at ``now``.
    """
    spot = SimulatedSource().fetch(symbol, interval=interval, now=now).prices
    market = embedded_market()
    basis = market.basis[symbol]
    if interval == "daily":
        basis = pd.Series(basis.to_numpy()[23::24], index=pd.DatetimeIndex(basis.index)[::24])
    charges = market.funding[symbol]
    charges = charges[np.asarray(pd.DatetimeIndex(charges.index) <= now)]
    if charges.empty:
        raise NoDataInRangeError(
            f"{symbol} had no funding charge by {now:%Y-%m-%d %H:%M}",
            parameter="now",
            value=now,
            allowed=f"a time after {BAR_LENGTH['daily']} of the market",
            remedy="Choose a later time.",
        )
    return PerpetualHistory(
        symbol=symbol,
        source=SimulatedSource.name,
        funding_rates=charges.rename("funding_rate"),
        prices=(spot * (1 + basis.reindex(spot.index))).rename("perpetual"),
        simulated=True,
    )
