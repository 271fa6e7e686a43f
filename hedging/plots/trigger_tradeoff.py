"""Risk left against cost, one point for each set of triggers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

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
)


def plot_trigger_tradeoff(
    table: pd.DataFrame,
    *,
    current: str | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 360,
) -> go.Figure:
    """Draw every setting; those that no other beats in both are blue and joined.

    Parameters
    ----------
    table : pandas.DataFrame
        Of a :class:`hedging.TriggerSweep`.
    current : str, optional
        Label of the row in use, marked.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    frontier = table[table["efficient"]].sort_values("cost_usd")
    beaten = table[~table["efficient"]]
    ink = INKS[theme]
    traces = [
        _points(beaten, UNHEDGED, f"{len(beaten)} beaten by another", mode="markers"),
        _points(frontier, BETA, f"{len(frontier)} not beaten", mode="lines+markers"),
    ]
    notes = []
    if current is not None and current in table.index:
        row = table.loc[[current]]
        ring = {"color": "rgba(0,0,0,0)", "size": 16, "line": {"color": ink.text, "width": 2}}
        traces.append({**_points(row, ink.text, "in use", mode="markers"), "marker": ring})
    if not frontier.empty:
        notes = [_note(frontier.iloc[-1], "least risk", ink, above=True)]
    return house_figure(
        traces,
        {
            "xaxis": {"title": {"text": "fees and slippage over the test, USD"}, "tickformat": "$~s"},
            "yaxis": {"title": {"text": "volatility left, share of unhedged"}, "tickformat": "~%"},
            "annotations": notes,
            "showlegend": True,
            "legend": horizontal_legend(theme),
            "hovermode": "closest",
            "margin": {"t": 52},
        },
        title=_title(frontier),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _title(frontier: pd.DataFrame) -> str:
    least, cheapest = frontier.iloc[-1], frontier.iloc[0]
    said = f"{usd_text(float(least['cost_usd']))} of fees and slippage left {_share(least)} of the volatility"
    if len(frontier) == 1:
        return said
    return f"{said}, {usd_text(float(cheapest['cost_usd']))} left {_share(cheapest)}"


def _share(row: pd.Series) -> str:
    return percent_text(float(row["risk_left_fraction"]))


def _points(rows: pd.DataFrame, colour: str, label: str, *, mode: str) -> Trace:
    names = [escaped(str(name)) for name in rows.index]
    return {
        "x": rows["cost_usd"].to_numpy(),
        "y": rows["risk_left_fraction"].to_numpy(),
        "mode": mode,
        "name": label,
        "marker": {"color": colour, "size": 8},
        "line": {"color": colour, "width": 1, "dash": "dot"},
        "customdata": [[name, int(count)] for name, count in zip(names, rows["n_rebalances"], strict=True)],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]:,} rebalances cost %{x:$,.2f} and left "
        "%{y:.1%} of the volatility<extra></extra>",
    }


def _note(row: pd.Series, what: str, ink: Ink, *, above: bool) -> dict[str, Any]:
    return {
        "text": f"{what}: {escaped(str(row.name))}",
        "x": float(row["cost_usd"]),
        "y": float(row["risk_left_fraction"]),
        "yshift": -14 if above else 14,
        "xanchor": "right",
        "showarrow": False,
        "font": {"size": 11, "color": ink.text},
    }
