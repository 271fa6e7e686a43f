"""Risk left against cost, one point for each set of triggers."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.backtesting.sweep import TriggerSweep
from hedging.plots.formats import percent_text, usd_text
from hedging.plots.theme import BETA, INKS, UNHEDGED, Theme, base_figure, escaped


def plot_trigger_tradeoff(
    sweep: TriggerSweep, *, theme: Theme = "light", simulated: bool = False, height: int = 360
) -> go.Figure:
    """Draw every setting; those that no other beats in both are blue and joined.

    Parameters
    ----------
    sweep : TriggerSweep
        From :func:`hedging.sweep_triggers`.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    table = sweep.table.assign(name=[escaped(str(name)) for name in sweep.table.index])
    frontier = table[table["efficient"]].sort_values("cost_usd")
    figure = go.Figure()
    for rows, colour, mode, label in (
        (table[~table["efficient"]], UNHEDGED, "markers", "beaten by another setting"),
        (frontier, BETA, "lines+markers", "not beaten"),
    ):
        figure.add_scatter(
            x=rows["cost_usd"],
            y=rows["risk_left_fraction"],
            mode=mode,
            name=label,
            marker={"color": colour, "size": 9},
            line={"color": colour, "width": 1, "dash": "dot"},
            customdata=rows[["name", "n_rebalances"]].to_numpy(),
            hovertemplate="%{customdata[0]}: %{customdata[1]} rebalances cost %{x:$,.2f} and left "
            "%{y:.1%} of the volatility<extra></extra>",
        )
    least = frontier.iloc[-1]
    title = (
        f"The least risk left is {percent_text(float(least['risk_left_fraction']))} of unhedged, for "
        f"{usd_text(float(least['cost_usd']))} of fees and slippage"
    )
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.add_annotation(
        text=least["name"],
        x=float(least["cost_usd"]),
        y=float(least["risk_left_fraction"]),
        yshift=14,
        xanchor="right",
        showarrow=False,
        font={"size": 11, "color": INKS[theme].text},
    )
    figure.update_xaxes(title_text="fees and slippage over the test, USD", tickformat="$~s")
    figure.update_yaxes(title_text="volatility left, share of unhedged", tickformat=".0%")
    return figure
