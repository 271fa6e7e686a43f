"""Ways of hedging side by side over a range of benchmark moves."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.plots.formats import usd_text
from hedging.plots.shock_fan import note_beside, upright
from hedging.plots.theme import (
    BENCHMARK,
    BETA,
    DOLLAR,
    INKS,
    UNHEDGED,
    Theme,
    escaped,
    horizontal_legend,
    house_figure,
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
LEGEND_ROOM = 66  # a title, and two rows of legend where the screen is narrow


def plot_alternatives(
    alternatives: Alternatives,
    *,
    benchmark: str,
    chosen: float | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 380,
) -> go.Figure:
    """Draw one line for each way of hedging, costs included; a dotted line where a hedge is liquidated.

    Parameters
    ----------
    alternatives : Alternatives
        From :func:`hedging.compare_alternatives`.
    benchmark : str
        Name; escaped here.
    chosen : float, optional
        A move to mark.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    payoffs = alternatives.payoff_usd
    dashes = iter(DASHES * len(payoffs.columns))
    traces = []
    for way in payoffs.columns:
        colour, dash = LINES.get(str(way), (BENCHMARK, ""))
        name = escaped(str(way))
        traces.append(
            {
                "x": payoffs.index.to_numpy(dtype=float),
                "y": payoffs[way].to_numpy(),
                "name": name,
                "line": {"color": colour, "width": 2, "dash": dash or next(dashes)},
                # A percent sign would start one of Plotly's own fields.
                "hovertemplate": f"{name.replace('%', '&#37;')} %{{y:$,.0f}}<extra></extra>",
            }
        )
    worst, ink = alternatives.table["worst_usd"], INKS[theme]
    shapes = [] if chosen is None else [upright(chosen, ink.text, "solid")]
    closing = alternatives.table["liquidation_return"].dropna()
    seen = closing[(closing >= payoffs.index.min()) & (closing <= payoffs.index.max())]
    shapes += [
        upright(float(move), LINES.get(str(way), (BENCHMARK, ""))[0], "dot") for way, move in seen.items()
    ]
    notes = [note_beside(float(seen.min()), "hedge liquidated", ink)] if len(seen) else []
    return house_figure(
        traces,
        {
            "xaxis": {"title": {"text": f"move of {escaped(benchmark)}"}, "tickformat": "+~%"},
            "yaxis": {
                "title": {"text": "P&L incl. costs, USD, asset moving by its beta alone"},
                "tickformat": "$~s",
            },
            "shapes": shapes,
            "annotations": notes,
            "showlegend": True,
            "legend": horizontal_legend(theme),
            "hovermode": "x unified",
            "margin": {"t": LEGEND_ROOM},
        },
        title=f"Best worst case on this range: {escaped(str(worst.idxmax()))}, "
        f"{usd_text(float(worst.max()))}",
        theme=theme,
        simulated=simulated,
        height=height,
    )
