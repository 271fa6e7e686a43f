"""P&L over a range of benchmark moves, unhedged and hedged, each with its interval."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.plots.formats import percent_text, usd_text
from hedging.plots.theme import (
    BETA,
    INKS,
    UNHEDGED,
    Ink,
    Theme,
    Trace,
    escaped,
    horizontal_legend,
    house_figure,
    with_opacity,
)
from hedging.scenarios.what_if import WhatIf

LEGEND_ROOM = 52


def plot_what_if(
    result: WhatIf,
    *,
    benchmark: str,
    chosen: float | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 380,
) -> go.Figure:
    """Draw both lines with their fans; a dotted line marks where the hedge is liquidated.

    Parameters
    ----------
    result : WhatIf
        From :func:`hedging.what_if`.
    benchmark : str
        Name; escaped here.
    chosen : float, optional
        One of the moves, to be marked on both lines; the title is then about it.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    table, ink, name = result.table.sort_index(), INKS[theme], escaped(benchmark)
    moves = table.index.to_numpy(dtype=float)
    traces, shapes, notes = [], [_level(ink)], []
    for label, colour in (("unhedged", UNHEDGED), ("hedged", BETA)):
        traces += _fan(moves, table, label, colour)
    if chosen is not None:
        row = table.loc[[chosen]].iloc[0]
        shapes.append(upright(chosen, ink.text, "solid"))
        traces += [
            _point(chosen, float(row[label]), colour)
            for label, colour in (("unhedged", UNHEDGED), ("hedged", BETA))
        ]
    liquidated = result.liquidation_return
    if liquidated is not None and moves.min() <= liquidated <= moves.max():
        shapes.append(upright(liquidated, ink.text, "dot"))
        notes.append(note_beside(liquidated, "hedge liquidated", ink))
    return house_figure(
        traces,
        {
            "xaxis": {
                "title": {"text": f"move of {name}"},
                "tickformat": "+~%",
                "range": [float(moves.min()), float(moves.max())],
            },
            "yaxis": {
                "title": {"text": f"P&L, USD, with {100 * result.confidence:g}% interval"},
                "tickformat": "$~s",
            },
            "shapes": shapes,
            "annotations": notes,
            "showlegend": True,
            "legend": horizontal_legend(theme),
            "hovermode": "x unified",
            "margin": {"t": LEGEND_ROOM},
        },
        title=_title(table, chosen, name),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _title(table: pd.DataFrame, chosen: float | None, benchmark: str) -> str:
    if chosen is not None:
        row = table.loc[[chosen]].iloc[0]
        sign = "+" if chosen > 0 else ""
        return (
            f"{benchmark} {sign}{percent_text(chosen)}: {usd_text(float(row['hedged']))} hedged, "
            f"{usd_text(float(row['unhedged']))} unhedged"
        )
    hedged, unhedged = (float(table[f"{name}_low"].min()) for name in ("hedged", "unhedged"))
    return (
        f"At the low end of the intervals the worst on this range is {usd_text(hedged)} hedged, "
        f"{usd_text(unhedged)} unhedged"
    )


def _fan(moves: FloatArray, table: pd.DataFrame, label: str, colour: str) -> list[Trace]:
    unseen: Trace = {
        "x": moves,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": label,
    }
    return [
        {**unseen, "y": table[f"{label}_low"].to_numpy()},
        {
            **unseen,
            "y": table[f"{label}_high"].to_numpy(),
            "fill": "tonexty",
            "fillcolor": with_opacity(colour, 0.18),
        },
        {
            "x": moves,
            "y": table[label].to_numpy(),
            "name": label,
            "legendgroup": label,
            "line": {"color": colour, "width": 2.2},
            "customdata": table[[f"{label}_low", f"{label}_high"]].to_numpy(),
            "hovertemplate": f"{label} %{{y:$,.0f}} (%{{customdata[0]:$,.0f}} to %{{customdata[1]:$,.0f}})"
            "<extra></extra>",
        },
    ]


def _point(move: float, pnl: float, colour: str) -> Trace:
    return {
        "x": [move],
        "y": [pnl],
        "mode": "markers",
        "marker": {"color": colour, "size": 10},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _level(ink: Ink) -> dict[str, Any]:
    """No profit and no loss."""
    return {
        "type": "line",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "y0": 0.0,
        "y1": 0.0,
        "line": {"color": ink.faint, "width": 1, "dash": "dot"},
    }


def upright(move: float, colour: str, dash: str) -> dict[str, Any]:
    """A line from bottom to top at one move."""
    return {
        "type": "line",
        "yref": "y domain",
        "x0": move,
        "x1": move,
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1, "dash": dash},
    }


def note_beside(move: float, text: str, ink: Ink) -> dict[str, Any]:
    """Beside a line at the bottom, on the side where there is room."""
    return {
        "text": text,
        "x": move,
        "yref": "paper",
        "y": 0.02,
        "xanchor": "left" if move <= 0 else "right",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": ink.text},
    }
