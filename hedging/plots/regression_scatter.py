"""Scatter of returns with the fitted line, its confidence band and the prediction band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.estimators.lines import RegressionLine, regression_line
from hedging.estimators.results import BetaEstimate
from hedging.plots.formats import beta_text, stamp_text
from hedging.plots.theme import (
    BENCHMARK,
    BETA,
    Theme,
    Trace,
    corner_note,
    escaped,
    house_figure,
    with_opacity,
)

LINE_POINTS = 41


def plot_regression(
    asset_returns: pd.Series,
    benchmark_returns: pd.Series,
    estimate: BetaEstimate,
    *,
    asset: str,
    benchmark: str,
    span: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 400,
) -> go.Figure:
    """Draw the window's returns, equal scales on both axes so that the slope is seen as it is.

    Parameters
    ----------
    asset_returns, benchmark_returns : pandas.Series
        The window behind ``estimate``, fractions per period.
    estimate : BetaEstimate
    asset, benchmark : str
        Names to show; escaped here.
    span : str
        The window in words, e.g. ``"60 days"``.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    across, up = escaped(benchmark), escaped(asset)
    return house_figure(
        [
            *_bands(benchmark_returns, estimate),
            *_points(asset_returns, benchmark_returns, up, across),
        ],
        {
            "xaxis": {
                "title": {"text": f"{across} return per period"},
                "tickformat": "~%",
                "zeroline": True,
            },
            "yaxis": {
                "title": {"text": f"{up} return per period"},
                "tickformat": "~%",
                "zeroline": True,
                "scaleanchor": "x",
                "scaleratio": 1,
                "range": asset_range(asset_returns.to_numpy()),
            },
            "annotations": [
                corner_note(f"band: {estimate.confidence:.0%} of the line; dotted: of one period", theme)
            ],
        },
        title=regression_title(estimate.beta, asset=asset, benchmark=benchmark, span=span),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def regression_title(beta: float, *, asset: str, benchmark: str, span: str) -> str:
    """The finding, escaped."""
    return f"{escaped(asset)} moved {beta_text(beta)}× {escaped(benchmark)} over {escaped(span)}"


def asset_range(asset_returns: FloatArray) -> list[float]:
    """What the vertical axis shows: all points with some room."""
    low, high = float(asset_returns.min()), float(asset_returns.max())
    margin = 0.12 * (high - low)
    return [low - margin, high + margin]


def drawn_line(estimate: BetaEstimate, benchmark_returns: FloatArray) -> RegressionLine:
    """The fitted line where it is drawn: a little beyond the points."""
    low, high = float(benchmark_returns.min()), float(benchmark_returns.max())
    reach = 0.08 * (high - low)
    return regression_line(estimate, np.linspace(low - reach, high + reach, LINE_POINTS))


def _bands(benchmark_returns: pd.Series, estimate: BetaEstimate) -> list[Trace]:
    line = drawn_line(estimate, benchmark_returns.to_numpy())
    x = line.benchmark_returns
    edge = {"color": with_opacity(BETA, 0.55), "width": 1, "dash": "dot"}
    unseen: Trace = {"x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        *(
            {"x": x, "y": y, "line": edge, "hoverinfo": "skip", "name": "prediction band"}
            for y in (line.prediction_low, line.prediction_high)
        ),
        {**unseen, "y": line.line_low},
        {
            **unseen,
            "y": line.line_high,
            "fill": "tonexty",
            "fillcolor": with_opacity(BETA, 0.22),
            "name": "confidence band",
        },
        {
            "x": x,
            "y": line.fitted,
            "line": {"color": BETA, "width": 2.5},
            "hoverinfo": "skip",
            "name": "fit",
        },
    ]


def _points(
    asset_returns: pd.Series, benchmark_returns: pd.Series, asset: str, benchmark: str
) -> list[Trace]:
    sentence = (
        f"%{{customdata}}: {asset} moved %{{y:+.2%}}<br>while {benchmark} moved %{{x:+.2%}}<extra></extra>"
    )
    stamps = [stamp_text(stamp) for stamp in pd.DatetimeIndex(asset_returns.index)]
    x, y = benchmark_returns.to_numpy(), asset_returns.to_numpy()
    return [
        {
            "x": x,
            "y": y,
            "customdata": stamps,
            "mode": "markers",
            "hovertemplate": sentence,
            "name": "returns",
            "marker": {"size": 6, "color": with_opacity(BENCHMARK, 0.7)},
        },
        {
            "x": x[-1:],
            "y": y[-1:],
            "customdata": stamps[-1:],
            "mode": "markers+text",
            "text": ["latest"],
            "textposition": "top center",
            "hovertemplate": sentence,
            "name": "latest",
            "marker": {
                "size": 11,
                "color": BETA,
                "symbol": "diamond",
                "line": {"width": 1.5, "color": "#ffffff"},
            },
        },
    ]
