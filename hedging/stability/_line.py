"""What every test of stability starts from: the whole sample's line, in units of its own spread."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import (
    FloatArray,
    Returns,
    paired_returns,
    require_movement,
    require_observations,
    require_window,
)
from hedging.errors import DegenerateDataError, InputError

# Below this share of the asset's own movement residuals are rounding and say nothing about stability.
EXACT_LINE = 1e-9


@dataclass(frozen=True, eq=False)
class Line:
    """Benchmark returns centred and scaled to a standard deviation of 1, and what is left of the asset.

    Statistics of stability do not change with the units of either, sums of fourth powers of returns
    of 1e-3 lose digits without them. ``residuals`` have a mean square of 1.
    """

    benchmark: FloatArray
    residuals: FloatArray
    beta_unit: float  # beta per unit of a slope of ``residuals`` on ``benchmark``
    beta: float  # of the whole sample
    index: pd.Index


def fit_line(asset_returns: Returns, benchmark_returns: Returns, *, fewest: int, what: str) -> Line:
    """Validate both and regress one on the other."""
    y, x = paired_returns(asset_returns, benchmark_returns)
    require_observations(y.size, fewest, what=what)
    require_movement(x, name="benchmark_returns")
    require_movement(y, name="asset_returns")
    y_centred = y - y.mean()
    spread = float(x.std())
    benchmark = (x - x.mean()) / spread
    slope = float(benchmark @ y_centred) / y.size
    residuals = y_centred - slope * benchmark
    size = float(np.sqrt(np.mean(residuals * residuals)))
    if size <= EXACT_LINE * float(y_centred.std()):
        raise exact_line(y.size)
    return Line(
        benchmark=benchmark,
        residuals=residuals / size,
        beta_unit=size / spread,
        beta=slope / spread,
        index=index_of(asset_returns),
    )


def require_replications(replications: int, significance: float) -> None:
    """As many bootstrap samples as the level needs: the smallest p-value is 1 / (1 + samples)."""
    require_window(replications, smallest=99, parameter="replications")
    if 1.0 / (1 + replications) > significance:
        raise InputError(
            f"{replications} bootstrap samples can never give a p-value of {significance:g}",
            parameter="replications",
            value=replications,
            allowed=f"at least {math.ceil(1.0 / significance) - 1} at this significance",
            remedy="Ask for more replications.",
        )


def index_of(returns: Returns) -> pd.Index:
    """The labels of a Series, or positions from 0."""
    return returns.index if isinstance(returns, pd.Series) else pd.RangeIndex(len(returns))


def exact_line(n_observations: int) -> DegenerateDataError:
    """The error for an asset that is a multiple of its benchmark."""
    return DegenerateDataError(
        "the asset is a multiple of its benchmark, so there is no noise to judge its stability against",
        parameter="asset_returns",
        value=n_observations,
        allowed="an asset that moves on its own as well",
        remedy="Check that asset and benchmark are two different instruments.",
    )


def label_text(label: Hashable) -> str:
    """A date, or the position of an observation, for a sentence."""
    return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else f"observation {label}"
