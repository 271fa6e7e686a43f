"""What is shown, as files: CSV for spreadsheets, HTML that works without a network."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from hedging.plots import CONFIG

# A spreadsheet runs a cell that starts with one of these as a formula.
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_UNSAFE_IN_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """UTF-8 CSV with full precision; text that a spreadsheet would run as a formula is quoted."""
    safe = table.rename(columns=guarded).rename_axis(index=guarded(str(table.index.name or "time_utc")))
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[column] = safe[column].map(lambda cell: guarded(cell) if isinstance(cell, str) else cell)
    return safe.to_csv(date_format="%Y-%m-%dT%H:%M:%SZ").encode()


def guarded(text: object) -> str:
    """Text with an apostrophe in front when a spreadsheet would take it for a formula."""
    words = str(text)
    return f"'{words}" if words.startswith(_FORMULA_START) else words


def file_name(*parts: str, suffix: str) -> str:
    """A file name made of safe characters only."""
    stem = "_".join(_UNSAFE_IN_FILE_NAME.sub("-", part).strip("-.") for part in parts)
    return f"{stem[:120]}.{suffix}"


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
