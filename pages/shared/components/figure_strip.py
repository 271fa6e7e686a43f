"""A row of figures, each with small print and a help text, that can be repainted in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from pages.shared.assets import component_script
from pages.shared.strip import Figure

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "figure_strip",
    html='<div class="figure-strip"></div>',
    css=(HERE / "figure_strip.css").read_text(encoding="utf-8"),
    js=component_script("figure_strip"),
    isolate_styles=False,
)


def figure_strip(figures: Sequence[Figure], *, key: str, lookback: int | None = None) -> None:
    """Show figures side by side; on a phone two in a row.

    Parameters
    ----------
    figures : sequence of Figure
        Plain text throughout; a line of a help text in backticks is a formula.
    key : str
        Name of the strip on the page.
    lookback : int, optional
        What the figures are of, where a scrubber paints other lookbacks over them.
    """
    _mount(
        key=f"strip_{key}",
        data={"name": key, "figures": [asdict(figure) for figure in figures], "lookback": lookback},
    )
