"""Charts as the browser gets them: drawn once for each state, kept while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

import plotly.graph_objects as go
import streamlit as st
from plotly.io import to_json

from hedging.plots import CONFIG
from hedging.plots.theme import Theme
from pages.shared.archive import CHARTS
from pages.shared.components.live_chart import live_chart
from pages.shared.downloads import file_name

MOST_CHARTS = 96  # of some 100 kB


@dataclass(frozen=True)
class DrawnChart:
    """A figure as Plotly's JSON, the finding in its title, its height in pixels."""

    figure: bytes
    title: str
    height: int


def current_theme() -> Theme:
    """The theme in which the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show_chart(
    name: str,
    draw: Callable[[], go.Figure],
    *,
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
        Makes the figure, where no session has shown the same one lately.
    state : tuple
        Everything the figure depends on, theme included.
    keep : str
        Zoom and hidden series are kept while this text stays the same.
    subject : str
        What the chart is about, for the file name.
    lookback : int, optional
        What it is drawn for, where a scrubber paints others over it.
    """
    key = (name, keep, *map(repr, state))
    drawn = _drawn(key, draw, keep)
    image = {"format": "png", "scale": 2, "filename": file_name(subject, name, suffix="")}
    live_chart(
        CHARTS.offer(key, lambda: drawn.figure),
        key=name,
        alt=drawn.title,
        height=drawn.height,
        config={**CONFIG, "toImageButtonOptions": image},
        theme=current_theme(),
        lookback=lookback,
    )


@st.cache_resource(max_entries=MOST_CHARTS, show_spinner=False)
def _drawn(key: tuple[str, ...], _draw: Callable[[], go.Figure], _keep: str) -> DrawnChart:
    figure = _draw()
    figure.layout.uirevision = _keep
    return DrawnChart(
        figure=str(to_json(figure, validate=False)).encode(),
        title=unescape(figure.layout.title.text),
        height=int(figure.layout.height),
    )
