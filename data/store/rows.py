"""Rows at the door of the store: checked once, then kept for years."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pandas as pd

from data.errors import BadPriceError, SourceAnswerError
from data.prices import BAR_LENGTH, LARGEST_PRICE, SMALLEST_PRICE
from data.series import FUNDING_COLUMNS, PRICE_COLUMNS, SeriesKey

#: Exchanges cap a charge at a few percent; 100 % of notional in one charge is no rate.
LARGEST_RATE: Final = 1.0
#: What a number may differ by, as a fraction, and still be the same one. Yahoo's adjusted closes differ by up
#: to 1e-6 between two requests; a tenth of a basis point moves no figure that is shown.
SAME_PRICE: Final = 1e-5
#: Rates have eight decimals.
SAME_RATE: Final = 1e-8


def columns_of(key: SeriesKey) -> tuple[str, ...]:
    """Columns of the rows of a series."""
    return PRICE_COLUMNS if key.kind == "prices" else FUNDING_COLUMNS


def main_column(key: SeriesKey) -> str:
    """The column that is never NaN."""
    return "close" if key.kind == "prices" else "rate"


def checked_rows(page: pd.DataFrame, key: SeriesKey, now: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    """The rows of a page that may be stored, and how many were not finished at ``now``.

    Parameters
    ----------
    page : pandas.DataFrame
        As :meth:`data.series.PagedSource.pages` describes it.
    key : SeriesKey
    now : pandas.Timestamp
        A bar that ends after it, or a charge after it, is not final and is left out.

    Raises
    ------
    SourceAnswerError
        The page is not of the form that was promised.
    BadPriceError
        A close or a rate is absurd.
    """
    columns = columns_of(key)
    index = page.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
        raise _malformed(key, "times without a zone")
    if not (index.is_monotonic_increasing and index.is_unique) or index.hasnans:
        raise _malformed(key, "rows that are out of order or repeated")
    if tuple(page.columns) != columns:
        raise _malformed(key, f"columns other than {', '.join(columns)}")
    try:
        # A copy without minus zero, so that equal rows are equal bytes.
        values = page.to_numpy(dtype="float64", copy=True) + 0.0
    except (TypeError, ValueError) as error:
        raise _malformed(key, "text where numbers belong") from error
    values[np.isnan(values)] = np.nan
    rows = pd.DataFrame(values, index=index.tz_convert("UTC").as_unit("ns"), columns=list(columns))
    rows.index.name = None
    length = pd.Timedelta(0) if key.interval is None else BAR_LENGTH[key.interval]
    finished = np.asarray(pd.DatetimeIndex(rows.index) + length <= now)
    rows = rows[finished]
    _check_numbers(rows[main_column(key)], key)
    return rows, int((~finished).sum())


def content_sum(rows: pd.DataFrame) -> int:
    """Sum of a hash of each row, modulo 2^128: the same for the same rows in any order and any pieces."""
    table = np.empty((len(rows), 1 + rows.shape[1]), dtype="<i8")
    table[:, 0] = pd.DatetimeIndex(rows.index).as_unit("ns").asi8
    table[:, 1:] = np.ascontiguousarray(rows.to_numpy(dtype="<f8")).view("<i8")
    raw, width = table.tobytes(), table.shape[1] * 8
    total = 0
    for start in range(0, len(raw), width):
        digest = hashlib.blake2b(raw[start : start + width], digest_size=16).digest()
        total += int.from_bytes(digest, "little")
    return total % 2**128


def on_weekend(stamps: pd.DatetimeIndex, key: SeriesKey) -> np.ndarray:
    """Which rows are of a Saturday or Sunday, judged by the middle of the bar.

    A stock's day is stamped at its exchange's midnight, which may be the day before in UTC.
    """
    half = pd.Timedelta(0) if key.interval is None else BAR_LENGTH[key.interval] / 2
    return np.asarray((stamps + half).dayofweek >= 5)


def same_numbers(stored: pd.DataFrame, new: pd.DataFrame, key: SeriesKey) -> pd.DataFrame:
    """Which numbers of two frames of one shape are the same, within what sources differ by themselves.

    A number that is not known on one side contradicts nothing. Volumes, which sources go on
    correcting for days, are not compared.
    """
    a, b = stored.to_numpy(), new.to_numpy()
    limit = np.full(a.shape, SAME_RATE)
    relative = [number for number, column in enumerate(stored.columns) if column != "rate"]
    limit[:, relative] = SAME_PRICE * np.fmax(np.abs(a[:, relative]), np.abs(b[:, relative]))
    same = ~(np.abs(a - b) > limit)
    frame = pd.DataFrame(same, index=stored.index, columns=stored.columns)
    return frame.drop(columns="volume", errors="ignore")


def _check_numbers(series: pd.Series, key: SeriesKey) -> None:
    values = series.to_numpy()
    if key.kind == "prices":
        wrong = ~((values >= SMALLEST_PRICE) & (values <= LARGEST_PRICE))
        allowed = f"prices between {SMALLEST_PRICE:g} and {LARGEST_PRICE:g} USD"
    else:
        wrong = ~(np.abs(values) <= LARGEST_RATE)
        allowed = "rates between -1 and 1 of notional"
    if not wrong.any():
        return
    at = int(np.flatnonzero(wrong)[0])
    stamp = pd.DatetimeIndex(series.index)[at]
    raise BadPriceError(
        f"{key.source} gave {key.symbol} the {series.name} {values[at]:g} at {stamp:%Y-%m-%d %H:%M} UTC",
        parameter=str(series.name),
        value=float(values[at]),
        allowed=allowed,
        remedy="Nothing of this page was stored. Try again later, or choose another source.",
    )


def _malformed(key: SeriesKey, what: str) -> SourceAnswerError:
    return SourceAnswerError(
        f"{key.source} gave {what} for {key.symbol}",
        parameter="source",
        value=key.source,
        allowed="rows in order of time, each instant once",
        remedy="Nothing of this page was stored. Try again later, or choose another source.",
    )
