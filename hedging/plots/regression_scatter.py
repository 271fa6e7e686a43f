"""Scatter of returns with the fitted line, its confidence band and the prediction band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.estimators.lines import RegressionLine, regression_line
from hedging.estimators.results import BetaEstimate
from hedging.plots.formats import beta_text, stamp_text
from hedging.plots.theme import BENCHMARK, BETA, INKS, Theme, base_figure, escaped, with_opacity

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
    figure = go.Figure()
    _add_bands(figure, benchmark_returns, estimate)
    _add_points(figure, asset_returns, benchmark_returns, escaped(asset), escaped(benchmark))
    base_figure(
        figure,
        title=regression_title(estimate.beta, asset=asset, benchmark=benchmark, span=span),
        theme=theme,
        simulated=simulated,
        height=height,
    )
    figure.update_xaxes(title_text=f"{escaped(benchmark)} return per period", tickformat=".0%", zeroline=True)
    figure.update_yaxes(
        title_text=f"{escaped(asset)} return per period",
        tickformat=".0%",
        zeroline=True,
        scaleanchor="x",
        scaleratio=1,
    )
    figure.add_annotation(
        text=f"band: {estimate.confidence:.0%} of the line; dotted: of one period",
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="top",
        showarrow=False,
        font={"size": 11, "color": INKS[theme].faint},
    )
    figure.update_yaxes(range=asset_range(asset_returns.to_numpy()))
    return figure


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


def _add_bands(figure: go.Figure, benchmark_returns: pd.Series, estimate: BetaEstimate) -> None:
    line = drawn_line(estimate, benchmark_returns.to_numpy())
    x = line.benchmark_returns
    for edge in (line.prediction_low, line.prediction_high):
        figure.add_scatter(
            x=x,
            y=edge,
            mode="lines",
            hoverinfo="skip",
            name="prediction band",
            line={"color": with_opacity(BETA, 0.55), "width": 1, "dash": "dot"},
        )
    figure.add_scatter(x=x, y=line.line_low, mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=x,
        y=line.line_high,
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        fill="tonexty",
        fillcolor=with_opacity(BETA, 0.22),
        name="confidence band",
    )
    figure.add_scatter(
        x=x, y=line.fitted, mode="lines", line={"color": BETA, "width": 2.5}, hoverinfo="skip", name="fit"
    )


def _add_points(
    figure: go.Figure, asset_returns: pd.Series, benchmark_returns: pd.Series, asset: str, benchmark: str
) -> None:
    sentence = (
        f"%{{customdata}}: {asset} moved %{{y:+.2%}}<br>while {benchmark} moved %{{x:+.2%}}<extra></extra>"
    )
    stamps = [stamp_text(stamp) for stamp in pd.DatetimeIndex(asset_returns.index)]
    figure.add_scatter(
        x=benchmark_returns.to_numpy(),
        y=asset_returns.to_numpy(),
        customdata=stamps,
        mode="markers",
        hovertemplate=sentence,
        name="returns",
        marker={"size": 6, "color": with_opacity(BENCHMARK, 0.7)},
    )
    figure.add_scatter(
        x=[float(benchmark_returns.iloc[-1])],
        y=[float(asset_returns.iloc[-1])],
        customdata=stamps[-1:],
        mode="markers+text",
        text=["latest"],
        textposition="top center",
        hovertemplate=sentence,
        name="latest",
        marker={"size": 11, "color": BETA, "symbol": "diamond", "line": {"width": 1.5, "color": "#ffffff"}},
    )
