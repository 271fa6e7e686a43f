"""Funding as it was charged: when, how much, over which time, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import FloatArray, finite_values, require_choice, require_number
from hedging.errors import InputError, InsufficientDataError

PeriodStamps: TypeAlias = Literal["open", "close"]

BoolArray: TypeAlias = npt.NDArray[np.bool_]

HOURS_PER_YEAR = 365.0 * 24.0
# Exchanges cap a single charge at 0.75 to 4 %; ten times that is a percentage written as a fraction.
LARGEST_RATE = 0.4
# Stamps jitter by milliseconds, charges fall on full hours: a minute tells neighbours apart with ease.
STAMP_UNIT = "min"
NEIGHBOURS = 3  # gaps on each side that say what the usual interval is around a charge
HOLE_FACTOR = 1.5


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
    index = rates.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
        raise InputError(
            "the funding rates are not on times with a timezone",
            parameter="rates",
            value=str(index.dtype),
            allowed="a timezone-aware DatetimeIndex",
            remedy="Localise the stamps to UTC.",
        )
    values = finite_values(rates, "rates", largest=LARGEST_RATE)
    stamps = index.tz_convert("UTC").as_unit("ns")
    rounded = stamps.round(STAMP_UNIT)
    jitter = float(np.abs((stamps - rounded).total_seconds()).max()) if len(stamps) else 0.0
    table = pd.Series(values, index=rounded, name="funding_rate").sort_index(kind="stable")
    repeated = table.index.duplicated()
    _require_equal_twins(table)
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


def funding_per_period(
    history: FundingHistory,
    index: pd.DatetimeIndex,
    *,
    stamps: PeriodStamps,
    end: pd.Timestamp | None = None,
    start: pd.Timestamp | None = None,
    holes: Literal["raise", "nan"] = "raise",
) -> pd.Series:
    """Sum of the rates charged in each period: after its start, up to and including its end.

    Parameters
    ----------
    history : FundingHistory
    index : pandas.DatetimeIndex, shape (n,)
        Labels of the periods in order of time, timezone-aware.
    stamps : {"open", "close"}
        What a label is: "open", the start of its bar, so that a day labelled 00:00 covers the charges
        at 08:00, 16:00 and 24:00; "close", the end of its period.
    end, start : pandas.Timestamp, optional
        End of the last period ("open") or start of the first ("close"); one usual step away when left
        out.
    holes : {"raise", "nan"}
        What to do with a period that touches a hole or lies outside the history.

    Returns
    -------
    pandas.Series, shape (n,)
        Fractions of notional; NaN only with ``holes="nan"``.

    Raises
    ------
    InputError
        Labels without timezone or order.
    InsufficientDataError
        A period is not covered, and ``holes`` is "raise".
    """
    require_choice(stamps, "stamps", ("open", "close"))
    require_choice(holes, "holes", ("raise", "nan"))
    edges = _edges(index, stamps=stamps, start=start, end=end)
    charged = pd.DatetimeIndex(history.rates.index)
    sums = np.concatenate([[0.0], np.cumsum(history.rates.to_numpy(dtype=np.float64))])
    position = charged.searchsorted(edges, side="right")
    total = sums[position[1:]] - sums[position[:-1]]
    covered = _covered(history, edges)
    if not covered.all():
        first = int(np.flatnonzero(~covered)[0])
        if holes == "raise":
            raise InsufficientDataError(
                f"the funding history does not cover {edges[first]:%Y-%m-%d %H:%M} to "
                f"{edges[first + 1]:%Y-%m-%d %H:%M} UTC",
                parameter="history",
                value=str(index[first]),
                allowed=f"periods between {charged[0]:%Y-%m-%d} and {charged[-1]:%Y-%m-%d} outside of holes",
                remedy="Fetch the missing charges, or leave these periods out.",
            )
        total[~covered] = np.nan
    return pd.Series(total, index=index, name="funding_rate")


def _intervals(stamps: pd.DatetimeIndex) -> tuple[FloatArray, BoolArray]:
    """Hours that each charge covers, and whether a hole lies before it."""
    gaps = pd.Series(np.diff(stamps.asi8) / 3.6e12)
    before = gaps.rolling(NEIGHBOURS, min_periods=1).median().shift(1)
    after = gaps[::-1].rolling(NEIGHBOURS, min_periods=1).median().shift(1)[::-1]
    long = gaps > HOLE_FACTOR * pd.concat([before, after], axis=1).max(axis=1)
    # A hole's charge covers what is usual afterwards, at the end of the history what was before.
    covers = gaps.where(~long, after.fillna(before)).to_numpy(dtype=np.float64)
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


def _covered(history: FundingHistory, edges: pd.DatetimeIndex) -> BoolArray:
    """Whether each period lies inside the history and touches no hole."""
    stamps = pd.DatetimeIndex(history.rates.index)
    first = stamps[0] - pd.Timedelta(hours=float(history.interval_hours.iloc[0]))
    # What follows the last charge is known to be free of charges until the next one is due.
    last = stamps[-1] + pd.Timedelta(hours=float(history.interval_hours.iloc[-1]))
    covered = np.asarray((edges[:-1] >= first) & (edges[1:] < last))
    for hole in history.holes:
        # Charges are missing strictly after the hole's start, the last of them at its end.
        covered &= ~np.asarray((edges[1:] > hole.start) & (edges[:-1] < hole.end))
    return covered


def _edges(
    index: pd.DatetimeIndex,
    *,
    stamps: PeriodStamps,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
) -> pd.DatetimeIndex:
    if (
        not isinstance(index, pd.DatetimeIndex)
        or index.tz is None
        or len(index) < 2
        or not (index.is_monotonic_increasing and index.is_unique)
    ):
        raise InputError(
            "the periods are not at least two increasing times with a timezone",
            parameter="index",
            value=len(index),
            allowed="an increasing timezone-aware DatetimeIndex",
            remedy="Take the index of hedging.align's returns.",
        )
    labels = index.tz_convert("UTC").as_unit("ns")
    step = pd.Series(labels).diff().median()
    if stamps == "open":
        return pd.DatetimeIndex([*labels, end or labels[-1] + step])
    return pd.DatetimeIndex([start or labels[0] - step, *labels])


def _looked_up(series: pd.Series, stamps: pd.DatetimeIndex, parameter: str) -> FloatArray:
    values = pd.Series(
        finite_values(series, parameter),
        index=pd.DatetimeIndex(series.index).tz_convert("UTC").as_unit("ns").round(STAMP_UNIT),
    )
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


def _require_equal_twins(table: pd.Series) -> None:
    spread = table.groupby(level=0).agg(["min", "max"])
    different = spread[spread["min"] != spread["max"]]
    if not different.empty:
        raise InputError(
            f"there are two different rates at {different.index[0]:%Y-%m-%d %H:%M} UTC",
            parameter="rates",
            value=float(different["max"].iloc[0]),
            allowed="one rate for each charge",
            remedy="Remove the wrong one.",
        )


def _between(history: FundingHistory, start: pd.Timestamp | None, end: pd.Timestamp | None) -> pd.Series:
    stamps = pd.DatetimeIndex(history.rates.index)
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
