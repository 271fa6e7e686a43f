"""Cumulative P&L unhedged, dollar-hedged and beta-hedged, with the drawdown below."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from hedging.backtesting.walk_forward import HedgeBacktest, StrategyName
from hedging.plots.formats import signed, usd_text
from hedging.plots.theme import BETA, DOLLAR, UNHEDGED, Theme, base_figure, escaped, horizontal_legend
from hedging.plots.thinning import display_rows, epoch_milliseconds

COLOURS: dict[StrategyName, str] = {"unhedged": UNHEDGED, "dollar": DOLLAR, "beta": BETA}
LABELS: dict[StrategyName, str] = {"unhedged": "unhedged", "dollar": "dollar hedge", "beta": "beta hedge"}
WIDTHS: dict[StrategyName, float] = {"unhedged": 1.5, "dollar": 1.5, "beta": 2.2}

LEGEND_ROOM = 52  # a title, and one row of legend beneath it


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
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.66, 0.34], vertical_spacing=0.06)
    both = pd.concat(
        [s.cumulative_pnl_usd for s in backtest.strategies] + [s.drawdown_usd for s in backtest.strategies],
        axis=1,
    )
    rows = display_rows(both.to_numpy())
    days = epoch_milliseconds(both.index[rows])
    for strategy in backtest.strategies:
        name, label = strategy.name, LABELS[strategy.name]
        line = {"color": COLOURS[name], "width": WIDTHS[name]}
        pnl, below = strategy.cumulative_pnl_usd.iloc[rows], strategy.drawdown_usd.iloc[rows]
        figure.add_scatter(
            x=days,
            y=pnl,
            mode="lines",
            line=line,
            name=label,
            legendgroup=label,
            hovertemplate=f"{label}: made %{{y:$,.0f}}<extra></extra>",
            row=1,
            col=1,
        )
        figure.add_scatter(
            x=days,
            y=below,
            mode="lines",
            line={**line, "width": 1.3},
            name=label,
            legendgroup=label,
            showlegend=False,
            hovertemplate=f"{label}: %{{y:$,.0f}} below its peak<extra></extra>",
            row=2,
            col=1,
        )
    found = backtest.beta.effectiveness
    title = pnl_title(found.effectiveness if found else 0.0, asset)
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.update_layout(showlegend=True, legend=horizontal_legend(theme), hovermode="x unified")
    figure.update_layout(margin={"t": LEGEND_ROOM})
    figure.update_yaxes(
        title_text=f"P&L of {usd_text(backtest.position_usd)}", tickformat="$~s", row=1, col=1
    )
    figure.update_yaxes(title_text="drawdown, USD", tickformat="$~s", row=2, col=1)
    figure.update_xaxes(type="date")
    figure.update_xaxes(title_text="day (UTC)", row=2, col=1)
    return figure


def pnl_title(effectiveness: float, asset: str) -> str:
    """The finding, escaped."""
    return f"The beta hedge removed {signed(f'{effectiveness:.0%}')} of {escaped(asset)}'s variance"
