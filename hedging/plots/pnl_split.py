"""Where a hedge's profit and loss came from, piled up over time, with its rebalances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.backtesting.results import HedgeRun
from hedging.plots.formats import signed, usd_text
from hedging.plots.theme import (
    BENCHMARK,
    BETA,
    DOLLAR,
    INKS,
    UNHEDGED,
    Ink,
    Theme,
    Trace,
    escaped,
    house_figure,
    legend_below,
    mixed,
)
from hedging.plots.thinning import display_rows, epoch_milliseconds

# Parts of the same kind share a hue and differ in strength: what the market did in purple, what the
# asset did by itself in grey, what the hedge left in blue, what was paid or received in orange.
PARTS: tuple[tuple[str, str, str, float], ...] = (
    ("idiosyncratic", "idiosyncratic", UNHEDGED, 0.55),
    ("market", "market, left on purpose", BENCHMARK, 0.75),
    ("estimation_error", "estimation error", BETA, 0.9),
    ("drift", "drift", BETA, 0.6),
    ("rounding", "rounding", BETA, 0.35),
    ("basis", "basis", BENCHMARK, 0.45),
    ("funding", "funding", DOLLAR, 0.9),
    ("fees", "fees", DOLLAR, 0.6),
    ("slippage", "slippage", DOLLAR, 0.35),
    ("liquidation", "liquidation", UNHEDGED, 0.95),
)
LABELS = {column: label for column, label, _, _ in PARTS}
PAPER = "#ffffff"  # tints of it stand out on both backgrounds; shades of a dark one would not
MOST_MARKS = 120  # more would hide the line they sit on
TOTAL = "all together"
TITLE_ROOM = 46  # two lines of it on a phone


def plot_pnl_split(
    run: HedgeRun, *, theme: Theme = "light", simulated: bool = False, height: int = 380
) -> go.Figure:
    """Draw the cumulative parts of a run as stacked areas, gains above zero and losses below.

    Parts that gained are piled up from zero, parts that lost down from it: nothing is hidden behind
    what cancels it, and at every instant the line of the total is the height of both piles together.
    Rebalances are marked on that line with what fired them, the largest where there are many.

    Parameters
    ----------
    run : HedgeRun
        From :func:`hedging.simulate_hedges`; what is 0 all the time is left out.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    drawn = [part for part in PARTS if run.split_usd[part[0]].any()]
    cumulative = run.split_usd[[column for column, *_ in drawn]].cumsum()
    total = run.cumulative_pnl_usd
    rows = display_rows(np.column_stack([cumulative.to_numpy(), total.to_numpy()]))
    instants = epoch_milliseconds(cumulative.index[rows])
    shown = cumulative.iloc[rows]
    traces = [trace for part in drawn for trace in _areas(part, shown, instants)]
    traces.append(_total(total.to_numpy()[rows], shown, instants, INKS[theme]))
    traces += _marks(run, INKS[theme])
    return house_figure(
        traces,
        {
            "showlegend": True,
            "legend": {**legend_below(theme), "traceorder": "normal"},
            "hovermode": "closest",
            "margin": {"t": TITLE_ROOM},
            "xaxis": {"type": "date", "title": {"text": f"end of period (UTC){_said_of_marks(run)}"}},
            "yaxis": {
                "title": {"text": "cumulative P&L, USD"},
                "tickformat": "$~s",
                "zeroline": True,
                "zerolinecolor": INKS[theme].faint,
            },
        },
        title=_title(run),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _title(run: HedgeRun) -> str:
    total = run.split_usd.sum()
    largest = str(total.drop("idiosyncratic").abs().idxmax())
    name = escaped(run.strategy.name[:1].upper() + run.strategy.name[1:])
    return (
        f"{name} made {usd_text(run.figures.total_usd)}: idiosyncratic "
        f"{usd_text(float(total['idiosyncratic']))}, {LABELS[largest].split(',')[0]} "
        f"{usd_text(float(total[largest]))}"
    )


def _areas(part: tuple[str, str, str, float], shown: pd.DataFrame, instants: FloatArray) -> list[Trace]:
    """A part's gains in the pile above zero and its losses in the one below, under one name."""
    column, label, hue, strength = part
    values = shown[column].to_numpy()
    sides = {"above": np.maximum(values, 0.0), "below": np.minimum(values, 0.0)}
    colour = mixed(hue, PAPER, strength)
    there = [side for side, heights in sides.items() if heights.any()] or ["above"]
    return [
        {
            "x": instants,
            "y": sides[side],
            "stackgroup": side,
            "name": label,
            "legendgroup": column,
            "showlegend": side == there[0],
            "line": {"width": 0, "color": colour},
            "fillcolor": colour,
            "hoverinfo": "skip",  # the line of the total says all parts at once
        }
        for side in there
    ]


def _total(total: FloatArray, shown: pd.DataFrame, instants: FloatArray, ink: Ink) -> Trace:
    parts = [f"{LABELS[str(column)]} %{{customdata[{i}]:$,.0f}}" for i, column in enumerate(shown.columns)]
    return {
        "x": instants,
        "y": total,
        "name": TOTAL,
        "line": {"color": ink.text, "width": 2},
        "customdata": shown.to_numpy(),
        "hovertemplate": "%{x|%Y-%m-%d %H:%M}: all together %{y:$,.0f}<br>"
        + "<br>".join(parts)
        + "<extra></extra>",
    }


def _marks(run: HedgeRun, ink: Ink) -> list[Trace]:
    """A tick for each trade after the first on the line of the total, saying what fired it."""
    trades = run.rebalances.iloc[1:]
    if trades.empty:
        return []
    if len(trades) > MOST_MARKS:
        trades = trades.loc[trades["traded_usd"].nlargest(MOST_MARKS).index].sort_index()
    # A trade is made at the end of the period it is labelled with; the first period has no value before.
    values = run.cumulative_pnl_usd.reindex(trades.index).fillna(0.0)
    return [
        {
            "x": epoch_milliseconds(trades.index),
            "y": values.to_numpy(),
            "mode": "markers",
            "name": "rebalance",
            "marker": {
                "symbol": "line-ns-open",
                "size": 7,
                "color": ink.text,
                "line": {"width": 1, "color": ink.text},
            },
            "customdata": [
                [fired, signed(f"{traded:,.0f}"), f"{cost:,.2f}", _held(contracts)]
                for fired, traded, cost, contracts in zip(
                    trades["fired"],
                    trades["traded_usd"],
                    trades["cost_usd"],
                    trades["contracts"],
                    strict=True,
                )
            ],
            "hovertemplate": "%{x|%Y-%m-%d %H:%M}: rebalanced by %{customdata[0]}<br>"
            "traded $%{customdata[1]} at a cost of $%{customdata[2]}, then %{customdata[3]}<extra></extra>",
        }
    ]


def _said_of_marks(run: HedgeRun) -> str:
    if run.n_rebalances <= MOST_MARKS:
        return ""
    return f"; marked: the {MOST_MARKS} largest of {run.n_rebalances:,} rebalances"


def _held(contracts: float) -> str:
    side = "short" if contracts < 0 else "long"
    return f"{side} {abs(contracts):g} contracts" if contracts else "nothing held"
