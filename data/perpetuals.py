"""What a perpetual has beside the price of its underlying: funding, and a price of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pandas as pd


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
