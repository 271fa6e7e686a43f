"""A frame laid over the figure of another lookback is the figure of its own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from hedging import backtest_hedge, estimate_beta, lookback_film, rolling_beta
from hedging.plots import plot_hedge_pnl, plot_regression, plot_rolling_beta
from hedging.plots.film import pnl_frame, regression_frame, rolling_frame
from hedging.plots.thinning import epoch_milliseconds
from tests.test_hedging.examples import aligned_pair
from tests.tolerances import CENT, SAME_FORMULA

NAMES = {"asset": "A<b>&", "benchmark": "B"}
RETURNS = aligned_pair(21, 300)  # short enough for every row to be drawn
FIRST, SECOND = 30, 90
POSITION = 10_000.0


def film_frame(window: int):
    film = lookback_film(RETURNS, windows=[window], position_usd=POSITION, covariance="hc3")
    return film.frames[0]


def laid_over(figure: go.Figure, frame: Any) -> dict[str, Any]:
    """What the browser does: new arrays by trace, new values by path."""
    whole = figure.to_plotly_json()
    whole["data"] = [{"x": trace.x, "y": trace.y} for trace in figure.data]  # plain, not encoded
    for position, arrays in frame.traces.items():
        for name, values in arrays.items():
            integers = np.issubdtype(values.dtype, np.integer)
            instants = epoch_milliseconds(RETURNS.asset.index)
            whole["data"][position][name] = instants[values] if integers else values
    for path, value in frame.layout.items():
        keys = re.findall(r"[^.\[\]]+", path)
        inner = whole["layout"]
        for key in keys[:-1]:
            inner = inner[int(key)] if key.isdigit() else inner[key]
        inner[keys[-1]] = value
    return whole


def assert_same(changed: dict[str, Any], wanted: go.Figure, *, skip: tuple[int, ...] = (), tolerance: float):
    whole = wanted.to_plotly_json()
    for position, (mine, theirs) in enumerate(zip(changed["data"], wanted.data, strict=True)):
        if position in skip:
            continue
        for axis in ("x", "y"):
            assert np.asarray(mine[axis], dtype=float) == pytest.approx(
                np.asarray(theirs[axis], dtype=float), rel=SAME_FORMULA, abs=tolerance
            )
    mine, theirs = changed["layout"], whole["layout"]
    assert mine["title"]["text"] == theirs["title"]["text"]
    assert mine["yaxis"].get("range") == theirs["yaxis"].get("range")
    for kind, attributes in (("annotations", ("text", "y", "yshift")), ("shapes", ("y0", "y1"))):
        assert len(mine.get(kind, ())) == len(theirs.get(kind, ()))
        for one, other in zip(mine.get(kind, ()), theirs.get(kind, ()), strict=True):
            for attribute in attributes:
                value = other.get(attribute)
                expected = pytest.approx(value) if isinstance(value, float) else value
                assert one.get(attribute) == expected


def test_regression():
    def whole(window: int) -> go.Figure:
        asset, benchmark = RETURNS.asset.iloc[-window:], RETURNS.benchmark.iloc[-window:]
        estimate = estimate_beta(asset, benchmark, covariance="hc3")
        return plot_regression(asset, benchmark, estimate, span=f"{window} days", **NAMES)

    frame = regression_frame(
        film_frame(SECOND),
        RETURNS.asset.to_numpy(),
        RETURNS.benchmark.to_numpy(),
        span=f"{SECOND} days",
        **NAMES,
    )
    assert frame.last == SECOND
    assert_same(laid_over(whole(FIRST), frame), whole(SECOND), skip=(5,), tolerance=1e-12)


@pytest.mark.parametrize("simulated", [False, True])
def test_rolling_beta(simulated):
    truth = RETURNS.asset * 0.0 + 1.2

    def whole(window: int) -> go.Figure:
        rolling = rolling_beta(RETURNS.asset, RETURNS.benchmark, window=window, covariance="hc3")
        span = f"{window} days"
        return plot_rolling_beta(
            rolling, span=span, true_beta=truth, simulated=simulated, height=250, **NAMES
        )

    frame = rolling_frame(film_frame(SECOND), span=f"{SECOND} days", height=250, simulated=simulated)
    # The truth, trace 3, keeps the rows of the figure beneath.
    assert_same(laid_over(whole(FIRST), frame), whole(SECOND), skip=(3,), tolerance=1e-12)


def test_pnl():
    def whole(window: int) -> go.Figure:
        walk = backtest_hedge(RETURNS, window=window, position_usd=POSITION)
        return plot_hedge_pnl(walk, asset=NAMES["asset"])

    pnl = film_frame(SECOND).pnl
    assert pnl is not None
    changed = laid_over(whole(FIRST), pnl_frame(pnl, asset=NAMES["asset"]))
    assert_same(changed, whole(SECOND), tolerance=CENT)
