"""Cumulative P&L of every strategy of a simulation after costs, with the drawdown below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.backtesting.results import HedgeSimulation
from hedging.performance import drawdown
from hedging.plots.formats import signed, usd_text
from hedging.plots.strategy_lines import strategy_lines
from hedging.plots.theme import UNHEDGED, Theme, Trace, escaped, house_figure, legend_below
from hedging.plots.thinning import display_rows, epoch_milliseconds

ABOVE, BELOW = [0.38, 1.0], [0.0, 0.32]  # shares of the height: P&L and drawdown
UNHEDGED_NAME = "unhedged"
TITLE_ROOM = 46  # two lines of it on a phone


def plot_strategies(
    simulation: HedgeSimulation,
    *,
    asset: str,
    lead: str | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 380,
) -> go.Figure:
    """Draw the unhedged position and every strategy over the same periods, P&L above and drawdown below.

    Parameters
    ----------
    simulation : HedgeSimulation
        From :func:`hedging.simulate_hedges`.
    asset : str
        Name to show; escaped here, as are the strategies' own.
    lead : str, optional
        Name of the strategy that the title speaks of; the first when left out.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    runs = simulation.runs
    paths = {UNHEDGED_NAME: simulation.unhedged_pnl_usd.cumsum()}
    paths |= {run.strategy.name: run.cumulative_pnl_usd for run in runs}
    below = {UNHEDGED_NAME: drawdown(paths[UNHEDGED_NAME])}
    below |= {run.strategy.name: run.drawdown_usd for run in runs}
    lines: Mapping[str, dict[str, Any]] = {UNHEDGED_NAME: {"color": UNHEDGED, "width": 1.5}} | strategy_lines(
        run.strategy for run in runs
    )
    rows = display_rows(np.column_stack([*paths.values(), *below.values()]))
    instants = epoch_milliseconds(simulation.unhedged_pnl_usd.index[rows])
    first = runs[0] if lead is None else simulation.run(lead)
    return house_figure(
        [
            trace
            for name in paths
            for trace in _pair(name, paths[name], below[name], lines[name], rows=rows, instants=instants)
        ],
        {
            "xaxis": {"type": "date", "anchor": "y", "matches": "x2", "showticklabels": False},
            "yaxis": {"domain": ABOVE, "title": {"text": "P&L after costs"}, "tickformat": "$~s"},
            "xaxis2": {"type": "date", "anchor": "y2", "title": {"text": "end of period (UTC)"}},
            "yaxis2": {
                "anchor": "x2",
                "domain": BELOW,
                "title": {"text": "drawdown, USD"},
                "tickformat": "$~s",
            },
            "showlegend": True,
            "legend": legend_below(theme),
            "hovermode": "x unified",
            "margin": {"t": TITLE_ROOM},
        },
        title=_title(first.strategy.name, first.effectiveness.effectiveness, first.figures.total_usd)
        + f", {escaped(asset)} alone {usd_text(simulation.unhedged.total_usd)}",
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _title(name: str, effectiveness: float, total_usd: float) -> str:
    what = "removed" if effectiveness >= 0 else "added"
    share = signed(f"{abs(effectiveness):.0%}")
    shown = escaped(name[:1].upper() + name[1:])
    return f"{shown} {what} {share} of the variance and made {usd_text(total_usd)}"


def _pair(
    name: str,
    path: pd.Series,
    below: pd.Series,
    line: dict[str, Any],
    *,
    rows: npt.NDArray[np.intp],
    instants: FloatArray,
) -> list[Trace]:
    """P&L above, drawdown below, hidden and shown together."""
    label = escaped(name)
    return [
        {
            "x": instants,
            "y": path.to_numpy()[rows],
            "line": line,
            "name": label,
            "legendgroup": label,
            "hovertemplate": f"{label}: made %{{y:$,.0f}}<extra></extra>",
        },
        {
            "x": instants,
            "y": below.to_numpy()[rows],
            "xaxis": "x2",
            "yaxis": "y2",
            "line": {**line, "width": 1.3},
            "name": label,
            "legendgroup": label,
            "showlegend": False,
            "hovertemplate": f"{label}: %{{y:$,.0f}} below its peak<extra></extra>",
        },
    ]
