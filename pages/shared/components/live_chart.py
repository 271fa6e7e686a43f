"""A Plotly chart that keeps its zoom, its hidden series and its place while its data change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.assets import PLOTLY_ADDRESS, component_script

HERE = Path(__file__).parent
HTML = '<div class="live-chart" role="figure"><div class="live-chart-plot"></div></div>'

_mount = st.components.v2.component(
    "live_chart",
    html=HTML,
    css=(HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=component_script("live_chart"),
    isolate_styles=False,  # Plotly puts the styles of its toolbar into the page
)


def live_chart(
    address: str,
    *,
    key: str,
    height: int,
    config: dict[str, Any],
    theme: str,
    lookback: int | None = None,
    film: str | None = None,
) -> None:
    """Show the figure at an address.

    Parameters
    ----------
    address : str
        Where the browser fetches the figure as Plotly's JSON, with a uirevision and a title in its layout:
        the title is what a screen reader says. The address names the content: one seen before is not
        fetched again.
    key : str
        Name of the chart on the page.
    height : int
        Pixels, kept free while the figure is on its way.
    config : dict
        Plotly's configuration of toolbar and image.
    theme : {"light", "dark"}
        What the figure was drawn for; when another one shows, the page runs again.
    lookback : int, optional
        What the figure was drawn for, where a scrubber paints other lookbacks over it.
    film : str, optional
        Address of the film that holds this figure for every lookback: what it painted is not drawn twice.
    """
    _mount(
        key=key,
        data={
            "figure": address,
            "name": key,
            "height": height,
            "config": config,
            "library": PLOTLY_ADDRESS,
            "theme": theme,
            "lookback": lookback,
            "film": film,
        },
        on_again_change=lambda: None,  # running again is all it takes
    )
