"""Prices sampled at common instants: the step before any return is taken.

Returns first and join afterwards is the classical mistake: it pairs returns over different
spans and pulls beta towards zero (a true 1.81 became 1.30 on a five-day calendar).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from hedging._checks import as_floats
from hedging.errors import InputError

ReturnInterval: TypeAlias = Literal["hourly", "daily", "weekly"]

HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
LONGEST_DAILY_STEP = 4 * DAY  # a weekend with a holiday beside it, in the middle of a short history
LONGEST_WEEKLY_STEP = 8 * DAY


@dataclass(frozen=True, eq=False)
class SampledPrices:
    """Prices of one instrument on labels that another instrument can share.

    Attributes
    ----------
    prices : pandas.Series
        Positive prices on unique increasing UTC labels (midnights or full hours).
    n_given, n_missing, n_duplicates : int
        Rows given, rows without a price, repeated rows with an equal price.
    was_sorted : bool
        False when the rows had to be put in order of time.
    offsets : pandas.Series
        Distance from each label to the stamp as given, hours, on the index of ``prices``.
    has_weekly_bars : bool
        True when one bar spans a week.
    """

    prices: pd.Series
    n_given: int
    n_missing: int
    n_duplicates: int
    was_sorted: bool
    offsets: pd.Series
    has_weekly_bars: bool

    @property
    def offset_hours(self) -> tuple[float, float]:
        """Smallest and largest distance from label to stamp, hours; zeros when nothing is left."""
        if self.offsets.empty:
            return 0.0, 0.0
        return float(self.offsets.min()), float(self.offsets.max())


def sample_prices(prices: pd.Series, *, name: str, interval: ReturnInterval) -> SampledPrices:
    """Clean one price series and put it on labels it can share with another.

    Daily bars are matched to the NEAREST midnight UTC, because exchanges stamp a day at their own
    midnight (New York 04:00 or 05:00 UTC, Singapore 16:00 the day before); the distance is
    reported. Hourly bars give a day's price with the bar that starts at 23:00.

    Parameters
    ----------
    prices : pandas.Series
        Prices on a timezone-aware ``DatetimeIndex``; NaN means no price.
    name : str
        What to call the series in errors.
    interval : {"hourly", "daily", "weekly"}
        What is wanted; weekly samples daily labels first, the week is cut after the join.

    Raises
    ------
    InputError
        No timezone, a price that is not positive and finite, two prices for one instant, or bars
        longer than the interval.
    """
    _require_time_index(prices, name)
    index = pd.DatetimeIndex(prices.index).tz_convert("UTC").as_unit("ns")
    given = pd.Series(as_floats(prices, name), index=index)
    known = given.dropna()
    _require_positive(known, name)
    was_sorted = bool(known.index.is_monotonic_increasing)
    ordered = known if was_sorted else known.sort_index(kind="stable")
    unique = _without_equal_duplicates(ordered, name)
    sampled, offsets, length = _on_labels(unique, name, interval)
    return SampledPrices(
        prices=sampled,
        n_given=len(given),
        n_missing=len(given) - len(known),
        n_duplicates=len(ordered) - len(unique),
        was_sorted=was_sorted,
        offsets=offsets,
        has_weekly_bars=length > LONGEST_DAILY_STEP,
    )


def bar_length(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Typical distance between stamps (median)."""
    return pd.Timedelta(int(np.median(np.diff(index.as_unit("ns").asi8))), unit="ns")


def _require_time_index(prices: pd.Series, name: str) -> None:
    if not isinstance(prices, pd.Series) or not isinstance(prices.index, pd.DatetimeIndex):
        raise InputError(
            f"{name} is not a Series with dates",
            parameter=name,
            value=type(prices).__name__,
            allowed="a pandas Series on a DatetimeIndex",
            remedy="Set the index to the time of each price.",
        )
    if prices.index.tz is None:
        raise InputError(
            f"{name} has times without a zone",
            parameter=name,
            value="naive index",
            allowed="a timezone-aware index",
            remedy="State the zone, for example prices.tz_localize('UTC').",
        )
    if prices.index.hasnans:
        raise InputError(
            f"{name} has a row without a time",
            parameter=name,
            value="NaT",
            allowed="a time in every row",
            remedy="Remove or correct the row.",
        )
    if len(prices) < 2:
        raise InputError(
            f"{name} has {len(prices)} rows",
            parameter=name,
            value=len(prices),
            allowed="at least 2 prices",
            remedy="Choose another instrument or a longer history.",
        )


def _require_positive(prices: pd.Series, name: str) -> None:
    wrong = ~((prices > 0) & np.isfinite(prices))
    if wrong.any():
        stamp = prices.index[wrong.to_numpy()][0]
        raise InputError(
            f"{name} has the price {prices[wrong].iloc[0]:g} at {stamp:%Y-%m-%d %H:%M} UTC",
            parameter=name,
            value=float(prices[wrong].iloc[0]),
            allowed="positive finite prices",
            remedy="Remove or correct the row.",
        )


def _without_equal_duplicates(prices: pd.Series, name: str) -> pd.Series:
    repeated = prices.index.duplicated(keep="first")
    if not repeated.any():
        return prices
    spread = prices.groupby(level=0).agg(["min", "max"])
    conflict = spread[spread["min"] != spread["max"]]
    if not conflict.empty:
        low, high = conflict.iloc[0]
        raise InputError(
            f"{name} has two prices for {conflict.index[0]:%Y-%m-%d %H:%M} UTC, {low:g} and {high:g}",
            parameter=name,
            value=(float(low), float(high)),
            allowed="one price for each instant",
            remedy="Delete the wrong row.",
        )
    return prices[~repeated]


def _on_labels(
    prices: pd.Series, name: str, interval: ReturnInterval
) -> tuple[pd.Series, pd.Series, pd.Timedelta]:
    """Prices on labels, distance from label to stamp in hours, and the usual step."""
    stamps = pd.DatetimeIndex(prices.index)
    length = bar_length(stamps) if len(stamps) > 1 else DAY
    is_hourly = length <= 1.5 * HOUR
    _require_bars_within(interval, length, name)
    labels = _nearest(stamps, HOUR if is_hourly else DAY)
    offsets = np.asarray((stamps - labels) / HOUR, dtype=np.float64)
    values = prices.to_numpy()
    if is_hourly and interval != "hourly":
        last_bar = labels.hour == 23
        labels, offsets, values = labels[last_bar].normalize(), offsets[last_bar], values[last_bar]
    clash = labels.duplicated()
    if clash.any():
        raise InputError(
            f"{name} has two bars for {labels[clash][0]:%Y-%m-%d %H:%M} UTC",
            parameter=name,
            value=str(labels[clash][0]),
            allowed="one bar for each day or hour",
            remedy="Use one download with one bar length and one time zone.",
        )
    return pd.Series(values, index=labels), pd.Series(offsets, index=labels), length


def _nearest(stamps: pd.DatetimeIndex, step: pd.Timedelta) -> pd.DatetimeIndex:
    """The nearest whole step; half-way stamps all go up, where rounding to even would pair them off."""
    frequency = "h" if step == HOUR else "D"
    return (stamps + step / 2).floor(frequency)


def _require_bars_within(interval: ReturnInterval, length: pd.Timedelta, name: str) -> None:
    longest = {"hourly": 1.5 * HOUR, "daily": LONGEST_DAILY_STEP, "weekly": LONGEST_WEEKLY_STEP}[interval]
    if length > longest:
        raise InputError(
            f"{name} has a price every {length / HOUR:g} hours",
            parameter="interval",
            value=interval,
            allowed="bars no longer than the return interval",
            remedy="Choose a longer return interval or hourly prices.",
        )
