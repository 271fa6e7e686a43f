"""Every lookback of the pair on screen at once, cached by the version of its prices."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from hedging import (
    AlignedReturns,
    BetaAtlas,
    HedgingError,
    LookbackComparison,
    ReturnInterval,
    beta_atlas,
    compare_lookbacks,
)
from pages.shared.loading import BetaView, or_reason
from pages.shared.settings import LONGEST_LOOKBACK, SHORTEST_LOOKBACK, Settings

MOST_LOOKBACKS = 72  # about one row of the heat map for three or four pixels


@dataclass(frozen=True, eq=False)
class LookbackView:
    """Every lookback at once: beta through each, and what each removed out of sample."""

    atlas: BetaAtlas
    comparison: LookbackComparison | HedgingError


def load_lookbacks(view: BetaView, settings: Settings) -> LookbackView:
    """The atlas of the pair on screen, cached by its prices and interval."""
    return _lookbacks(
        view.asset.version, view.benchmark.version, settings.interval, settings.confidence, view.aligned
    )


@st.cache_resource(max_entries=16, show_spinner="Trying every lookback…", show_time=True)
def _lookbacks(
    asset_version: str,
    benchmark_version: str,
    interval: ReturnInterval,
    confidence: float,
    _aligned: AlignedReturns,
) -> LookbackView:
    longest = min(LONGEST_LOOKBACK, len(_aligned.asset) // 2)
    windows = evenly_spread(SHORTEST_LOOKBACK, longest, MOST_LOOKBACKS)
    # Errors are not drawn here, and the classical ones cost least.
    atlas = beta_atlas(
        _aligned.asset, _aligned.benchmark, windows=windows, covariance="nonrobust", confidence=confidence
    )
    comparison = or_reason(lambda: compare_lookbacks(_aligned, atlas, confidence=confidence))
    return LookbackView(atlas=atlas, comparison=comparison)


def evenly_spread(first: int, last: int, most: int) -> list[int]:
    """At most so many whole numbers from first to last, evenly spread; one where there is no room."""
    last = max(first, last)
    steps = min(most, last - first + 1)
    return sorted({first + round(i * (last - first) / max(steps - 1, 1)) for i in range(steps)})
