"""Fisher's transformed correlation with an error that allows for fat tails, for many samples at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from hedging._checks import FloatArray
from hedging._resampling import block_length_of
from hedging.errors import DegenerateDataError
from hedging.estimators.regression import bartlett_sum, newey_west_lags
from hedging.stability._line import exact_line
from hedging.stability.correlation import fisher_interval

PERFECT = 1e-12  # 1 - r^2 below this is rounding
SMALLEST_SHARE_OF_USABLE = 0.99


@dataclass(frozen=True)
class Stretch:
    """A correlation with its interval."""

    correlation: float
    low: float
    high: float


def correlate(y: FloatArray, x: FloatArray, confidence: float) -> Stretch:
    """Correlation of one pair with an interval of Newey-West width."""
    z, influence = _fisher(y[None, :], x[None, :])
    if not math.isfinite(z[0]):
        raise exact_line(y.size)
    n = y.size
    long_run = float(bartlett_sum(influence[0][:, None], newey_west_lags(n))[0, 0]) / n
    # Few observations understate fat tails; for normal returns the influence has a variance of 1.
    reach = float(ndtri(0.5 + confidence / 2.0)) * math.sqrt(max(long_run, 1.0) / (n - 3))
    correlation = np.tanh(z)
    low, high = fisher_interval(correlation, reach)
    return Stretch(float(correlation[0]), float(low[0]), float(high[0]))


def p_value_of_fall(y: FloatArray, x: FloatArray, recent: int, *, replications: int, seed: int) -> float:
    """Share of resampled histories whose last ``recent`` fell as far below the rest."""
    from arch.bootstrap import StationaryBootstrap

    statistic = _studentised_change(y[None, :], x[None, :], recent)[0]
    influence = _fisher(y[None, :], x[None, :])[1][0]
    draws = StationaryBootstrap(block_length_of(influence), np.arange(y.size), seed=seed)
    rows = np.array([positional[0] for positional, _ in draws.bootstrap(replications)])
    drawn = _studentised_change(y[rows], x[rows], recent)
    usable = drawn[np.isfinite(drawn)]
    if usable.size < SMALLEST_SHARE_OF_USABLE * replications:
        raise DegenerateDataError(
            "too many resampled histories hold an asset or a benchmark that does not move",
            parameter="asset_returns",
            value=replications - usable.size,
            allowed="returns of which most differ from each other",
            remedy="Choose a longer recent stretch or a more liquid instrument.",
        )
    return (1 + int((usable <= statistic).sum())) / (1 + usable.size)


def _fisher(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``atanh r`` of each row and the influence of each observation on it; NaN where undefined.

    With standardised u, v the influence on r is ``u v - r (u^2 + v^2) / 2``, and on ``atanh r`` that
    over ``1 - r^2``.
    """
    u, v = _standardised(y), _standardised(x)
    r = (u * v).mean(axis=1)
    unexplained = 1.0 - r * r
    unexplained[unexplained < PERFECT] = np.nan
    influence = (u * v - 0.5 * r[:, None] * (u * u + v * v)) / unexplained[:, None]
    return 0.5 * np.log((1.0 + r) ** 2 / unexplained), influence


def _standardised(rows: FloatArray) -> FloatArray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=1, keepdims=True))
    spread[spread <= np.finfo(float).tiny] = np.nan
    return np.asarray(centred / spread)


def _studentised_change(y: FloatArray, x: FloatArray, recent: int) -> FloatArray:
    """``(z_recent - z_before) / SE`` of each row."""
    parts = []
    for rows in (slice(None, y.shape[1] - recent), slice(y.shape[1] - recent, None)):
        z, influence = _fisher(y[:, rows], x[:, rows])
        parts.append((z, (influence * influence).mean(axis=1) / influence.shape[1]))
    (z_before, variance_before), (z_recent, variance_recent) = parts
    return np.asarray((z_recent - z_before) / np.sqrt(variance_before + variance_recent))
