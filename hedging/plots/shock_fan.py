"""P&L over a range of benchmark moves, unhedged and hedged, each with its interval."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.plots.formats import usd_text
from hedging.plots.theme import (
    BETA,
    INKS,
    UNHEDGED,
    Theme,
    base_figure,
    escaped,
    horizontal_legend,
    with_opacity,
)
from hedging.scenarios.what_if import WhatIf

LEGEND_ROOM = 52


def plot_what_if(
    result: WhatIf, *, benchmark: str, theme: Theme = "light", simulated: bool = False, height: int = 380
) -> go.Figure:
    """Draw both lines with their fans; a dotted line marks where the hedge is liquidated.

    Parameters
    ----------
    result : WhatIf
        From :func:`hedging.what_if`.
    benchmark : str
        Name; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    table = result.table.sort_index()
    moves = table.index.to_numpy()
    figure = go.Figure()
    for column, label, colour in (("unhedged", "unhedged", UNHEDGED), ("hedged", "hedged", BETA)):
        for end, fill in (("low", None), ("high", "tonexty")):
            figure.add_scatter(
                x=moves,
                y=table[f"{column}_{end}"],
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor=with_opacity(colour, 0.18),
                hoverinfo="skip",
                showlegend=False,
                legendgroup=label,
            )
        figure.add_scatter(
            x=moves,
            y=table[column],
            mode="lines",
            name=label,
            legendgroup=label,
            line={"color": colour, "width": 2.2},
            customdata=table[[f"{column}_low", f"{column}_high"]].to_numpy(),
            hovertemplate=f"{label} %{{y:$,.0f}} (%{{customdata[0]:$,.0f}} to %{{customdata[1]:$,.0f}})"
            "<extra></extra>",
        )
    ink = INKS[theme]
    hedged, unhedged = (float(table[f"{name}_low"].min()) for name in ("hedged", "unhedged"))
    title = (
        f"At the low end of the intervals the worst on this range is {usd_text(hedged)} hedged, "
        f"{usd_text(unhedged)} unhedged"
    )
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.add_hline(y=0.0, line={"color": ink.faint, "width": 1, "dash": "dot"})
    if result.liquidation_return is not None and moves.min() <= result.liquidation_return <= moves.max():
        figure.add_vline(
            x=result.liquidation_return,
            line={"color": ink.text, "width": 1, "dash": "dot"},
            annotation={"text": "hedge liquidated", "font": {"size": 11, "color": ink.text}},
        )
    figure.update_layout(showlegend=True, legend=horizontal_legend(theme), hovermode="x unified")
    figure.update_layout(margin={"t": LEGEND_ROOM})
    figure.update_xaxes(title_text=f"move of {escaped(benchmark)}", tickformat="+.0%")
    figure.update_yaxes(title_text=f"P&L, USD, with {100 * result.confidence:g}% interval", tickformat="$~s")
    return figure
