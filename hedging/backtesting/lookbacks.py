"""How well each lookback hedged out of sample: the honest answer to "which lookback?"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray
from hedging.alignment import AlignedReturns
from hedging.backtesting.walk_forward import FEWEST_PERIODS
from hedging.errors import InputError, InsufficientDataError
from hedging.estimators.atlas import BetaAtlas
from hedging.performance import hedging_effectiveness


@dataclass(frozen=True, eq=False)
class LookbackComparison:
    """Walk-forward effectiveness of each lookback over the SAME periods.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``window``; ``effectiveness``, ``low``, ``high``.
    dollar : float
        Effectiveness of the one-to-one dollar hedge over these periods.
    first, last : pandas.Timestamp
        Of the periods.
    n_periods : int
    best : int
        The lookback with the largest effectiveness: by hindsight, see
        :func:`hedging.compare_out_of_sample` for whether it means anything.
    """

    table: pd.DataFrame
    dollar: float
    first: pd.Timestamp
    last: pd.Timestamp
    n_periods: int
    best: int


def compare_lookbacks(
    returns: AlignedReturns, atlas: BetaAtlas, *, confidence: float = 0.95
) -> LookbackComparison:
    """Hedge each period with every lookback's beta of the day before and compare the variances left.

    All lookbacks are held to the periods that the longest one can hedge: an earlier start would give
    short lookbacks other markets, not better ones.

    Parameters
    ----------
    returns : AlignedReturns
        Simple returns; the same that the atlas was made from.
    atlas : BetaAtlas
    confidence : float

    Returns
    -------
    LookbackComparison

    Raises
    ------
    InputError
        The atlas is of other returns, or these are logarithmic.
    InsufficientDataError
        Fewer than 10 periods after the longest lookback.

    References
    ----------
    Ederington (1979); Ledoit and Wolf (2011) for the intervals.
    """
    if returns.report.log_returns or not returns.asset.index.equals(atlas.index):
        raise InputError(
            "the atlas was not made from these simple returns",
            parameter="atlas",
            value=len(atlas.index),
            allowed=f"an atlas of the same {len(returns.asset)} simple returns",
            remedy="Make the atlas from the asset and benchmark of this alignment.",
        )
    first = int(atlas.windows[-1])
    n_periods = len(returns.asset) - first
    if n_periods < FEWEST_PERIODS:
        raise InsufficientDataError(
            f"{max(n_periods, 0)} periods are left after a lookback of {first}",
            parameter="windows",
            value=first,
            allowed=f"lookbacks of at most {max(len(returns.asset) - FEWEST_PERIODS, 0)}",
            remedy="Leave out the longest lookbacks or load a longer history.",
        )
    asset, benchmark = _values(returns.asset, first), _values(returns.benchmark, first)
    # The estimate that ends at t - 1 hedges period t.
    hedged = asset - atlas.beta[:, first - 1 : -1] * benchmark
    found = [hedging_effectiveness(asset, row, confidence=confidence) for row in hedged]
    table = pd.DataFrame(
        {
            "effectiveness": [each.effectiveness for each in found],
            "low": [each.low for each in found],
            "high": [each.high for each in found],
        },
        index=pd.Index(atlas.windows, name="window"),
    )
    periods = pd.DatetimeIndex(returns.asset.index[first:])
    return LookbackComparison(
        table=table,
        dollar=hedging_effectiveness(asset, asset - benchmark, confidence=confidence).effectiveness,
        first=periods[0],
        last=periods[-1],
        n_periods=n_periods,
        best=int(atlas.windows[int(np.argmax(table["effectiveness"].to_numpy()))]),
    )


def _values(series: pd.Series, first: int) -> FloatArray:
    return series.to_numpy(dtype=np.float64)[first:]
