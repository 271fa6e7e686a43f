"""A Plotly chart that keeps its zoom, its hidden series and its place while its data change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.shared.assets import PLOTLY_ADDRESS

HERE = Path(__file__).parent
HTML = '<div class="live-chart" role="figure"><div class="live-chart-plot"></div></div>'

_mount = st.components.v2.component(
    "live_chart",
    html=HTML,
    css=(HERE / "live_chart.css").read_text(encoding="utf-8"),
    js=(HERE / "live_chart.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # Plotly puts the styles of its toolbar into the page
)


def live_chart(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    config: dict[str, Any],
    keep: str,
    theme: str,
    lookback: int | None = None,
) -> None:
    """Show a figure.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        With a height in its layout.
    key : str
        Name of the chart on the page.
    alt : str
        What a screen reader says.
    config : dict
        Plotly's configuration of toolbar and image.
    keep : str
        Zoom and hidden series are kept while this text stays the same.
    theme : {"light", "dark"}
        What the figure was drawn for; when another one shows, the page runs again.
    lookback : int, optional
        What the figure was drawn for, where a scrubber paints other lookbacks over it.
    """
    figure.update_layout(uirevision=keep)
    _mount(
        key=key,
        data={
            # As text: Plotly has just written it, and Streamlit would take it apart only to write it again.
            "figure": figure.to_json(),
            "name": key,
            "alt": alt,
            "config": config,
            "library": PLOTLY_ADDRESS,
            "theme": theme,
            "lookback": lookback,
        },
        on_theme_change=lambda: None,  # running again is all it takes
    )
