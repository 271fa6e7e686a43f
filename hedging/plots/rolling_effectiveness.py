"""How much of the variance each hedge removed, window by window, beside the whole test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging.backtesting.results import HedgeRun
from hedging.plots.formats import signed
from hedging.plots.strategy_lines import strategy_lines
from hedging.plots.theme import INKS, Theme, Trace, escaped, house_figure, legend_below
from hedging.plots.thinning import display_rows, epoch_milliseconds

LOWEST_SHOWN = -1.0  # a hedge that doubles the variance; what lies below is a matter of zooming out
LABEL_PIXELS = 15
TITLE_ROOM = 46  # two lines of it on a phone


def plot_rolling_effectiveness(
    runs: Mapping[str, HedgeRun],
    rolling: Mapping[str, pd.Series],
    *,
    asset: str,
    span: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 280,
) -> go.Figure:
    """Draw the share of variance removed in every window, and dotted that of the whole test.

    Parameters
    ----------
    runs : mapping of str to HedgeRun
        By name of the strategy; the title speaks of the first.
    rolling : mapping of str to pandas.Series
        From :func:`hedging.rolling_effectiveness`, for the same names.
    asset, span : str
        Name, and the window in words; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    shown = pd.DataFrame(dict(rolling)).dropna()
    shown = shown.iloc[display_rows(shown.to_numpy())]
    lines = strategy_lines(run.strategy for run in runs.values())
    first = next(iter(runs))
    worst = rolling[first].idxmin()
    lowest = float(rolling[first].min())
    cut = bool((shown < LOWEST_SHOWN).to_numpy().any())
    low, high = max(min(0.0, float(shown.min().min())), LOWEST_SHOWN), 1.0
    room = 0.04 * (high - low)
    return house_figure(
        [_line(name, shown, lines[name]) for name in runs],
        {
            "xaxis": {"type": "date", "title": {"text": f"last period of {escaped(span)} (UTC)"}},
            "yaxis": {
                "title": {"text": "variance removed" + (", cut off below −100%" if cut else "")},
                "tickformat": "~%",
                "range": [low - room, high + room],
            },
            "shapes": [
                _level(run.effectiveness.effectiveness, lines[name]["color"]) for name, run in runs.items()
            ],
            "annotations": _labels(runs, lines, height=height, reach=high - low, theme=theme),
            "showlegend": True,
            "legend": legend_below(theme),
            "hovermode": "x unified",
            "margin": {"t": TITLE_ROOM, "r": 92},
        },
        title=f"Over {escaped(span)} the {escaped(first)} removed between {_percent(lowest)} (to "
        f"{worst:%Y-%m-%d}) and {_percent(float(rolling[first].max()))} of {escaped(asset)}'s variance",
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _line(name: str, shown: pd.DataFrame, line: dict[str, Any]) -> Trace:
    label = escaped(name)
    return {
        "x": epoch_milliseconds(shown.index),
        "y": shown[name].to_numpy(),
        "line": line,
        "name": label,
        "hovertemplate": f"{label} removed %{{y:.0%}}<extra></extra>",
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


def _labels(
    runs: Mapping[str, HedgeRun],
    lines: Mapping[str, dict[str, Any]],
    *,
    height: int,
    reach: float,
    theme: Theme,
) -> list[dict[str, Any]]:
    """The whole test's share in the right margin, one below the other where they would overlap."""
    found = sorted(runs.items(), key=lambda item: -item[1].effectiveness.effectiveness)
    pixels = (height - 100) / reach
    levels = np.array([run.effectiveness.effectiveness for _, run in found])
    wanted = levels * pixels
    placed = wanted.copy()
    for i in range(1, len(placed)):
        placed[i] = min(placed[i], placed[i - 1] - LABEL_PIXELS)
    shifts = placed - wanted
    shifts -= shifts.mean()
    return [
        {
            "text": f"{_short(name)} {_percent(level)}",
            "xref": "paper",
            "x": 1,
            "y": float(level),
            "yshift": float(shift),
            "xanchor": "left",
            "yanchor": "middle",
            "showarrow": False,
            "hovertext": f"{escaped(name)} over the whole test",
            "font": {"size": 12, "color": INKS[theme].text},
        }
        for (name, _), level, shift in zip(found, levels, shifts, strict=True)
    ]


def _short(name: str) -> str:
    """The first word: the margin holds no more, and the legend says the rest."""
    return escaped(name.split(maxsplit=1)[0])


def _percent(fraction: float) -> str:
    return signed(f"{round(fraction, 2) + 0.0:.0%}")
