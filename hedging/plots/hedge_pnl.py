"""Cumulative P&L unhedged, dollar-hedged and beta-hedged, with the drawdown below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.backtesting.walk_forward import HedgeBacktest, StrategyName, StrategyResult
from hedging.plots.formats import signed, usd_text
from hedging.plots.theme import (
    BETA,
    DOLLAR,
    UNHEDGED,
    Theme,
    Trace,
    escaped,
    horizontal_legend,
    house_figure,
)
from hedging.plots.thinning import display_rows, epoch_milliseconds

COLOURS: dict[StrategyName, str] = {"unhedged": UNHEDGED, "dollar": DOLLAR, "beta": BETA}
LABELS: dict[StrategyName, str] = {"unhedged": "unhedged", "dollar": "dollar hedge", "beta": "beta hedge"}
WIDTHS: dict[StrategyName, float] = {"unhedged": 1.5, "dollar": 1.5, "beta": 2.2}

LEGEND_ROOM = 52  # a title, and one row of legend beneath it
ABOVE, BELOW = [0.38, 1.0], [0.0, 0.32]  # shares of the height: P&L and drawdown


def plot_hedge_pnl(
    backtest: HedgeBacktest,
    *,
    asset: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 310,
) -> go.Figure:
    """Draw the three strategies over the same periods, P&L above and drawdown below.

    Parameters
    ----------
    backtest : HedgeBacktest
    asset : str
        Name to show; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    both = pd.concat(
        [s.cumulative_pnl_usd for s in backtest.strategies] + [s.drawdown_usd for s in backtest.strategies],
        axis=1,
    )
    rows = display_rows(both.to_numpy())
    days = epoch_milliseconds(both.index[rows])
    found = backtest.beta.effectiveness
    return house_figure(
        [trace for strategy in backtest.strategies for trace in _lines(strategy, rows, days)],
        {
            "xaxis": {"type": "date", "anchor": "y", "matches": "x2", "showticklabels": False},
            "yaxis": {
                "domain": ABOVE,
                "title": {"text": f"P&L of {usd_text(backtest.position_usd)}"},
                "tickformat": "$~s",
            },
            "xaxis2": {"type": "date", "anchor": "y2", "title": {"text": "day (UTC)"}},
            "yaxis2": {
                "anchor": "x2",
                "domain": BELOW,
                "title": {"text": "drawdown, USD"},
                "tickformat": "$~s",
            },
            "showlegend": True,
            "legend": horizontal_legend(theme),
            "hovermode": "x unified",
            "margin": {"t": LEGEND_ROOM},
        },
        title=pnl_title(found.effectiveness if found else 0.0, asset),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def pnl_title(effectiveness: float, asset: str) -> str:
    """The finding, escaped."""
    return f"The beta hedge removed {signed(f'{effectiveness:.0%}')} of {escaped(asset)}'s variance"


def _lines(strategy: StrategyResult, rows: npt.NDArray[np.intp], days: FloatArray) -> list[Trace]:
    """P&L above, drawdown below, hidden and shown together."""
    label = LABELS[strategy.name]
    line = {"color": COLOURS[strategy.name], "width": WIDTHS[strategy.name]}
    return [
        {
            "x": days,
            "y": strategy.cumulative_pnl_usd.to_numpy()[rows],
            "line": line,
            "name": label,
            "legendgroup": label,
            "hovertemplate": f"{label}: made %{{y:$,.0f}}<extra></extra>",
        },
        {
            "x": days,
            "y": strategy.drawdown_usd.to_numpy()[rows],
            "xaxis": "x2",
            "yaxis": "y2",
            "line": {**line, "width": 1.3},
            "name": label,
            "legendgroup": label,
            "showlegend": False,
            "hovertemplate": f"{label}: %{{y:$,.0f}} below its peak<extra></extra>",
        },
    ]
