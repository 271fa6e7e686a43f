"""Rows as ccxt hands them over, made into checked frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from data.errors import BadPriceError, ConflictingRowsError, DataError, SourceAnswerError
from data.prices import LARGEST_PRICE, SMALLEST_PRICE
from data.series import FUNDING_COLUMNS, PRICE_COLUMNS

SECOND: Final = 1_000
HOUR: Final = 3_600_000

_PRICES: Final = list(PRICE_COLUMNS[:4])
# The close first: it is what an error should name.
_COMPARED: Final = ["close", "open", "high", "low"]
_CANDLE_CELLS: Final = 6
# Exchanges cap a charge at a few percent of notional.
_LARGEST_RATE: Final = 1.0


@dataclass(frozen=True)
class Subject:
    """Whose rows they are, for messages."""

    exchange: str
    symbol: str


def candle_frame(candles: Sequence[Any], subject: Subject, *, with_volume: bool) -> pd.DataFrame:
    """Open, high, low, close and volume on milliseconds, increasing and unique; open bars included.

    Parameters
    ----------
    candles : sequence
        Lists of time, open, high, low, close, volume, in any order; numbers may be text. One without a close
        is left out.
    subject : Subject
    with_volume : bool
        False where the unit of the volume is not known: it is NaN then.

    Raises
    ------
    SourceAnswerError
        A row is none, or a bar begins at no full hour.
    BadPriceError
        A price is zero, negative, not finite or absurd.
    ConflictingRowsError
        Two rows of one time differ.
    """
    stamps: list[int] = []
    cells: list[list[float]] = []
    for candle in candles:
        if not isinstance(candle, list | tuple) or len(candle) < _CANDLE_CELLS or type(candle[0]) is not int:
            raise malformed(subject, f"a candle that reads {str(candle)[:60]!r}")
        numbers = [_number(cell, subject) for cell in candle[1:_CANDLE_CELLS]]
        if math.isnan(numbers[3]):
            continue
        if candle[0] % HOUR:
            raise malformed(subject, f"a bar that begins at {_time(candle[0])}, at no full hour")
        stamps.append(candle[0])
        cells.append(numbers)
    frame = _frame(stamps, cells, PRICE_COLUMNS)
    _check_prices(frame, subject)
    volume = frame["volume"].to_numpy()
    known = np.isfinite(volume) & (volume >= 0) & with_volume
    frame["volume"] = np.where(known, volume, np.nan)
    return _unique(frame, _COMPARED, subject)


def charge_frame(charges: Sequence[Any], subject: Subject) -> pd.DataFrame:
    """Rate and mark price on milliseconds rounded to the second, increasing and unique.

    The stamps of one charge differ by milliseconds between exchanges, and between the answers of one.

    Raises
    ------
    SourceAnswerError
        A row is none, or a rate is.
    ConflictingRowsError
        Two rates of one time differ.
    """
    stamps: list[int] = []
    cells: list[list[float]] = []
    for charge in charges:
        stamp = charge.get("timestamp") if isinstance(charge, dict) else None
        if type(stamp) is not int:
            raise malformed(subject, f"a funding charge that reads {str(charge)[:60]!r}")
        rate = _number(charge.get("fundingRate"), subject)
        if not abs(rate) <= _LARGEST_RATE:
            raise malformed(subject, f"the funding rate {rate:g} at {_time(stamp)}")
        info = charge.get("info")
        mark = _number(info.get("markPrice") if isinstance(info, dict) else None, subject)
        stamps.append((stamp + SECOND // 2) // SECOND * SECOND)
        cells.append([rate, mark if mark > 0 and math.isfinite(mark) else math.nan])
    return _unique(_frame(stamps, cells, FUNDING_COLUMNS), ["rate"], subject)


def page_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame on UTC nanoseconds, as :class:`data.series.PagedSource` hands it over."""
    index = pd.DatetimeIndex(frame.index.to_numpy().astype("datetime64[ms]")).as_unit("ns")
    return frame.set_axis(index.tz_localize("UTC"), axis="index")


def require_same(earlier: pd.DataFrame, later: pd.DataFrame, subject: Subject) -> None:
    """Refuse two frames that tell different prices or rates for an instant of both."""
    both = earlier.index.intersection(later.index)
    columns = ["rate"] if "rate" in earlier.columns else _COMPARED
    _unique(pd.concat([earlier.loc[both], later.loc[both]]), columns, subject)


def malformed(subject: Subject, what: str) -> SourceAnswerError:
    """Return the error for a row that is none; ``what`` says what came instead."""
    return SourceAnswerError(
        f"{subject.exchange} gave {what} for {subject.symbol}",
        parameter="source",
        value=subject.exchange,
        allowed="rows of a time and numbers",
        remedy="Try again in a few minutes, or use another source.",
    )


def _number(cell: object, subject: Subject) -> float:
    if cell is None or cell == "":
        return math.nan
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise malformed(subject, f"{str(cell)[:40]!r} where a number belongs") from None


def _frame(stamps: list[int], cells: list[list[float]], columns: tuple[str, ...]) -> pd.DataFrame:
    values = np.array(cells, dtype="float64").reshape(len(cells), len(columns))
    frame = pd.DataFrame(values, index=pd.Index(stamps, dtype="int64"), columns=list(columns))
    return frame.sort_index(kind="stable")


def _unique(frame: pd.DataFrame, compared: list[str], subject: Subject) -> pd.DataFrame:
    repeated = frame.index.duplicated(keep="first")
    if not repeated.any():
        return frame
    spread = frame[compared].groupby(level=0).agg(["min", "max"])
    for name in compared:
        differs = (spread[name]["min"] != spread[name]["max"]) & spread[name]["max"].notna()
        if differs.any():
            stamp = int(spread.index[differs.to_numpy()][0])
            raise _conflict(subject, name, stamp, spread[name].loc[stamp])
    return frame[~repeated]


def _conflict(subject: Subject, name: str, stamp: int, spread: pd.Series) -> DataError:
    what = "funding rate" if name == "rate" else name
    return ConflictingRowsError(
        f"{subject.exchange} gave {subject.symbol} two values of {what} for {_time(stamp)}, "
        f"{spread['min']:g} and {spread['max']:g}",
        parameter=name,
        value=(float(spread["min"]), float(spread["max"])),
        allowed="one value for each instant",
        remedy="Nothing of this page was kept. Try again later, or use another source.",
    )


def _check_prices(frame: pd.DataFrame, subject: Subject) -> None:
    values = frame[_PRICES].to_numpy()
    # Only a close must be there; a high that is there must be a price.
    wrong = ~((values >= SMALLEST_PRICE) & (values <= LARGEST_PRICE)) & ~np.isnan(values)
    if not wrong.any():
        return
    row, column = np.argwhere(wrong)[0]
    raise BadPriceError(
        f"{subject.exchange} gave {subject.symbol} the {_PRICES[column]} {values[row, column]:g} "
        f"at {_time(int(frame.index[row]))}",
        parameter=_PRICES[column],
        value=float(values[row, column]),
        allowed=f"prices between {SMALLEST_PRICE:g} and {LARGEST_PRICE:g} USD",
        remedy="Nothing of this page was kept. Try again later, or use another source.",
    )


def _time(stamp: int) -> str:
    try:
        return f"{pd.Timestamp(stamp, unit='ms'):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return f"time {stamp}"
