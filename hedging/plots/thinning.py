"""Fewer points for the screen, never for the numbers, in a form that travels cheaply."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging._checks import FloatArray

# More points than a wide chart has pixels cannot be seen and cost time.
MOST_POINTS = 1000


def epoch_milliseconds(index: pd.Index) -> FloatArray:
    """UTC instants as Plotly's date axes read them.

    Plotly turns a timezone-aware index into one Python object per point and copies those several
    times; plain numbers travel as a binary block.
    """
    return pd.DatetimeIndex(index).as_unit("ns").asi8 / 1e6


def display_rows(lines: FloatArray, *, most_points: int = MOST_POINTS) -> npt.NDArray[np.intp]:
    """Row numbers to draw so that every peak and trough of every line stays visible.

    The rows are cut into equal buckets; each keeps its first and last row and, for each line, the
    rows of its smallest and largest value.

    Parameters
    ----------
    lines : array, shape (n_rows, n_lines)
        NaN is allowed where a line has no value.
    most_points : int
        Upper bound of the rows returned, roughly.

    Returns
    -------
    array of int, shape (at most about ``most_points``,)
        Increasing row numbers, the first and last row among them.
    """
    n_rows, n_lines = lines.shape
    if n_rows <= most_points:
        return np.arange(n_rows)
    buckets = max(1, most_points // (2 + 2 * n_lines))
    size = -(-n_rows // buckets)
    padded = np.full((buckets * size, n_lines), np.nan)
    padded[:n_rows] = lines
    blocks = padded.reshape(buckets, size, n_lines)
    starts = np.arange(buckets) * size
    lows = starts[:, None] + np.where(np.isnan(blocks), np.inf, blocks).argmin(axis=1)
    highs = starts[:, None] + np.where(np.isnan(blocks), -np.inf, blocks).argmax(axis=1)
    rows = np.unique(np.concatenate([starts, starts + size - 1, lows.ravel(), highs.ravel()]))
    return np.append(rows[rows < n_rows - 1], n_rows - 1)
