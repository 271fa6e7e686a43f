"""Funding summed over the periods of returns."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import require_choice
from hedging.carry.funding import FundingHistory, require_utc
from hedging.errors import InputError, InsufficientDataError

PeriodStamps: TypeAlias = Literal["open", "close"]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


def funding_per_period(
    history: FundingHistory,
    index: pd.DatetimeIndex,
    *,
    stamps: PeriodStamps,
    start: pd.Timestamp | None = None,
    step: pd.Timedelta | None = None,
    holes: Literal["raise", "nan"] = "raise",
) -> pd.Series:
    """Sum of the rates charged in each period: after the end of the one before, up to its own end.

    Where a bar is missing, the next period begins where the last one ended and holds the charges of both,
    just as the return of :func:`hedging.align` over that gap does.

    Parameters
    ----------
    history : FundingHistory
    index : pandas.DatetimeIndex, shape (n,)
        Labels of the periods in order of time, timezone-aware: the index of aligned returns.
    stamps : {"open", "close"}
        What a label is: "open", the start of its bar, which ends ``step`` later, so that a day labelled
        00:00 ends with the charge at 24:00; "close", the end of its period.
    start : pandas.Timestamp, optional
        Where the first period begins; ``step`` before its end when left out.
    step : pandas.Timedelta, optional
        Length of a bar; the median distance of the labels when left out.
    holes : {"raise", "nan"}
        What to do with a period that touches a hole or lies outside the history.

    Returns
    -------
    pandas.Series, shape (n,)
        Fractions of notional; NaN only with ``holes="nan"``.

    Raises
    ------
    InputError
        Labels without timezone or order, a start at or after the first end, a step of 0 or less, or one
        label without a step.
    InsufficientDataError
        A period is not covered, and ``holes`` is "raise".
    """
    require_choice(stamps, "stamps", ("open", "close"))
    require_choice(holes, "holes", ("raise", "nan"))
    edges = _edges(index, stamps=stamps, start=start, step=step)
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
    step: pd.Timedelta | None,
) -> pd.DatetimeIndex:
    """Where periods begin and end, one more than there are labels."""
    if (
        not isinstance(index, pd.DatetimeIndex)
        or index.tz is None
        or not (index.is_monotonic_increasing and index.is_unique)
        or len(index) < (1 if step is not None else 2)
    ):
        raise InputError(
            "the periods are not increasing times with a timezone, or a single one without its length",
            parameter="index",
            value=len(index),
            allowed="an increasing timezone-aware DatetimeIndex",
            remedy="Take the index of hedging.align's returns.",
        )
    require_utc(start, "start")
    labels = index.tz_convert("UTC").as_unit("ns")
    length = pd.Series(labels).diff().median() if step is None else step
    if length <= pd.Timedelta(0):
        raise InputError(
            f"step is {length}",
            parameter="step",
            value=str(length),
            allowed="a length of time above 0",
            remedy="Give the length of a bar.",
        )
    ends = labels + length if stamps == "open" else labels
    first = ends[0] - length if start is None else start
    if first >= ends[0]:
        raise InputError(
            f"the first period would begin at {first} and end at {ends[0]}",
            parameter="start",
            value=str(first),
            allowed=f"an instant before {ends[0]}",
            remedy="Give the instant of the price before the first return.",
        )
    return pd.DatetimeIndex([first, *ends])
