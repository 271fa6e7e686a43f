"""The bar length of a series, read from the distances between its rows."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from data.errors import FileFormatError
from data.files.names import shown
from data.prices import BAR_LENGTH, BarInterval

# A day is 23 or 25 hours long twice a year where clocks change; stamps of hours jitter.
_TOLERANCE: Final[dict[BarInterval, pd.Timedelta]] = {
    "daily": pd.Timedelta(hours=1),
    "hourly": pd.Timedelta(minutes=6),
}
#: Below this many distances the median may be that of a weekend.
_FEW_DISTANCES: Final = 8
#: Holes and weekends are whole multiples of the bar; a real series has hardly anything else.
_LEAST_REGULAR_SHARE: Final = 0.9
_REMEDY: Final = "Resample the prices to one row an hour or one row a day and load the file again."


def infer_interval(stamps: pd.DatetimeIndex, *, symbol: str) -> BarInterval:
    """Daily or hourly, from the median distance of two rows (weekends and holes allowed).

    Parameters
    ----------
    stamps : pandas.DatetimeIndex
        UTC, at least two different instants, in any order.
    symbol : str
        For the message.

    Raises
    ------
    data.errors.FileFormatError
        The rows are neither one hour nor one day apart, or irregular.
    """
    distances = np.diff(np.unique(stamps.as_unit("ns").asi8)).astype("int64")
    usual = pd.Timedelta(
        int(distances.min() if len(distances) < _FEW_DISTANCES else np.median(distances)), unit="ns"
    )
    for interval, length in BAR_LENGTH.items():
        if abs(usual - length) > _TOLERANCE[interval]:
            continue
        away = np.abs(distances - np.maximum(np.round(distances / length.value), 1) * length.value)
        if np.mean(away <= _TOLERANCE[interval].value) >= _LEAST_REGULAR_SHARE:
            return interval
        raise _refused(
            f"the rows of {shown(symbol)} come at irregular times, often not a whole {_unit(interval)} apart",
            str(usual),
        )
    raise _refused(f"the rows of {shown(symbol)} are usually {_plain(usual)} apart", str(usual))


def _unit(interval: BarInterval) -> str:
    return "day" if interval == "daily" else "hour"


def _plain(distance: pd.Timedelta) -> str:
    seconds = distance.total_seconds()
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= length:
            count = round(seconds / length, 1)
            return f"{count:,g} {unit}" + ("" if count == 1 else "s")
    return "less than one second"


def _refused(problem: str, value: str) -> FileFormatError:
    return FileFormatError(
        problem,
        parameter="interval",
        value=value,
        allowed="rows one hour or one day apart",
        remedy=_REMEDY,
    )
