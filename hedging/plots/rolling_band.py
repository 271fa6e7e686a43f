"""Rolling beta with its band, a beta of 1 and today's value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.estimators.rolling import RollingBeta
from hedging.plots.formats import beta_text
from hedging.plots.theme import (
    BETA,
    INKS,
    Ink,
    Theme,
    Trace,
    corner_note,
    escaped,
    house_figure,
    with_opacity,
)
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
    shown = shown.iloc[display_rows(shown.to_numpy())]
    days, ink = epoch_milliseconds(shown.index), INKS[theme]
    traces, notes = _band(days, shown, rolling.confidence), []
    if true_beta is not None:
        traces.append(_truth(days, shown["truth"], ink))
        notes.append(corner_note("dashed: true beta", theme))
    today = float(rolling.beta.iloc[-1])
    lowest, highest = float(np.nanmin(rolling.beta)), float(np.nanmax(rolling.beta))
    reach = float(np.nanmax(rolling.high) - np.nanmin(rolling.low)) or 1.0
    return house_figure(
        traces,
        {
            "xaxis": {"type": "date", "title": {"text": "last day of the window (UTC)"}},
            "yaxis": {"title": {"text": f"beta of {escaped(asset)} on {escaped(benchmark)}"}},
            "shapes": [_level(1.0, ink.faint), _level(today, BETA)],
            "annotations": [*_level_labels(today, height=height // 2, reach=reach, ink=ink), *notes],
            "margin": {"r": 62},
            "hovermode": "x unified",
        },
        title=rolling_title(lowest, highest, today, span=span),
        theme=theme,
        simulated=simulated,
        height=height,
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


def _band(days: FloatArray, shown: pd.DataFrame, confidence: float) -> list[Trace]:
    unseen: Trace = {"x": days, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**unseen, "y": shown["low"].to_numpy()},
        {
            **unseen,
            "y": shown["high"].to_numpy(),
            "fill": "tonexty",
            "fillcolor": with_opacity(BETA, 0.2),
            "name": f"{confidence:.0%} band",
        },
        {
            "x": days,
            "y": shown["beta"].to_numpy(),
            "line": {"color": BETA, "width": 2},
            "name": "beta",
            "customdata": shown[["low", "high"]].to_numpy(),
            "hovertemplate": "beta %{y:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra></extra>",
        },
    ]


def _truth(days: FloatArray, truth: pd.Series, ink: Ink) -> Trace:
    return {
        "x": days,
        "y": truth.to_numpy(),
        "name": "true beta",
        "line": {"color": ink.text, "width": 1.5, "dash": "dash"},
        "hovertemplate": "true beta %{y:.2f}<extra></extra>",
    }


def _level(level: float, colour: str) -> dict[str, Any]:
    """A dotted line across the plot."""
    return {
        "type": "line",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": level,
        "y1": level,
        "line": {"color": colour, "width": 1, "dash": "dot"},
    }


def _level_labels(today: float, *, height: int, reach: float, ink: Ink) -> list[dict[str, Any]]:
    """Today's beta and a beta of 1, in the right margin."""
    push = label_push(today, height=height, reach=reach)
    return [
        {
            "text": label,
            "xref": "paper",
            "x": 1,
            "y": level,
            "yshift": shift,
            "xanchor": "left",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": 12, "color": colour},
        }
        for level, label, shift, colour in (
            (today, today_label(today), push, ink.text),
            (1.0, "beta 1", -push, ink.faint),
        )
    ]
