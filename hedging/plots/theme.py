"""One template and one meaning for each colour, in light and dark."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

import plotly.graph_objects as go

Theme = Literal["light", "dark"]

# Okabe-Ito hues, shifted until each keeps a contrast of at least 3:1 on both backgrounds, so that a
# theme switch needs no new figure. tests/test_hedging/test_plots.py holds them to it.
UNHEDGED = "#7d828b"
DOLLAR = "#d0740a"
BETA = "#2f7fd6"
BENCHMARK = "#a065c9"

BACKGROUNDS: dict[Theme, str] = {"light": "#ffffff", "dark": "#0f141a"}


@dataclass(frozen=True)
class Ink:
    """Colours that must differ between the themes."""

    text: str
    faint: str
    grid: str


INKS: dict[Theme, Ink] = {
    "light": Ink(text="#1b2430", faint="#5b6572", grid="#e4e8ee"),
    "dark": Ink(text="#eef2f6", faint="#a3adb9", grid="#2a323c"),
}


def with_opacity(colour: str, opacity: float) -> str:
    """``#rrggbb`` as ``rgba(...)``."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def mixed(colour: str, background: str, share: float) -> str:
    """``#rrggbb``: so much of a colour over a background, opaque."""
    parts = [
        round(share * int(colour[i : i + 2], 16) + (1.0 - share) * int(background[i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def escaped(text: str) -> str:
    """Text that Plotly shows as written: it would take ``<a href>`` and the like for markup."""
    return html.escape(text, quote=False)


Trace: TypeAlias = dict[str, Any]
Layout: TypeAlias = dict[str, Any]


def house_figure(
    traces: Sequence[Trace],
    layout: Layout,
    *,
    title: str,
    theme: Theme,
    simulated: bool,
    height: int,
) -> go.Figure:
    """A figure in the house layout.

    Built as plain dicts and not checked attribute by attribute: that took 85 ms for the three charts of a
    page, ten times what their numbers take. The tests have Plotly check every figure as a whole.

    Parameters
    ----------
    traces, layout : Plotly's own, as plain dicts
        A trace without a type is a scatter of lines.
    title : str
        The finding in words, already escaped.
    theme, simulated, height
        Colours, whether to write SIMULATED into the plot, pixels.
    """
    marks = [_simulated_mark(theme)] if simulated else []
    return go.Figure(
        data=[
            trace if "type" in trace else {"type": "scatter", "mode": "lines", **trace} for trace in traces
        ],
        layout={
            **layout,
            "template": _template_parts(theme),
            "title": {"text": title},
            "height": height,
            "annotations": [*marks, *layout.get("annotations", ())],
        },
        _validate=False,
    )


def base_figure(figure: go.Figure, *, title: str, theme: Theme, simulated: bool, height: int) -> go.Figure:
    """Apply the house layout to a figure; ``title`` is the finding in words, already escaped."""
    figure.update_layout(template=_template(theme), title_text=title, height=height)
    if simulated:
        figure.add_annotation(_simulated_mark(theme))
    return figure


def corner_note(text: str, theme: Theme) -> dict[str, Any]:
    """A small line at the top left inside the plot."""
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 11, "color": INKS[theme].faint},
    }


def _simulated_mark(theme: Theme) -> dict[str, Any]:
    return {
        "text": "SIMULATED",
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"size": 34, "color": with_opacity(INKS[theme].faint, 0.28)},
        "textangle": 0,
    }


@cache
def _template_parts(theme: Theme) -> dict[str, Any]:
    """The template as plain dicts."""
    return dict(_template(theme).to_plotly_json())


@cache
def _template(theme: Theme) -> go.layout.Template:
    """What all figures share."""
    ink = INKS[theme]
    axis = {
        "gridcolor": ink.grid,
        "linecolor": ink.grid,
        "zerolinecolor": ink.grid,
        "tickfont": {"size": 11, "color": ink.faint},
        "title": {"font": {"size": 11, "color": ink.faint}, "standoff": 6},
        "automargin": True,
        "spikecolor": ink.faint,
        "spikethickness": 1,
    }
    return go.layout.Template(
        layout={
            "xaxis": axis,
            # Margins fit the labels of vertical axes: to look for those that stick out takes 5 ms a chart.
            "yaxis": {**axis, "ticklabeloverflow": "allow"},
            "title": {
                "x": 0,
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "xanchor": "left",
                "pad": {"t": 6, "l": 4},
                "font": {"size": 14, "color": ink.text},
            },
            "font": {"family": "Source Sans, Source Sans Pro, system-ui, sans-serif", "color": ink.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
            # Without colours of its own a label over a transparent figure would be transparent too.
            "hoverlabel": {
                "align": "left",
                "bgcolor": BACKGROUNDS[theme],
                "bordercolor": ink.grid,
                "font": {"color": ink.text},
            },
            "showlegend": False,
            "dragmode": "zoom",
            "uirevision": "keep",
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": ink.faint, "activecolor": ink.text},
        }
    )


def legend_below(theme: Theme) -> dict[str, object]:
    """A legend beneath the plot, which makes room for its rows: many names would run into the title."""
    return {**horizontal_legend(theme), "x": 0, "xanchor": "left", "y": -0.2, "yanchor": "top"}


def horizontal_legend(theme: Theme) -> dict[str, object]:
    """A one-line legend at the top right, inside the room the title leaves."""
    return {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1.0,
        "yanchor": "bottom",
        "font": {"size": 11, "color": INKS[theme].text},
        "itemwidth": 30,
        "bgcolor": "rgba(0,0,0,0)",
    }
