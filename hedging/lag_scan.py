"""Do asset and benchmark move at the same time in these data, or is one stamped early?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hedging._checks import (
    FloatArray,
    Returns,
    paired_returns,
    require_movement,
    require_observations,
    require_window,
)

# A neighbour's correlation is suspicious above both of these. Four standard errors leave one
# false alarm in 4,000 scans of independent returns; 15 % of the simultaneous correlation is what
# closes about three hours apart produce.
NOISE_STANDARD_ERRORS = 4.0
SHARE_OF_SIMULTANEOUS = 0.15

# With fewer pairs four standard errors are a correlation of 1, and nothing could be found.
FEWEST_PAIRS = 17


@dataclass(frozen=True, eq=False)
class LagScan:
    """Correlation of the asset with the benchmark moved by a few periods.

    Attributes
    ----------
    lags : numpy.ndarray, shape (2 * max_lag + 1,)
        ``-1`` pairs the asset with the benchmark one period EARLIER (the asset follows).
    correlations : numpy.ndarray, same shape
        Correlation at each lag, all over the same asset observations.
    best_lag : int
        Lag of the largest absolute correlation.
    suspect_lag : int
        The neighbouring lag with a correlation too large for simultaneous closes, 0 when none is.
    """

    lags: FloatArray
    correlations: FloatArray
    best_lag: int
    suspect_lag: int

    @property
    def is_suspect(self) -> bool:
        """Whether the closes look as if they were not taken at the same time."""
        return self.suspect_lag != 0


def scan_lags(asset_returns: Returns, benchmark_returns: Returns, *, max_lag: int = 2) -> LagScan:
    """Correlate the asset with the benchmark at lags ``-max_lag .. max_lag``.

    A correlation at a neighbouring lag that is too large for chance says that the closes are not
    simultaneous (other time zone, series off by one bar); beta is then too small.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions.
    max_lag : int
        How far to look, periods.

    Raises
    ------
    InputError
        As :func:`hedging.estimate_beta`.

    References
    ----------
    Dimson (1979), "Risk measurement when shares are subject to infrequent trading".
    """
    asset, benchmark = paired_returns(asset_returns, benchmark_returns)
    require_window(max_lag, smallest=1, parameter="max_lag")
    require_observations(asset.size, 2 * max_lag + FEWEST_PAIRS, what="a scan of lags")
    inner = slice(max_lag, asset.size - max_lag)
    n = asset.size - 2 * max_lag
    require_movement(asset[inner], name="asset_returns")
    lags = np.arange(-max_lag, max_lag + 1)
    moved = np.stack([benchmark[max_lag + lag : max_lag + lag + n] for lag in lags])
    for row in moved:
        require_movement(row, name="benchmark_returns")
    correlations = _correlations(asset[inner], moved)
    simultaneous = abs(correlations[max_lag])
    threshold = max(NOISE_STANDARD_ERRORS / np.sqrt(n), SHARE_OF_SIMULTANEOUS * simultaneous)
    neighbours = np.where(lags == 0, 0.0, np.abs(correlations))
    largest = int(np.argmax(neighbours))
    return LagScan(
        lags=lags.astype(np.float64),
        correlations=correlations,
        best_lag=int(lags[np.argmax(np.abs(correlations))]),
        suspect_lag=int(lags[largest]) if neighbours[largest] > threshold else 0,
    )


def _correlations(asset: FloatArray, moved: FloatArray) -> FloatArray:
    centred_asset = asset - asset.mean()
    centred = moved - moved.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred_asset @ centred_asset) * np.einsum("ij,ij->i", centred, centred))
    correlations: FloatArray = (centred @ centred_asset / scale).clip(-1.0, 1.0)
    return correlations
