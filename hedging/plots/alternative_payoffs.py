"""Ways of hedging side by side over a range of benchmark moves."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.plots.formats import usd_text
from hedging.plots.theme import (
    BENCHMARK,
    BETA,
    DOLLAR,
    UNHEDGED,
    Theme,
    base_figure,
    escaped,
    horizontal_legend,
)
from hedging.scenarios.alternatives import Alternatives

LINES = {
    "no hedge": (UNHEDGED, "solid"),
    "dollar hedge": (DOLLAR, "solid"),
    "beta hedge": (BETA, "solid"),
    "rolled future": (BETA, "dot"),
}
# Options share the benchmark's purple, told apart by their dashes.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
LEGEND_ROOM = 52


def plot_alternatives(
    alternatives: Alternatives,
    *,
    benchmark: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 380,
) -> go.Figure:
    """Draw one line for each way of hedging, costs included.

    Parameters
    ----------
    alternatives : Alternatives
        From :func:`hedging.compare_alternatives`.
    benchmark : str
        Name; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    figure = go.Figure()
    dashes = iter(DASHES * len(alternatives.payoff_usd.columns))
    for way in alternatives.payoff_usd.columns:
        colour, dash = LINES.get(str(way), (BENCHMARK, ""))
        name = escaped(str(way))
        figure.add_scatter(
            x=alternatives.payoff_usd.index.to_numpy(),
            y=alternatives.payoff_usd[way],
            mode="lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash or next(dashes)},
            # A percent sign would start one of Plotly's own fields.
            hovertemplate=f"{name.replace('%', '&#37;')} %{{y:$,.0f}}<extra></extra>",
        )
    worst = alternatives.table["worst_usd"]
    least = str(worst.idxmax())
    title = f"Best worst case on this range: {escaped(least)}, {usd_text(float(worst.max()))}"
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.update_layout(showlegend=True, legend=horizontal_legend(theme), hovermode="x unified")
    figure.update_layout(margin={"t": LEGEND_ROOM})
    figure.update_xaxes(title_text=f"move of {escaped(benchmark)}", tickformat="+.0%")
    figure.update_yaxes(title_text="P&L incl. costs, USD, asset moving by its beta alone", tickformat="$~s")
    return figure
