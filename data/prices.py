"""What a source hands over: one validated price history per instrument.

Every source ends in :func:`validated_history`; nothing downstream checks prices again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from data.errors import BadPriceError, ConflictingRowsError, NoDataInRangeError

BarInterval = Literal["daily", "hourly"]

BAR_LENGTH: dict[BarInterval, pd.Timedelta] = {
    "daily": pd.Timedelta(days=1),
    "hourly": pd.Timedelta(hours=1),
}

# Far outside any quoted price (the smallest listed tokens trade near 1e-10 USD), yet near
# enough that squares of returns cannot overflow.
SMALLEST_PRICE = 1e-15
LARGEST_PRICE = 1e12


@dataclass(frozen=True, eq=False)
class PriceHistory:
    """Validated closing prices of one instrument from one source.

    Attributes
    ----------
    symbol : str
        The symbol as the source spells it. Hostile until escaped by whoever shows it.
    source : str
        Plain name of the source, e.g. ``"Yahoo Finance"``.
    interval : {"daily", "hourly"}
        Length of one bar.
    prices : pandas.Series
        float64 closes, USD, on a unique increasing UTC ``DatetimeIndex`` (nanoseconds) of bar
        stamps as the source gives them (start of the bar for every source here).
    simulated : bool
        True when the prices are not of any real market.
    notes : tuple of str
        What validation changed, one plain sentence each (rows dropped, sorted, still open).
    true_beta : pandas.Series or None
        For simulated instruments the true beta on ``true_beta_benchmark``, on the index of ``prices``.
    true_beta_benchmark : str or None
        Symbol to which ``true_beta`` refers.
    """

    symbol: str
    source: str
    interval: BarInterval
    prices: pd.Series
    simulated: bool = False
    notes: tuple[str, ...] = ()
    true_beta: pd.Series | None = None
    true_beta_benchmark: str | None = None
    version: str = field(init=False)

    def __post_init__(self) -> None:
        """Freeze the numbers and derive the version: a hash of what they are."""
        digest = hashlib.blake2b(digest_size=12)
        digest.update(f"{self.source}\0{self.symbol}\0{self.interval}\0".encode())
        digest.update(pd.DatetimeIndex(self.prices.index).asi8.tobytes())
        digest.update(np.ascontiguousarray(self.prices.to_numpy()).tobytes())
        object.__setattr__(self, "version", digest.hexdigest())

    @property
    def as_of(self) -> pd.Timestamp:
        """Instant of the last close: the end of the last bar (UTC)."""
        last: pd.Timestamp = self.prices.index[-1]
        return last + BAR_LENGTH[self.interval]


def validated_history(
    prices: pd.Series,
    *,
    symbol: str,
    source: str,
    interval: BarInterval,
    now: pd.Timestamp,
    simulated: bool = False,
    notes: Sequence[str] = (),
    true_beta: pd.Series | None = None,
    true_beta_benchmark: str | None = None,
) -> PriceHistory:
    """Check prices once, at the boundary, and say what was changed.

    Parameters
    ----------
    prices : pandas.Series
        Closes in USD on a timezone-aware index of any zone, in any order. NaN means that the
        source had no price there; such rows are dropped and counted in the notes.
    symbol, source, interval
        As in :class:`PriceHistory`.
    now : pandas.Timestamp
        The present (timezone-aware). A bar that ends after it is still open and is dropped.
    simulated, true_beta, true_beta_benchmark
        As in :class:`PriceHistory`.
    notes : sequence of str
        What reading already changed.

    Returns
    -------
    PriceHistory

    Raises
    ------
    BadPriceError
        A price is zero, negative, infinite or outside [1e-15, 1e12].
    ConflictingRowsError
        One instant has two different prices.
    NoDataInRangeError
        No row with a price is left.
    """
    said = list(notes)
    series = prices.astype("float64")
    series.index = pd.DatetimeIndex(series.index).tz_convert("UTC").as_unit("ns")

    missing = int(series.isna().sum())
    if missing:
        said.append(f"{missing:,} {_rows(missing)} without a price dropped")
        series = series.dropna()
    _check_prices(series, symbol)

    if not series.index.is_monotonic_increasing:
        series = series.sort_index(kind="stable")
        said.append("rows were not in order of time and have been sorted")
    series = _without_duplicates(series, symbol, said)

    open_bars = pd.DatetimeIndex(series.index) + BAR_LENGTH[interval] > now
    if open_bars.any():
        count = int(open_bars.sum())
        said.append(f"{count:,} unfinished {_rows(count, 'bar')} at the end dropped")
        series = series[~open_bars]
    if series.empty:
        raise NoDataInRangeError(
            f"the symbol {symbol} has no finished row with a price",
            parameter="prices",
            value=symbol,
            allowed="at least one row with a date and a positive price",
            remedy="Choose another symbol, file or column.",
        )
    series.name = symbol
    series.index.name = None
    return PriceHistory(
        symbol=symbol,
        source=source,
        interval=interval,
        prices=series,
        simulated=simulated,
        notes=tuple(said),
        true_beta=true_beta,
        true_beta_benchmark=true_beta_benchmark,
    )


def _rows(count: int, noun: str = "row") -> str:
    return noun if count == 1 else f"{noun}s"


def _check_prices(series: pd.Series, symbol: str) -> None:
    values = series.to_numpy()
    wrong = ~((values >= SMALLEST_PRICE) & (values <= LARGEST_PRICE))
    if not wrong.any():
        return
    count = int(wrong.sum())
    first = int(np.flatnonzero(wrong)[0])
    more = f" and {count - 1:,} more like it" if count > 1 else ""
    raise BadPriceError(
        f"the symbol {symbol} has the price {values[first]:g} at "
        f"{series.index[first]:%Y-%m-%d %H:%M} UTC{more}",
        parameter="prices",
        value=float(values[first]),
        allowed=f"prices between {SMALLEST_PRICE:g} and {LARGEST_PRICE:g} USD",
        remedy="Remove or correct these rows, or choose another column.",
    )


def _without_duplicates(series: pd.Series, symbol: str, said: list[str]) -> pd.Series:
    repeated = series.index.duplicated(keep="first")
    if not repeated.any():
        return series
    spread = series.groupby(level=0).agg(["min", "max"])
    conflict = spread[spread["min"] != spread["max"]]
    if not conflict.empty:
        stamp = conflict.index[0]
        low, high = conflict.iloc[0]
        raise ConflictingRowsError(
            f"the symbol {symbol} has two prices for {stamp:%Y-%m-%d %H:%M} UTC, {low:g} and {high:g}",
            parameter="prices",
            value=(float(low), float(high)),
            allowed="one price for each instant",
            remedy="Delete the wrong row and load the file again.",
        )
    count = int(repeated.sum())
    said.append(f"{count:,} repeated {_rows(count)} with the same price dropped")
    return series[~repeated]
