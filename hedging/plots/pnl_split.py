"""Where a hedge's profit and loss came from, piled up over time, with its rebalances."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.backtesting.results import HedgeRun
from hedging.plots.formats import signed, usd_text
from hedging.plots.theme import (
    BENCHMARK,
    BETA,
    DOLLAR,
    INKS,
    UNHEDGED,
    Theme,
    base_figure,
    escaped,
    horizontal_legend,
    with_opacity,
)
from hedging.plots.thinning import display_rows, epoch_milliseconds

# Parts of the same kind share a hue and differ in opacity: what the market did in purple, what the
# asset did by itself in grey, what the hedge left in blue, what was paid or received in orange.
PARTS: tuple[tuple[str, str, str, float], ...] = (
    ("market", "market, left on purpose", BENCHMARK, 0.6),
    ("idiosyncratic", "idiosyncratic", UNHEDGED, 0.6),
    ("estimation_error", "estimation error", BETA, 0.75),
    ("drift", "drift between rebalances", BETA, 0.5),
    ("rounding", "rounding", BETA, 0.25),
    ("basis", "basis", BENCHMARK, 0.3),
    ("liquidation", "liquidation", UNHEDGED, 0.3),
    ("funding", "funding", DOLLAR, 0.75),
    ("fees", "fees", DOLLAR, 0.5),
    ("slippage", "slippage", DOLLAR, 0.25),
)
LEGEND_ROOM = 70
MOST_MARKS = 300  # more would hide the line they sit on


def plot_pnl_split(
    run: HedgeRun, *, theme: Theme = "light", simulated: bool = False, height: int = 380
) -> go.Figure:
    """Draw the cumulative parts of a run as lines from zero, its sum on top, rebalances as marks.

    Gains and losses of different parts cancel, so that areas stacked on each other would lie: each
    part is drawn from zero, and what is 0 all the time is left out.

    Parameters
    ----------
    run : HedgeRun
        From :func:`hedging.simulate_hedges`.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    cumulative = run.split_usd.cumsum()
    cumulative["sum"] = run.cumulative_pnl_usd
    rows = display_rows(cumulative.to_numpy())
    shown = cumulative.iloc[rows]
    days = epoch_milliseconds(shown.index)
    figure = go.Figure()
    for column, label, colour, opacity in PARTS:
        if not run.split_usd[column].any():
            continue
        figure.add_scatter(
            x=days,
            y=shown[column],
            mode="lines",
            name=label,
            line={"color": colour, "width": 1},
            fill="tozeroy",
            fillcolor=with_opacity(colour, opacity / 2),
            hovertemplate=f"{label} %{{y:$,.2f}}<extra></extra>",
        )
    ink = INKS[theme]
    figure.add_scatter(
        x=days,
        y=shown["sum"],
        mode="lines",
        name="all together",
        line={"color": ink.text, "width": 2.2},
        hovertemplate="all together %{y:$,.2f}<extra></extra>",
    )
    _mark_rebalances(figure, run)
    total = run.split_usd.sum()
    worst = str(total.drop("idiosyncratic").abs().idxmax())
    title = (
        f"{escaped(run.strategy.name)} made {usd_text(run.figures.total_usd)}; beyond the asset's own moves "
        f"most came from {signed(worst.replace('_', ' '))} ({usd_text(float(total[worst]))})"
    )
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.update_layout(showlegend=True, legend=horizontal_legend(theme), hovermode="x unified")
    figure.update_layout(margin={"t": LEGEND_ROOM})
    figure.update_xaxes(type="date", title_text="period (UTC)")
    figure.update_yaxes(title_text="cumulative P&L, USD", tickformat="$~s")
    return figure


def _mark_rebalances(figure: go.Figure, run: HedgeRun) -> None:
    """A tick for each trade on the line of the sum, saying what fired it; none where they would hide it."""
    trades = run.rebalances.iloc[1:]
    if not 0 < len(trades) <= MOST_MARKS:
        return
    # A trade is made at the end of the period it is labelled with; the first period has no value before.
    values = run.cumulative_pnl_usd.reindex(trades.index).fillna(0.0)
    figure.add_scatter(
        x=epoch_milliseconds(trades.index),
        y=values,
        mode="markers",
        name=f"{len(trades)} rebalances",
        marker={"symbol": "line-ns-open", "size": 8, "color": BETA},
        customdata=trades[["fired", "traded_usd", "cost_usd"]].to_numpy(),
        hovertemplate="rebalanced: %{customdata[0]}; traded %{customdata[1]:$,.0f} "
        "at a cost of %{customdata[2]:$,.2f}<extra></extra>",
    )
