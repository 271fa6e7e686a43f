"""How much a hedge of each size removes: why half a hedge helps most of the way and twice one not at all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from hedging.estimators.results import BetaEstimate
from hedging.instruments.effectiveness import effectiveness_of_ratio
from hedging.plots.formats import percent_text, signed
from hedging.plots.theme import (
    BETA,
    DOLLAR,
    INKS,
    UNHEDGED,
    Theme,
    corner_note,
    escaped,
    house_figure,
    with_opacity,
)

POINTS = 121
COLOURS = {"no hedge": UNHEDGED, "dollar hedge": DOLLAR}


def plot_hedge_sizes(
    estimate: BetaEstimate,
    sizes: Mapping[str, float],
    *,
    between: tuple[float, float] | None = None,
    asset: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 300,
) -> go.Figure:
    """Draw the share of variance removed over the size of the hedge, with each hedge in question on it.

    Parameters
    ----------
    estimate : BetaEstimate
    sizes : mapping of str to float
        Hedge over position by the name to show, such as ``{"dollar hedge": 1.0}``; escaped here.
    between : tuple of two floats, optional
        A conservative and an aggressive size, shown as a stretch of the curve.
    asset : str
        Name; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    best = estimate.correlation * estimate.asset_volatility / estimate.benchmark_volatility
    ends = [0.0, 2.0 * best, *sizes.values()]
    low, high = min(ends), max(ends)
    reach = 0.05 * (high - low)
    ratios = np.linspace(low - reach, high + reach, POINTS)
    ink = INKS[theme]
    traces = [
        {
            "x": ratios,
            "y": effectiveness_of_ratio(estimate, ratios),
            "line": {"color": ink.faint, "width": 1.5},
            "hovertemplate": "a hedge of %{x:.2f} times the position removes %{y:.1%}<extra></extra>",
        }
    ]
    if between is not None:
        stretch = np.linspace(*between, POINTS)
        traces.append(
            {
                "x": stretch,
                "y": effectiveness_of_ratio(estimate, stretch),
                "line": {"color": with_opacity(BETA, 0.3), "width": 12},
                "hovertemplate": "conservative to aggressive: %{x:.2f} removes %{y:.1%}<extra></extra>",
            }
        )
    for name, ratio in sizes.items():
        share = float(effectiveness_of_ratio(estimate, np.array([ratio]))[0])
        traces.append(
            {
                "x": [ratio],
                "y": [share],
                "mode": "markers+text",
                "text": [escaped(name)],
                # Along the flat top labels stand side by side, away from each other.
                "textposition": "bottom right" if ratio >= best else "bottom left",
                "textfont": {"size": 11, "color": ink.text},
                "marker": {"size": 10, "color": COLOURS.get(name, BETA), "line": {"width": 0}},
                "cliponaxis": False,
                "hovertemplate": f"{escaped(name)}: %{{x:.2f}} times the position, removes %{{y:.1%}}"
                "<extra></extra>",
            }
        )
    title = (
        f"A hedge of {signed(f'{best:.2f}')} times the position removes most of {escaped(asset)}'s variance "
        f"in this window, {percent_text(estimate.correlation**2)}"
    )
    below = {**corner_note("wide line: conservative to aggressive", theme), "y": 0, "yanchor": "bottom"}
    below |= {"x": 0.5, "xanchor": "center"}
    layout = {
        "xaxis": {"title": {"text": "hedge notional over position value, on the other side"}},
        "yaxis": {"title": {"text": "share of variance removed"}, "tickformat": "~%"},
        "showlegend": False,
        "annotations": [below] if between else [],
    }
    return house_figure(traces, layout, title=title, theme=theme, simulated=simulated, height=height)
