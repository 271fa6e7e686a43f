"""The stationary bootstrap as rows to take, for paths that are drawn by the thousand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hedging._checks import FloatArray


def stationary_rows(
    n: int, shape: tuple[int, int], block_length: int, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Rows of resampled paths, shape (paths, periods), all paths drawn together.

    Blocks start anywhere, last ``block_length`` on average (geometric) and wrap around the end
    (Politis and Romano 1994).
    """
    steps = np.arange(shape[1])
    starts = generator.integers(n, size=shape)
    restart = generator.random(shape) * block_length < 1.0
    restart[:, 0] = True
    # The step at which the block of each step began, and how far the block has come since.
    began = np.maximum.accumulate(np.where(restart, steps, 0), axis=1)
    rows: npt.NDArray[np.intp] = (np.take_along_axis(starts, began, axis=1) + steps - began) % n
    return rows


def block_length_of(values: FloatArray) -> int:
    """Politis and White's mean block length, rounded up; 1 where the values do not move."""
    from arch.bootstrap import optimal_block_length

    if np.ptp(values) <= np.finfo(float).eps * float(np.abs(values).max()):
        return 1
    return math.ceil(max(1.0, float(optimal_block_length(values)["stationary"].iloc[0])))
