"""Betas of several estimators side by side, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from hedging.estimators.results import BetaEstimate
from hedging.plots.formats import beta_text
from hedging.plots.theme import BETA, INKS, Theme, base_figure, escaped

ROW_PIXELS = 26
FRAME_PIXELS = 90


def plot_estimators(
    estimates: Mapping[str, BetaEstimate],
    *,
    asset: str,
    benchmark: str,
    true_beta: float | None = None,
    theme: Theme = "light",
    simulated: bool = False,
) -> go.Figure:
    """Draw one row for each estimate: a point for beta, a line for its interval.

    Parameters
    ----------
    estimates : mapping of str to BetaEstimate
        By the name to show, drawn from the top in this order; names are escaped here.
    asset, benchmark : str
        Names; escaped here.
    true_beta : float, optional
        Today's true beta of a simulated market, drawn dashed.
    theme, simulated
        Colours, whether to write SIMULATED into the plot.
    """
    names = [escaped(name) for name in estimates]
    betas = [estimate.beta for estimate in estimates.values()]
    figure = go.Figure()
    figure.add_scatter(
        x=betas,
        y=names,
        mode="markers",
        marker={"color": BETA, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [estimate.beta_high - estimate.beta for estimate in estimates.values()],
            "arrayminus": [estimate.beta - estimate.beta_low for estimate in estimates.values()],
            "color": BETA,
            "thickness": 2,
            "width": 0,
        },
        customdata=[[e.beta_low, e.beta_high, e.band] for e in estimates.values()],
        hovertemplate="%{y}: beta %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f}), "
        "about the %{customdata[2]}<extra></extra>",
    )
    title = (
        f"{escaped(asset)}'s beta lies between {beta_text(min(betas))} and {beta_text(max(betas))}, "
        "depending on the estimator"
    )
    height = FRAME_PIXELS + ROW_PIXELS * len(names)
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    ink = INKS[theme]
    figure.add_vline(x=1.0, line={"color": ink.faint, "width": 1, "dash": "dot"})
    if true_beta is not None:
        figure.add_vline(x=true_beta, line={"color": ink.text, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            text=f"true beta {beta_text(true_beta)}",
            x=true_beta,
            yref="paper",
            y=1,
            yanchor="bottom",
            showarrow=False,
            font={"size": 11, "color": ink.text},
        )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title_text=f"beta of {escaped(asset)} on {escaped(benchmark)}, with its interval")
    return figure
