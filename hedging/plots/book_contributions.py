"""Who brings a book its exposure to the benchmark."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from hedging.plots.formats import usd_text
from hedging.plots.theme import BETA, INKS, Theme, base_figure, escaped
from hedging.portfolio.assessment import BookAssessment

ROW_PIXELS = 26
FRAME_PIXELS = 90


def plot_contributions(
    book: BookAssessment, *, benchmark: str, theme: Theme = "light", simulated: bool = False
) -> go.Figure:
    """Draw a bar for each position's exposure with its interval, largest first.

    Parameters
    ----------
    book : BookAssessment
        From :func:`hedging.assess_book`.
    benchmark : str
        Name; escaped here.
    theme, simulated
        Colours, whether to write SIMULATED into the plot.
    """
    table = book.table.iloc[np.argsort(-book.table["exposure_usd"].abs().to_numpy(), kind="stable")]
    reach = (table["value_usd"] * (table["beta_high"] - table["beta"])).abs().fillna(0.0)
    names = [
        escaped(str(name)) + (" (beta by hand)" if by_hand else "")
        for name, by_hand in zip(table.index, table["overridden"], strict=True)
    ]
    figure = go.Figure()
    figure.add_bar(
        x=table["exposure_usd"],
        y=names,
        orientation="h",
        marker={"color": BETA, "opacity": 0.85},
        error_x={"type": "data", "array": reach, "color": INKS[theme].faint, "thickness": 1.5, "width": 0},
        customdata=table[["value_usd", "beta"]].to_numpy(),
        hovertemplate="%{y}: %{customdata[0]:$,.0f} at beta %{customdata[1]:.2f} moves like %{x:$,.0f} of "
        + escaped(benchmark)
        + "<extra></extra>",
    )
    title = (
        f"The book moves like {usd_text(book.exposure_usd)} of {escaped(benchmark)} "
        f"({usd_text(book.exposure_low_usd)} to {usd_text(book.exposure_high_usd)})"
    )
    height = FRAME_PIXELS + ROW_PIXELS * len(names)
    base_figure(figure, title=title, theme=theme, simulated=simulated, height=height)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title_text=f"exposure to {escaped(benchmark)}, USD", tickformat="$~s")
    return figure
