"""What is shown, as files: their names, and charts as HTML that works without a network."""

from __future__ import annotations

import re
from collections.abc import Sequence

import plotly.graph_objects as go

from hedging.plots import CONFIG

_UNSAFE_IN_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(*parts: str, suffix: str) -> str:
    """A file name made of safe characters only; without an ending where ``suffix`` is empty."""
    stem = "_".join(_UNSAFE_IN_FILE_NAME.sub("-", part).strip("-.") for part in parts)[:120]
    return f"{stem}.{suffix}" if suffix else stem


def charts_html(title: str, figures: Sequence[go.Figure], *, background: str) -> str:
    """One self-contained page with live charts; plotly.js is inside, so it needs no network."""
    from plotly.io import to_html

    body = "".join(
        to_html(
            figure,
            config=CONFIG,
            full_html=False,
            include_plotlyjs=number == 0,
            default_height=f"{figure.layout.height}px",
        )
        for number, figure in enumerate(figures)
    )
    from html import escape

    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<body style="background:{background};max-width:1200px;margin:1rem auto">{body}</body></html>'
    )
