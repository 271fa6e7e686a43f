"""The search for a break: how well a split of the line fits at every date."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from hedging.plots.formats import beta_text, p_value_text, stamp_text
from hedging.plots.theme import BETA, INKS, Theme, corner_note, escaped, house_figure
from hedging.plots.thinning import epoch_milliseconds
from hedging.stability.breaks import SupFBreak


def plot_break_search(
    search: SupFBreak,
    *,
    asset: str,
    benchmark: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 250,
) -> go.Figure:
    """Draw ``F`` of a break at every date, the limit that chance stays below, and the likeliest date.

    Parameters
    ----------
    search : SupFBreak
        Of returns on dates.
    asset, benchmark : str
        Names; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    ink, days = INKS[theme], epoch_milliseconds(search.path.index)
    likeliest = pd.Timestamp(search.break_at)  # type: ignore[arg-type]
    traces: list[dict[str, Any]] = [
        {
            "x": days,
            "y": search.path.to_numpy(),
            "line": {"color": BETA, "width": 2},
            "name": "F",
            "hovertemplate": "a break on %{x|%Y-%m-%d}: F %{y:.1f}<extra></extra>",
        },
        {
            "x": epoch_milliseconds(pd.DatetimeIndex([likeliest])),
            "y": [search.statistic],
            "mode": "markers",
            "marker": {"color": BETA, "size": 9, "symbol": "diamond"},
            "name": "likeliest date",
            "hovertemplate": f"likeliest date {stamp_text(likeliest)}: F %{{y:.1f}}, beta "
            f"{beta_text(search.beta_before)} before, {beta_text(search.beta_after)} after<extra></extra>",
        },
    ]
    level = search.critical_value
    return house_figure(
        traces,
        {
            "xaxis": {"type": "date", "title": {"text": "first day after the break (UTC)"}},
            "yaxis": {"title": {"text": "F of equal lines"}, "rangemode": "tozero"},
            "shapes": [
                {
                    "type": "line",
                    "xref": "x domain",
                    "x0": 0,
                    "x1": 1,
                    "y0": level,
                    "y1": level,
                    "line": {"color": ink.text, "width": 1.5, "dash": "dash"},
                }
            ],
            "annotations": [
                corner_note(f"dashed: {search.significance:.0%} limit of the largest F", theme)
                | {"y": level, "yref": "y", "yanchor": "bottom"}
            ],
        },
        title=_title(search, likeliest, asset, benchmark),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _title(search: SupFBreak, likeliest: pd.Timestamp, asset: str, benchmark: str) -> str:
    p_value = p_value_text(search.p_value)
    if not search.rejected:
        return f"No date splits {escaped(asset)} on {escaped(benchmark)} clearly (p {p_value})"
    return (
        f"{escaped(asset)}'s line broke near {stamp_text(likeliest)}: beta {beta_text(search.beta_before)} "
        f"before, {beta_text(search.beta_after)} after (p {p_value})"
    )
