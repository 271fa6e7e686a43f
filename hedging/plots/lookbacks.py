"""Which lookback? How much each one removed out of sample, and how beta looked through each."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from hedging.backtesting.lookbacks import LookbackComparison
from hedging.estimators.atlas import BetaAtlas
from hedging.plots.formats import beta_text, percent_text
from hedging.plots.theme import BETA, DOLLAR, INKS, Theme, base_figure, escaped, with_opacity
from hedging.plots.thinning import epoch_milliseconds

MOST_COLUMNS = 500  # of the heat map: more than a wide chart has pixels to tell apart


def plot_lookbacks(
    comparison: LookbackComparison,
    *,
    asset: str,
    unit: str,
    current: int | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 300,
) -> go.Figure:
    """Draw the share of variance that each lookback's hedge removed, with its interval.

    Parameters
    ----------
    comparison : LookbackComparison
    asset, unit : str
        Name, and what lookbacks count ("days"); escaped here.
    current : int, optional
        The lookback in use, marked.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    table = comparison.table
    windows = table.index.to_numpy()
    figure = go.Figure()
    for end, fill in (("low", None), ("high", "tonexty")):
        figure.add_scatter(
            x=windows,
            y=table[end],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=with_opacity(BETA, 0.2),
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=windows,
        y=table["effectiveness"],
        mode="lines",
        line={"color": BETA, "width": 2},
        customdata=table[["low", "high"]].to_numpy(),
        hovertemplate="a lookback of %{x} removed %{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})"
        "<extra></extra>",
    )
    best = table.iloc[int(np.flatnonzero(windows == comparison.best)[0])]
    alike = table[table["effectiveness"] >= best["low"]].index
    share = percent_text(best["effectiveness"])
    title = (
        f"{comparison.best} {escaped(unit)} removed most of {escaped(asset)}'s variance, {share}; "
        f"{len(alike)} of {len(table)} lookbacks lie within its interval"
    )
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    ink = INKS[theme]
    figure.add_hline(
        y=comparison.dollar,
        line={"color": DOLLAR, "width": 1.5, "dash": "dash"},
        annotation={"text": "dollar hedge", "font": {"size": 11, "color": ink.text}},
    )
    if current is not None:
        figure.add_vline(
            x=current,
            line={"color": ink.faint, "width": 1, "dash": "dot"},
            annotation={"text": "in use", "font": {"size": 11, "color": ink.faint}},
        )
    figure.update_xaxes(title_text=f"lookback, {escaped(unit)}")
    figure.update_yaxes(title_text="variance removed, out of sample", tickformat="~%")
    return figure


def plot_atlas(
    atlas: BetaAtlas,
    *,
    asset: str,
    benchmark: str,
    unit: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 300,
) -> go.Figure:
    """Draw beta over lookback and date: what is real shows in every row, noise in the lowest ones.

    Parameters
    ----------
    atlas : BetaAtlas
    asset, benchmark, unit : str
        Names, and what lookbacks count; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    n = len(atlas.index)
    columns = np.unique(np.linspace(0, n - 1, min(n, MOST_COLUMNS)).astype(int))
    shown = atlas.beta[:, columns]
    low, high = np.nanquantile(shown, [0.01, 0.99])
    figure = go.Figure()
    figure.add_heatmap(
        x=epoch_milliseconds(atlas.index[columns]),
        y=atlas.windows,
        z=shown.astype(np.float32),
        zmin=float(low),
        zmax=float(high),
        colorscale="Cividis",
        colorbar={"title": {"text": "beta", "side": "right"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate="lookback %{y}, to %{x|%Y-%m-%d}: beta %{z:.2f}<extra></extra>",
    )
    short, long = atlas.beta[0], atlas.beta[-1]
    title = (
        f"Beta through {atlas.windows[0]} {escaped(unit)} swung from {beta_text(float(np.nanmin(short)))} to "
        f"{beta_text(float(np.nanmax(short)))}, through {atlas.windows[-1]} from "
        f"{beta_text(float(np.nanmin(long)))} to {beta_text(float(np.nanmax(long)))}"
    )
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.update_xaxes(type="date", title_text="last day of the window (UTC)")
    figure.update_yaxes(title_text=f"lookback, {escaped(unit)}")
    return figure
