"""Charts as the browser gets them: offered by address, drawn when it asks, kept while somebody looks."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st
from plotly.io import to_json

from hedging.plots import CONFIG
from hedging.plots.theme import Theme
from pages.shared.archive import CHARTS
from pages.shared.components.live_chart import live_chart
from pages.shared.downloads import file_name


def current_theme() -> Theme:
    """The theme in which the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show_chart(
    name: str,
    draw: Callable[[], go.Figure],
    *,
    height: int,
    state: tuple[object, ...],
    keep: str,
    subject: str,
    lookback: int | None = None,
) -> None:
    """Show a chart that keeps zoom and hidden series.

    Parameters
    ----------
    name : str
        Of the chart on its page, and of the file it is saved to.
    draw : callable
        Makes the figure, in a thread of the server, where no session has shown the same one lately.
    height : int
        Of the figure, pixels.
    state : tuple
        Everything the figure depends on, theme included.
    keep : str
        Zoom and hidden series are kept while this text stays the same.
    subject : str
        What the chart is about, for the file name.
    lookback : int, optional
        What it is drawn for, where a scrubber paints others over it.
    """
    address = CHARTS.offer((name, keep, *map(repr, state)), lambda: _drawn(draw, keep))
    image = {"format": "png", "scale": 2, "filename": file_name(subject, name, suffix="")}
    live_chart(
        address,
        key=name,
        height=height,
        config={**CONFIG, "toImageButtonOptions": image},
        theme=current_theme(),
        lookback=lookback,
    )


def _drawn(draw: Callable[[], go.Figure], keep: str) -> bytes:
    figure = draw()
    figure.layout.uirevision = keep
    return str(to_json(figure, validate=False)).encode()
