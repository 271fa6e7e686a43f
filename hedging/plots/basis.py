"""The basis over time: what the hedge's price does that the spot does not."""

from __future__ import annotations

import plotly.graph_objects as go

from hedging.carry.basis import BasisRisk
from hedging.plots.formats import basis_points_text
from hedging.plots.theme import BENCHMARK, INKS, Theme, escaped, house_figure
from hedging.plots.thinning import display_rows, epoch_milliseconds

BASIS_POINTS = 1e4


def plot_basis(
    found: BasisRisk,
    *,
    benchmark: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int = 240,
) -> go.Figure:
    """Draw ``perpetual / spot - 1`` in basis points, and its mean.

    Parameters
    ----------
    found : BasisRisk
    benchmark : str
        Name of the spot; escaped here.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    ink = INKS[theme]
    shown = BASIS_POINTS * found.basis.iloc[display_rows(found.basis.to_numpy()[:, None])]
    levels = ((0.0, ink.faint, "dot"), (BASIS_POINTS * found.mean, ink.text, "dash"))
    return house_figure(
        [
            {
                "x": epoch_milliseconds(shown.index),
                "y": shown.to_numpy(),
                "line": {"color": BENCHMARK, "width": 1.2},
                "name": "basis",
                "hovertemplate": "%{x|%Y-%m-%d %H:%M} UTC: perpetual %{y:+.1f} basis points from spot"
                "<extra></extra>",
            }
        ],
        {
            "xaxis": {"type": "date", "title": {"text": "bar of the close (UTC)"}},
            "yaxis": {"title": {"text": "basis, basis points of spot"}},
            "shapes": [
                {
                    "type": "line",
                    "xref": "x domain",
                    "x0": 0,
                    "x1": 1,
                    "y0": level,
                    "y1": level,
                    "line": {"color": colour, "width": 1, "dash": dash},
                }
                for level, colour, dash in levels
            ],
        },
        title=f"{escaped(benchmark)}'s perpetual stood between {basis_points_text(found.lowest)} and "
        f"{basis_points_text(found.highest)} from spot; now {basis_points_text(found.latest)}",
        theme=theme,
        simulated=simulated,
        height=height,
    )
