"""Betas of several estimators side by side, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from hedging.estimators.results import BetaEstimate
from hedging.plots.formats import beta_text
from hedging.plots.theme import BETA, INKS, Ink, Theme, Trace, escaped, house_figure

ROW_PIXELS = 26
FRAME_PIXELS = 96
SYMBOLS = {"window average": "circle", "weighted average": "circle", "today": "diamond"}


def forest_height(n_rows: int) -> int:
    """Pixels of a forest with so many rows."""
    return FRAME_PIXELS + ROW_PIXELS * n_rows


def plot_estimators(
    estimates: Mapping[str, BetaEstimate],
    *,
    asset: str,
    benchmark: str,
    across: str = "estimator",
    chosen: str | None = None,
    true_beta: float | None = None,
    theme: Theme = "light",
    simulated: bool = False,
    beta_range: tuple[float, float] | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draw one row for each estimate: a point for beta, a line for its interval.

    A diamond is about today's beta, a circle about an average of the window.

    Parameters
    ----------
    estimates : mapping of str to BetaEstimate
        By the name to show, drawn from the top in this order; names are escaped here.
    asset, benchmark, across : str
        Names, and what the rows differ in ("estimator", "lookback"); escaped here.
    chosen : str, optional
        Name of the row in use, drawn bolder.
    true_beta : float, optional
        Today's true beta of a simulated market, drawn dashed.
    theme, simulated
        Colours, whether to write SIMULATED into the plot.
    beta_range : tuple of float, optional
        Smallest and largest beta shown, so that two forests can be compared by eye.
    height : int, optional
        Pixels; as many as the rows need when left out.
    """
    ink = INKS[theme]
    betas = [estimate.beta for estimate in estimates.values()]
    shapes, notes = [_upright(1.0, ink.faint, dash="dot")], [_above(1.0, "beta 1", ink.faint)]
    if true_beta is not None:
        shapes.append(_upright(true_beta, ink.text, dash="dash"))
        label = _above(true_beta, f"true beta {beta_text(true_beta)}", ink.text)
        notes = [label, *notes] if abs(true_beta - 1.0) > 0.25 * _reach(estimates) else [label]
    return house_figure(
        [_points(estimates, chosen, ink)],
        {
            "xaxis": {
                "title": {"text": f"beta of {escaped(asset)} on {escaped(benchmark)}"},
                "range": None if beta_range is None else _widened(*beta_range),
            },
            "yaxis": {"autorange": "reversed", "type": "category", "showgrid": False},
            "shapes": shapes,
            "annotations": notes,
            "margin": {"t": 52},
        },
        title=f"{escaped(asset)}'s beta lies between {beta_text(min(betas))} and {beta_text(max(betas))}, "
        f"depending on the {escaped(across)}",
        theme=theme,
        simulated=simulated,
        height=forest_height(len(estimates)) if height is None else height,
    )


def _points(estimates: Mapping[str, BetaEstimate], chosen: str | None, ink: Ink) -> Trace:
    rows = list(estimates.values())
    bold = [name == chosen for name in estimates]
    return {
        "x": [estimate.beta for estimate in rows],
        "y": [escaped(name) for name in estimates],
        "mode": "markers",
        "marker": {
            "color": BETA,
            "size": [13 if each else 9 for each in bold],
            "symbol": [SYMBOLS[estimate.band] for estimate in rows],
            "line": {"color": ink.text, "width": [1.5 if each else 0.0 for each in bold]},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [estimate.beta_high - estimate.beta for estimate in rows],
            "arrayminus": [estimate.beta - estimate.beta_low for estimate in rows],
            "color": BETA,
            "thickness": 2,
            "width": 0,
        },
        "customdata": [[e.beta_low, e.beta_high, _about(e)] for e in rows],
        "hovertemplate": "%{y}: beta %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f}), "
        "about %{customdata[2]}<extra></extra>",
    }


def _about(estimate: BetaEstimate) -> str:
    return "today's beta" if estimate.band == "today" else f"the {estimate.band}"


def _reach(estimates: Mapping[str, BetaEstimate]) -> float:
    rows = estimates.values()
    return max(estimate.beta_high for estimate in rows) - min(estimate.beta_low for estimate in rows)


def _widened(low: float, high: float) -> list[float]:
    """Room beside the longest intervals."""
    room = 0.04 * (high - low)
    return [low - room, high + room]


def _upright(level: float, colour: str, *, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": level,
        "x1": level,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1.5 if dash == "dash" else 1, "dash": dash},
    }


def _above(level: float, text: str, colour: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": level,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": colour},
    }
