"""Do asset and benchmark still go together? Their price ratio above their correlation."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from hedging.plots.formats import beta_text
from hedging.plots.theme import BETA, INKS, UNHEDGED, Theme, corner_note, escaped, house_figure, with_opacity
from hedging.plots.thinning import display_rows, epoch_milliseconds
from hedging.stability.correlation import RollingCorrelation
from hedging.stability.decoupling import DecouplingVerdict


def plot_decoupling(
    asset_prices: pd.Series,
    benchmark_prices: pd.Series,
    correlation: RollingCorrelation,
    verdict: DecouplingVerdict,
    *,
    asset: str,
    benchmark: str,
    unit: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 380,
) -> go.Figure:
    """Draw the price of the asset counted in the benchmark, and the rolling correlation beneath it.

    Parameters
    ----------
    asset_prices, benchmark_prices : pandas.Series
        USD, on one index of dates; their ratio is 1 at the first of them.
    correlation : RollingCorrelation
        Of their returns.
    verdict : DecouplingVerdict
        Its recent stretch is shaded.
    asset, benchmark, unit : str
        Names, and what periods are ("days"); escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    ink = INKS[theme]
    ratio = asset_prices / benchmark_prices
    ratio = ratio / ratio.iloc[0]
    ratio = ratio.iloc[display_rows(ratio.to_numpy()[:, None])]
    recent = correlation.correlation.index[-verdict.n_recent :]
    start, end = epoch_milliseconds(recent)[[0, -1]]
    return house_figure(
        [
            {
                "x": epoch_milliseconds(ratio.index),
                "y": ratio.to_numpy(),
                "line": {"color": UNHEDGED, "width": 2},
                "name": "price ratio",
                "yaxis": "y2",
                "hovertemplate": f"one {escaped(asset)} bought %{{y:.2f}} times as much {escaped(benchmark)} "
                "as at the start<extra></extra>",
            },
            *_correlation(correlation),
        ],
        {
            "xaxis": {"type": "date", "anchor": "y", "title": {"text": "end of the window (UTC)"}},
            "yaxis": {
                "domain": [0, 0.46],
                "title": {"text": f"correlation, {correlation.window} {escaped(unit)}"},
                "range": [min(-0.1, float(correlation.low.min()) - 0.05), 1.02],
            },
            "yaxis2": {"domain": [0.54, 1], "title": {"text": "price ratio, start = 1"}},
            "shapes": [
                {
                    "type": "rect",
                    "xref": "x",
                    "yref": "paper",
                    "x0": start,
                    "x1": end,
                    "y0": 0,
                    "y1": 1,
                    "line": {"width": 0},
                    "fillcolor": with_opacity(ink.faint, 0.12),
                    "layer": "below",
                },
                _level(1.0, "y2", ink.faint),
                _level(0.0, "y", ink.faint),
            ],
            "annotations": [
                corner_note(f"shaded: the last {verdict.n_recent} {escaped(unit)}", theme)
                | {"xref": "x", "x": end, "xanchor": "right"}
            ],
            "hovermode": "x unified",
        },
        title=_title(verdict, asset, benchmark),
        theme=theme,
        simulated=simulated,
        height=height,
    )


def _correlation(found: RollingCorrelation) -> list[dict[str, Any]]:
    shown = pd.DataFrame({"middle": found.correlation, "low": found.low, "high": found.high}).dropna()
    shown = shown.iloc[display_rows(shown.to_numpy())]
    days = epoch_milliseconds(shown.index)
    unseen: dict[str, Any] = {"x": days, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**unseen, "y": shown["low"].to_numpy()},
        {
            **unseen,
            "y": shown["high"].to_numpy(),
            "fill": "tonexty",
            "fillcolor": with_opacity(BETA, 0.2),
            "name": f"{found.confidence:.0%} band",
        },
        {
            "x": days,
            "y": shown["middle"].to_numpy(),
            "line": {"color": BETA, "width": 2},
            "name": "correlation",
            "customdata": shown[["low", "high"]].to_numpy(),
            "hovertemplate": "correlation %{y:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})"
            "<extra></extra>",
        },
    ]


def _level(level: float, axis: str, colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "yref": axis,
        "y0": level,
        "y1": level,
        "line": {"color": colour, "width": 1, "dash": "dot"},
    }


def _title(found: DecouplingVerdict, asset: str, benchmark: str) -> str:
    said = {"coupled": "still moves with", "weakened": "moves less with", "decoupled": "has left"}
    return (
        f"{escaped(asset)} {said[found.verdict]} {escaped(benchmark)}: correlation "
        f"{beta_text(found.correlation)} lately, {beta_text(found.correlation_before)} before"
    )
