"""Charts as the browser gets them: offered by address, drawn when it asks, kept while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from plotly.io import to_json

from hedging.plots import CONFIG
from hedging.plots.theme import Theme
from pages.shared.archive import CHARTS
from pages.shared.components.live_chart import live_chart
from pages.shared.exports import file_name
from pages.shared.settings import Settings


def current_theme() -> Theme:
    """The theme in which the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


@dataclass(frozen=True, eq=False)
class Chart:
    """One chart of a page: how it is drawn, and what decides whether it must be drawn anew.

    Attributes
    ----------
    name : str
        On its page, and of the file it is saved to.
    height : int
        Pixels.
    draw : callable
        Makes the figure.
    state : tuple
        Everything the figure depends on beside the theme.
    """

    name: str
    height: int
    draw: Callable[[], go.Figure]
    state: tuple[object, ...]

    def show(self, settings: Settings, *, followed: bool = False, film: str | None = None) -> None:
        """Show it; one that is followed is painted over by the scrubber, from its film if there is one."""
        keep = f"{settings.source} {settings.asset} {settings.benchmark} {settings.interval}"
        show_chart(
            self.name,
            self.draw,
            height=self.height,
            state=(*self.state, current_theme()),
            keep=keep,
            subject=settings.asset,
            lookback=settings.lookback if followed else None,
            film=film,
        )


def show_chart(
    name: str,
    draw: Callable[[], go.Figure],
    *,
    height: int,
    state: tuple[object, ...],
    keep: str,
    subject: str,
    lookback: int | None = None,
    film: str | None = None,
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
    film : str, optional
        Address of the film from which the scrubber paints.
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
        film=film,
    )


def _drawn(draw: Callable[[], go.Figure], keep: str) -> bytes:
    figure = draw()
    figure.layout.uirevision = keep
    return str(to_json(figure, validate=False)).encode()
