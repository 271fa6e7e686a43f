"""Rolling beta with its band, a beta of 1 and today's value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.estimators.rolling import RollingBeta
from hedging.plots.formats import beta_text
from hedging.plots.theme import BETA, INKS, Theme, base_figure, escaped, with_opacity
from hedging.plots.thinning import display_rows, epoch_milliseconds

LABEL_PIXELS = 16


def plot_rolling_beta(
    rolling: RollingBeta,
    *,
    asset: str,
    benchmark: str,
    span: str,
    true_beta: pd.Series | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 250,
) -> go.Figure:
    """Draw beta of every window at the window's last day.

    Parameters
    ----------
    rolling : RollingBeta
    asset, benchmark, span : str
        Names and the window in words; escaped here.
    true_beta : pandas.Series or None
        The simulator's truth on (at least) the index of ``rolling``, drawn dashed.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    known = rolling.beta.notna()
    shown = pd.DataFrame({"beta": rolling.beta, "low": rolling.low, "high": rolling.high})[known]
    if true_beta is not None:
        shown["truth"] = true_beta.reindex(shown.index)
    rows = display_rows(shown.to_numpy())
    shown = shown.iloc[rows]
    days = epoch_milliseconds(shown.index)
    figure = go.Figure()
    _add_band(figure, days, shown, rolling.confidence)
    ink = INKS[theme]
    if true_beta is not None:
        figure.add_scatter(
            x=days,
            y=shown["truth"],
            mode="lines",
            name="true beta",
            line={"color": ink.text, "width": 1.5, "dash": "dash"},
            hovertemplate="true beta %{y:.2f}<extra></extra>",
        )
    today = float(rolling.beta.iloc[-1])
    lowest, highest = float(np.nanmin(rolling.beta)), float(np.nanmax(rolling.beta))
    title = rolling_title(lowest, highest, today, span=span)
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    reach = float(np.nanmax(rolling.high) - np.nanmin(rolling.low)) or 1.0
    _mark_levels(figure, today, height=height // 2, reach=reach, text=ink.text, faint=ink.faint)
    if true_beta is not None:
        figure.add_annotation(
            text="dashed: true beta",
            xref="paper",
            yref="paper",
            x=0,
            y=1,
            xanchor="left",
            yanchor="top",
            showarrow=False,
            font={"size": 11, "color": ink.faint},
        )
    figure.update_xaxes(type="date", title_text="last day of the window (UTC)")
    figure.update_yaxes(title_text=f"beta of {escaped(asset)} on {escaped(benchmark)}")
    figure.update_layout(hovermode="x unified")
    return figure


def _add_band(figure: go.Figure, days: FloatArray, shown: pd.DataFrame, confidence: float) -> None:
    figure.add_scatter(x=days, y=shown["low"], mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=days,
        y=shown["high"],
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        fill="tonexty",
        fillcolor=with_opacity(BETA, 0.2),
        name=f"{confidence:.0%} band",
    )
    figure.add_scatter(
        x=days,
        y=shown["beta"],
        mode="lines",
        line={"color": BETA, "width": 2},
        name="beta",
        customdata=shown[["low", "high"]].to_numpy(),
        hovertemplate="beta %{y:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra></extra>",
    )


def rolling_title(lowest: float, highest: float, today: float, *, span: str) -> str:
    """The finding, escaped."""
    return (
        f"Beta over {escaped(span)} ran from {beta_text(lowest)} to {beta_text(highest)}; "
        f"now {beta_text(today)}"
    )


def today_label(today: float) -> str:
    """What stands beside today's level."""
    return f"now {beta_text(today)}"


def label_push(today: float, *, height: int, reach: float) -> float:
    """Pixels by which today's label moves away from that of 1 where they would overlap."""
    pixels_apart = abs(today - 1.0) / reach * height
    return max(0.0, (LABEL_PIXELS - pixels_apart) / 2) * (1 if today >= 1.0 else -1)


def _mark_levels(
    figure: go.Figure, today: float, *, height: int, reach: float, text: str, faint: str
) -> None:
    """Dotted lines at 1 and at today's beta, labelled in the right margin."""
    figure.add_hline(y=1.0, line={"color": faint, "width": 1, "dash": "dot"})
    figure.add_hline(y=today, line={"color": BETA, "width": 1, "dash": "dot"})
    push = label_push(today, height=height, reach=reach)
    for level, label, shift, colour in (
        (today, today_label(today), push, text),
        (1.0, "beta 1", -push, faint),
    ):
        figure.add_annotation(
            text=label,
            xref="paper",
            x=1,
            y=level,
            yshift=shift,
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font={"size": 12, "color": colour},
        )
    figure.update_layout(margin={"r": 62})
