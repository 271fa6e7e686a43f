"""Sections to one self-contained HTML file: charts live, no network, nothing unescaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from hedging.plots import CONFIG
from hedging.plots.theme import BACKGROUNDS, INKS, Theme
from pages.shared.strip import Figure

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, eq=False)
class Section:
    """One part of the report; everything in it is text until it is escaped.

    Attributes
    ----------
    title : str
    figures : tuple of Figure
        The strip of the page.
    charts : tuple of plotly.graph_objects.Figure
    tables : dict of str to pandas.DataFrame
        By caption, cells as they are to be read.
    notes : tuple of str
        Sentences, warnings first.
    preformatted : str
        Text that keeps its lines.
    """

    title: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[go.Figure, ...] = ()
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    preformatted: str = ""


@dataclass(frozen=True)
class Cover:
    """What stands above the sections; ``address`` and ``link`` lead back to the same view."""

    title: str
    made_at: pd.Timestamp
    prices: str
    address: str
    link: Mapping[str, str]
    settings: tuple[tuple[str, str], ...]
    simulated: bool


def report_html(cover: Cover, sections: Sequence[Section], *, theme: Theme) -> bytes:
    """The whole report; plotly.js is inside, so it needs no network."""
    parts = [
        {
            "title": section.title,
            "figures": section.figures,
            "charts": [_chart(figure) for figure in section.charts],
            "tables": [_table(caption, table) for caption, table in section.tables.items()],
            "notes": section.notes,
            "preformatted": section.preformatted,
        }
        for section in sections
    ]
    page = _TEMPLATES.get_template("report.html.jinja").render(
        cover=cover,
        sections=parts,
        ink=INKS[theme],
        background=BACKGROUNDS[theme],
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - the library itself
    )
    return page.encode()


def _chart(figure: go.Figure) -> Markup:
    # Plotly writes the figure as JSON in which </script> cannot occur, and the plots escape their names.
    text = to_html(
        figure,
        config=CONFIG,
        full_html=False,
        include_plotlyjs=False,
        default_height=f"{figure.layout.height}px",
    )
    return Markup(text)  # noqa: S704


def _table(caption: str, table: pd.DataFrame) -> dict[str, object]:
    return {
        "caption": caption,
        "corner": str(table.index.name or ""),
        "columns": [str(column) for column in table.columns],
        "rows": [(str(label), [str(cell) for cell in row]) for label, *row in table.itertuples()],
    }
