"""Funding as it was charged: when, how much, over which time, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import FloatArray, finite_values, require_number
from hedging.errors import InputError, InsufficientDataError

BoolArray: TypeAlias = npt.NDArray[np.bool_]

HOURS_PER_YEAR = 365.0 * 24.0
# Exchanges cap a single charge at 0.75 to 4 %; ten times that is a percentage written as a fraction.
LARGEST_RATE = 0.4
# Stamps jitter by milliseconds, charges fall on full hours: a minute tells neighbours apart with ease.
STAMP_UNIT = "min"
NEIGHBOURS = 6  # gaps on each side that say what the usual interval is around a charge
HOLE_FACTOR = 1.5
LONGEST_USUAL_HOURS = 8.0  # between two charges


@dataclass(frozen=True)
class FundingHole:
    """A stretch of time without charges where there should be some.

    Attributes
    ----------
    start, end : pandas.Timestamp
        From the last charge before it to where the next charge's own interval begins.
    n_missing : int
        Charges that are missing at the interval in force afterwards.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    n_missing: int


@dataclass(frozen=True)
class IntervalChange:
    """The charge at ``at`` covers another interval than the one before it."""

    at: pd.Timestamp
    before_hours: float
    after_hours: float


@dataclass(frozen=True, eq=False)
class FundingHistory:
    """Funding rates on clean UTC stamps, each with the time it covers.

    Attributes
    ----------
    rates : pandas.Series, shape (n,)
        Fraction of notional per charge; positive: longs pay shorts.
    interval_hours : pandas.Series, shape (n,)
        Hours that each charge covers, ending at its stamp.
    holes : tuple of FundingHole
    interval_changes : tuple of IntervalChange
    n_duplicates : int
        Repeated charges with an equal rate, dropped.
    largest_jitter_seconds : float
        Largest distance between a stamp and the minute it was put on.
    """

    rates: pd.Series
    interval_hours: pd.Series
    holes: tuple[FundingHole, ...]
    interval_changes: tuple[IntervalChange, ...]
    n_duplicates: int
    largest_jitter_seconds: float


def prepare_funding(rates: pd.Series) -> FundingHistory:
    """Put charges on clean stamps and find out which time each of them covers.

    The interval is taken from the series itself, because it changes (8 h to 4 h, with single hours in
    between): a charge covers the time since the one before it, unless that is 1.5 times longer than the
    usual gap on both sides; then the time beyond the usual gap is a hole. Nothing is filled.

    Parameters
    ----------
    rates : pandas.Series
        Rates per charge as fractions, on a timezone-aware ``DatetimeIndex`` in any order.

    Returns
    -------
    FundingHistory

    Raises
    ------
    InputError
        No timezone, NaN or implausible rates, or two different rates at one instant.
    InsufficientDataError
        Fewer than 3 charges.
    """
    stamps = _utc(rates, "rates")
    values = finite_values(rates, "rates", largest=LARGEST_RATE)
    rounded = stamps.round(STAMP_UNIT)
    jitter = float(np.abs((stamps - rounded).total_seconds()).max()) if len(stamps) else 0.0
    table = pd.Series(values, index=rounded, name="funding_rate").sort_index(kind="stable")
    repeated = table.index.duplicated()
    _require_equal_twins(table, "rates")
    clean = table[~repeated]
    if len(clean) < 3:
        raise InsufficientDataError(
            f"{len(clean)} charges are too few to know their interval",
            parameter="rates",
            value=len(clean),
            allowed="at least 3 charges",
            remedy="Fetch a longer history.",
        )
    interval, is_hole = _intervals(pd.DatetimeIndex(clean.index))
    hours = pd.Series(interval, index=clean.index, name="interval_hours")
    return FundingHistory(
        rates=clean,
        interval_hours=hours,
        holes=_holes(hours, is_hole),
        interval_changes=_changes(hours),
        n_duplicates=int(repeated.sum()),
        largest_jitter_seconds=jitter,
    )


def funding_payment_usd(position_notional_usd: float, rate: float) -> float:
    """What a position receives (positive) or pays: ``-notional * rate``.

    Parameters
    ----------
    position_notional_usd : float
        Signed notional at the mark price, short negative: a short receives at a positive rate.
    rate : float
        Fraction per charge.
    """
    notional = require_number(position_notional_usd, "position_notional_usd", allowed="a finite amount")
    return -notional * _rate(rate)


def funding_payment_coin(position_usd: float, rate: float, *, mark_usd: float) -> float:
    """What an inverse position of Q USD receives in coin: ``-Q / mark * rate``.

    Parameters
    ----------
    position_usd : float
        Signed USD value Q of the contracts, short negative.
    rate : float
        Fraction per charge.
    mark_usd : float
        Mark price at the charge, positive.
    """
    value = require_number(position_usd, "position_usd", allowed="a finite amount")
    mark = require_number(mark_usd, "mark_usd", allowed="a positive price", valid=lambda price: price > 0)
    return -value / mark * _rate(rate)


def annual_funding_fraction(
    history: FundingHistory, *, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
) -> float:
    """Sum of the rates over the years they cover; positive: what a short received per year of notional.

    Holes are covered by nothing and do not count as time, so that neither a missing stretch nor a
    changed interval distorts the figure as ``mean * 3 * 365`` would.

    Parameters
    ----------
    history : FundingHistory
    start, end : pandas.Timestamp, optional
        Charges with ``start < stamp <= end``.

    Raises
    ------
    InsufficientDataError
        No charge lies in between.
    """
    chosen = _between(history, start, end)
    years = float(history.interval_hours[chosen].sum()) / HOURS_PER_YEAR
    return float(history.rates[chosen].sum()) / years


def realised_funding(history: FundingHistory, marks_usd: pd.Series, position_units: pd.Series) -> pd.Series:
    """What a linear position received at each charge, USD: ``-units * mark * rate``.

    Marks and positions are looked up on the rounded stamps of the charges: their own stamps jitter,
    and an exact join of real files matched 32 of 91 rows.

    Parameters
    ----------
    history : FundingHistory
    marks_usd : pandas.Series
        Mark price at each charge, timezone-aware.
    position_units : pandas.Series
        Signed units held at each charge, timezone-aware.

    Returns
    -------
    pandas.Series
        On the stamps of ``history``.

    Raises
    ------
    InputError
        A charge has no mark or no position, or one of these is unusable.
    """
    stamps = pd.DatetimeIndex(history.rates.index)
    marks = _looked_up(marks_usd, stamps, "marks_usd")
    units = _looked_up(position_units, stamps, "position_units")
    paid = -units * marks * history.rates.to_numpy(dtype=np.float64)
    return pd.Series(paid, index=stamps, name="funding_usd")


def _intervals(stamps: pd.DatetimeIndex) -> tuple[FloatArray, BoolArray]:
    """Hours that each charge covers, and whether a hole lies before it."""
    gaps = pd.Series(np.diff(stamps.asi8) / 3.6e12)
    before = gaps.rolling(NEIGHBOURS, min_periods=1).median().shift(1)
    after = gaps[::-1].rolling(NEIGHBOURS, min_periods=1).median().shift(1)[::-1]
    # At an end of the history one or two gaps speak for a side. No exchange charges less often than every
    # eight hours: where such gaps say so, they are holes themselves, and the other side is believed.
    n_before = np.minimum(np.arange(len(gaps)), NEIGHBOURS)
    n_after = n_before[::-1]
    usual_before, usual_after = (
        side.mask((side > LONGEST_USUAL_HOURS) & (n < NEIGHBOURS) & (n_other == NEIGHBOURS))
        for side, n, n_other in ((before, n_before, n_after), (after, n_after, n_before))
    )
    long = gaps > HOLE_FACTOR * pd.concat([usual_before, usual_after], axis=1).max(axis=1)
    # A hole's charge covers what is usual afterwards, at the end of the history what was before.
    covers = gaps.where(~long, usual_after.fillna(usual_before)).to_numpy(dtype=np.float64)
    return np.concatenate([covers[:1], covers]), np.concatenate([[False], long.to_numpy()])


def _holes(hours: pd.Series, is_hole: BoolArray) -> tuple[FundingHole, ...]:
    found = []
    stamps = pd.DatetimeIndex(hours.index)
    for i in np.flatnonzero(is_hole).tolist():
        covers = pd.Timedelta(hours=float(hours.iloc[i]))
        start, end = stamps[i - 1], stamps[i] - covers
        found.append(FundingHole(start=start, end=end, n_missing=round((end - start) / covers)))
    return tuple(found)


def _changes(hours: pd.Series) -> tuple[IntervalChange, ...]:
    values, stamps = hours.to_numpy(dtype=np.float64), pd.DatetimeIndex(hours.index)
    return tuple(
        IntervalChange(at=stamps[i], before_hours=float(values[i - 1]), after_hours=float(values[i]))
        for i in (np.flatnonzero(np.diff(values)) + 1).tolist()
    )


def _looked_up(series: pd.Series, stamps: pd.DatetimeIndex, parameter: str) -> FloatArray:
    index = _utc(series, parameter).round(STAMP_UNIT)
    values = pd.Series(finite_values(series, parameter), index=index)
    _require_equal_twins(values, parameter)
    known = values[~values.index.duplicated()]
    missing = ~stamps.isin(known.index)
    if missing.any():
        raise InputError(
            f"{parameter} has no value at {int(missing.sum())} of {len(stamps)} charges, the first at "
            f"{stamps[missing][0]:%Y-%m-%d %H:%M} UTC",
            parameter=parameter,
            value=int(missing.sum()),
            allowed="a value at every charge",
            remedy="Give the missing values, or cut the funding history to the time they cover.",
        )
    return np.asarray(known.reindex(stamps), dtype=np.float64)


def _utc(series: pd.Series, parameter: str) -> pd.DatetimeIndex:
    index = series.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
        raise InputError(
            f"{parameter} is not on times with a timezone",
            parameter=parameter,
            value=str(index.dtype),
            allowed="a timezone-aware DatetimeIndex",
            remedy="Localise the stamps to UTC.",
        )
    return index.tz_convert("UTC").as_unit("ns")


def _require_equal_twins(table: pd.Series, parameter: str) -> None:
    spread = table.groupby(level=0).agg(["min", "max"])
    different = spread[spread["min"] != spread["max"]]
    if not different.empty:
        raise InputError(
            f"{parameter} has two different values at {different.index[0]:%Y-%m-%d %H:%M} UTC",
            parameter=parameter,
            value=float(different["max"].iloc[0]),
            allowed="one value for each charge",
            remedy="Remove the wrong one.",
        )


def _between(history: FundingHistory, start: pd.Timestamp | None, end: pd.Timestamp | None) -> pd.Series:
    stamps = pd.DatetimeIndex(history.rates.index)
    require_utc(start, "start")
    require_utc(end, "end")
    chosen = pd.Series(True, index=stamps)
    if start is not None:
        chosen &= stamps > start
    if end is not None:
        chosen &= stamps <= end
    if not chosen.any():
        raise InsufficientDataError(
            "no charge lies in this time",
            parameter="start",
            value=str(start),
            allowed=f"a time between {stamps[0]:%Y-%m-%d} and {stamps[-1]:%Y-%m-%d}",
            remedy="Choose another time or fetch a longer history.",
        )
    return chosen


def _rate(rate: float) -> float:
    return require_number(
        rate,
        "rate",
        allowed="a fraction between -0.4 and 0.4",
        valid=lambda value: abs(value) <= LARGEST_RATE,
    )


def require_utc(instant: pd.Timestamp | None, parameter: str) -> None:
    """An instant that says which zone it is in, or none."""
    if instant is not None and instant.tzinfo is None:
        raise InputError(
            f"{parameter} is {instant} without a timezone",
            parameter=parameter,
            value=str(instant),
            allowed="an instant with a timezone",
            remedy="Give it in UTC, such as pd.Timestamp('2024-01-01', tz='UTC').",
        )
