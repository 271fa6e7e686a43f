"""One lookback's frame of the three charts that follow the scrubber: what changes in them, nothing else.

A frame holds, for traces by their position in the figure, new arrays, and new values in the layout by
their path. Laid over the figure of any other lookback it gives the figure of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hedging._checks import FloatArray
from hedging.backtesting.film import IntArray, LookbackFrame, PnlFrame
from hedging.plots.hedge_pnl import pnl_title
from hedging.plots.regression_scatter import asset_range, drawn_line, regression_title
from hedging.plots.rolling_band import label_push, rolling_title, today_label


@dataclass(frozen=True, eq=False)
class ChartFrame:
    """What one lookback changes in one chart.

    Attributes
    ----------
    traces : dict
        Position of a trace to its new arrays by attribute. Whole numbers are positions in the returns,
        whose instants they stand for.
    last : int
        Points of the scatter: the last so many returns; 0 in the other charts.
    layout : dict
        Path in the layout to its new value.
    """

    traces: dict[int, dict[str, FloatArray | IntArray]]
    layout: dict[str, Any]
    last: int = field(default=0)


# Positions of the traces in plot_regression: two prediction edges, two of the band, the fit, points, latest.
PREDICTION_LOW, PREDICTION_HIGH, LINE_LOW, LINE_HIGH, FITTED, POINTS, LATEST = range(7)


def regression_frame(
    frame: LookbackFrame,
    asset_returns: FloatArray,
    benchmark_returns: FloatArray,
    *,
    asset: str,
    benchmark: str,
    span: str,
) -> ChartFrame:
    """Of :func:`hedging.plots.plot_regression`, from all returns, shape (n,), of which it takes the last."""
    window = slice(-frame.window, None)
    line = drawn_line(frame.estimate, benchmark_returns[window])
    edges = {
        PREDICTION_LOW: line.prediction_low,
        PREDICTION_HIGH: line.prediction_high,
        LINE_LOW: line.line_low,
        LINE_HIGH: line.line_high,
        FITTED: line.fitted,
    }
    return ChartFrame(
        traces={position: {"x": line.benchmark_returns, "y": y} for position, y in edges.items()},
        last=frame.window,
        layout={
            "title.text": regression_title(frame.estimate.beta, asset=asset, benchmark=benchmark, span=span),
            "yaxis.range": asset_range(asset_returns[window]),
        },
    )


def rolling_frame(frame: LookbackFrame, *, span: str, height: int, simulated: bool) -> ChartFrame:
    """Of :func:`hedging.plots.plot_rolling_beta`: band low, band high, beta; the truth stays as it is."""
    today = frame.estimate.beta
    label = int(simulated)  # the word SIMULATED is the first annotation
    push = label_push(today, height=height // 2, reach=float(frame.high.max() - frame.low.min()) or 1.0)
    return ChartFrame(
        traces={
            0: {"x": frame.rows, "y": frame.low},
            1: {"x": frame.rows, "y": frame.high},
            2: {"x": frame.rows, "y": frame.beta},
        },
        layout={
            "title.text": rolling_title(frame.beta_lowest, frame.beta_highest, today, span=span),
            "shapes[1].y0": today,
            "shapes[1].y1": today,
            f"annotations[{label}].y": today,
            f"annotations[{label}].text": today_label(today),
            f"annotations[{label}].yshift": push,
            f"annotations[{label + 1}].yshift": -push,
        },
    )


def pnl_frame(frame: PnlFrame, *, asset: str) -> ChartFrame:
    """Of :func:`hedging.plots.plot_hedge_pnl`: P&L and drawdown of each strategy in turn."""
    traces: dict[int, dict[str, Any]] = {}
    for k in range(3):
        traces[2 * k] = {"x": frame.rows, "y": frame.cumulative_usd[k]}
        traces[2 * k + 1] = {"x": frame.rows, "y": frame.drawdown_usd[k]}
    return ChartFrame(traces=traces, layout={"title.text": pnl_title(frame.effectiveness, asset)})
